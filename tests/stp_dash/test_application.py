"""The application as a WSGI server sees it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from db.domain.holdings import DataVersion
from db.store import Store
from stp_dash.application import create_app
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages import PAGES
from tests.support.browser.states import HOSTILE
from tests.support.seed import ordinary_rows, seeded_store, store_for_a_module, three_subjects
from tests.support.site.pages import PATHS, PLOTTED

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "application", ordinary_rows())


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    browser: FlaskClient = create_app(store).server.test_client()
    return browser


def _body(path: str, search: str, width: str = "phone") -> dict[str, object]:
    """What the scripts ask for a page with, from the address that a test client's documents are of."""
    value = {"path": path, "search": search, "width": width, "origin": "http://localhost"}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": value}],
        "changedPropIds": ["request.data"],
    }


def test_the_page_names_its_language_title_and_skip_link(client: FlaskClient) -> None:
    text = client.get("/").get_data(as_text=True)
    assert '<html lang="en-GB">' in text
    assert "<title>Two of three cancer standards are missed" in text
    assert "Kent and Medway – Monitor</title>" in text
    assert 'name="viewport"' in text
    assert '<a class="skip" href="#main">' in text
    assert "//cdn" not in text


def test_two_applications_live_side_by_side(tmp_path: Path, client: FlaskClient) -> None:
    empty = seeded_store(tmp_path / "other.sqlite", [])
    answers = [
        one.post("/_dash-update-component", json=_body("/", "")).get_data(as_text=True)
        for one in (client, create_app(empty).server.test_client())
    ]
    assert "Two of three cancer standards are missed" in answers[0]
    assert "No data is loaded yet" in answers[1]
    empty.close()


@pytest.mark.parametrize("request_data", [None, {}, {"path": None, "search": 5, "width": "watch"}])
def test_a_malformed_request_still_gives_a_page(client: FlaskClient, request_data: object) -> None:
    body = _body("/", "")
    body["inputs"] = [{"id": "request", "property": "data", "value": request_data}]
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    assert "839" in json.dumps(answer.get_json())


