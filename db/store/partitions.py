"""PostgreSQL's table of observations in parts, one for each source's indicators.

The rows are copied beside the table while everything runs, and the copy takes the table's place in a second, short
transaction. Two transactions, because a reader whose view is older than the copy would find the new table empty: the
exchange waits until no such reader is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from time import monotonic

from sqlalchemy import Connection, MetaData, insert, select, text
from sqlalchemy.exc import OperationalError

from db.store import Store, StoreError
from db.store.audit import record
from db.store.data_state import data_state
from db.store.schema import indicator, observation

WORTH_IT_ROWS = 50_000_000
"""From here on the table and its indexes outgrow the memory of a usual database server: `docs/operating.md`."""
TABLE = observation.name
REST = f"{TABLE}_other"
"""The part for indicators that came into the catalogue after the table was parted."""
_COPY = f"{TABLE}_copy"
_ONLY_ONE = 782_016_18
_LOCK_SECONDS, _READERS_SECONDS, _PAUSE_SECONDS = 2, 60, 0.05
_NUMBER = re.compile(r"\d+")
_INDEX = re.compile(r"INDEX (\S+) ON (?:ONLY )?\S+ ")


class PartitionError(StoreError):
    """The table cannot be parted now: why, in plain words. Nothing was changed."""


@dataclass(frozen=True)
class PartitionStatus:
    """How the table stands.

    `rows` is the planner's estimate; `parts` the indicators' ids by the name of their part, empty where the table is
    whole; `unplaced` the indicators of the catalogue that no part is for.
    """

    rows: int
    parts: dict[str, frozenset[int]]
    unplaced: tuple[str, ...]

    @property
    def done(self) -> bool:
        return bool(self.parts) and not self.unplaced


def read_layout(store: Store) -> PartitionStatus:
    """How the table of observations stands. Raises PartitionError on a database that has no partitions."""
    if store.engine.dialect.name != "postgresql":
        raise PartitionError(
            "only PostgreSQL keeps a table in parts; this store is a SQLite file, and stays one"
        )
    with store.reading() as connection:
        return _layout(connection)


def partition(store: Store, *, by: str) -> PartitionStatus:
    """Give each source's indicators a part of the table of observations of their own; does nothing where they have.

    Loads and pages go on meanwhile. Raises PartitionError where the exchange cannot be made: a load changed the
    figures after they were copied, or something holds the table.
    """
    layout = read_layout(store)
    if layout.done:
        return layout
    with _alone(store):
        try:
            with store.writing() as connection:
                state = _copy(connection)
            _await_older_readers(store)
            with store.writing() as connection:
                _exchange(connection, state)
                record(connection, by, "partition", TABLE, f"about {layout.rows} rows")
        finally:
            with store.writing() as connection:
                connection.execute(text(f"DROP TABLE IF EXISTS {_COPY}"))
    with store.writing() as connection:
        connection.execute(text(f"ANALYZE {TABLE}"))
    return read_layout(store)


def _layout(connection: Connection) -> PartitionStatus:
    bounds = connection.execute(
        text(
            "SELECT c.relname AS name, c.reltuples AS estimate, pg_get_expr(c.relpartbound, c.oid) AS bound "
            "FROM pg_class c WHERE c.oid = CAST(:name AS regclass) OR c.oid IN "
            "(SELECT inhrelid FROM pg_inherits WHERE inhparent = CAST(:name AS regclass))"
        ),
        {"name": TABLE},
    ).all()
    parts = {
        row.name: frozenset(map(int, _NUMBER.findall(row.bound))) for row in bounds if row.bound is not None
    }
    placed = frozenset().union(*parts.values())
    known = connection.execute(select(indicator.c.id, indicator.c.code).order_by(indicator.c.id)).all()
    leaves = [row for row in bounds if row.bound is not None or not parts]
    rows = sum(max(0, int(row.estimate)) for row in leaves)
    return PartitionStatus(rows, parts, tuple(row.code for row in known if row.id not in placed))


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One process at a time, for as long as a transaction of its own holds the lock: a lock of the session would stay
    with a pooler's connection. Raises PartitionError where another is at it.
    """
    with store.writing() as connection:
        if not connection.execute(
            text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _ONLY_ONE}
        ).scalar():
            raise PartitionError("another process parts the table at this moment")
        # It is of the level "read committed", so it holds no view of the data for which the exchange would wait.
        yield


