"""Tables of what people decide about charts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Integer, Table, Text

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

rule_choice = Table(
    "rule_choice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", ForeignKey("indicator.id"), nullable=False, index=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("profile", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)
"""The set of control chart rules that a person chose for a series. A later choice withdraws the one before it."""

plan = Table(
    "plan",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime),
)
"""A plan that somebody handed in. Later plans come before earlier ones, month by month; none is deleted."""

plan_value = Table(
    "plan_value",
    metadata,
    Column("plan_id", ForeignKey("plan.id"), primary_key=True, autoincrement=False),
    Column("indicator_id", ForeignKey("indicator.id"), primary_key=True, autoincrement=False, index=True),
    Column("organisation_id", ForeignKey("organisation.id"), primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True, autoincrement=False),
    Column("value", Float, nullable=False),
)
"""What an indicator is planned to be for an organisation in a month, in the indicator's unit."""
