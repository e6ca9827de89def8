"""Whether a figure meets its standard, in the words that pages use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from db.domain import Indicator, Standard, StandardKind
from db.queries import Reading
from stp_dash.views.gap import Gap, gap
from stp_dash.views.wording import NO_FIGURE, count_text, counted, level_text

SHORT, MET, NONE = "short", "met", "none"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Verdict:
    """`tone` is `short`, `met` or `none`; `count` is how many short, 0 otherwise."""

    tone: str
    headline: str
    detail: str
    count: float = 0.0


@dataclass(frozen=True)
class StandardWords:
    """The standard in force: its level, since when, what it was, and the interim ambition beside it."""

    level: str
    since: str = ""
    before: str = ""
    interim: str = ""


def standard_of(indicator: Indicator, reading: Reading) -> Standard | None:
    """The operational standard in force when a figure's period began."""
    return indicator.standard_on(reading.period.start)


def gap_of(indicator: Indicator, reading: Reading) -> Gap | None:
    standard = standard_of(indicator, reading)
    if standard is None:
        return None
    return gap(reading.numerator, reading.denominator, standard, indicator.multiplier)


def verdict(indicator: Indicator, reading: Reading | None) -> Verdict:
    """Short by so many, met by so many, or no verdict and why."""
    if reading is None or reading.value is None:
        return Verdict(NONE, NO_FIGURE, reading.missing_reason if reading else "")
    standard = standard_of(indicator, reading)
    if standard is None:
        return Verdict(NONE, "No standard", "")
    distance = gap_of(indicator, reading)
    if distance is None:
        return Verdict(NONE, "Not known", "counts not published")
    if not distance.met:
        detail = f"short of the {level_text(indicator, standard)} standard"
        return Verdict(SHORT, counted(distance.count, indicator.gap_unit), detail, distance.count)
    return Verdict(MET, "Met", _met_by(distance, indicator))


def gap_text(indicator: Indicator, reading: Reading) -> str:
    """The verdict of a table cell: `839 short`, `met by 9`, `met, none to spare`; "" without a standard."""
    distance = gap_of(indicator, reading)
    if distance is None:
        return ""
    if not distance.met:
        return f"{count_text(distance.count)} short"
    return f"met by {count_text(distance.count)}" if distance.count else "met, none to spare"


def standard_words(indicator: Indicator, day: date) -> StandardWords:
    """The standard of a day in words."""
    standard = indicator.standard_on(day)
    if standard is None:
        return StandardWords("No standard")
    before = indicator.standard_on(standard.effective_from - _DAY)
    interim = indicator.standard_on(day, StandardKind.INTERIM_AMBITION)
    return StandardWords(
        level_text(indicator, standard),
        f"since {standard.effective_from.day} {standard.effective_from:%B %Y}",
        f"{level_text(indicator, before)} before" if before else "",
        f"interim {level_text(indicator, interim)}" if interim else "",
    )


def _met_by(distance: Gap, indicator: Indicator) -> str:
    return f"by {counted(distance.count, indicator.gap_unit)}" if distance.count else "with none to spare"
