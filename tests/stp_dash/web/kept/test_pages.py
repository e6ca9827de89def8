"""Kept pages: the same bytes as the site's own, nobody's but everybody's, and never of figures that have changed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from werkzeug.test import Client

from db.domain import ENGLAND, Period
from db.loading.load import load_frame
from db.settings import Settings
from db.store import Store
from db.store.data_state import raise_data_version, show_all_loaded
from stp_dash.application import create_app
from stp_dash.frame.request import Site
from stp_dash.pages import PAGES
from stp_dash.web.document import BrowserRequest
from stp_dash.web.endpoints import DASH_UPDATES
from stp_dash.web.kept.pages import KEPT_PAGES, KeptPages, SentPart
from stp_dash.web.router import Router
from tests.support.frames import FDS, SIXTY_TWO, file, frame, row
from tests.support.seed import GPS, WITHIN_60, seeded_store, three_subjects
from tests.support.site.operators import NAME, PHRASE, seed_operator, token_of

TREND = "/trend?organisation=RVV"
VARIATION = "/variation?by=trust"
"""A page that is the same for whoever may write."""
SEPTEMBER, QUARTER, DAY = Period.month(2026, 9), Period.quarter(2026, 7), Period.snapshot(date(2026, 9, 30))
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) Mobile/15E148"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = seeded_store(tmp_path / "store.sqlite", three_subjects())
    change(found)
    yield found
    found.close()


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return reader_of(create_app(store).server)


def reader_of(server: Flask) -> FlaskClient:
    """Somebody who comes after the framework has written its first document."""
    client = server.test_client()
    client.get("/glossary")
    return client


def change(store: Store, value: float | None = None, *, more_follow: bool = False) -> None:
    with store.writing() as connection:
        if value is not None:
            changed = "UPDATE observation SET value = :value, numerator = NULL, denominator = NULL"
            connection.execute(text(changed), {"value": value})
        raise_data_version(connection, more_follow=more_follow)


def asked(
    path: str, search: str = "", width: str = "desktop", origin: str = "http://localhost"
) -> dict[str, Any]:
    value = {"path": path, "search": search, "width": width, "origin": origin}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": value}],
        "changedPropIds": ["request.data"],
    }


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The queries of observations meanwhile."""
    found: list[str] = []

    def keep(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.search(r"\bobservation\b", statement):
            found.append(statement)

    event.listen(store.engine, "before_cursor_execute", keep)
    yield found
    event.remove(store.engine, "before_cursor_execute", keep)


def pages_of(client: FlaskClient) -> KeptPages:
    found: KeptPages = client.application.extensions[KEPT_PAGES]
    return found


def test_document_and_answer_are_what_the_framework_would_send(client: FlaskClient) -> None:
    framework = Client(pages_of(client).inner)
    for page in (item.path for item in PAGES if item.needs_data):
        kept = [client.post(DASH_UPDATES, json=asked(page)), client.get(page), client.get(page)]
        own = [framework.post(DASH_UPDATES, json=asked(page)), *[framework.get(page)] * 2]
        for sent, wanted in zip(kept, own, strict=True):
            assert sent.status == wanted.status
            if sent.is_json:
                # The framework writes some letters of JSON as \\u003c.
                assert sent.json == wanted.json
                assert sent.headers["Content-Type"] == wanted.headers["Content-Type"]
            else:
                assert sent.data == wanted.data, page
                assert dict(sent.headers) == dict(wanted.headers)


@pytest.mark.parametrize("first", ["document", "answer"])
def test_a_page_is_made_once_for_its_document_and_its_answer(
    store: Store, client: FlaskClient, first: str
) -> None:
    asks: list[Callable[[], Any]] = [
        lambda: client.get(TREND),
        lambda: client.post(DASH_UPDATES, json=asked("/trend", "?organisation=RVV")),
    ]
    if first == "answer":
        asks.reverse()
    asks[0]()
    with counted(store) as queries:
        answers = [ask() for ask in asks * 2]
    assert queries == []
    assert len({answer.data for answer in answers}) == 2


def test_nothing_of_a_reader_is_in_what_others_get(store: Store, settings: Settings) -> None:
    seed_operator(store)
    server = create_app(store, settings).server
    operator, other = reader_of(server), server.test_client()
    operator.post("/sign-in", data={"csrf_token": token_of(operator), "name": NAME, "password": PHRASE})
    headers = {
        "X-Secret": "s3cr3t", "Authorization": "Bearer s3cr3t", "Accept-Language": "fr", "Referer": "http://s3cr3t/",
        "X-Forwarded-For": "10.9.8.7", "X-Forwarded-Host": "s3cr3t", "X-Forwarded-Prefix": "/s3cr3t",
    }  # fmt: skip
    mine = operator.get(VARIATION, headers=headers)
    others = other.get(VARIATION)
    assert mine.data == others.data
    assert dict(mine.headers) == dict(others.headers)
    written_on = operator.get(TREND, headers=headers)
    assert b'name="csrf_token"' not in written_on.data
    assert b"Write about" in written_on.data
    others = other.get(TREND)
    assert b"Write about" not in others.data
    for word in (b"s3cr3t", NAME.encode(), b'name="csrf_token"', b"end_id", b"10.9.8.7"):
        assert word not in others.data
    assert "Set-Cookie" not in mine.headers
    assert NAME in operator.get("/operations").text
    assert NAME not in other.get("/operations").text


def test_no_two_documents_differ_by_who_opened_them(client: FlaskClient) -> None:
    """Dash marks each opening of a page by a signed word: kept, all readers would share the first one's."""
    change_of_page = {client.get("/methods").data for _ in range(3)}
    assert len(change_of_page) == 1
    config = re.search(
        r'id="_dash-config" type="application/json">(.*?)</script>', client.get("/operations").text
    )
    assert config is not None
    assert json.loads(config[1])["requests_pathname_prefix"] == "/"
    assert "end_id" not in config[1]


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        (PHONE, 'class="first phone"'),
        ({"Sec-CH-UA-Mobile": "?1"}, 'class="first phone"'),
        ({"Host": "standards.example"}, "http://standards.example/trend"),
        ({"Host": "standards.example:8443"}, "http://standards.example:8443/trend"),
    ],
)
def test_a_reader_on_another_screen_or_by_another_name_of_the_site_gets_their_own(
    client: FlaskClient, headers: dict[str, str], word: str
) -> None:
    usual = client.get(TREND).text
    own = client.get(TREND, headers=headers).text
    assert word in own
    assert word not in usual
    assert client.get(TREND).text == usual
    assert client.get(TREND, headers=headers).text == own


