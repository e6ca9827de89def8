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
        "/trend?indicator=cancer-62-day-combined&organisation=RVV",
        "/staffing?by=practice",
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


@pytest.mark.parametrize(
    ("path", "fewest"),
    (
        ("/", 1),
        ("/variation?indicator=cancer-62-day-combined", 3),
        ("/organisation?organisation=RVV", 3),
    ),
)
def test_what_a_card_offers_to_download_is_on_the_screen_and_can_be_pressed(
    visit: Opener, three_address: str, path: str, fewest: int
) -> None:
    """On pages that lie well, too."""
    seen = visit(1440)
    page = seen.go(three_address + path)
    seen.settled()
    is_laid_out(page)
    for width, name in ((1440, "desktop"), (390, "phone")):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(f"#page > .page.{name}")
        menus = page.evaluate(MENUS)
        assert len(menus) >= fewest, f"{path} at {width}"
        for menu, left, over, hidden in menus:
            assert left >= 0 and over <= 0, f"{path} at {width}: {menu}"
            assert hidden == [], f"{path} at {width}: {menu}"
