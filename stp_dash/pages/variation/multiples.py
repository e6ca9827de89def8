"""Small multiples of the variation page: each of ours over time, on the deciles of England's organisations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from db.catalogue import LineageStep
from db.domain import ALL, ENGLAND, Indicator, Maturity, Period, breakdown_members
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.claims.change import ChangeKind
from stp_dash.analysis.claims.change_words import (
    QUIET_WORDS,
    STEADY,
    STEADY_SO_FAR,
    WITHOUT_LIMITS,
    change_word,
)
from stp_dash.analysis.columns import published
from stp_dash.analysis.control import Controlled, SeriesInput, controlled_many
from stp_dash.analysis.kinds import Comparison
from stp_dash.analysis.mergers.history import code_changes
from stp_dash.analysis.mergers.words import joint_text
from stp_dash.analysis.noted.events import ChartEvent
from stp_dash.analysis.series import last_periods, place_of, position
from stp_dash.analysis.sheet import Column, OnDemand, Sheet, Subject
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import brief, gap_text
from stp_dash.analysis.wording import (
    BASIS_WORDS,
    NO_FIGURE,
    PER_CENT,
    axis_numbers,
    capitalised,
    count_text,
    counted,
    level_axis,
    listing,
    missing_word,
    number_word,
    periods_word,
    status_text,
    uncapitalised,
    value_text,
)
from stp_dash.charts.svg.multiples import (
    LONG_VALUE_ROOM,
    VALUE_ROOM,
    Decile,
    Panel,
    PanelPoint,
    PanelScale,
    nice_ticks,
    panel_svg,
)
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.pages.variation.deciles import Deciles
from stp_dash.statistics.rebasing import RebaseDecision

OVER_TIME = "over-time"
PERIODS = 24
"""How many periods the panels show."""
PAPER_PERIODS = 6
"""How many of them a table on paper holds."""
_WIDTHS = {"desktop": 344, "tablet": 320, "phone": 288}
_MILLION = 1_000_000
_MOST_CHANGES = 3
"""So many changes of codes are named in the key."""


@dataclass(frozen=True)
class PanelSeries:
    """One organisation's readings up to the page's period. `own` tells ours from the area and the comparator.

    indicator: as of the organisation, with the days on which its boundary moved. steps: its predecessors.
    """

    indicator: Indicator
    name: str
    code: str
    href: str
    readings: tuple[Reading, ...]
    own: bool = True
    steps: tuple[LineageStep, ...] = ()
    decisions: tuple[RebaseDecision, ...] = ()
    events: tuple[ChartEvent, ...] = ()
    rules: str = ""


@dataclass(frozen=True, eq=False)
class MultiplesInput:
    """`lines` are ours, then the area, then the comparator; `left_out` how many of ours have no panel.

    `deciles` may hold fewer periods than are drawn: `yearly` says that they are a year apart.
    """

    indicator: Indicator
    comparison: Comparison
    period: Period
    breakdown: str
    lines: tuple[PanelSeries, ...]
    comparator: Reading | None
    deciles: Deciles
    source: str
    profile: str = ""
    width: str = "desktop"
    left_out: int = 0
    yearly: bool = False
    no_deciles: str = ""
    paper: bool = False
    area_name: str = ""


@dataclass(frozen=True)
class PanelView:
    """One panel: its heading, which leads to the trend, its picture, and the words under it."""

    name: str
    href: str
    image: str
    label: str
    caption: str
    width: int


@dataclass(frozen=True, eq=False)
class Multiples:
    """Small charts of the same kind beside each other, with their sentence, key, rules and sheet."""

    panels: tuple[PanelView, ...]
    sentence: str
    key: str
    rules_line: str
    sheet: Sheet


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A line with what the rules say of it, over the periods that are drawn."""

    line: PanelSeries
    controlled: Controlled
    periods: tuple[Period, ...]

    @cached_property
    def places(self) -> Mapping[Period, int]:
        return {period: place for place, period in enumerate(self.controlled.periods)}

    def reading(self, period: Period) -> Reading | None:
        place = self.places.get(period)
        return None if place is None else self.controlled.readings[place]

    @property
    def restarts(self) -> frozenset[Period]:
        return frozenset(self.controlled.periods[item.position] for item in self.controlled.rebases)

    @cached_property
    def joints(self) -> Mapping[Period, str]:
        """Where the drawn line goes on under other codes without a restart, in words."""
        changes = code_changes(self.controlled.readings, self.line.code, self.line.steps)
        found = {self.controlled.periods[place]: joint_text(*both) for place, both in changes.items()}
        return {
            at: words for at, words in found.items() if at in self.periods[1:] and at not in self.restarts
        }


