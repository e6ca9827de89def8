"""Downloads: the numbers of the store, unrounded, with what they are, in both formats."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pandas
import pytest
from sqlalchemy import text

from db.figures.data_version import data_version
from db.settings import load_settings
from db.store import Store
from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.application import create_app
from stp_dash.frame.download import _csv, _workbook
from stp_dash.frame.request import PageRequest, Site
from stp_dash.frame.shell import Page
from tests.support.seed import store_for_a_module, three_subjects
from tests.support.site.pages import BUILD, PATHS, download_at

OBSERVED = """SELECT value, numerator, denominator, period_start FROM current_observation
WHERE indicator = :indicator AND organisation_code = :organisation AND breakdown = 'all' ORDER BY period_start"""
Row = dict[str, Any]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "download", three_subjects(), demonstration=True)


@pytest.fixture(scope="module")
def site(store: Store) -> Site:
    return Site(store, load_settings())


def _read_csv(content: bytes) -> tuple[list[str], list[Row]]:
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark to read the file as UTF-8"
    lines = content.decode("utf-8-sig").split("\r\n")
    about = [line for line in lines if line.startswith("# ")]
    heads, *rows = csv.reader(io.StringIO("\r\n".join(lines[len(about) :]), newline=""))
    return about, [dict(zip(heads, row, strict=True)) for row in rows]


def _read_workbook(content: bytes) -> tuple[list[str], list[Row]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    gap = next(place for place, row in enumerate(rows) if not any(row))
    about = [f"# {row[0]}: {row[1]}" for row in rows[:gap]]
    heads = [str(head) for head in rows[gap + 1]]
    return about, [dict(zip(heads, row, strict=True)) for row in rows[gap + 2 :]]


def _downloaded(site: Site, path: str, search: str, kind: str) -> tuple[str, list[str], list[Row]]:
    found = download_at(site, path, search, kind)
    assert found is not None
    name, content = found
    about, rows = (_read_csv if kind == "csv" else _read_workbook)(content)
    return name, about, rows


def _observed(store: Store, indicator: str, organisation: str) -> list[Any]:
    with store.reading() as connection:
        return list(
            connection.execute(text(OBSERVED), {"indicator": indicator, "organisation": organisation})
        )


@pytest.mark.parametrize("kind", ("csv", "xlsx"))
@pytest.mark.parametrize("organisation", ("QKS", "RVV"))
def test_a_trend_holds_every_number_of_the_store(
    store: Store, site: Site, kind: str, organisation: str
) -> None:
    indicator = "cancer-62-day-combined"
    search = f"?indicator={indicator}&organisation={organisation}&sheet=trend"
    _, _, rows = _downloaded(site, "/trend", search, kind)
    held = {str(row.period_start)[:10]: row for row in _observed(store, indicator, organisation)}
    assert len(rows) == len(held) == 41
    for row in rows:
        own = held[str(row["period_start"])[:10]]
        assert float(row["value"]) == pytest.approx(own.value, abs=1e-12)
        assert (float(row["numerator"]), float(row["denominator"])) == (own.numerator, own.denominator)


@pytest.mark.parametrize("kind", ("csv", "xlsx"))
def test_a_comparison_holds_every_trust_of_the_store(store: Store, site: Site, kind: str) -> None:
    indicator = "cancer-28-day-faster-diagnosis"
    _, _, rows = _downloaded(site, "/variation", f"?indicator={indicator}&by=trust&sheet=ranked", kind)
    assert {row["organisation_code"] for row in rows} == {"RVV", "RWF", "RPA", "RN7"}
    for row in rows:
        own = _observed(store, indicator, row["organisation_code"])[-1]
        assert float(row["value"]) == pytest.approx(own.value, abs=1e-12)
        assert (float(row["numerator"]), float(row["denominator"])) == (own.numerator, own.denominator)


def test_both_formats_hold_the_same(site: Site) -> None:
    _, told, written = _downloaded(site, "/trend", "?sheet=trend", "csv")
    _, also_told, kept = _downloaded(site, "/trend", "?sheet=trend", "xlsx")
    assert told == also_told
    assert [list(row) for row in written] == [list(row) for row in kept]
    for row, other in zip(written, kept, strict=True):
        for key, cell in other.items():
            assert _same(row[key], cell), key


def _same(words: str, cell: object) -> bool:
    if cell is None:
        return words == ""
    if isinstance(cell, date):
        return words == cell.isoformat()[:10]
    return float(words) == cell if isinstance(cell, int | float) else words == str(cell)


def test_limits_and_signals_are_in_the_file(site: Site) -> None:
    _, _, rows = _downloaded(site, "/trend", "?sheet=trend", "csv")
    assert {"mean", "lower_process_limit", "upper_process_limit", "point_type", "signals"} <= set(rows[0])
    for row in rows:
        if row["mean"]:
            lower, mean, upper = (
                float(row[key]) for key in ("lower_process_limit", "mean", "upper_process_limit")
            )
            assert lower < mean < upper
            assert upper - mean == pytest.approx(mean - lower)


@pytest.mark.parametrize("kind", ("csv", "xlsx"))
def test_invented_numbers_say_so_in_name_head_and_every_row(site: Site, kind: str) -> None:
    name, about, rows = _downloaded(site, "/trend", "?sheet=trend", kind)
    assert name.endswith(f"-DEMONSTRATION.{kind}")
    assert about[0].startswith("# Demonstration data: ") and "invented" in about[0]
    assert {row["status_of_data"] for row in rows} == {"demonstration data"}


def test_a_file_is_called_by_what_it_holds(site: Site) -> None:
    names = [
        _downloaded(site, path, search, "csv")[0]
        for path, search in (
            ("/trend", "?indicator=cancer-62-day-combined&organisation=RVV&sheet=trend"),
            ("/data", "?indicator=cancer-62-day-combined&sheet=standards"),
            ("/data", "?indicator=cancer-62-day-combined&sheet=files"),
        )
    ]
    assert names[0].startswith("62-day-treatment_east-kent_")
    assert "_trend_nhs-england-cancer-waiting-times_version-3" in names[0]
    assert names[1].startswith("62-day-treatment_standards_")
    assert names[2].startswith("files-held-of-this-source-the-newest-release-first_files_")


CODES = ("10E", "00A", "00126", "5E1", "1E05", "7-8", "E54000032")
"""Codes as organisations have them, some of which spreadsheets take for numbers or days."""


def test_codes_stay_what_they_are_in_both_formats() -> None:
    sheet = Sheet("s", "S", "S", (Column("A", CODES, "organisation_code", CODES),), "Us")
    table = pandas.read_csv(io.BytesIO(_csv(sheet, [])), dtype={"organisation_code": str})
    assert tuple(table["organisation_code"]) == CODES
    cells = openpyxl.load_workbook(io.BytesIO(_workbook(sheet, [])))["Numbers"]["A"][2:]
    assert tuple((cell.value, cell.data_type, cell.number_format) for cell in cells) == tuple(
        (code, "s", "@") for code in CODES
    )


@pytest.mark.parametrize("path", PATHS)
def test_readers_that_skip_comments_find_the_table(site: Site, path: str) -> None:
    request = PageRequest(site, path)
    with site.store.reading() as connection:
        page = BUILD[path](request, connection, data_version(connection))
    for sheet in page.sheets:
        found = download_at(site, path, f"?sheet={sheet.name}", "csv")
        assert found is not None
        table = pandas.read_csv(io.BytesIO(found[1]), comment="#", dtype=str, keep_default_na=False)
        _, rows = _read_csv(found[1])
        assert table.to_dict("records") == rows, sheet.name


def test_cells_with_a_number_sign_survive_readers_that_skip_comments() -> None:
    names = ["#1 ward", "ward #2", '"#"', "a,b # c", "two\nlines\n# three"]
    sheet = Sheet("s", "S", "S", (Column("A", names, "file", names),), "Us")
    content = _csv(sheet, [("What", 'rates, "quoted"\n# and more'), ("#", "=1,2")])
    table = pandas.read_csv(io.BytesIO(content), comment="#", dtype=str)
    assert list(table["file"]) == names
    above = content.decode("utf-8-sig").split("file\r\n")[0].splitlines()
    assert len(above) == 2 and all(line.startswith("#") for line in above)


@pytest.mark.parametrize("path", PATHS)
def test_every_sheet_of_every_page_downloads(site: Site, path: str) -> None:
    request = PageRequest(site, path)
    with site.store.reading() as connection:
        page = BUILD[path](request, connection, data_version(connection))
    assert len({sheet.name for sheet in page.sheets}) == len(page.sheets), "names are addresses"
    for sheet in page.sheets:
        for kind in ("csv", "xlsx"):
            _, about, rows = _downloaded(site, path, f"?sheet={sheet.name}", kind)
            assert len(rows) == sheet.length, sheet.name
            assert any(line.startswith("# Source: ") for line in about), sheet.name


def test_the_file_says_how_its_page_is_reopened(site: Site) -> None:
    search = "?indicator=cancer-62-day-combined&organisation=RPA&sheet=trend"
    _, about, _ = _downloaded(site, "/trend", search, "csv")
    assert "# Data version: 3" in about
    reopened = next(line for line in about if line.startswith("# Reopen: "))
    assert reopened == "# Reopen: /trend?indicator=cancer-62-day-combined&organisation=RPA&version=3"


def test_a_page_as_published_by_a_day_is_reopened_by_that_day(site: Site) -> None:
    _, about, _ = _downloaded(site, "/trend", "?published=2026-10-31&sheet=trend", "csv")
    reopened = next(line for line in about if line.startswith("# Reopen: "))
    assert "published=2026-10-31" in reopened
    assert "version=" not in reopened


@pytest.mark.parametrize(
    "address",
    (
        "/download/trend.csv",
        "/download/trend.csv?sheet=nothing",
        "/download/nowhere.csv?sheet=trend",
        "/download/trend.xlsx?sheet=trend&indicator=nothing",
        "/download/trend.csv?sheet=trend&version=-1",
    ),
)
def test_a_wrong_address_is_not_found_and_says_so(store: Store, address: str) -> None:
    with create_app(store).server.test_client().get(address) as answer:
        assert answer.status_code == 404
        assert "Traceback" not in answer.get_data(as_text=True)


def test_headers_of_a_download(store: Store) -> None:
    with create_app(store).server.test_client().get("/download/trend.csv?sheet=trend") as answer:
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
        assert answer.headers["Cache-Control"] == "no-store"


HARMFUL = ("=1+1", "+44", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("x")', "\uff1d1+1")


@pytest.mark.parametrize("words", HARMFUL)
def test_words_are_never_formulas(words: str) -> None:
    sheet = Sheet(
        "s", "S", "S", (Column("A", [words], "file", [words]), Column("B", ["1"], "excess", [-1.5])), "Us"
    )
    _, rows = _read_csv(_csv(sheet, [("Title", "=cmd")]))
    assert rows == [{"file": "'" + words, "excess": "-1.5"}]
    _, kept = _read_workbook(_workbook(sheet, [("Title", "=cmd")]))
    assert kept == [{"file": "'" + words, "excess": -1.5}]


def test_what_no_file_can_hold_fails_no_download() -> None:
    words = "A\x16 surg\uffffery\ud83d \ufffeof\x00 Kent"
    sheet = Sheet("s", "S", "S", (Column("A", [words], "file", [words]),), "Us")
    about, rows = _read_csv(_csv(sheet, [("Title", words)]))
    assert (about, rows) == (["# Title: A surgery of Kent"], [{"file": "A surgery of Kent"}])
    _, kept = _read_workbook(_workbook(sheet, [("Title", words)]))
    assert kept[0]["file"] == "A surgery of Kent"


def test_numbers_are_not_rounded() -> None:
    third = 1 / 3
    sheet = Sheet("s", "S", "S", (Column("A", ["0.3"], "excess", [third]),), "Us")
    assert float(_read_csv(_csv(sheet, []))[1][0]["excess"]) == third
    assert Page("t", []).sheets == ()
