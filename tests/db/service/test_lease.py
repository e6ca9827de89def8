"""The lease: one holder at a time, on both databases, and a leader of old that can write nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from db.service.lease import Grant, LeaseLostError, acquire, leader, leading, release, renew, store_time
from db.service.processes import is_gone, machine_name, process_name
from db.store import Store, audit, open_store
from db.store.schema import audit as audit_table
from db.store.schema import lease

ELSEWHERE = "another-machine:17"
YET_ANOTHER = "third-machine:4"


def granted(store: Store, holder: str, seconds: float = 60) -> Grant:
    grant = acquire(store, holder, seconds)
    assert grant is not None
    return grant


def expire(store: Store) -> None:
    """Let the lease run out."""
    with store.writing() as connection:
        past = store_time(connection) - timedelta(seconds=1)
        connection.execute(update(lease).values(expires_at=past))


def ended_process() -> str:
    """The name of a process of this machine that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return f"{machine_name()}:{process.pid}"


def test_one_holds_it_and_the_others_wait(store: Store) -> None:
    first = granted(store, ELSEWHERE)
    assert first.fencing == 1
    assert acquire(store, YET_ANOTHER, 60) is None
    with store.reading() as connection:
        found = leader(connection)
    assert found is not None
    assert (found.holder, found.fencing, found.live) == (ELSEWHERE, 1, True)
    assert found.expires_at - found.heartbeat_at == timedelta(seconds=60)
    assert timedelta(0) <= found.silent_for < timedelta(seconds=30)


def test_a_store_without_a_scheduler_has_no_leader(store: Store) -> None:
    with store.reading() as connection:
        assert leader(connection) is None


def test_once_it_has_run_out_another_takes_it_with_a_higher_number(store: Store) -> None:
    granted(store, ELSEWHERE)
    expire(store)
    assert granted(store, YET_ANOTHER).fencing == 2
    assert acquire(store, ELSEWHERE, 60) is None


def test_a_holder_whose_process_is_gone_is_followed_at_once(store: Store) -> None:
    granted(store, ended_process())
    assert granted(store, process_name()).fencing == 2


def test_a_holder_that_renews_keeps_it(store: Store) -> None:
    grant = granted(store, ELSEWHERE)
    expire(store)
    renew(store, grant, 60)
    assert acquire(store, YET_ANOTHER, 60) is None


def test_released_in_good_order_it_is_taken_at_once(store: Store) -> None:
    release(store, granted(store, ELSEWHERE))
    with store.reading() as connection:
        found = leader(connection)
    assert found is not None
    assert (found.holder, found.live) == ("", False)
    assert granted(store, YET_ANOTHER).fencing == 2


def test_a_leader_of_old_can_neither_renew_nor_write_nor_release(store: Store) -> None:
    old = granted(store, ELSEWHERE)
    expire(store)
    new = granted(store, YET_ANOTHER)
    with pytest.raises(LeaseLostError, match=r"another-machine:17 \(number 1\) is over"):
        renew(store, old, 60)
    with pytest.raises(LeaseLostError), leading(store, old) as connection:
        audit.record(connection, "scheduler", "too late", "nothing")
    release(store, old)
    with leading(store, new) as connection:
        audit.record(connection, "scheduler", "in time", "something")
    with store.reading() as connection:
        assert [entry.action for entry in audit.audit_entries(connection)] == ["in time"]


def test_the_same_process_that_takes_it_again_is_not_its_own_former_self(store: Store) -> None:
    old = granted(store, ELSEWHERE)
    expire(store)
    granted(store, ELSEWHERE)
    with pytest.raises(LeaseLostError), leading(store, old):
        pass


def test_of_many_at_once_one_gets_it(store: Store) -> None:
    together, grants = threading.Barrier(6), list[Grant | None]()

    def ask(number: int) -> None:
        together.wait()
        grants.append(acquire(store, f"machine-{number}:1", 60))

    threads = [threading.Thread(target=ask, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(grants) == 6
    assert [grant.fencing for grant in grants if grant] == [1]


def test_while_a_leader_writes_nobody_takes_over(store: Store, store_url: str) -> None:
    grant = granted(store, ELSEWHERE)
    expire(store)
    other, outcome = open_store(store_url), list[Grant | None]()
    taking = threading.Thread(target=lambda: outcome.append(acquire(other, YET_ANOTHER, 60)))
    with leading(store, grant) as connection:
        taking.start()
        taking.join(0.3)
        assert taking.is_alive()
        audit.record(connection, "scheduler", "written", "something")
    taking.join(20)
    other.close()
    assert [taken.fencing for taken in outcome if taken] == [2]
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(audit_table)).scalar() == 1


@pytest.mark.postgresql
def test_a_leader_that_stalls_in_the_middle_of_a_write_is_put_out(new_postgresql_url: str) -> None:
    store, other = open_store(new_postgresql_url), open_store(new_postgresql_url)
    grant = granted(store, ELSEWHERE)
    with leading(store, grant) as connection:
        setting = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
    assert setting == "15s"
    with pytest.raises(DBAPIError), leading(store, grant) as connection:
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while backend_lives(other, process):
            assert datetime.now(UTC) < deadline
        audit.record(connection, "scheduler", "after the stall", "nothing")
    expire(other)
    assert granted(other, YET_ANOTHER).fencing == 2
    with other.reading() as connection:
        assert audit.audit_entries(connection) == []
    store.close()
    other.close()


def backend_lives(store: Store, process: object) -> bool:
    with store.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT 1 FROM pg_stat_activity WHERE pid = {process}")
        return found.first() is not None


def test_on_sqlite_a_living_holder_that_a_load_keeps_waiting_is_not_overtaken(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    granted(store, process_name())
    expire(store)
    assert acquire(store, ELSEWHERE, 60) is None
    with store.reading() as connection:
        found = leader(connection)
    assert found is not None
    assert found.live
    with store.writing() as connection:
        long_ago = datetime.now(UTC) - timedelta(minutes=11)
        connection.execute(update(lease).values(heartbeat_at=long_ago))
    # Its process started after that sign, so it is another with the same number; and eleven minutes are too long.
    assert granted(store, ELSEWHERE).fencing == 2
    store.close()


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    now = datetime.now(UTC)
    assert not is_gone(process_name(), now)
    assert is_gone(process_name(), now - timedelta(days=30))
    assert is_gone(ended_process(), now)
    assert not is_gone(ELSEWHERE, now)
    assert not is_gone(None, now)
