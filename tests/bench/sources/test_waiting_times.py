"""A full month of referral to treatment, from zip to committed rows, against reading the CSV and writing the rows."""

from __future__ import annotations

import io
import shutil
import sqlite3
import zipfile
from functools import cached_property
from itertools import islice
from pathlib import Path
from time import process_time

import pandas as pd
import pytest

from db.catalogue import load_catalogue
from db.domain import OrganisationType, Period
from db.loading.keys import STORED_COLUMNS
from db.settings import Settings
from db.store import open_store
from etl.demo.pairs import Pair
from etl.demo.referral_to_treatment.pathways import WaitingLists
from etl.demo.referral_to_treatment.publisher import full_extract
from etl.pipeline.run import load_files
from tests.bench.measuring import alternate, in_own_process, note, peak_megabytes

MONTH = Period.month(2026, 1)
PAIRS = 12_200
"""Of a provider and a commissioner: with 15 rows each, as many as in the publisher's file of January 2026."""
LARGEST_PEAK = 400
MEMBER = "20260131-RTT-January-2026-full-extract.csv"


class WholeMonth(WaitingLists):
    """Every trust with every sub-ICB location."""

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        trusts, areas = (
            sorted(item.code for item in self.organisations.values() if item.type is kind)
            for kind in (OrganisationType.TRUST, OrganisationType.SUB_ICB_LOCATION)
        )
        every = (Pair(trust, "QKS", area, _board(self, area), 0.02) for trust in trusts for area in areas)
        return tuple(islice(every, PAIRS))


def _board(lists: WaitingLists, area: str) -> str:
    parents = (item.code for item in lists.organisations[area].parents if item.in_force(MONTH.start))
    return next(parents, "QKS")


@pytest.fixture(scope="module")
def content() -> bytes:
    """As long and as wide as the publisher's table."""
    made = full_extract(WholeMonth(load_catalogue().organisations, MONTH, 1), MONTH).encode()
    assert made.count(b"\n") > 150_000
    return made


@pytest.fixture(scope="module")
def path(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rtt") / "Full-CSV-data-file-Jan26-ZIP-4M.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MEMBER, content)
    return made


def load(url: str, path: Path, settings: Settings) -> float:
    store = open_store(url)
    started = process_time()
    summary = load_files(store, [path], settings, requested_by="bench")
    taken = process_time() - started
    store.close()
    assert not summary.failed, summary.results[0].message
    return taken


def test_one_month_against_its_parts(
    tmp_path: Path, sqlite_template: Path, settings: Settings, content: bytes, path: Path
) -> None:
    first = tmp_path / "first.sqlite"
    shutil.copy(sqlite_template, first)
    load(f"sqlite:///{first}", path, settings)
    connection = sqlite3.connect(first)
    rows = sorted(connection.execute(f"SELECT {', '.join(STORED_COLUMNS)} FROM observation").fetchall())
    connection.close()

    def fresh(name: str) -> Path:
        for old in tmp_path.glob(f"{name}.sqlite*"):
            old.unlink()
        shutil.copy(sqlite_template, tmp_path / f"{name}.sqlite")
        return tmp_path / f"{name}.sqlite"

    def ours() -> float:
        return load(f"sqlite:///{fresh('ours')}", path, settings)

    def parts() -> float:
        connection = sqlite3.connect(fresh("parts"))
        connection.execute("PRAGMA synchronous = NORMAL")
        started = process_time()
        pd.read_csv(io.BytesIO(content), low_memory=False)
        marks = ", ".join("?" for _ in STORED_COLUMNS)
        connection.executemany(
            f"INSERT INTO observation ({', '.join(STORED_COLUMNS)}) VALUES ({marks})", rows
        )
        connection.commit()
        taken = process_time() - started
        connection.close()
        return taken

    mine, theirs = alternate(ours, parts)
    lines = content.count(b"\n")
    what = f"a month of {lines:,} rows of pathways, beside pandas reading and raw rows"
    assert note("waiting times", what, mine / theirs, most=3).met


def _peak(url: str, path: Path, settings: Settings) -> float:
    load(url, path, settings)
    return peak_megabytes()


def test_peak_memory(sqlite_url: str, settings: Settings, path: Path) -> None:
    peak = in_own_process(_peak, sqlite_url, path, settings)
    assert note("waiting times", "peak memory of a month of pathways", peak, "MB", most=LARGEST_PEAK).met
