"""Measures of an organisation's own: definitions, submissions, figures and targets, apart from published figures."""

import sqlalchemy as sa
from alembic import op

from db.store.column_types import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NUMBERS = ("numerator", "denominator", "value")


def upgrade() -> None:
    op.create_table(
        "own_definition",
        sa.Column("measure", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("change", sa.String(16), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "version", name=op.f("pk_own_definition")),
    )
    op.create_table(
        "own_submission",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "role", "name")),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_own_submission")),
    )
    counts = ("lines", "new", "changed", "same", "withdrawn", "targets")
    op.create_table(
        "own_submission_count",
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("measure", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        _of_submission("own_submission_count"),
        sa.PrimaryKeyConstraint("submission", "measure", name=op.f("pk_own_submission_count")),
    )
    op.create_table(
        "own_figure",
        *_place(),
        sa.Column("period_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Float(53)) for name in _NUMBERS),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("missing_reason", "note")),
        _of_submission("own_figure"),
        sa.PrimaryKeyConstraint(
            "measure", "submission", "organisation", "unit", "period_id", name=op.f("pk_own_figure")
        ),
    )
    op.create_table(
        "own_target",
        *_place(),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comparator", sa.String(4), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("set_by", "note")),
        _of_submission("own_target"),
        sa.PrimaryKeyConstraint("measure", "submission", "line", name=op.f("pk_own_target")),
    )
    op.create_table(
        "own_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("by", "reason")),
        sa.Column("puts_back", sa.Boolean(), nullable=False),
        _of_submission("own_turn"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_turn")),
    )
    op.create_index(op.f("ix_own_turn_submission"), "own_turn", ["submission"])
    op.create_table(
        "own_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_approval")),
    )
    op.create_index(op.f("ix_own_approval_measure"), "own_approval", ["measure"])


def _place() -> list[sa.Column]:
    return [
        sa.Column("measure", sa.String(64), nullable=False),
        sa.Column("submission", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
    ]


def _of_submission(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_submission")
    return sa.ForeignKeyConstraint(["submission"], ["own_submission.number"], name=name)


def downgrade() -> None:
    for table in (
        "own_approval",
        "own_turn",
        "own_target",
        "own_figure",
        "own_submission_count",
        "own_submission",
        "own_definition",
    ):
        op.drop_table(table)
