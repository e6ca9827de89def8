"""A load killed at any moment leaves the whole file in the store or none of it, and the next load completes it."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text as sql

from db.domain import FileState, RunState
from db.service.runs import abandon_orphans
from db.settings import Settings
from db.store import Store, open_store
from etl.pipeline.run import load_files
from tests.support.publications.combined_csv import month, text

KILLS = 15
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
    """Kill a load at random moments; after each the state is the old or the new, and the next load completes it."""
    first, second = folder / FIRST, folder / SECOND
    first.write_bytes(two_years(0))
    second.write_bytes(two_years(7))
    load_files(store, [first], settings, requested_by="a test")
    before = state(store)
    span, after = whole_load(store, url, second, settings), state(store)
    assert before[-3] == (2756.0,)
    assert after[-3] == (2763.0,)
    chance, found = random.Random(20261121), list[tuple[tuple[object, ...], bool]]()
    for _ in range(kills):
        undo(store)
        assert state(store) == before
        victim = at_work(store, process(url, second, settings))
        victim.join(timeout=chance.uniform(0, span))
        victim.kill()
        victim.join()
        found.append((state(store), RunState.RUNNING.value in _runs(store)))
        assert found[-1][0] in {before, after}
        abandon_orphans(store)
        completed = load_files(store, [second], settings, requested_by="a test").results[0]
        assert completed.state is (FileState.LOADED if found[-1][0] == before else FileState.UNCHANGED)
        assert state(store) == after
    old = sum(outcome == before for outcome, _ in found)
    return Outcomes(old, kills - old, sum(at_work for _, at_work in found))


def at_work(store: Store, process: BaseProcess) -> BaseProcess:
    """The process, when it has begun its run or has ended."""
    while process.is_alive() and RunState.RUNNING.value not in _runs(store):
        process.join(timeout=0.001)
    return process


def whole_load(store: Store, url: str, path: Path, settings: Settings) -> float:
    """How many seconds a load is at work in a process of its own, from the beginning of its run to its end."""
    whole = at_work(store, process(url, path, settings))
    started = monotonic()
    whole.join()
    assert whole.exitcode == 0
    return monotonic() - started


def test_killed_at_any_moment(store: Store, store_url: str, settings: Settings, tmp_path: Path) -> None:
    outcomes = killed_often(store, store_url, settings, tmp_path, KILLS)
    assert outcomes.old > 0
    assert outcomes.at_work > 0


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


def test_the_run_of_a_killed_load_is_marked_abandoned(
    store: Store, store_url: str, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    path = write(FIRST, two_years(0))
    victim = process(store_url, path, settings)
    while not _runs(store):
        victim.join(timeout=0.01)
    victim.kill()
    victim.join()
    states = _runs(store)
    if states == [RunState.RUNNING.value]:
        assert abandon_orphans(store) == 1
        states = _runs(store)
        assert states == [RunState.ABANDONED.value]
    else:
        pytest.fail(f"the load ended before it could be killed: {states}")


def _runs(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(sql("SELECT state FROM load_run")).scalars())
