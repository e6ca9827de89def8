"""What a reader sees before any script has run, and how the scripts' page takes its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.support.browser.axe import violations
from tests.support.browser.visits import DRAWN

pytestmark = pytest.mark.browser

TELEPHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
PLOTTED = (
    "/trend",
    "/trend?indicator=stroke-thrombolysis-within-60-minutes",
    "/trend?indicator=stroke-ssnap-level",
    "/trend?indicator=cancer-28-day-faster-diagnosis&restart=2025-09",
    "/variation",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=practice",
    "/staffing",
)
PIXELS = 1.5
"""How far words and marks may lie from where plotly puts them."""
LINES = 6
"""The same for labels of several lines that end at their point: the server only estimates how long they are."""
_HOLD = """(() => {
  const held = [], frame = window.requestAnimationFrame;
  window.requestAnimationFrame = then => held.push(then);
  window.startScripts = () => { window.requestAnimationFrame = frame; held.forEach(then => frame(then)); };
})()"""
"""The script that starts all others waits for the first painting: until it is told that this is done."""
_WORDS = """([where, left]) => [...document.querySelectorAll(where)].map(plot => {
  const from = plot.getBoundingClientRect();
  return [...plot.querySelectorAll("text")].filter(text => text.textContent.trim() && !text.closest(left)).map(text => {
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left - from.left, box.top - from.top + box.height / 2];
  });
})"""
_MARKS = """([where, what]) => [...document.querySelectorAll(where)].map(plot => {
  const from = plot.getBoundingClientRect();
  return [...plot.querySelectorAll(what)].map(mark => {
    const box = mark.getBoundingClientRect();
    return [box.left + box.width / 2 - from.left, box.top + box.height / 2 - from.top, box.width, box.height];
  });
})"""
GIVEN = (
    "/",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV&table=trend",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/staffing",
    "/organisation?find=kent",
    "/operations?edit=ssnap&kind=cron",
    "/trend?print=1",
)
"""Pages of every kind, read from their documents."""
_DIFFERENCE = """async () => {
  const given = JSON.parse(document.getElementById("given").textContent);
  const answer = await fetch("/_dash-update-component", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({output: "page.children", outputs: {id: "page", property: "children"},
      inputs: [{id: "request", property: "data", value: given.asked}], changedPropIds: ["request.data"]})});
  const asked = (await answer.json()).response.page.children;
  const none = value => value === null || value === undefined || value === false || value === "";
  const all = part => none(part) ? [] : Array.isArray(part) ? part.flatMap(all) : [part];
  const words = (name, value) => name === "style" ? Object.entries(value).flat().join() : value;
  const said = part => Object.entries(part.props).filter(([name, value]) => name !== "children" && !none(value))
    .map(([name, value]) => name + "=" + words(name, value)).sort().join(" ");
  const lines = part => {
    if (typeof part !== "object") { return [String(part)]; }
    if (part.namespace !== "dash_html_components" && part.type !== "Link") { return ["<" + JSON.stringify(part)]; }
    const kind = part.type.replace("Link", "A");
    return ["<" + kind + " " + said(part) + ">", ...all(part.props.children).flatMap(lines), "</" + kind + ">"];
  };
  const found = part => lines(part).join("").replace(/\\d\\d:\\d\\d:\\d\\d/g, "");
  const [ours, theirs] = [found(window.read(given.asked) || ""), found(asked)];
  const at = [...theirs].findIndex((letter, place) => letter !== ours[place]);
  return ours === theirs ? "" : "..." + ours.slice(Math.max(at - 60, 0), at + 60);
}"""
Opener = Callable[..., Page]


def _stop(route: Route) -> None:
    route.abort()


@pytest.fixture
def reader(browser: Browser) -> Iterator[Opener]:
    """Opens a page for a reader who has never been here."""
    opened: list[BrowserContext] = []

    def opener(width: int = 1440, *, scripts: bool = True, telephone: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            user_agent=TELEPHONE if telephone else None,
        )
        opened.append(context)
        return context.new_page()

    yield opener
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def held_pages(browser: Browser) -> Iterator[dict[bool, Page]]:
    """A page on a desktop and, under True, one on a telephone, whose scripts do not start by themselves."""
    contexts = {
        telephone: browser.new_context(user_agent=TELEPHONE if telephone else None)
        for telephone in (False, True)
    }
    for context in contexts.values():
        context.add_init_script(_HOLD)
    yield {telephone: context.new_page() for telephone, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture
def held(held_pages: dict[bool, Page]) -> Iterator[Opener]:
    """Opens an address of which only the document has come, whole and with its style."""

    def opener(address: str, width: int = 1440, *, telephone: bool = False) -> Page:
        page = held_pages[telephone]
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        return page

    yield opener
    for page in held_pages.values():
        page.goto("about:blank")
        page.emulate_media(media="screen")


def _started(page: Page) -> Page:
    """The page once the scripts have taken over and all is drawn."""
    page.evaluate("startScripts()")
    return _settled(page)


def _settled(page: Page) -> Page:
    page.wait_for_function(DRAWN)
    return page


@pytest.mark.parametrize(("width", "telephone"), ((1440, False), (390, True)))
@pytest.mark.parametrize("path", PLOTTED)
def test_words_and_marks_stand_where_plotly_puts_them(
    held: Opener, three_address: str, path: str, width: int, telephone: bool
) -> None:
    page = held(three_address + path, width, telephone=telephone)
    still = page.evaluate(_WORDS, ["#first .plot", ".nothing"])
    still_marks = page.evaluate(_MARKS, ["#first .plot", "circle, use"])
    _started(page)
    drawn = page.evaluate(_WORDS, ["#page .plot", ".hoverlayer"])
    drawn_marks = page.evaluate(_MARKS, ["#page .plot", "path.point"])
    assert len(still) == len(drawn) > 0
    for ours, theirs in zip(still, drawn, strict=True):
        assert sorted(_lines(ours)) == sorted(_lines(theirs))
        for words, left, middle in theirs:
            assert _near(words, left, middle, ours), (words, left, middle, ours)
    for ours, theirs in zip(still_marks, drawn_marks, strict=True):
        shown = [mark for mark in theirs if mark[2]]
        assert len(ours) == len(shown)
        for mark in shown:
            assert any(all(abs(a - b) <= PIXELS for a, b in zip(mark, other, strict=True)) for other in ours)


def _lines(found: list[Any]) -> list[str]:
    """All letters, in order: plotly keeps the lines of a label in one element."""
    return sorted("".join(words for words, _, _ in found))


def _near(words: str, left: float, middle: float, ours: list[Any]) -> bool:
    """Whether a label of plotly's stands where one of ours does; of several lines, the first begins near it."""
    lone = any(
        words == said and abs(left - at) <= PIXELS and abs(middle - down) <= PIXELS for said, at, down in ours
    )
    return lone or any(
        words != said and words.startswith(said) and abs(left - at) <= LINES for said, at, _ in ours
    )