def test_each_reader_gets_bytes_that_they_can_read(client: FlaskClient) -> None:
    plain = client.get(TREND)
    assert "Content-Encoding" not in plain.headers
    unpacked: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}
    for accepted, encoding in (
        ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip"), ("gzip", "gzip"), ("*", "br"),
        ("identity", ""), ("br;q=0", ""), ("zstd", ""), ("*;q=0", ""), ("BR", "br"), ("x" * 5_000, ""),
    ):  # fmt: skip
        packed = client.get(TREND, headers={"Accept-Encoding": accepted})
        assert packed.headers.get("Content-Encoding", "") == encoding
        assert unpacked.get(encoding, bytes)(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        assert set(packed.vary) == {"User-Agent", "Sec-CH-UA-Mobile", "Accept-Encoding"}
    assert client.head(TREND).headers == plain.headers
    assert client.head(TREND).data == b""
    conditional = client.get(
        TREND, headers={"If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    )
    assert (conditional.status_code, conditional.data) == (200, plain.data)


def test_a_site_below_a_path_keeps_its_own(store: Store, settings: Settings) -> None:
    below = settings.model_copy(update={"site": settings.site.model_copy(update={"path": "/monitor"})})
    client = reader_of(create_app(store, below).server)
    for address in ("/monitor/trend", "/trend"):
        for _ in range(2):
            document = client.get(address).text
            assert 'href="/monitor/organisation' in document
            assert 'data-root="/monitor"' in document


def test_what_names_nothing_is_answered_and_not_kept(store: Store, client: FlaskClient) -> None:
    for status, address in ((404, "/trend?organisation=ZZZ"), (404, "/?version=999"), (404, "/nonesuch")):
        assert [client.get(address).status_code for _ in range(2)] == [status, status]
    pages = pages_of(client)
    assert (
        pages.page(BrowserRequest("/trend", "?organisation=ZZZ", "desktop", ""), SentPart.ANSWER) is not None
    )
    assert [asked for asked in pages.places() if "ZZZ" in asked.search or "999" in asked.search] == []


def test_changed_figures_are_shown_at_once(store: Store, client: FlaskClient) -> None:
    before = client.get(TREND).text
    change(store, 12.3)
    assert "12.3" not in before
    assert "12.3" in client.get(TREND).text
    assert "12.3" in client.post(DASH_UPDATES, json=asked("/trend", "?organisation=RVV")).text


def test_figures_of_a_run_are_shown_together_and_each_page_is_of_one_state(
    store: Store, client: FlaskClient
) -> None:
    before = client.get(TREND).text
    change(store, 12.3, more_follow=True)
    assert client.get(TREND).text == before
    other = client.get("/trend?organisation=RWF").text
    assert "12.3" in other
    change(store, 45.6, more_follow=True)
    assert client.get(TREND).text == before
    assert client.get("/trend?organisation=RWF").text == other
    with store.writing() as connection:
        show_all_loaded(connection)
    for address in (TREND, "/trend?organisation=RWF"):
        assert "45.6" in client.get(address).text
        assert "12.3" not in client.get(address).text


def test_a_run_that_ended_unsaid_is_shown_some_seconds_later(store: Store, client: FlaskClient) -> None:
    before = client.get(TREND).text
    change(store, 12.3, more_follow=True)
    assert client.get(TREND).text == before
    with store.writing() as connection:
        connection.execute(text("UPDATE store_meta SET value = '1 1000' WHERE name = 'shown_state'"))
    assert "12.3" in client.get(TREND).text


LATER: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "cancer_waiting_times": (
        SIXTY_TWO,
        tuple(
            row(code, 77, 100, indicator=SIXTY_TWO, period=SEPTEMBER.key) for code in ("RVV", "QKS", ENGLAND)
        ),
    ),
    "ssnap": (
        WITHIN_60,
        tuple(
            row(code, 31, 40, indicator=WITHIN_60, period=QUARTER.key, basis="team")
            for code in ("RVV", "QKS")
        ),
    ),
    "general_practice_workforce": (
        GPS,
        (row("QKS", 800, 2_000_000, indicator=GPS, period=DAY.key, basis="practice", derived=True),),
    ),
}
"""A further period of each source: an indicator and its rows."""


def load(store: Store, source: str, rows: Iterable[dict[str, Any]]) -> None:
    with store.writing() as connection:
        loaded = replace(file(), source_id=source)
        load_frame(connection, frame(*rows), loaded, catalogue=store.catalogue)


def pages_about(indicator: str) -> list[str]:
    return [
        f"/trend?indicator={indicator}&organisation=QKS",
        f"/variation?indicator={indicator}",
        f"/data?indicator={indicator}&organisation=QKS&rules=nhs-r",
    ]


def test_a_load_of_a_source_leaves_the_pages_of_others_and_no_figure_of_before(
    store: Store, client: FlaskClient
) -> None:
    framework = Client(pages_of(client).inner)
    pages = {source: pages_about(indicator) for source, (indicator, _) in LATER.items()}
    every = [address for own in pages.values() for address in own]
    for source, (_, rows) in LATER.items():
        before = {address: client.get(address).data for address in every}
        load(store, source, rows)
        for address in every:
            with counted(store) as queries:
                document = client.get(address).data
            assert (queries != []) == (address in pages[source]), (source, address)
            assert document == framework.get(address).data, (source, address)
            assert document != before[address], "each names the data version"
        assert client.get("/").data == framework.get("/").data


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"indicator": FDS, "organisation": "QZZ", "name": "A new place"}, id="an organisation"),
        pytest.param({"indicator": "cancer-two-week-wait"}, id="an indicator"),
        pytest.param({"indicator": FDS, "breakdown": "tumour group: Spleen"}, id="a breakdown"),
    ],
)
def test_a_load_of_more_than_figures_leaves_no_page(
    store: Store, client: FlaskClient, more: dict[str, Any]
) -> None:
    address = pages_about(GPS)[0]
    client.get(address)
    load(
        store,
        "cancer_waiting_times",
        [row(**{"organisation": "RVV", "numerator": 7, "denominator": 9, **more})],
    )
    with counted(store) as queries:
        client.get(address)
    assert queries != []


