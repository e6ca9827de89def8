"""Rows in and out by the thousand: the one place that knows the dialect.

SQLite takes prepared statements over tuples. PostgreSQL takes COPY: of text where rows come one by one, and of the
binary form where they stand in a frame, so that neither side turns numbers into text or back. Nothing else in the
product may ask which database it talks to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, islice
from typing import Any, cast

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Float,
    Insert,
    Integer,
    SmallInteger,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from db.store.bulk.binary_copy import END, START, rows_in_binary

CHUNK = 50_000

Row = tuple[object, ...]

_KINDS: dict[type[object], np.dtype[Any]] = {
    Integer: np.dtype(np.int64),
    SmallInteger: np.dtype(np.int64),
    Float: np.dtype(np.float64),
}


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterator[Row]) -> int:
    """Insert rows (tuples in the order of `columns`) and return how many there were."""
    if connection.dialect.name == "postgresql":
        return _copy(connection, table, columns, rows)
    return _execute_many(connection, *_insertion(table, tuple(columns)), rows)


def insert_frame(connection: Connection, table: Table, frame: pd.DataFrame) -> int:
    """Insert a frame's rows, of numbers and text, into the columns of the same names; NaN and None become NULL."""
    if frame.empty:
        return 0
    if connection.dialect.name != "postgresql":
        return insert_rows(connection, table, list(frame.columns), _tuples(frame))
    with _copying(connection, table, frame.columns, "(FORMAT BINARY)") as copy:
        copy.write(START)
        for part in _slices(frame):
            copy.write(rows_in_binary(table, part))
        copy.write(END)
    return len(frame)


def frame_of_rows(
    connection: Connection, table: Table, columns: Sequence[str], *conditions: ColumnElement[bool]
) -> pd.DataFrame:
    """Rows of numbers and text as a frame: whole numbers as int64, others as float64 with NaN, text as objects.

    Rows are taken as the driver gives them: row objects would cost more than the query.
    """
    statement = select(*(table.c[name] for name in columns)).where(*conditions)
    with connection.execute(statement) as result:
        rows = result.cursor.fetchall() if result.cursor is not None else []
    kinds = [_KINDS.get(type(table.c[name].type), np.dtype(object)) for name in columns]
    held = np.fromiter(rows, dtype=list(zip(columns, kinds, strict=True)), count=len(rows))
    return pd.DataFrame({name: pd.Series(held[name], dtype=held[name].dtype) for name in columns})


def delete_rows(connection: Connection, table: Table, key: Sequence[str], rows: Iterator[Row]) -> int:
    """Delete the rows with these keys (tuples of integers in the order of `key`)."""
    if connection.dialect.name == "postgresql":
        return _delete_unnested(connection, table, key, rows)
    return _execute_many(connection, *_deletion(table, tuple(key)), rows)


def _slices(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The frame by parts, so that few rows are in memory a second time."""
    return (frame.iloc[start : start + CHUNK] for start in range(0, len(frame), CHUNK))


def _tuples(frame: pd.DataFrame) -> Iterator[Row]:
    """Rows as tuples of plain Python values, None for missing."""
    return chain.from_iterable(
        zip(*(_plain(part[name]) for name in part.columns), strict=True) for part in _slices(frame)
    )


def _plain(column: pd.Series[Any]) -> list[object]:
    values: list[object] = column.tolist()
    missing = column.isna().to_numpy()
    if not missing.any():
        return values
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]


@lru_cache(maxsize=128)
def _insertion(table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    return _prepared(insert(table).values({name: bindparam(name) for name in columns}), columns)


@lru_cache(maxsize=128)
def _deletion(table: Table, key: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    return _prepared(delete(table).where(and_(*(table.c[name] == bindparam(name) for name in key))), key)


def _prepared(statement: Insert | Delete, columns: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """A statement as SQLite's driver takes it, and the places of its parameters among some columns."""
    compiled = statement.compile(dialect=sqlite.dialect(), column_keys=list(columns))
    return str(compiled), tuple(columns.index(name) for name in cast("list[str]", compiled.positiontup))


def _execute_many(connection: Connection, statement: str, order: Sequence[int], rows: Iterator[Row]) -> int:
    if list(order) != list(range(len(order))):
        rows = (tuple(row[place] for place in order) for row in rows)
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        connection.exec_driver_sql(statement, chunk)
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


@contextmanager
def _copying(
    connection: Connection, table: Table, columns: Iterable[str], options: str = ""
) -> Iterator[psycopg.Copy]:
    statement = sql.SQL("COPY {} ({}) FROM STDIN " + options).format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with _cursor(connection, f"rows enter {table.name}") as cursor, cursor.copy(statement) as copy:
        yield copy


def _copy(connection: Connection, table: Table, columns: Sequence[str], rows: Iterator[Row]) -> int:
    count = 0
    with _copying(connection, table, columns) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _delete_unnested(connection: Connection, table: Table, key: Sequence[str], rows: Iterator[Row]) -> int:
    """Delete by key. The arrays stand in a SELECT, since the planner counts those that it sees: for thousands of
    keys in a table that it has no statistics of, it would then read the whole table instead of the index.
    """
    match = sql.SQL("{table}.{column} = gone.{column}")
    statement = sql.SQL("DELETE FROM {table} USING unnest({arrays}) AS gone({names}) WHERE {match}").format(
        table=sql.Identifier(table.name),
        arrays=sql.SQL(", ").join([sql.SQL("(SELECT %s::integer[])")] * len(key)),
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
