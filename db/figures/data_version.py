"""Which state of the data the store holds, and the days on which figures came out."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from datetime import date, datetime
from threading import Lock
from time import monotonic_ns, time
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, Select, event, exists, func, select, union_all
from sqlalchemy.exc import DBAPIError

from db.domain.holdings import DataVersion, MadeVersion, PublicationDay
from db.store import Store
from db.store.address import sqlite_file
from db.store.data_state import CHANGED, DATA_VERSION, NAMES_VERSION, ShownState, shown_state
from db.store.schema import (
    filling,
    source_file,
    store_meta,
    undo,
)

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine
    from sqlalchemy.pool import PoolProxiedConnection

_TUPLES_OK = 2
_QUESTION = "SELECT name, value FROM store_meta WHERE name IN ('data_version', 'shown_state')"
"""For `ShownState.read`."""


def data_version(connection: Connection) -> DataVersion:
    """Which state of the data the store holds, and whether any of it is demonstration data: one query."""
    row = connection.execute(_VERSION).first()
    if row is None:
        coming = connection.execute(select(exists(select(filling.c.id)))).scalar_one()
        return DataVersion(0, None, demonstration=False, filling=bool(coming))
    demonstration = row.invented is not None
    mixed = demonstration and row.genuine is not None
    number, made_at = row.id, row.loaded_at
    if row.undo_id is not None and row.undo_id > row.id:
        number, made_at = row.undo_id, row.undone_at
    made_on = made_at.date() if made_at else None
    return DataVersion(
        number,
        made_on,
        demonstration,
        mixed,
        state=int(row.state or 0),
        last_undo=row.undo_id or 0,
        filling=bool(row.filling),
        names=int(row.names or 0),
        changes=_changes(row.changes or ""),
    )


def _changes(noted: str) -> tuple[tuple[str, int], ...]:
    """What `_VERSION` strings together: the counts by source, and by "" of what is no source's."""
    pairs = (item.rpartition("=") for item in noted.split(";") if item)
    return tuple(sorted((name.removeprefix(CHANGED).strip(), int(count)) for name, _, count in pairs))


def store_mark(connection: Connection) -> str:
    """What tells a store from any other, and from itself before its first file was taken out; "" for an empty one."""
    columns = (source_file.c.id, source_file.c.sha256, source_file.c.loaded_at)
    first = connection.execute(select(*columns).order_by(source_file.c.id).limit(1)).first()
    return hashlib.sha256(repr(tuple(first)).encode()).hexdigest()[:12] if first else ""


def publication_days(connection: Connection) -> tuple[PublicationDay, ...]:
    """The days on which figures came out, newest first: what `AsOf.published_by` can tell apart."""
    columns = (source_file.c.source, source_file.c.published_on, source_file.c.fetched_at)
    days = {
        PublicationDay(row.published_on or row.fetched_at.date(), row.source, row.published_on is not None)
        for row in connection.execute(select(*columns).where(source_file.c.undone_by.is_(None)))
    }
    return tuple(sorted(days, key=lambda item: (-item.on.toordinal(), item.source, not item.published)))


def loaded_on(connection: Connection, number: int) -> date | None:
    """The day (UTC) of a data version; None where the store has no such file or undo, or removed demonstration data."""
    moments = union_all(
        select(source_file.c.loaded_at).where(source_file.c.id == number),
        select(undo.c.at).where(undo.c.id == number),
    )
    moment = connection.execute(moments).scalar()
    return None if moment is None else moment.date()


def version_at(connection: Connection, moment: datetime) -> int:
    """The data version that was the newest at a moment; 0 before the first."""
    versions = union_all(
        select(func.max(source_file.c.id).label("number")).where(source_file.c.loaded_at <= moment),
        select(func.max(undo.c.id)).where(undo.c.at <= moment),
    ).subquery()
    return connection.execute(select(func.max(versions.c.number))).scalar() or 0


def data_versions(connection: Connection) -> tuple[MadeVersion, ...]:
    """Every data version that a file, an undo or a putting back made, the newest first."""
    files = select(source_file.c.id, source_file.c.loaded_at, source_file.c.name)
    undos = select(undo.c.id, undo.c.at)
    made = [MadeVersion(id_, at.date() if at else None, name) for id_, at, name in connection.execute(files)]
    made += [
        MadeVersion(id_, at.date(), "an undo or its putting back") for id_, at in connection.execute(undos)
    ]
    return tuple(sorted(made, key=lambda item: -item.number))


