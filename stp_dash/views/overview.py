"""What the overview says: a title that is the finding, what needs attention, and a line for each indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Indicator
from stp_dash.views.overview_row import IndicatorRow, Line, OverviewInput, indicator_row, met_and_short
from stp_dash.views.verdict import SHORT
from stp_dash.views.wording import capitalised, count_text, number_word, topic_in_sentence


@dataclass(frozen=True)
class Attention:
    """A missed standard: the count leads."""

    count: str
    unit: str
    heading: str
    sentence: str
    href: str


@dataclass(frozen=True)
class RowGroup:
    """Rows under one heading: a topic, or standards that ended on one day."""

    heading: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True)
class Overview:
    title: str
    lede: str
    attention: tuple[Attention, ...]
    groups: tuple[RowGroup, ...]
    retired: tuple[RowGroup, ...]
    absent: tuple[str, ...]
    absent_words: str

    @property
    def demonstration(self) -> bool:
        return any(row.demonstration for group in (*self.groups, *self.retired) for row in group.rows)


def overview(given: OverviewInput) -> Overview:
    """The overview of the area at the requested period, or at each indicator's latest.

    `absent` names indicators of which nothing at all is loaded.
    """
    reference = _reference_day(given)
    in_force = [item for item in given.indicators if not _ended(item, reference) and _begun(item, reference)]
    held = {code for code, _, _ in given.index}
    ended = [item for item in given.indicators if item.id in held and _ended(item, reference)]
    rows = [indicator_row(Line(given, item)) for item in in_force if item.id in held]
    old = [indicator_row(Line(given, item)) for item in ended if given.requested is None]
    return Overview(
        title=_title(given, rows),
        lede=_lede(given, rows),
        attention=_attention(rows, given),
        groups=_groups(rows, [row.topic for row in rows]),
        absent=tuple(item.short_name for item in in_force if item.id not in held),
        absent_words=_absent_words(given),
        retired=_groups(old, [_ended_heading(item) for item in ended][: len(old)]),
    )


def _absent_words(given: OverviewInput) -> str:
    if given.requested is None:
        return "Nothing is loaded yet of"
    return f"No figures for {given.requested.label} or the two years before of"


def _reference_day(given: OverviewInput) -> date:
    """The day that tells which indicators are in force: the requested one, or that of the newest figure."""
    if given.requested is not None:
        return given.requested.start
    return max((period.start for _, _, period in given.index), default=date.max)


def _ended(indicator: Indicator, day: date) -> bool:
    return indicator.valid_to is not None and indicator.valid_to < day


def _begun(indicator: Indicator, day: date) -> bool:
    return indicator.valid_from is None or indicator.valid_from <= day


def _ended_heading(indicator: Indicator) -> str:
    return f"Standards to {indicator.valid_to:%B %Y}" if indicator.valid_to else ""


def _groups(rows: Sequence[IndicatorRow], headings: Sequence[str]) -> tuple[RowGroup, ...]:
    paired = list(zip(rows, headings, strict=True))
    return tuple(
        RowGroup(heading, tuple(row for row, own in paired if own == heading))
        for heading in dict.fromkeys(headings)
    )


def _title(given: OverviewInput, rows: Sequence[IndicatorRow]) -> str:
    area = given.area.name
    when = given.requested.label if given.requested else "the periods loaded"
    topics = dict.fromkeys(row.topic for row in rows)
    told = [_topic_title(topic, [row for row in rows if row.topic == topic], area) for topic in topics]
    known = [sentence for sentence in told if sentence]
    title = " ".join(known) or f"No figures for {area} in {when}"
    return title.removesuffix(".") if len(known) == 1 else title


def _topic_title(topic: str, rows: Sequence[IndicatorRow], area: str) -> str:
    met, short = met_and_short(rows)
    judged = met + short
    if not judged:
        return ""
    standards = f"{topic_in_sentence(topic)} standard{'s' if judged > 1 else ''}"
    if short == 0 or met == 0:
        which = "All" if judged > 2 else ("Both" if judged == 2 else "The one")
        number = f" {number_word(judged)}" if judged > 2 else ""
        state = "met" if short == 0 else "missed"
        return f"{which}{number} {standards} {'is' if judged == 1 else 'are'} {state} in {area}."
    verb = "is" if short == 1 else "are"
    return f"{capitalised(number_word(short))} of {number_word(judged)} {standards} {verb} missed in {area}."


def _lede(given: OverviewInput, rows: Sequence[IndicatorRow]) -> str:
    told = dict.fromkeys(f"{row.period_label}, {row.status}" for row in rows if row.counts)
    periods = (
        f"{capitalised('; '.join(told))}. " if told else "The trusts' figures, where loaded, stand below. "
    )
    return f"{periods}{_basis(given)}"


def _basis(given: OverviewInput) -> str:
    area = given.area
    return f"{area.name}'s own figures count its registered patients, wherever they are treated ({area.commissioner})."


def _attention(rows: Sequence[IndicatorRow], given: OverviewInput) -> tuple[Attention, ...]:
    """Missed standards, the largest count first."""
    units = {item.id: item.gap_unit for item in given.indicators}
    short = sorted((row for row in rows if row.verdict.tone == SHORT), key=lambda row: -row.verdict.count)
    return tuple(
        Attention(
            count_text(row.verdict.count),
            f"{units[row.id]} short",
            f"{row.name} misses its {row.standard.level} standard",
            row.finding,
            row.href,
        )
        for row in short
    )
