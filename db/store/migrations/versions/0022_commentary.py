"""What people say of figures: drafts, what is shown and what was withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commentary_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_commentary_revision_indicator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentary_revision")),
        sa.UniqueConstraint(
            "indicator_id",
            "place",
            "period_id",
            "number",
            name=op.f("uq_commentary_revision_indicator_id"),
        ),
    )
    op.create_index(op.f("ix_commentary_revision_place"), "commentary_revision", ["place"])


def downgrade() -> None:
    op.drop_index(op.f("ix_commentary_revision_place"), table_name="commentary_revision")
    op.drop_table("commentary_revision")