def _copy(connection: Connection) -> int:
    """Copy the table in parts, with its indexes and rights; the state of the data that was copied."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    state = data_state(connection)
    connection.execute(text(f"DROP TABLE IF EXISTS {_COPY}"))
    like = f"LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS"
    connection.execute(text(f"CREATE TABLE {_COPY} ({like}) PARTITION BY LIST (indicator_id)"))
    for source, ids in _ids_by_source(connection).items():
        listed = ", ".join(map(str, ids))
        values = f"FOR VALUES IN ({listed})"
        connection.execute(text(f'CREATE TABLE "{_COPY}_{source}" PARTITION OF {_COPY} {values}'))
    connection.execute(text(f"CREATE TABLE {_COPY}_other PARTITION OF {_COPY} DEFAULT"))
    copy = observation.to_metadata(MetaData(), name=_COPY)
    connection.execute(insert(copy).from_select(observation.columns.keys(), select(observation)))
    for name, (definition, primary) in _indexes(connection).items():
        if primary:
            connection.execute(text(f"ALTER TABLE {_COPY} ADD CONSTRAINT copy_{name} {definition}"))
        else:
            connection.execute(text(_INDEX.sub(f"INDEX copy_{name} ON {_COPY} ", definition, count=1)))
    _grant(connection, _COPY, _rights(connection, TABLE))
    return state


def _ids_by_source(connection: Connection) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in connection.execute(select(indicator.c.source, indicator.c.id).order_by(indicator.c.id)):
        found.setdefault(row.source, []).append(row.id)
    return found


def _indexes(connection: Connection) -> dict[str, tuple[str, bool]]:
    """The table's indexes by name: how each is defined, and whether it is the primary key."""
    rows = connection.execute(
        text(
            "SELECT i.indexrelid::regclass::text AS name, i.indisprimary, "
            "coalesce(pg_get_constraintdef(k.oid), pg_get_indexdef(i.indexrelid)) AS definition "
            "FROM pg_index i LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p' "
            "WHERE i.indrelid = CAST(:name AS regclass)"
        ),
        {"name": TABLE},
    )
    return {row.name: (row.definition, row.indisprimary) for row in rows}


def _rights(connection: Connection, name: str) -> list[tuple[str, str]]:
    """What others than its owner may do with a table or view: the privilege and the role."""
    rows = connection.execute(
        text(
            "SELECT privilege_type AS what, CASE grantee WHEN 0 THEN 'PUBLIC' "
            "ELSE quote_ident(pg_get_userbyid(grantee)) END AS whom "
            "FROM pg_class, aclexplode(relacl) WHERE oid = CAST(:name AS regclass) AND grantee <> relowner"
        ),
        {"name": name},
    )
    return [(row.what, row.whom) for row in rows]


def _grant(connection: Connection, name: str, rights: list[tuple[str, str]]) -> None:
    for what, whom in rights:
        connection.execute(text(f"GRANT {what} ON {name} TO {whom}"))


def _views(connection: Connection) -> dict[str, str]:
    """The views over the table, by name: what each selects."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT r.ev_class::regclass::text AS name, pg_get_viewdef(r.ev_class) AS definition "
            "FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass "
            "WHERE d.refobjid = CAST(:name AS regclass) AND r.ev_class <> d.refobjid"
        ),
        {"name": TABLE},
    )
    return {row.name: row.definition for row in rows}


def _await_older_readers(store: Store) -> None:
    """Wait until nobody's view of the data is older than the copy. Raises PartitionError after a minute."""
    ends, pause = monotonic() + _READERS_SECONDS, Event()
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        copied_at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        older = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND xact_start < :at AND backend_type = 'client backend' "
            "AND pid NOT IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = :key)"
        )
        while connection.execute(older, {"at": copied_at, "key": _ONLY_ONE}).scalar_one():
            if monotonic() > ends:
                raise PartitionError(
                    "a transaction has been open for a minute or more; try again when it is over"
                )
            pause.wait(_PAUSE_SECONDS)


def _exchange(connection: Connection, state: int) -> None:
    """Put the copy in the table's place, under the table's names."""
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
    try:
        connection.execute(text(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE"))
    except OperationalError:
        raise PartitionError("a load or a backup holds the table; try again when none is at work") from None
    if data_state(connection) != state:
        raise PartitionError("a load changed the figures meanwhile; try again when none is at work")
    indexes, views = _indexes(connection), _views(connection)
    rights = {name: _rights(connection, name) for name in views}
    for name in views:
        connection.execute(text(f"DROP VIEW {name}"))
    connection.execute(text(f"DROP TABLE {TABLE}"))
    connection.execute(text(f"ALTER TABLE {_COPY} RENAME TO {TABLE}"))
    for part in _layout(connection).parts:
        connection.execute(text(f'ALTER TABLE "{part}" RENAME TO "{TABLE}{part.removeprefix(_COPY)}"'))
    for name in indexes:
        connection.execute(text(f"ALTER INDEX copy_{name} RENAME TO {name}"))
    for name, definition in views.items():
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {definition}")
        _grant(connection, name, rights[name])
