"""The index by organisation has the period before the breakdown and no figures: a month loads in its old time."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAME = "ix_observation_organisation"
_KEY = ["organisation_id", "indicator_id", "period_id", "breakdown_id"]
_OLD = ["organisation_id", "indicator_id", "breakdown_id", "period_id", "value", "numerator", "denominator"]


def upgrade() -> None:
    _replace(_KEY)


def downgrade() -> None:
    _replace(_OLD)


def _replace(columns: list[str]) -> None:
    op.drop_index(_NAME, table_name="observation")
    op.create_index(_NAME, "observation", columns, unique=False)
