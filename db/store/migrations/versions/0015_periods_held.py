"""For which periods each type of organisation has figures: kept from now on, worked out here of what stands."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = ("indicator_id", "breakdown_id", "organisation_type", "period_id")


def upgrade() -> None:
    kinds = {"organisation_type": sa.String(length=32)}
    op.create_table(
        "period_held",
        *(
            sa.Column(name, kinds.get(name, sa.Integer()), autoincrement=False, nullable=False)
            for name in _KEY
        ),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_period_held")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO period_held (indicator_id, breakdown_id, organisation_type, period_id) "
        "SELECT DISTINCT o.indicator_id, o.breakdown_id, g.type, o.period_id "
        "FROM observation AS o JOIN organisation AS g ON g.id = o.organisation_id"
    )


def downgrade() -> None:
    op.drop_table("period_held")
