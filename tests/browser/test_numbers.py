"""The same numbers everywhere: the chart as drawn, the table beside it, the files as downloaded, and the store."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Page

from db.domain import Period
from tests.support.browser.visits import Visit, served
from tests.support.seed import FDS, OURS, Row, months

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
FIRST, COUNT = Period.month(2023, 10), 35
# Figures alone: the rings of events stand on an axis of their own.
POINTS = """card => [...document.querySelectorAll(`#card-${card} .js-plotly-plot`)].flatMap(graph => graph.data
  .filter(trace => (trace.mode ?? "").includes("markers") && (trace.yaxis ?? "y") === "y")
  .flatMap(trace => [...trace.y].map((y, place) => ({
    name: trace.name, y, x: trace.x[place], colour: trace.marker.color, symbol: trace.marker.symbol ?? "circle",
    edge: trace.marker.line?.color, shown: trace.visible ?? true})))).filter(point => point.y !== null)"""


def _within(place: int) -> int:
    """Of 10,000 patients: twelve months of noise, nine better ones, five as before, nine worse ones; no two alike."""
    noise = (0, 90, -60, 40, -110, 70, -30, 110, -80, 20)[place % 10]
    level = 7900 if 12 <= place < 21 else 6900 if place >= 26 else 7400
    return level + noise + place


def changing_rows() -> list[Row]:
    """The area's figure rises and falls, so that its chart has points of every class."""
    rows = []
    for place, item in enumerate(months(FIRST, COUNT)):
        rows.append(Row(FDS, "QKS", item, _within(place), 10_000))
        rows += [Row(FDS, trust, item, 700 + 40 * n + place, 1_000) for n, trust in enumerate(OURS)]
        rows.append(Row(FDS, "ENG", item, 75_000, 100_000))
    return rows


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from served(tmp_path_factory.mktemp("changing") / "store.sqlite", changing_rows())


@dataclass(frozen=True)
class Seen:
    """What one visit to the area's trend shows and gives: the points of the chart, the words of its key, rows of the
    files beside it and of the whole page, and the rows of the table as they are read."""

    points: list[dict[str, Any]]
    key: str
    plain: list[dict[str, str]]
    book: list[dict[str, Any]]
    whole: list[dict[str, str]]
    shown: list[str]


@pytest.fixture(scope="module")
def trend(context: BrowserContext, changing: str, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("downloads")
    page = context.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    Visit(page).go(f"{changing}/trend?indicator={FDS}&organisation=QKS")
    page.wait_for_selector("#card-trend .main-svg path.point")
    points, key = page.evaluate(POINTS, "trend"), page.inner_text("#card-trend .key")
    plain = _csv_rows(_downloaded(page, "trend", "Numbers as CSV", folder))
    book = _sheet_rows(_downloaded(page, "trend", "Numbers as a workbook", folder))
    page.locator(".actions details.download > summary").press("Enter")
    with page.expect_download() as started:
        page.locator(".actions .download").get_by_role("link", name="as CSV").first.click()
    started.value.save_as(folder / "whole.csv")
    page.keyboard.press("Escape")
    page.locator("#card-trend .tabs").get_by_role("link", name="Table").click()
    page.wait_for_selector("#card-trend table.dt")
    shown = page.locator("#card-trend table.dt tbody tr").all_inner_texts()
    page.close()
    return Seen(points, key, plain, book, _csv_rows(folder / "whole.csv"), shown)


def _downloaded(page: Page, card: str, words: str, folder: Path) -> Path:
    page.locator(f"#card-{card} details.download > summary").click()
    with page.expect_download() as started:
        page.locator(f"#card-{card} .download").get_by_role("link", name=words).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    page.keyboard.press("Escape")
    return path


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.reader(file) if not line[0].startswith("# ")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def _sheet_rows(path: Path) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    gap = next(place for place, row in enumerate(rows) if not any(row))
    heads = [str(head) for head in rows[gap + 1]]
    return [dict(zip(heads, row, strict=True)) for row in rows[gap + 2 :]]


def test_chart_files_and_store_hold_the_same(trend: Seen) -> None:
    drawn = sorted(point["y"] for point in trend.points)
    stored = [_within(place) / 100 for place in range(COUNT)]
    assert [float(row["value"]) for row in reversed(trend.plain)] == pytest.approx(stored)
    assert [row["value"] for row in reversed(trend.book)] == pytest.approx(stored)
    assert drawn == pytest.approx(sorted(stored))


def test_the_table_shows_what_the_file_holds(trend: Seen) -> None:
    assert len(trend.shown) == len(trend.plain) == COUNT
    for words, row in zip(trend.shown, trend.plain, strict=True):
        value = float(words.split("\t")[1].rstrip("%"))
        assert abs(value - float(row["value"])) <= 0.05 + 1e-9
        assert f"{float(row['numerator']):,.0f}" in words


def test_point_classes_differ_by_shape(trend: Seen) -> None:
    """Whoever sees no colours tells them apart, and the words beside say the same."""
    classes = {row["value"]: row["point_type"] for row in trend.plain}
    assert set(classes.values()) == {"common_cause", "improvement", "concern"}
    symbols: dict[str, set[str]] = {}
    for point in trend.points:
        kind = next(kind for value, kind in classes.items() if abs(float(value) - point["y"]) < 1e-9)
        symbols.setdefault(kind, set()).add(point["symbol"].removesuffix("-open"))
    assert symbols["common_cause"] == {"circle"}
    assert symbols["concern"] == {"diamond"}
    assert symbols["improvement"] <= {"triangle-up", "triangle-down"}
    for words in ("Common cause", "Improvement signal", "Concern signal"):
        assert words in trend.key


def test_ranked_dots_are_the_numbers_of_the_file(visit: Opener, changing: str, tmp_path: Path) -> None:
    seen = visit()
    page = seen.go(f"{changing}/variation?indicator={FDS}&by=trust")
    page.wait_for_selector("#card-ranked .main-svg path.point")
    plain = _csv_rows(_downloaded(page, "ranked", "Numbers as CSV", tmp_path))
    wanted = sorted(70 + 4 * n + (COUNT - 1) / 10 for n in range(len(OURS)))
    assert sorted(float(row["value"]) for row in plain) == pytest.approx(wanted)
    drawn = {round(point["y"], 6) for point in page.evaluate(POINTS, "ranked")}
    assert {round(value, 6) for value in wanted} <= drawn
    for row in plain:
        assert float(row["lower_95"]) < float(row["value"]) < float(row["upper_95"])


def test_downloads_of_the_whole_page_are_in_its_menu(trend: Seen) -> None:
    assert len(trend.whole) == COUNT
