"""Tables of what the catalogue says, and of the store itself."""

from __future__ import annotations

from sqlalchemy import Column, Date, Float, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from db.store.column_types import UtcDateTime
from db.store.schema.metadata import metadata

store_meta = Table(
    "store_meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)


indicator = Table(
    "indicator",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("multiplier", Float, nullable=False),
    Column("improvement_direction", String(16), nullable=False),
    Column("definition", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("reviewed_on", Date, nullable=False),
    Column("review_due_on", Date, nullable=False),
)


standard = Table(
    "standard",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("indicator_id", ForeignKey("indicator.id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("comparator", String(4), nullable=False),
    Column("value", Float),
    Column("computed_from", Text),
    Column("label", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("reference_url", Text, nullable=False),
)


organisation = Table(
    "organisation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("type", String(32), nullable=False, index=True),
    Column("opened_on", Date),
    Column("closed_on", Date),
)


organisation_parent = Table(
    "organisation_parent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("parent_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("effective_from", Date),
    Column("effective_to", Date),
)


succession = Table(
    "succession",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("predecessor_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("successor_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("effective_on", Date, nullable=False),
    Column("kind", String(16), nullable=False),
    UniqueConstraint("predecessor_id", "successor_id", "effective_on"),
)


period = Table(
    "period",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("start", Date, nullable=False),
    Column("end", Date, nullable=False),
    Column("frequency", String(16), nullable=False),
)


breakdown = Table(
    "breakdown",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("dimensions", Text, nullable=False),
)


boundary = Table(
    "boundary",
    metadata,
    Column("organisation_code", String(16), primary_key=True),
    Column("edition", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("organisation_type", String(32), nullable=False),
    Column("rings", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("loaded_at", UtcDateTime, nullable=False),
)
"""Areas' outlines, simplified: `rings` is JSON, a list of closed rings of [easting, northing] in metres."""