def test_answers_are_compressed(client: FlaskClient) -> None:
    answer = client.post(
        "/_dash-update-component", json=_body("/trend", ""), headers={"Accept-Encoding": "gzip"}
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 30_000


SCRIPT = re.compile(r'<script[^>]*?src="([^"]+)"')


def test_the_document_has_no_inline_script_and_only_what_pages_use(client: FlaskClient) -> None:
    """A strict content security policy stays possible: no hash and no nonce is needed."""
    text = client.get("/").get_data(as_text=True)
    inline = [tag for tag in re.findall(r"<script([^>]*)>", text) if "src=" not in tag]
    assert inline == [' id="_dash-config" type="application/json"', ' id="given" type="application/json"']
    assert re.findall(r"<[^>]+\son[a-z]+=", text) == []
    scripts = SCRIPT.findall(text)
    assert [name for name in scripts if "dash_table" in name] == []
    assert scripts.index(next(s for s in scripts if s.endswith("/site.js"))) < scripts.index(
        next(s for s in scripts if "dash_renderer" in s)
    )
    assert scripts[-1].endswith("/start.js")


@pytest.mark.parametrize("encoding", ("br", "gzip", "identity"))
def test_what_is_loaded_is_kept_for_good_and_found_by_its_hash(client: FlaskClient, encoding: str) -> None:
    text = client.get("/trend").get_data(as_text=True)
    style = re.findall(r'href="(/front/[^"]+)"', text)
    found = [*style, *SCRIPT.findall(text)]
    assert len(found) >= 12
    for address in found:
        answer = client.get(address, headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"], address
        assert "Accept-Encoding" in answer.headers["Vary"], address
        if address.startswith("/front/"):
            digest = hashlib.sha256(_plain(answer)).hexdigest()
            assert address.split("/")[2] == digest[:16]


def _plain(answer: TestResponse) -> bytes:
    content = answer.get_data()
    encoding = answer.headers.get("Content-Encoding")
    if encoding == "br":
        unpacked: bytes = brotli.decompress(content)
        return unpacked
    return gzip.decompress(content) if encoding == "gzip" else content


def test_a_file_of_another_hash_is_not_kept_and_an_unknown_one_is_not_found(client: FlaskClient) -> None:
    assert client.get("/front/0123456789abcdef/site.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/front/0123456789abcdef/secret.css").status_code == 404
    assert client.get("/front/0123456789abcdef/..%2Fapp.py").status_code in {200, 404}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    for opened in store_for_a_module(tmp_path_factory, "three", three_subjects()):
        yield create_app(opened).server.test_client()


@pytest.mark.parametrize("path", PATHS)
def test_pages_that_draw_with_plotly_ask_for_it_early_and_others_never(three: FlaskClient, path: str) -> None:
    answer = three.post("/_dash-update-component", json=_body(path, "", "desktop")).get_json()
    figures = list(_figures(answer))
    assert bool(figures) == (path in PLOTTED)
    text = three.get(path).get_data(as_text=True)
    assert bool(re.search(r'rel="preload" as="script" href="/front/[^"]+/plotly.js"', text)) == bool(figures)
    drawn = {trace.get("type", "scatter") for figure in figures for trace in figure["data"]}
    assert drawn <= {"scatter", "bar"}, "the small bundle draws no other"


@pytest.mark.parametrize("path", PATHS)
def test_no_parameter_breaks_a_page(three: FlaskClient, path: str) -> None:
    """Asked for by the scripts and by its address: one page for both, as readers come to it."""
    for query in HOSTILE:
        answer = three.post("/_dash-update-component", json=_body(path, query, "desktop"))
        assert answer.status_code == 200, query
        assert "could not be made" not in answer.get_data(as_text=True), query
        assert three.get(path + query).status_code in {200, 400}, query


def _figures(part: Any) -> Iterator[dict[str, Any]]:
    """The figures within a page."""
    if isinstance(part, dict):
        if part.get("type") == "Graph":
            yield part["props"]["figure"]
        for value in part.values():
            yield from _figures(value)
    elif isinstance(part, list):
        for value in part:
            yield from _figures(value)


def test_a_fault_of_ours_is_said_and_logged(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
        return Page(str(1 // version.state), [])

    monkeypatch.setattr("stp_dash.application.PAGES", (*PAGES, PageSpec("/faulty", "Faulty", faulty)))
    answer = create_app(store).server.test_client().post("/_dash-update-component", json=_body("/faulty", ""))
    assert answer.status_code == 200
    assert "This page could not be made" in answer.get_data(as_text=True)
    assert "/faulty" in caplog.text and "Traceback" in caplog.text
    document = create_app(store).server.test_client().get("/faulty")
    assert document.status_code == 500
    assert '<h1 id="title">This page could not be made</h1>' in document.get_data(as_text=True)


def test_a_document_holds_its_page_twice_and_is_asked_for_anew_each_time(client: FlaskClient) -> None:
    answer = client.get("/trend?organisation=QKS")
    text = answer.get_data(as_text=True)
    assert '<div id="first" class="first desktop"><div class="page desktop">' in text
    assert '"asked":{"path":"/trend","search":"?organisation=QKS","width":"desktop"' in text
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert {"User-Agent", "Sec-CH-UA-Mobile"} <= set(answer.vary)


def test_health(client: FlaskClient) -> None:
    assert client.get("/health").status_code == 200


def test_a_store_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "gone.sqlite", ordinary_rows())
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE observation")
    answer = create_app(store).server.test_client().post("/_dash-update-component", json=_body("/trend", ""))
    assert "The store cannot be read" in answer.get_data(as_text=True)
    store.close()


def test_importing_the_entry_point_does_nothing_and_imports_nothing_that_loads(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'untouched.sqlite'}"
    code = (
        "import sys, app; print(sorted(n for n in vars(app) if n == 'server')); "
        "print([m for m in ('etl', 'db.loading.load', 'apscheduler', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env={"DATABASE_URL": url, "PATH": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["[]", "[]"]
    assert not (tmp_path / "untouched.sqlite").exists()
