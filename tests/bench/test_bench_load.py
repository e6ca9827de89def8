"""Loading, as ratios against a hand-written floor measured beside it in the same run.

Each figure is the median of several rounds in which the two sides alternate, so that a busy machine slows both.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
import psycopg
import pytest

from db.bulk import Row
from db.domain import OBSERVATION_COLUMNS, Period
from db.load import COLUMNS, load_frame
from db.settings import Settings
from db.store import Store, open_store
from etl.pipeline import load_files
from tests.bench.measuring import ROUNDS, alternate, note, peak_megabytes
from tests.db.frames import file
from tests.etl.combined_csv import month, text

LARGEST_PEAK = 600


def national_frame(months: int = 60) -> pd.DataFrame:
    """About 400,000 rows: three indicators, 140 trusts, 16 breakdowns, five years of months."""
    indicators = ["cancer-28-day-faster-diagnosis", "cancer-31-day-combined", "cancer-62-day-combined"]
    periods = [Period.month(2021 + n // 12, n % 12 + 1).key for n in range(months)]
    breakdowns = ["all", *(f"tumour group: Group {n}" for n in range(15))]
    trusts = [f"Q{n:03}" for n in range(140)]
    index = pd.MultiIndex.from_product([indicators, periods, breakdowns, trusts])
    chance = np.random.default_rng(1)
    denominator = chance.integers(1, 400, len(index)).astype(float)
    table = index.to_frame(index=False, name=["indicator", "period", "breakdown", "organisation"])
    return table.assign(
        organisation_name="",
        basis="provider",
        numerator=np.floor(denominator * chance.random(len(index))),
        denominator=denominator,
        value=np.nan,
        missing_reason="",
        maturity=1,
        derived=False,
    )[list(OBSERVATION_COLUMNS)]


def loaded(store: Store, table: pd.DataFrame) -> float:
    started = perf_counter()
    with store.writing() as connection:
        load_frame(connection, table, file(), catalogue=store.catalogue)
    return perf_counter() - started


def stored_rows(store: Store) -> list[Row]:
    with store.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT {', '.join(COLUMNS)} FROM observation").all()
    return [tuple(row) for row in rows]


def emptied(store: Store) -> None:
    with store.writing() as connection:
        for table in ("observation", "observation_revision", "source_file"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def test_sqlite_against_executemany(tmp_path: Path, sqlite_template: Path) -> None:
    table = national_frame()
    first = tmp_path / "first.sqlite"
    shutil.copy(sqlite_template, first)
    store = open_store(f"sqlite:///{first}")
    loaded(store, table)
    rows = stored_rows(store)
    store.close()
    np.random.default_rng(2).shuffle(rows)

    def ours() -> float:
        path = tmp_path / "ours.sqlite"
        for old in tmp_path.glob("ours.sqlite*"):
            old.unlink()
        shutil.copy(sqlite_template, path)
        fresh = open_store(f"sqlite:///{path}")
        taken = loaded(fresh, table)
        fresh.close()
        return taken

    def floor() -> float:
        path = tmp_path / "floor.sqlite"
        for old in tmp_path.glob("floor.sqlite*"):
            old.unlink()
        shutil.copy(sqlite_template, path)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -32000")
            marks = ", ".join("?" for _ in COLUMNS)
            started = perf_counter()
            connection.executemany(
                f"INSERT INTO observation ({', '.join(COLUMNS)}) VALUES ({marks})", sorted(rows)
            )
            connection.commit()
            taken = perf_counter() - started
        connection.close()
        return taken

    mine, theirs = alternate(ours, floor)
    note("load", "SQLite: rows a second, beside executemany", theirs / mine, least=0.7)
    assert theirs / mine >= 0.70


def test_postgresql_against_copy(new_postgresql_url: str) -> None:
    table = national_frame()
    store = open_store(new_postgresql_url)
    loaded(store, table)
    rows = stored_rows(store)

    def ours() -> float:
        emptied(store)
        return loaded(store, table)

    def floor() -> float:
        emptied(store)
        with psycopg.connect(new_postgresql_url) as connection, connection.cursor() as cursor:
            started = perf_counter()
            with cursor.copy(f"COPY observation ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            connection.commit()
            return perf_counter() - started

    mine, theirs = alternate(ours, floor)
    store.close()
    note("load", "PostgreSQL: rows a second, beside COPY", theirs / mine, least=0.7)
    assert theirs / mine >= 0.70


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
    started = perf_counter()
    first = load_files(store, [path], settings, requested_by="bench")
    first_time = perf_counter() - started
    assert not first.failed
    again = []
    for _ in range(ROUNDS):
        started = perf_counter()
        load_files(store, [path], settings, requested_by="bench")
        again.append(perf_counter() - started)
    store.close()
    note("load", "the same bytes again, beside the first load", median(again) / first_time, most=0.01)
    assert median(again) / first_time < 0.01


def _peak(path: Path, url: str, settings: Settings, queue: multiprocessing.Queue[tuple[str, float]]) -> None:
    store = open_store(url)
    summary = load_files(store, [path], settings, requested_by="bench")
    queue.put((summary.results[0].state.value, peak_megabytes()))


@pytest.mark.real_data
def test_peak_memory_of_the_largest_real_files(
    shared_data: Path, sqlite_url: str, settings: Settings, tmp_path: Path
) -> None:
    files = sorted((shared_data / "cancer").glob("*.xlsx"), key=lambda item: item.stat().st_size)[-3:]
    year = year_of_months(tmp_path, copies=2200)
    context = multiprocessing.get_context("spawn")
    for path in [*files, year]:
        queue: multiprocessing.Queue[tuple[str, float]] = context.Queue()
        work = context.Process(target=_peak, args=(path, sqlite_url, settings, queue))
        work.start()
        state, peak = queue.get()
        work.join()
        note("load", f"peak memory, {path.name} ({state})", peak, "MB", most=LARGEST_PEAK)
        assert peak < LARGEST_PEAK
