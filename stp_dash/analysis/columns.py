"""One period's figures of all organisations of a kind as columns in order of value: no row objects for thousands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan

import numpy as np
from numpy.typing import NDArray

from db.domain import Basis, Indicator, Maturity, Organisation, OrganisationType, Period
from db.domain.columns import Columns
from db.domain.file import FileReference
from db.domain.observation import basis_of
from db.domain.organisation import OrganisationChoice
from db.domain.reading import Reading
from stp_dash.analysis.kinds import Comparison
from stp_dash.analysis.standing.comparator import is_share_of_chance
from stp_dash.analysis.wording import PER_CENT
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, UNJUDGED, WORSE
from stp_dash.statistics.proportions import share_intervals, side_of
from stp_dash.statistics.spread import comparable, ranks, small

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_EVER, _NEVER = 0, 4_000_000
"""Ordinals of days before and after every organisation."""


@dataclass(frozen=True, eq=False)
class Register:
    """The store's organisations by the keys that columns name them with, for as long as their names stand."""

    organisations: Mapping[int, OrganisationChoice]
    catalogue: Mapping[str, Organisation]

    @cached_property
    def keys(self) -> Mapping[str, int]:
        return {item.code: key for key, item in self.organisations.items()}

    @cached_property
    def _size(self) -> int:
        return max(self.organisations, default=0) + 1

    @cached_property
    def alphabetical(self) -> Integers:
        """Where each key's code stands among all codes."""
        order = sorted(self.organisations, key=lambda key: self.organisations[key].code)
        places = np.zeros(self._size, dtype=np.int64)
        places[order] = np.arange(len(order))
        return places

    @cached_property
    def _kinds(self) -> Integers:
        known = list(OrganisationType)
        kinds = np.full(self._size, -1, dtype=np.int64)
        for key, item in self.organisations.items():
            kinds[key] = known.index(item.type)
        return kinds

    @cached_property
    def _open(self) -> tuple[Integers, Integers]:
        opened = np.full(self._size, _EVER, dtype=np.int64)
        closed = np.full(self._size, _NEVER, dtype=np.int64)
        for key, item in self.organisations.items():
            known = self.catalogue.get(item.code)
            if known is not None:
                opened[key] = known.opened_on.toordinal() if known.opened_on else _EVER
                closed[key] = known.closed_on.toordinal() if known.closed_on else _NEVER
        return opened, closed

    def of(self, codes: Collection[str]) -> Integers:
        """The keys of some codes, those that the store knows."""
        return np.array(sorted(self.keys[code] for code in codes if code in self.keys), dtype=np.int64)

    def belonging(self, comparison: Comparison, keys: Integers, period: Period) -> Booleans:
        """Which of some keys are organisations of a comparison in a period."""
        known = list(OrganisationType)
        kinds = [known.index(kind) for kind in comparison.types]
        found: Booleans = np.isin(self._kinds[keys], kinds)
        if comparison.commissioning:
            opened, closed = self._open
            day = comparison.member_day(period).toordinal()
            found &= (opened[keys] <= day) & (closed[keys] >= day)
        return found


