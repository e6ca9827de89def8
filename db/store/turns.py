"""Whose turn it is, where two transactions would write the same rows."""

from __future__ import annotations

from sqlalchemy import Connection, text

_LOADS = 782_016


def wait_for_other_loads(connection: Connection, source: str) -> None:
    """Wait until no other load of a source is in its transaction, however long that takes.

    On PostgreSQL; SQLite lets one writer in at a time.
    """
    if connection.dialect.name != "postgresql":
        return
    usual = connection.execute(text("SHOW lock_timeout")).scalar_one()
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:loads, hashtext(:source))"), {"loads": _LOADS, "source": source}
    )
    connection.execute(text("SELECT set_config('lock_timeout', :usual, true)"), {"usual": usual})
