"""A whole store into another, empty one: from SQLite to PostgreSQL, with revisions, decisions and log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, select, text

from db.store import Store, StoreError
from db.store.bulk import Row, insert_rows
from db.store.schema import (
    load_run,
    metadata,
    observation,
    observation_former,
    observation_revision,
    observation_unused,
    operator,
    source_file,
    undo,
)

_IN_USE = (source_file, load_run, operator)
_WITHOUT_DATES = frozenset(
    table.name for table in (observation, observation_revision, observation_unused, observation_former)
)
"""The large tables: their rows are numbers and text, which the driver gives as they are."""


class CopyError(StoreError):
    """A store cannot be copied: why, in plain words. Nothing was written."""


def copy_store(source: Store, target: Store) -> int:
    """Copy all rows of one store into another that is empty, ids included, and say how many observations there are.

    Both are prepared by this program. Raises CopyError where the target holds files, runs or operators.
    """
    if target.engine.dialect.name != "postgresql":
        raise CopyError("a store is copied into PostgreSQL; wanted a postgresql:// address")
    copied = 0
    with source.reading() as given, target.writing() as taken:
        _check_empty(taken)
        for table in reversed(metadata.sorted_tables):
            taken.execute(delete(table))
        for table in metadata.sorted_tables:
            count = insert_rows(taken, table, table.columns.keys(), _rows(given, table))
            copied += count if table is observation else 0
        _count_on(taken)
    with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return copied


def _check_empty(connection: Connection) -> None:
    for table in _IN_USE:
        if found := connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise CopyError(f"wanted an empty store to copy into, found {found} rows in {table.name}")


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    if table.name not in _WITHOUT_DATES:
        yield from (tuple(row) for row in connection.execute(select(table)))
        return
    in_order = select(table).order_by(table.c.organisation_id, table.c.indicator_id)
    statement = str(in_order.compile(dialect=connection.dialect))
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(statement)
        yield from cast("Iterator[Row]", cursor)


def _count_on(connection: Connection) -> None:
    """The next ids are those after the ids that were copied."""
    counted = connection.execute(
        text(
            "SELECT table_name AS of, column_name AS id, "
            "pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence "
            "FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND column_default LIKE 'nextval%'"
        )
    ).all()
    for row in counted:
        column = metadata.tables[row.of].c[row.id]
        newest = select(func.coalesce(func.max(column), 0))
        if column is source_file.c.id:
            newest = select(func.max(newest.union_all(select(undo.c.id)).subquery().c[0]))
        following: Any = newest.scalar_subquery() + 1
        connection.execute(select(func.setval(row.sequence, following, False)))
