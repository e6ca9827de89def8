"""Boundary files: recognised, placed on the plane, simplified alike for neighbours, matched or named."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from db.catalogue import EarlierName, earlier_names, load_catalogue
from db.domain import Organisation, OrganisationType
from db.domain.outline import Outline, of_one_edition
from db.figures.boundaries import boundaries, keep_boundaries
from db.figures.data_version import data_version
from db.store import Store, open_store
from etl.__main__ import application
from etl.reference.outlines.boundary_file import BoundaryFile, read_boundaries
from etl.reference.outlines.matching import SPECK, TOLERANCE, Matched, match
from etl.reference.outlines.projection import national_grid
from etl.reference.outlines.simplify import Ring, area_of, simplified, without_specks
from etl.source import RawFile, SourceError
from tests.support.publications.boundary_files import ccg, cell, feature, geojson, ring, two_ccgs

NAME = "Clinical_Commissioning_Groups_(April_2019)_EN_BUC.geojson"


def read(content: bytes, name: str = NAME) -> BoundaryFile:
    return read_boundaries(RawFile(name, content))


def matched(file: BoundaryFile) -> Matched:
    return match(file, load_catalogue().organisations, earlier_names())


def test_the_projection_is_the_national_grids() -> None:
    """Ordnance Survey, A guide to coordinate systems in Great Britain, annex C: the worked example."""
    latitude = 52 + 39 / 60 + 27.2531 / 3600
    longitude = 1 + 43 / 60 + 4.5177 / 3600
    ((easting, northing),) = national_grid(np.array([[longitude, latitude]]))
    assert easting == pytest.approx(651_409.903, abs=0.01)
    assert northing == pytest.approx(313_177.270, abs=0.01)


def test_a_ccg_file_in_degrees_is_read_as_metres() -> None:
    file = read(geojson(two_ccgs()))
    assert (file.type, file.edition) == (OrganisationType.CCG, "2019-04")
    ashford, thanet = file.areas
    assert (ashford.ons_code, ashford.ods_code, ashford.name) == ("E38000001", "", "NHS Ashford CCG")
    assert (len(ashford.rings), len(thanet.rings)) == (1, 2)
    width = 0.3 * math.cos(math.radians(51.15)) * 111_320
    height = 0.3 * 111_250
    assert area_of(ashford.rings[0]) == pytest.approx(width * height, rel=0.01)
    east, north = np.mean(ashford.rings[0], axis=0)
    assert east == pytest.approx(592_500, abs=2_000)
    assert north == pytest.approx(143_000, abs=2_000)


def test_metres_stay_metres() -> None:
    file = read(geojson(two_ccgs(degrees=False), crs="urn:ogc:def:crs:EPSG::27700"))
    assert min(x for x, _ in file.areas[0].rings[0]) < 590_000 + 2_000
    assert (590_000.0, 130_000.0) in file.areas[0].rings[0]


@pytest.mark.parametrize(
    ("columns", "kind", "edition"),
    [
        (("SICBL23CD", "SICBL23NM"), OrganisationType.SUB_ICB_LOCATION, "2023"),
        (("sicbl24cd", "sicbl24nm"), OrganisationType.SUB_ICB_LOCATION, "2024"),
        (("ICB22CD", "ICB22NM"), OrganisationType.ICB, "2022"),
        (("CCG21CD", "CCG21NM"), OrganisationType.CCG, "2021"),
    ],
)
def test_the_columns_say_what_areas_they_are_and_of_which_year(
    columns: tuple[str, str], kind: OrganisationType, edition: str
) -> None:
    area = feature({columns[0]: "E1", columns[1]: "An area"}, cell(0, 0, 0.5, 51, 0.2))
    file = read(geojson([area]), "areas.geojson")
    assert (file.type, file.edition) == (kind, edition)


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("Sub_Integrated_Care_Board_Locations_April_2023_EN_BGC_1.geojson", "2023-04"),
        ("SICBL_JUL_2023_EN_BUC.geojson", "2023-07"),
        ("SICBL_JUL_2022_EN_BUC.geojson", "2023"),
        ("Sub_ICB_Locations_(July_2023)_Boundaries.geojson", "2023-07"),
        ("download.json", "2023"),
    ],
)
def test_the_month_of_an_edition_is_in_the_files_name(name: str, edition: str) -> None:
    area = feature({"SICBL23CD": "E1", "SICBL23NM": "An area"}, cell(0, 0, 0.5, 51, 0.2))
    assert read(geojson([area]), name).edition == edition


def test_of_nested_areas_the_smallest_are_taken() -> None:
    properties = {"ICB23CD": "E54", "ICB23NM": "Board", "SICBL23CD": "E38", "SICBL23NM": "Part"}
    file = read(geojson([feature(properties, cell(0, 0, 0.5, 51, 0.2))]))
    assert (file.type, file.areas[0].name) == (OrganisationType.SUB_ICB_LOCATION, "Part")


SQUARE = cell(0, 0, 0.5, 51, 0.2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "wanted GeoJSON, found an empty file"),
        (b"PK\x03\x04", "a zip file: a shapefile must be downloaded as GeoJSON"),
        (b"<!DOCTYPE html><html></html>", "found a web page"),
        (b"code,name\n", "cannot be read as JSON"),
        (b"\xff\xfe\x00", "cannot be read as JSON"),
        (b"[1, 2]", "a FeatureCollection.*found list instead"),
        (b'{"type": "Topology"}', "found Topology instead"),
        (b'{"type": "FeatureCollection", "features": []}', "wanted areas, found none"),
        (b'{"type": "FeatureCollection", "features": [3]}', "area 1: wanted an area with its properties"),
        (
            geojson([feature({"LAD23CD": "E07", "LAD23NM": "Ashford"}, SQUARE)]),
            "CCGs, sub-ICB locations or ICBs .* found the properties LAD23CD, LAD23NM",
        ),
        (geojson([feature({"CCG19CD": "E38"}, SQUARE)]), "found the properties CCG19CD"),
        (geojson([feature(ccg(1, ""), SQUARE)]), "area 1: wanted a value of CCG19NM, found none"),
        (geojson([feature(ccg(1, "A"), SQUARE), feature(ccg(1, "B"), SQUARE)]), "E38000001 more than once"),
        (
            geojson([{"type": "Feature", "properties": ccg(1, "A"), "geometry": None}]),
            "wanted a Polygon or MultiPolygon, found no shape",
        ),
        (
            geojson(
                [{**feature(ccg(1, "A"), SQUARE), "geometry": {"type": "Point", "coordinates": [0, 51]}}]
            ),
            "found Point",
        ),
        (geojson([feature(ccg(1, "A"), SQUARE[:-1])]), "wanted closed rings of four or more points"),
        (
            geojson([{**feature(ccg(1, "A"), SQUARE), "geometry": {"type": "Polygon", "coordinates": [7]}}]),
            "wanted closed rings",
        ),
        (
            geojson(
                [{**feature(ccg(1, "A"), SQUARE), "geometry": {"type": "Polygon", "coordinates": {"a": 1}}}]
            ),
            "wanted",
        ),
        (geojson([feature(ccg(1, "A"), cell(0, 0, 13.0, 52, 0.2))]), "wanted points in England"),
        (geojson([feature(ccg(1, "A"), SQUARE)], crs="EPSG:3857"), "WGS84 or on the British National Grid"),
        (geojson([feature(ccg(1, "A"), SQUARE)], crs="EPSG::27700"), "wanted metres on the National Grid"),
        (geojson(two_ccgs(degrees=False), crs="urn:ogc:def:crs:OGC:1.3:CRS84"), "wanted degrees"),
    ],
)
def test_what_is_no_boundary_file_is_refused_in_plain_words(content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read(content)
    assert str(caught.value).startswith(NAME)


def distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far a point lies from a line, in the plainest way."""
    (px, py), (ax, ay), (bx, by) = point, start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    share = (
        0.0 if length == 0 else max(0.0, min(1.0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length))
    )
    return math.hypot(px - ax - share * (bx - ax), py - ay - share * (by - ay))


