"""Loading millions of rows, beside hand-written floors and what one would take instead, on both databases.

Ours runs from the canonical frame at hand to committed rows: the checks, codes made ids, the file's own row and the
rows in one transaction, with the key and the index by organisation in place.
A floor writes the same rows, ready as tuples of numbers and in the order of the key, into the same prepared tables.
to_sql and dlt start from the same frame and write its codes as they are into a table with the same key, of text. They
check nothing and keep no index but the key, and dlt is handed Arrow, its quickest way in: `dlt_load.py`.
Sides take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from sqlalchemy import event

from db.domain import OBSERVATION_COLUMNS, LoadCounts, Period
from db.loading.keys import STORED_COLUMNS
from db.loading.load import load_frame
from db.settings import Settings
from db.store import Store, open_store
from db.store.bulk import Row
from etl.pipeline.load_or_hold import findings_on
from etl.pipeline.run import load_files
from etl.pipeline.validate import refusal
from etl.source import ParsedFile
from etl.sources.cancer_waiting_times import SOURCE
from tests.bench.measuring import (
    ROUNDS,
    Figure,
    alternate,
    forget_peak,
    in_own_process,
    memory_megabytes,
    note,
    peak_megabytes,
    peer,
)
from tests.support.frames import file
from tests.support.publications.combined_csv import month, text

LARGEST_PEAK = 600
MONTHS, TENTH, QUARTER = 60, 6, 15
"""Months of the national frame: 2 million rows, a tenth of them, and the half million that peers are given."""
KEYED = """CREATE TABLE keyed (
    indicator TEXT, organisation TEXT, organisation_name TEXT, basis TEXT, period INTEGER, breakdown TEXT,
    numerator REAL, denominator REAL, value REAL, missing_reason TEXT, maturity INTEGER, derived INTEGER,
    PRIMARY KEY (indicator, period, breakdown, organisation)
) WITHOUT ROWID"""
"""A table for the canonical frame as it is, with our key."""
WRITTEN = ("observation", "observation_revision", "published_table", "latest_period", "source_file")
"""What a load writes."""
LEAST_TO_SQL = 1.5
DLT_BOUNDS = {"replace": (2, 1.2), "merge": (4, 1.2)}
"""For each way of dlt's how many times quicker we are to be, and what holds on any machine."""
DLT = Path(__file__).with_name("peers") / "dlt_load.py"


