"""Which files printed a whole table: an older release loaded late neither brings a row back nor replaces one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_table",
        sa.Column("indicator_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("period_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("basis", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("dimensions", sa.Text(), nullable=False),
        sa.Column("derived", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("source_file_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("maturity", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "indicator_id",
            "period_id",
            "basis",
            "dimensions",
            "derived",
            "source_file_id",
            name=op.f("pk_published_table"),
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("published_table")
