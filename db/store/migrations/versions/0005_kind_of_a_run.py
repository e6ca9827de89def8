"""What a run is asked to do is a column: until now it stood in the request's JSON, or followed from the trigger."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ASKED = ("refresh", "load", "backfill", "retry held file")
_BY_TRIGGER = {
    "backfill": "backfill",
    "demonstration": "demonstration",
    "held file": "retry held file",
    "upload": "load",
}
_LOAD_RUN = sa.table(
    "load_run",
    sa.column("id", sa.Integer()),
    sa.column("source", sa.String()),
    sa.column("trigger", sa.String()),
    sa.column("request", sa.Text()),
    sa.column("kind", sa.String()),
)


def upgrade() -> None:
    op.add_column("load_run", sa.Column("kind", sa.String(32), server_default="refresh", nullable=False))
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(_LOAD_RUN.c.id, _LOAD_RUN.c.source, _LOAD_RUN.c.trigger, _LOAD_RUN.c.request)
    ).all()
    kinds = [{"run": row.id, "found": _kind(row.source, row.trigger, row.request)} for row in rows]
    if others := [kind for kind in kinds if kind["found"] != "refresh"]:
        connection.execute(
            sa.update(_LOAD_RUN)
            .where(_LOAD_RUN.c.id == sa.bindparam("run"))
            .values(kind=sa.bindparam("found")),
            others,
        )
    op.create_index("ix_load_run_kind", "load_run", ["kind", "source"], unique=False)


def _kind(source: str | None, trigger: str, request: str) -> str:
    """The kind that the request names. A run begun at a terminal named none: its trigger tells, and where that is a
    command, files of no one source were loaded, and one source was refreshed.
    """
    asked = _asked(request)
    if asked in _ASKED:
        return asked
    return _BY_TRIGGER.get(trigger, "load" if source is None else "refresh")


def _asked(request: str) -> str | None:
    try:
        fields = json.loads(request)
    except ValueError:
        return None
    return fields.get("kind") if isinstance(fields, dict) else None


def downgrade() -> None:
    op.drop_index("ix_load_run_kind", table_name="load_run")
    op.drop_column("load_run", "kind")
