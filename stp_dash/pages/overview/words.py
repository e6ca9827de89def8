"""What the overview says: a title that is the finding, what needs attention, and a line for each indicator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Basis, Indicator, Period
from stp_dash.analysis import signals
from stp_dash.analysis.area import only_by_council
from stp_dash.analysis.claims.change_words import change_label
from stp_dash.analysis.completeness import parts_met, standards_sentence
from stp_dash.analysis.control import controlled_many
from stp_dash.analysis.wording import (
    capitalised,
    is_rate,
    listing,
    month_code,
    number_word,
    uncapitalised,
)
from stp_dash.elements.links import OVERVIEW, href
from stp_dash.pages.overview.attention import CONCERNING, FAILING, SHORT_NOW, ranked
from stp_dash.pages.overview.figures import IndicatorFigures, OverviewInput
from stp_dash.pages.overview.row import IndicatorRow, indicator_row, met_and_short
from stp_dash.pages.overview.supporting import SupportLine, is_supporting, support_line
from stp_dash.statistics.profiles import HIT_OR_MISS, PASS
from stp_dash.statistics.standards import met_of_judged

_BASIS_NOTES = {
    Basis.COMMISSIONER: "Cancer figures of the area count its registered patients wherever they are treated; "
    "trusts' count who they treated: the two are never added together.",
    Basis.TEAM: "Team-centred figures have no commissioner's total: the area is the sum of its trusts.",
    Basis.RESIDENCE: "Figures of residents count who lives in a place, wherever they are cared for: the area is the "
    "sum of its places.",
    Basis.PRACTICE: "Staff figures are sums of practices with a valid staff return, by area of the CCGs of 31 March "
    "2020.",
}


@dataclass(frozen=True)
class RowGroup:
    """Rows under one heading, a topic."""

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
class Retired:
    """Standards that ended on one day, and the overview of the last period held of them."""

    words: str
    href: str


@dataclass(frozen=True)
class Overview:
    """`absent` are sentences on what is not loaded, `basis` says whose patients and posts are counted."""

    title: str
    lede: str
    groups: tuple[RowGroup, ...]
    retired: tuple[Retired, ...]
    absent: tuple[str, ...]
    basis: str
    rules: str

    @property
    def rows(self) -> tuple[IndicatorRow, ...]:
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def demonstration(self) -> bool:
        return any(group.demonstration for group in self.groups)

    @property
    def mixed(self) -> bool:
        """Whether some topics are demonstration data and others are not: then each that is says so."""
        return self.demonstration and not all(group.demonstration for group in self.groups)

    @property
    def summary(self) -> str:
        """The scorecard in one sentence: `Of ten indicators two fail and three show an improvement signal.`"""
        rows = self.rows
        counts = (
            (sum(1 for row in rows if row.failing), "fails", "fail"),
            (sum(1 for row in rows if row.assurance.icon == HIT_OR_MISS), "hits or misses", "hit or miss"),
            (sum(1 for row in rows if row.assurance.icon == PASS), "passes", "pass"),
            (sum(1 for row in rows if row.worse), "shows a concern signal", "show a concern signal"),
            (
                sum(1 for row in rows if row.improving),
                "shows an improvement signal",
                "show an improvement signal",
            ),
        )
        told = [f"{number_word(count)} {one if count == 1 else many}" for count, one, many in counts if count]
        unsaid = "none has figures enough to say whether it passes or changes"
        return (
            f"Of {number_word(len(rows))} indicator{'' if len(rows) == 1 else 's'} {listing(told) or unsaid}."
        )

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose figures are shown, in order."""
        return tuple(dict.fromkeys(item.owner for group in self.groups for item in group.everything))

    @property
    def statuses(self) -> dict[str, str]:
        """How settled each source's figures are, of its last period."""
        known = [row for row in self.rows if row.line.reading is not None and row.status]
        found: dict[str, str] = {}
        for source in dict.fromkeys(row.source for row in known):
            own = [row.line.reading for row in known if row.source == source]
            last = max(item.period.end for item in own if item is not None)
            least = min(item.maturity for item in own if item is not None and item.period.end == last)
            found[source] = least.label
        return found


def _has_row(line: IndicatorFigures, given: OverviewInput) -> bool:
    return line.indicator.id in given.named or not is_supporting(line.indicator)


