"""Addresses that are only half understood: nobody is shown another's figures under them."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from stp_dash.application import create_app
from stp_dash.pages import PAGES
from tests.support.seed import store_for_a_module, three_subjects

FDS = "cancer-28-day-faster-diagnosis"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    for store in store_for_a_module(tmp_path_factory, "address", three_subjects()):
        yield create_app(store).server.test_client()


def _text(client: FlaskClient, address: str, status: int) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return html.unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    "between", ("&amp;", "&amp%3B", "&amp;amp;", "&AMP;", "&%26amp%3B", "&#38;".replace("#", "%23"))
)
def test_a_name_behind_an_escaped_ampersand_is_meant_without_it(client: FlaskClient, between: str) -> None:
    assert "East Kent: 28-day" in _text(client, f"/trend?indicator={FDS}{between}organisation=RVV", 200)
    answer = client.get(f"/download/trend.csv?indicator={FDS}{between}organisation=RVV{between}sheet=trend")
    assert answer.status_code == 200
    assert "# Title: East Kent" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("search", "told"),
    (
        ("organisation%20=RVV", "“organisation ”"),
        ("%20organisation=RVV", "“ organisation”"),
        ("Organisation=RVV", "“Organisation”"),
        ("organisaton=RVV", "“organisaton”"),
        ("organisation[]=RVV", "“organisation[]”"),
        ("organisation%00=RVV", "“organisation\0”"),
        ("amp;organisaton=RVV", "“amp;organisaton”"),
        ("Version=1", "“Version”"),
        ("publised=2026-10-08", "“publised”"),
        ("code=RVV", "“code”"),
        ("trust=RVV&org=RN7", "“trust” and “org”"),
        ("measure=cancer-62-day-combined", "“measure”"),
        ("month=2025-03", "“month”"),
        ("organisation=RVV&organisation=RN7", "“organisation” stands twice"),
        ("organisation=RVV&amp;organisation=RN7", "“organisation” stands twice"),
        ("version=1&version=2", "“version” stands twice"),
        ("utm_source=" + "x" * 5_000 + "&organisation=RVV", "more than 4,000 characters"),
    ),
)
def test_a_part_that_is_not_understood_is_told(client: FlaskClient, search: str, told: str) -> None:
    text = _text(client, f"/trend?{search}", 400)
    assert told in text
    assert 'class="kpi' not in text, "no figure"
    assert told in _text(client, f"/download/trend.csv?sheet=trend&{search}", 400)


def test_the_address_that_was_probably_meant_is_offered(client: FlaskClient) -> None:
    text = _text(client, f"/trend?indicator={FDS}&organisaton=RVV", 400)
    assert f'href="/trend?indicator={FDS}&organisation=RVV"' in text


@pytest.mark.parametrize(
    "search",
    (
        "utm_source=mail&utm_medium=x",
        "fbclid=a",
        "gclid=b&gad_source=1",
        "msclkid=c",
        "mc_cid=1&mc_eid=2",
        "_hsenc=x",
    ),
)
def test_what_trackers_add_is_ignored_without_a_word(client: FlaskClient, search: str) -> None:
    text = _text(client, f"/trend?organisation=RVV&{search}", 200)
    assert "East Kent: 28-day" in text
    assert "changes nothing here" not in text
    assert client.get(f"/download/trend.csv?sheet=trend&{search}").status_code == 200


def test_the_same_twice_is_once(client: FlaskClient) -> None:
    assert "East Kent: 28-day" in _text(client, "/trend?organisation=RVV&organisation=RVV", 200)


@pytest.mark.parametrize("search", ("organisation=RVV", "colour=blue"))
def test_what_changes_nothing_on_a_page_is_said_on_it(client: FlaskClient, search: str) -> None:
    name = search.partition("=")[0]
    assert f"This page has no choice of “{name}”" in _text(client, f"/?{search}", 200)


def test_a_data_version_that_never_was_is_told_everywhere(client: FlaskClient) -> None:
    told = "There is no data version 999999; the newest is 3."
    for page in ("/", "/trend", "/variation", "/organisation", "/staffing", "/data", "/methods"):
        assert told in _text(client, f"{page}?version=999999", 404)
    assert told in _text(client, "/download/trend.csv?sheet=trend&version=999999", 404)
    assert told in _text(client, "/download/trend.xlsx?sheet=trend&version=999999", 404)
    assert "As the store held them at data version 2." in _text(client, "/trend?version=2", 200)
    for page in ("/loading", "/operations"):
        assert "the number of a data version" in _text(client, f"{page}?version=%0Ax", 400)


def test_nothing_has_been_published_by_a_day_to_come(client: FlaskClient) -> None:
    told = "1 January 2199 is still to come"
    assert told in _text(client, "/trend?published=2199-01-01", 400)
    assert told in _text(client, "/download/trend.csv?sheet=trend&published=2199-01-01", 404)


def test_every_page_with_figures_says_which_names_it_knows() -> None:
    """All but those of the service and of own measures, whose addresses are written by the site alone."""
    assert [page.path for page in PAGES if page.parameters is None] == ["/operations", "/own"]
