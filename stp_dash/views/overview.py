"""What the overview says: a title that is the finding, what needs attention, and a line for each indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Basis, Indicator
from stp_dash.views.overview_line import Line, OverviewInput
from stp_dash.views.overview_row import IndicatorRow, indicator_row, met_and_short
from stp_dash.views.supporting import SupportLine, is_supporting, support_line
from stp_dash.views.verdict import SHORT
from stp_dash.views.wording import capitalised, distance_text, listing, number_word, topic_in_sentence

_BASIS_NOTES = {
    Basis.COMMISSIONER: "Area figures that are commissioner-based count the area's registered patients, wherever "
    "they are treated; trusts' are provider-based: they are never added together.",
    Basis.TEAM: "Team-centred figures have no commissioner's total: the area is the sum of its trusts.",
    Basis.PRACTICE: "Staff figures are sums of practices with a valid staff return; areas of former CCGs are those "
    "of 31 March 2020.",
}


@dataclass(frozen=True)
class Attention:
    """A missed standard, or a shortfall from the average: the count leads."""

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
    supporting: tuple[SupportLine, ...] = ()

    @property
    def everything(self) -> tuple[IndicatorRow | SupportLine, ...]:
        return (*self.rows, *self.supporting)

    @property
    def demonstration(self) -> bool:
        return any(item.demonstration for item in self.everything)


@dataclass(frozen=True)
class Overview:
    """`absent` are sentences on what is not loaded, `basis` says whose patients and posts are counted."""

    title: str
    lede: str
    attention: tuple[Attention, ...]
    groups: tuple[RowGroup, ...]
    retired: tuple[RowGroup, ...]
    absent: tuple[str, ...]
    basis: str

    @property
    def demonstration(self) -> bool:
        return any(group.demonstration for group in (*self.groups, *self.retired))

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose figures are shown, in order."""
        groups = (*self.groups, *self.retired)
        return tuple(dict.fromkeys(item.owner for group in groups for item in group.everything))


def overview(given: OverviewInput) -> Overview:
    """The overview of the area at the requested month, or each indicator at its latest period."""
    reference = _reference_day(given)
    in_force = [item for item in given.indicators if not _ended(item, reference) and _begun(item, reference)]
    held = {code for code, _, _ in given.index} | {item.indicator for item in given.cuts}
    past = [Line(given, item) for item in given.indicators if item.id in held and _ended(item, reference)]
    ended = [line for line in past if line.period and given.requested is None]
    ranked = sorted(in_force, key=lambda item: (item.topic_order, item.topic))
    lines = [Line(given, item) for item in ranked if item.id in held]
    rows = [indicator_row(line) for line in lines if not is_supporting(line.indicator) and line.period]
    small = [support_line(line) for line in lines if is_supporting(line.indicator)]
    supporting = [item for item in small if item is not None]
    shown = {row.id for row in rows} | {item.id for item in supporting}
    return Overview(
        title=_title(given, rows) or _bare_title(given, supporting),
        lede=_lede(given, rows),
        attention=_attention(rows, given),
        groups=_topics(_topic_order(given), rows, supporting),
        retired=_groups(
            [indicator_row(line) for line in ended], [_ended_heading(line.indicator) for line in ended]
        ),
        absent=_absent(given, in_force, shown),
        basis=_basis(rows),
    )


def _topic_order(given: OverviewInput) -> tuple[str, ...]:
    """Topics in the order that the catalogue gives them."""
    ordered = sorted(given.indicators, key=lambda item: (item.topic_order, item.topic))
    return tuple(dict.fromkeys(item.topic for item in ordered))


def _topics(
    order: Sequence[str], rows: Sequence[IndicatorRow], supporting: Sequence[SupportLine]
) -> tuple[RowGroup, ...]:
    groups = (
        RowGroup(
            topic,
            tuple(row for row in rows if row.topic == topic),
            tuple(item for item in supporting if item.topic == topic),
        )
        for topic in order
    )
    return tuple(group for group in groups if group.rows or group.supporting)


def _absent(given: OverviewInput, wanted: Sequence[Indicator], shown: Iterable[str]) -> tuple[str, ...]:
    """A topic without anything in one sentence; else the names of what is not there."""
    known = set(shown)
    sentences = []
    missing = [item for item in wanted if item.id not in known]
    for topic in dict.fromkeys(item.topic for item in missing):
        gone = [item.short_name for item in missing if item.topic == topic]
        if any(item.id in known for item in wanted if item.topic == topic):
            sentences.append(f"{_absent_words(given)} of {topic_in_sentence(topic)}: {'; '.join(gone)}.")
        else:
            sentences.append(f"{_absent_words(given)} for {topic_in_sentence(topic)}.")
    return tuple(sentences)