def test_the_page_that_is_read_from_the_document_is_the_one_that_the_server_would_send(
    reader: Opener, three_address: str
) -> None:
    taken = "Object.defineProperty(window, 'firstView', {get: () => () => null, set: held => { window.read = held; }})"
    wide, narrow = reader(), reader(390, telephone=True)
    for page in (wide, narrow):
        page.add_init_script(taken)
    for path, page in (*((path, wide) for path in GIVEN), ("/", narrow)):
        page.goto(three_address + path, wait_until="commit")
        page.wait_for_function(
            "() => window.dash_html_components && window.dash_core_components && window.read"
        )
        assert page.evaluate(_DIFFERENCE) == "", path


@pytest.mark.parametrize("path", ("/trend", "/variation", "/staffing"))
def test_both_views_are_accessible_and_say_the_same(held: Opener, three_address: str, path: str) -> None:
    page = held(three_address + path)
    assert violations(page) == []
    words = "name => document.querySelector(name + ' main').innerText.replace(/\\\\s+/g, ' ')"
    named = (
        "name => [...document.querySelectorAll(name + ' .plot')].map(plot => plot.getAttribute('aria-label'))"
    )
    twice = """() => { const names = [...document.querySelectorAll("[id]")].map(part => part.id);
      return names.filter((name, place) => names.indexOf(name) !== place); }"""
    first = page.evaluate(named, "#first"), page.evaluate(words, "#first").split()[:40]
    assert page.evaluate(twice) == []
    _started(page)
    assert violations(page) == []
    assert (page.evaluate(named, "#page"), page.evaluate(words, "#page").split()[:40]) == first
    assert page.evaluate(twice) == []


