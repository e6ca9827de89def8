"""`python -m etl boundaries`: files in hand and layers of the ONS's site, loaded whole or refused by name."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner, Result

from db.figures.boundaries import boundaries
from db.figures.data_version import data_version
from db.store import open_store
from etl.__main__ import application
from etl.commands.boundaries import LARGEST_BOUNDARY_FILE
from tests.support.publications.boundary_files import ccg, cell, feature, geojson, two_ccgs
from tests.support.publications.faulty_publisher import Publisher, give, published

NAME = "Clinical_Commissioning_Groups_(April_2019)_EN_BUC.geojson"
SERVICES = "/x/arcgis/rest/services"
LAYER = "Clinical_Commissioning_Groups_April_2019_Boundaries_EN_BUC_2022"


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
    assert "left out: E38900003 NHS Nowhere CCG" in said
    assert "REFUSED page.html" in finished.output
    store = open_store(sqlite_url)
    with store.reading() as connection:
        found = boundaries(connection, ["09C", "10E"])
        assert data_version(connection).number == 0
    store.close()
    assert [item.name for item in found] == ["NHS Ashford CCG", "NHS Thanet CCG"]
    assert len(found[1].rings) == 2
    assert run(good).exit_code == 0


def test_a_file_that_is_too_large_is_not_read_and_what_to_do_is_said(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "full.geojson"
    with path.open("wb") as file:
        file.truncate(2 * LARGEST_BOUNDARY_FILE)
    finished = run(path)
    assert finished.exit_code == 1
    said = " ".join(finished.output.split())
    assert "full.geojson: wanted at most 100 MB, found 200 MB" in said
    assert "BGC, BSC, BUC" in said


def test_a_refused_file_leaves_what_was_loaded(
    run: Callable[..., Result], write: Callable[[str, bytes], Path], sqlite_url: str
) -> None:
    assert run(write(NAME, geojson(two_ccgs()))).exit_code == 0
    twice = [feature(ccg(n, "NHS Ashford CCG"), cell(n, 0, 0.6, 51.0, 0.3)) for n in (1, 2)]
    assert run(write(NAME, geojson(twice))).exit_code == 1
    store = open_store(sqlite_url)
    with store.reading() as connection:
        assert [item.code for item in boundaries(connection, ["09C", "10E"])] == ["09C", "10E"]
    store.close()


def test_without_the_packages_it_is_said_how_to_get_them(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "shapely", None)
    finished = run(tmp_path / "a.geojson")
    assert finished.exit_code == 1
    said = " ".join(finished.output.split())
    assert "boundaries are read with shapely, which this installation does not have" in said
    assert "python -m pip install --require-hashes -r requirements-maps.lock" in said


@pytest.fixture
def portal() -> Iterator[Publisher]:
    """The ONS's services: three layers that are of use and one that is not."""
    with published() as server:
        names = (
            LAYER,
            "Clinical_Commissioning_Groups_April_2019_Boundaries_EN_BFC_2022",
            "ICB_APR_2023_EN_BGC",
            "Wards_May_2024_Boundaries_UK_BSC",
        )
        listed = {"services": [{"name": name, "type": "FeatureServer"} for name in names]}
        server.script(f"{SERVICES}?f=json", give(json.dumps(listed).encode(), "application/json"))
        ashford, thanet = two_ccgs()
        for offset, areas in ((0, [ashford]), (1, [thanet])):
            document: dict[str, Any] = {"type": "FeatureCollection", "features": areas}
            if offset == 0:
                document["properties"] = {"exceededTransferLimit": True}
            server.script(query(offset), give(json.dumps(document).encode(), "application/geo+json"))
        yield server


def query(offset: int, layer: str = LAYER) -> str:
    asked = {
        "where": "1=1", "outFields": "*", "outSR": "4326",
        "resultOffset": offset, "resultRecordCount": 50, "f": "geojson",
    }  # fmt: skip
    return f"{SERVICES}/{layer}/FeatureServer/0/query?{urlencode(asked)}"


@pytest.fixture
def fetch(
    run: Callable[..., Result], portal: Publisher, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    monkeypatch.setenv("STP_FETCH__INTERVAL_SECONDS", "0")
    monkeypatch.setenv("STP_FETCH__ATTEMPTS", "1")
    return lambda *arguments: run("--services", portal.url(SERVICES), *arguments)


def test_layers_are_found_fetched_page_by_page_and_loaded(
    fetch: Callable[..., Result], sqlite_url: str
) -> None:
    listed = fetch("--offered").stdout
    assert [line.split() for line in listed.splitlines()] == [
        ["2023-04", "ICB", "ICB_APR_2023_EN_BGC"],
        ["2019-04", "CCG", LAYER],
    ]
    finished = fetch("--fetch", LAYER)
    assert finished.exit_code == 0, finished.output
    assert f"loaded {LAYER}.geojson: 2 of 2 areas, CCG, edition 2019-04" in finished.stdout
    store = open_store(sqlite_url)
    with store.reading() as connection:
        found = boundaries(connection, ["09C", "10E"])
    store.close()
    assert [(item.code, item.file_name) for item in found] == [
        ("09C", f"{LAYER}.geojson"),
        ("10E", f"{LAYER}.geojson"),
    ]


def test_what_the_site_does_not_give_is_said(fetch: Callable[..., Result], portal: Publisher) -> None:
    fault = {"error": {"code": 400, "message": "Invalid query"}}
    portal.script(query(0, "ICB_APR_2023_EN_BGC"), give(json.dumps(fault).encode(), "application/json"))
    finished = fetch("--fetch", "newest")
    assert finished.exit_code == 1
    said = " ".join(finished.output.split())
    assert "wanted areas as GeoJSON, found Invalid query" in said
    assert "loaded Clinical" in said
    unknown = " ".join(fetch("--fetch", "Wards").output.split())
    assert "wanted a layer that --offered lists, or newest, found Wards" in unknown
    portal.script(f"{SERVICES}?f=json", give(b"<html><body>Moved</body></html>", "text/html"))
    assert "wanted a JSON document, found a web page" in " ".join(fetch("--offered").output.split())
