"""Tiles: every area of a day in a place of its own, as it lies to its neighbours."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import shapely

from db.catalogue import CatalogueError, load_catalogue
from db.catalogue.places.ons_codes import codes_by_ons_code
from db.catalogue.places.tiles import TILES, read_tiles, tile_layouts, tiles_of
from db.domain import Organisation, OrganisationType
from etl.reference.outlines.boundary_file import read_boundaries
from etl.source import RawFile

AREAS = (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)
DAYS = {
    "ICBs of April 2026": ((OrganisationType.ICB,), date(2026, 4, 1), 36),
    "ICBs of July 2022": ((OrganisationType.ICB,), date(2022, 7, 1), 42),
    "sub-ICB locations of April 2026": (AREAS, date(2026, 4, 1), 106),
    "sub-ICB locations of July 2022": (AREAS, date(2022, 7, 1), 106),
    "CCGs of April 2020": (AREAS, date(2020, 4, 1), 135),
    "CCGs of March 2020": (AREAS, date(2020, 3, 31), 191),
}
NEIGHBOURS = """91Q-97R 91Q-72Q 97R-09D 09D-70F 70F-92A 15N-11N 15N-11X 11X-11J 11J-D9Y0V 36L-92A 36L-72Q 36L-W2U3Z
W2U3Z-93C 93C-A3A8R A3A8R-07H 07H-06Q 06Q-06T 06T-06L 06L-07K 06L-26A 26A-06H 00L-01H 00L-13T 13T-00P 84H-16C
15F-03R 03R-X2C4Y 99A-01J 01X-02H 14L-01W 00T-01G 02P-03N 03N-03L 27D-12F 18C-11M 11M-10Q 10Q-14Y 15E-D2P2L"""
"""Pairs that share a border, as any map of England shows."""


def open_on(item: Organisation, day: date) -> bool:
    return (item.opened_on or day) <= day <= (item.closed_on or day)


def test_every_area_of_a_day_has_a_place_of_its_own() -> None:
    known = load_catalogue().organisations
    assert list(tile_layouts()) == list(DAYS)
    for name, (kinds, day, count) in DAYS.items():
        layout = tile_layouts()[name]
        assert set(layout) == {c for c, item in known.items() if item.type in kinds and open_on(item, day)}
        assert len(set(layout.values())) == count
        assert min(column for column, _ in layout.values()) == min(row for _, row in layout.values()) == 0


def test_neighbours_mostly_touch_and_the_country_has_its_shape() -> None:
    layout = tile_layouts()["sub-ICB locations of July 2022"]
    pairs = [pair.split("-") for pair in NEIGHBOURS.split()]
    touching = [
        max(abs(layout[one][0] - layout[other][0]), abs(layout[one][1] - layout[other][1])) == 1
        for one, other in pairs
    ]
    assert sum(touching) / len(touching) > 0.8
    for name in ("ICBs of April 2026", "ICBs of July 2022"):
        boards = tile_layouts()[name]
        cornwall, kent, north_east = boards["QT6"], boards["QKS"], boards["QHM"]
        assert cornwall == (0, max(row for _, row in boards.values()))
        assert north_east[1] == 0
        assert kent[0] >= boards["QKK"][0] > boards["QWE"][0]
        assert kent[1] > boards["QMF"][1]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("ons-icb-april-2026-bsc.geojson", "ICBs of April 2026"),
        ("SICBL.geojson", "sub-ICB locations of July 2022"),
        ("ccg20.geojson", "CCGs of April 2020"),
    ],
)
def test_four_of_five_neighbours_of_the_real_boundaries_touch(
    shared_data: Path, name: str, layout: str
) -> None:
    content = (shared_data / "reference" / "boundaries" / name).read_bytes()
    areas = read_boundaries(RawFile(name, content)).areas
    shapes = [area.shape for area in areas]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=200.0)
    places = [tile_layouts()[layout][codes_by_ons_code()[area.ons_code]] for area in areas]
    near = [
        max(abs(places[a][0] - places[b][0]), abs(places[a][1] - places[b][1])) == 1
        for a, b in zip(one.tolist(), other.tolist(), strict=True)
        if a < b
    ]
    assert sum(near) / len(near) > 0.8


def test_areas_stand_beside_each_other_from_the_top_left() -> None:
    kent = tiles_of(["09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"])
    assert kent == {
        "09J": (0, 0), "09W": (1, 0), "10D": (2, 0), "10E": (4, 0),
        "99J": (0, 1), "09C": (2, 1), "09E": (3, 1), "10A": (3, 2),
    }  # fmt: skip
    assert tiles_of(["RVV", "09C"]) == {}
    assert tiles_of([]) == {}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A,91Q,0,0\nA,97R,0,0", "line 3, row: wanted a place of its own"),
        ("A,91Q,0,0\nA,91Q,1,0", "line 3, code: wanted each code once"),
        ("A,91Q,0,-1", "line 2, row: wanted a whole number"),
        ("A,ZZZ,0,0", "line 2, code: wanted a code of organisations.csv"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_line(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / TILES).write_text(f"layout,code,column,row\n{rows}\n")
    with pytest.raises(CatalogueError, match=f"^tiles.csv, {message}"):
        read_tiles(tmp_path)
