"""What a run is doing at the moment stands in its row."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("load_run", sa.Column("activity", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("load_run", "activity")
