"""Rows in and out by the thousand: the one place that knows the dialect.

SQLite takes prepared statements over tuples, PostgreSQL takes COPY. Nothing else in the product may ask which
database it talks to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Delete, Insert, Table, and_, bindparam, delete, insert
from sqlalchemy.exc import DBAPIError

CHUNK = 50_000

Row = tuple[object, ...]


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterator[Row]) -> int:
    """Insert rows (tuples in the order of `columns`) and return how many there were."""
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, columns, rows)
    statement = insert(table).values({name: bindparam(name) for name in columns})
    return _execute_many(connection, statement, columns, rows)


def delete_rows(connection: Connection, table: Table, key: Sequence[str], rows: Iterator[Row]) -> int:
    """Delete the rows with these keys (tuples of integers in the order of `key`)."""
    if connection.dialect.name == "postgresql":
        return _delete_unnested(connection, table, key, rows)
    statement = delete(table).where(and_(*(table.c[name] == bindparam(name) for name in key)))
    return _execute_many(connection, statement, key, rows)


def _execute_many(
    connection: Connection, statement: Insert | Delete, columns: Sequence[str], rows: Iterator[Row]
) -> int:
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(columns))
    order = [list(columns).index(name) for name in cast("list[str]", compiled.positiontup)]
    if order != list(range(len(columns))):
        rows = (tuple(row[place] for place in order) for row in rows)
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        connection.exec_driver_sql(str(compiled), chunk)
        count += len(chunk)
    return count


@contextmanager
def _cursor(connection: Connection, purpose: str) -> Iterator[psycopg.Cursor]:
    """The driver's own cursor. Its errors become SQLAlchemy's DBAPIError, as those of every other statement are."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor:
            yield cursor
    except psycopg.Error as error:
        raise DBAPIError.instance(
            purpose,
            None,
            error,
            psycopg.Error,
            connection_invalidated=driver.closed,
            dialect=connection.dialect,
        ) from error


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Iterator[Row]) -> int:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with _cursor(connection, f"rows enter {table.name}") as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _delete_unnested(connection: Connection, table: Table, key: Sequence[str], rows: Iterator[Row]) -> int:
    match = sql.SQL("{table}.{column} = gone.{column}")
    statement = sql.SQL("DELETE FROM {table} USING unnest({arrays}) AS gone({names}) WHERE {match}").format(
        table=sql.Identifier(table.name),
        arrays=sql.SQL(", ").join([sql.SQL("%s::integer[]")] * len(key)),
        names=sql.SQL(", ").join(map(sql.Identifier, key)),
        match=sql.SQL(" AND ").join(
            match.format(table=sql.Identifier(table.name), column=sql.Identifier(name)) for name in key
        ),
    )
    count = 0
    with _cursor(connection, f"rows leave {table.name}") as cursor:
        while chunk := list(islice(rows, CHUNK)):
            cursor.execute(statement, [list(column) for column in zip(*chunk, strict=True)])
            count += len(chunk)
    return count
