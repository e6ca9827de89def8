"""Tables of who may change something, and of what they changed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from db.store.column_types import ToldText, UtcDateTime
from db.store.schema.metadata import metadata

operator = Table(
    "operator",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("role", String(16), nullable=False, server_default="operator"),
    Column("organisations", Text, nullable=False, server_default=""),
    Column("subject", Text, unique=True, index=True),
)
"""Who may sign in. `role` is the word of a `Role`; `organisations` are codes with spaces between, "" for all;
`subject` who they are at a provider of OpenID Connect: its address and its own name for them."""


operator_session = Table(
    "operator_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", ForeignKey("operator.name"), nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Who is signed in, a row for each browser. A session whose row is gone is over, whatever its cookie says."""


sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("name", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("succeeded", Boolean, nullable=False),
)


audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", ToldText, nullable=False),
    Column("detail", ToldText, nullable=False, default=""),
)
"""Every action that changed something: never edited, never deleted by the program."""
