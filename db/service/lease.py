"""The lease: which scheduler leads. Any number may run on one store; one holds the lease, the others wait for it.

The holder renews it every few seconds. Its fencing number rises with every change of holder, and whatever a leader
writes is written in a transaction that first checks its number (`leading`): a leader that was thought dead and wakes
up finds its writes refused. Moments are the database's own on PostgreSQL, so schedulers' clocks need not agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from db.domain.refresh import Leader
from db.service.processes import is_gone, living
from db.store import Store, StoreError
from db.store.column_types import UtcDateTime
from db.store.schema import lease

SCHEDULER = "scheduler"
_LONGEST_LOAD = timedelta(minutes=10)
_STALLED = "15s"


class LeaseLostError(StoreError):
    """Another scheduler leads now: the write is refused."""


@dataclass(frozen=True)
class Grant:
    """A lease as its holder got it."""

    holder: str
    fencing: int


def store_time(connection: Connection) -> datetime:
    """Now, by the clock that every process of the store shares: the database server's, or this machine's on SQLite."""
    if connection.dialect.name == "postgresql":
        return connection.execute(select(func.clock_timestamp(type_=UtcDateTime))).scalar_one()
    return datetime.now(UTC)


def acquire(store: Store, holder: str, seconds: float) -> Grant | None:
    """Take the lease for so many seconds if nobody has it, it has run out, or its holder's process is gone.

    On SQLite a load may hold the only write lock for longer than the lease, so there a holder whose process lives
    is not overtaken until it has been silent for ten minutes. None while another holds the lease.
    """
    with store.reading() as connection:
        if not _is_free(connection, _row(connection)):
            return None
    try:
        with store.writing() as connection:
            return _take(connection, holder, timedelta(seconds=seconds))
    except IntegrityError:
        return None


def _take(connection: Connection, holder: str, length: timedelta) -> Grant | None:
    row = _row(connection, locked=True)
    if not _is_free(connection, row):
        return None
    now = store_time(connection)
    values = {"holder": holder, "acquired_at": now, "heartbeat_at": now, "expires_at": now + length}
    if row is None:
        connection.execute(insert(lease).values(name=SCHEDULER, fencing=1, **values))
        return Grant(holder, 1)
    fencing = int(row["fencing"]) + 1
    connection.execute(update(lease).where(lease.c.name == SCHEDULER).values(fencing=fencing, **values))
    return Grant(holder, fencing)


def _row(connection: Connection, *, locked: bool = False) -> RowMapping | None:
    statement = select(lease).where(lease.c.name == SCHEDULER)
    return connection.execute(statement.with_for_update() if locked else statement).mappings().first()


def _is_free(connection: Connection, row: RowMapping | None) -> bool:
    if row is None or not row["holder"]:
        return True
    last_sign: datetime = row["heartbeat_at"]
    if is_gone(row["holder"], last_sign):
        return True
    now = store_time(connection)
    expires_at: datetime = row["expires_at"]
    if shares_one_writer(connection) and living(row["holder"], last_sign):
        return now - last_sign > _LONGEST_LOAD
    return now >= expires_at


def shares_one_writer(connection: Connection) -> bool:
    """Whether one long write keeps every other write waiting, a renewal of the lease too."""
    return connection.dialect.name == "sqlite"


def renew(store: Store, grant: Grant, seconds: float) -> None:
    """Hold the lease for so many seconds from now. Raises LeaseLostError where another has taken it."""
    with store.writing() as connection:
        now = store_time(connection)
        renewed = connection.execute(
            update(lease)
            .where(
                lease.c.name == SCHEDULER, lease.c.fencing == grant.fencing, lease.c.holder == grant.holder
            )
            .values(heartbeat_at=now, expires_at=now + timedelta(seconds=seconds))
        )
        if renewed.rowcount == 0:
            raise _lost(grant)


def release(store: Store, grant: Grant) -> None:
    """Give the lease back, so that another takes it at once. Nothing happens where it is lost already."""
    with store.writing() as connection:
        connection.execute(
            update(lease)
            .where(lease.c.name == SCHEDULER, lease.c.fencing == grant.fencing)
            .values(holder="", expires_at=store_time(connection))
        )


@contextmanager
def leading(store: Store, grant: Grant) -> Iterator[Connection]:
    """A transaction of the leader's: nobody else can take the lease until it ends.

    Raises LeaseLostError, and writes nothing, where another has taken it before. On PostgreSQL a leader that stalls
    in the middle is put out by the server after fifteen seconds, so that it cannot keep the lease for good.
    """
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            setting = func.set_config("idle_in_transaction_session_timeout", _STALLED, literal(True))
            connection.execute(select(setting))
        row = _row(connection, locked=True)
        if row is None or row["fencing"] != grant.fencing or row["holder"] != grant.holder:
            raise _lost(grant)
        yield connection


def _lost(grant: Grant) -> LeaseLostError:
    return LeaseLostError(
        f"another scheduler leads: the lease of {grant.holder} (number {grant.fencing}) is over"
    )


def leader(connection: Connection) -> Leader | None:
    """Who leads, or led last. None where no scheduler has ever run on this store."""
    row = _row(connection)
    if row is None:
        return None
    heartbeat_at = row["heartbeat_at"]
    return Leader(
        holder=row["holder"],
        fencing=row["fencing"],
        acquired_at=row["acquired_at"],
        heartbeat_at=heartbeat_at,
        expires_at=row["expires_at"],
        live=not _is_free(connection, row),
        silent_for=max(store_time(connection) - heartbeat_at, timedelta(0)),
    )
