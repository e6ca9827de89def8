"""Tables of figures: current, revised, unused and former, and what is kept beside them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from db.store.column_types import UtcDateTime
from db.store.schema.metadata import metadata


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
