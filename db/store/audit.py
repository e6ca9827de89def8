"""The audit: every action that changed something, by whom. Written in the action's own transaction, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from db.store.schema import audit


@dataclass(frozen=True)
class AuditEntry:
    """One action: `at` in UTC, who did it, what, to what, and what else there is to know."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


def record(connection: Connection, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Record an action in the transaction that does it, so that neither stands without the other."""
    connection.execute(
        insert(audit).values(at=datetime.now(UTC), actor=actor, action=action, subject=subject, detail=detail)
    )


def audit_entries(
    connection: Connection, limit: int = 100, *, subject: str | None = None, before_id: int | None = None
) -> list[AuditEntry]:
    """The newest actions first: of all subjects or of one, and, for the next page, those before an entry."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject is not None:
        statement = statement.where(audit.c.subject == subject)
    if before_id is not None:
        statement = statement.where(audit.c.id < before_id)
    return [
        AuditEntry(
            row.id,
            row.at,
            row.actor,
            row.action,
            row.subject,
            row.detail,
        )
        for row in connection.execute(statement)
    ]
