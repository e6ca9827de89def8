"""How far the first filling of a store has come."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import update

from db.domain.holdings import Filling, SourceFilling
from db.figures.data_version import data_version
from db.service.filling import begin_filling, count_filled, end_filling, filling_of
from db.service.processes import machine_name
from db.store import Store, open_store
from db.store.schema import filling


def told(store: Store) -> Filling:
    with store.reading() as connection:
        return filling_of(connection)


def test_a_filling_counts_by_source_and_is_gone_at_its_end(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    begin_filling(store, {"ssnap": 0, "cancer_waiting_times": 0})
    assert told(store).coming == {"ssnap", "cancer_waiting_times"}
    begin_filling(store, {"ssnap": 2, "cancer_waiting_times": 3})
    for source in ("ssnap", "ssnap", "ssnap", "cancer_waiting_times"):
        count_filled(store, source)
    found = told(store)
    assert found.sources == (SourceFilling("ssnap", 2, 2), SourceFilling("cancer_waiting_times", 3, 1))
    assert (found.files, found.done, found.coming, found.stopped) == (
        5,
        3,
        frozenset({"cancer_waiting_times"}),
        False,
    )
    with store.reading() as connection:
        before = data_version(connection)
    end_filling(store)
    with store.reading() as connection:
        after = data_version(connection)
    assert (before.filling, after.filling, told(store).sources) == (True, False, ())
    assert after != before
    store.close()


def test_a_filling_that_was_stopped_says_so_and_keeps_what_is_whole(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    begin_filling(store, {"ssnap": 1, "cancer_waiting_times": 3})
    for source in ("ssnap", "cancer_waiting_times"):
        count_filled(store, source)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with store.writing() as connection:
        connection.execute(update(filling).values(process=f"{machine_name()}:{gone.pid}"))
    assert told(store).stopped
    begin_filling(store, {"cancer_waiting_times": 4})
    found = told(store)
    assert found.sources == (SourceFilling("ssnap", 1, 1), SourceFilling("cancer_waiting_times", 4, 0))
    assert not found.stopped
    store.close()
