"""An indicator with the figures that its line of the overview needs, worked out from what the page has read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from db.catalogue import LineageStep
from db.domain import Frequency, Indicator, OrganisationType, Period, Standard
from db.queries import OrganisationChoice, Reading
from db.settings import AreaSettings
from stp_dash.views.area import ReadingIndex, area_reading, area_series, latest_period_of
from stp_dash.views.comparator import comparator_code
from stp_dash.views.series import last_periods

SPARK_PERIODS = 24
_CCGS_END = date(2020, 3, 31)


@dataclass(frozen=True)
class OverviewInput:
    """What the page has read. `steps` is the commissioner's lineage, `names` organisations' names by code.

    `teams` are the organisations within the area's trusts that have figures of their own. `cuts` are the area's
    latest figures of indicators that are published by breakdown only.
    """

    area: AreaSettings
    indicators: tuple[Indicator, ...]
    index: ReadingIndex
    steps: Sequence[LineageStep]
    names: Mapping[str, str]
    requested: Period | None = None
    teams: tuple[OrganisationChoice, ...] = ()
    cuts: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What an area is shown by: the codes, words for one of them and for all, and how variation is asked for them."""

    codes: tuple[str, ...]
    one: str
    many: str
    by: str
    all_named: bool = False


@dataclass(frozen=True)
class Line:
    """An indicator within the overview."""

    given: OverviewInput
    indicator: Indicator

    @cached_property
    def index(self) -> ReadingIndex:
        return {key: item for key, item in self.given.index.items() if key[0] == self.indicator.id}

    @cached_property
    def series(self) -> tuple[Reading, ...]:
        """The area's own figures, under its own and its earlier codes, or the sums of its trusts."""
        return area_series(self.index, self.indicator, self.given.area, self.given.steps)

    @cached_property
    def part_readings(self) -> tuple[Reading, ...]:
        codes = {*self.given.area.trusts, *self.team_codes}
        return tuple(item for (_, code, _), item in self.index.items() if code in codes)

    @cached_property
    def team_codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.given.teams)

    @cached_property
    def until(self) -> date:
        return self.given.requested.end if self.given.requested else date.max

    @cached_property
    def period(self) -> Period | None:
        """The requested month, or the last period by its end that the area has, or else its trusts and teams."""
        if self.given.requested is not None and self.indicator.frequency is Frequency.MONTH:
            return self.given.requested
        own = latest_period_of(item for item in self.series if item.period.end <= self.until)
        return own or latest_period_of(item for item in self.part_readings if item.period.end <= self.until)

    @cached_property
    def reading(self) -> Reading | None:
        if self.period is None:
            return None
        return area_reading(self.index, self.indicator, self.given.area, self.given.steps, self.period)

    @cached_property
    def value(self) -> float | None:
        return self.reading.value if self.reading else None

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
    def parts(self) -> Parts:
        """Trusts where they have figures, else the areas of former CCGs, else sub-ICB locations, else teams."""
        types, area = self.indicator.organisation_types, self.given.area
        if OrganisationType.TRUST in types:
            return Parts(area.trusts, "trust", "trusts", "trust", all_named=True)
        if OrganisationType.CCG in types and self._any_of(area.ccgs):
            former = self.period is not None and self.period.start > _CCGS_END
            words, by = ("former CCG areas", "former-ccg") if former else ("CCGs", "ccg")
            return Parts(area.ccgs, "CCG area", words, by)
        if OrganisationType.SUB_ICB_LOCATION in types:
            return Parts(area.sub_icb_locations, "sub-ICB location", "sub-ICB locations", "sub-icb")
        return Parts(self.team_codes, "team", "teams", "team")

    def _any_of(self, codes: Sequence[str]) -> bool:
        return any((self.indicator.id, code, self.period) in self.index for code in codes)

    @cached_property
    def shown_parts(self) -> tuple[Reading, ...]:
        """The parts' figures in the line's period that have a value, in the order of the settings."""
        if self.period is None:
            return ()
        found = (self.index.get((self.indicator.id, code, self.period)) for code in self.parts.codes)
        return tuple(item for item in found if item is not None and item.value is not None)

    @cached_property
    def spark_periods(self) -> tuple[Period, ...]:
        if self.period is None:
            return ()
        known = {period for _, _, period in self.index}
        return last_periods(self.period, SPARK_PERIODS, known)

    def name(self, reading: Reading) -> str:
        """A part's name as pages write it."""
        return self.given.names.get(reading.organisation) or reading.organisation_name
