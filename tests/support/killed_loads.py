"""A load that is killed again and again: what it leaves in the store."""

from __future__ import annotations

import multiprocessing
import random
from dataclasses import dataclass
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

from sqlalchemy import text as sql

from db.domain import FileState, RunState
from db.service.runs import abandon_orphans
from db.settings import Settings
from db.store import Store, open_store
from etl.pipeline.run import load_files
from tests.support.publications.combined_csv import month, text

MONTHS = [date(2022 + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(24)]
FIRST, SECOND = (
    "2022-24-Apr-Mar-Monthly-Combined-CSV-Provisional.csv",
    "2022-24-Apr-Mar-Monthly-Combined-CSV-Final.csv",
)


def work(url: str, path: Path, settings: Settings) -> None:
    store = open_store(url)
    load_files(store, [path], settings, requested_by="a test")


def two_years(change: int) -> bytes:
    return text([row for day in MONTHS for row in month(day.isoformat(), change=change)])


def process(url: str, path: Path, settings: Settings) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["etl.pipeline.run"])
    started = context.Process(target=work, args=(url, path, settings))
    started.start()
    return started


def state(store: Store) -> tuple[object, ...]:
    """Files, the changed figures and the number of rows and of revisions."""
    with store.reading() as connection:
        files = connection.execute(sql("SELECT name FROM source_file ORDER BY name")).scalars().all()
        values = connection.execute(
            sql(
                "SELECT DISTINCT numerator FROM current_observation WHERE organisation_code = 'RVV' "
                "AND breakdown = 'all' AND indicator = 'cancer-28-day-faster-diagnosis'"
            )
        ).scalars()
        rows = connection.execute(sql("SELECT count(*) FROM observation")).scalar()
        revised = connection.execute(sql("SELECT count(*) FROM observation_revision")).scalar()
        return (*files, tuple(sorted(values)), rows, revised)


@dataclass(frozen=True)
class Outcomes:
    """How many kills left the old state and the new one, and how many came before the run had recorded its end."""

    old: int
    new: int
    at_work: int


def killed_often(store: Store, url: str, settings: Settings, folder: Path, kills: int) -> Outcomes:
    """Kill a load at random moments, one in each equal part of its time.

    After each the state is the old or the new, and the next load completes it.
    """
    first, second = folder / FIRST, folder / SECOND
    first.write_bytes(two_years(0))
    second.write_bytes(two_years(7))
    load_files(store, [first], settings, requested_by="a test")
    before = state(store)
    span, after = whole_load(store, url, second, settings), state(store)
    assert before[-3] == (2756.0,)
    assert after[-3] == (2763.0,)
    chance, found = random.Random(20261121), list[tuple[tuple[object, ...], bool]]()
    for number in range(kills):
        undo(store)
        assert state(store) == before
        victim = at_work(store, process(url, second, settings))
        victim.join(timeout=chance.uniform(number, number + 1) / kills * span)
        victim.kill()
        victim.join()
        found.append((state(store), RunState.RUNNING.value in run_states(store)))
        assert found[-1][0] in {before, after}
        abandon_orphans(store)
        completed = load_files(store, [second], settings, requested_by="a test").results[0]
        assert completed.state is (FileState.LOADED if found[-1][0] == before else FileState.UNCHANGED)
        assert state(store) == after
    old = sum(outcome == before for outcome, _ in found)
    return Outcomes(old, kills - old, sum(at_work for _, at_work in found))


def at_work(store: Store, process: BaseProcess) -> BaseProcess:
    """The process, when it has begun its run or has ended."""
    while process.is_alive() and RunState.RUNNING.value not in run_states(store):
        process.join(timeout=0.005)
    return process


def whole_load(store: Store, url: str, path: Path, settings: Settings) -> float:
    """How many seconds a load is at work in a process of its own, from the beginning of its run to its end."""
    whole = at_work(store, process(url, path, settings))
    started = monotonic()
    whole.join()
    assert whole.exitcode == 0
    return monotonic() - started


def undo(store: Store) -> None:
    """Put the first file's figures back, as they were before the second came."""
    columns = (
        "indicator_id, period_id, breakdown_id, organisation_id, numerator, denominator, value, "
        "missing_reason, basis, maturity, derived, source_file_id"
    )
    with store.writing() as connection:
        second = f"SELECT id FROM source_file WHERE name = '{SECOND}'"
        connection.execute(sql(f"DELETE FROM observation WHERE source_file_id IN ({second})"))
        connection.execute(
            sql(f"INSERT INTO observation ({columns}) SELECT {columns} FROM observation_revision")
        )
        connection.execute(sql("DELETE FROM observation_revision"))
        connection.execute(sql(f"DELETE FROM published_table WHERE source_file_id IN ({second})"))
        connection.execute(sql(f"DELETE FROM source_file WHERE name = '{SECOND}'"))


def run_states(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(sql("SELECT state FROM load_run")).scalars())
