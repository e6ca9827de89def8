"""What files state of other sources' indicators, and what the comparison of ours with it came to."""

import sqlalchemy as sa
from alembic import op

from db.store.column_types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = ("indicator_id", "period_id", "organisation_id")


def upgrade() -> None:
    key = [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in _KEY]
    op.create_table(
        "stated_figure",
        sa.Column("source_file_id", sa.Integer(), autoincrement=False, nullable=False),
        *key,
        sa.Column("value", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("source_file_id", *_KEY, name=op.f("pk_stated_figure")),
        sqlite_with_rowid=False,
    )
    key = [sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in _KEY]
    op.create_table(
        "agreement",
        *key,
        sa.Column("ours", sa.Float(precision=53), nullable=False),
        sa.Column("stated", sa.Float(precision=53), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("our_files", sa.Text(), nullable=False),
        sa.Column("source_file_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_agreement")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("agreement")
    op.drop_table("stated_figure")
