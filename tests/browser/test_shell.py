"""The frame of every page: moving about, copying, printing, and what a visit weighs."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page

from db.settings import load_settings
from db.store import open_store
from etl.pipeline.run import load_files
from stp_dash.web.bundle import basic_bundle
from tests.support.browser.states import HOSTILE
from tests.support.browser.visits import SHIFTS, Visit, served
from tests.support.publications.workforce_files import MAY, practice, table
from tests.support.site.pages import PLOTTED

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
PAGES = ("/", "/variation", "/trend", "/staffing", "/organisation", "/data", "/glossary")
LARGEST_SHIFT, LARGEST_FIRST_SHIFT = 0.1, 0.01
HOSTILE_PAGES = ("/", "/trend", "/organisation")
LARGEST_VISIT, LARGEST_WITHOUT_CHARTS = 850_000, 330_000


def test_moving_within_the_site_is_no_full_load_and_leads_to_the_content(
    visit: Opener, three_address: str
) -> None:
    seen = visit()
    page = seen.go(three_address + "/?period=2024-03")
    page.evaluate("window.stayed = true")
    page.locator("header [aria-current=page]").click()
    page.wait_for_url(three_address + "/")
    main = page.get_by_role("navigation", name="Main")
    for name, path in (("Trend", "/trend"), ("Data and methods", "/data"), ("Overview", "/")):
        main.get_by_role("link", name=name, exact=True).click()
        _is_on(page, path)
        assert page.locator("header nav [aria-current=page]").all_inner_texts() == [name]
        if name == "Trend":
            seen.title_becomes("28-day faster diagnosis")
            page.wait_for_function("() => document.activeElement.id === 'main'")
            assert page.title().startswith("28-day faster diagnosis")
    page.go_back()
    _is_on(page, "/data")
    page.go_forward()
    _is_on(page, "/")
    assert page.evaluate("window.stayed")
    assert (
        page.get_by_role("link", name="Find an organisation").get_attribute("href") == "/organisation?find="
    )
    assert seen.errors == []


def _is_on(page: Page, path: str) -> None:
    page.wait_for_function(
        "path => document.querySelector('header [aria-current]').pathname === path", arg=path
    )


def test_menu_of_a_phone_works_by_keyboard_and_takes_little_room(visit: Opener, three_address: str) -> None:
    page = visit(390).go(three_address + "/")
    header = page.locator("header").bounding_box()
    assert header is not None and header["height"] <= 80
    menu = page.locator("header summary")
    menu.press("Enter")
    assert page.get_by_role("link", name="Find an organisation").is_visible()
    page.get_by_role("link", name="Variation", exact=True).focus()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.innerText") == "Menu"
    assert not page.locator("header nav").is_visible()
    menu.press("Enter")
    page.get_by_role("link", name="Variation", exact=True).press("Enter")
    page.wait_for_url("**/variation")
    page.wait_for_function("() => !document.querySelector('header details').open")


def test_copied_link_reopens_what_was_seen_and_says_so(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RPA")
    button = page.get_by_role("button", name="Copy link")
    button.press("Enter")
    page.wait_for_function("() => document.querySelector('[role=status]').textContent === 'Copied'")
    assert page.evaluate("document.activeElement.innerText") == "Copy link"
    link: str = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(three_address + "/trend?indicator=cancer-62-day-combined&organisation=RPA")
    assert link.endswith("version=3")
    first = page.inner_text("h1")
    assert first.startswith("Medway: 62-day treatment ")
    page.goto("about:blank")
    assert seen.go(link).inner_text("h1") == first
    assert seen.errors == []


def test_paper_opens_the_printer_once_the_charts_are_drawn_and_is_clean(
    visit: Opener, three_address: str
) -> None:
    seen = visit(own=True)
    seen.page.add_init_script(
        "window.printed = []; window.print = () => window.printed.push(document.querySelectorAll('.main-svg').length)"
    )
    page = seen.go(three_address + "/trend")
    page.get_by_role("link", name="Print", exact=True).click()
    page.wait_for_function("() => window.printed.length")
    assert page.evaluate("window.printed.length") == 1
    assert page.evaluate("window.printed[0]") > 0
    assert page.locator("#card-trend table.dt tbody tr").count() > 10, (
        "the table stands open beside the chart"
    )
    assert page.get_by_role("button", name="Print").is_visible()
    page.emulate_media(media="print")
    for gone in ("header", ".filters", ".tabs", ".download", ".paper-bar", "footer nav"):
        assert page.locator(gone).locator("visible=true").count() == 0, gone
    assert page.locator("aside.demo").is_visible()
    foot = page.inner_text("footer")
    assert f"{three_address}/trend?" in foot and "version=3" in foot
    assert "National Making Data Count rules" in foot and "Data version 3" in foot
    assert page.inner_text(".paper-head") == "Performance standards monitor Kent and Medway"
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Back to the page").click()
    page.wait_for_selector("header nav")
    assert "print" not in page.url


def test_paper_lies_as_the_reader_lays_it_and_says_what_it_is_of_on_each_sheet(
    visit: Opener, three_address: str, tmp_path: Path
) -> None:
    """A title, a day and a number on every sheet, on paper of either direction; sources are open."""
    seen = visit(own=True)
    # The page opens the reader's print dialogue by itself; a browser prints one thing at a time.
    seen.page.add_init_script("window.print = () => undefined")
    page = seen.go(three_address + "/variation?print=1")
    seen.settled()
    for landscape, size in ((False, (210, 297)), (True, (297, 210))):
        page.pdf(path=tmp_path / "paper.pdf", format="A4", landscape=landscape, prefer_css_page_size=True)
        with pikepdf.open(tmp_path / "paper.pdf") as paper:
            assert {
                tuple(round(float(edge) / 72 * 25.4) for edge in sheet.mediabox[2:]) for sheet in paper.pages
            } == {size}
            written = [pikepdf.parse_content_stream(sheet) for sheet in paper.pages]
        lines = [sum(str(item.operator) in {"Tj", "TJ"} for item in sheet) for sheet in written]
        assert min(lines[:-1]) > 20, f"a sheet is left nearly empty: {lines}"
    head = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--heading')")
    assert head == json.dumps(
        f"Demonstration data · {page.inner_text('h1')} · Kent and Medway", ensure_ascii=False
    )
    assert page.locator("details.source:not([open])").count() == 0
    split = page.evaluate("getComputedStyle(document.querySelector('.card')).breakInside")
    page.emulate_media(media="print")
    assert page.locator("details.source").first.locator("dd, p, li, table").first.is_visible()
    rows = page.evaluate("[...document.querySelectorAll('tr')].map(row => getComputedStyle(row).breakInside)")
    assert (split, set(rows)) == ("auto", {"avoid"})


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_is_light_and_still_and_asks_for_nothing_again(
    first_visit: Visit, three_address: str, path: str
) -> None:
    """Bytes over the wire and layout shifts of a visit with nothing kept; plotly only where it draws. What came with
    the document stays in its place when the scripts take over."""
    asked: list[str] = []
    first_visit.page.on("request", lambda request: asked.append(request.method))
    first_visit.page.add_init_script(f"({SHIFTS})()")
    wire = _measure(first_visit.page)
    answer = first_visit.page.goto(three_address + path)
    assert answer is not None
    title = unescape(answer.text().partition("<title>")[2].partition("</title>")[0])
    page = first_visit.settled()
    page.wait_for_load_state("networkidle")
    plotly = [size for address, size in wire().items() if address.endswith("/plotly.js")]
    total = sum(wire().values())
    assert bool(plotly) == (path in PLOTTED)
    assert total - sum(plotly) <= LARGEST_WITHOUT_CHARTS
    if basic_bundle():
        assert total <= LARGEST_VISIT
    assert [address for address in wire() if "dash_table" in address] == []
    assert page.evaluate("window.shifts") < LARGEST_FIRST_SHIFT
    assert page.title() == title
    assert title.partition(" · ")[0].partition(",")[0].partition(" – ")[0] in page.inner_text("h1")
    assert "POST" not in asked
    assert page.evaluate("document.getElementById('said').textContent") == ""
    assert first_visit.errors == []


def _measure(page: Page) -> Callable[[], dict[str, int]]:
    """Bytes that came over the wire, by address."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    devtools.on(
        "Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]})
    )
    devtools.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: int(e["encodedDataLength"])})
    )
    return lambda: {addresses[key]: size for key, size in sizes.items() if key in addresses}


