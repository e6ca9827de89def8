"""An event may be a span, have a link, be of a whole area, and follow an earlier version of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ADDED = {"until": sa.Date(), "link": sa.Text(), "of_area": sa.Boolean(), "replaces": sa.Integer()}


def upgrade() -> None:
    for name, kind in _ADDED.items():
        op.add_column("chart_event", sa.Column(name, kind))


def downgrade() -> None:
    for name in _ADDED:
        op.drop_column("chart_event", name)