def test_focus_and_what_is_unfolded_and_typed_stay(held: Opener, three_address: str) -> None:
    page = held(three_address + "/organisation?find=")
    page.fill("#first input[name=find]", "kent")
    page.evaluate("document.querySelectorAll('#first details').forEach(part => { part.open = true; })")
    page.focus("#first input[name=find]")
    _started(page)
    assert page.evaluate("document.activeElement.name") == "find"
    assert page.input_value("#page input[name=find]") == "kent"
    assert page.evaluate("[...document.querySelectorAll('#page details')].every(part => part.open)")


def test_a_page_is_read_and_searched_without_scripts(reader: Opener, three_address: str) -> None:
    page = reader(scripts=False)
    page.goto(three_address + "/trend?table=trend")
    assert page.inner_text("h1") != ""
    assert page.locator("#first table.sheet tbody tr").count() > 10
    page.goto(three_address + "/organisation?find=")
    page.fill("#first input[name=find]", "medway")
    page.click("#first form button[type=submit]")
    page.wait_for_url("**/organisation?find=medway*")
    assert page.get_by_role("link", name="Medway NHS Foundation Trust").first.is_visible()
    page.set_viewport_size({"width": 700, "height": 900})
    page.goto(three_address + "/trend")
    assert page.locator("#first .still > svg").is_visible()


def test_a_desktop_with_a_narrow_window_waits_for_its_own_page(held: Opener, three_address: str) -> None:
    page = held(three_address + "/trend", 390)
    assert not page.locator("#first h1").is_visible()
    assert page.locator("#react-entry-point .skeleton").is_visible()
    _started(page)
    assert page.locator("#page > .page.phone").count() == 1


def test_a_page_is_read_and_left_while_scripts_cannot_be_had(reader: Opener, three_address: str) -> None:
    page = reader()
    page.route("**/plotly.js", _stop)
    page.goto(three_address + "/trend")
    page.wait_for_selector("#page h1", state="attached")
    assert page.locator("#first .still > svg").is_visible()
    assert not page.locator("#page h1").is_visible()
    page.select_option("#first #control-indicator", label="62-day treatment")
    page.wait_for_url("**/trend?indicator=cancer-62-day-combined*")
    page.locator("#first header").get_by_role("link", name="Overview").click()
    page.wait_for_url(lambda address: address.partition("?")[0] == three_address + "/")
    _settled(page)
    assert "839" in page.inner_text("main")


def test_paper_is_printed_from_what_came_with_the_document(held: Opener, three_address: str) -> None:
    page = held(three_address + "/trend?print=1")
    page.emulate_media(media="print")
    assert page.locator("#first .still > svg").is_visible()
    assert page.locator("#first table.sheet tbody tr").count() > 10
    assert not page.locator("#react-entry-point .skeleton").is_visible()


def test_the_skip_link_leads_to_the_content_before_and_after(held: Opener, three_address: str) -> None:
    page = held(three_address + "/trend")
    for started in (False, True):
        if started:
            _started(page)
        page.locator("a.skip").press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        assert page.locator("#main").is_visible()
