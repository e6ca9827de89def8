"""An indicator with the figures that its line of the overview needs, worked out from what the page has read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from db.catalogue import LineageStep
from db.catalogue.policy_dates import FORMER_CCGS_END
from db.domain import Area, Basis, Frequency, Indicator, OrganisationType, Period, Standard
from db.domain.organisation import OrganisationChoice
from db.domain.reading import Reading
from stp_dash.analysis.area import ReadingIndex, area_reading, area_series, latest_period_of
from stp_dash.analysis.control import SeriesInput
from stp_dash.analysis.series import earlier
from stp_dash.analysis.standing.comparator import comparator_code
from stp_dash.analysis.standing.verdict import met, short_by, short_of_national, short_of_standard
from stp_dash.analysis.wording import is_rate
from stp_dash.statistics.rebasing import RebaseDecision

SPARK_PERIODS = 24
BY_TRUST, BY_CCG = "trust", "ccg"
_NOTHING: ReadingIndex = {}


@dataclass(frozen=True)
class OverviewInput:
    """What the page has read. `index` holds each indicator's readings under the indicator's id.

    steps: the commissioner's lineage. names: organisations' names by code. teams: the organisations within the
    area's trusts that have figures of their own. cuts: the area's latest figures of indicators that are published by
    breakdown only. by: `trust` or `ccg`, what an area is shown by where an indicator has both. newest: the last period
    for which any trust is published, by indicator. until: the last day of what is shown. retired: indicators whose
    standard has ended, with the last period held of them. today: the day that the page is of. series: the area's own
    figures by indicator, where they are worked out already. named: indicators that have a row although they have no
    standard. as_of: as of when, `published by 30 June 2025`, "" for now. became: what became of an area that is closed.
    """

    area: Area
    indicators: tuple[Indicator, ...]
    index: Mapping[str, ReadingIndex]
    steps: Sequence[LineageStep]
    names: Mapping[str, str]
    today: date
    requested: Period | None = None
    until: date = date.max
    teams: tuple[OrganisationChoice, ...] = ()
    cuts: tuple[Reading, ...] = ()
    by: str = BY_TRUST
    decisions: Mapping[str, Sequence[RebaseDecision]] = field(default_factory=dict)
    plans: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    newest: Mapping[str, Period] = field(default_factory=dict)
    retired: tuple[tuple[Indicator, Period], ...] = ()
    series: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    named: Collection[str] = ()
    as_of: str = ""
    became: str = ""


def index_by_indicator(
    readings: Iterable[Reading], known: Mapping[str, ReadingIndex] | None = None
) -> dict[str, ReadingIndex]:
    """Readings by indicator, and of each by indicator, organisation and period; those known come first."""
    found = {code: dict(index) for code, index in (known or {}).items()}
    for item in readings:
        found.setdefault(item.indicator, {})[item.indicator, item.organisation, item.period] = item
    return dict(found)


@dataclass(frozen=True)
class Parts:
    """What an area is shown by: the codes, words for one of them and for all, and how variation is asked for them."""

    codes: tuple[str, ...]
    one: str
    many: str
    by: str
    all_named: bool = False


@dataclass(frozen=True)
class Holder:
    """A part of the area, how many it is short, and how many short (below 0: to spare) either way."""

    name: str
    short: float
    net: float


@dataclass(frozen=True)
class IndicatorFigures:
    """An indicator within the overview."""

    given: OverviewInput
    indicator: Indicator

    @cached_property
    def index(self) -> ReadingIndex:
        return self.given.index.get(self.indicator.id, _NOTHING)

    @cached_property
    def series(self) -> tuple[Reading, ...]:
        """The area's own figures, under its own and its earlier codes, or the sums of what makes it up."""
        known = self.given.series.get(self.indicator.id)
        if known is not None:
            return known
        found = area_series(self.index, self.indicator, self.given.area, self.given.steps)
        return tuple(item for item in found if item.period.end <= self.given.until)

    @cached_property
    def part_readings(self) -> tuple[Reading, ...]:
        codes = {*self.given.area.trusts, *self.given.area.upper_tier_authorities, *self.team_codes}
        return tuple(item for (_, code, _), item in self.index.items() if code in codes)

    @cached_property
    def team_codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.given.teams)

    @cached_property
    def period(self) -> Period | None:
        """The requested month, or the last period by its end that the area has, or else any of its parts."""
        if self.given.requested is not None and self.indicator.frequency is Frequency.MONTH:
            return self.given.requested
        own = next((item.period for item in reversed(self.series) if item.value is not None), None)
        return own or latest_period_of(i for i in self.part_readings if i.period.end <= self.given.until)

    @cached_property
    def reading(self) -> Reading | None:
        if self.period is None:
            return None
        return area_reading(self.index, self.indicator, self.given.area, self.given.steps, self.period)

    @cached_property
    def value(self) -> float | None:
        return self.reading.value if self.reading else None

    @cached_property
    def before(self) -> Reading | None:
        """The area's figure of the period before the line's, where no restart of the series lies between."""
        if self.period is None:
            return None
        last, start = self.period, self.period.start
        found = next((i for i in reversed(self.series) if i.period.start < start and i.period != last), None)
        if found is None or found.value is None or not _neighbours(found.period, self.period):
            return None
        days = (item.on for item in self.indicator.breaks)
        return None if any(found.period.start < day <= self.period.start for day in days) else found

    @cached_property
    def of_parts_only(self) -> bool:
        """Whether residents' figures are published for parts of the area, without counts: they have no sum."""
        parts = self.shown_parts
        without = all(item.basis is Basis.RESIDENCE and item.denominator is None for item in parts)
        return bool(parts) and without and not any(item.value is not None for item in self.series)

    @cached_property
    def standard(self) -> Standard | None:
        return self.indicator.standard_on(self.period.start) if self.period else None

    @cached_property
    def held(self) -> frozenset[str]:
        return frozenset(code for _, code, _ in self.index)

    def average_on(self, period: Period) -> Reading | None:
        """The comparator's figure of a period."""
        code = comparator_code(self.indicator, period.start, self.held)
        return self.index.get((self.indicator.id, code, period))

    @cached_property
    def average(self) -> Reading | None:
        return self.average_on(self.period) if self.period else None

    @cached_property
    def measured(self) -> bool:
        """Whether it is counted how many are short: of the standard, or of posts at the national average."""
        average = self.average
        return self.standard is not None or (
            is_rate(self.indicator) and average is not None and average.value is not None
        )

    @cached_property
    def judged(self) -> tuple[bool, ...]:
        """Of each of the last two years' figures that had a standard whether it met it."""
        found = (met(self.indicator, item) for item in self.series[-SPARK_PERIODS:])
        return tuple(verdict for verdict in found if verdict is not None)

    @cached_property
    def distance(self) -> float | None:
        """How many the area is short; below 0 how many to spare. None without a standard, an average or counts."""
        return self._net(self.reading) if self.reading is not None else None

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        """The parts with how far each is from the standard or the average that the line is measured by, worst first."""
        nets = ((item, self._net(item)) for item in self.shown_parts)
        found = [Holder(self.name(item), max(0.0, net), net) for item, net in nets if net is not None]
        return tuple(sorted(found, key=lambda item: -item.net))

    def net_on(self, reading: Reading) -> float | None:
        """How many the area was short in an earlier period, by the same kind of measure as the line: by the standard of
        that period, or by its average. None where the period had none.
        """
        if self.standard is not None:
            return short_of_standard(self.indicator, reading)
        return (
            short_of_national(self.indicator, reading, self.average_on(reading.period))
            if self.measured
            else None
        )

    def _net(self, reading: Reading) -> float | None:
        return short_by(self.indicator, reading, self.average) if self.measured else None

    @property
    def series_input(self) -> SeriesInput:
        """The area's series as the statistics take it."""
        where, decided = self.given.area.name, self.given.decisions.get(self.indicator.id, ())
        rules = self.given.rules.get(self.indicator.id, "")
        return SeriesInput(self.indicator, self.series, where, self.average, decided, rules)

    @cached_property
    def parts(self) -> Parts:
        """Trusts or areas, as the page was asked; where an indicator has only one of them, that one; else teams."""
        areas, types = self._areas, self.indicator.organisation_types
        trusts = OrganisationType.TRUST in types
        if trusts and (self.given.by == BY_TRUST or areas is None):
            return Parts(self.given.area.trusts, "trust", "trusts", "trust", all_named=True)
        return areas or Parts(self.team_codes, "team", "teams", "team")

    @cached_property
    def _areas(self) -> Parts | None:
        """The areas of (former) CCGs where they have figures, else sub-ICB locations; None where there are none."""
        types, area = self.indicator.organisation_types, self.given.area
        if OrganisationType.CCG in types and self._any_of(area.ccgs):
            former = self.period is not None and self.period.start > FORMER_CCGS_END
            words, by = ("former CCG areas", "former-ccg") if former else ("CCGs", "ccg")
            return Parts(area.ccgs, "CCG area", words, by)
        if OrganisationType.UPPER_TIER_AUTHORITY in types and self._any_of(area.upper_tier_authorities):
            return Parts(area.upper_tier_authorities, "council", "councils", "upper-tier")
        if OrganisationType.SUB_ICB_LOCATION in types and self._any_of(area.sub_icb_locations):
            return Parts(area.sub_icb_locations, "sub-ICB location", "sub-ICB locations", "sub-icb")
        return None

    def _any_of(self, codes: Sequence[str]) -> bool:
        return any((self.indicator.id, code, self.period) in self.index for code in codes)

    @cached_property
    def shown_parts(self) -> tuple[Reading, ...]:
        """The parts' figures in the line's period that have a value, in the order of the settings."""
        if self.period is None:
            return ()
        found = (self.index.get((self.indicator.id, code, self.period)) for code in self.parts.codes)
        return tuple(item for item in found if item is not None and item.value is not None)

    def name(self, reading: Reading) -> str:
        """A part's name as pages write it."""
        return self.given.names.get(reading.organisation) or reading.organisation_name


def _neighbours(before: Period, after: Period) -> bool:
    """Whether nothing lies between two periods of a series; snapshots have no fixed step."""
    if after.frequency is Frequency.SNAPSHOT:
        return True
    return before.start >= earlier(after).start
