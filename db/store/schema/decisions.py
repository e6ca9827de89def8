"""Tables of what people decide about charts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text

from db.store.column_types import UtcDateTime
from db.store.schema.metadata import metadata

chart_event = Table(
    "chart_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", ForeignKey("indicator.id"), index=True),
    Column("organisation_id", ForeignKey("organisation.id"), index=True),
    Column("on", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Column("until", Date),
    Column("link", Text),
    Column("of_area", Boolean),
    Column("replaces", Integer),
)
"""What people want remembered on a chart. Without an indicator or an organisation it stands on every one; with
`of_area` on those of all that belong to its organisation. `until` is the last day of a span. A change is a row of its
own: `replaces` is the number of the version before it, which is withdrawn."""


rebase_decision = Table(
    "rebase_decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", ForeignKey("indicator.id"), nullable=False, index=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)
"""A person's decision that a process changed, so that its limits start again: `statistics.md`, rebasing."""
