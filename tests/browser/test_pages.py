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


def test_overview_shows_the_known_numbers(visit: Opener, address: str) -> None:
    text = visit().go(address + "/").inner_text("main")
    assert "Two of three cancer standards are missed in Kent and Medway" in text
    for words in ("839\npatients short", "70.9%", "6,541 of 9,224", "Met\nby 9 patients", "701 of 925"):
        assert words in text


def test_demonstration_data_is_said(visit: Opener, address: str) -> None:
    page = visit().go(address + "/")
    assert "Every number on this page is invented" in page.inner_text("aside.demo")
    assert "Demonstration data" in page.inner_text("footer")


def test_first_page_asks_for_no_plotly(visit: Opener, address: str) -> None:
    seen = visit()
    seen.go(address + "/").wait_for_load_state("networkidle")
    assert [url for url in seen.requests if "plotly" in url] == []


def test_choosing_a_period_writes_the_address_and_back_returns(visit: Opener, address: str) -> None:
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
    assert seen.errors == []


def test_control_works_by_keyboard_and_keeps_focus(visit: Opener, address: str) -> None:
    seen = visit()
    page = seen.go(address + "/variation")
    page.focus("#control-indicator")
    page.keyboard.press("ArrowDown")
    seen.title_becomes("31-day treatment")
    assert page.url == address + "/variation?indicator=cancer-31-day-combined"
    page.wait_for_function("() => document.activeElement.id === 'control-indicator'")
    assert page.input_value("#control-indicator").startswith("/variation?indicator=cancer-31-day-combined")


def test_table_tab_keeps_focus(visit: Opener, address: str) -> None:
    page = visit().go(address + "/variation")
    page.get_by_role("link", name="Table: Where our trusts stand in England", exact=True).press("Enter")
    page.wait_for_selector("table.sheet")
    page.wait_for_function("() => document.activeElement.innerText === 'Table'")
    assert page.url.endswith("&table=ranked")


def test_deep_link_reopens_the_same_page(visit: Opener, address: str) -> None:
    path = "/trend?indicator=cancer-62-day-combined&organisation=RPA"
    first = visit().go(address + path).inner_text("h1")
    assert first == visit().go(address + path).inner_text("h1")
    assert first.startswith("Medway: 62-day treatment ")


def test_following_links_moves_focus_to_the_content(visit: Opener, address: str) -> None:
    seen = visit()
    page = seen.go(address + "/")
    page.click("nav[aria-label=Main] >> text=Trend")
    seen.title_becomes("28-day faster diagnosis")
    page.wait_for_function("() => document.activeElement.id === 'main'")
    assert page.title().startswith("28-day faster diagnosis")


def test_narrowing_the_window_redraws(visit: Opener, address: str) -> None:
    page = visit().go(address + "/")
    assert page.locator("table.score").count() > 0
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".page.phone .rows")
    assert page.locator("table.score").count() == 0


def test_skip_link_is_first(visit: Opener, address: str) -> None:
    page = visit().go(address + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_chart_is_drawn_with_words(visit: Opener, address: str) -> None:
    page = visit().go(address + "/variation?indicator=cancer-62-day-combined")
    page.wait_for_selector(".plot .main-svg")
    words = page.get_attribute(".plot", "aria-label") or ""
    assert "Ranked dots" in words
    assert "Table" in words


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
