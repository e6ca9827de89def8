"""Board packs that were issued, with their documents and figures, and standing orders for more."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pack_order",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _ORDER.items()),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_order")),
    )
    op.create_table(
        "issued_pack",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _PACK.items()),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["pack_order.id"], name=op.f("fk_issued_pack_order_id_pack_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_pack")),
    )
    op.create_index(op.f("ix_issued_pack_area"), "issued_pack", ["area"])
    op.create_table(
        "issued_document",
        sa.Column("pack_id", sa.Integer(), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _DOCUMENT.items()),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["issued_pack.id"], name=op.f("fk_issued_document_pack_id_issued_pack")
        ),
        sa.PrimaryKeyConstraint("pack_id", "kind", name=op.f("pk_issued_document")),
    )
    op.create_table(
        "issued_figure",
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(64), nullable=False),
        sa.Column("organisations", sa.Text(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=True) for name in ("numerator", "denominator", "value")),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["issued_pack.id"], name=op.f("fk_issued_figure_pack_id_issued_pack")
        ),
        sa.PrimaryKeyConstraint(
            "pack_id", "indicator", "organisations", "period_id", name=op.f("pk_issued_figure")
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("issued_figure", "issued_document"):
        op.drop_table(table)
    op.drop_index(op.f("ix_issued_pack_area"), table_name="issued_pack")
    for table in ("issued_pack", "pack_order"):
        op.drop_table(table)


_ORDER: dict[str, sa.types.TypeEngine[object]] = {
    "title": sa.Text(),
    "area": sa.String(16),
    "address": sa.Text(),
    "source": sa.String(64),
    "made_at": _MOMENT,
    "made_by": sa.Text(),
    "last_period": sa.Integer(),
}
_PACK: dict[str, sa.types.TypeEngine[object]] = {
    "title": sa.Text(),
    "area": sa.String(16),
    "address": sa.Text(),
    "issued_at": _MOMENT,
    "issued_by": sa.Text(),
    "data_version": sa.Integer(),
    "demonstration": sa.Boolean(),
    "commentary": sa.Integer(),
    "code_version": sa.Text(),
}
_DOCUMENT: dict[str, sa.types.TypeEngine[object]] = {
    "kind": sa.String(8),
    "name": sa.Text(),
    "sha256": sa.String(64),
    "size": sa.Integer(),
}
