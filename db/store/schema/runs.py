"""Tables of files and of the runs that load, hold, undo and schedule them."""

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

load_run = Table(
    "load_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64)),
    Column("kind", String(32), nullable=False, server_default="refresh"),
    Column("trigger", String(32), nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("slot", UtcDateTime),
    Column("attempt", Integer, nullable=False, default=1),
    Column("state", String(16), nullable=False, index=True),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("heartbeat_at", UtcDateTime),
    Column("process", Text),
    Column("code_version", Text, nullable=False),
    Column("message", ToldText, nullable=False, default=""),
    Column("files_loaded", Integer, nullable=False, default=0),
    Column("files_unchanged", Integer, nullable=False, default=0),
    Column("files_refused", Integer, nullable=False, default=0),
    Column("rows_new", Integer, nullable=False, default=0),
    Column("rows_revised", Integer, nullable=False, default=0),
    Column("rows_unchanged", Integer, nullable=False, default=0),
    Column("rows_withdrawn", Integer, nullable=False, default=0),
    Column("request", Text, nullable=False, server_default="{}"),
    Column("not_before", UtcDateTime),
    Column("fencing", Integer),
    Column("cancel_requested_by", Text),
    Column("parent_id", Integer, index=True),
    Column("activity", ToldText),
    UniqueConstraint("source", "slot"),
    Index("ix_load_run_kind", "kind", "source"),
)
"""The queue and the log. `kind` is a `RunKind`, `request` what a run of that kind needs to know, as JSON; `not_before`
is when a queued attempt may start; `fencing` is the lease number of the leader that ran it; `parent_id` is the run
that a backfill's part belongs to; `activity` is a `RunActivity` as JSON."""


run_log = Table(
    "run_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("load_run_id", ForeignKey("load_run.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("level", String(16), nullable=False),
    Column("message", ToldText, nullable=False),
)


source_file = Table(
    "source_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("load_run_id", ForeignKey("load_run.id"), index=True),
    Column("source", String(64), nullable=False, index=True),
    Column("sha256", String(64), nullable=False),
    Column("parser_version", Integer, nullable=False),
    Column("hints", Text, nullable=False, default=""),
    Column("name", Text, nullable=False),
    Column("url", ToldText, nullable=False, default=""),
    Column("title", Text, nullable=False, default=""),
    Column("layout", Text, nullable=False, default=""),
    Column("size", Integer, nullable=False),
    Column("path", Text, nullable=False, default=""),
    Column("etag", Text, nullable=False, default=""),
    Column("last_modified", Text, nullable=False, default=""),
    Column("published_on", Date),
    Column("latest_period_end", Date),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("loaded_at", UtcDateTime),
    Column("demonstration", Boolean, nullable=False, default=False),
    Column("undone_by", Integer),
    UniqueConstraint("sha256", "source", "parser_version", "hints", "name"),
)
"""Files whose rows the store holds. A row is written in the same transaction as the file's observations.

`undone_by` is the `undo` that took the file's figures away; NULL for a file that counts.
"""


undo = Table(
    "undo",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("puts_back", Boolean, nullable=False),
)
"""Files taken out of the figures by a person, or put back. `id` is a data version, numbered with `source_file.id`."""


undone_file = Table(
    "undone_file",
    metadata,
    Column("undo_id", ForeignKey("undo.id"), primary_key=True, autoincrement=False),
    Column("source_file_id", ForeignKey("source_file.id"), primary_key=True, autoincrement=False),
)


finding = Table(
    "finding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("load_run_id", ForeignKey("load_run.id"), nullable=False, index=True),
    Column("file_name", ToldText, nullable=False, default=""),
    Column("severity", String(16), nullable=False),
    Column("check", String(64), nullable=False),
    Column("message", ToldText, nullable=False),
    Column("count", Integer, nullable=False, default=1),
)


schedule = Table(
    "schedule",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("definition", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
)
"""When each source is refreshed, as JSON read by `db/service/schedules.py`. `version` guards against lost edits."""


schedule_change = Table(
    "schedule_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False, index=True),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)


lease = Table(
    "lease",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fencing", Integer, nullable=False),
    Column("acquired_at", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
"""Which process leads. `fencing` rises with every change of leader: a leader of old is told by it."""


held_file = Table(
    "held_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("load_run_id", ForeignKey("load_run.id"), index=True),
    Column("source", String(64), nullable=False, default=""),
    Column("name", Text, nullable=False),
    Column("url", ToldText, nullable=False, default=""),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("hints", Text, nullable=False, default=""),
    Column("kind", String(16), nullable=False),
    Column("reason", ToldText, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("decided_at", UtcDateTime),
    Column("decided_by", Text),
    Column("decision", ToldText),
)
"""Quarantine: files that were refused, kept with the reason: `db/service/held_files.py` says the kinds and states."""


file_being_read = Table(
    "file_being_read",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("load_run_id", Integer, nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("died", Boolean, nullable=False, default=False),
)
"""Files whose reading has begun and not ended; `died` where that ended the process: `db/service/reading.py`."""


filling = Table(
    "filling",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False, unique=True),
    Column("files", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("process", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""How far the first filling of a store has come, a row for each source; empty once it is whole:
`db/service/filling.py`."""


incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("message", ToldText, nullable=False),
    Column("told_at", UtcDateTime),
    Column("recovery_told_at", UtcDateTime),
)
"""One row, and one message, for each failure or silence of a source, from its first sign to its end."""
