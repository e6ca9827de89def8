"""Which file a worker is reading, so that a file which ends its reader is known when its process can say no more."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, update

from db.domain.run import Run
from db.store.schema import file_being_read, load_run


def begin_reading(connection: Connection, sha256: str, run_id: int) -> int:
    """Note that the present attempt of a run begins to read some bytes, and return the note's id."""
    attempt = select(load_run.c.attempt).where(load_run.c.id == run_id).scalar_subquery()
    row = {"sha256": sha256, "load_run_id": run_id, "attempt": attempt, "died": False}
    return int(
        connection.execute(insert(file_being_read).values(row).returning(file_being_read.c.id)).scalar_one()
    )


def end_reading(connection: Connection, reading_id: int) -> None:
    """The bytes are read: the note goes."""
    connection.execute(delete(file_being_read).where(file_being_read.c.id == reading_id))


def note_death(connection: Connection, run: Run) -> None:
    """The process of an attempt has died by itself: whatever it was reading may have been why."""
    own = (file_being_read.c.load_run_id == run.id) & (file_being_read.c.attempt == run.attempt)
    connection.execute(update(file_being_read).where(own).values(died=True))


def deaths_reading(connection: Connection, sha256: str) -> int:
    """How many processes have died while they read these bytes."""
    died = file_being_read.c.died.is_(True) & (file_being_read.c.sha256 == sha256)
    return int(connection.execute(select(func.count()).where(died)).scalar_one())


def forget_deaths(connection: Connection, sha256: str) -> None:
    """These bytes are held, or a person wants them tried again: the count begins anew."""
    connection.execute(delete(file_being_read).where(file_being_read.c.sha256 == sha256))