def off_the_line(ring: Ring, thin: Ring) -> float:
    """How far the farthest point of a ring lies from the thinned one."""
    sides = list(zip(thin, [*thin[1:], thin[0]], strict=True))
    return max(min(distance(point, *side) for side in sides) for point in ring)


def test_thinned_outlines_stay_within_the_tolerance_and_lose_most_points() -> None:
    rings = [area.rings for area in read(geojson(two_ccgs())).areas]
    thin = simplified(rings, TOLERANCE)
    for before, after in zip(rings, thin, strict=True):
        for one, other in zip(before, after, strict=True):
            assert set(other) <= set(one)
            assert len(other) < 0.75 * len(one)
            assert off_the_line(one, other) <= TOLERANCE
            assert area_of(other) == pytest.approx(area_of(one), rel=0.01)


def test_neighbours_keep_the_same_points_of_their_common_border() -> None:
    grid = [cell(column, row, 0.0, 0.0, 10_000.0)[:-1] for column in range(3) for row in range(3)]
    rings = [[tuple((round(x), round(y)) for x, y in one)] for one in grid]
    turned = [[tuple(reversed(one[0]))] if place % 2 else one for place, one in enumerate(rings)]
    thin = simplified(turned, 300.0)
    assert sum(len(one) for (one,) in thin) < 0.6 * sum(len(one) for (one,) in rings)
    for place, (mine,) in enumerate(turned):
        for other_place, (other,) in enumerate(turned):
            common = set(mine) & set(other)
            if place != other_place and common:
                assert set(thin[place][0]) & common == set(thin[other_place][0]) & common


