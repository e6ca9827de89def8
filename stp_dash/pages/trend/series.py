"""The trend page's series: an organisation's readings under their limits, one by one, and the window drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import isnan

from db.catalogue import LineageStep
from db.catalogue.organisation_files import EarlierName
from db.domain import ALL, Area, Indicator, Period, Standard, StandardKind, breakdown_members
from db.domain.decision import RecordedRules, StandingPlan
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.area import ReadingIndex, area_series, own_series
from stp_dash.analysis.control import WINDOW, Controlled, SeriesInput, controlled_many
from stp_dash.analysis.mergers.history import AreaHistory, code_changes
from stp_dash.analysis.mergers.words import joint_text
from stp_dash.analysis.noted.events import ChartEvent
from stp_dash.analysis.rolling import rolling
from stp_dash.analysis.standing.comparator import (
    Interval,
    comparator_code,
    comparator_name,
    intervals_of,
)
from stp_dash.analysis.standing.verdict import (
    gap_of,
    gap_text,
    short_or_met,
)
from stp_dash.analysis.wording import (
    capitalised,
    month_code,
    value_text,
)
from stp_dash.statistics.rebasing import RebaseDecision
from stp_dash.statistics.results import Phase
from stp_dash.statistics.standards import Gap

PHONE_WINDOW = 24
PREVIEW = "preview"
"""The role of a restart that nobody has decided."""


@dataclass(frozen=True)
class Compared:
    """Another organisation to draw beside: its name and its readings by period."""

    code: str
    name: str
    readings: Mapping[Period, Reading]


@dataclass(frozen=True)
class TrendSeries:
    """What the page has read.

    until: the period that is looked back from, as if it were the latest; None for the organisation's latest.
    shown: the last period drawn, where it is an earlier one.
    beside: the indicators that this one is never shown without; `index` holds their readings as well.
    compare: the code of the organisation that is drawn beside instead of the comparator, and its predecessors.
    decisions: where limits restart by a person's decision; preview: a day on which they might.
    projections: the indicators that project this one's figures, whose readings `index` holds as well; none where an
    earlier window is drawn.
    held: every period in which the organisation has a row, later ones than `until` included.
    trusts_held: of the area, whose trusts are published oftener, the periods in which any of them has a row.
    profile: the rules that it is shown by; chosen_rules: the choice on record, None for none.
    history: the organisation through mergers and splits. plan: what people planned for the series, None for nothing.
    """

    indicator: Indicator
    organisation: str
    breakdown: str
    index: ReadingIndex
    history: AreaHistory
    names: Mapping[str, str]
    earlier_names: Mapping[str, Sequence[EarlierName]]
    area: Area
    beside: tuple[Indicator, ...] = ()
    until: Period | None = None
    shown: Period | None = None
    phone: bool = False
    tablet: bool = False
    profile: str = ""
    chosen_rules: RecordedRules | None = None
    compare: str = ""
    compare_steps: Sequence[LineageStep] = ()
    events: Sequence[ChartEvent] = ()
    decisions: Sequence[RebaseDecision] = ()
    preview: date | None = None
    projections: Sequence[Indicator] = ()
    held: Sequence[Period] = ()
    trusts_held: Sequence[Period] = ()
    plan: StandingPlan | None = None

    @property
    def steps(self) -> Sequence[LineageStep]:
        """What the organisation was before, or is made of."""
        return self.history.steps

    @cached_property
    def own_index(self) -> ReadingIndex:
        return {key: item for key, item in self.index.items() if key[0] == self.indicator.id}

    @cached_property
    def held_codes(self) -> frozenset[str]:
        return frozenset(code for _, code, _ in self.own_index)

    @property
    def is_area(self) -> bool:
        return self.organisation == self.area.commissioner

    @cached_property
    def name(self) -> str:
        """The organisation's name: as pages write it, or as the publisher prints it, without what brackets say."""
        if self.organisation in self.names:
            return self.names[self.organisation]
        index = self.own_index.items()
        named = (item.organisation_name for (_, code, _), item in index if code == self.organisation)
        return next(named, self.organisation).split(" (", 1)[0]

    @cached_property
    def series(self) -> tuple[Reading, ...]:
        """The organisation's readings up to the period that is looked back from."""
        until = self.until
        found = self.series_of(self.indicator)
        return found if until is None else tuple(item for item in found if item.period <= until)

    def series_of(self, indicator: Indicator) -> tuple[Reading, ...]:
        """The organisation's figures of an indicator; for the area, with sums of its trusts."""
        return self._series(indicator, self.organisation, self.steps)

    def _series(self, indicator: Indicator, code: str, steps: Sequence[LineageStep]) -> tuple[Reading, ...]:
        index = {key: item for key, item in self.index.items() if key[0] == indicator.id}
        if code == self.area.commissioner:
            return area_series(index, indicator, self.area, steps)
        return own_series(index, indicator, code, steps)

    @cached_property
    def latest(self) -> Reading | None:
        """The last reading with a value."""
        return next((item for item in reversed(self.series) if item.value is not None), None)

    @cached_property
    def control(self) -> Controlled:
        """The series under the limits that are recorded: the same on every page."""
        return self._controls[0]

    @cached_property
    def drawn(self) -> Controlled:
        """The series as the chart shows it: as recorded, or with the restart that is previewed."""
        return self._controls[-1]

    @cached_property
    def _controls(self) -> tuple[Controlled, ...]:
        average = self.comparator_at(self.latest.period) if self.latest else None
        own = SeriesInput(self.indicator, self.series, self.name, average, self.decisions)
        if self.preview is None:
            return controlled_many([own], profile=self.profile)
        tried = RebaseDecision(self.preview, "Preview", PREVIEW)
        changed = replace(own, decisions=(*self.decisions, tried))
        return controlled_many([own, changed], profile=self.profile)

    @cached_property
    def rolled(self) -> Mapping[Period, Reading]:
        """The headline of several periods together, where the indicator has few patients in one."""
        return rolling(self.indicator, self.series) if self.breakdown == ALL else {}

    @cached_property
    def window(self) -> range:
        """The positions in the controlled series that are drawn, from the first with a figure."""
        periods = self.control.periods
        last = len(periods)
        if self.shown is not None:
            last = sum(period <= self.shown for period in periods)
        first = max(0, last - (PHONE_WINDOW if self.phone else WINDOW))
        values = self.control.readings[first:last]
        empty = next((i for i, item in enumerate(values) if item and item.value is not None), 0)
        return range(first + empty, last)

    @cached_property
    def joints(self) -> Mapping[int, str]:
        """Where the line goes on under other codes, in words, by the position in the controlled series."""
        changes = code_changes(self.control.readings, self.organisation, self.steps)
        return {place: joint_text(*both) for place, both in changes.items()}

    @cached_property
    def triable(self) -> Sequence[Period]:
        """The periods at which limits could restart: all but the first, up to the latest figure's."""
        latest = self.control.analysed.latest
        return () if latest is None else self.control.periods[1 : latest + 1]

    @cached_property
    def shown_readings(self) -> tuple[Reading, ...]:
        """The readings drawn that have a value."""
        drawn = (self.control.readings[place] for place in self.window)
        return tuple(item for item in drawn if item is not None and item.value is not None)

    def standard(self, period: Period) -> Standard | None:
        """A standard is of the headline figure: a breakdown has none of its own."""
        return self.indicator.standard_on(period.start) if self.breakdown == ALL else None

    @cached_property
    def planned(self) -> Mapping[date, float]:
        """What is planned, by the first day of its month; a plan is of the headline figure."""
        return self.plan.values if self.plan is not None and self.breakdown == ALL else {}

    def wished(self, period: Period) -> Standard | None:
        """What is drawn dotted: an interim ambition, else an aspiration."""
        if self.breakdown != ALL:
            return None
        kinds = (StandardKind.INTERIM_AMBITION, StandardKind.ASPIRATION)
        found = (self.indicator.standard_on(period.start, kind) for kind in kinds)
        return next((item for item in found if item is not None), None)

    def comparator_at(self, period: Period) -> Reading | None:
        """England's reading of a period, or the one that the indicator's average is computed from."""
        code = comparator_code(self.indicator, period.start, self.held_codes)
        if self.organisation == code:
            return None
        return self.own_index.get((self.indicator.id, code, period))

    @cached_property
    def compared(self) -> Compared:
        """Whom the dotted line is of."""
        if self.compare:
            found = {
                item.period: item for item in self._series(self.indicator, self.compare, self.compare_steps)
            }
            return Compared(self.compare, self.names.get(self.compare, self.compare), found)
        found = {}
        for period in self.control.periods:
            beside = self.comparator_at(period)
            if beside is not None:
                found[period] = beside
        latest = found.get(self.latest.period) if self.latest else None
        any_of = latest or next(iter(found.values()), None)
        return Compared(any_of.organisation if any_of else "", comparator_name(any_of), found)


