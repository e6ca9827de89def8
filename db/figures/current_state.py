"""The state of the data that kept pages are shown in, asked of the store at every request at little cost."""

from __future__ import annotations

import os
import sqlite3
from threading import Lock
from time import monotonic_ns, time
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from db.store import Store
from db.store.address import sqlite_file
from db.store.data_state import ShownState, shown_state

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine
    from sqlalchemy.pool import PoolProxiedConnection

_TUPLES_OK = 2
_QUESTION = "SELECT name, value FROM store_meta WHERE name IN ('data_version', 'shown_state')"
"""For `ShownState.read`."""


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
