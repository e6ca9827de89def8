"""Pages that lie well on a wide screen beside those of the states, which are looked at in their own visits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.browser.layout import is_laid_out
from tests.support.browser.visits import Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]


@pytest.mark.parametrize(
    "path",
    (
        "/variation?indicator=cancer-62-day-combined",
        "/trend?indicator=cancer-62-day-combined&organisation=RVV",
        "/staffing?by=practice",
        "/organisation?organisation=RVV",
    ),
)
def test_no_card_is_half_empty_and_no_words_run_into_others(
    visit: Opener, three_address: str, path: str
) -> None:
    seen = visit(1440)
    page = seen.go(three_address + path)
    seen.settled()
    is_laid_out(page)


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
