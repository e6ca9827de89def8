"""`docs/adding-a-page.md`, followed: a made-up page is listed, shown, refuses, is linked to and downloads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from stp_dash.application import create_app
from stp_dash.pages import PAGES
from tests.support.made_up_page.page import PAGE
from tests.support.seed import seeded_store, three_subjects

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    monkeypatch.setattr("stp_dash.application.PAGES", (*PAGES, PAGE))
    store = seeded_store(tmp_path / "store.sqlite", three_subjects())
    yield create_app(store).server.test_client()
    store.close()


def test_the_page_stands_in_the_navigation_of_every_page(client: FlaskClient) -> None:
    for path in ("/", "/trend", "/made-up", "/nowhere"):
        assert '<a href="/made-up"' in client.get(path).get_data(as_text=True), path


def test_the_page_says_its_finding_and_hands_on_what_every_page_does(client: FlaskClient) -> None:
    text = client.get("/made-up?topic=Stroke&rules=nhs-r").get_data(as_text=True)
    assert re.search(r'<h1 id="title">\d+ indicators have figures, the newest to [^<]+</h1>', text)
    assert '"/made-up?rules=nhs-r"' in text, "All"
    assert '<a href="/?rules=nhs-r">' in text, "the way back to the overview"


def test_a_parameter_that_cannot_be_is_refused_in_words(client: FlaskClient) -> None:
    text = client.get("/made-up?topic=Weather").get_data(as_text=True)
    assert "“topic” is “Weather”. This page wants a topic with figures." in text
    assert 'href="/made-up?topic=Stroke"' in text


def test_its_numbers_download(client: FlaskClient) -> None:
    link = "/download/made-up.csv?topic=Stroke&amp;sheet=newest"
    assert link in client.get("/made-up?topic=Stroke").get_data(as_text=True)
    text = client.get(link.replace("&amp;", "&")).get_data(as_text=True)
    assert "indicator,period_start" in text
    assert client.get("/download/made-up.csv?sheet=other").status_code == 404


def test_the_document_names_every_file_of_a_page() -> None:
    text = (ROOT / "docs" / "adding-a-page.md").read_text(encoding="utf-8")
    for path in (ROOT / "tests" / "support" / "made_up_page").glob("*.py"):
        assert f"`{path.name}`" in text, path.name
    for name in re.findall(r"`((?:stp_dash|tests|docs)/[\w/.-]+\.(?:py|md))`", text):
        assert (ROOT / name).exists(), name
