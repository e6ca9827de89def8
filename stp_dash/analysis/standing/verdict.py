"""Whether a figure meets its standard, or how it compares where there is none, in the words that pages use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from db.domain import ImprovementDirection, Indicator, Standard, StandardKind
from db.domain.reading import Reading
from stp_dash.analysis.standing.comparator import (
    Distance,
    comparator_name,
    distance_from,
    has_average,
    interval_of,
)
from stp_dash.analysis.wording import (
    NO_FIGURE,
    PER_CENT,
    count_text,
    counted,
    distance,
    distance_text,
    level_text,
    missing_to,
    missing_word,
    unit_text,
    value_text,
)
from stp_dash.statistics.proportions import side_of
from stp_dash.statistics.standards import Gap, gap, meets

SHORT, MET, NONE = "short", "met", "none"
BELOW, LEVEL_WITH, ABOVE = "below", "level", "above"
_DAY = timedelta(days=1)
_SIMILAR, _LEVEL = "Similar", "Level"
_INSIDE = "within "


@dataclass(frozen=True)
class Verdict:
    """`tone` is `short`, `met` or `none`; `count` is how many short, 0 otherwise.

    `against` names a comparator where the verdict is of an average; "" where it is of a standard. `note` says how
    the figure compares where the headline says something else.
    """

    tone: str
    headline: str
    detail: str
    count: float = 0.0
    against: str = ""
    note: str = ""


@dataclass(frozen=True)
class StandardWords:
    """The standard in force: its level, since when, what it was, and what stands beside or instead of it."""

    level: str
    since: str = ""
    before: str = ""
    interim: str = ""
    aspiration: str = ""
    average: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        parts = (self.since, self.before, self.interim, self.average, self.aspiration)
        return tuple(part for part in parts if part)


def standard_of(indicator: Indicator, reading: Reading) -> Standard | None:
    """The operational standard in force when a figure's period began."""
    return indicator.standard_on(reading.period.start)


def gap_of(indicator: Indicator, reading: Reading) -> Gap | None:
    """How far a figure lies from its standard, in patients or posts; None where that cannot be said."""
    standard = standard_of(indicator, reading)
    if standard is None:
        return None
    return gap(reading.numerator, reading.denominator, standard, indicator.multiplier)


def met(indicator: Indicator, reading: Reading) -> bool | None:
    """Whether a figure's counts meet its standard, as `gap_of` says and faster; None where it does not say."""
    standard = standard_of(indicator, reading)
    if standard is None:
        return None
    return meets(reading.numerator, reading.denominator, standard, indicator.multiplier)


def short_of_standard(indicator: Indicator, reading: Reading | None) -> float | None:
    """How many a figure is short of the standard in force; below 0 how many it has to spare.

    None without a standard, and without counts.
    """
    found = gap_of(indicator, reading) if reading is not None else None
    return None if found is None else found.short


def short_of_national(indicator: Indicator, reading: Reading | None, average: Reading | None) -> float | None:
    """How many a figure is short of what the national comparator's rate gives; below 0 how many it is beyond it.

    None without counts on both sides, without a better direction, and for the comparator itself.
    """
    away = distance_from(indicator, reading, average) if reading is not None else None
    return None if away is None else float(away.count)


def short_by(indicator: Indicator, reading: Reading, average: Reading | None) -> float | None:
    """How many a figure is short of what it is judged by: its standard, or without one the comparator's rate."""
    if standard_of(indicator, reading) is not None:
        return short_of_standard(indicator, reading)
    return short_of_national(indicator, reading, average)


def verdict(indicator: Indicator, reading: Reading | None, average: Reading | None = None) -> Verdict:
    """Short by so many, met by so many, how it compares with the average, or no verdict and why.

    `average` is the comparator's figure of the same period. An aspiration gives no verdict: what is missing to it
    is counted, no more.
    """
    if reading is None or reading.value is None:
        return Verdict(NONE, NO_FIGURE, reading.missing_reason if reading else "")
    standard = standard_of(indicator, reading)
    if standard is None:
        return _without_standard(indicator, reading, average)
    found = gap_of(indicator, reading)
    if found is None:
        return Verdict(NONE, "Not known", "counts not published")
    if not found.met:
        detail = f"{missing_to(indicator)} the {level_text(indicator, standard)} standard"
        return Verdict(SHORT, counted(found.count, indicator.gap_unit), detail, found.count)
    return Verdict(MET, "Met", _met_by(found, indicator))


