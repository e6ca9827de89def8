"""Of a figure that is compared only with trusts of its own kind, which that is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("value_details", sa.Column("trust_kind", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("value_details", "trust_kind")
