"""The application as a WSGI server sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from db.store import Store
from stp_dash.application import create_app
from tests.stp_dash.seed import ordinary_rows, seeded_store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return seeded_store(tmp_path / "store.sqlite", ordinary_rows())


def _body(path: str, search: str) -> dict[str, object]:
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [
            {"id": "request", "property": "data", "value": {"path": path, "search": search, "width": "phone"}}
        ],
        "changedPropIds": ["request.data"],
    }


def test_the_page_names_its_language_title_and_skip_link(store: Store) -> None:
    text = create_app(store).server.test_client().get("/").get_data(as_text=True)
    assert '<html lang="en-GB">' in text
    assert "<title>Performance standards monitor</title>" in text
    assert 'name="viewport"' in text
    assert '<a class="skip" href="#main">' in text
    assert "//cdn" not in text
    store.close()


def test_two_applications_live_side_by_side(tmp_path: Path, store: Store) -> None:
    empty = seeded_store(tmp_path / "other.sqlite", [])
    answers = [
        create_app(one)
        .server.test_client()
        .post("/_dash-update-component", json=_body("/", ""))
        .get_data(as_text=True)
        for one in (store, empty)
    ]
    assert "Two of three cancer standards are missed" in answers[0]
    assert "No data is loaded yet" in answers[1]
    empty.close()
    store.close()


@pytest.mark.parametrize("request_data", [None, {}, {"path": None, "search": 5, "width": "watch"}])
def test_a_malformed_request_still_gives_a_page(store: Store, request_data: object) -> None:
    body = _body("/", "")
    body["inputs"] = [{"id": "request", "property": "data", "value": request_data}]
    answer = create_app(store).server.test_client().post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    assert "839" in json.dumps(answer.get_json())
    store.close()


def test_answers_are_compressed(store: Store) -> None:
    client = create_app(store).server.test_client()
    answer = client.post(
        "/_dash-update-component", json=_body("/trend", ""), headers={"Accept-Encoding": "gzip"}
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 30_000
    store.close()


def test_health(store: Store) -> None:
    assert create_app(store).server.test_client().get("/health").status_code == 200
    store.close()


def test_a_store_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "gone.sqlite", ordinary_rows())
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE observation")
    answer = create_app(store).server.test_client().post("/_dash-update-component", json=_body("/trend", ""))
    assert "The store cannot be read" in answer.get_data(as_text=True)
    store.close()


def test_importing_the_entry_point_does_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'untouched.sqlite'}"
    done = subprocess.run(
        [sys.executable, "-c", "import app; print(sorted(n for n in vars(app) if n == 'server'))"],
        cwd=ROOT, env={"DATABASE_URL": url, "PATH": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "untouched.sqlite").exists()


def test_the_site_imports_nothing_that_loads() -> None:
    code = (
        "import sys, app; print([m for m in ('etl', 'db.load', 'apscheduler', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