def multiples(given: MultiplesInput) -> Multiples | None:
    """The card's panels and words; None where none of the lines has a figure."""
    lines = [line for line in given.lines if any(item.value is not None for item in line.readings)]
    if not any(line.own for line in lines):
        return None
    series = [
        SeriesInput(
            line.indicator, line.readings, line.name, _average(given, line), line.decisions, line.rules
        )
        for line in lines
    ]
    found = controlled_many(series, profile=given.profile)
    known = {period for item in found for period in item.periods if period <= given.period}
    periods = last_periods(given.period, PERIODS, known | {given.period})
    drawn = [_Drawn(line, item, periods) for line, item in zip(lines, found, strict=True)]
    scale = _scale(given, drawn, periods)
    return Multiples(
        panels=tuple(_panel(given, item, scale) for item in drawn),
        sentence=_sentence(given, drawn),
        key=_key(given) + _marks_words(drawn),
        rules_line=signals.rules_lines(found),
        sheet=_sheet(given, drawn),
    )


def _average(given: MultiplesInput, line: PanelSeries) -> Reading | None:
    return given.comparator if given.comparator and given.comparator.organisation != line.code else None


def _standard(given: MultiplesInput, period: Period) -> float | None:
    """A breakdown has no standard of its own."""
    if given.breakdown != ALL:
        return None
    standard = given.indicator.standard_on(period.start)
    return standard.value if standard else None


def _scale(given: MultiplesInput, drawn: Sequence[_Drawn], periods: Sequence[Period]) -> PanelScale:
    values = [
        item.value
        for panel in drawn
        for period in periods
        if (item := panel.reading(period)) is not None and item.value is not None
    ]
    shown = [given.deciles[period] for period in periods if period in given.deciles]
    values += [line for lines in shown for line in (lines[0], lines[-1])]
    values += [level for period in periods if (level := _standard(given, period)) is not None]
    ticks = _ticks(given.indicator, min(values), max(values))
    return PanelScale(
        first=position(periods[0]),
        last=max(position(periods[-1]), position(periods[0]) + 1),
        low=min(ticks[0][0], *values),
        high=max(ticks[-1][0], *values),
        ticks=ticks,
        ends=(periods[0].short_label, periods[-1].short_label if len(periods) > 1 else ""),
        width=_WIDTHS[given.width],
        room=LONG_VALUE_ROOM if max(map(abs, values)) >= _MILLION else VALUE_ROOM,
    )


def _ticks(indicator: Indicator, low: float, high: float) -> tuple[tuple[float, str], ...]:
    if marks := level_axis(indicator):
        return marks
    suffix, most = ("%", 100.0) if indicator.unit == PER_CENT else ("", None)
    return tuple(zip(values := nice_ticks(low, high, most=most), axis_numbers(values, suffix), strict=True))


def _panel(given: MultiplesInput, item: _Drawn, scale: PanelScale) -> PanelView:
    latest = item.reading(given.period)
    shown = value_text(given.indicator, latest.value if latest else None)
    kind, side = _last_mark(item, given.period)
    points = tuple(
        PanelPoint(
            position(period),
            reading.value if (reading := item.reading(period)) is not None else None,
            _standard(given, period),
            restarts=period in item.restarts and period != item.periods[0],
            joint=period in item.joints,
        )
        for period in item.periods
    )
    bands = [(position(period), given.deciles[period]) for period in item.periods if period in given.deciles]
    caption = _caption(given, item, latest)
    label = _label(item, shown, caption)
    panel = Panel(
        points=points,
        deciles=tuple(Decile(at, lines) for at, lines in bands),
        kind=kind,
        side=side,
        provisional=latest is not None and latest.maturity is Maturity.PROVISIONAL,
        shown=_end_text(shown, latest.value if latest else None),
        label=label,
        spaced=given.yearly,
        rings=_ring_places(item),
    )
    picture = data_address(panel_svg(panel, scale))
    return PanelView(item.line.name, item.line.href, picture, label, caption, scale.width)


