"""What the site answers machines: status codes, robots, and forged requests to Dash's own addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from stp_dash.application import create_app
from stp_dash.web.endpoints import DASH_UPDATES, LARGEST_UPDATE
from tests.support.seed import ordinary_rows, seeded_store, store_for_a_module, three_subjects


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    for store in store_for_a_module(tmp_path_factory, "endpoints", three_subjects()):
        yield create_app(store).server.test_client()


@pytest.mark.parametrize(
    ("address", "status", "title"),
    (
        ("/trend", 200, "28-day faster diagnosis"),
        ("/TREND", 404, "There is no page at this address"),
        ("/nonesuch/deeper", 404, "There is no page at this address"),
        ("/trend?organisation=ZZZ", 404, "This address asks for something that there is not"),
        ("/data?indicator=cancer-of-nobody", 404, "This address asks for something that there is not"),
        ("/operations?run=99999", 404, "This address asks for something that there is not"),
        ("/trend?organisation=rvv", 400, "This address asks for something that there is not"),
        ("/trend?to=1999-99", 400, "This address asks for something that there is not"),
        ("/?by=nothing", 400, "This address asks for something that there is not"),
    ),
)
def test_the_status_of_a_page_says_what_the_page_says(
    client: FlaskClient, address: str, status: int, title: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert title in _title(answer.get_data(as_text=True))
    assert client.head(address).status_code == status


def _title(text: str) -> str:
    return "".join(re.findall(r'<h1 id="title">([^<]*)</h1>', text))


def test_machines_find_what_they_ask_for_by_themselves(client: FlaskClient) -> None:
    robots = client.get("/robots.txt")
    assert (robots.status_code, robots.mimetype) == (200, "text/plain")
    assert "Disallow: /download/" in robots.get_data(as_text=True).splitlines()
    icon = client.get("/favicon.ico")
    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
    assert icon.get_data().startswith(b"<svg")


def _asked(**changed: object) -> dict[str, object]:
    body: dict[str, object] = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": {"path": "/trend"}}],
        "changedPropIds": ["request.data"],
    }
    return {**body, **changed}


FORGED = {
    "nothing": "",
    "no JSON": "{",
    "no object": "[]",
    "an empty object": "{}",
    "not a number": '{"output": NaN}',
    "very deep": '{"a":' + "[" * 5_000 + "]" * 5_000 + "}",
    "another output": json.dumps(_asked(output="state.data")),
    "outputs of another form": json.dumps(_asked(outputs=[])),
    "no input": json.dumps(_asked(inputs=[])),
    "inputs of another form": json.dumps(_asked(inputs={"id": "request"})),
    "an input by pattern": json.dumps(_asked(inputs=[{"id": {"index": 1}, "property": "data"}])),
    "a state": json.dumps(_asked(state=[{"id": "state", "property": "data"}])),
    "changes of another form": json.dumps(_asked(changedPropIds=5)),
    "changes without a name": json.dumps(_asked(changedPropIds=[None])),
    "a deep value": json.dumps(
        _asked(inputs=[{"id": "request", "property": "data", "value": [[[[[[[[[1]]]]]]]]]}])
    ),
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_request_is_refused_in_one_sentence(client: FlaskClient, kind: str) -> None:
    answer = client.post(DASH_UPDATES, data=FORGED[kind], content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert re.fullmatch(r"[A-Z][^.]*\.\n", answer.get_data(as_text=True))


def test_a_large_request_and_one_of_another_kind_are_refused_too(client: FlaskClient) -> None:
    large = client.post(DASH_UPDATES, data="9" * (LARGEST_UPDATE + 1), content_type="application/json")
    assert large.status_code == 413
    assert client.post(DASH_UPDATES, data=json.dumps(_asked()), content_type="text/plain").status_code == 400
    assert client.post(f"{DASH_UPDATES}?job=1&cacheKey=x", json=_asked()).status_code == 400
    assert client.post(f"{DASH_UPDATES}?endId=x~y", json=_asked()).status_code == 200
    assert client.put(DASH_UPDATES).status_code == 405
    assert client.post(DASH_UPDATES, json=_asked()).status_code == 200


@pytest.mark.parametrize(
    "address",
    (
        "os/path.py",
        "dash/deps/nothing.js",
        "dash/..%2F..%2Fapp.py",
        "dash/%00",
        "nothing/a.js",
        "dash/dcc/.js",
    ),
)
def test_a_script_that_is_none_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get(f"/_dash-component-suites/{address}")
    assert answer.status_code == 404
    assert "Traceback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    (
        "/",
        "/trend",
        "/nowhere",
        "/operations",
        "/sign-in",
        "/operations/live",
        "/download/trend.csv?sheet=trend",
    ),
)
def test_without_its_store_every_address_says_so(tmp_path: Path, address: str) -> None:
    store = seeded_store(tmp_path / "gone.sqlite", ordinary_rows())
    client = create_app(store).server.test_client()
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE source_file RENAME TO elsewhere")
        connection.exec_driver_sql("ALTER TABLE operator RENAME TO nobody")
    answer = client.get(address)
    assert answer.status_code == 503
    assert "cannot be read" in answer.get_data(as_text=True)
    assert client.get("/robots.txt").status_code == 200
    store.close()