def _absent_words(given: OverviewInput) -> str:
    area = given.area.name
    if given.requested is None:
        return f"No figure for {area} is loaded yet"
    return f"There is no figure for {area} in {given.requested.label} or the two years before"


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
    """One sentence for each topic, those with missed standards first, then those short of the average."""
    area = given.area.name
    topics = dict.fromkeys(row.topic for row in rows)
    own = {topic: [row for row in rows if row.topic == topic] for topic in topics}
    ordered = sorted(topics, key=lambda topic: _urgency(own[topic]))
    known = [sentence for topic in ordered if (sentence := _topic_title(topic, own[topic]))]
    if len(known) == 1:
        return f"{known[0]} in {area}"
    return "".join(f"{sentence}. " for sentence in known).strip()


def _bare_title(given: OverviewInput, supporting: Sequence[SupportLine]) -> str:
    """The title where no indicator has a verdict or a comparison to lead with."""
    area = given.area.name
    if supporting:
        return f"{area}: supporting figures only are loaded"
    when = given.requested.label if given.requested else "the periods loaded"
    return f"No figures for {area} in {when}"


def _urgency(rows: Sequence[IndicatorRow]) -> int:
    if met_and_short(rows)[1]:
        return 0
    first = next((row for row in rows if row.verdict.against), None)
    return 1 if first is not None and first.verdict.tone == SHORT else 2


def _topic_title(topic: str, rows: Sequence[IndicatorRow]) -> str:
    met, short = met_and_short(rows)
    judged = met + short
    if not judged:
        return _compared_title(rows)
    standards = f"{topic_in_sentence(topic)} standard{'s' if judged > 1 else ''}"
    if short == 0 or met == 0:
        which = "All" if judged > 2 else ("Both" if judged == 2 else "The one")
        number = f" {number_word(judged)}" if judged > 2 else ""
        state = "met" if short == 0 else "missed"
        return f"{which}{number} {standards} {'is' if judged == 1 else 'are'} {state}"
    verb = "is" if short == 1 else "are"
    return f"{capitalised(number_word(short))} of {number_word(judged)} {standards} {verb} missed"


def _compared_title(rows: Sequence[IndicatorRow]) -> str:
    """The topic's first indicator beside its average, where no standard is there to be met."""
    first = next((row for row in rows if row.verdict.against), None)
    if first is None:
        return ""
    words = first.verdict.note or f"{first.verdict.headline} {first.verdict.detail}"
    return f"{first.name}: {words[:1].lower()}{words[1:]}"


def _lede(given: OverviewInput, rows: Sequence[IndicatorRow]) -> str:
    if not rows:
        return ""
    short = sum(1 for row in rows if row.verdict.tone == SHORT)
    noun = "indicator" if len(rows) == 1 else "indicators"
    need = {0: "none needs attention", 1: "one needs attention"}.get(
        short, f"{number_word(short)} need attention"
    )
    told = f"{given.area.name}: {number_word(len(rows))} {noun}, {need}."
    return f"{told} {_periods(rows)}".strip()


def _periods(rows: Sequence[IndicatorRow]) -> str:
    """Which period each topic stands at."""
    topics = dict.fromkeys(row.topic for row in rows)
    parts = []
    for topic in topics:
        own = [row for row in rows if row.topic == topic and row.status]
        periods = dict.fromkeys(f"{row.period_label}, {row.status}" for row in own)
        if periods:
            parts.append(f"{topic}: {listing(list(periods))}")
    return "; ".join(parts) + "." if parts else "Figures of trusts, where loaded, stand below."


def _basis(rows: Sequence[IndicatorRow]) -> str:
    bases = {basis for row in rows for basis in row.bases}
    return " ".join(words for basis, words in _BASIS_NOTES.items() if basis in bases)


def _attention(rows: Sequence[IndicatorRow], given: OverviewInput) -> tuple[Attention, ...]:
    """Missed standards and shortfalls from the average, the largest count first."""
    units = {item.id: item.gap_unit.rsplit(" ", 1)[-1] for item in given.indicators}
    short = sorted((row for row in rows if row.verdict.tone == SHORT), key=lambda row: -row.verdict.count)
    return tuple(
        Attention(
            distance_text(row.verdict.count) if row.verdict.against else _count(row),
            f"{units[row.id]} short",
            _heading(row),
            row.finding,
            row.href,
        )
        for row in short
    )


def _count(row: IndicatorRow) -> str:
    return row.verdict.headline.split(" ", 1)[0]


def _heading(row: IndicatorRow) -> str:
    if row.verdict.against:
        return f"{row.name}: short of {row.verdict.against}'s rate"
    return f"{row.name} misses its {row.standard.level} standard"
