"""Which file a worker is reading: one that ends its reader twice is held, and read no more."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_being_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("load_run_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("died", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_file_being_read_sha256", "file_being_read", ["sha256"], unique=False)
    op.create_index("ix_file_being_read_load_run_id", "file_being_read", ["load_run_id"], unique=False)


def downgrade() -> None:
    op.drop_table("file_being_read")
