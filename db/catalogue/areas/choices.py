"""The areas that a reader can choose from: boards by region, as on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from db.catalogue.areas.derivation import plain_name
from db.domain import Catalogue, Organisation, OrganisationType


@dataclass(frozen=True)
class RegionBoards:
    """A region and its boards, by name."""

    region: Organisation
    boards: tuple[Organisation, ...]


@lru_cache(maxsize=16)
def boards_by_region(catalogue: Catalogue, day: date) -> tuple[RegionBoards, ...]:
    """The integrated care boards that were open on a day, by the region that they belonged to then, both by name."""
    known = catalogue.organisations.values()
    boards = [
        item
        for item in known
        if item.type is OrganisationType.ICB
        and (item.opened_on is None or item.opened_on <= day)
        and (item.closed_on is None or item.closed_on >= day)
    ]
    regions = sorted((item for item in known if item.type is OrganisationType.REGION), key=plain_name)
    return tuple(
        RegionBoards(
            region,
            tuple(
                sorted(
                    (
                        board
                        for board in boards
                        if any(
                            parent.code == region.code and parent.in_force(day) for parent in board.parents
                        )
                    ),
                    key=plain_name,
                )
            ),
        )
        for region in regions
    )
