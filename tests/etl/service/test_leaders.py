"""Several schedulers as real processes, the leader killed at random moments: every slot exactly one completed run.

`tests/bench/test_leaders.py` does the same fifty times.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.store import open_store
from tests.support.killing import kill_leaders
from tests.support.refreshing import environment, published


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with published(tmp_path_factory.mktemp("publisher") / "site") as address:
        yield address


@pytest.mark.postgresql
def test_three_schedulers_on_one_postgresql(new_postgresql_url: str, landing: str, tmp_path: Path) -> None:
    store = open_store(new_postgresql_url)
    settings = environment(tmp_path, landing)
    account = kill_leaders(
        store, new_postgresql_url, tmp_path, settings, schedulers=3, kills=3, seed=20261122
    )
    store.close()
    account.check()
    assert account.kills == 3


def test_two_schedulers_on_one_sqlite(sqlite_url: str, landing: str, tmp_path: Path) -> None:
    settings = environment(tmp_path, landing)
    with closing(open_store(sqlite_url)) as store:
        account = kill_leaders(store, sqlite_url, tmp_path, settings, schedulers=2, kills=2, seed=20261123)
    account.check()
    assert account.kills == 2
