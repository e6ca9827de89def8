"""Accounts have a role, and the organisations that they may write about. Those that there were stay operators."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operator", sa.Column("role", sa.String(16), server_default="operator", nullable=False))
    op.add_column("operator", sa.Column("organisations", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("operator", "organisations")
    op.drop_column("operator", "role")