@dataclass(frozen=True)
class TrendRow:
    """One period. `reading` is None where nothing is loaded; `kind` and `rules` are the point's, under `phase`."""

    period: Period
    reading: Reading | None
    phase: Phase
    kind: str
    rules: tuple[str, ...]
    reason: str
    short_reason: str
    standard: Standard | None
    wished: Standard | None
    gap: Gap | None
    gap_words: str
    interval: Interval | None
    interval_words: str
    compared: Reading | None
    rolling: Reading | None
    charted: bool = True

    @property
    def known(self) -> Reading | None:
        """The reading where it has a value."""
        return self.reading if self.reading is not None and self.reading.value is not None else None

    @property
    def typed(self) -> bool:
        """Whether the rules say of what type the point is: not of levels, nor of a quiet point without limits."""
        return self.charted and (bool(self.rules) or not isnan(self.phase.lower_process_limit))

    @property
    def above(self) -> bool:
        """Whether the value lies above its phase's mean, or on it."""
        return self.known is None or self.known.value is None or not self.known.value < self.phase.mean


def rows_of(trend: TrendSeries) -> tuple[TrendRow, ...]:
    """Every period of the controlled series, in order."""
    drawn, rolled = trend.drawn, trend.rolled
    phases = [phase for phase in drawn.analysed.phases for _ in range(phase.first, phase.last + 1)]
    intervals = intervals_of(trend.indicator, drawn.readings)
    return tuple(
        _row(trend, place, phases[place], intervals[place], rolled) for place in range(len(drawn.periods))
    )


