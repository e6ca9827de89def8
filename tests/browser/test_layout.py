"""Cards without empty halves, tables whose cells keep apart, controls in one row: from the boxes that are drawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.browser.visits import Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
PAGES = (
    "/",
    "/?period=2024-03",
    "/?by=ccg",
    "/variation?indicator=cancer-62-day-combined",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV",
    "/trend?indicator=stroke-thrombolysis-within-60-minutes",
    "/staffing",
    "/staffing?by=practice",
    "/organisation?organisation=RVV",
    "/organisation?organisation=QKS",
    "/organisation?organisation=G82001",
    "/data",
    "/operations",
    "/operations?view=runs",
)
MOST_EMPTY = 0.35
"""The share of a card's height that may lie empty under its last words or picture."""
EMPTY = """() => [...document.querySelectorAll("main .card")].map(card => {
  const box = card.getBoundingClientRect(), style = getComputedStyle(card);
  const inside = box.bottom - parseFloat(style.paddingBottom) - 1;
  const parts = [...card.querySelectorAll("*")].filter(e => !e.closest(".foot")
    && (e.matches("img, svg, td, th, input, button, .plot") || [...e.childNodes].some(n => n.nodeType === 3)));
  const bottoms = parts.map(e => e.getBoundingClientRect()).filter(b => b.height && b.width).map(b => b.bottom);
  const foot = card.querySelector(".foot")?.getBoundingClientRect();
  const end = foot ? foot.top - 17 : inside;
  return [card.querySelector("h2, h3, dt")?.textContent, Math.max(0, end - Math.max(...bottoms)) / box.height];
})"""
GUTTERS = """() => [...document.querySelectorAll("main .grid")].flatMap(grid => {
  const boxes = [...grid.children].map(e => e.getBoundingClientRect()).filter(b => b.height);
  return boxes.flatMap(one => boxes.filter(b => b.top < one.bottom - 1 && b.bottom > one.top + 1 && b !== one)
    .map(other => Math.max(0, other.bottom - one.bottom) / Math.max(other.height, 1)));
})"""
OVERLAPS = """() => {
  const words = cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return [...range.getClientRects()].filter(b => b.width > 1 && b.height > 1);
  };
  const texts = row => [...row.querySelectorAll(".lat > *, td, th")].filter(
    e => !e.querySelector(".lat") && e.checkVisibility()).map(e => [e, words(e)]);
  return [...document.querySelectorAll("main tr")].filter(row => row.checkVisibility() && !row.closest(".vh"))
    .flatMap(row => {
      const cells = texts(row);
      return cells.flatMap(([one, boxes], place) => cells.slice(place + 1).filter(([, others]) =>
        boxes.some(a => others.some(b => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1
          && b.top < a.bottom - 1))).map(([other]) => one.textContent + " | " + other.textContent));
    });
}"""
ROWS_OF_BAR = """() => new Set([...document.querySelectorAll(".bar > *")].map(
  e => Math.round(e.getBoundingClientRect().bottom))).size"""


@pytest.mark.parametrize("path", PAGES)
def test_no_card_is_half_empty_and_no_words_run_into_others(
    visit: Opener, three_address: str, path: str
) -> None:
    seen = visit(1440)
    page = seen.go(three_address + path)
    seen.settled()
    assert [card for card in page.evaluate(EMPTY) if card[1] > MOST_EMPTY] == []
    assert [share for share in page.evaluate(GUTTERS) if share > MOST_EMPTY] == []
    assert page.evaluate(ROWS_OF_BAR) <= 1
    assert page.evaluate(OVERLAPS) == []


MENUS = """() => [...document.querySelectorAll("details.download")].filter(e => e.checkVisibility()).map(menu => {
  menu.open = true;
  const list = menu.querySelector("ul"), box = list.getBoundingClientRect();
  const hidden = [...list.querySelectorAll("a, button, summary")].filter(e => e.checkVisibility()).filter(e => {
    const b = e.getBoundingClientRect();
    e.scrollIntoView({block: "center"});
    const now = e.getBoundingClientRect();
    const on = document.elementFromPoint(now.left + now.width / 2, now.top + now.height / 2);
    return b.width && !e.contains(on) && !on?.contains(e);
  }).map(e => e.textContent);
  menu.open = false;
  return [menu.querySelector("summary").getAttribute("aria-label"), box.left, box.right - innerWidth, hidden];
})"""


@pytest.mark.parametrize("width", [390, 1440])
def test_what_a_card_offers_to_download_is_on_the_screen_and_can_be_pressed(
    visit: Opener, three_address: str, width: int
) -> None:
    seen, counted = visit(width), 0
    for path in ("/", "/variation?indicator=cancer-62-day-combined", "/organisation?organisation=RVV"):
        page = seen.go(three_address + path)
        for name, left, over, hidden in page.evaluate(MENUS):
            counted += 1
            assert left >= 0 and over <= 0, f"{path} at {width}: {name}"
            assert hidden == [], f"{path} at {width}: {name}"
    assert counted >= 6
