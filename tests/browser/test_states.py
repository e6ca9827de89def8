"""Every page in every state of the list, in a real browser: accessible, clean, and no wider than the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser.axe import violations
from tests.support.browser.layout import is_laid_out
from tests.support.browser.states import EMPTY, LAID_OUT, STATES, WRONG
from tests.support.browser.visits import TAKEN_OVER, Visit
from tests.support.seed import FDS
from tests.support.site.operators import NAME, PHRASE

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
        seen_before = width != 1440 and "?" in path  # a phone's colours are a page's, too
        assert violations(page, contrast=not seen_before) == [], f"{path} at {width}"
        assert _overflow(page) <= 0, f"{path} at {width}"
        if width == 1440:
            _cards_are_whole(page)
            if path in LAID_OUT:
                is_laid_out(page)
            if path in (*EMPTY, *WRONG):
                _says_why_and_leads_on(page)
    assert seen.errors == []
    assert [url for url in seen.requests if not url.startswith((three_address, "data:"))] == []


@pytest.fixture
def editor(browser: Browser, three_address: str) -> Iterator[Visit]:
    """Somebody who is signed in and may write, in a browser of their own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    seen = Visit(context.new_page())
    seen.page.goto(f"{three_address}/sign-in")
    seen.page.fill("#name", NAME)
    seen.page.fill("#password", PHRASE)
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_function(TAKEN_OVER)
    yield seen
    context.close()
    assert seen.errors == []


def test_commentary_is_written_shown_and_withdrawn_by_keyboard(
    visit: Opener, editor: Visit, three_address: str
) -> None:
    address = f"{three_address}/trend?indicator={FDS}&organisation=RVV"
    page = editor.go(address)
    _press(page, "link", "Write about August 2026")
    _type(page, "say-role", "Planned care lead", "Two rooms are <b>closed</b>.")
    expect(page.locator("#page #count-happened")).to_contain_text("28 of 600")
    _type(page, "what-0", "Reopen them", "Cancer lead", "never")
    _press(page, "button", "Save and show to readers")
    expect(page.locator("#page #wrong-assurance")).to_be_visible()
    _is_sound(page)
    _type(page, "by-0", "16 Nov 2026")
    _type(page, "say-assurance", "Nothing yet")
    _press(page, "button", "Save and show to readers")
    _told(page, "Readers see it now.")
    reader = visit(1440, own=True)
    read = reader.go(address)
    expect(read.locator("#page #card-commentary")).to_contain_text("Two rooms are <b>closed</b>.")
    expect(read.locator("#page #card-commentary")).to_contain_text("Planned care lead")
    assert read.locator("#page #card-editor, #page .commentary form").count() == 0
    _is_sound(read)
    assert reader.errors == []
    _press(page, "link", "Edit")
    page.locator("#page summary", has_text="Withdraw what readers see").press("Enter")
    _type(page, "say-reason", "The rooms are open.")
    _press(page, "button", "Withdraw")
    _told(page, "readers see it no longer.")
    assert reader.go(address).locator("#page #card-commentary").count() == 0


def test_emails_are_asked_for_by_keyboard(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(f"{three_address}/follow")
    page.locator("#follow-how_often-monthly").press("Space")
    page.locator("#follow-topic-cancer").press("Space")
    _type(page, "follow-address", "reader@example.nhs.uk")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Look into your mail")).to_be_visible()
    _is_sound(page)
    assert page.url == f"{three_address}/follow?said=asked"
    assert seen.errors == []


def _press(page: Page, role: Literal["button", "link"], name: str) -> None:
    page.locator("#page").get_by_role(role, name=name, exact=True).press("Enter")


def _told(page: Page, words: str) -> None:
    expect(page.locator("#page .told")).to_contain_text(words)
    page.wait_for_function(TAKEN_OVER)


def _type(page: Page, first: str, *words: str) -> None:
    """Types into a field, in place of what it has, and into those that the Tab key leads to."""
    page.locator(f"#page #{first}").focus()
    for place, word in enumerate(words):
        page.keyboard.press("Tab" if place else "Control+A")
        page.keyboard.type(word)


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
