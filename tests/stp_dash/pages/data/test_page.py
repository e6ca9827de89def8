"""Data and methods: what stands behind an indicator, and the project's documents as pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from db.domain import Maturity, Period
from db.settings import load_settings
from db.store import Store, open_store
from stp_dash.frame.request import Site
from tests.support.frames import file, row
from tests.support.releases import put_rows
from tests.support.seed import FDS, Row, ordinary_rows, seeded_store, store_for_a_module
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import download_at, page_shown, rows_downloaded


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "data", ordinary_rows())


def page(store: Store, path: str, search: str = "") -> dict[str, Any]:
    return page_shown(store, path, search)


def numbers(store: Store, search: str) -> list[dict[str, str]]:
    return rows_downloaded(store, "/data", search)


def test_a_definition_names_owner_counts_and_review(store: Store) -> None:
    shown = words(page(store, "/data", f"?indicator={FDS}"))
    assert "Patients told within 28 days" in shown
    assert "NHS England, Cancer Waiting Times" in shown
    assert "Next review due 21 November 2027" in shown
    assert "Series restarts 1 October 2023" in shown


def test_the_newest_figure_stands_first_with_its_file(store: Store) -> None:
    shown = page(store, "/data", f"?indicator={FDS}")
    rows = [words(row) for row in nodes(nodes(shown, "Tbody")[0], "Tr")]
    assert rows[0].startswith("Aug 2026 QKS 70.9% 6,541 9,224 provisional commissioner the publisher")
    assert "seeded-file.xlsx" in rows[0]


def test_the_download_holds_every_period_unrounded(store: Store) -> None:
    rows = numbers(store, f"?indicator={FDS}&organisation=QKS&sheet=series")
    newest = rows[0]
    assert newest["period"] == "August 2026"
    assert newest["period_start"] == "2026-08-01"
    assert float(newest["value"]) == pytest.approx(100 * 6541 / 9224, abs=1e-9)
    assert (newest["numerator"], newest["denominator"]) == ("6541.0", "9224.0")
    held = len([row for row in ordinary_rows() if row.indicator == FDS and row.organisation == "QKS"])
    assert len(rows) == held


def test_standards_are_listed_with_their_dates(store: Store) -> None:
    rows = numbers(store, f"?indicator={FDS}&sheet=standards")
    assert [
        (row["kind"], row["level"], row["effective_from"])
        for row in rows
        if row["kind"] == "Operational standard"
    ] == [
        ("Operational standard", "75.0", "2021-10-01"),
        ("Operational standard", "80.0", "2026-04-01"),
    ]


def test_a_workbook_says_what_it_holds_and_how_it_is_reopened(store: Store) -> None:
    found = download_at(Site(store, load_settings()), "/data", f"?indicator={FDS}&sheet=series", "xlsx")
    assert found is not None
    name, content = found
    assert name.endswith(".xlsx")
    book = load_workbook(io.BytesIO(content))
    cells = [[cell.value for cell in row] for row in book["Numbers"].iter_rows()]
    book.close()
    about = {str(row[0]): row[1] for row in cells[:8]}
    assert about["Source"] == "NHS England, Cancer Waiting Times"
    assert about["Reopen"] == f"/data?indicator={FDS}&organisation=QKS&version=1"
    heads = next(row for row in cells if row[0] == "period")
    first = cells[cells.index(heads) + 1]
    assert first[heads.index("numerator")] == 6541


def test_demonstration_data_is_marked_in_every_row_and_in_the_name(tmp_path: Path) -> None:
    rows = [Row(FDS, "QKS", Period.month(2026, 8), 7, 9, maturity=Maturity.PROVISIONAL)]
    store = seeded_store(tmp_path / "store.sqlite", rows, demonstration=True)
    found = download_at(Site(store, load_settings()), "/data", f"?indicator={FDS}&sheet=series", "csv")
    store.close()
    assert found is not None
    name, content = found
    assert name.endswith("-DEMONSTRATION.csv")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0].strip('"').startswith("# Demonstration data: Every number here is invented")
    assert lines[-1].endswith(",demonstration data")


@pytest.mark.parametrize("search", ["?sheet=nothing", "?indicator=nothing&sheet=series", ""])
def test_a_download_that_there_is_not_gives_none(store: Store, search: str) -> None:
    assert download_at(Site(store, load_settings()), "/data", search, "csv") is None


def test_an_unknown_organisation_is_explained(store: Store) -> None:
    assert "organisation" in words(page(store, "/data", "?organisation=XYZ9")).lower()


@pytest.mark.parametrize(
    ("path", "heading", "said"),
    [
        ("/glossary", "Glossary", "Sub-ICB location."),
        ("/methods", "Methods", "2.66"),
        ("/accessibility", "Accessibility statement", "WCAG"),
    ],
)
def test_documents_are_pages(store: Store, path: str, heading: str, said: str) -> None:
    shown = page(store, path)
    assert title(shown) == heading
    assert said in words(shown)


def test_a_figure_that_becomes_final_unchanged_is_confirmed_not_revised(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    for name, maturity in (
        ("first", Maturity.PROVISIONAL),
        ("again", Maturity.PROVISIONAL),
        ("last", Maturity.FINAL),
    ):
        put_rows(store, file(name), row("RVV", 70, 100, maturity=maturity))
    (changed,) = numbers(store, f"?indicator={FDS}&organisation=RVV&sheet=revisions")
    shown = words(page(store, "/data", f"?indicator={FDS}&organisation=RVV"))
    store.close()
    assert (changed["what_happened"], changed["file_before"]) == ("confirmed as final", "first")
    assert changed["value_before"] == changed["value_after"] == "70.0"
    assert "confirmed as final" in shown
    assert "revised" not in shown


def test_each_claim_of_a_series_stands_with_its_definition_and_its_facts(store: Store) -> None:
    told = words(page(store, "/data", f"?indicator={FDS}"))
    assert "Why does it say so?" in told
    assert "May be said where:" in told
    assert "values since: " in told
