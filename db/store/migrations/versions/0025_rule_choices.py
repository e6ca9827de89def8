"""Which set of control chart rules people chose for a series."""

import sqlalchemy as sa
from alembic import op

from db.store.column_types import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_rule_choice_indicator_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_rule_choice_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_choice")),
    )
    for name in ("indicator_id", "organisation_id"):
        op.create_index(op.f(f"ix_rule_choice_{name}"), "rule_choice", [name], unique=False)


def downgrade() -> None:
    op.drop_table("rule_choice")
