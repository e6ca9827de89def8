"""A SQLite store of some million figures, filled by the database itself: quicker than any load, and shaped like one."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, bindparam, func, insert, select, text

from db.domain import ALL, Period
from db.store import Store
from db.store.periods_held import note_periods_held
from db.store.schema import breakdown, indicator, observation, organisation, source_file
from db.store.schema import period as period_table
from tests.support.seed import months, seeded_store, three_subjects

INDICATORS, MONTHS = 12, 120
_INDEX = "ix_observation_organisation"
_INDEXED = "organisation_id, indicator_id, period_id, breakdown_id"
_COUNTED = "100 + (o.id * 7919 + p.id * 31 + i.id * 104729) % 9973"
_ROWS = text(f"""
    INSERT INTO observation (indicator_id, period_id, breakdown_id, organisation_id, numerator, denominator, value,
        missing_reason, basis, maturity, derived, source_file_id)
    SELECT i, p, :cut, o, iif(none, NULL, n), iif(none, NULL, d), iif(none, NULL, 100.0 * n / d),
        iif(none, 'not published', NULL), 1, 1, 0, :file
    FROM (
        SELECT *, d * (40 + (o + p) % 60) / 100 AS n, d % 50 = 0 AS none
        FROM (
            SELECT i.id AS i, p.id AS p, o.id AS o, {_COUNTED} AS d
            FROM indicator i CROSS JOIN period p CROSS JOIN organisation o
            WHERE i.id IN :indicators AND p.id IN :periods AND o.code LIKE 'Z_____'
            ORDER BY i.id, p.id, o.id
        )
    )""").bindparams(bindparam("indicators", expanding=True), bindparam("periods", expanding=True))
_DETAILS = text("""
    INSERT INTO value_details (indicator_id, period_id, breakdown_id, organisation_id, source_file_id, lower_95,
        upper_95)
    SELECT indicator_id, period_id, breakdown_id, organisation_id, source_file_id, value - 1.5, value + 1.5
    FROM observation WHERE indicator_id = :first AND breakdown_id = :cut AND value IS NOT NULL""")


def store_of_millions(path: Path, millions: float) -> tuple[Store, int]:
    """A store with figures of three subjects and so many million of practices, a twelfth of them with published
    limits; and how many figures it holds."""
    store = seeded_store(path, three_subjects(), demonstration=True)
    practices = round(millions * 1_000_000 / INDICATORS / MONTHS)
    with store.writing() as connection:
        connection.execute(text(f"DROP INDEX {_INDEX}"))
        _fill(connection, practices)
        connection.execute(text(f"CREATE INDEX {_INDEX} ON observation ({_INDEXED})"))
        count = connection.execute(select(func.count()).select_from(observation)).scalar_one()
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return store, int(count)


def _fill(connection: Connection, practices: int) -> None:
    """Figures of practices that nobody else has, so that none is there already."""
    rows = [{"code": f"Z{n:05}", "name": f"Practice {n}", "type": "practice"} for n in range(practices)]
    connection.execute(insert(organisation), rows)
    known = set(connection.execute(select(period_table.c.id)).scalars())
    spans = months(Period.month(2016, 1), MONTHS)
    new = [item for item in spans if item.key not in known]
    added = [
        {"id": item.key, "start": item.start, "end": item.end, "frequency": item.frequency.value}
        for item in new
    ]
    if added:
        connection.execute(insert(period_table), added)
    given = {
        "cut": connection.execute(select(breakdown.c.id).where(breakdown.c.key == ALL)).scalar_one(),
        "file": connection.execute(select(func.max(source_file.c.id))).scalar_one(),
    }
    ids = select(indicator.c.id).order_by(indicator.c.id).limit(INDICATORS)
    indicators = list(connection.execute(ids).scalars())
    for number in indicators:
        connection.execute(_ROWS, {**given, "indicators": [number], "periods": [item.key for item in spans]})
    connection.execute(_DETAILS, {"first": indicators[0], "cut": given["cut"]})
    note_periods_held(connection, set(indicators))
