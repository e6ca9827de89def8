"""Plans that people hand in, month by month."""

import sqlalchemy as sa
from alembic import op

from db.store.column_types import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    keys = {"plan_id": "plan.id", "indicator_id": "indicator.id", "organisation_id": "organisation.id"}
    op.create_table(
        "plan_value",
        *(sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in keys),
        sa.Column("month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [of], name=op.f(f"fk_plan_value_{name}"))
            for name, of in keys.items()
        ),
        sa.PrimaryKeyConstraint(*keys, "month", name=op.f("pk_plan_value")),
    )
    op.create_index(op.f("ix_plan_value_indicator_id"), "plan_value", ["indicator_id"])


def downgrade() -> None:
    op.drop_table("plan_value")
    op.drop_table("plan")
