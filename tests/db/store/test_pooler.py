"""The store behind a real PgBouncer in transaction mode with two connections, as a shared database server has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import text

from db.domain import LoadCounts
from db.loading.load import load_frame
from db.service.lease import acquire, leading, release, renew
from db.settings import Settings
from db.store import Store, open_store
from db.store.partitions import partition
from stp_dash.application import create_app
from tests.support.frames import file, frame, row
from tests.support.pgbouncer import HOW_TO_GET_IT, pooler_program, running_pooler, session_setting

pytestmark = pytest.mark.postgresql


@pytest.fixture
def pooled_url(new_postgresql_url: str, postgresql_server: str) -> Iterator[str]:
    """A prepared store's address at the pooler."""
    program = pooler_program()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET_IT)
        pytest.skip(HOW_TO_GET_IT)
    with running_pooler(program, postgresql_server, size=2) as address:
        yield f"{address}/{new_postgresql_url.rpartition('/')[2]}"


@pytest.fixture
def pooled(pooled_url: str) -> Iterator[Store]:
    with closing(open_store(pooled_url)) as store:
        yield store


def load(store: Store, *rows: dict[str, object]) -> LoadCounts:
    with store.writing() as connection:
        return load_frame(connection, frame(*rows), file(), catalogue=store.catalogue)


def test_a_store_is_made_and_migrated(pooled_url: str) -> None:
    with closing(open_store(pooled_url)) as store, store.writing() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    with closing(open_store(pooled_url)) as store, store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM indicator")).scalar_one() == len(
            store.catalogue.indicators
        )


def test_settings_are_the_transactions_and_never_stay_with_a_connection(
    pooled: Store, pooled_url: str
) -> None:
    for begin in (pooled.reading, pooled.writing):
        with begin() as connection:
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "30s"
    assert {session_setting(pooled_url, "lock_timeout") for _ in range(4)} == {"0"}


def test_figures_are_loaded_and_pages_read_by_more_programs_than_there_are_connections(
    pooled: Store, settings: Settings
) -> None:
    assert load(pooled, row("RVV", 70, 100), row("RWF", 80, 100)) == LoadCounts(new=2)
    server = create_app(pooled, settings).server
    addresses = ["/", "/operations", "/healthz", "/variation", "/data", "/"]
    with ThreadPoolExecutor(len(addresses)) as readers:
        answers = list(readers.map(lambda path: server.test_client().get(path).status_code, addresses))
    assert answers == [200] * len(addresses)


def test_schedulers_pass_the_lease_on(pooled: Store) -> None:
    first = acquire(pooled, "one", 60)
    assert first is not None
    assert acquire(pooled, "two", 60) is None
    renew(pooled, first, 60)
    with leading(pooled, first) as connection:
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "15s"
    release(pooled, first)
    second = acquire(pooled, "two", 60)
    assert second is not None
    assert second.fencing == first.fencing + 1


def test_the_table_is_parted_and_no_lock_is_left(pooled: Store) -> None:
    load(pooled, row("RVV", 70, 100))
    assert partition(pooled, by="tester").done
    with pooled.reading() as connection:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert connection.execute(text(held)).scalar_one() == 0