def _ring_places(item: _Drawn) -> tuple[float, ...]:
    """Where the events that the panel reaches begin, or at its edge what began before it."""
    first, last = item.periods[0], item.periods[-1]
    shown = [event for event in item.line.events if event.on <= last.end and event.last >= first.start]
    places = (place_of(event.on, item.line.indicator.frequency) for event in shown)
    return tuple(sorted(max(place, position(first)) for place in places))


def _last_mark(item: _Drawn, period: Period) -> tuple[str, str]:
    """The kind of the mark of the page's period, and the side of the mean that it is on."""
    place = item.places.get(period)
    if place is None:
        return "common_cause", "high"
    analysed = item.controlled.analysed
    side = "high" if not analysed.values[place] < analysed.mean[place] else "low"
    return analysed.point_types[place], side


def _end_text(shown: str, value: float | None) -> str:
    """A value in the room behind a panel's line: without its unit."""
    return NO_FIGURE if value is None else shown.partition(" ")[0].removesuffix("%")


def _label(item: _Drawn, shown: str, caption: str) -> str:
    first, last = item.periods[0].short_label, item.periods[-1].short_label
    many = len(_ring_places(item))
    noted = f" {counted(many, 'events')} noted." if many else ""
    codes = f" {'; '.join(item.joints.values())}." if item.joints else ""
    return f"{item.line.name}, {first} to {last}: {shown} at the end. {caption}.{noted}{codes}"


def _caption(given: MultiplesInput, item: _Drawn, latest: Reading | None) -> str:
    """`66 patients short · worse since March 2026`; a figure of another basis says whose patients it counts."""
    if latest is None or latest.value is None:
        reason = latest.missing_reason if latest else "not loaded"
        return f"No figure in {given.period.label}: {reason}"
    parts = [_gap(given, latest), uncapitalised(change_word(item.controlled))]
    own = {reading.basis for line in given.lines if line.own for reading in line.readings[-1:]}
    if not item.line.own and latest.basis not in own and item.line.code != _comparator_code(given):
        parts.append(BASIS_WORDS[latest.basis].partition(":")[0])
    return capitalised(" · ".join(part for part in parts if part))


def _comparator_code(given: MultiplesInput) -> str:
    return given.comparator.organisation if given.comparator else ""


def _gap(given: MultiplesInput, latest: Reading) -> str:
    if given.breakdown != ALL or latest.organisation == _comparator_code(given):
        return ""
    words = gap_text(given.indicator, latest, given.comparator)
    noun = given.indicator.gap_unit.rsplit(" ", 1)[-1]
    missed = missing_word(given.indicator)
    if words.endswith(f" {missed}") and words.count(" ") == 1:
        count = words.removesuffix(f" {missed}")
        return f"{count} {noun.removesuffix('s') if count == '1' else noun} {missed}"
    return brief(words, comparator_name(given.comparator)) if words.startswith("similar") else words


def _sentence(given: MultiplesInput, drawn: Sequence[_Drawn]) -> str:
    """What the latest figure of each of ours shows, by the words of their icons; of many how many."""
    own = [item for item in drawn if item.line.own]
    if given.left_out:
        counts = Counter(uncapitalised(change_word(item.controlled)) for item in own)
        told = listing([f"{number_word(count)}: {words}" for words, count in counts.most_common()])
        every = len(own) + given.left_out
        return f"The lowest and the highest of our {every:,} {given.comparison.plural}. {capitalised(told)}."
    groups: dict[str, list[str]] = {}
    for item in own:
        groups.setdefault(change_word(item.controlled), []).append(item.line.name)
    quiet = [STEADY, STEADY_SO_FAR, QUIET_WORDS[ChangeKind.WITHIN_LIMITS]]
    untold = groups.pop(QUIET_WORDS[ChangeKind.TOO_FEW], [])
    reason = uncapitalised(given.indicator.without_limits)
    unlimited = {words: groups.pop(words) for words in WITHOUT_LIMITS if words in groups}
    parts = [f"{words}: {listing(names)}." for words, names in groups.items() if words not in quiet]
    parts += [_quiet(groups[words], len(own), words) for words in quiet if words in groups]
    if untold:
        parts.append(f"There are too few values to say for {_whom(untold, len(own))}.")
    parts += [
        f"No limits are drawn for {_whom(names, len(own))}: {WITHOUT_LIMITS[words] or reason}."
        for words, names in unlimited.items()
    ]
    return " ".join(parts)


