"""Prepared databases of a PostgreSQL server, emptied after a test for the next one: a new one costs many times that."""

from __future__ import annotations

from itertools import count
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[Any]

_MADE_BY = (
    "attribute.attrelid",
    "index.indrelid",
    "constraint.conrelid",
    "rewrite.ev_class",
    "trigger.tgrelid",
    "proc.oid",
)
_SHAPE = " UNION ALL ".join(
    (
        "SELECT count(*), sum(hashtextextended(concat(relname, relkind, relacl, reloptions), 0)) FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace",
        *(
            f"SELECT count(*), sum(CAST(CAST(xmin AS text) AS bigint)) FROM pg_{name} WHERE {column} >= 16384"
            for name, _, column in (place.partition(".") for place in _MADE_BY)
        ),
        "SELECT count(*), sum(hashtextextended(concat(nspname, nspacl), 0)) FROM pg_namespace "
        "WHERE nspname NOT LIKE 'pg\\_t%'",
        "SELECT count(*), 0 FROM pg_extension",
        "SELECT count(*), 0 FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase "
        "WHERE d.datname = current_database()",
    )
)
"""What makes tables what they are, as numbers: names, rights, and which transactions made columns, keys and rules."""
_FILLED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
_COUNTERS = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences ORDER BY 1"
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_STATE = "store_meta"
_GROWING = {"organisation_parent": ("organisation_id", "parent_id"), "organisation": ("id",)}
"""Tables of the catalogue that loads add to, and their columns of organisations' numbers."""


class PreparedDatabases:
    """Databases that tests take and give back: each taken one is as the template is.

    What a test wrote is taken out of a database that is given back, which is then compared with the template in shape,
    rows and counters. One that differs in anything, since a test changed its tables or its catalogue, is dropped.
    """

    def __init__(self, server: str, template: str, prefix: str = "store") -> None:
        self._server, self._template, self._prefix = server, template, prefix
        self._free: list[str] = []
        self._numbers = count()
        with self._connected(template) as connection:
            self._kept = _tables_with_rows(connection)
            self._meta = connection.execute("SELECT name, value FROM store_meta").fetchall()
            self._last: int = connection.execute("SELECT max(id) FROM organisation").fetchall()[0][0]
            self._counters = dict(connection.execute(_COUNTERS).fetchall())
            self._shape = connection.execute(_SHAPE).fetchall()
            self._prepared = self._described(connection)

    def take(self) -> str:
        """The name of a database that is as the template is."""
        if self._free:
            return self._free.pop()
        name = f"{self._prefix}_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test; drop it where that does not make it what the template is."""
        with self._connected(name) as connection:
            _end_others(connection)
            same = connection.execute(_SHAPE).fetchall() == self._shape
            if same:
                self._empty(connection)
                same = self._described(connection) == self._prepared
        if same:
            self._free.append(name)
        else:
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _empty(self, connection: Connection) -> None:
        used = [*(_tables_with_rows(connection) - self._kept), _STATE]
        tables = sql.SQL(", ").join(map(sql.Identifier, used))
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
        connection.execute("DELETE FROM pg_statistic WHERE starelid >= 16384")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO store_meta (name, value) VALUES (%s, %s)", self._meta)
        for table, columns in _GROWING.items():
            added = sql.SQL(" OR ").join(
                sql.SQL("{} > {}").format(sql.Identifier(c), self._last) for c in columns
            )
            connection.execute(sql.SQL("DELETE FROM {} WHERE {}").format(sql.Identifier(table), added))
        for counter, value in connection.execute(_COUNTERS).fetchall():
            if value != (begun := self._counters[counter]):
                connection.execute("SELECT setval(%s::regclass, %s, %s)", [counter, max(begun, 1), begun > 0])

    def _described(self, connection: Connection) -> tuple[Any, ...]:
        """The tables that have rows, their rows as a number each, and the counters."""
        rows = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, count(*), sum(hashtextextended(t::text, 0)) FROM {} t").format(
                table, sql.Identifier(table)
            )
            for table in sorted(self._kept)
        )
        return (
            _tables_with_rows(connection),
            connection.execute(rows).fetchall(),
            connection.execute(_COUNTERS).fetchall(),
        )

    def _connected(self, name: str) -> Connection:
        return psycopg.connect(f"{self._server}/{name}", autocommit=True)

    def _administer(self, statement: str) -> None:
        with self._connected("postgres") as connection:
            connection.execute(statement)


def _tables_with_rows(connection: Connection) -> frozenset[str]:
    return frozenset(name for (name,) in connection.execute(_FILLED))


def _end_others(connection: Connection) -> None:
    """End what a test has left connected: nothing else may hold the tables."""
    connection.execute(f"SELECT pg_terminate_backend(pid, 10000) {_OTHERS}")
