"""The loading page, and what every other page says of a store that is still filling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.service.filling import begin_filling, count_filled, end_filling
from db.settings import load_settings
from db.store import Store
from stp_dash.application import create_app
from stp_dash.frame.request import Site
from stp_dash.pages import PAGES
from stp_dash.web.document import BrowserRequest, FirstView
from stp_dash.web.router import Router
from tests.support.seed import ordinary_rows, seeded_store
from tests.support.site.page_parts import nodes, plain, title, words

LOADED, COMING = "cancer_waiting_times", "ssnap"
REFRESH = '<noscript><meta http-equiv="refresh" content="4"></noscript>'


def seen(store: Store, path: str, search: str = "") -> FirstView:
    return Router(Site(store, load_settings()), PAGES).page(BrowserRequest(path, search, "desktop", ""))


def text_of(view: FirstView) -> str:
    return " ".join(words(plain(view.page)).split())


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    store = seeded_store(tmp_path / "empty.sqlite", [])
    yield store
    store.close()


@pytest.fixture
def partial(tmp_path: Path) -> Iterator[Store]:
    """Cancer waits are there; nothing of the stroke audit is."""
    store = seeded_store(tmp_path / "partial.sqlite", ordinary_rows(), demonstration=True)
    yield store
    store.close()


@pytest.mark.parametrize("path", ["/", "/trend", "/staffing", "/loading"])
def test_an_empty_store_that_is_filling_says_how_far_it_is(empty: Store, path: str) -> None:
    assert "No data is loaded yet" in text_of(seen(empty, path))
    begin_filling(empty, {LOADED: 4, COMING: 0})
    count_filled(empty, LOADED)
    view = seen(empty, path)
    assert title(plain(view.page)) == "The demonstration edition is being loaded"
    assert "1 of 4 files are in" in text_of(view)
    assert [bar["props"].get("value") for bar in nodes(plain(view.page), "Progress")] == ["1", "1", None]
    assert "No data is loaded yet" not in text_of(view)
    assert (view.again, REFRESH in view.tags) == (4, True)


def test_the_overview_appears_with_the_first_source_that_is_whole(partial: Store) -> None:
    begin_filling(partial, {LOADED: 2, COMING: 5})
    count_filled(partial, LOADED)
    assert "1 of 7 files are in" in text_of(seen(partial, "/"))
    count_filled(partial, LOADED)
    overview = seen(partial, "/")
    assert "28-day faster diagnosis" in text_of(overview)
    assert "Still loading Not all figures are loaded yet" in text_of(overview)
    assert "2 of 7 files are in" in text_of(overview)
    assert overview.again
    end_filling(partial)
    whole = seen(partial, "/")
    assert "Still loading" not in text_of(whole)
    assert not whole.again
    assert REFRESH not in whole.tags
    assert "Nothing is being loaded" in text_of(seen(partial, "/loading"))


@pytest.mark.parametrize(
    ("path", "search"),
    [
        ("/trend", ""),
        ("/trend", "?indicator=stroke-thrombolysis-within-60-minutes"),
        ("/variation", "?indicator=stroke-thrombolysis-within-60-minutes"),
        ("/organisation", "?organisation=RVV"),
        ("/staffing", ""),
        ("/data", ""),
        ("/compare", ""),
        ("/organisation", "?find=kent"),
        ("/trend", "?indicator=no-such"),
        ("/operations", ""),
        ("/methods", ""),
    ],
)
def test_every_page_of_a_store_that_is_filling_says_that_more_is_to_come(
    partial: Store, path: str, search: str
) -> None:
    begin_filling(partial, {LOADED: 2, COMING: 5})
    said = text_of(seen(partial, path, search))
    assert "what this page lacks, or says that there is none of, may still come. 0 of 7 files are in" in said


def test_readers_of_a_store_that_is_filling_are_shown_nothing_kept(empty: Store) -> None:
    client = create_app(empty, load_settings()).server.test_client()
    assert "No data is loaded yet" in client.get("/trend").text
    begin_filling(empty, {LOADED: 3})
    for done in range(3):
        assert f"{done} of 3 files are in" in client.get("/trend").text
        count_filled(empty, LOADED)
    end_filling(empty)
    assert "No data is loaded yet" in client.get("/trend").text


def test_what_is_still_being_loaded_is_not_overdue(partial: Store) -> None:
    begin_filling(partial, {LOADED: 3, COMING: 1})
    count_filled(partial, COMING)
    assert "more is being loaded" in text_of(seen(partial, "/"))
    assert "overdue" not in text_of(seen(partial, "/")).replace("no source is overdue", "")
    end_filling(partial)
    assert "more is being loaded" not in text_of(seen(partial, "/"))
