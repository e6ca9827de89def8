"""Areas of a file: matched by codes or exact names, simplified together, kept by edition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from db.catalogue import EarlierName, earlier_names, load_catalogue
from db.catalogue.places.tiles import tile_layouts
from db.domain import Organisation, OrganisationType
from db.domain.outline import Outline, Ring, of_one_edition
from db.figures.boundaries import boundaries, keep_boundaries
from db.store import Store, open_store
from etl.reference.outlines.boundary_file import BoundaryFile, read_boundaries
from etl.reference.outlines.matching import Matched, match
from etl.reference.outlines.shapes import MOST_POINTS, simplified
from etl.source import RawFile, SourceError
from tests.support.publications.boundary_files import ccg, cell, feature, geojson, two_ccgs

NAME = "Clinical_Commissioning_Groups_(April_2019)_EN_BUC.geojson"
SQUARE = cell(0, 0, 0.5, 51, 0.2)


def read(content: bytes, name: str = NAME) -> BoundaryFile:
    return read_boundaries(RawFile(name, content))


def matched(file: BoundaryFile) -> Matched:
    return match(file, load_catalogue().organisations, earlier_names())


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
    finding = found.findings[0]
    assert finding.count == 1
    assert "E38900003 NHS Medway" in finding.message


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
    with pytest.raises(SourceError, match="E38900001 NHS Nowhere CCG, none of them known"):
        matched(read(geojson([feature(ccg(1, "NHS Nowhere CCG"), SQUARE)])))


def test_two_areas_of_one_organisation_are_refused() -> None:
    areas = [feature(ccg(n, "NHS Ashford CCG"), SQUARE) for n in (1, 2)]
    with pytest.raises(SourceError, match="found 09C more than once"):
        matched(read(geojson(areas)))


def test_an_area_is_matched_by_its_code_at_the_ons() -> None:
    areas = [
        feature({"ccg20cd": "E38000237", "ccg20nm": "NHS Kent and Medway CCG"}, cell(0, 0, 0.5, 51.0, 0.2)),
        feature(
            {"ccg20cd": "E38000199", "ccg20nm": "West Kent, by another name"}, cell(1, 0, 0.5, 51.0, 0.2)
        ),
        feature({"ccg20cd": "E38000184", "ccg20nm": "NHS Ashford CCG"}, cell(2, 0, 0.5, 51.0, 0.2)),
        feature({"ccg20cd": "E54000032", "ccg20nm": "A board"}, cell(3, 0, 0.5, 51.0, 0.2)),
    ]
    found = matched(read(geojson(areas), "areas.geojson"))
    assert [item.code for item in found.outlines] == ["91Q", "99J"]
    assert found.findings[0].message.endswith(
        "E38000184 NHS Ashford CCG (the code is that of 10E, the name that of 09C), "
        "E54000032 A board (the code of a ICB)"
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "kind", "edition", "count"),
    [
        ("ons-icb-april-2026-bsc.geojson", OrganisationType.ICB, "2026-04", 36),
        ("SICBL.geojson", OrganisationType.SUB_ICB_LOCATION, "2022", 106),
        ("ccg20.geojson", OrganisationType.CCG, "2020", 135),
        ("ccg_2018_map.geojson", OrganisationType.CCG, "2019", 191),
    ],
)
def test_every_area_of_the_real_files_is_known_by_its_code(
    shared_data: Path, name: str, kind: OrganisationType, edition: str, count: int
) -> None:
    path = shared_data / "reference" / "boundaries" / name
    file = read_boundaries(RawFile(name, path.read_bytes()))
    found = matched(file)
    layout = next(v for k, v in tile_layouts().items() if len(v) == count and "locations of April" not in k)
    assert (file.type, file.edition) == (kind, edition)
    assert {item.code for item in found.outlines} == set(layout)
    assert [item.check for item in found.findings if item.check != "lines that do not cross"] == []
    assert sum(len(ring) for item in found.outlines for ring in item.rings) < MOST_POINTS
    assert shapely.coverage_is_valid(simplified([area.shape for area in file.areas]))


def test_areas_that_overlap_are_named() -> None:
    areas = [
        feature(ccg(1, "NHS Ashford CCG"), cell(0, 0, 0.5, 51.0, 0.2)),
        feature(ccg(2, "NHS Thanet CCG"), cell(0, 0, 0.6, 51.0, 0.2)),
    ]
    (finding,) = matched(read(geojson(areas))).findings
    assert finding.message == "areas that overlap, drawn as they are: NHS Ashford CCG, NHS Thanet CCG"


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
