"""Board packs that were issued: their documents by hash, the figures that they show, and standing orders for more."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Text

from db.store.column_types import ToldText, UtcDateTime
from db.store.schema.metadata import metadata

pack_order = Table(
    "pack_order",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("area", String(16), nullable=False),
    Column("address", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("last_period", Integer, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", Text),
)
"""Packs to be issued by themselves, one for each month that a source brings. `last_period` is the key of the newest
period that one was issued for, or that the source had when the order was made."""

issued_pack = Table(
    "issued_pack",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("area", String(16), nullable=False, index=True),
    Column("address", Text, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("order_id", ForeignKey("pack_order.id")),
    Column("data_version", Integer, nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("commentary", Integer, nullable=False),
    Column("code_version", Text, nullable=False),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", Text),
    Column("withdrawn_because", ToldText),
)
"""`address` asks for the same pack of the figures of now. `commentary` is the newest revision of commentary that the
store had then, 0 for none. Rows are never deleted: a pack that was withdrawn says so."""

issued_document = Table(
    "issued_document",
    metadata,
    Column("pack_id", ForeignKey("issued_pack.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
)
"""The bytes lie in `Settings.packs_folder` under their hash, and are there before the row is."""

issued_figure = Table(
    "issued_figure",
    metadata,
    Column("pack_id", ForeignKey("issued_pack.id"), primary_key=True),
    Column("indicator", String(64), primary_key=True),
    Column("organisations", Text, primary_key=True),
    Column("period_id", Integer, primary_key=True),
    Column("numerator", Float),
    Column("denominator", Float),
    Column("value", Float),
    sqlite_with_rowid=False,
)
"""What an issued pack shows of an organisation, or of several codes with spaces between that are added up."""
