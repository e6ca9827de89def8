"""Areas that a page can be about, put together from the catalogue: boards, regions, England and lists of one's own."""

from db.catalogue.areas.choices import RegionBoards, boards_by_region
from db.catalogue.areas.derivation import AREA_TYPES, area_of_members, derive_area, plain_name

__all__ = [
    "AREA_TYPES",
    "RegionBoards",
    "area_of_members",
    "boards_by_region",
    "derive_area",
    "plain_name",
]
