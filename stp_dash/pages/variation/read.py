"""What the variation page reads: the periods held, every organisation in one of them, and the series of a few."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from db.domain import Indicator, OrganisationType, Period, comparable_frequencies
from db.domain.columns import Columns
from db.domain.organisation import TrustKind
from db.domain.reading import PeriodSpan, Reading, Selection
from db.figures.code_lists import members_of
from db.figures.columns import observation_columns
from db.figures.holdings import breakdowns_with, periods_by_trust_kind, periods_by_type, periods_with
from stp_dash.analysis.kinds import COMPARISONS
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader

PeriodsByType = Mapping[OrganisationType, tuple[Period, ...]]


@dataclass(frozen=True)
class PeriodsByTypeKey(CacheKey[PeriodsByType]):
    """The periods held of an indicator by type of organisation."""

    indicator: str
    breakdown: str


@dataclass(frozen=True)
class PeriodsByTrustKindKey(CacheKey[Mapping[TrustKind, tuple[Period, ...]]]):
    """The periods held of an indicator by kind of trust."""

    indicator: str


@dataclass(frozen=True)
class BreakdownsAtKey(CacheKey[tuple[str, ...]]):
    """The breakdowns of an indicator in a period."""

    indicator: str
    period: Period


@dataclass(frozen=True)
class OurPeriodsKey(CacheKey[frozenset[Period]]):
    """The periods in which an area's CCGs have figures of an indicator."""

    ccgs: tuple[str, ...]
    indicator: str
    breakdown: str


@dataclass(frozen=True)
class MemberCodesKey(CacheKey[tuple[str, ...]]):
    """The organisations of some types that belong to others."""

    kinds: tuple[OrganisationType, ...]
    parents: tuple[str, ...]
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class WholeSliceKey(CacheKey[Columns]):
    """The figures of every organisation of England in some periods, at half a megabyte each."""

    indicator: str
    periods: frozenset[Period]
    breakdown: str
    most: ClassVar[int] = 8


@dataclass(frozen=True)
class Cut:
    """An indicator, the breakdown of it and the kind of trust ("" for all) that the page is about."""

    indicator: Indicator
    breakdown: str
    trust_kind: str = ""


class VariationReader(StoreReader):
    """The page's queries."""

    def periods(self, cut: Cut) -> PeriodsByType:
        """The periods held of a breakdown, newest first, by type of organisation."""
        kinds = {*(kind for item in COMPARISONS.values() for kind in item.types), OrganisationType.COUNTRY}
        types = kinds & {*cut.indicator.organisation_types, OrganisationType.COUNTRY}
        return self.cached(
            PeriodsByTypeKey(cut.indicator.id, cut.breakdown),
            lambda: periods_by_type(
                self.connection,
                indicator_code=cut.indicator.id,
                types=types,
                breakdown_key=cut.breakdown,
                as_of=self.request.as_of(),
            ),
        )

    def periods_of_kinds(self, indicator: Indicator) -> Mapping[TrustKind, tuple[Period, ...]]:
        """The periods, newest first, with figures of each kind of trust."""
        return self.cached(
            PeriodsByTrustKindKey(indicator.id),
            lambda: periods_by_trust_kind(self.connection, indicator_code=indicator.id),
        )

    def trust_kinds(self, indicator: Indicator, codes: Sequence[str]) -> Mapping[str, str]:
        """The kind of trust that each organisation's newest figure stands among; who has none is left out."""
        periods = {item for own in self.periods_of_kinds(indicator).values() for item in own}
        found = self.readings([Selection((indicator.id,), tuple(codes), tuple(periods))]) if periods else ()
        ordered = sorted(found, key=lambda item: item.period)
        return {item.organisation: item.details.trust_kind for item in ordered if item.details}

    def breakdowns(self, indicator: Indicator, period: Period) -> tuple[str, ...]:
        """The breakdowns of an indicator in a period, the headline first."""
        return self.cached(
            BreakdownsAtKey(indicator.id, period),
            lambda: breakdowns_with(
                self.connection, indicator_code=indicator.id, at=period, as_of=self.request.as_of()
            ),
        )

    def our_periods(self, cut: Cut) -> frozenset[Period]:
        """The periods in which our CCGs have figures."""
        own = self.request.area.ccgs
        return self.cached(
            OurPeriodsKey(own, cut.indicator.id, cut.breakdown),
            lambda: frozenset(
                periods_with(
                    self.connection,
                    indicators=[cut.indicator.id],
                    organisations=own,
                    breakdown_key=cut.breakdown,
                    as_of=self.request.as_of(),
                )
            ),
        )

    def member_codes(self, parents: Collection[str], kinds: tuple[OrganisationType, ...]) -> tuple[str, ...]:
        """What belongs to some organisations, of some types."""
        return self.cached(
            MemberCodesKey(kinds, tuple(sorted(parents))),
            lambda: tuple(
                item.code
                for item in members_of(self.connection, self.code_lists, parents=parents, types=kinds)
            ),
        )

    def periods_seen(self, cut: Cut, codes: Collection[str], since: date, until: date) -> frozenset[Period]:
        """The periods in which any of some organisations has a figure, or had one as of another time."""
        span = PeriodSpan(comparable_frequencies(cut.indicator.frequency), since, until)
        found = self.readings([Selection((cut.indicator.id,), tuple(codes), span, (cut.breakdown,))])
        return frozenset(item.period for item in found if item.value is not None)

    def everyone(self, cut: Cut, periods: Collection[Period], kinds: Collection[OrganisationType]) -> Columns:
        """The figures of all organisations of some kinds in some periods."""
        if self.request.as_of().now and OrganisationType.PRACTICE in kinds:
            # Practices are nearly all of a slice: reading it whole is faster than looking each up.
            key = WholeSliceKey(cut.indicator.id, frozenset(periods), cut.breakdown)
            return self.cached(key, lambda: self.columns(cut, periods, ()))
        return self.columns(cut, periods, kinds)

    def columns(
        self,
        cut: Cut,
        periods: Collection[Period],
        types: Collection[OrganisationType],
        *,
        values_only: bool = False,
    ) -> Columns:
        """Every organisation's figures in some periods, in one query; `values_only` leaves out where they are from."""
        return observation_columns(
            self.connection,
            self.code_lists,
            indicator_code=cut.indicator.id,
            at=periods,
            types=types,
            breakdown_key=cut.breakdown,
            as_of=self.request.as_of(),
            values_only=values_only,
            trust_kind=cut.trust_kind,
        )

    def series(self, cut: Cut, codes: Collection[str], periods: Collection[Period]) -> tuple[Reading, ...]:
        """The figures of a few organisations in some periods."""
        own, at = tuple(dict.fromkeys(codes)), tuple(dict.fromkeys(periods))
        return self.readings([Selection((cut.indicator.id,), own, at, (cut.breakdown,))])
