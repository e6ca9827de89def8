"""An account may be somebody whom a provider of OpenID Connect signs in."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operator", sa.Column("subject", sa.Text()))
    op.create_index(op.f("ix_operator_subject"), "operator", ["subject"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_operator_subject"), table_name="operator")
    op.drop_column("operator", "subject")
