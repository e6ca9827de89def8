"""What others wait for while a run loads into SQLite, and what it costs to keep the rows that repeat what stands.

A file is one transaction, so that the store holds it whole or not at all: other writers wait for its end, readers not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from threading import Event
from time import perf_counter, process_time

from sqlalchemy import text

from db.catalogue import load_catalogue
from db.store import Store, open_store
from etl.demo.general_practice_workforce.publisher import WorkforcePublisher
from etl.demo.publication import Size
from tests.bench.measuring import alternate, note
from tests.bench.serving import ROOT
from tests.bench.test_load import checked_and_loaded, national_frame, seconds

PART = "beside a load, SQLite"
LONGEST_MS, READERS_MS = 2_500, 50
"""Other writers give up after 10 seconds."""
MOST_AGAIN = 2
MONTHS = 6
_PAUSE_SECONDS = 0.02


def _milliseconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


def _read(store: Store) -> None:
    with store.reading() as connection:
        connection.execute(text("SELECT count(*) FROM latest_period")).scalar_one()


def _write(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE store_meta SET value = value WHERE name = 'data_version'"))


def test_others_beside_a_load(sqlite_url: str, tmp_path: Path) -> None:
    """Months of practices, of 100,000 rows each, while another process reads and writes fifty times a second."""
    files = tmp_path / "files"
    today = datetime.now(UTC).date()
    next(iter(WorkforcePublisher(files, load_catalogue(), today, Size.STANDARD).newest()))
    for page in files.rglob("*.html"):
        page.unlink()
    given = os.environ | {"STP_STORE__RAW_FOLDER": str(tmp_path / "raw")}
    command = [sys.executable, "-m", "etl", "load", str(files), "--database", sqlite_url]
    taken: dict[str, list[float]] = {"reader": [], "writer": []}
    with closing(open_store(sqlite_url)) as store, (tmp_path / "said").open("w+") as said:
        started, pause = perf_counter(), Event()
        process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=said, stderr=said)
        while process.poll() is None:
            taken["reader"].append(_milliseconds(lambda: _read(store)))
            taken["writer"].append(_milliseconds(lambda: _write(store)))
            pause.wait(_PAUSE_SECONDS)
        lasted = perf_counter() - started
        said.seek(0)
        loaded = said.read().strip().splitlines()[-1]
    assert process.returncode == 0
    assert " 0 new" not in loaded, loaded
    note(PART, f"the load: {loaded}", lasted, "s")
    for who, times in taken.items():
        note(PART, f"another {who}, median", median(times), "ms")
        note(PART, f"another {who}, p95", quantiles(times, n=20)[-1], "ms")
    rows = [
        note(PART, "another reader, the longest wait", max(taken["reader"]), "ms", most=READERS_MS),
        note(PART, "another writer, the longest wait", max(taken["writer"]), "ms", most=LONGEST_MS),
    ]
    assert [row for row in rows if not row.met] == []


def test_rows_that_repeat_what_stands(sqlite_url: str) -> None:
    """A release that prints again what stands: its rows are kept apart, for the day on which the first is undone."""
    table = national_frame(MONTHS)
    with closing(open_store(sqlite_url)) as store:

        def emptied() -> None:
            with store.writing() as connection:
                for name in (
                    "observation",
                    "observation_unused",
                    "published_table",
                    "latest_period",
                    "source_file",
                ):
                    connection.exec_driver_sql(f"DELETE FROM {name}")

        def first() -> float:
            emptied()
            return seconds(lambda: checked_and_loaded(store, table), process_time)

        def again() -> float:
            return seconds(lambda: checked_and_loaded(store, table), process_time)

        one, two = alternate(first, again, rounds=3)
        with store.reading() as connection:
            held = connection.exec_driver_sql("SELECT count(*) FROM observation_unused").scalar_one()
        assert held == len(table)
    ratio = note(PART, "a release that repeats every row, beside the first", two / one, most=MOST_AGAIN)
    assert ratio.met
