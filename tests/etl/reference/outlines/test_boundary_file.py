"""Boundary files: recognised, placed on the plane, or refused in plain words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from db.catalogue import earlier_names, load_catalogue
from db.domain import OrganisationType
from etl.reference.outlines.boundary_file import BoundaryFile, read_boundaries
from etl.reference.outlines.matching import Matched, match
from etl.reference.outlines.shapes import national_grid, rings_of
from etl.source import RawFile, SourceError
from tests.support.publications.boundary_files import ccg, cell, feature, geojson, two_ccgs

NAME = "Clinical_Commissioning_Groups_(April_2019)_EN_BUC.geojson"


def read(content: bytes, name: str = NAME) -> BoundaryFile:
    return read_boundaries(RawFile(name, content))


def matched(file: BoundaryFile) -> Matched:
    return match(file, load_catalogue().organisations, earlier_names())


def test_the_projection_is_the_national_grids() -> None:
    """Ordnance Survey, A guide to coordinate systems in Great Britain, annex C: the water tower at Caister."""
    latitude, longitude = 52.658007833, 1.716073973
    ((easting, northing),) = national_grid(np.array([[longitude, latitude]]))
    assert easting == pytest.approx(651_409.804, abs=5.0)
    assert northing == pytest.approx(313_177.450, abs=5.0)


def test_a_ccg_file_in_degrees_is_read_as_metres() -> None:
    file = read(geojson(two_ccgs()))
    assert (file.type, file.edition) == (OrganisationType.CCG, "2019-04")
    ashford, thanet = file.areas
    assert (ashford.ons_code, ashford.ods_code, ashford.name) == ("E38900001", "", "NHS Ashford CCG")
    assert (ashford.shape.geom_type, thanet.shape.geom_type) == ("Polygon", "MultiPolygon")
    width = 0.3 * math.cos(math.radians(51.15)) * 111_320
    height = 0.3 * 111_250
    assert ashford.shape.area == pytest.approx(width * height, rel=0.01)
    east, north = ashford.shape.centroid.coords[0]
    assert east == pytest.approx(592_500, abs=2_000)
    assert north == pytest.approx(143_000, abs=2_000)


def test_metres_stay_metres() -> None:
    file = read(geojson(two_ccgs(degrees=False), crs="urn:ogc:def:crs:EPSG::27700"))
    assert (590_000.0, 130_000.0) in file.areas[0].shape.boundary.coords


@pytest.mark.parametrize(
    ("columns", "kind", "edition"),
    [
        (("SICBL23CD", "SICBL23NM"), OrganisationType.SUB_ICB_LOCATION, "2023"),
        (("sicbl24cd", "sicbl24nm"), OrganisationType.SUB_ICB_LOCATION, "2024"),
        (("ICB22CD", "ICB22NM"), OrganisationType.ICB, "2022"),
        (("CCG21CD", "CCG21NM"), OrganisationType.CCG, "2021"),
        (("CTYUA24CD", "CTYUA24NM"), OrganisationType.UPPER_TIER_AUTHORITY, "2024"),
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
            "CCGs, sub-ICB locations, ICBs or upper-tier authorities .* found the properties LAD23CD, LAD23NM",
        ),
        (geojson([feature({"CCG19CD": "E38"}, SQUARE)]), "found the properties CCG19CD"),
        (geojson([feature(ccg(1, ""), SQUARE)]), "area 1: wanted a value of CCG19NM, found none"),
        (geojson([feature(ccg(1, "A"), SQUARE), feature(ccg(1, "B"), SQUARE)]), "E38900001 more than once"),
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
        (geojson([feature(ccg(1, "A"), [(y, x) for x, y in SQUARE])]), "latitude stands before longitude"),
        (
            geojson([feature(ccg(1, "A"), cell(0, 0, 67_000.0, 6_660_000.0, 30_000.0))]),
            "metres as web maps have them",
        ),
        (
            geojson(
                [feature(ccg(1, "A"), [(0.5, 51.0), (0.7, 51.2), (0.7, 51.0), (0.5, 51.2), (0.5, 51.0)])]
            ),
            "area 1: wanted an outline of A that does not cross itself, found one that does at",
        ),
        (
            geojson([feature(ccg(1, "A"), [(0.5, 51.0)] * 5)]),
            "area 1: wanted an outline of A that encloses an area, found one of 0 square metres",
        ),
        (
            geojson(
                [
                    feature(ccg(1, "A"), cell(0, 0, 590_000.0, 130_000.0, 20_000.0)),
                    feature(ccg(2, "B"), SQUARE),
                ]
            ),
            "area 2: wanted an outline of B that encloses an area",
        ),
        (b"[" * 200_000, "cannot be read as JSON"),
        (
            geojson([feature({"CTYUA24CD": "W06000001", "CTYUA24NM": "Anglesey"}, SQUARE)]),
            "wanted areas of England, found CTYUA24CD of other countries alone",
        ),
        (geojson([feature(ccg(1, "A"), SQUARE)], crs="EPSG:3857"), "WGS84 or on the British National Grid"),
        (geojson([feature(ccg(1, "A"), SQUARE)], crs="EPSG::27700"), "wanted metres on the National Grid"),
        (geojson(two_ccgs(degrees=False), crs="urn:ogc:def:crs:OGC:1.3:CRS84"), "wanted degrees"),
    ],
)
def test_what_is_no_boundary_file_is_refused_in_plain_words(content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read(content)
    assert str(caught.value).startswith(NAME)


def test_a_small_crossing_is_mended_and_named() -> None:
    west, south = 590_000.0, 130_000.0
    square = [(west, south), (west + 20_000, south), (west + 20_000, south + 20_000), (west, south + 20_000)]
    loop = [(west + 100, south), (west, south + 100)]
    file = read(geojson([feature(ccg(1, "NHS Ashford CCG"), [*square, *loop[::-1], square[0]])]))
    assert [area.mended for area in file.areas] == [True]
    assert file.areas[0].shape.is_valid
    assert file.areas[0].shape.area == pytest.approx(4e8, rel=0.01)
    (finding,) = matched(file).findings
    assert finding.message == "outlines that crossed themselves, mended: NHS Ashford CCG"


def test_holes_are_no_part_of_an_area() -> None:
    hole = cell(0, 0, 595_000.0, 135_000.0, 5_000.0)
    with_hole = feature(ccg(1, "A"), cell(0, 0, 590_000.0, 130_000.0, 20_000.0))
    with_hole["geometry"]["coordinates"].append(hole)
    (area,) = read(geojson([with_hole])).areas
    assert area.shape.area == pytest.approx(4e8 - 25e6, rel=0.001)
    assert len(rings_of(area.shape)) == 2


def test_councils_of_other_countries_are_not_read() -> None:
    areas = [
        feature({"CTYUA24CD": "E10000016", "CTYUA24NM": "Kent"}, cell(0, 0, 0.5, 51.0, 0.2)),
        feature({"CTYUA24CD": "S12000033", "CTYUA24NM": "Aberdeen City"}, cell(0, 0, -2.3, 57.1, 0.1)),
    ]
    found = matched(read(geojson(areas)))
    assert [(item.code, item.type) for item in found.outlines] == [
        ("E10000016", OrganisationType.UPPER_TIER_AUTHORITY)
    ]
    assert "other countries, left out: 1 of them" in found.findings[0].message
