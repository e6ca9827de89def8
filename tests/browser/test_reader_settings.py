"""What readers set in their browser and system: the size of letters, and colours of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser.visits import CHROMIUM_WITHOUT, Visit, chromium

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
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
def large(browser: Browser) -> Iterator[Visit]:
    """A page of the same browser where letters are 32 px high unless a page says otherwise: twice the usual."""
    program = chromium()
    assert program is not None, "the other browser was found"
    size = "--blink-settings=defaultFontSize=32"
    found = browser.browser_type.launch(executable_path=program, args=[CHROMIUM_WITHOUT, size])
    yield Visit(found.new_page(viewport={"width": 1440, "height": 900}))
    found.close()


@pytest.mark.parametrize("path", PAGES)
def test_text_grows_and_nothing_is_cut_off(large: Visit, three_address: str, path: str) -> None:
    large.page.set_viewport_size({"width": 1440, "height": 900})
    page = large.go(three_address + path)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(".page.phone" if width == 390 else ".page")
        large.settled()
        assert page.evaluate(SIZE, "main p") >= 24, width
        assert page.evaluate(TOO_WIDE) <= 0, width
        assert page.evaluate(CUT) == [], width


def test_controls_grow_with_their_text(visit: Opener, large: Visit, three_address: str) -> None:
    heights = []
    for seen in (visit(), large):
        seen.page.set_viewport_size({"width": 1440, "height": 900})
        box = seen.go(three_address + "/trend").locator("select.menu").first.bounding_box()
        assert box is not None
        heights.append(box["height"])
    assert heights == [32, 64]


def test_what_is_current_has_a_ground_and_an_edge_of_its_own_in_forced_colours(
    visit: Opener, three_address: str
) -> None:
    page = visit(own=True).go(three_address + "/trend")
    page.emulate_media(forced_colors="active")
    for chosen in ("header nav a", ".seg a", ".tabs a"):
        grounds = page.evaluate(GROUNDS, chosen)
        current = {ground for now, ground in grounds if now}
        assert len(current) == 1, chosen
        assert current.isdisjoint({ground for now, ground in grounds if not now}), chosen
    for place in ("header nav", "#card-trend .tabs"):
        edges = [
            page.locator(f"{place} a{which}").first.evaluate("a => getComputedStyle(a).borderBottomColor")
            for which in ("[aria-current]", ":not([aria-current])")
        ]
        assert edges[0] != edges[1], place
    assert page.evaluate("getComputedStyle(document.querySelector('select.menu')).appearance") == "auto"