def national_frame(months: int, *, first: int = 0) -> pd.DataFrame:
    """33,600 rows a month: three indicators, 140 trusts, 80 breakdowns."""
    indicators = ["cancer-28-day-faster-diagnosis", "cancer-31-day-combined", "cancer-62-day-combined"]
    periods = [Period.month(2016 + n // 12, n % 12 + 1).key for n in range(first, first + months)]
    breakdowns = ["all", *(f"tumour group: Group {n}" for n in range(79))]
    trusts = [f"Q{n:03}" for n in range(140)]
    index = pd.MultiIndex.from_product([indicators, periods, breakdowns, trusts])
    chance = np.random.default_rng(first)
    denominator = chance.integers(100, 400, len(index)).astype(float)
    table = index.to_frame(index=False, name=["indicator", "period", "breakdown", "organisation"])
    return table.assign(
        organisation_name="",
        basis="provider",
        numerator=np.floor(denominator * chance.uniform(0.7, 0.8, len(index))),
        denominator=denominator,
        value=np.nan,
        missing_reason="",
        maturity=1,
        derived=False,
    )[list(OBSERVATION_COLUMNS)]


def revised(table: pd.DataFrame) -> pd.DataFrame:
    """The same rows as a later release gives them: one figure of twenty has changed."""
    changed = np.arange(len(table)) % 20 == 0
    return table.assign(numerator=table["numerator"].mask(changed, table["numerator"] + 1))


def checked_and_loaded(store: Store, table: pd.DataFrame) -> LoadCounts:
    findings = findings_on(store, SOURCE, ParsedFile(table, "bench", "bench"))
    assert not refusal(findings), refusal(findings)
    with store.writing() as connection:
        return load_frame(connection, table, file(), catalogue=store.catalogue)


def seconds(work: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    gc.collect()
    started = clock()
    work()
    return clock() - started


def stored_rows(store: Store) -> list[Row]:
    with store.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT {', '.join(STORED_COLUMNS)} FROM observation").all()
    return sorted((tuple(row) for row in rows), key=lambda row: row[:4])


@dataclass(frozen=True)
class Empty:
    """Prepared stores without observations, a new one each time it is asked for one."""

    template: Path
    folder: Path

    def path(self, name: str) -> Path:
        for old in self.folder.glob(f"{name}.sqlite*"):
            old.unlink()
        return Path(shutil.copy(self.template, self.folder / f"{name}.sqlite"))

    def load(self, table: pd.DataFrame, clock: Callable[[], float] = perf_counter) -> float:
        with closing(open_store(f"sqlite:///{self.path('ours')}")) as store:
            return seconds(lambda: checked_and_loaded(store, table), clock)

    def write(self, rows: list[Row], clock: Callable[[], float] = perf_counter) -> float:
        with closing(sqlite3.connect(self.path("floor"))) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -32000")
            marks = ", ".join("?" for _ in STORED_COLUMNS)

            def work() -> None:
                connection.executemany(
                    f"INSERT INTO observation ({', '.join(STORED_COLUMNS)}) VALUES ({marks})", rows
                )
                connection.commit()

            return seconds(work, clock)


@pytest.fixture
def empty(sqlite_template: Path, tmp_path: Path) -> Empty:
    return Empty(sqlite_template, tmp_path)


@pytest.fixture(scope="module")
def millions(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store of 2 million rows. Copy it before writing."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("millions") / "store.sqlite"))
    with closing(open_store(f"sqlite:///{path}")) as store:
        checked_and_loaded(store, national_frame(MONTHS))
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def emptied(store: Store) -> None:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(WRITTEN[:-1])}")
        connection.exec_driver_sql(f"DELETE FROM {WRITTEN[-1]}")


def test_sqlite_beside_executemany(empty: Empty, millions: Path) -> None:
    table, part = national_frame(MONTHS), national_frame(TENTH)
    with closing(open_store(f"sqlite:///{millions}")) as store:
        rows = stored_rows(store)
    mine, theirs, small = alternate(
        lambda: empty.load(table, process_time),
        lambda: empty.write(rows, process_time),
        lambda: empty.load(part, process_time),
        rounds=2,
    )
    size = millions.stat().st_size / 1e6
    note("load", f"SQLite, {len(rows):,} rows: processor time", mine / len(rows) * 1e6, "µs a row")
    note("load", "SQLite, size of a million observations", size / len(rows) * 1e6, "MB")
    ratio = note("load", f"SQLite, {len(rows):,} rows, beside executemany", mine / theirs, most=2)
    growth = note("load", "SQLite, ten times the rows", mine / small, most=11)
    assert ratio.met, f"{mine:.1f} s beside {theirs:.1f} s"
    assert growth.met, f"{mine:.1f} s for ten times what takes {small:.1f} s"


def test_postgresql_beside_copy(new_postgresql_url: str) -> None:
    table, part = national_frame(MONTHS), national_frame(TENTH)
    store = open_store(new_postgresql_url)
    checked_and_loaded(store, table)
    rows = stored_rows(store)

    def ours(frame: pd.DataFrame) -> float:
        emptied(store)
        return seconds(lambda: checked_and_loaded(store, frame))

    def copied() -> None:
        with psycopg.connect(new_postgresql_url) as connection, connection.cursor() as cursor:
            with cursor.copy(f"COPY observation ({', '.join(STORED_COLUMNS)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            connection.commit()

    def floor() -> float:
        emptied(store)
        return seconds(copied)

    mine, theirs, small = alternate(lambda: ours(table), floor, lambda: ours(part), rounds=2)
    store.close()
    ratio = note("load", f"PostgreSQL, {len(rows):,} rows, beside COPY", mine / theirs, most=1.5)
    growth = note("load", "PostgreSQL, ten times the rows", mine / small, most=11)
    assert ratio.met, f"{mine:.1f} s beside {theirs:.1f} s"
    assert growth.met, f"{mine:.1f} s for ten times what takes {small:.1f} s"


def test_beside_to_sql(empty: Empty) -> None:
    table = national_frame(QUARTER)

    def to_sql() -> float:
        with closing(open_store(f"sqlite:///{empty.path('theirs')}")) as store:
            with store.writing() as connection:
                connection.exec_driver_sql(KEYED)

            def work() -> None:
                with store.writing() as connection:
                    table.to_sql("keyed", connection, if_exists="append", index=False, chunksize=50_000)

            return seconds(work)

    empty.load(table)
    with closing(open_store(f"sqlite:///{empty.folder / 'ours.sqlite'}")) as store:
        rows = stored_rows(store)
    mine, theirs, floor = alternate(lambda: empty.load(table), to_sql, lambda: empty.write(rows), rounds=3)
    what = f"to_sql, {len(table):,} rows of codes"
    note("load", f"{what}, beside executemany of numbers: what is possible", theirs / floor)
    ratio = note("load", f"{what}, beside ours with its checks", theirs / mine, least=3)
    assert ratio.figure > LEAST_TO_SQL, f"to_sql {theirs:.1f} s beside {mine:.1f} s"


@pytest.fixture(scope="module")
def frame_for_dlt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a million rows of the canonical frame, one column an array."""
    path = tmp_path_factory.mktemp("dlt") / "frame.npz"
    table = national_frame(QUARTER)
    texts = [name for name in table.columns if table[name].dtype == "str"]
    columns: dict[str, Any] = {
        str(name): table[name].to_numpy(dtype=str if name in texts else None) for name in table.columns
    }
    np.savez(path, **columns)
    return path


def _dlt(frame: Path, destination: str, url: str, disposition: str, folder: Path) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    printed = peer(
        "python", str(DLT), str(frame), destination, url, disposition, str(folder), PYTHONWARNINGS="ignore"
    )
    return float(printed.split()[-1])


def _beside_dlt(database: str, disposition: str, mine: float, theirs: float) -> None:
    wanted, asserted = DLT_BOUNDS[disposition]
    what = f"dlt's {disposition} into {database}, half a million rows of codes, beside ours with its checks"
    ratio = note("load", what, theirs / mine, least=wanted)
    assert ratio.figure > asserted, f"dlt {theirs:.1f} s beside {mine:.1f} s"


@pytest.mark.parametrize("disposition", DLT_BOUNDS)
def test_sqlite_beside_dlt(empty: Empty, frame_for_dlt: Path, disposition: str) -> None:
    table = national_frame(QUARTER)

    def theirs() -> float:
        for old in empty.folder.glob("peer*.sqlite*"):
            old.unlink()
        url = f"sqlite:///{empty.folder / 'peer.sqlite'}"
        return _dlt(frame_for_dlt, "sqlalchemy", url, disposition, empty.folder / "dlt")

    _beside_dlt("SQLite", disposition, *alternate(lambda: empty.load(table), theirs, rounds=2))


@pytest.mark.parametrize("disposition", DLT_BOUNDS)
def test_postgresql_beside_dlt(
    new_postgresql_url: str, frame_for_dlt: Path, tmp_path: Path, disposition: str
) -> None:
    table = national_frame(QUARTER)

    def ours() -> float:
        emptied(store)
        return seconds(lambda: checked_and_loaded(store, table))

    def theirs() -> float:
        with psycopg.connect(new_postgresql_url) as connection:
            connection.execute("DROP SCHEMA IF EXISTS peer, peer_staging CASCADE")
        # dlt wants a password, whether or not the server does.
        url = new_postgresql_url.replace("postgres@", "postgres:unused@")
        return _dlt(frame_for_dlt, "postgres", url, disposition, tmp_path / "dlt")

    with closing(open_store(new_postgresql_url)) as store:
        _beside_dlt("PostgreSQL", disposition, *alternate(ours, theirs, rounds=2))


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgresql)])
def stores(request: pytest.FixtureRequest, empty: Empty) -> Iterator[tuple[str, Store, Store]]:
    """A database's name, a store of 2 million rows and one without any."""
    if request.param == "SQLite":
        whole = Path(shutil.copy(request.getfixturevalue("millions"), empty.folder / "whole.sqlite"))
        urls = [f"sqlite:///{whole}", f"sqlite:///{empty.path('first')}"]
    else:
        urls = [
            request.getfixturevalue("new_postgresql_url"),
            request.getfixturevalue("other_postgresql_url"),
        ]
    with closing(open_store(urls[0])) as full, closing(open_store(urls[1])) as first:
        if request.param == "PostgreSQL":
            checked_and_loaded(full, national_frame(MONTHS))
        yield request.param, full, first


def test_a_month_and_its_revisions_into_a_full_store(stores: tuple[str, Store, Store]) -> None:
    """Each month is one of 33,600 rows; into the empty store its like is the first that there is.

    A provisional month comes, then a release in which a twentieth of it has changed, then the final one.
    """
    name, full, first = stores
    clock = process_time if name == "SQLite" else perf_counter

    def load(store: Store, table: pd.DataFrame) -> float:
        return seconds(lambda: checked_and_loaded(store, table), clock)

    taken: dict[str, list[float]] = {"first": [], "new": [], "changed": [], "final": []}
    for number in range(ROUNDS):
        table = national_frame(1, first=MONTHS + number).assign(maturity=0)
        with first.writing() as connection:
            for part in WRITTEN:
                connection.exec_driver_sql(f"DELETE FROM {part}")
        taken["first"].append(load(first, table))
        taken["new"].append(load(full, table))
        taken["changed"].append(load(full, revised(table)))
        taken["final"].append(load(full, revised(table).assign(maturity=1)))
    middle = {what: median(times) for what, times in taken.items()}

    def beside_the_first(which: str, what: str, most: float | None = None) -> Figure:
        ratio = middle[which] / middle["first"]
        return note("load", f"{name}, {what}, beside the first", ratio, most=most)

    month = beside_the_first("new", "a new month into 2 million rows", 1.3)
    again = beside_the_first("changed", "a month of which a twentieth has changed", 1.3)
    beside_the_first("final", "a month of which every row has changed (provisional made final)")
    assert month.met, middle
    assert again.met, middle


def year_of_months(folder: Path, *, copies: int) -> Path:
    """A combined CSV of one financial year, 144 rows for each of `copies` sets of six organisations."""
    path = folder / "2024-25-Apr-Mar-Monthly-Combined-CSV-Final.csv"
    days = [f"{2024 + (3 + n) // 12}-{(3 + n) % 12 + 1:02}-01" for n in range(12)]
    base = [row for day in days for row in month(day) if row["Org_Code"] != "Total"]
    path.write_bytes(
        text([row | {"Org_Code": f"{row['Org_Code']}{number}"} for row in base for number in range(copies)])
    )
    return path


def test_the_same_bytes_again(tmp_path: Path, sqlite_url: str, settings: Settings) -> None:
    path = year_of_months(tmp_path, copies=1000)
    store = open_store(sqlite_url)

    def load() -> float:
        return seconds(lambda: load_files(store, [path], settings, requested_by="bench"))

    first_time = load()
    written: list[str] = []

    def observe(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN", "PRAGMA")):
            written.append(statement)

    event.listen(store.engine, "before_cursor_execute", observe)
    again = [load() for _ in range(ROUNDS)]
    store.close()
    ratio = note("load", "the same bytes again, beside the first load", median(again) / first_time, most=0.02)
    assert ratio.met
    assert [statement for statement in written if "load_run" not in statement] == []


def _peak_of_rows(months: int, url: str) -> float:
    table = national_frame(months)
    with closing(open_store(url)) as store:
        # The parsed file is in memory before a load begins: what is measured is what loading adds.
        gc.collect()
        forget_peak()
        before = memory_megabytes()
        checked_and_loaded(store, table)
        return peak_megabytes() - before


def test_memory_while_loading(empty: Empty) -> None:
    two, four = (
        in_own_process(_peak_of_rows, months, f"sqlite:///{empty.path('memory')}")
        for months in (MONTHS, 2 * MONTHS)
    )
    first = note("load", "memory above the parsed rows, 2 million of them", two, "MB", most=150)
    growth = note("load", "memory above the parsed rows, 4 million beside 2 million", four / two, most=1.3)
    assert first.met
    assert growth.met, f"{four:.0f} MB beside {two:.0f} MB"


def _peak_of_file(path: Path, url: str, settings: Settings) -> tuple[str, float]:
    with closing(open_store(url)) as store:
        summary = load_files(store, [path], settings, requested_by="bench")
    return summary.results[0].state.value, peak_megabytes()


@pytest.mark.real_data
def test_peak_memory_of_the_largest_real_files(
    shared_data: Path, sqlite_url: str, settings: Settings, tmp_path: Path
) -> None:
    files = sorted((shared_data / "cancer").glob("*.xlsx"), key=lambda item: item.stat().st_size)[-3:]
    for path in [*files, year_of_months(tmp_path, copies=2200)]:
        state, peak = in_own_process(_peak_of_file, path, sqlite_url, settings)
        found = note("load", f"peak memory, {path.name} ({state})", peak, "MB", most=LARGEST_PEAK)
        assert found.met
