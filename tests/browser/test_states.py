"""Every page in every state of the list, in a real browser: accessible, clean, and no wider than the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.axe import violations
from tests.support.browser.layout import is_laid_out
from tests.support.browser.states import EMPTY, LAID_OUT, STATES, WRONG
from tests.support.browser.visits import TAKEN_OVER, Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
WIDTHS = {1440: "desktop", 768: "tablet", 360: "phone"}
CARDS = """() => [...document.querySelectorAll("#page [data-card]:not(button)")].map(card => ({
  name: card.dataset.card,
  title: card.dataset.title,
  heading: card.querySelector("h2, h3")?.innerText ?? "",
  say: card.dataset.say,
  said: card.innerText.includes(card.dataset.say),
  source: card.dataset.source,
  foot: card.querySelector(".foot")?.innerText ?? "",
  tabs: [...card.querySelectorAll(".tabs > a, .tabs summary")].map(tab => tab.innerText),
  unnamed: [...card.querySelectorAll(".plot")].filter(
    plot => plot.getAttribute("role") !== "img" || (plot.getAttribute("aria-label") ?? "").length < 20).length,
  wordless: [...card.querySelectorAll("img")].filter(image => !image.hasAttribute("alt")).length,
}))"""


@pytest.mark.parametrize("path", STATES)
def test_state(visit: Opener, three_address: str, path: str) -> None:
    seen = visit(1440, own="print=1" in path)  # paper opens the print dialogue, which holds its page
    page = seen.go(three_address + path)
    for width, name in WIDTHS.items():
        if name == "tablet" and "?" in path:
            continue  # a tablet's arrangement is a page's, not a state's
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(f".page.{'tablet' if 'print=1' in path else name}")
        seen.settled()
        assert violations(page) == [], f"{path} at {width}"
        assert _overflow(page) <= 0, f"{path} at {width}"
        if width == 1440:
            _cards_are_whole(page)
            if path in LAID_OUT:
                is_laid_out(page)
            if path in (*EMPTY, *WRONG):
                _says_why_and_leads_on(page)
    assert seen.errors == []
    assert [url for url in seen.requests if not url.startswith((three_address, "data:"))] == []


def test_emails_are_asked_for_by_keyboard(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(f"{three_address}/follow")
    page.locator("#follow-how_often-monthly").press("Space")
    page.locator("#follow-topic-cancer").press("Space")
    page.locator("#page #follow-address").focus()
    page.keyboard.type("reader@example.nhs.uk")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Look into your mail")).to_be_visible()
    _is_sound(page)
    assert page.url == f"{three_address}/follow?said=asked"
    assert seen.errors == []


def _is_sound(page: Page) -> None:
    """Accessible, and no wider than the screen, on a wide one and on a telephone."""
    page.wait_for_function(TAKEN_OVER)
    for width, name in ((1440, "desktop"), (360, "phone")):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(f"#page > .page.{name}")
        assert violations(page) == [], (page.url, width)
        assert _overflow(page) <= 0, (page.url, width)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_selector("#page > .page.desktop")


def _overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


def _cards_are_whole(page: Page) -> None:
    """Each card with a chart has a name, a sentence, a table, downloads and a source, and its pictures have words."""
    for card in page.evaluate(CARDS):
        assert card["title"], card
        assert card["title"] in card["heading"] or "print=1" in page.url, card
        assert len(card["say"].split()) >= 4, card
        assert card["said"], card
        assert card["source"] and card["source"] in card["foot"], card
        assert {"Chart", "Table", "Download"} <= set(card["tabs"]) or "print=1" in page.url, card
        assert card["unnamed"] == card["wordless"] == 0, card


def _says_why_and_leads_on(page: Page) -> None:
    """A page without numbers."""
    main = page.locator("main")
    assert main.locator("a[href]").count() >= 1
    assert "invented" not in main.inner_text()
    assert len(main.inner_text().split()) >= 10
