"""Charts saved as pictures: what stands inside, and that they can be opened."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser.visits import Visit, chromium

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
READ = """words => {
  const found = new DOMParser().parseFromString(words, "image/svg+xml");
  const all = [...found.querySelectorAll("*")];
  return {
    wrong: found.querySelector("parsererror")?.textContent ?? "",
    root: found.documentElement.nodeName,
    title: found.querySelector("svg > title")?.textContent,
    description: found.querySelector("svg > desc")?.textContent,
    role: found.documentElement.getAttribute("role"),
    named: found.documentElement.getAttribute("aria-labelledby").split(" ").map(
      name => found.getElementById(name)?.nodeName),
    text: [...found.querySelectorAll("text")].map(item => item.textContent.trim()).join(" "),
    marks: found.querySelectorAll("g path, g circle, g rect").length,
    points: found.querySelectorAll("path.point").length,
    unwanted: found.querySelectorAll("foreignObject, script").length,
    names: all.map(item => item.id).filter(Boolean),
    asked: all.flatMap(item => [...item.attributes]).flatMap(
      one => [...one.value.matchAll(/url\\(["']?#([^)"']+)/g)].map(found => found[1])),
  };
}"""
FOLDED = """drawing => [...drawing.querySelectorAll("details:not([open]) > :not(summary) *")].filter(
  part => !part.children.length).map(part => part.textContent.trim()).filter(
  words => words && !drawing.innerText.includes(words))"""
DRAWN_BY_PLOTLY = "/trend?indicator=cancer-62-day-combined"
DRAWN_BY_US = "/"
SUBJECTS = {
    "trend": "62-day treatment · Kent and Medway · April 2023 to August 2026",
    "scorecard": "Every indicator · Kent and Medway · April to August 2026",
    "areas": "Fully qualified GPs, posts short · Kent and Medway · 31 August 2026",
}
NAMES = {
    "trend": "62-day-treatment_kent-and-medway_april-2023-to-august-2026_trend_nhs-england-cancer-waiting-times",
    "scorecard": "every-indicator_kent-and-medway_april-to-august-2026_scorecard_"
    "sentinel-stroke-national-audit-programme-ssnap-king-s-college-london-nhs-england",
    "areas": "fully-qualified-gps-posts-short_kent-and-medway_31-august-2026_areas_"
    "nhs-england-general-practice-workforce",
}
CARDS = ((DRAWN_BY_PLOTLY, "trend"), (DRAWN_BY_US, "scorecard"), ("/staffing", "areas"))


def _saved(page: Page, card: str, kind: str, folder: Path) -> Path:
    page.locator(f"#card-{card} details.download > summary").click()
    with page.expect_download() as started:
        page.locator(f"#card-{card} button.picture[data-format={kind}]").click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


@pytest.mark.parametrize(("address", "card"), CARDS)
def test_svg_holds_the_chart_and_what_it_is(
    visit: Opener, three_address: str, tmp_path: Path, address: str, card: str
) -> None:
    seen = visit()
    page = seen.go(three_address + address)
    seen.settled()
    marks = page.locator(f"#card-{card}").evaluate("card => ({...card.dataset})")
    path = _saved(page, card, "svg", tmp_path)
    today = date.today()
    assert path.name == f"{NAMES[card]}_{today}-DEMONSTRATION.svg"
    picture = page.evaluate(READ, path.read_text("utf-8"))
    assert (picture["wrong"], picture["root"], picture["role"]) == ("", "svg", "img")
    assert picture["named"] == ["title", "desc"]
    assert picture["title"] == f"{marks['title']}: {SUBJECTS[card]}"
    for words in ("Demonstration data", marks["say"], f"Source: {marks['source']}", f"{today:%B %Y}"):
        assert words in picture["description"], words
    for words in (
        SUBJECTS[card],
        "Demonstration data: numbers are invented",
        " ".join(marks["say"].split()[:3]),
        f"Source: {marks['source']}"[:40],
        "Data version 3",
        f"picture of {today.day} {today:%B %Y}",
        "version=3",
    ):
        assert words in picture["text"], words
    folded = page.locator(f"#card-{card} .drawing").evaluate(FOLDED)
    assert folded if card == "scorecard" else not folded
    assert not [row for row in folded if row in picture["text"]], "what is folded is not seen, nor painted"
    assert picture["marks"] >= 8
    assert picture["unwanted"] == 0
    assert len(picture["names"]) == len(set(picture["names"])), "drawings joined in one keep their own names"
    assert set(picture["asked"]) <= set(picture["names"])
    page.wait_for_function("() => document.getElementById('said').textContent === 'Picture saved'")
    assert seen.errors == []


def test_svg_of_a_trend_shows_the_points_of_the_chart(
    visit: Opener, three_address: str, tmp_path: Path
) -> None:
    seen = visit()
    page = seen.go(three_address + DRAWN_BY_PLOTLY)
    seen.settled()
    drawn = page.locator("#card-trend .main-svg path.point").count()
    picture = page.evaluate(READ, _saved(page, "trend", "svg", tmp_path).read_text("utf-8"))
    assert picture["points"] == drawn > 12


@pytest.mark.parametrize(("address", "card"), CARDS[:2])
def test_png_is_drawn_at_twice_the_size(
    visit: Opener, three_address: str, tmp_path: Path, address: str, card: str
) -> None:
    seen = visit()
    page = seen.go(three_address + address)
    seen.settled()
    content = _saved(page, card, "png", tmp_path).read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    area = page.locator(f"#card-{card} .drawing").bounding_box()
    assert area is not None
    assert abs(width - 2 * (area["width"] + 48)) <= 2
    assert height > 2 * area["height"]
    colours = page.evaluate(COLOURS, b64encode(content).decode())
    assert colours > 20, "the picture is blank"


SIZE_COPIED = """async () => {
  const items = await navigator.clipboard.read();
  const image = await createImageBitmap(await items[0].getType("image/png"));
  return [items.length, image.width, image.height];
}"""


def test_picture_is_copied_by_keyboard_and_said_so(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + DRAWN_BY_PLOTLY)
    seen.settled()
    page.locator("#card-trend details.download > summary").press("Enter")
    button = page.locator("#card-trend").get_by_role("button", name="Copy picture")
    button.press("Enter")
    said = page.get_by_role("status")
    said.filter(has_text="Picture copied").wait_for()
    count, width, height = page.evaluate(SIZE_COPIED)
    area = page.locator("#card-trend .drawing").bounding_box()
    assert area is not None
    assert count == 1
    assert abs(width - 2 * (area["width"] + 48)) <= 2
    assert height > 2 * area["height"]
    assert button.evaluate("button => button === document.activeElement")
    assert seen.errors == []


REFUSED = (
    "Not copied: this browser does not let this page use the clipboard. Save the picture as PNG instead."
)


def _told(page: Page) -> str:
    """What is said once a picture was asked for the clipboard."""
    page.locator("#card-trend details.download > summary").click()
    page.locator("#card-trend").get_by_role("button", name="Copy picture").click()
    page.wait_for_function("() => document.getElementById('said').textContent")
    return page.inner_text("#said")


def test_a_clipboard_that_the_reader_has_denied_is_told(browser: Browser, three_address: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    seen = Visit(context.new_page())
    page = seen.go(three_address + DRAWN_BY_PLOTLY)
    seen.settled()
    devtools = context.new_cdp_session(page)
    whose = devtools.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    denied = {"setting": "denied", "origin": three_address, "browserContextId": whose}
    browser.new_browser_cdp_session().send(
        "Browser.setPermission", {"permission": {"name": "clipboard-write"}, **denied}
    )
    assert _told(page) == REFUSED
    context.close()


def test_a_page_without_https_has_no_clipboard_and_says_so(browser: Browser, three_address: str) -> None:
    path = chromium()
    here = "--host-resolver-rules=MAP monitor.test 127.0.0.1"
    other = browser.browser_type.launch(executable_path=path, args=[here])
    seen = Visit(other.new_page(viewport={"width": 1440, "height": 900}))
    page = seen.go(three_address.replace("127.0.0.1", "monitor.test") + DRAWN_BY_PLOTLY)
    seen.settled()
    assert page.evaluate("window.isSecureContext") is False
    assert _told(page) == REFUSED
    other.close()


COLOURS = """async words => {
  const bytes = Uint8Array.from(atob(words), one => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const points = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  return new Set(points).size;
}"""


def test_a_table_offers_its_numbers_and_no_picture(visit: Opener, three_address: str) -> None:
    page = visit().go(three_address + "/trend?table=trend")
    page.locator("#card-trend details.download > summary").click()
    assert page.locator("#card-trend .download a").all_inner_texts() == [
        "Numbers as CSV",
        "Numbers as a workbook (XLSX)",
    ]
    assert page.locator("#card-trend button.picture").count() == 0
