"""The demonstration edition of referral to treatment: its files, its mark and the whole way into a store."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.domain import FileState
from db.settings import Settings
from db.store import Store
from etl.demo.edition import DEMONSTRATED, run_demonstration
from etl.demo.publication import Size
from etl.demo.referral_to_treatment.publisher import COLUMNS, PARTS, WaitingTimesPublisher
from etl.reading.demonstration_mark import is_demonstration
from etl.source import RawFile
from tests.support.publications.waiting_times import columns

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[RawFile]:
    folder = tmp_path_factory.mktemp("waiting")
    assert list(WaitingTimesPublisher(folder, load_catalogue(), TODAY, Size.SMALL).newest()) == [TODAY]
    return [RawFile(path.name, path.read_bytes()) for path in sorted(Path(folder).rglob("*.zip"))]


def rows_of(raw: RawFile) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
        (name,) = archive.namelist()
        return list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))


def test_a_file_has_the_publishers_columns_and_parts_and_says_what_it_is(files: list[RawFile]) -> None:
    assert list(COLUMNS) == columns()
    rows = rows_of(files[0])
    assert {row["RTT Part Type"]: row["RTT Part Description"] for row in rows} == PARTS
    assert all(is_demonstration(RawFile("renamed.zip", raw.content)) for raw in files)
    assert all("(demonstration data)" in row["Provider Org Name"] for row in rows)


def test_counts_agree_as_the_publishers_do(files: list[RawFile]) -> None:
    weeks = columns()[13:118]
    totals: dict[tuple[str, str, str], list[int]] = {}
    for row in rows_of(files[0]):
        counted = sum(int(row[week] or 0) for week in weeks)
        known, unknown = (int(row[name] or 0) for name in ("Total", "Patients with unknown clock start date"))
        everyone = int(row["Total All"])
        if row["RTT Part Type"] in ("Part_1A", "Part_1B"):
            assert (counted, counted + unknown) == (known, everyone)
        elif row["RTT Part Type"] != "Part_3":
            assert counted == everyone
        key = (row["Provider Org Code"], row["Commissioner Org Code"], row["RTT Part Type"])
        own = totals.setdefault(key, [0, 0])
        own[row["Treatment Function Code"] == "C_999"] += everyone
    assert all(parts == total for parts, total in totals.values())
    assert {code for _, code, _ in totals} > {"NONC", "91Q"}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_is_read_by_the_ordinary_pipeline(store: Store, settings: Settings) -> None:
    assert "referral_to_treatment" in DEMONSTRATED
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["referral_to_treatment"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 4
    assert not [item for result in summary.results for item in result.findings]
    with store.reading() as connection:
        found = connection.execute(
            text(
                "SELECT organisation_code, numerator, denominator FROM current_observation "
                "WHERE indicator = 'rtt-within-18-weeks' AND breakdown = 'all' AND period_start = '2026-09-01' "
                "AND organisation_code IN ('QKS', '91Q', 'RVV', 'ENG')"
            )
        ).all()
    counts = {code: (within, total) for code, within, total in found}
    assert counts["QKS"] == counts["91Q"]
    assert 0.4 < counts["RVV"][0] / counts["RVV"][1] < 0.9
    assert counts["ENG"][1] > counts["QKS"][1]
