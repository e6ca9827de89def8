"""Cards without empty halves, tables whose cells keep apart, controls in one row: from the boxes that are drawn."""

from __future__ import annotations

from playwright.sync_api import Page

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


def is_laid_out(page: Page) -> None:
    """No card of a wide page is half empty, no words run into others, and the controls stand in one row."""
    assert [card for card in page.evaluate(EMPTY) if card[1] > MOST_EMPTY] == []
    assert [share for share in page.evaluate(GUTTERS) if share > MOST_EMPTY] == []
    assert page.evaluate(ROWS_OF_BAR) <= 1
    assert page.evaluate(OVERLAPS) == []