def _version_statement() -> Select[Any]:
    newest = select(source_file.c.id).order_by(source_file.c.id.desc()).limit(1).scalar_subquery()
    last_undo = select(undo.c.id).order_by(undo.c.id.desc()).limit(1).scalar_subquery()
    undone_at = select(undo.c.at).order_by(undo.c.id.desc()).limit(1).scalar_subquery()
    state = select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION).scalar_subquery()
    names = select(store_meta.c.value).where(store_meta.c.name == NAMES_VERSION).scalar_subquery()
    noted = store_meta.c.name + "=" + store_meta.c.value
    changes = select(func.aggregate_strings(noted, ";")).where(store_meta.c.name.like(f"{CHANGED}%"))
    invented = select(source_file.c.id).where(source_file.c.demonstration).limit(1).scalar_subquery()
    genuine = (
        select(source_file.c.id).where(source_file.c.demonstration.is_(False)).limit(1).scalar_subquery()
    )
    return select(
        source_file.c.id,
        source_file.c.loaded_at,
        last_undo.label("undo_id"),
        undone_at.label("undone_at"),
        state.label("state"),
        names.label("names"),
        changes.scalar_subquery().label("changes"),
        invented.label("invented"),
        genuine.label("genuine"),
        exists(select(filling.c.id)).label("filling"),
    ).where(source_file.c.id == newest)


_VERSION = _version_statement()
"""Made once: every request begins with it."""


class CurrentState:
    """The state of one store, by a connection of its own that nothing else uses.

    Every answer was true at a moment after the question: who asks while another asks waits for a look that began
    later than they came, and shares it. After a fork the copy opens a connection of its own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._process = 0
        self._driver: sqlite3.Connection | psycopg.Connection[Any] | None = None
        self._pooled: PoolProxiedConnection | None = None
        self._left: object = None
        self._begun_at = 0
        self._state, self._counted = ShownState(0), -1
        event.listen(store.engine, "engine_disposed", self._forget)

    def at_present(self) -> int:
        """The count of changes by which pages are kept (`ShownState.at`). Raises DBAPIError where it cannot be read."""
        came_at = monotonic_ns()
        with self._lock:
            if self._begun_at <= came_at:
                begun_at = monotonic_ns()
                self._state = self._look()
                self._begun_at = begun_at
            return self._state.at(time())

    def _look(self) -> ShownState:
        if self._process != os.getpid():
            # A connection that came with a fork is the other process's: it is neither used nor closed here.
            self._left, self._process, self._driver, self._counted = self._driver, os.getpid(), None, -1
        try:
            return self._asked(self._opened())
        except (sqlite3.Error, DBAPIError, OSError, _NotAnsweredError):
            self._drop()
        with self._store.reading() as connection:
            return shown_state(connection)

    def _asked(self, driver: sqlite3.Connection | psycopg.Connection[Any]) -> ShownState:
        if not isinstance(driver, sqlite3.Connection):
            return _postgresql_state(driver)
        # SQLite counts the commits of others for each connection: without one, nothing has changed.
        (counted,) = driver.execute("PRAGMA data_version").fetchone()
        if counted != self._counted:
            self._state = ShownState.read(dict(driver.execute(_QUESTION).fetchall()))
            self._counted = counted
        return self._state

    def _opened(self) -> sqlite3.Connection | psycopg.Connection[Any]:
        if self._driver is None:
            self._driver = self._sqlite_driver() or self._postgresql_driver()
        return self._driver

    def _sqlite_driver(self) -> sqlite3.Connection | None:
        address = self._store.engine.url
        if address.get_backend_name() != "sqlite":
            return None
        path = sqlite_file(address)
        if path is None:
            raise _NotAnsweredError
        uri = f"{path.resolve().as_uri()}?mode=rw"
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)

    def _postgresql_driver(self) -> psycopg.Connection[Any]:
        self._pooled = self._store.engine.raw_connection()
        driver = cast("psycopg.Connection[Any]", self._pooled.driver_connection)
        self._pooled.detach()
        driver.autocommit = True
        return driver

    def _drop(self) -> None:
        driver, self._driver, self._counted = self._driver, None, -1
        if driver is not None:
            driver.close()

    def _forget(self, _engine: Engine) -> None:
        with self._lock:
            if self._process == os.getpid():
                self._drop()


class _NotAnsweredError(Exception):
    """The connection has been lost, or does not see the store's tables."""


def _postgresql_state(driver: psycopg.Connection[tuple[str, str]]) -> ShownState:
    """Asked past the driver's cursors, which take five times as long as the question."""
    answer = driver.pgconn.exec_(_QUESTION.encode())
    if answer.status != _TUPLES_OK:
        raise _NotAnsweredError
    rows = {}
    for row in range(answer.ntuples):
        name, value = answer.get_value(row, 0), answer.get_value(row, 1)
        rows[(name or b"").decode()] = (value or b"").decode()
    return ShownState.read(rows)