def test_a_hole_and_the_area_that_fills_it_stay_alike() -> None:
    outer = ring([(0.0, 0.0), (9_000.0, 0.0), (9_000.0, 9_000.0), (0.0, 9_000.0)])[:-1]
    inner = ring([(3_000.0, 3_000.0), (6_000.0, 3_000.0), (6_000.0, 6_000.0), (3_000.0, 6_000.0)])[:-1]
    rotated = [*inner[50:], *inner[:50]][::-1]
    surrounding, filling = simplified([[tuple(outer), tuple(inner)], [tuple(rotated)]], 100.0)
    assert set(surrounding[1]) == set(filling[0])
    assert len(filling[0]) < len(inner)


def test_specks_are_left_out_unless_they_are_all_of_an_area() -> None:
    large: Ring = ((0.0, 0.0), (5_000.0, 0.0), (5_000.0, 5_000.0), (0.0, 5_000.0))
    speck: Ring = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0))
    assert area_of(large) == 25_000_000
    assert without_specks([speck, large], SPECK) == [large]
    assert without_specks([speck], SPECK) == [speck]


def test_an_area_is_matched_by_its_exact_name_or_its_ods_code_and_never_by_likeness() -> None:
    areas = [
        feature(ccg(1, "NHS Ashford CCG"), SQUARE),
        feature(ccg(2, "nhs  thanet ccg"), SQUARE),
        feature(ccg(3, "NHS Medway"), SQUARE),
        feature(ccg(4, "NHS Kent and Medway CCG"), SQUARE),
    ]
    found = matched(read(geojson(areas)))
    assert [item.code for item in found.outlines] == ["09C", "10E", "91Q"]
    assert found.outlines[2].type is OrganisationType.CCG
    (finding,) = found.findings
    assert finding.count == 1
    assert "E38000003 NHS Medway" in finding.message


def test_an_ods_code_in_the_file_is_taken_and_an_unknown_one_named() -> None:
    properties = [
        {"SICBL23CD": "E1", "SICBL23CDH": "91Q", "SICBL23NM": "Whatever it is called"},
        {"SICBL23CD": "E2", "SICBL23CDH": "XX9", "SICBL23NM": "NHS Devon ICB - 15N"},
    ]
    found = matched(read(geojson([feature(item, SQUARE) for item in properties])))
    assert [item.code for item in found.outlines] == ["91Q"]
    assert "XX9 NHS Devon ICB - 15N" in found.findings[0].message