def overview(given: OverviewInput, *, profile: str = "") -> Overview:
    """The overview of the area at the requested month, or each indicator at its latest period.

    All series go through the statistics in one call, under a rule profile.
    """
    reference = _reference_day(given)
    in_force = [item for item in given.indicators if not _ended(item, reference) and _begun(item, reference)]
    ranked = sorted(in_force, key=lambda item: (item.topic_order, item.topic))
    lines = [
        IndicatorFigures(given, item) for item in ranked if item.id in given.index or _has_cuts(given, item)
    ]
    shown = [line for line in lines if _has_row(line, given) and line.period]
    judged = controlled_many([line.series_input for line in shown], profile=profile)
    rows = [indicator_row(line, found) for line, found in zip(shown, judged, strict=True)]
    small = [support_line(line) for line in lines if not _has_row(line, given)]
    supporting = [item for item in small if item is not None]
    known = {row.id for row in rows} | {item.id for item in supporting}
    wanted = Counter(
        item.topic
        for item in in_force
        if not is_supporting(item) and item.standard_on(_day(item, given, rows))
    )
    return Overview(
        title=_title(given, rows, wanted) or _bare_title(given, supporting),
        lede=_lede(given, rows),
        groups=_topics(_topic_order(given), rows, supporting),
        retired=_retired(given),
        absent=_absent(given, in_force, known),
        basis=_basis(rows),
        rules=signals.rules_lines(judged) if judged else "",
    )


def _has_cuts(given: OverviewInput, indicator: Indicator) -> bool:
    return any(item.indicator == indicator.id for item in given.cuts)


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


def _retired(given: OverviewInput) -> tuple[Retired, ...]:
    """The way to standards that have ended, by the day on which they did; none on the page of a past month."""
    if given.requested is not None:
        return ()
    found = []
    for day in dict.fromkeys(item.valid_to for item, _ in given.retired if item.valid_to):
        ended = [(item, period) for item, period in given.retired if item.valid_to == day]
        last = max(period.end for _, period in ended)
        noun = "standard" if all(item.standard_on(last) for item, _ in ended) else "indicator"
        words = f"{capitalised(number_word(len(ended)))} earlier {noun}{'' if len(ended) == 1 else 's'}"
        month = month_code(Period.month(last.year, last.month))
        found.append(Retired(f"{words}, to {last:%B %Y}", href(OVERVIEW, period=month)))
    return tuple(found)


def _absent(given: OverviewInput, wanted: Sequence[Indicator], shown: Iterable[str]) -> tuple[str, ...]:
    """A topic without anything in one sentence; else the names of what is not there."""
    known = set(shown)
    missing = [item for item in wanted if item.id not in known]
    by_council = [item for item in missing if only_by_council(item, given.area)]
    sentences = []
    for topic in dict.fromkeys(item.topic for item in by_council):
        gone = [item for item in by_council if item.topic == topic]
        whole = len(gone) == sum(item.topic == topic for item in wanted)
        names = listing([item.short_name for item in gone])
        subject = f"{topic} is" if whole else f"{names} {'is' if len(gone) == 1 else 'are'}"
        sentences.append(
            f"{subject} published by council, and no whole councils are known to make up {given.area.name}."
        )
    others = [item for item in missing if item not in by_council]
    for topic in dict.fromkeys(item.topic for item in others):
        gone = [item for item in others if item.topic == topic]
        if len(gone) < sum(item.topic == topic for item in wanted):
            names = "; ".join(item.short_name for item in gone)
            sentences.append(f"{_absent_words(given)} of {uncapitalised(topic)}: {names}.")
        else:
            sentences.append(f"{_absent_words(given)} for {uncapitalised(topic)}.")
    return tuple(sentences)


def _absent_words(given: OverviewInput) -> str:
    area = given.area.name
    if given.as_of:
        return f"No figure for {area} was {given.as_of}"
    if given.requested is None:
        return f"No figure for {area} is loaded{'' if given.area.closed_on else ' yet'}"
    return f"There is no figure for {area} in {given.requested.label} or the two years before"


def _reference_day(given: OverviewInput) -> date:
    """The day that tells which indicators are in force: the requested one, or that of the newest figure."""
    if given.requested is not None:
        return given.requested.start
    starts = (period.start for index in given.index.values() for _, _, period in index)
    return max(starts, default=date.max)


def _ended(indicator: Indicator, day: date) -> bool:
    return indicator.valid_to is not None and indicator.valid_to < day


def _begun(indicator: Indicator, day: date) -> bool:
    return indicator.valid_from is None or indicator.valid_from <= day


def _day(indicator: Indicator, given: OverviewInput, rows: Sequence[IndicatorRow]) -> date:
    """The day whose standard counts for an indicator: its row's period, else the day that the page is of."""
    period = next((row.line.period for row in rows if row.id == indicator.id), None)
    return period.start if period else (given.requested.start if given.requested else given.today)