@dataclass(frozen=True, eq=False)
class Ranking:
    """Organisations with a value, lowest first. Arrays are of one length; NaN is not published.

    `lower` and `upper` are the published 95% `limits` in the indicator's unit. Where none are, they are 95% Wilson
    intervals, NaN for what is no share with counts.
    `drawn` are those on the charts: others with fewer than FEW patients swing too much to be compared, unless most
    organisations are so small.
    """

    register: Register
    references: Mapping[int, FileReference]
    indicator: Indicator
    period: Period
    breakdown: str
    keys: Integers
    numerator: Floats
    denominator: Floats
    value: Floats
    maturity: Integers
    basis: Integers
    derived: Booleans
    file: Integers
    limits: tuple[Floats, Floats] | None
    ours: Booleans
    peers: Booleans
    names: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def counted(self) -> Booleans:
        """Where both counts are published and something was counted."""
        known: Booleans = ~np.isnan(self.numerator) & (np.nan_to_num(self.denominator) > 0)
        return known

    @cached_property
    def _interval(self) -> tuple[Floats, Floats]:
        if self.limits is not None:
            return self.limits
        if not is_share_of_chance(self.indicator):
            return np.full(len(self), np.nan), np.full(len(self), np.nan)
        return share_intervals(self.numerator, self.denominator, self.indicator.multiplier)

    @property
    def lower(self) -> Floats:
        return self._interval[0]

    @property
    def upper(self) -> Floats:
        return self._interval[1]

    @property
    def has_intervals(self) -> bool:
        return bool((~np.isnan(self.lower)).any())

    @cached_property
    def rank(self) -> Integers:
        """From 1 at the lowest; organisations with equal values share the lowest rank of theirs."""
        return ranks(self.value)

    def is_joint(self, place: int) -> bool:
        """Whether another organisation has the same rank."""
        beside = self.rank[max(0, place - 1) : place + 2]
        return int(np.count_nonzero(beside == self.rank[place])) > 1

    @cached_property
    def small(self) -> Booleans:
        """Shares of fewer than FEW patients."""
        if self.indicator.unit != PER_CENT or self.limits is not None:
            return np.zeros(len(self), dtype=bool)
        return small(self.denominator)

    @cached_property
    def drawn(self) -> Booleans:
        if self.indicator.unit != PER_CENT or self.limits is not None:
            return np.ones(len(self), dtype=bool)
        return comparable(self.denominator) | self.ours | self.peers

    @cached_property
    def our_places(self) -> list[int]:
        places: list[int] = np.flatnonzero(self.ours).tolist()
        return places

    def code(self, place: int) -> str:
        return self.register.organisations[int(self.keys[place])].code

    def name(self, place: int) -> str:
        """As pages write it: a short name of the settings, else the catalogue's, else the source's."""
        item = self.register.organisations[int(self.keys[place])]
        return self.names.get(item.code) or item.name or item.code

    def mark(self, place: int, level: float | None, *, rising: bool) -> str:
        """Better or worse than a level only where the whole interval lies on one side of it."""
        low, high = float(self.lower[place]), float(self.upper[place])
        if level is None or np.isnan(low):
            return UNJUDGED
        side = side_of(low, high, level)
        if not side:
            return SIMILAR
        return BETTER if (side > 0) is rising else WORSE

    def reading(self, place: int) -> Reading:
        """One organisation's figure as a reading: the columns of a row ask for the same one after the other."""
        known = self._latest.get(place)
        if known is None:
            self._latest.clear()
            known = self._latest[place] = self._reading(place)
        return known

    @cached_property
    def _latest(self) -> dict[int, Reading]:
        return {}

    def _reading(self, place: int) -> Reading:
        item = self.register.organisations[int(self.keys[place])]
        return Reading(
            indicator=self.indicator.id,
            organisation=item.code,
            organisation_name=item.name,
            organisation_type=item.type,
            period=self.period,
            breakdown=self.breakdown,
            numerator=published(self.numerator[place]),
            denominator=published(self.denominator[place]),
            value=published(self.value[place]),
            missing_reason="",
            basis=basis_of(int(self.basis[place])),
            maturity=Maturity(int(self.maturity[place])),
            derived=bool(self.derived[place]),
            files=(self.references[int(self.file[place])],),
        )

    @cached_property
    def files(self) -> tuple[FileReference, ...]:
        """The files of all figures, newest first."""
        found = [self.references[key] for key in np.unique(self.file).tolist()]
        return tuple(sorted(found, key=lambda item: (str(item.published_on), item.id), reverse=True))

    @property
    def demonstration(self) -> bool:
        return any(file.demonstration for file in self.files)

    @cached_property
    def bases(self) -> tuple[Basis, ...]:
        return tuple(basis_of(code) for code in np.unique(self.basis).tolist())

    @cached_property
    def maturities(self) -> tuple[Maturity, ...]:
        return tuple(Maturity(code) for code in np.unique(self.maturity).tolist())


def published(value: float) -> float | None:
    """A number of a column, None for NaN."""
    return None if isnan(value) else float(value)


@dataclass(frozen=True, eq=False)
class RankingInput:
    """What a ranking is made of. `ours` and `peers` are codes, `names` what pages call organisations.

    `references` are the store's files by the keys that columns name them with.
    """

    register: Register
    references: Mapping[int, FileReference]
    indicator: Indicator
    comparison: Comparison
    period: Period
    breakdown: str
    columns: Columns
    ours: Collection[str]
    peers: Collection[str]
    names: Mapping[str, str]


def ranking(given: RankingInput) -> Ranking:
    """The organisations of a comparison that have a value in the period, lowest first, by code where equal."""
    register, columns = given.register, given.columns
    keys, value = columns.organisations, columns.values
    wanted = ~np.isnan(value) & (columns.periods == given.period.key)
    if len(keys):
        wanted &= register.belonging(given.comparison, keys, given.period)
    rows = np.flatnonzero(wanted)
    rows = rows[np.lexsort((register.alphabetical[keys[rows]], value[rows]))]
    ordered = keys[rows]
    ours = np.isin(ordered, register.of(given.ours))
    limited = len(columns.lower) > 0 and not np.isnan(columns.lower[rows]).all()
    return Ranking(
        register=register,
        references=given.references,
        indicator=given.indicator,
        period=given.period,
        breakdown=given.breakdown,
        keys=ordered,
        numerator=columns.numerators[rows],
        denominator=columns.denominators[rows],
        value=value[rows],
        maturity=columns.maturities[rows],
        basis=columns.bases[rows],
        derived=columns.derived[rows] > 0,
        file=columns.files[rows],
        limits=(columns.lower[rows], columns.upper[rows]) if limited else None,
        ours=ours,
        peers=np.isin(ordered, register.of(given.peers)) & ~ours,
        names=given.names,
    )
