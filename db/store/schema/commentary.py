"""The table of what people say of figures."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from db.store.column_types import UtcDateTime
from db.store.schema.metadata import metadata

commentary_revision = Table(
    "commentary_revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", ForeignKey("indicator.id"), nullable=False),
    Column("place", String(64), nullable=False, index=True),
    Column("period_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("step", String(16), nullable=False),
    Column("happened", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("assurance", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("indicator_id", "place", "period_id", "number"),
)
"""Drafts, what was shown and what was withdrawn, each a row that is never changed: `number` counts within an indicator,
place (the code of an organisation or area) and period, so that of two who write at once one is second. `actions` is
JSON."""
