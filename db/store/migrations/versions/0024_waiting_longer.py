"""What was refused is tried again more and more seldom: how often, and not before when."""

import sqlalchemy as sa
from alembic import op

from db.store.column_types import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("refused", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("letter", sa.Column("not_before", UtcDateTime()))
    op.add_column("team", sa.Column("not_before", UtcDateTime()))


def downgrade() -> None:
    op.drop_column("team", "not_before")
    op.drop_column("letter", "not_before")
    op.drop_column("letter", "refused")