def _whom(names: Sequence[str], total: int) -> str:
    """`any of the four`, `East Kent and Medway`."""
    return f"any of the {number_word(total)}" if len(names) == total > 2 else listing(names)


def _quiet(names: Sequence[str], total: int, words: str) -> str:
    """`All four are steady.`, `East Kent and Medway are within limits, with earlier points marked.`"""
    one = len(names) == 1
    every = f"{'Both' if total == 2 else f'All {number_word(total)}'} are" if len(names) == total > 1 else ""
    which = every or f"{listing(names)} {'is' if one else 'are'}"
    earlier = ", with earlier points marked" if words == QUIET_WORDS[ChangeKind.WITHIN_LIMITS] else ""
    return f"{which} {uncapitalised(words)}{earlier}."


def _all(given: MultiplesInput) -> str:
    """Whose deciles they are: an audit may reach beyond England."""
    plural = given.comparison.plural
    return f"England's {plural}" if _comparator_code(given) == ENGLAND else f"all {plural}"


def _key(given: MultiplesInput) -> str:
    if given.deciles:
        yearly = ", a year apart" if given.yearly else ""
        bands = f"Shaded: deciles of {_all(given)}, 10th to 90th{yearly}."
    else:
        bands = given.no_deciles or f"No deciles: too few {given.comparison.plural} have figures."
    level = _standard(given, given.period)
    rule = (
        f" Line at {level:g}%: the standard."
        if level is not None and given.indicator.unit == PER_CENT
        else ""
    )
    left = f" {given.left_out:,} more of ours are in the ranking's table." if given.left_out else ""
    return f"{bands}{rule} Hollow mark: provisional.{left}"


def _marks_words(drawn: Sequence[_Drawn]) -> str:
    """What the marks mean that only some panels have."""
    ring = " Ring: an event, listed on its trend." if any(map(_ring_places, drawn)) else ""
    changes = list(dict.fromkeys(words for item in drawn for words in item.joints.values()))
    if not changes:
        return ring
    told = f": {', '.join(changes)}" if len(changes) <= _MOST_CHANGES else ", named on its trend"
    return f"{ring} Thin upright line: a change of codes by merger or split{told}."


@dataclass(frozen=True, eq=False)
class _TimeRows:
    """The rows behind the panels: each organisation's periods, newest first."""

    given: MultiplesInput
    rows: tuple[tuple[_Drawn, Period], ...]

    def reading(self, row: int) -> Reading | None:
        item, period = self.rows[row]
        return item.reading(period)

    def limit(self, name: str, row: int) -> float | None:
        item, period = self.rows[row]
        place = item.places.get(period)
        if place is None:
            return None
        number = float(getattr(item.controlled.analysed, name)[place])
        return published(number)

    def tenth(self, line: int, row: int) -> float | None:
        found = self.given.deciles.get(self.rows[row][1])
        return found[line] if found else None

    def reason(self, row: int) -> str:
        item, period = self.rows[row]
        place = item.places.get(period)
        return "" if place is None else signals.reason(item.controlled, place)

    def signals(self, row: int) -> str:
        item, period = self.rows[row]
        place = item.places.get(period)
        return "" if place is None else "; ".join(item.controlled.analysed.rules[place])


def _told(given: MultiplesInput, item: _Drawn) -> list[Period]:
    """The periods of a line's rows, newest first; on paper the last few."""
    newest = list(reversed(item.periods))
    return newest[:PAPER_PERIODS] if given.paper else newest