def _without_standard(indicator: Indicator, reading: Reading, average: Reading | None) -> Verdict:
    compared = _against_average(indicator, reading, average)
    wished = _to_aspiration(indicator, reading)
    if wished is None:
        return compared or Verdict(NONE, "No standard", "")
    if compared is None:
        return Verdict(NONE, *wished)
    note = f"{compared.headline} {compared.detail}"
    return Verdict(compared.tone, *wished, compared.count, compared.against, note)


def _against_average(indicator: Indicator, reading: Reading, average: Reading | None) -> Verdict | None:
    if average is None or average.value is None or not has_average(indicator, reading):
        return None
    if average.organisation == reading.organisation:
        return None
    name = comparator_name(average)
    found = distance_from(indicator, reading, average)
    if found is None:
        return _by_interval(indicator, reading, average.value, name) or _difference(
            indicator, reading, average.value, name
        )
    return _compared(indicator, found, name)


@dataclass(frozen=True)
class ComparatorSide:
    """On which side of its declared comparator a figure lies: `below`, `level` or `above`, and in words."""

    side: str
    words: str


def comparator_side(indicator: Indicator, reading: Reading, average: Reading | None) -> ComparatorSide | None:
    """The side of the comparator in a figure's own direction, without a verdict; None where none is declared.

    Level is what the counts cannot tell apart: shares whose interval holds the comparator's, posts that round to none.
    """
    found = _against_average(indicator, reading, average)
    if found is None or average is None or average.value is None or reading.value is None:
        return None
    if found.headline in {_SIMILAR, _LEVEL}:
        return ComparatorSide(LEVEL_WITH, f"{found.headline} {found.detail}")
    side = BELOW if reading.value < average.value else ABOVE
    return ComparatorSide(side, f"{side.capitalize()} {found.against}")


def _compared(indicator: Indicator, found: Distance, name: str) -> Verdict:
    if found.chance:
        return Verdict(NONE, _SIMILAR, f"to {name}", against=name)
    if distance_text(abs(found.count)) == "0":
        return Verdict(MET, _LEVEL, f"with {name}", against=name)
    size = distance(abs(found.count), indicator.gap_unit)
    if found.count > 0:
        return Verdict(SHORT, size, f"{missing_to(indicator)} {name}", found.count, name)
    return Verdict(MET, size, f"{_beyond(indicator)} {name}", against=name)


def _by_interval(indicator: Indicator, reading: Reading, level: float, name: str) -> Verdict | None:
    """A value with an interval beside the average's: similar, or better or worse where the whole interval is.

    None without an interval, and where neither side is better.
    """
    interval = interval_of(indicator, reading)
    if interval is None or indicator.improvement_direction is ImprovementDirection.NEUTRAL:
        return None
    side = side_of(*interval, level)
    if not side:
        return Verdict(NONE, _SIMILAR, f"to {name}", against=name)
    better = (side > 0) is (indicator.improvement_direction is ImprovementDirection.INCREASE)
    return replace(_difference(indicator, reading, level, name), tone=MET if better else SHORT)


def _difference(indicator: Indicator, reading: Reading, level: float, name: str) -> Verdict:
    """A median or a score beside the average's: a difference, without a verdict."""
    own = reading.value or 0.0
    if own == level:
        return Verdict(NONE, _LEVEL, f"with {name}", against=name)
    size = value_text(indicator, abs(own - level))
    if indicator.unit == PER_CENT:
        size = f"{size.removesuffix('%')} points"
    return Verdict(NONE, size, f"{'above' if own > level else 'below'} {name}", against=name)


def _beyond(indicator: Indicator) -> str:
    """Of shares more people than the comparator's rate gives; of posts above its rate."""
    if indicator.unit == PER_CENT and indicator.improvement_direction is ImprovementDirection.INCREASE:
        return "more than at the rate of"
    return "above" if indicator.improvement_direction is ImprovementDirection.INCREASE else "below"


