"""When pages are read from a read replica, and when from the store itself: decided by what the two say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from db.catalogue import load_catalogue
from db.figures.replica import CHECK_SECONDS, PATIENCE_SECONDS, Replica
from db.store import Store, StoreError, open_replica, open_store
from db.store.data_state import raise_data_version

AWAY = "postgresql://reader@127.0.0.1:1/monitor"


class Clock:
    """A clock that stands until it is moved on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pair(tmp_path: Path, sqlite_template: Path, clock: Clock) -> Iterator[Replica]:
    """A store and a copy of it, told apart by a row that only says which of the two it is."""
    stores: dict[str, Store] = {}
    for name in ("primary", "replica"):
        shutil.copy(sqlite_template, tmp_path / name)
        opened = open_store(f"sqlite:///{tmp_path / name}")
        with opened.writing() as connection:
            connection.execute(text("INSERT INTO store_meta VALUES ('which', :name)"), {"name": name})
        stores[name] = opened
    yield Replica(**stores, clock=clock)
    for opened in stores.values():
        opened.close()


def which(connection: Connection) -> str:
    return str(connection.execute(text("SELECT value FROM store_meta WHERE name = 'which'")).scalar_one())


def change(store: Store) -> None:
    with store.writing() as connection:
        raise_data_version(connection)


def executed(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.execute(text(statement))


def looked_at_again(pair: Replica, clock: Clock) -> Replica:
    clock.now += CHECK_SECONDS
    return pair


def test_pages_are_read_from_the_replica(pair: Replica) -> None:
    assert pair.read(which) == "replica"
    assert pair.state().behind == 0


def test_a_replica_that_lags_a_little_is_used_and_says_by_how_much(pair: Replica, clock: Clock) -> None:
    for _ in range(3):
        change(pair.primary)
    assert pair.read(which) == "replica"
    assert pair.state().behind == 3
    for _ in range(3):
        change(pair.replica)
    assert looked_at_again(pair, clock).state().behind == 0


def test_a_replica_that_stands_still_is_left_until_it_has_caught_up(
    pair: Replica, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    change(pair.primary)
    assert pair.read(which) == "replica"
    clock.now += PATIENCE_SECONDS + 1
    assert pair.read(which) == "primary"
    assert f"has lacked a change of the figures for {PATIENCE_SECONDS} seconds" in caplog.text
    change(pair.replica)
    assert looked_at_again(pair, clock).read(which) == "replica"
    assert caplog.text.count("WARNING") == 2, "one line for each turn"


def test_a_replica_that_follows_a_busy_store_is_not_late(pair: Replica, clock: Clock) -> None:
    change(pair.primary)
    for _ in range(60):
        assert looked_at_again(pair, clock).read(which) == "replica"
        change(pair.primary)
        change(pair.replica)
    assert pair.state().behind == 1


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "older version"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer version"),
        ("DROP TABLE alembic_version", "older version"),
        ("UPDATE store_meta SET value = 'another' WHERE name = 'catalogue_version'", "catalogue"),
    ],
)
def test_a_replica_of_another_version_is_not_used(pair: Replica, statement: str, why: str) -> None:
    executed(pair.replica, statement)
    assert pair.read(which) == "primary"
    assert why in pair.state().problem


def test_a_replica_that_cannot_be_reached_is_not_asked_each_time(
    pair: Replica, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    away = Replica(pair.primary, open_replica(AWAY), clock)
    assert [away.read(which) for _ in range(5)] == ["primary"] * 5
    assert "cannot be read: connection failed" in away.state().problem
    assert caplog.text.count("WARNING") == 1
    away.replica.close()


def test_work_that_the_replica_breaks_off_is_done_in_whole_by_the_store(pair: Replica, clock: Clock) -> None:
    def broken_off(connection: Connection) -> list[str]:
        found = [which(connection)]
        if found == ["replica"]:
            connection.execute(text("SELECT * FROM no_such_table"))
        return [*found, which(connection)]

    assert pair.read(broken_off) == ["primary", "primary"]
    assert pair.read(which) == "primary", "it is not tried again at once"
    assert looked_at_again(pair, clock).read(which) == "replica"


def test_a_replica_serves_while_the_store_itself_is_away(pair: Replica, clock: Clock) -> None:
    alone = Replica(open_replica(AWAY), pair.replica, clock)
    assert alone.read(which) == "replica"
    assert alone.state().behind is None
    alone.primary.close()


def test_where_neither_can_be_read_the_store_says_so(clock: Clock) -> None:
    nothing = Replica(open_replica(AWAY), open_replica(AWAY), clock)
    with pytest.raises(DBAPIError):
        nothing.read(which)


@pytest.mark.parametrize("address", ["sqlite:///copy.sqlite", "mysql://here/there", "no address"])
def test_only_postgresql_has_replicas(address: str) -> None:
    with pytest.raises(StoreError, match=r"store\.replica_url.*postgresql://"):
        open_replica(address)


def test_a_replica_that_is_down_is_opened_all_the_same() -> None:
    opened = open_replica(AWAY)
    assert opened.catalogue is load_catalogue()
    opened.close()


def test_a_reader_sees_one_state_while_another_writes(store: Store) -> None:
    def counted(connection: Connection) -> int:
        found = connection.execute(text("SELECT count(*) FROM store_meta WHERE name LIKE 'seen-%'"))
        return int(found.scalar_one())

    with store.reading() as connection:
        before = counted(connection)
        executed(store, "INSERT INTO store_meta VALUES ('seen-1', 'x')")
        assert counted(connection) == before == 0
    with store.reading() as connection:
        assert counted(connection) == 1
