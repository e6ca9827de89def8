"""Files can be undone: rows that repeat others are kept, and what stood before an undo."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_file", sa.Column("undone_by", sa.Integer(), nullable=True))
    for name in ("observation", "observation_revision"):
        op.add_column(name, sa.Column("stands_from", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "undo",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("puts_back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undo")),
    )
    op.create_table(
        "undone_file",
        sa.Column("undo_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_file_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["undo_id"], ["undo.id"], name=op.f("fk_undone_file_undo_id")),
        sa.ForeignKeyConstraint(
            ["source_file_id"], ["source_file.id"], name=op.f("fk_undone_file_source_file_id")
        ),
        sa.PrimaryKeyConstraint("undo_id", "source_file_id", name=op.f("pk_undone_file")),
    )
    key = ("indicator_id", "period_id", "breakdown_id", "organisation_id", "source_file_id")
    op.create_table(
        "observation_unused",
        *_columns(key),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_observation_unused")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "observation_former",
        *_columns((*key, "stood_from")),
        sa.Column("stood_until", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*key, "stood_from", name=op.f("pk_observation_former")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_observation_former_organisation",
        "observation_former",
        ["organisation_id", "indicator_id", "breakdown_id", "period_id"],
        unique=False,
    )
    _note_files_before()


def _columns(key: tuple[str, ...]) -> list[sa.Column[object]]:
    return [
        *(sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in key[:4]),
        *(sa.Column(name, sa.Float(53), nullable=True) for name in ("numerator", "denominator", "value")),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in ("basis", "maturity", "derived")),
        *(sa.Column(name, sa.Integer(), autoincrement=False, nullable=False) for name in key[4:]),
    ]


def _note_files_before() -> None:
    """The files that came before repeated rows were kept: an undo infers what they repeated."""
    files = sa.table("source_file", sa.column("id"))
    newest = op.get_bind().execute(sa.select(sa.func.max(files.c.id))).scalar()
    meta = sa.table("store_meta", sa.column("name"), sa.column("value"))
    if newest is not None:
        op.get_bind().execute(
            sa.insert(meta).values(name="last_file_without_repeated_rows", value=str(newest))
        )


def downgrade() -> None:
    meta = sa.table("store_meta", sa.column("name"), sa.column("value"))
    op.get_bind().execute(sa.delete(meta).where(meta.c.name == "last_file_without_repeated_rows"))
    for name in ("observation_former", "observation_unused", "undone_file", "undo"):
        op.drop_table(name)
    for name in ("observation", "observation_revision"):
        op.drop_column(name, "stands_from")
    op.drop_column("source_file", "undone_by")