def _row(
    trend: TrendSeries,
    place: int,
    phase: Phase,
    interval: Interval | None,
    rolled: Mapping[Period, Reading],
) -> TrendRow:
    drawn = trend.drawn
    period, reading = drawn.periods[place], drawn.readings[place]
    standard = trend.standard(period)
    whole = reading is not None and reading.value is not None and trend.breakdown == ALL
    found = gap_of(trend.indicator, reading) if whole and reading and standard else None
    low, high = (value_text(trend.indicator, limit) for limit in interval) if interval else ("", "")
    marked = bool(drawn.analysed.rules[place])
    return TrendRow(
        period=period,
        reading=reading,
        phase=phase,
        kind=drawn.analysed.point_types[place],
        rules=drawn.analysed.rules[place],
        reason=capitalised(signals.reason(drawn, place)) if marked else "",
        short_reason=signals.short_reason(drawn, place) if marked else "",
        standard=standard,
        wished=trend.wished(period),
        gap=found,
        gap_words=_gap_words(trend, reading, found) if whole and reading else "",
        interval=interval,
        interval_words=f"{low} to {high}" if interval else "",
        compared=trend.compared.readings.get(period),
        rolling=rolled.get(period),
        charted=drawn.charted,
    )


def _gap_words(trend: TrendSeries, reading: Reading, found: Gap | None) -> str:
    words = (
        short_or_met(trend.indicator, found)
        if found
        else gap_text(trend.indicator, reading, trend.comparator_at(reading.period))
    )
    return capitalised(words)


def verdicts_of(rows: Sequence[TrendRow], window: range) -> tuple[bool | None, ...]:
    """Of each period of the window with a figure whether it met its standard; None where that cannot be said."""
    known = (rows[place] for place in window if rows[place].known is not None)
    return tuple(row.gap.met if row.gap is not None else None for row in known)


Step = dict[str, str | None]
"""The parameters of an address that change."""


def earlier_window(trend: TrendSeries) -> Step | None:
    """To the window before: under the same limits as far as they reach, else looking back from an earlier period."""
    periods, first = trend.control.periods, trend.control.periods[trend.window.start]
    within = [item.period for item in trend.control.readings if item is not None and item.value is not None]
    before = max((period for period in within if period < first), default=None)
    if before is not None:
        return {"shown": month_code(before)}
    older = max((period for period in trend.held if period < periods[0]), default=None)
    return {"to": month_code(older), "shown": None, "restart": None} if older else None


def later_window(trend: TrendSeries) -> Step | None:
    """To the window after, in the same way."""
    periods, stop = trend.control.periods, trend.window.stop
    if stop < len(periods):
        place = min(stop - 1 + len(trend.window), len(periods) - 1)
        return {"shown": None if place == len(periods) - 1 else month_code(periods[place])}
    after = sorted(period for period in trend.held if trend.until and period > periods[-1])
    if not after:
        return None
    place = min(len(trend.window), len(after)) - 1
    return {
        "to": None if place == len(after) - 1 else month_code(after[place]),
        "shown": None,
        "restart": None,
    }


def subject_of(trend: TrendSeries) -> str:
    """What is shown: the indicator, and the member of a breakdown."""
    members = ", ".join(breakdown_members(trend.breakdown).values())
    return f"{trend.indicator.short_name}, {members}" if members else trend.indicator.short_name
