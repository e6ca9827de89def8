"""Where areas stand on a map of tiles, for a machine without boundaries.

`tiles.csv` has a layout for each set of areas of one day: a column and a row from the top left for every code, laid
from the areas' middles so that neighbours mostly touch and the coast keeps its shape, and looked over by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from db.catalogue import load_catalogue
from db.catalogue.organisation_files import CsvRow, read_rows

TILES: Final = "tiles.csv"
Layout = Mapping[str, tuple[int, int]]
"""The column and row of each area by its code, from nought."""
_FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def tile_layouts() -> Mapping[str, Layout]:
    """Every layout by its name, the newest areas of a kind first. Raises CatalogueError as `read_tiles` does."""
    return read_tiles(_FOLDER)


def read_tiles(folder: Path) -> Mapping[str, Layout]:
    """As `tile_layouts`, from a folder.

    Raises CatalogueError for a malformed row, an unknown code, a code twice in a layout and two areas in one place.
    """
    organisations = load_catalogue().organisations
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in read_rows(folder / TILES, ("layout", "code", "column", "row")):
        layout = found.setdefault(row.text("layout"), {})
        code, place = row.known("code", organisations), (_whole(row, "column"), _whole(row, "row"))
        if code in layout:
            raise row.fault("code", "each code once in a layout")
        if place in layout.values():
            raise row.fault("row", "a place of its own for each area of a layout")
        layout[code] = place
    return MappingProxyType(found)


def tiles_of(codes: Collection[str]) -> Layout:
    """Where some areas stand beside each other, from the first layout that has all of them; empty if none has."""
    layout = next((item for item in tile_layouts().values() if set(codes) <= set(item)), {})
    places = {code: layout[code] for code in codes if layout}
    left = min((column for column, _ in places.values()), default=0)
    top = min((row for _, row in places.values()), default=0)
    return {code: (column - left, row - top) for code, (column, row) in places.items()}


def _whole(row: CsvRow, column: str) -> int:
    if not (row.cells[column].isascii() and row.cells[column].isdigit()):
        raise row.fault(column, "a whole number from nought")
    return int(row.cells[column])
