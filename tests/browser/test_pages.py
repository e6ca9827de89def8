"""The site in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.service.filling import begin_filling, count_filled, end_filling
from db.store import open_store
from tests.support.browser.axe import violations
from tests.support.browser.visits import Visit, served

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]


def test_first_page_shows_the_known_numbers_and_says_that_they_are_invented(
    visit: Opener, address: str
) -> None:
    """It asks for no plotly, and the first key leads to the link that skips the navigation."""
    seen = visit()
    page = seen.go(address + "/")
    text = page.inner_text("main")
    assert "Two of three cancer standards are missed in Kent and Medway" in text
    for words in ("839\npatients short", "70.9%", "6,541 of 9,224", "Met\nby 9 patients", "701 of 925"):
        assert words in text
    assert "Every number on this page is invented" in page.inner_text("aside.demo")
    assert "Demonstration data" in page.inner_text("footer")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.wait_for_load_state("networkidle")
    assert [url for url in seen.requests if "plotly" in url] == []


def test_choosing_a_period_writes_the_address_back_returns_and_a_narrow_window_redraws(
    visit: Opener, address: str
) -> None:
    seen = visit()
    page = seen.go(address + "/")
    page.get_by_label("Period").select_option("March 2024")
    page.wait_for_url("**/?period=2024-03")
    page.wait_for_function("() => document.querySelector('.score').innerText.includes('Mar 2024')")
    page.go_back()
    page.wait_for_function("() => document.querySelector('.score').innerText.includes('Aug 2026')")
    assert page.url == address + "/"
    page.go_forward()
    page.wait_for_function("() => document.querySelector('.score').innerText.includes('Mar 2024')")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".page.phone .rows")
    assert page.locator("table.score").count() == 0
    assert seen.errors == []


def test_a_chart_says_itself_in_words_and_its_controls_work_by_keyboard(visit: Opener, address: str) -> None:
    seen = visit()
    page = seen.go(address + "/variation")
    page.focus("#control-indicator")
    page.keyboard.press("ArrowDown")
    seen.title_becomes("31-day treatment")
    assert page.url == address + "/variation?indicator=cancer-31-day-combined"
    page.wait_for_function("() => document.activeElement.id === 'control-indicator'")
    assert page.input_value("#control-indicator").startswith("/variation?indicator=cancer-31-day-combined")
    page.wait_for_selector(".plot .main-svg")
    words = page.get_attribute(".plot", "aria-label") or ""
    assert "Ranked dots" in words
    assert "Table" in words
    page.get_by_role("link", name="Table: Where our trusts stand in England", exact=True).press("Enter")
    page.wait_for_selector("table.sheet")
    page.wait_for_function("() => document.activeElement.innerText === 'Table'")
    assert page.url.endswith("&table=ranked")
    assert seen.errors == []


def test_a_store_that_is_filling_tells_live_how_far_it_is(visit: Opener, tmp_path: Path) -> None:
    path = tmp_path / "filling.sqlite"
    with contextmanager(served)(path, []) as address:
        store = open_store(f"sqlite:///{path}")
        begin_filling(store, {"ssnap": 3, "cancer_waiting_times": 2})
        seen = visit(390, own=True)
        seen.page.clock.install()
        page = seen.go(address + "/")
        assert "0 of 5 files are in" in page.inner_text("#lede")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        count_filled(store, "ssnap")
        page.clock.fast_forward(5_000)
        page.wait_for_function(
            "() => document.querySelector('#lede').innerText.startsWith('1 of 5 files are in')"
        )
        assert page.inner_text("#news") == ""
        end_filling(store)
        page.clock.fast_forward(5_000)
        page.wait_for_function("() => document.querySelector('h1').innerText === 'No data is loaded yet'")
        assert seen.errors == []
        store.close()


def test_empty_store_says_how_to_fill_it(visit: Opener, empty_address: str) -> None:
    seen = visit()
    text = seen.go(empty_address + "/").inner_text("main")
    assert "No data is loaded yet" in text
    assert "python -m etl demo" in text
    assert seen.errors == []
