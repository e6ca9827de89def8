"""Column types of our own, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from db.redaction import without_secrets


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, with its zone on the way in and on the way out.

    PostgreSQL keeps a timestamp with time zone. SQLite keeps UTC's wall time as text, without a zone.
    A moment without a zone is refused: ValueError, which SQLAlchemy raises as StatementError.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"wanted a moment with its time zone, found {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class ToldText(TypeDecorator[str]):
    """What is told of a run or a file, for anybody to read: secrets are hidden on the way in, and in rows of an earlier
    version on the way out. Two addresses that differ in their passwords alone are one and the same.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else without_secrets(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else without_secrets(value)
