"""Tables of what comes to readers: what was told, to whom it is sent, and what became of it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.store.column_types import ToldText, UtcDateTime
from db.store.schema.metadata import metadata

news = Table(
    "news",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("tone", String(16), nullable=False),
    Column("source", String(64), nullable=False),
    Column("indicator", String(128), nullable=False),
    Column("organisation", String(32), nullable=False),
    Column("period_key", Integer),
    Column("heading", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("data_version", Integer, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("earlier", Boolean, nullable=False),
    Index("ix_news_organisation", "organisation", "id"),
)
"""What was told, each thing once: its key is made of what happened. `earlier` is from before an organisation was
followed: feeds have it, and nobody is written to of it."""


news_state = Table(
    "news_state",
    metadata,
    Column("organisation", String(32), primary_key=True),
    Column("subject", String(128), primary_key=True),
    Column("aspect", String(16), primary_key=True),
    Column("state", String(32), nullable=False),
)
"""How things stood when they were last told of: of an indicator its variation, standard and funnel; of a source its
last period."""


news_mark = Table(
    "news_mark",
    metadata,
    Column("organisation", String(32), primary_key=True),
    Column("data_version", Integer, nullable=False),
    Column("data_state", Integer, nullable=False),
    Column("told_on", Date, nullable=False),
)
"""The state of the data, and the day, up to which an organisation's news are told."""


subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_hash", String(64), nullable=False, unique=True),
    Column("address_sealed", Text, nullable=False),
    Column("area", String(64), nullable=False),
    Column("how_often", String(16), nullable=False),
    Column("topics", Text, nullable=False),
    Column("organisations", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("paused_for", ToldText, nullable=False),
    Column("news_id", Integer, nullable=False),
)
"""Who asked for e-mails: the address under a key and, to be found again, as a keyed hash; gone when they stop."""


letter = Table(
    "letter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("slot", String(64), nullable=False),
    Column("message_id", String(128), nullable=False, unique=True),
    Column("state", String(16), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("answer", ToldText, nullable=False),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("not_before", UtcDateTime),
    UniqueConstraint("subscriber_id", "slot"),
)
"""The outbox: an e-mail stands here before it is sent, with the Message-ID that it bears however often it is tried;
`refused` counts the attempts that failed, after which it is not tried again before a moment."""


opt_in_attempt = Table(
    "opt_in_attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("address_hash", String(64), nullable=False),
    Column("place_hash", String(64), nullable=False),
)


team = Table(
    "team",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("address_sealed", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("news_id", Integer, nullable=False),
    Column("last_sent_at", UtcDateTime),
    Column("refused", Integer, nullable=False),
    Column("not_before", UtcDateTime),
)
"""Channels of teams that are told what is new, each by an address under a key; `refused` counts since it last took
one, and one that refused is not tried again before a moment."""


team_message = Table(
    "team_message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", ForeignKey("team.name"), nullable=False, index=True),
    Column("news_id", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("sent_at", UtcDateTime),
    UniqueConstraint("team", "news_id"),
)