def test_a_name_that_two_organisations_bear_is_no_match() -> None:
    known = {code: Organisation(code, "NHS Twin CCG", OrganisationType.CCG) for code in ("01A", "01B")} | {
        "02A": Organisation("02A", "NHS Single CCG", OrganisationType.CCG)
    }
    areas = [feature(ccg(1, "NHS Twin CCG"), SQUARE), feature(ccg(2, "NHS Single CCG"), SQUARE)]
    none: dict[str, tuple[EarlierName, ...]] = {}
    found = match(read(geojson(areas)), known, none)
    assert [item.code for item in found.outlines] == ["02A"]
    assert "one of 01A, 01B" in found.findings[0].message


def test_a_file_without_any_known_area_is_refused() -> None:
    with pytest.raises(SourceError, match="E38000001 NHS Nowhere CCG, none of them known"):
        matched(read(geojson([feature(ccg(1, "NHS Nowhere CCG"), SQUARE)])))


def test_two_areas_of_one_organisation_are_refused() -> None:
    areas = [feature(ccg(n, "NHS Ashford CCG"), SQUARE) for n in (1, 2)]
    with pytest.raises(SourceError, match="found 09C more than once"):
        matched(read(geojson(areas)))


def outline(code: str, edition: str, east: float = 0.0) -> Outline:
    rings: tuple[Ring, ...] = (((east, 0.0), (east + 10.0, 0.0), (east + 10.0, 10.5)),)
    return Outline(code, f"Area {code}", OrganisationType.CCG, edition, rings, "made-up.geojson")


def test_outlines_are_kept_newest_edition_first_and_replaced_within_one(store: Store) -> None:
    with store.writing() as connection:
        keep_boundaries(connection, [outline("09C", "2018-04"), outline("10E", "2018-04")])
        keep_boundaries(connection, [outline("09C", "2019-04"), outline("09C", "2019")])
        keep_boundaries(connection, [outline("10E", "2018-04", east=5.0)])
    with store.reading() as connection:
        found = boundaries(connection, ["09C", "10E", "nowhere"])
        other = boundaries(connection, ["09J"])
    assert [(item.code, item.edition) for item in found] == [
        ("09C", "2019-04"), ("09C", "2019"), ("09C", "2018-04"), ("10E", "2018-04"),
    ]  # fmt: skip
    assert found[3] == outline("10E", "2018-04", east=5.0)
    assert other == ()
    both = of_one_edition(found, ["09C", "10E"])
    assert [(item.code, item.edition) for item in both] == [("09C", "2018-04"), ("10E", "2018-04")]
    assert [item.edition for item in of_one_edition(found, ["09C"])] == ["2019-04"]
    assert of_one_edition(found, ["09C", "09J"]) == ()


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    return lambda *arguments: CliRunner().invoke(application, ["boundaries", *map(str, arguments)])


def test_the_command_loads_what_is_good_and_refuses_the_rest_by_name(
    run: Callable[..., Result], write: Callable[[str, bytes], Path], sqlite_url: str
) -> None:
    good = write(NAME, geojson([*two_ccgs(), feature(ccg(3, "NHS Nowhere CCG"), cell(2, 0, 0.6, 51.0, 0.3))]))
    bad = write("page.html", b"<html></html>")
    finished = run(good, bad)
    assert finished.exit_code == 1
    said = " ".join(finished.stdout.split())
    assert f"loaded {NAME}: 2 of 3 areas, CCG, edition 2019-04" in said
    assert "left out: E38000003 NHS Nowhere CCG" in said
    assert "REFUSED page.html" in finished.output
    store = open_store(sqlite_url)
    with store.reading() as connection:
        found = boundaries(connection, ["09C", "10E"])
        assert data_version(connection).number == 0
    store.close()
    assert [item.name for item in found] == ["NHS Ashford CCG", "NHS Thanet CCG"]
    assert len(found[1].rings) == 2
    assert run(good).exit_code == 0


def test_what_is_stored_is_whole_metres(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    found = matched(read(geojson(two_ccgs())))
    with store.writing() as connection:
        keep_boundaries(connection, found.outlines)
        rings = connection.exec_driver_sql("SELECT rings FROM boundary").scalars().all()
    store.close()
    numbers = [value for text in rings for one in json.loads(text) for point in one for value in point]
    assert numbers
    assert all(isinstance(value, int) for value in numbers)
