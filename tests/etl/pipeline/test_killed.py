"""A load killed at any moment leaves the whole file in the store or none of it, and the next load completes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.domain import RunState
from db.service.runs import abandon_orphans
from db.settings import Settings
from db.store import Store
from tests.support.killed_loads import (
    FIRST,
    killed_often,
    process,
    run_states,
    two_years,
)

KILLS = 8


def test_killed_at_any_moment(store: Store, store_url: str, settings: Settings, tmp_path: Path) -> None:
    outcomes = killed_often(store, store_url, settings, tmp_path, KILLS)
    assert outcomes.old > 0
    assert outcomes.at_work > 0


def test_the_run_of_a_killed_load_is_marked_abandoned(
    store: Store, store_url: str, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    path = write(FIRST, two_years(0))
    victim = process(store_url, path, settings)
    while not run_states(store):
        victim.join(timeout=0.01)
    victim.kill()
    victim.join()
    states = run_states(store)
    if states == [RunState.RUNNING.value]:
        assert abandon_orphans(store) == 1
        states = run_states(store)
        assert states == [RunState.ABANDONED.value]
    else:
        pytest.fail(f"the load ended before it could be killed: {states}")
