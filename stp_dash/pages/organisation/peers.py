"""All organisations of a kind beside one: their spread and the national figures, read once per state of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from db.catalogue.policy_dates import FORMER_CCGS_END, ICB_START
from db.domain import Indicator, OrganisationType, Period
from db.domain.reading import AsOf, Figure, Reading, Slice
from db.figures.observations import slice_figures
from stp_dash.analysis.kinds import COMPARISONS, Comparison, in_comparison
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.standing.spine import Spread, spread_of
from stp_dash.frame.cache import CacheKey
from stp_dash.pages.organisation.state import OrganisationState

_KINDS = {
    OrganisationType.TRUST: "trust",
    OrganisationType.STROKE_TEAM: "team",
    OrganisationType.SITE: "site",
    OrganisationType.ICB: "icb",
    OrganisationType.REGION: "region",
    OrganisationType.PRACTICE: "practice",
}

Place = tuple[Slice, Comparison | None]
"""A slice, and the kind of organisation that it is looked at for."""


@dataclass(frozen=True)
class Peers:
    """The spread of a kind in a slice, and the national readings by code."""

    spread: Spread | None = None
    national: Mapping[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True)
class PeersKey(CacheKey[dict[Place, Peers]]):
    """The peers by place, as far as they were asked for: now, and at the last few times."""

    as_of: AsOf
    most: ClassVar[int] = 17


def comparison_of(kind: OrganisationType, period: Period) -> Comparison | None:
    """The kind that a figure of a period stands among; the codes of CCGs live on in later areas."""
    if kind in (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION):
        if kind is OrganisationType.SUB_ICB_LOCATION and period.start >= ICB_START:
            return COMPARISONS["sub-icb"]
        former = kind is OrganisationType.CCG and period.start > FORMER_CCGS_END
        return COMPARISONS["former-ccg" if former else "ccg"]
    return COMPARISONS.get(_KINDS.get(kind, ""))


def peers_of(asked: OrganisationState, places: Iterable[Place], as_of: AsOf) -> Mapping[Place, Peers]:
    """The peers in each place, kept for every organisation of the kind: now, and at the last few times asked for.

    At most one query, however many places.
    """
    kept = asked.cached(PeersKey(as_of), dict[Place, Peers])
    missing = [place for place in dict.fromkeys(places) if place not in kept]
    if missing:
        kept.update(_read(asked, missing, as_of))
    return kept


def _read(asked: OrganisationState, places: Sequence[Place], as_of: AsOf) -> dict[Place, Peers]:
    known = asked.request.site.store.catalogue.indicators
    slices = list(dict.fromkeys(cut for cut, _ in places))
    named = {code for cut in slices for code in comparator_codes(known[cut.indicator])}
    kinds = {kind for _, comparison in places if comparison for kind in comparison.types}
    found = slice_figures(asked.connection, asked.code_lists, slices, named, as_of, kinds=kinds)
    return {
        (cut, comparison): Peers(
            _spread(asked, known[cut.indicator], cut, comparison, found[cut][0]),
            {item.organisation: item for item in found[cut][1]},
        )
        for cut, comparison in places
    }


def _spread(
    asked: OrganisationState,
    indicator: Indicator,
    cut: Slice,
    comparison: Comparison | None,
    every: Iterable[Figure],
) -> Spread | None:
    if comparison is None:
        return None
    organisations = asked.request.site.store.catalogue.organisations
    values = [
        (total, value)
        for code, kind, _, total, value in every
        if kind in comparison.types and in_comparison(comparison, organisations.get(code), cut.period.start)
    ]
    return spread_of(indicator, values)
