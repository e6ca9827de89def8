"""The way onward: what leads from page to page, how many clicks a task takes, and what assistive technology is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from db.domain import Period
from tests.support.browser.axe import violations
from tests.support.browser.visits import Visit, served
from tests.support.seed import TREATED_62, Row, three_subjects

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]


@pytest.fixture(scope="module")
def grouped_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site over three subjects, with the 62-day standard of our trusts by tumour group."""
    last = Period.month(2026, 8)
    groups = [
        Row(TREATED_62, trust, last, in_time, 40, breakdown=f"tumour group: {group}")
        for trust in ("RVV", "RWF", "RPA", "RN7")
        for group, in_time in (("Breast", 36), ("Lung", 20), ("Urological", 12))
    ]
    yield from served(tmp_path_factory.mktemp("groups") / "store.sqlite", [*three_subjects(), *groups])


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
    page = visit(own=True).go(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RVV")
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


WORST = "/variation?indicator=cancer-62-day-combined&by=trust"


def test_from_which_trust_is_worst_to_which_tumour_group_is_one_click(
    visit: Opener, grouped_address: str
) -> None:
    seen = visit()
    page = seen.go(grouped_address + WORST)
    way = page.get_by_role("navigation", name="Go on to")
    link = way.get_by_role("link", name="by tumour group")
    worst = link.inner_text().removesuffix(" by tumour group")
    link.click()
    page.wait_for_url("**/organisation?**groups=cancer-62-day-combined**#card-tumour-groups")
    page.wait_for_function("() => document.activeElement.id === 'card-tumour-groups'")
    card = page.locator("#card-tumour-groups")
    assert "62-day treatment by tumour group" in card.inner_text()
    assert worst in page.inner_text("main")
    assert card.evaluate("c => c.getBoundingClientRect().top < window.innerHeight")
    assert seen.errors == []


@pytest.mark.parametrize(
    ("words", "leads_to"),
    (
        ("All trusts", "/variation?indicator=cancer-62-day-combined&organisation=RVV&by=trust&period="),
        ("Tumour groups", "/organisation?organisation=RVV&groups=cancer-62-day-combined"),
        ("East Kent: every indicator", "/organisation?organisation=RVV&indicator=cancer-62-day-combined"),
        ("The file", "/data?indicator=cancer-62-day-combined&organisation=RVV#card-files"),
    ),
)
def test_a_trend_goes_on_in_one_click(visit: Opener, grouped_address: str, words: str, leads_to: str) -> None:
    page = visit().go(grouped_address + "/trend?indicator=cancer-62-day-combined&organisation=RVV")
    page.get_by_role("navigation", name="Go on to").get_by_role("link", name=words).click()
    page.wait_for_function(
        "leads => (location.pathname + location.search + location.hash).startsWith(leads)", arg=leads_to
    )


@pytest.mark.parametrize(
    ("start", "place", "words", "leads_to"),
    (
        ("/", "main", "28-day faster diagnosis missed", "/trend?indicator=cancer-28-day-faster-diagnosis"),
        ("/challenges", "main", "Cancer waits", "/trend?indicator=cancer-28-day-faster-diagnosis"),
        (
            "/organisation?organisation=RVV",
            "main table",
            "31-day treatment",
            "/trend?indicator=cancer-31-day-combined&organisation=RVV",
        ),
        (
            "/organisation?organisation=G82001",
            "main table",
            "GP nurses",
            "/trend?indicator=gp-nurse-fte-rate&organisation=G82001",
        ),
        (
            "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
            "#card-map",
            "Thanet",
            "/trend?indicator=gp-fully-qualified-fte-rate&organisation=10E",
        ),
        (
            "/trend?indicator=stroke-thrombolysis-within-60-minutes&organisation=RPA",
            "main",
            "Darent Valley Hospital",
            "/trend?indicator=stroke-thrombolysis-within-60-minutes&organisation=S148",
        ),
    ),
)
def test_what_is_named_is_seen_over_time_in_one_click(
    visit: Opener, three_address: str, start: str, place: str, words: str, leads_to: str
) -> None:
    """What needs attention, a challenge, a row of a trust and of a practice, an area, the team that serves a trust."""
    page = visit().go(three_address + start)
    page.locator(place).get_by_role("link", name=words).first.click()
    page.wait_for_function("leads => (location.pathname + location.search).startsWith(leads)", arg=leads_to)


def test_the_navigation_carries_the_subject_there_and_back(visit: Opener, three_address: str) -> None:
    seen = visit()
    start = "/trend?indicator=cancer-62-day-combined&organisation=RVV&to=2025-12&rules=nhs-r"
    page = seen.go(three_address + start)
    first = page.inner_text("h1")
    for name in ("Overview", "Variation", "Organisations", "Staffing", "Data and methods"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        page.wait_for_function(
            "name => document.querySelector('header [aria-current]').textContent === name", arg=name
        )
        assert "rules=nhs-r" in page.url, name
        assert not page.inner_text("h1").startswith("This address"), name
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Trend", exact=True).click()
    seen.title_becomes(first)
    for part in ("indicator=cancer-62-day-combined", "organisation=RVV", "to=2025-12", "rules=nhs-r"):
        assert part in page.url
    assert seen.errors == []


def test_a_click_on_a_dot_opens_its_organisation(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + WORST)
    page.wait_for_selector("#card-ranked .main-svg")
    dot = page.locator("#card-ranked .scatterlayer .trace").last.locator(".points path").first
    box = dot.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 40, middle[1] - 40)
    page.mouse.move(*middle, steps=5)
    page.mouse.click(*middle)
    page.wait_for_url("**/trend?indicator=cancer-62-day-combined&organisation=R*")
    assert seen.errors == []


def test_points_are_reached_by_arrow_keys_and_enter_opens_one(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RVV")
    page.wait_for_selector("#card-trend .main-svg")
    page.focus("#card-trend .plot")
    page.keyboard.press("End")
    page.wait_for_function("() => document.getElementById('news').textContent.includes('2026')")
    assert page.locator("#card-trend .hoverlayer text").count() > 0
    page.keyboard.press("Enter")
    page.wait_for_url(
        "**/data?indicator=cancer-62-day-combined&organisation=RVV&period=2026-*#card-revisions"
    )
    page.wait_for_function("() => document.activeElement.id === 'card-revisions'")
    assert seen.errors == []


def test_bars_and_tiles_of_staff_lead_to_trends(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/staffing")
    for card in ("#card-areas", "#card-map"):
        links = page.locator(f"{card} .linked > a")
        assert links.count() > 1, card
        for link in links.all():
            assert (link.get_attribute("href") or "").startswith("/trend?indicator=gp-")
            box = link.bounding_box()
            assert box is not None and min(box["width"], box["height"]) >= 24, card
    page.locator("#card-areas .linked > a").first.press("Enter")
    page.wait_for_url("**/trend?indicator=gp-fully-qualified-fte-rate&organisation=*")
    assert seen.errors == []


@pytest.mark.parametrize(
    "path", ("/trend?indicator=cancer-62-day-combined&organisation=RVV", WORST + "&peers=chosen")
)
def test_no_menu_has_a_flat_list_above_twenty(visit: Opener, three_address: str, path: str) -> None:
    page = visit().go(three_address + path)
    longest = page.evaluate(
        "() => Math.max(...[...document.querySelectorAll('.bar select')].flatMap(menu => "
        "[menu.querySelectorAll(':scope > option').length, "
        "...[...menu.querySelectorAll('optgroup')].map(group => group.children.length)]))"
    )
    assert longest <= 20


def test_a_long_menu_is_searched_by_any_word_and_by_keys_alone(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RVV")
    page.focus("#control-indicator")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.activeElement.getAttribute('aria-label') === 'Search in Indicator'"
    )
    heads = page.locator("#finder [role=group]").evaluate_all("all => all.map(part => part.ariaLabel)")
    assert {"Stroke", "Cancer", "Cancer: ended"} <= set(heads)
    assert violations(page) == []
    page.keyboard.type("needle do")
    assert page.locator("#finder [role=option]").all_inner_texts() == ["Door to needle, median"]
    assert page.locator("#finder input").get_attribute("aria-activedescendant") is not None
    page.wait_for_function("() => document.getElementById('news').textContent === '1 choice'")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.classList.contains('find-in')")
    assert page.locator("#finder").count() == 0
    page.keyboard.press("Enter")
    page.keyboard.type("needle")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trend?indicator=stroke-door-to-needle-median-minutes*")
    page.wait_for_function("() => document.activeElement.id === 'control-indicator'")
    assert seen.errors == []


def test_search_begins_in_the_box_and_suggests_while_typing(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/")
    page.get_by_role("link", name="Find an organisation").click()
    page.wait_for_function("() => document.activeElement.id === 'find-words'")
    page.keyboard.type("medw")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#suggestions > li')].some(o => o.textContent.includes('RPA'))"
    )
    assert page.get_attribute("#find-words", "aria-expanded") == "true"
    assert violations(page) == []
    names = page.locator("#suggestions > li").all_inner_texts()
    place = next(place for place, words in enumerate(names) if "RPA" in words)
    for _ in range(place + 1):
        page.keyboard.press("ArrowDown")
    assert page.get_attribute("#find-words", "aria-activedescendant") == f"suggestion-{place}"
    page.keyboard.press("Enter")
    page.wait_for_url("**/organisation?organisation=RPA")
    assert seen.errors == []


def test_escape_closes_the_suggestions_and_enter_searches_as_before(
    visit: Opener, three_address: str
) -> None:
    page = visit().go(three_address + "/organisation?find=")
    page.fill("#find-words", "kent")
    page.wait_for_selector("#suggestions > li")
    page.keyboard.press("Escape")
    assert page.locator("#suggestions > li").count() == 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/organisation?find=kent")
