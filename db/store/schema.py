"""The store's tables, alike on SQLite and PostgreSQL. `docs/decisions.md` says what each is for."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from db.store.column_types import ToldText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

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


def _key_columns() -> list[Column[int]]:
    return [
        Column("indicator_id", Integer, primary_key=True, autoincrement=False),
        Column("period_id", Integer, primary_key=True, autoincrement=False),
        Column("breakdown_id", Integer, primary_key=True, autoincrement=False),
        Column("organisation_id", Integer, primary_key=True, autoincrement=False),
    ]


def _value_columns() -> list[Column[object]]:
    return [
        Column("numerator", Float(53)),
        Column("denominator", Float(53)),
        Column("value", Float(53)),
        Column("missing_reason", Text),
        Column("basis", SmallInteger, nullable=False),
        Column("maturity", SmallInteger, nullable=False),
        Column("derived", SmallInteger, nullable=False),
    ]


observation = Table(
    "observation",
    metadata,
    *_key_columns(),
    *_value_columns(),
    Column("source_file_id", Integer, nullable=False),
    Column("stands_from", Integer, nullable=False, server_default="0"),
    CheckConstraint("value IS NOT NULL OR missing_reason IS NOT NULL", name="value_or_reason"),
    sqlite_with_rowid=False,
)
"""Current values only. SQLite keeps it in key order (WITHOUT ROWID).

`stands_from` is 0 for a row that stands since its file came, else the data version of the undo since which it stands.

No foreign keys here: the load, the only writer, resolves every id in the same transaction, and checking five
keys a row would cost more than writing it (`docs/decisions.md`).
"""

Index(
    "ix_observation_organisation",
    observation.c.organisation_id,
    observation.c.indicator_id,
    observation.c.period_id,
    observation.c.breakdown_id,
)

observation_revision = Table(
    "observation_revision",
    metadata,
    *_key_columns(),
    *_value_columns(),
    Column("source_file_id", Integer, primary_key=True, autoincrement=False),
    Column("superseded_by_file_id", Integer, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("stands_from", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""Values that a later release revised or withdrew, and older releases loaded after newer ones.

`stands_from` is as in `observation`; of rows that an undo found here it is `NEVER`: what data versions before it
showed is in `observation_former`, and these rows say only what was published.
"""

NEVER = 2**31 - 1
"""A data version that no store reaches."""

observation_unused = Table(
    "observation_unused",
    metadata,
    *_key_columns(),
    *_value_columns(),
    Column("source_file_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""What files printed that neither stands nor is a revision: a figure that repeats the one that stands, a sum of ours
that lost to a printed figure, and all that undone files printed. With it every row of every file is kept, so that any
file can be undone."""

observation_former = Table(
    "observation_former",
    metadata,
    *_key_columns(),
    *_value_columns(),
    Column("source_file_id", Integer, primary_key=True, autoincrement=False),
    Column("stood_from", Integer, primary_key=True, autoincrement=False),
    Column("stood_until", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Of figures that an undo changed: what stood in the data versions before it, from `stood_from` on, before
`stood_until`."""

Index(
    "ix_observation_former_organisation",
    observation_former.c.organisation_id,
    observation_former.c.indicator_id,
    observation_former.c.breakdown_id,
    observation_former.c.period_id,
)

Index(
    "ix_observation_revision_organisation",
    observation_revision.c.organisation_id,
    observation_revision.c.indicator_id,
    observation_revision.c.breakdown_id,
    observation_revision.c.period_id,
)

value_details = Table(
    "value_details",
    metadata,
    *_key_columns(),
    Column("source_file_id", Integer, primary_key=True, autoincrement=False),
    *(Column(name, Float(53)) for name in ("lower_95", "upper_95", "lower_998", "upper_998")),
    Column("count", Float(53)),
    Column("population", Float(53)),
    Column("note", Text),
    Column("trust_kind", String(40)),
    sqlite_with_rowid=False,
)
"""What files print beside values: intervals, counts that the value is not made from, a note, and of trusts that are
compared only with their own kind (`TrustKind`) which that is.

One row a figure and file, whatever becomes of the figure: who reads a figure of some file finds that file's details.
"""

stated_figure = Table(
    "stated_figure",
    metadata,
    Column("source_file_id", Integer, primary_key=True, autoincrement=False),
    Column("indicator_id", Integer, primary_key=True, autoincrement=False),
    Column("period_id", Integer, primary_key=True, autoincrement=False),
    Column("organisation_id", Integer, primary_key=True, autoincrement=False),
    Column("value", Float(53), nullable=False),
    sqlite_with_rowid=False,
)
"""What files say of indicators whose figures come from other sources: nothing to show, but to hold ours against."""

agreement = Table(
    "agreement",
    metadata,
    Column("indicator_id", Integer, primary_key=True, autoincrement=False),
    Column("period_id", Integer, primary_key=True, autoincrement=False),
    Column("organisation_id", Integer, primary_key=True, autoincrement=False),
    Column("ours", Float(53), nullable=False),
    Column("stated", Float(53), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("our_files", Text, nullable=False),
    Column("source_file_id", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
"""Each stated figure beside ours, as the last load left it: a `AgreementVerdict`, and since when it is so."""

published_table = Table(
    "published_table",
    metadata,
    Column("indicator_id", Integer, primary_key=True, autoincrement=False),
    Column("period_id", Integer, primary_key=True, autoincrement=False),
    Column("basis", SmallInteger, primary_key=True, autoincrement=False),
    Column("dimensions", Text, primary_key=True),
    Column("derived", SmallInteger, primary_key=True, autoincrement=False),
    Column("source_file_id", Integer, primary_key=True, autoincrement=False),
    Column("maturity", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Which files printed a whole table of an indicator and period, and the lowest maturity in it.

A row that such a table lacks was withdrawn by it, and one that it prints again was confirmed by it, in whatever order
files are loaded.
"""

latest_period = Table(
    "latest_period",
    metadata,
    Column("indicator_id", ForeignKey("indicator.id"), primary_key=True, autoincrement=False),
    Column("organisation_type", String(32), primary_key=True),
    Column("frequency", String(16), primary_key=True),
    Column("period_id", ForeignKey("period.id"), nullable=False),
)
"""The newest period of an indicator with figures of a type of organisation, of each length of period."""

period_held = Table(
    "period_held",
    metadata,
    Column("indicator_id", Integer, primary_key=True, autoincrement=False),
    Column("breakdown_id", Integer, primary_key=True, autoincrement=False),
    Column("organisation_type", String(32), primary_key=True),
    Column("period_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""The periods in which any organisation of a type has a figure. Whatever changes `observation` keeps it and
`latest_period` in line in the same transaction: `db/store/periods_held.py`."""

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
)
"""What people want remembered on a chart. Without an indicator or an organisation it stands on every one."""

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

operator = Table(
    "operator",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

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
