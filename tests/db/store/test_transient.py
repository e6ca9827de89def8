"""Which faults of a real database pass by themselves."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from db.store import Store, open_store
from db.store.bulk import insert_rows
from db.store.schema import store_meta
from db.store.transient import is_transient_error

TWICE = "INSERT INTO store_meta (name, value) VALUES ('twice', '1')"


def test_a_broken_constraint_and_a_wrong_statement_do_not_pass(store: Store) -> None:
    with pytest.raises(IntegrityError) as broken, store.writing() as connection:
        connection.execute(sql(TWICE))
        connection.execute(sql(TWICE))
    with pytest.raises((OperationalError, ProgrammingError)) as wrong, store.reading() as connection:
        connection.execute(sql("SELECT * FROM nowhere"))
    assert not is_transient_error(broken.value)
    assert not is_transient_error(wrong.value)


def test_a_locked_store_passes(store: Store, store_url: str) -> None:
    lock = {"sqlite": "SELECT 1", "postgresql": "LOCK TABLE store_meta IN ACCESS EXCLUSIVE MODE"}
    hurry = {"sqlite": "PRAGMA busy_timeout = 50", "postgresql": "SET lock_timeout = '50ms'"}
    name = store.engine.dialect.name
    with closing(open_store(store_url, prepare=False)) as other, other.writing() as connection:
        connection.execute(sql(lock[name]))
        with store.engine.connect() as waiting, pytest.raises(DBAPIError) as caught:
            waiting.exec_driver_sql(hurry[name])
            waiting.exec_driver_sql(TWICE)
    assert is_transient_error(caught.value)


def test_a_load_waits_for_a_lock_for_half_a_minute_and_no_longer(new_postgresql_url: str) -> None:
    with closing(open_store(new_postgresql_url)) as store, store.reading() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "30s"


def test_a_dropped_connection_passes(new_postgresql_url: str) -> None:
    with (
        closing(open_store(new_postgresql_url)) as store,
        psycopg.connect(new_postgresql_url, autocommit=True) as server,
    ):
        with pytest.raises(DBAPIError) as caught, store.reading() as connection:
            process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            server.execute("SELECT pg_terminate_backend(%s)", [process])
            connection.exec_driver_sql("SELECT 1")
        assert is_transient_error(caught.value)
        with store.reading() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_faults_of_bulk_rows_are_those_of_any_statement(store: Store) -> None:
    rows = (("same", "1"), ("same", "2"))
    with pytest.raises(IntegrityError) as caught, store.writing() as connection:
        insert_rows(connection, store_meta, ("name", "value"), iter(rows))
    assert "same" in str(caught.value.orig) or "UNIQUE" in str(caught.value.orig)
    assert not is_transient_error(caught.value)
