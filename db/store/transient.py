"""Which faults of a database pass by themselves, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY_CODE = 0xFF
# PostgreSQL's error classes: 08 connection, 40 rollback (deadlock, serialisation), 55P03 lock not available,
# 57P01 to 57P03 shut down, crashed or starting, 53300 too many connections (manual, appendix A).
_POSTGRESQL = ("08", "40", "55P03", "57P01", "57P02", "57P03", "53300")


def is_transient_error(error: DBAPIError) -> bool:
    """Whether the same statement may succeed later: the store is locked, busy or out of reach.

    A full disk, a broken constraint and a wrong statement do not pass by themselves.
    """
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY_CODE in _SQLITE_BUSY
    # psycopg's errors have a `sqlstate`, None where the server could not be asked.
    state: str | None = getattr(cause, "sqlstate", None)
    return isinstance(error, OperationalError) if state is None else state.startswith(_POSTGRESQL)
