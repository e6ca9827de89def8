"""What an organisation's page reads: its own figures, those of its kind, what it belongs to, and its practices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from db.domain import Indicator
from db.domain.columns import Columns
from db.domain.organisation import OrganisationChoice
from db.domain.reading import AsOf, Reading, Selection, Slice
from db.figures.code_lists import parents_of
from db.figures.observations import readings, slice_figures
from stp_dash.analysis.kinds import Comparison
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.standing.spine import Spread, spread_of
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader

Place = tuple[Slice, Comparison | None]
"""A slice, and the kind of organisation that it is looked at for."""


@dataclass(frozen=True)
class Peers:
    """The spread of a kind in a slice, and the national readings by code."""

    spread: Spread | None = None
    national: Mapping[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True)
class PeersKey(CacheKey[dict[Place, Peers]]):
    """The peers by place in figures of a source, as far as they were asked for: now, and at the last few times."""

    as_of: AsOf
    source: str
    most: ClassVar[int] = 200

    @property
    def of_source(self) -> str:
        """Its own source."""
        return self.source


@dataclass(frozen=True)
class ParentsKey(CacheKey[tuple[OrganisationChoice, ...]]):
    """What an organisation belongs or belonged to."""

    code: str
    of_names: ClassVar[bool] = True


class OrganisationReader(StoreReader):
    """The page's queries."""

    def parents(self, code: str) -> tuple[OrganisationChoice, ...]:
        """What an organisation belongs or belonged to."""
        return self.cached(ParentsKey(code), lambda: self.parents_of_all([code]).get(code, ()))

    def parents_of_all(self, codes: Collection[str]) -> Mapping[str, tuple[OrganisationChoice, ...]]:
        """What each of a few organisations belongs or belonged to: one query."""
        return parents_of(self.connection, self.code_lists, codes)

    def readings_of_now(self, selections: Sequence[Selection]) -> tuple[Reading, ...]:
        """The readings of some selections as they are now, whatever time is asked for: one query."""
        return readings(self.connection, self.code_lists, selections)

    def peers(self, places: Iterable[Place], as_of: AsOf) -> Mapping[Place, Peers]:
        """The peers in each place, kept for every organisation of the kind: now, and at the last few times asked for.

        At most one query, however many places.
        """
        known, wanted = self.request.site.store.catalogue.indicators, list(dict.fromkeys(places))
        kept = {
            place: self.cached(PeersKey(as_of, known[place[0].indicator].source_id), dict[Place, Peers])
            for place in wanted
        }
        missing = [place for place in wanted if place not in kept[place]]
        if missing:
            for place, found in self._peers(missing, as_of).items():
                kept[place][place] = found
        return {place: kept[place][place] for place in wanted}

    def _peers(self, places: Sequence[Place], as_of: AsOf) -> dict[Place, Peers]:
        known = self.request.site.store.catalogue.indicators
        slices = list(dict.fromkeys(cut for cut, _ in places))
        named = {code for cut in slices for code in comparator_codes(known[cut.indicator])}
        kinds = {kind for _, comparison in places if comparison for kind in comparison.types}
        found = {
            (cut, trust_kind): figures
            for trust_kind, own in _by_trust_kind(places).items()
            for cut, figures in slice_figures(
                self.connection, self.code_lists, own, named, as_of, kinds=kinds, trust_kind=trust_kind
            ).items()
        }
        return {
            (cut, comparison): Peers(
                self._spread(known[cut.indicator], cut, comparison, found[cut, _trust_kind(comparison)][0]),
                {item.organisation: item for item in found[cut, _trust_kind(comparison)][1]},
            )
            for cut, comparison in places
        }

    def _spread(
        self, indicator: Indicator, cut: Slice, comparison: Comparison | None, every: Columns
    ) -> Spread | None:
        if comparison is None or indicator.is_order:
            return None
        own = self.register.belonging(comparison, every.organisations, cut.period)
        return spread_of(indicator, every.denominators[own], every.values[own])


def _trust_kind(comparison: Comparison | None) -> str:
    return comparison.trust_kind or "" if comparison else ""


def _by_trust_kind(places: Iterable[Place]) -> Mapping[str, Collection[Slice]]:
    """The slices to read of each kind of trust; "" for those that are read of every organisation."""
    found: dict[str, dict[Slice, None]] = {}
    for cut, comparison in places:
        found.setdefault(_trust_kind(comparison), {})[cut] = None
    return found
