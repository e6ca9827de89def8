"""An undo killed at any moment leaves the figures of before or those of after."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

from sqlalchemy import text

from db.figures.code_lists import read_code_lists
from db.loading.undo.undo import undo_files
from db.settings import Settings
from db.store import Store, open_store
from etl.pipeline.run import load_files
from tests.support.killed_loads import FIRST, SECOND, two_years

SHARES = (0.3, 0.6, 0.8, 0.95, 1.2, 10.0)
"""After which shares of an undo's time it is killed; by the last it has ended."""


def work(url: str, *, puts_back: bool) -> None:
    store = open_store(url)
    with store.writing() as connection:
        lists = read_code_lists(connection)
        undo_files(connection, lists, [2], by="a test", reason="a test", puts_back=puts_back)


def process(url: str, *, puts_back: bool) -> BaseProcess:
    started = forking().Process(target=work, args=(url,), kwargs={"puts_back": puts_back})
    started.start()
    return started


def forking() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["db.loading.undo.undo"])
    return context


def state(store: Store) -> tuple[object, ...]:
    """Whether the file counts, the changed figures, and how many rows there are of each kind."""
    with store.reading() as connection:
        counts = connection.execute(text("SELECT undone_by IS NULL FROM source_file WHERE id = 2")).scalar()
        values = connection.execute(
            text(
                "SELECT DISTINCT numerator FROM current_observation WHERE organisation_code = 'RVV' "
                "AND breakdown = 'all' AND indicator = 'cancer-28-day-faster-diagnosis'"
            )
        ).scalars()
        rows = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
            for table in ("observation", "observation_revision", "observation_unused")
        ]
        return (bool(counts), tuple(sorted(values)), *rows)


def test_killed_at_any_moment(store: Store, store_url: str, settings: Settings, tmp_path: Path) -> None:
    for name, change in ((FIRST, 0), (SECOND, 7)):
        (tmp_path / name).write_bytes(two_years(change))
        load_files(store, [tmp_path / name], settings, requested_by="a test")
    counts = state(store)
    # The time of an undo is without that of the server from which processes are forked.
    first = forking().Process(target=int)
    first.start()
    first.join()
    started = monotonic()
    whole = process(store_url, puts_back=False)
    whole.join()
    span = monotonic() - started
    assert whole.exitcode == 0
    undone = state(store)
    assert (counts[:2], undone[:2]) == ((True, (2763.0,)), (False, (2756.0,)))
    puts_back, seen = True, [undone]
    for share in SHARES:
        victim = process(store_url, puts_back=puts_back)
        victim.join(timeout=share * span)
        victim.kill()
        victim.join()
        seen.append(state(store))
        assert seen[-1] in (counts, undone)
        puts_back = seen[-1] == undone
    assert len(set(seen)) == 2
