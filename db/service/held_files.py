"""Held files (quarantine): what was refused, kept with its reason until a person or a later load settles it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.domain.file import HeldFile, HeldKind, HeldState, RefusedFile
from db.store import audit
from db.store.schema import held_file


class HeldFileError(Exception):
    """A decision that cannot be made on a held file: which one and why."""


def hold(connection: Connection, file: RefusedFile, *, load_run_id: int | None) -> int:
    """Hold a refused file, and return its id. The same bytes again are the same held file, with the newest reason.

    What a person has rejected stays rejected.
    """
    values: dict[str, Any] = {
        "load_run_id": load_run_id,
        "source": file.source,
        "name": file.name,
        "url": file.url,
        "size": file.size,
        "path": file.path,
        "hints": file.hints,
        "kind": file.kind.value,
        "reason": file.reason,
        "held_at": datetime.now(UTC),
    }
    known = with_bytes(connection, file.sha256)
    if known is None:
        row = values | {"sha256": file.sha256, "state": HeldState.HELD.value}
        statement = insert(held_file).values(row).returning(held_file.c.id)
        return int(connection.execute(statement).scalar_one())
    if known.state is HeldState.LOADED:
        values |= {"state": HeldState.HELD.value, "decided_at": None, "decided_by": None, "decision": None}
    connection.execute(update(held_file).where(held_file.c.id == known.id).values(values))
    return known.id


def held_files(connection: Connection, state: HeldState | None = None) -> list[HeldFile]:
    """Held files of one state, or of all, newest first."""
    statement = select(held_file).order_by(held_file.c.held_at.desc(), held_file.c.id.desc())
    if state is not None:
        statement = statement.where(held_file.c.state == state.value)
    return [_of_row(row) for row in connection.execute(statement)]


def held_file_by_id(connection: Connection, held_file_id: int) -> HeldFile:
    """One held file. Raises HeldFileError where there is none of that number."""
    row = connection.execute(select(held_file).where(held_file.c.id == held_file_id)).first()
    if row is None:
        raise HeldFileError(f"there is no held file {held_file_id}")
    return _of_row(row)


def with_bytes(connection: Connection, sha256: str) -> HeldFile | None:
    """The held file of these bytes, in whatever state."""
    statement = select(held_file).where(held_file.c.sha256 == sha256)
    row = connection.execute(statement.order_by(held_file.c.id).limit(1)).first()
    return None if row is None else _of_row(row)


def decide(connection: Connection, held_file_id: int, state: HeldState, *, by: str, decision: str) -> None:
    """Record a person's decision on a held file, in the file's row and in the audit.

    Raises HeldFileError for a file that is loaded already, for a rejection without a reason, and where there is none.
    """
    file = held_file_by_id(connection, held_file_id)
    if file.state is HeldState.LOADED and state is not HeldState.LOADED:
        raise HeldFileError(f"held file {held_file_id} ({file.name}) is loaded already")
    if state is HeldState.REJECTED and not decision.strip():
        raise HeldFileError(f"wanted a reason to reject held file {held_file_id} ({file.name}), found none")
    connection.execute(
        update(held_file)
        .where(held_file.c.id == held_file_id)
        .values(state=state.value, decided_at=datetime.now(UTC), decided_by=by, decision=decision)
    )
    audit.record(connection, by, f"held file {state.value}", subject(file), decision)


def settle(connection: Connection, sha256: str, decision: str) -> None:
    """Note, in the load's own transaction, that a later load brought bytes that were held."""
    connection.execute(
        update(held_file)
        .where(held_file.c.sha256 == sha256, held_file.c.state == HeldState.HELD.value)
        .values(state=HeldState.LOADED.value, decided_at=datetime.now(UTC), decision=decision)
    )


def subject(file: HeldFile) -> str:
    """How a held file is named in the audit."""
    return f"held file {file.id}: {file.name}"


def _of_row(row: Row[Any]) -> HeldFile:
    return HeldFile(
        id=row.id,
        load_run_id=row.load_run_id,
        source=row.source,
        name=row.name,
        url=row.url,
        sha256=row.sha256,
        size=row.size,
        path=row.path,
        hints=row.hints,
        kind=HeldKind(row.kind),
        reason=row.reason,
        held_at=row.held_at,
        state=HeldState(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by or "",
        decision=row.decision or "",
    )