def test_moving_on_loads_nothing_twice_and_nothing_jumps(first_visit: Visit, three_address: str) -> None:
    page = first_visit.go(three_address + "/")
    page.evaluate(SHIFTS)
    page.get_by_role("link", name="Trend", exact=True).click()
    page.wait_for_selector("#card-trend .main-svg")
    page.wait_for_load_state("networkidle")
    before = len(first_visit.requests)
    page.get_by_role("link", name="Variation", exact=True).click()
    page.wait_for_selector("#card-ranked .main-svg")
    later = first_visit.requests[before:]
    unneeded = ("_dash-update-component", "data:", "icon.svg")
    assert [address for address in later if not any(part in address for part in unneeded)] == []
    assert page.evaluate("window.shifts") < LARGEST_SHIFT


@pytest.mark.parametrize("place", range(len(HOSTILE_PAGES)))
def test_hostile_parameters_give_plain_pages(visit: Opener, three_address: str, place: int) -> None:
    """Each parameter on one of three pages: what the server makes of each on every page, its own tests ask."""
    seen = visit()
    path = HOSTILE_PAGES[place]
    page = seen.go(three_address + path)
    for query in HOSTILE[place :: len(HOSTILE_PAGES)]:
        seen.move(path + query[:2100])
        assert page.locator("h1").count() == 1, query
    assert seen.errors == []


def test_a_word_without_a_space_breaks_and_widens_no_page(visit: Opener, tmp_path: Path) -> None:
    surgery = "SUPERCALIFRAGILISTICEXPIALIDOCIOUS" * 3
    content = table(practice("G82007"), practice("G82008", PRAC_NAME=surgery))
    (tmp_path / MAY).write_bytes(content)
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    settings = load_settings()
    kept = settings.model_copy(
        update={"store": settings.store.model_copy(update={"raw_folder": tmp_path / "raw"})}
    )
    assert not load_files(store, [tmp_path / MAY], kept, requested_by="a test").failed
    store.close()
    seen = visit(320)
    for address in served(tmp_path / "store.sqlite", []):
        for path in (
            "/organisation?organisation=G82008",
            "/trend?indicator=gp-all-fte-rate&organisation=G82008",
        ):
            page = seen.go(address + path)
            assert surgery in page.inner_text("h1")
            seen.settled()
            assert page.evaluate("document.documentElement.scrollWidth") == 320
