"""What readers set in their browser and system: the size of letters, and colours of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.browser.visits import CHROMIUM_WITHOUT, Visit, chromium

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/challenges",
    "/trend",
    "/variation",
    "/organisation?organisation=RVV",
    "/staffing",
    "/data",
    "/operations",
    "/nowhere",
)
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT = """() => [...document.querySelectorAll("header a, summary, .btn, .seg, .seg a, select.menu, h1, .lede")]
  .filter(e => e.checkVisibility() && !e.closest(".vh") && e.scrollHeight > e.clientHeight + 2)
  .map(e => e.tagName + " " + e.textContent.slice(0, 40))"""
SIZE = "selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
GROUNDS = """selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).map(
  e => [e.hasAttribute("aria-current"), getComputedStyle(e).backgroundColor])"""


@pytest.fixture(scope="module")
def large(browser: Browser) -> Iterator[BrowserContext]:
    """The same browser where letters are 32 px high unless a page says otherwise: twice the usual."""
    program = chromium()
    assert program is not None, "the other browser was found"
    size = "--blink-settings=defaultFontSize=32"
    found = browser.browser_type.launch(executable_path=program, args=[CHROMIUM_WITHOUT, size])
    yield found.new_context(viewport={"width": 1440, "height": 900})
    found.close()


@pytest.mark.parametrize("path", PAGES)
def test_text_grows_and_nothing_is_cut_off(large: BrowserContext, three_address: str, path: str) -> None:
    seen = Visit(large.new_page())
    page = seen.go(three_address + path)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(".page.phone" if width == 390 else ".page")
        seen.settled()
        assert page.evaluate(SIZE, "main p") >= 24, width
        assert page.evaluate(TOO_WIDE) <= 0, width
        assert page.evaluate(CUT) == [], width
    page.close()


def test_controls_grow_with_their_text(
    large: BrowserContext, context: BrowserContext, three_address: str
) -> None:
    heights = []
    for one in (context, large):
        page = one.new_page()
        page.set_viewport_size({"width": 1440, "height": 900})
        box = Visit(page).go(three_address + "/trend").locator("select.menu").first.bounding_box()
        assert box is not None
        heights.append(box["height"])
        page.close()
    assert heights == [32, 64]


@pytest.mark.parametrize("chosen", ("header nav a", ".seg a", ".tabs a"))
def test_what_is_current_has_a_ground_of_its_own_in_forced_colours(
    browser: Browser, three_address: str, chosen: str
) -> None:
    context = browser.new_context(forced_colors="active", viewport={"width": 1440, "height": 900})
    page = Visit(context.new_page()).go(three_address + "/trend")
    grounds = page.evaluate(GROUNDS, chosen)
    current = {ground for now, ground in grounds if now}
    assert len(current) == 1
    assert current.isdisjoint({ground for now, ground in grounds if not now})
    assert page.evaluate("getComputedStyle(document.querySelector('select.menu')).appearance") == "auto"
    context.close()