def _sheet(given: MultiplesInput, drawn: Sequence[_Drawn]) -> Sheet:
    rows = _TimeRows(given, tuple((item, period) for item in drawn for period in _told(given, item)))
    cut = "" if given.breakdown == ALL else f", {', '.join(breakdown_members(given.breakdown).values())}"
    read = [reading for item in drawn for reading in item.controlled.readings if reading is not None]
    many = counted(len(_told(given, drawn[0])), periods_word(given.indicator))
    return Sheet(
        name=OVER_TIME,
        title=f"Each {given.comparison.each} over time",
        caption=f"{given.indicator.short_name}{cut}: {many} to "
        f"{given.period.label}, with limits, signals and the deciles of {_all(given)}",
        columns=(*_who(rows), *_what(rows), *_limits(rows), *_tenths(rows)),
        source=given.source,
        note=f"{signals.rules_lines([item.controlled for item in drawn])} {_key(given)}",
        demonstration=any(reading.demonstration for reading in read),
        subject=Subject(
            f"{given.indicator.short_name}{cut} by {uncapitalised(given.comparison.label)}",
            given.area_name,
            f"{many} to {given.period.label}",
        ),
    )


def _who(rows: _TimeRows) -> tuple[Column, ...]:
    count = len(rows.rows)
    name = OnDemand(count, lambda row: rows.rows[row][0].line.name)
    when = OnDemand(count, lambda row: rows.rows[row][1].short_label)
    return (
        Column("Organisation", name, "organisation_name", name),
        Column("", key="organisation_code", raw=OnDemand(count, lambda row: rows.rows[row][0].line.code)),
        Column("", key="indicator", raw=OnDemand(count, lambda _: rows.given.indicator.id)),
        Column("", key="unit", raw=OnDemand(count, lambda _: rows.given.indicator.unit)),
        Column("", key="breakdown", raw=OnDemand(count, lambda _: rows.given.breakdown)),
        Column("Period", when, "period", OnDemand(count, lambda row: rows.rows[row][1].label)),
        Column("", key="period_start", raw=OnDemand(count, lambda row: rows.rows[row][1].start)),
        Column("", key="period_end", raw=OnDemand(count, lambda row: rows.rows[row][1].end)),
    )


def _what(rows: _TimeRows) -> tuple[Column, ...]:
    count, indicator = len(rows.rows), rows.given.indicator

    def number(name: str, row: int) -> float | None:
        reading = rows.reading(row)
        found: float | None = getattr(reading, name) if reading is not None else None
        return found

    def count_words(name: str, row: int) -> str:
        found = number(name, row)
        return "" if found is None else count_text(found)

    def status(row: int) -> str:
        reading = rows.reading(row)
        return status_text(reading.maturity) if reading is not None and reading.value is not None else ""

    labels = {"numerator": indicator.numerator_label, "denominator": indicator.denominator_label}
    return (
        Column(
            "Value",
            OnDemand(count, lambda row: value_text(indicator, number("value", row))),
            "value",
            OnDemand(count, lambda row: number("value", row)),
            numeric=True,
        ),
        *(
            Column(
                capitalised(words),
                OnDemand(count, partial(count_words, name)),
                name,
                OnDemand(count, partial(number, name)),
                numeric=True,
            )
            for name, words in labels.items()
        ),
        Column("Status", OnDemand(count, status), "status", OnDemand(count, status)),
    )


def _limits(rows: _TimeRows) -> tuple[Column, ...]:
    """Limits and signals: in the download whole, in the table why a point is marked."""
    count = len(rows.rows)
    names = ("mean", "lower_process_limit", "upper_process_limit")
    reasons = OnDemand(count, rows.reason)
    shown = reasons if any(any(item.controlled.analysed.signals) for item, _ in rows.rows[::PERIODS]) else ()
    return (
        *(Column("", key=name, raw=OnDemand(count, partial(rows.limit, name))) for name in names),
        Column("", key="signals", raw=OnDemand(count, rows.signals)),
        Column("Why it is marked", shown, "signal_words", reasons),
    )


def _tenths(rows: _TimeRows) -> tuple[Column, ...]:
    count, indicator = len(rows.rows), rows.given.indicator
    if not rows.given.deciles:
        return ()

    def words(row: int) -> str:
        low, high = rows.tenth(0, row), rows.tenth(8, row)
        return "" if low is None else f"{value_text(indicator, low)} to {value_text(indicator, high)}"

    return (
        Column("Deciles, 10th to 90th", OnDemand(count, words), numeric=True),
        *(
            Column(
                "",
                key=f"decile_{10 * (line + 1)}",
                raw=OnDemand(count, partial(rows.tenth, line)),
            )
            for line in range(9)
        ),
    )
