"""Charts saved as pictures: what stands inside, and that they can be opened."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.browser.visits import Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
READ = """words => {
  const found = new DOMParser().parseFromString(words, "image/svg+xml");
  const all = [...found.querySelectorAll("*")];
  return {
    wrong: found.querySelector("parsererror")?.textContent ?? "",
    root: found.documentElement.nodeName,
    title: found.querySelector("svg > title")?.textContent,
    text: [...found.querySelectorAll("text")].map(item => item.textContent.trim()).join(" "),
    marks: found.querySelectorAll("g path, g circle, g rect").length,
    points: found.querySelectorAll("path.point").length,
    unwanted: found.querySelectorAll("foreignObject, script").length,
    names: all.map(item => item.id).filter(Boolean),
    asked: all.flatMap(item => [...item.attributes]).flatMap(
      one => [...one.value.matchAll(/url\\(["']?#([^)"']+)/g)].map(found => found[1])),
  };
}"""
DRAWN_BY_PLOTLY = "/trend?indicator=cancer-62-day-combined"
DRAWN_BY_US = "/"
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
    assert path.name.endswith("-DEMONSTRATION.svg")
    picture = page.evaluate(READ, path.read_text("utf-8"))
    assert (picture["wrong"], picture["root"], picture["title"]) == ("", "svg", marks["title"])
    today = date.today()
    for words in (
        "Demonstration data: numbers are invented",
        " ".join(marks["say"].split()[:3]),
        f"Source: {marks['source']}"[:40],
        "Data version 3",
        f"picture of {today.day} {today:%B %Y}",
        "version=3",
    ):
        assert words in picture["text"], words
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
