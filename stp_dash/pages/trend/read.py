"""What the trend page reads from the store: who has figures of an indicator, of when, and the figures themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from db.domain import ALL, Indicator, OrganisationType, Period, comparable_frequencies
from db.domain.decision import Recorded, StandingPlan
from db.domain.holdings import Holdings
from db.domain.organisation import RESIDENTS, OrganisationChoice
from db.domain.reading import PeriodSpan, Reading, Selection
from db.figures.code_lists import members_of
from db.figures.decisions.plans import standing_plans
from db.figures.decisions.recorded import recorded_for
from db.figures.holdings import breakdowns_with, organisations_with
from stp_dash.analysis.noted.events import areas_above
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import PeriodsOfKey, StoreReader

LISTED = (
    OrganisationType.COUNTRY,
    *reversed(RESIDENTS),
    OrganisationType.REGION,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
)
"""Practices are too many for a list: their pages are reached by link."""


@dataclass(frozen=True)
class ChoicesKey(CacheKey[tuple[OrganisationChoice, ...]]):
    """The organisations that have figures of an indicator."""

    indicator: str


@dataclass(frozen=True)
class OurTeamsKey(CacheKey[tuple[OrganisationChoice, ...]]):
    """Those of some types that belong to an area's trusts."""

    trusts: tuple[str, ...]
    types: tuple[OrganisationType, ...]


@dataclass(frozen=True)
class BreakdownsOfKey(CacheKey[tuple[str, ...]]):
    """The breakdowns that an organisation has of an indicator."""

    indicator: str
    organisation: str


@dataclass(frozen=True)
class RecordedKey(CacheKey[Recorded]):
    """What people decided and noted about a series, and about all of what it belongs to."""

    indicator: str
    organisation: str
    areas: frozenset[str]


@dataclass(frozen=True)
class PlanKey(CacheKey[StandingPlan | None]):
    """What people planned for a series."""

    indicator: str
    organisation: str


@dataclass(frozen=True)
class TrendReader(StoreReader):
    """The page's queries. All but the figures themselves are kept.

    whole: what is held of some codes, of every indicator at once, by whoever reads the trends of many.
    """

    whole: Mapping[tuple[str, ...], Holdings] = field(default_factory=dict, compare=False)

    def choices(self, indicator: Indicator) -> tuple[OrganisationChoice, ...]:
        """The organisations that have figures of an indicator, practices apart."""
        return self.cached(
            ChoicesKey(indicator.id),
            lambda: organisations_with(
                self.connection, indicator_code=indicator.id, types=LISTED, as_of=self.request.as_of()
            ),
        )

    def our_members(self, types: Collection[OrganisationType]) -> tuple[OrganisationChoice, ...]:
        """The organisations of some types within the area's trusts."""
        wanted = tuple(sorted(types))
        trusts = self.request.area.trusts
        return self.cached(
            OurTeamsKey(trusts, wanted),
            lambda: members_of(self.connection, self.code_lists, parents=trusts, types=wanted),
        )

    def breakdowns(self, indicator: Indicator, organisation: str) -> tuple[str, ...]:
        """The breakdowns that an organisation has of an indicator."""
        return self.cached(
            BreakdownsOfKey(indicator.id, organisation),
            lambda: breakdowns_with(
                self.connection,
                indicator_code=indicator.id,
                organisation_code=organisation,
                as_of=self.request.as_of(),
            ),
        )

    def series_periods(self, key: PeriodsOfKey) -> tuple[Period, ...]:
        """The periods with a row under any of an organisation's codes, newest first."""
        indicator = self.request.site.store.catalogue.indicators[key.indicator]
        if key.breakdown == ALL and key.codes in self.whole and not indicator.projects:
            frequencies = comparable_frequencies(indicator.frequency)
            every = self.whole[key.codes].periods.get(key.indicator, ())
            return tuple(item for item in every if item.frequency in frequencies)
        known = key.breakdown == ALL or key.breakdown in self.breakdowns(indicator, key.organisation)
        return super().series_periods(key) if known else self.periods_read(key)

    def recorded(self, indicator: Indicator, organisation: str) -> Recorded:
        """What people decided and want noted about a series, and about all of what its organisation belongs to."""
        area = self.request.area
        own = {area.commissioner} if organisation in area.codes else set()
        areas = areas_above(self.request.site.store.catalogue.organisations, organisation) | own
        return self.cached(
            RecordedKey(indicator.id, organisation, areas),
            lambda: recorded_for(
                self.connection, indicators=[indicator.id], organisations=[organisation], areas=areas
            ),
        )

    def plan(self, indicator: Indicator, organisation: str) -> StandingPlan | None:
        """What people planned for a series; None for nothing."""
        return self.cached(
            PlanKey(indicator.id, organisation),
            lambda: standing_plans(
                self.connection, indicators=[indicator.id], organisations=[organisation]
            ).get((indicator.id, organisation)),
        )

    def figures(
        self,
        indicators: Sequence[Indicator],
        organisations: Sequence[str],
        span: tuple[date, date],
        breakdown: str,
    ) -> tuple[Reading, ...]:
        """The figures of some indicators, of the first one's length of period: one query."""
        return self.readings([selection_of(indicators, organisations, span, breakdown)])


def selection_of(
    indicators: Sequence[Indicator], organisations: Sequence[str], span: tuple[date, date], breakdown: str
) -> Selection:
    """Which figures of some indicators are wanted, of the first one's length of period."""
    frequencies = comparable_frequencies(indicators[0].frequency)
    codes = tuple(item.id for item in indicators)
    return Selection(codes, tuple(organisations), PeriodSpan(frequencies, *span), (breakdown,))
