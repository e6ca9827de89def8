"""Tables of own measures, apart from all published figures: nothing that answers the public reads them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Integer, String, Table, Text

from db.store.column_types import UtcDateTime
from db.store.schema.metadata import metadata

own_definition = Table(
    "own_definition",
    metadata,
    Column("measure", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("change", String(16), nullable=False),
    Column("written", Text, nullable=False),
)
"""Every version of each definition, as JSON. `change` is a `DefinitionChange`."""

own_submission = Table(
    "own_submission",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("mode", String(24), nullable=False),
    Column("reason", Text, nullable=False),
    Column("stands", Boolean, nullable=False),
)
"""Files handed in. One that does not stand has been withdrawn: `own_turn` says by whom and when."""

own_submission_count = Table(
    "own_submission_count",
    metadata,
    Column("submission", ForeignKey("own_submission.number"), primary_key=True, autoincrement=False),
    Column("measure", String(64), primary_key=True),
    *(
        Column(name, Integer, nullable=False)
        for name in ("lines", "new", "changed", "same", "withdrawn", "targets")
    ),
)
"""What a submission did to each of its measures when it was added."""

own_figure = Table(
    "own_figure",
    metadata,
    Column("measure", String(64), primary_key=True),
    Column("submission", ForeignKey("own_submission.number"), primary_key=True, autoincrement=False),
    Column("organisation", String(16), primary_key=True),
    Column("unit", String(40), primary_key=True),
    Column("period_id", Integer, primary_key=True, autoincrement=False),
    Column("line", Integer, nullable=False),
    Column("numerator", Float(53)),
    Column("denominator", Float(53)),
    Column("value", Float(53)),
    Column("provisional", Boolean, nullable=False),
    Column("missing_reason", Text, nullable=False),
    Column("note", Text, nullable=False),
)
"""Every figure of every submission. The one that stands is that of the newest submission that stands."""

own_target = Table(
    "own_target",
    metadata,
    Column("measure", String(64), primary_key=True),
    Column("submission", ForeignKey("own_submission.number"), primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("organisation", String(16), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("comparator", String(4), nullable=False),
    Column("value", Float(53), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("set_by", Text, nullable=False),
    Column("note", Text, nullable=False),
)

own_turn = Table(
    "own_turn",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission", ForeignKey("own_submission.number"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("puts_back", Boolean, nullable=False),
)
"""Submissions withdrawn, and put back."""

own_commentary = Table(
    "own_commentary",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("measure", String(64), nullable=False, index=True),
    Column("organisation", String(16), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("period_id", Integer, nullable=False),
    Column("step", String(16), nullable=False),
    Column("happened", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("assurance", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""What people say of own figures: a row is never changed. `step` is `shown` or `withdrawn`; the newest counts."""

own_approval = Table(
    "own_approval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("measure", String(64), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("public", Boolean, nullable=False),
)
"""Who let a measure be shown to everybody, or took that back; the newest counts."""
