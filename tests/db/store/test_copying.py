"""A store moves from SQLite to PostgreSQL whole, and goes on from there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from db.domain import LoadCounts
from db.loading.load import load_frame
from db.service.operators import add_operator
from db.service.queue import request_run
from db.service.runs import recent_runs
from db.store import Store, open_store
from db.store.copying import CopyError, copy_store
from db.store.schema import metadata
from tests.support.frames import NOVEMBER, file, frame, row

pytestmark = pytest.mark.postgresql


def rows_of(store: Store) -> dict[str, list[Any]]:
    with store.reading() as connection:
        return {
            table.name: sorted(map(plain, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def load(store: Store, *rows: dict[str, object]) -> LoadCounts:
    with store.writing() as connection:
        return load_frame(connection, frame(*rows), file(), catalogue=store.catalogue)


def plain(row: Any) -> str:
    """A row to compare; moments as in UTC, for SQLite keeps no time zone."""
    return repr(
        [
            value.astimezone(UTC).replace(tzinfo=None)
            if isinstance(value, datetime) and value.tzinfo
            else value
            for value in row
        ]
    )


def test_everything_arrives_and_ids_go_on(sqlite_url: str, new_postgresql_url: str) -> None:
    with closing(open_store(sqlite_url)) as source, closing(open_store(new_postgresql_url)) as target:
        load(source, row("RVV", 70, 100), row("RWF", 80, 100), row("NEW1", 1, 2))
        load(source, row("RVV", 71, 100), row("RWF", 80, 100))
        add_operator(source, "operator.one", "a long enough pass phrase", by="tester")
        before = request_run(source, "ssnap", trigger="request", by="tester")
        assert copy_store(source, target) == 2
        taken = rows_of(target)
        assert taken == rows_of(source)
        assert len(taken["observation_revision"]) == 2
        assert load(target, row("RVV", 5, 6, period=NOVEMBER), row("NEW2", 5, 6, period=NOVEMBER)).new == 2
        request_run(target, "cancer_waiting_times", trigger="request", by="tester")
        with target.reading() as connection:
            newest, *_ = recent_runs(connection)
        assert before is not None
        assert newest.id == before + 1


def test_only_an_empty_store_is_written_into(sqlite_url: str, new_postgresql_url: str) -> None:
    with closing(open_store(sqlite_url)) as source, closing(open_store(new_postgresql_url)) as target:
        load(target, row("RVV", 70, 100))
        held = rows_of(target)
        with pytest.raises(
            CopyError, match="wanted an empty store to copy into, found 1 rows in source_file"
        ):
            copy_store(source, target)
        assert rows_of(target) == held


def test_a_sqlite_store_is_no_target(sqlite_url: str) -> None:
    with closing(open_store(sqlite_url)) as source, pytest.raises(CopyError, match="wanted a postgresql"):
        copy_store(source, source)