def _title(given: OverviewInput, rows: Sequence[IndicatorRow], wanted: Mapping[str, int]) -> str:
    """One sentence for each topic, in the order of what needs attention.

    `wanted` is how many standards of each topic are in force.
    """
    area = given.area.name
    topics = dict.fromkeys(row.topic for row in rows)
    own = {topic: [row for row in rows if row.topic == topic] for topic in topics}
    urgent = dict.fromkeys(row.topic for _, row in ranked(rows))
    ordered = [*urgent, *(topic for topic in topics if topic not in urgent)]
    known = [
        sentence for topic in ordered if (sentence := _topic_title(topic, own[topic], wanted.get(topic, 0)))
    ]
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


def _topic_title(topic: str, rows: Sequence[IndicatorRow], in_force: int) -> str:
    met, short = met_and_short(rows)
    told = standards_sentence(topic, met, short, max(in_force, met + short))
    return told or _short_title(rows) or _changing_title(topic, rows) or _compared_title(rows)


def _short_title(rows: Sequence[IndicatorRow]) -> str:
    """`Fully qualified GPs are 121 posts short of England`: the one that is furthest short of the average."""
    first = next((row for _, row in ranked(rows) if row.short), None)
    if first is None:
        return ""
    verb = " are" if is_rate(first.line.indicator) else ":"
    return f"{first.name}{verb} {first.verdict.headline} {first.verdict.detail}"


def _changing_title(topic: str, rows: Sequence[IndicatorRow]) -> str:
    """What the latest figures of a topic without standards show: the first of concern, else improved, or all steady."""
    known = [row for row in rows if row.variation is not None]
    if not known or len(known) < len(rows):
        return ""
    first = next((row for row in known if row.worse), None) or next((r for r in known if r.improving), None)
    if first is not None:
        return f"{first.name}: {change_label(first.controlled)}"
    return f"{topic} is steady" if all(row.steady for row in rows) else ""


def _compared_title(rows: Sequence[IndicatorRow]) -> str:
    """The topic's first indicator beside its average, where no standard is there to be met."""
    first = next((row for row in rows if row.verdict.against), None)
    if first is None:
        return ""
    words = first.verdict.note or f"{first.verdict.headline} {first.verdict.detail}"
    return f"{first.name}: {words[:1].lower()}{words[1:]}"


def _lede(given: OverviewInput, rows: Sequence[IndicatorRow]) -> str:
    """`Kent and Medway on Tuesday 20 October 2026: eight indicators. Three need attention: two miss ...`"""
    if not rows:
        return given.became
    day = given.today
    when = (
        f"on {day:%A} {day.day} {day:%B %Y}" if given.requested is None else f"as at {given.requested.label}"
    )
    known = [row for row in rows if row.value_known]
    better = sum(1 for row in known if row.improving)
    parts = [f"{number_word(len(rows))} indicator{'' if len(rows) == 1 else 's'}"]
    if len(known) < len(rows):
        parts.append(f"{number_word(len(known))} with a figure")
    told = [f"{given.area.name} {when}: {', '.join(parts)}."]
    if known:
        told.append(_need_sentence(rows))
    if better:
        told.append(
            f"{capitalised(number_word(better))} {'shows' if better == 1 else 'show'} an improvement signal."
        )
    return " ".join([*told, *_parts_only(rows), *filter(None, [given.became])])


def _need_sentence(rows: Sequence[IndicatorRow]) -> str:
    """`Three need attention: two miss their standard, one is short of England.`"""
    found = ranked(rows)
    if not found:
        return "None needs attention."
    short = [row for rank, row in found if rank == SHORT_NOW]
    averages = Counter(row.verdict.against for row in short)
    reasons = (
        (averages.pop("", 0), "misses its standard", "miss their standard"),
        *((count, f"is short of {name}", f"are short of {name}") for name, count in averages.items()),
        (
            sum(1 for rank, _ in found if rank == FAILING),
            "has limits that do not reach its standard",
            "have limits that do not reach their standard",
        ),
        (
            sum(1 for rank, _ in found if rank == CONCERNING),
            "shows a concern signal",
            "show a concern signal",
        ),
    )
    if len(found) == 1:
        return f"One needs attention: it {next(one for count, one, _ in reasons if count)}."
    told = [f"{number_word(count)} {one if count == 1 else many}" for count, one, many in reasons if count]
    return f"{capitalised(number_word(len(found)))} need attention: {', '.join(told)}."


def _parts_only(rows: Sequence[IndicatorRow]) -> list[str]:
    """Of standards that cannot be judged for the area, how many of its parts met them."""
    found = [row.line for row in rows if not row.value_known and row.line.standard is not None]
    told = []
    for line in (line for line in found if line.holders):
        met, judged = met_of_judged(item.net <= 0 for item in line.holders)
        told.append(parts_met(line.indicator.short_name, met, judged, line.parts.many))
    return told


def _basis(rows: Sequence[IndicatorRow]) -> str:
    bases = {basis for row in rows for basis in row.bases}
    return " ".join(words for basis, words in _BASIS_NOTES.items() if basis in bases)