def test_a_change_that_nobody_said_was_of_a_source_leaves_no_page(store: Store, client: FlaskClient) -> None:
    """A decision, an undo, or a load by an earlier version of the program, which counted changes and no more."""
    source, (_, rows) = next(iter(LATER.items()))
    address = pages_about(GPS)[0]
    client.get(address)
    with store.writing() as connection:
        connection.execute(text("UPDATE observation SET value = 12.3, numerator = NULL, denominator = NULL"))
        counted_by_itself = "UPDATE store_meta SET value = value + 1 WHERE name = 'data_version'"
        connection.execute(text(counted_by_itself))
    load(store, source, rows)
    assert "12.3" in client.get(address).text


def test_a_page_is_made_anew_on_the_next_day(store: Store, client: FlaskClient, settings: Settings) -> None:
    days = [date(2026, 3, 31)]
    router = Router(Site(store, settings, today=lambda: days[0]), PAGES)
    pages = KeptPages(pages_of(client).inner, router, lambda view: view.html, {})
    asking = BrowserRequest("/trend", "", "desktop", "")
    made = pages.page(asking, SentPart.DOCUMENT)
    with counted(store) as queries:
        assert pages.page(asking, SentPart.DOCUMENT) == made
        assert queries == []
        days[0] = date(2026, 4, 1)
        pages.page(asking, SentPart.DOCUMENT)
        assert queries != []


def test_many_who_ask_for_a_page_at_once_get_it_from_one_making(store: Store, client: FlaskClient) -> None:
    server = client.application
    with counted(store) as queries:
        server.test_client().get(TREND)
    once = len(queries)
    change(store)
    with counted(store) as queries, ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _: server.test_client().get(TREND).data, range(24)))
    assert len(set(answers)) == 1
    assert len(queries) == once
