"""The demonstration edition of diagnostics: its files, its mark and the whole way into a store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.domain import FileState
from db.reading.spreadsheets import read_csv, read_workbook, text_of
from db.settings import Settings
from db.store import Store
from etl.demo.diagnostics.publisher import EXTRACT_COLUMNS, DiagnosticsPublisher
from etl.demo.edition import DEMONSTRATED, run_demonstration
from etl.demo.publication import Part, Size
from etl.reading.archives import open_archive
from etl.reading.demonstration_mark import is_demonstration
from etl.source import RawFile
from tests.support.publications.diagnostics_files import EXTRACT_COLUMNS as PUBLISHED
from tests.support.publications.diagnostics_files import MRI, Waiting, sheets

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RawFile]:
    folder = tmp_path_factory.mktemp("diagnostics")
    publisher = DiagnosticsPublisher(folder, load_catalogue(), TODAY, Size.SMALL)
    assert list(publisher.newest()) == [TODAY]
    found = [*folder.rglob("*.zip"), *folder.rglob("*.xlsx")]
    assert len(found) == publisher.files_in(Part.NEWEST)
    return {path.suffix: RawFile(path.name, path.read_bytes()) for path in sorted(map(Path, found))}


def test_files_have_the_publishers_cells_and_say_what_they_are(files: dict[str, RawFile]) -> None:
    wanted = sheets([Waiting("RVV", MRI, {1: 1})])
    book = read_workbook(files[".xlsx"])
    assert list(book) == list(wanted)
    for name in ("Provider", "Provider by Test"):
        own = [[text_of(cell) for cell in row] for row in book[name].rows]
        published = wanted[name]
        assert own[13] == list(published[13])[: len(own[13])]
        assert [row[1] for row in own[1:11]] == [row[1] if row else "" for row in published[1:11]]
        assert [cell for cell in own[14][:5] if cell] == ["Total"]
        assert not any(own[15])
    assert EXTRACT_COLUMNS == PUBLISHED
    for raw in files.values():
        assert is_demonstration(RawFile(f"renamed{raw.name[-5:]}", raw.content))
    with open_archive(files[".zip"]) as archive:
        (member,) = archive.names
        rows = read_csv(archive.read(member)).rows
    assert all("(demonstration data)" in str(row[4]) for row in rows[1:])
    assert {row[10] for row in rows[1:]} > {"TOTAL", "MRI", "FLEXI_SIGMOIDOSCOPY"}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_is_read_by_the_ordinary_pipeline(store: Store, settings: Settings) -> None:
    assert "diagnostics" in DEMONSTRATED
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["diagnostics"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 4
    assert not [item for result in summary.results for item in result.findings]
    with store.reading() as connection:
        found = connection.execute(
            text(
                "SELECT organisation_code, numerator, denominator FROM current_observation "
                "WHERE indicator = 'diagnostics-over-6-weeks' AND breakdown = 'all' AND period_start = '2026-09-01' "
                "AND organisation_code IN ('QKS', '91Q', 'RVV', 'Y59', 'ENG')"
            )
        ).all()
    counts = {code: (over, total) for code, over, total in found}
    assert counts["QKS"] == counts["91Q"]
    assert 0.05 < counts["RVV"][0] / counts["RVV"][1] < 0.5
    assert counts["ENG"][1] >= counts["Y59"][1] > counts["RVV"][1]