def _to_aspiration(indicator: Indicator, reading: Reading) -> tuple[str, str] | None:
    """How many miss what is wished for: `28 later` `than 60 minutes` where the labels say a time.

    With an aspiration for everyone these are all who are not in the numerator.
    """
    wished = indicator.standard_on(reading.period.start, StandardKind.ASPIRATION)
    if wished is None:
        return None
    found = gap(reading.numerator, reading.denominator, wished, indicator.multiplier)
    if found is None:
        return None
    level = f"the aspiration of {level_text(indicator, wished)}"
    if found.met:
        return "Reached", level
    limit = _time_limit(indicator)
    if wished.value == indicator.multiplier and limit:
        return f"{count_text(found.count)} later", f"than {limit}"
    return counted(found.count, indicator.gap_unit), f"{missing_to(indicator)} {level}"


def _time_limit(indicator: Indicator) -> str:
    """The time that the numerator's label names, where it is the denominator's people `within` a time."""
    tail = indicator.numerator_label.removeprefix(indicator.denominator_label).strip()
    same = tail != indicator.numerator_label
    return tail.removeprefix(_INSIDE) if same and tail.startswith(_INSIDE) else ""


def gap_text(indicator: Indicator, reading: Reading, average: Reading | None = None) -> str:
    """The verdict of a table cell: `839 short`, `met by 9`, `121 short of England`; "" where there is none."""
    found = gap_of(indicator, reading)
    return _average_text(indicator, reading, average) if found is None else short_or_met(indicator, found)


def short_or_met(indicator: Indicator, found: Gap) -> str:
    """`839 short`, `839 over` where less is better, `met by 9`, or that there is none to spare."""
    if not found.met:
        return f"{count_text(found.count)} {missing_word(indicator)}"
    return f"met by {count_text(found.count)}" if found.count else "met, none to spare"


def rate_gap_text(count: float) -> str:
    """`121 short`, `15 above`, `level`: posts against the comparator's rate, by how many they are short of it."""
    size = distance_text(abs(count))
    return "level" if size == "0" else f"{size} {'short' if count > 0 else 'above'}"


def brief(words: str, name: str) -> str:
    """A verdict under a heading that names the comparator already: `121 posts short`, `similar`."""
    for joined in (f" than at the rate of {name}", f" of {name}", f" to {name}", f" with {name}", f" {name}"):
        words = words.removesuffix(joined)
    return words


def _average_text(indicator: Indicator, reading: Reading, average: Reading | None) -> str:
    if standard_of(indicator, reading) is not None or reading.value is None:
        return ""
    compared = _against_average(indicator, reading, average)
    return f"{compared.headline[:1].lower()}{compared.headline[1:]} {compared.detail}" if compared else ""


def standard_words(indicator: Indicator, day: date, average: Reading | None = None) -> StandardWords:
    """The standard of a day in words; where there is none, what the figure is compared with."""
    standard = indicator.standard_on(day)
    aspiration = indicator.standard_on(day, StandardKind.ASPIRATION)
    wished = f"aspiration {level_text(indicator, aspiration)}" if aspiration else ""
    if standard is None:
        return StandardWords(
            "No standard", aspiration=wished, average=_average_level(indicator, day, average)
        )
    before = indicator.standard_on(standard.effective_from - _DAY)
    interim = indicator.standard_on(day, StandardKind.INTERIM_AMBITION)
    return StandardWords(
        level_text(indicator, standard),
        f"since {standard.effective_from.day} {standard.effective_from:%B %Y}",
        f"{level_text(indicator, before)} before" if before else "",
        f"interim {level_text(indicator, interim)}" if interim else "",
        wished,
    )


def _average_level(indicator: Indicator, day: date, average: Reading | None) -> str:
    """`England average 4.48` where the average is what the indicator is measured by, else `England 62.4%`."""
    if average is None or average.value is None:
        return ""
    declared = indicator.standard_on(day, StandardKind.NATIONAL_AVERAGE) is not None
    word = " average" if declared and unit_text(indicator) else ""
    return f"{comparator_name(average)}{word} {value_text(indicator, average.value)}"


def _met_by(found: Gap, indicator: Indicator) -> str:
    return f"by {counted(found.count, indicator.gap_unit)}" if found.count else "with none to spare"
