"""Figures of residents are a basis of their own, which the view of current figures names."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_VIEW = """
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
                    WHEN 4 THEN 'team' WHEN 5 THEN 'practice' {} ELSE 'national' END AS basis,
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
    _make_again("WHEN 7 THEN 'residence'")


def downgrade() -> None:
    _make_again("")


def _make_again(more: str) -> None:
    """PostgreSQL keeps the rights of a view that is replaced; SQLite replaces none, and has no rights."""
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP VIEW current_observation")
        op.execute(f"CREATE VIEW current_observation AS {_VIEW.format(more)}")
    else:
        op.execute(f"CREATE OR REPLACE VIEW current_observation AS {_VIEW.format(more)}")
