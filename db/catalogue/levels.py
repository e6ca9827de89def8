"""How fresh a source is at each level that it owes figures of: areas, trusts, teams, practices, councils, England."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from db.catalogue import load_catalogue
from db.catalogue.publication import Expected
from db.catalogue.source_files import expected_next
from db.domain import Indicator, OrganisationType, Period, comparable_frequencies
from db.domain.holdings import LatestPeriod

LEVELS: Mapping[str, Collection[OrganisationType]] = {
    "areas": (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION, OrganisationType.ICB),
    "trusts": (OrganisationType.TRUST,),
    "teams": (OrganisationType.STROKE_TEAM,),
    "practices": (OrganisationType.PRACTICE,),
    "authorities": (OrganisationType.UPPER_TIER_AUTHORITY, OrganisationType.DISTRICT),
    "England": (OrganisationType.COUNTRY,),
}
"""A level in words to its types of organisation: figures of CCGs are followed by those of what came after them."""


@dataclass(frozen=True)
class LevelFreshness:
    """A level of a source: the last period held and the one that should be. `overdue` is in days, 0 for on time.

    `expected` is None where the source has no usual day, and where only indicators that ended have the level.
    """

    level: str
    period: Period
    expected: Expected | None
    overdue: int


def plans() -> tuple[str, ...]:
    """The indicators whose figures are plans or projections: their periods still run or are to come, so how far a
    source's figures reach is told without them.
    """
    return tuple(item.id for item in load_catalogue().indicators.values() if item.looks_ahead)


def level_freshness(
    indicators: Iterable[Indicator],
    latest: Iterable[LatestPeriod],
    today: date,
    levels: Mapping[str, Collection[OrganisationType]] = LEVELS,
    *,
    coming: Collection[str] = (),
) -> tuple[LevelFreshness, ...]:
    """The levels held of one source's indicators, the longest overdue first, then in the order of `levels`.

    A level is owed where an indicator in force declares it and the store has ever held it for the source. What only
    indicators that ended have is told where nothing of the source is owed. The sources of `coming` are being loaded for
    the first time: of them nothing is owed yet.
    """
    known = {item.id: item for item in indicators}
    held: dict[tuple[str, bool], list[Period]] = {}
    for item in latest:
        own = known.get(item.indicator)
        if (
            own is None
            or own.looks_ahead
            or item.period.frequency not in comparable_frequencies(own.frequency)
        ):
            continue
        owed = item.organisation_type in own.organisation_types and (
            own.valid_to is None or own.valid_to >= today
        )
        for level in (words for words, types in levels.items() if item.organisation_type in types):
            held.setdefault((level, owed), []).append(item.period)
    found, any_owed = [], any(owed for _, owed in held)
    for level in levels:
        periods = held.get((level, any_owed))
        if not periods:
            continue
        newest = max(periods, key=lambda period: (period.end, period.start))
        source = next(iter(known.values())).source_id
        owed = (level, True) in held and source not in coming
        expected = expected_next(source, newest) if owed else None
        found.append(LevelFreshness(level, newest, expected, expected.overdue(today) if expected else 0))
    return tuple(sorted(found, key=lambda item: -item.overdue))
