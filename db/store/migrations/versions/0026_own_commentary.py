"""What people say of own figures, apart from what is said of published ones."""

import sqlalchemy as sa
from alembic import op

from db.store.column_types import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_commentary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("happened", "actions", "assurance", "role")
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_commentary")),
    )
    op.create_index(op.f("ix_own_commentary_measure"), "own_commentary", ["measure"])


def downgrade() -> None:
    op.drop_table("own_commentary")
