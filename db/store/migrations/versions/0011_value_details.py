"""What files print beside values is kept: intervals, counts that the values are not made from, and notes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys = ("indicator_id", "period_id", "breakdown_id", "organisation_id", "source_file_id")
    numbers = ("lower_95", "upper_95", "lower_998", "upper_998", "count", "population")
    op.create_table(
        "value_details",
        *(sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in keys),
        *(sa.Column(name, sa.Float(precision=53), nullable=True) for name in numbers),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(*keys, name=op.f("pk_value_details")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("value_details")
