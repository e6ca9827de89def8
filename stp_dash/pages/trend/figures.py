"""What the trend page is made from: an organisation's readings, what they are compared with, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from db.catalogue import LineageStep
from db.catalogue.organisation_files import EarlierName
from db.domain import ALL, Indicator, Period, Standard, StandardKind
from db.domain.reading import Reading
from db.settings import AreaSettings
from stp_dash.analysis.area import ReadingIndex, area_series, own_series
from stp_dash.analysis.control import WINDOW, Controlled, SeriesInput, controlled_many
from stp_dash.analysis.standing.comparator import comparator_code, comparator_name
from stp_dash.statistics.rebasing import RebaseDecision

PHONE_WINDOW = 24
PREVIEW = "preview"
"""The role of a restart that nobody has decided."""


@dataclass(frozen=True)
class ChartEvent:
    """Something that people want noted on a chart: a day and what happened."""

    on: date
    text: str


@dataclass(frozen=True)
class Compared:
    """Another organisation to draw beside: its name and its readings by period."""

    code: str
    name: str
    readings: Mapping[Period, Reading]


@dataclass(frozen=True)
class TrendInput:
    """What the page has read.

    until: the period that is looked back from, as if it were the latest; None for the organisation's latest.
    shown: the last period drawn, where it is an earlier one.
    beside: the indicators that this one is never shown without; `index` holds their readings as well.
    compare: the code of the organisation that is drawn beside instead of the comparator, and its predecessors.
    decisions: where limits restart by a person's decision; preview: a day on which they might.
    held: every period in which the organisation has a row, later ones than `until` included.
    """

    indicator: Indicator
    organisation: str
    breakdown: str
    index: ReadingIndex
    steps: Sequence[LineageStep]
    names: Mapping[str, str]
    earlier_names: Mapping[str, Sequence[EarlierName]]
    area: AreaSettings
    beside: tuple[Indicator, ...] = ()
    until: Period | None = None
    shown: Period | None = None
    phone: bool = False
    tablet: bool = False
    profile: str = "national"
    compare: str = ""
    compare_steps: Sequence[LineageStep] = ()
    events: Sequence[ChartEvent] = ()
    decisions: Sequence[RebaseDecision] = ()
    preview: date | None = None
    held: Sequence[Period] = ()

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

    def standard(self, period: Period) -> Standard | None:
        """A standard is of the headline figure: a breakdown has none of its own."""
        return self.indicator.standard_on(period.start) if self.breakdown == ALL else None

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
