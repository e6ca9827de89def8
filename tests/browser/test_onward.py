"""The way onward: what leads from page to page, how many clicks a task takes, and what assistive technology is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.visits import Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]


def test_a_filters_change_is_announced_with_the_new_title_and_keeps_the_focus(
    visit: Opener, three_address: str
) -> None:
    seen = visit()
    page = seen.go(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RVV")
    assert page.inner_text("#news") == "", "nothing is announced on arrival"
    page.focus("#control-indicator")
    page.get_by_label("Indicator").select_option("31-day treatment")
    seen.title_becomes("31-day treatment")
    page.wait_for_function(
        "() => document.getElementById('news').textContent === document.querySelector('#page h1').textContent"
    )
    page.wait_for_function("() => document.activeElement.id === 'control-indicator'")
    assert page.get_attribute("#news", "role") == "status"
    assert seen.errors == []


def test_tabs_bear_the_name_of_their_card_and_stay_short(visit: Opener, three_address: str) -> None:
    page = visit().go(three_address + "/variation?indicator=cancer-62-day-combined&by=trust")
    for words in ("Chart", "Table"):
        tab = page.get_by_role("link", name=f"{words}: Where our trusts stand in England", exact=True)
        assert tab.inner_text() == words
    for card in page.locator("#page [data-card]:not(button)").all():
        title = card.get_attribute("data-title")
        names = [
            item.get_attribute("aria-label") or "" for item in card.locator(".tabs a, .tabs summary").all()
        ]
        assert names and all(str(title) in name for name in names), title


def test_forced_colours_show_the_page_the_segment_and_the_tab_that_one_is_on(
    visit: Opener, three_address: str
) -> None:
    page = visit().go(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RVV")
    page.emulate_media(forced_colors="active")
    for place in ("header nav", "#card-trend .tabs"):
        edges = [
            page.locator(f"{place} a{which}").first.evaluate("a => getComputedStyle(a).borderBottomColor")
            for which in ("[aria-current]", ":not([aria-current])")
        ]
        assert edges[0] != edges[1], place
    grounds = [
        page.locator(f".seg a{which}").first.evaluate("a => getComputedStyle(a).backgroundColor")
        for which in ("[aria-current]", ":not([aria-current])")
    ]
    assert grounds[0] != grounds[1]
