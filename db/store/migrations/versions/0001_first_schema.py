"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CURRENT_OBSERVATION = """
SELECT i.code AS indicator,
       o.code AS organisation_code,
       o.name AS organisation_name,
       o.type AS organisation_type,
       p.start AS period_start,
       p."end" AS period_end,
       b.key AS breakdown,
       v.numerator AS numerator,
       v.denominator AS denominator,
       v.value AS value,
       v.missing_reason AS missing_reason,
       CASE v.maturity WHEN 0 THEN 'provisional' WHEN 1 THEN 'final' ELSE 'revised' END AS maturity,
       f.name AS source_file,
       f.published_on AS published_on,
       p.frequency AS frequency,
       CASE v.basis WHEN 1 THEN 'provider' WHEN 2 THEN 'commissioner' WHEN 3 THEN 'sub-ICB location'
                    WHEN 4 THEN 'team' WHEN 5 THEN 'practice' ELSE 'national' END AS basis,
       v.derived AS derived,
       f.demonstration AS demonstration
  FROM observation v
  JOIN indicator i ON i.id = v.indicator_id
  JOIN organisation o ON o.id = v.organisation_id
  JOIN period p ON p.id = v.period_id
  JOIN breakdown b ON b.id = v.breakdown_id
  JOIN source_file f ON f.id = v.source_file_id
"""


def upgrade() -> None:
    _breakdown()
    _indicator()
    _load_run()
    _observation()
    _observation_revision()
    _organisation()
    _period()
    _store_meta()
    _finding()
    _latest_period()
    _organisation_parent()
    _source_file()
    _standard()
    _succession()
    op.execute(f"CREATE VIEW current_observation AS {CURRENT_OBSERVATION}")


def _breakdown() -> None:
    op.create_table(
        "breakdown",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("dimensions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breakdown")),
        sa.UniqueConstraint("key", name=op.f("uq_breakdown_key")),
    )


def _indicator() -> None:
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("multiplier", sa.Float(), nullable=False),
        sa.Column("improvement_direction", sa.String(length=16), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("review_due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("code", name=op.f("uq_indicator_code")),
    )


def _load_run() -> None:
    op.create_table(
        "load_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("trigger", sa.String(length=32), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("process", sa.Text(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("files_loaded", sa.Integer(), nullable=False),
        sa.Column("files_unchanged", sa.Integer(), nullable=False),
        sa.Column("files_refused", sa.Integer(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("rows_revised", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_withdrawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_run")),
        sa.UniqueConstraint("source", "slot", name=op.f("uq_load_run_source")),
    )
    op.create_index(op.f("ix_load_run_state"), "load_run", ["state"], unique=False)


def _observation() -> None:
    op.create_table(
        "observation",
        sa.Column("indicator_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("breakdown_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("numerator", sa.Float(precision=53), nullable=True),
        sa.Column("denominator", sa.Float(precision=53), nullable=True),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        sa.Column("basis", sa.SmallInteger(), nullable=False),
        sa.Column("maturity", sa.SmallInteger(), nullable=False),
        sa.Column("derived", sa.SmallInteger(), nullable=False),
        sa.Column("source_file_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "value IS NOT NULL OR missing_reason IS NOT NULL", name=op.f("ck_observation_value_or_reason")
        ),
        sa.PrimaryKeyConstraint(
            "indicator_id", "period_id", "breakdown_id", "organisation_id", name=op.f("pk_observation")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_observation_organisation",
        "observation",
        ["organisation_id", "indicator_id", "breakdown_id", "period_id", "value", "numerator", "denominator"],
        unique=False,
    )


def _observation_revision() -> None:
    op.create_table(
        "observation_revision",
        sa.Column("indicator_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("breakdown_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("numerator", sa.Float(precision=53), nullable=True),
        sa.Column("denominator", sa.Float(precision=53), nullable=True),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.Column("missing_reason", sa.Text(), nullable=True),
        sa.Column("basis", sa.SmallInteger(), nullable=False),
        sa.Column("maturity", sa.SmallInteger(), nullable=False),
        sa.Column("derived", sa.SmallInteger(), nullable=False),
        sa.Column("source_file_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("superseded_by_file_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint(
            "indicator_id",
            "period_id",
            "breakdown_id",
            "organisation_id",
            "source_file_id",
            name=op.f("pk_observation_revision"),
        ),
        sqlite_with_rowid=False,
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_index(op.f("ix_organisation_type"), "organisation", ["type"], unique=False)


def _period() -> None:
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("frequency", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
    )


def _store_meta() -> None:
    op.create_table(
        "store_meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_store_meta")),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("load_run_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("check", sa.String(length=64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["load_run_id"], ["load_run.id"], name=op.f("fk_finding_load_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_load_run_id"), "finding", ["load_run_id"], unique=False)


def _latest_period() -> None:
    op.create_table(
        "latest_period",
        sa.Column("indicator_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_type", sa.String(length=32), nullable=False),
        sa.Column("frequency", sa.String(length=16), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_latest_period_indicator_id")
        ),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_latest_period_period_id")),
        sa.PrimaryKeyConstraint(
            "indicator_id", "organisation_type", "frequency", name=op.f("pk_latest_period")
        ),
    )


def _organisation_parent() -> None:
    op.create_table(
        "organisation_parent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_parent_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_parent")),
    )
    op.create_index(
        op.f("ix_organisation_parent_organisation_id"),
        "organisation_parent",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_organisation_parent_parent_id"), "organisation_parent", ["parent_id"], unique=False
    )


def _source_file() -> None:
    op.create_table(
        "source_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("load_run_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("parser_version", sa.Integer(), nullable=False),
        sa.Column("hints", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("latest_period_end", sa.Date(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["load_run_id"], ["load_run.id"], name=op.f("fk_source_file_load_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_file")),
        sa.UniqueConstraint(
            "sha256", "source", "parser_version", "hints", "name", name=op.f("uq_source_file_sha256")
        ),
    )
    op.create_index(op.f("ix_source_file_load_run_id"), "source_file", ["load_run_id"], unique=False)
    op.create_index(op.f("ix_source_file_source"), "source_file", ["source"], unique=False)


def _standard() -> None:
    op.create_table(
        "standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("comparator", sa.String(length=4), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("computed_from", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("reference_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_standard_indicator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard")),
    )
    op.create_index(op.f("ix_standard_indicator_id"), "standard", ["indicator_id"], unique=False)


def _succession() -> None:
    op.create_table(
        "succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["organisation.id"], name=op.f("fk_succession_predecessor_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["organisation.id"], name=op.f("fk_succession_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
        sa.UniqueConstraint(
            "predecessor_id", "successor_id", "effective_on", name=op.f("uq_succession_predecessor_id")
        ),
    )
    op.create_index(op.f("ix_succession_predecessor_id"), "succession", ["predecessor_id"], unique=False)
    op.create_index(op.f("ix_succession_successor_id"), "succession", ["successor_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("the first schema has nothing to go back to")
