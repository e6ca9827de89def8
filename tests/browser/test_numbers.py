"""The same numbers everywhere: the chart as drawn, the table beside it, the files as downloaded, and the store."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page

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


@pytest.fixture
def page(visit: Opener, changing: str) -> Page:
    seen = visit()
    seen.go(f"{changing}/trend?indicator={FDS}&organisation=QKS")
    seen.page.wait_for_selector("#card-trend .main-svg path.point")
    return seen.page


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


def test_chart_files_and_store_hold_the_same(page: Page, tmp_path: Path) -> None:
    drawn = sorted(point["y"] for point in page.evaluate(POINTS, "trend"))
    plain = _csv_rows(_downloaded(page, "trend", "Numbers as CSV", tmp_path))
    book = _sheet_rows(_downloaded(page, "trend", "Numbers as a workbook", tmp_path))
    stored = [_within(place) / 100 for place in range(COUNT)]
    assert [float(row["value"]) for row in reversed(plain)] == pytest.approx(stored)
    assert [row["value"] for row in reversed(book)] == pytest.approx(stored)
    assert drawn == pytest.approx(sorted(stored))


def test_the_table_shows_what_the_file_holds(page: Page, tmp_path: Path) -> None:
    plain = _csv_rows(_downloaded(page, "trend", "Numbers as CSV", tmp_path))
    page.locator("#card-trend .tabs").get_by_role("link", name="Table").click()
    page.wait_for_selector("#card-trend table.dt")
    shown = page.locator("#card-trend table.dt tbody tr").all_inner_texts()
    assert len(shown) == len(plain) == COUNT
    for words, row in zip(shown, plain, strict=True):
        value = float(words.split("\t")[1].rstrip("%"))
        assert abs(value - float(row["value"])) <= 0.05 + 1e-9
        assert f"{float(row['numerator']):,.0f}" in words


def test_point_classes_differ_by_shape(page: Page, tmp_path: Path) -> None:
    """Whoever sees no colours tells them apart, and the words beside say the same."""
    plain = _csv_rows(_downloaded(page, "trend", "Numbers as CSV", tmp_path))
    classes = {row["value"]: row["point_type"] for row in plain}
    assert set(classes.values()) == {"common_cause", "improvement", "concern"}
    symbols: dict[str, set[str]] = {}
    for point in page.evaluate(POINTS, "trend"):
        kind = next(kind for value, kind in classes.items() if abs(float(value) - point["y"]) < 1e-9)
        symbols.setdefault(kind, set()).add(point["symbol"].removesuffix("-open"))
    assert symbols["common_cause"] == {"circle"}
    assert symbols["concern"] == {"diamond"}
    assert symbols["improvement"] <= {"triangle-up", "triangle-down"}
    key = page.inner_text("#card-trend .key")
    assert "Common cause" in key and "Improvement signal" in key and "Concern signal" in key


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


def test_downloads_of_the_whole_page_are_in_its_menu(page: Page, tmp_path: Path) -> None:
    page.locator(".actions details.download > summary").press("Enter")
    with page.expect_download() as started:
        page.locator(".actions .download").get_by_role("link", name="as CSV").first.click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert len(_csv_rows(path)) == COUNT
