"""Sessions of operators are rows: they end everywhere at once, and a copied cookie ends with them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["operator.name"], name=op.f("fk_operator_session_name_operator")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_operator_session")),
    )
    op.create_index(op.f("ix_operator_session_name"), "operator_session", ["name"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_operator_session_name"), table_name="operator_session")
    op.drop_table("operator_session")
