"""A small store with known numbers, so that pages can be tested without any published file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from db.domain import ENGLAND, Basis, Maturity, Period
from db.schema import (
    BASIS_CODES,
    breakdown,
    indicator,
    latest_period,
    observation,
    organisation,
    period,
    source_file,
)
from db.store import Store, open_store

FDS = "cancer-28-day-faster-diagnosis"
TREATED_31 = "cancer-31-day-combined"
TREATED_62 = "cancer-62-day-combined"
TWO_WEEK = "cancer-two-week-wait"
OURS = ("RVV", "RWF", "RPA", "RN7")


@dataclass(frozen=True)
class Row:
    """One observation to write; the value is worked out from the counts."""

    indicator: str
    organisation: str
    period: Period
    numerator: float | None
    denominator: float | None
    breakdown: str = "all"
    basis: Basis = Basis.PROVIDER
    maturity: Maturity = Maturity.FINAL
    missing_reason: str | None = None


def seeded_store(path: Path, rows: Iterable[Row], *, demonstration: bool = False) -> Store:
    """A store at a path that holds the rows, all of one file."""
    store = open_store(f"sqlite:///{path}")
    written = list(rows)
    if written:
        write_rows(store, written, demonstration=demonstration)
    return store


def write_rows(store: Store, rows: list[Row], *, demonstration: bool = False) -> None:
    with store.writing() as connection:
        file_id = connection.execute(insert(source_file).values(_file(demonstration))).inserted_primary_key[0]
        kinds = {row.code: row for row in connection.execute(select(indicator.c.code, indicator.c.id))}
        places = {
            row.code: row
            for row in connection.execute(select(organisation.c.code, organisation.c.id, organisation.c.type))
        }
        keys = sorted({row.breakdown for row in rows})
        known = {row.key: row.id for row in connection.execute(select(breakdown.c.key, breakdown.c.id))}
        for number, key in enumerate([key for key in keys if key not in known], len(known) + 1):
            connection.execute(insert(breakdown).values(id=number, key=key, dimensions=key))
            known[key] = number
        held = set(connection.execute(select(period.c.id)).scalars())
        periods = {row.period for row in rows if row.period.key not in held}
        if periods:
            connection.execute(insert(period), [_period(item) for item in periods])
        connection.execute(
            insert(observation),
            [
                _observation(row, kinds[row.indicator].id, places[row.organisation].id, known, file_id)
                for row in rows
            ],
        )
        _latest(connection, rows, kinds, places)


def _latest(connection: Any, rows: list[Row], kinds: Any, places: Any) -> None:
    newest: dict[tuple[int, str, str], int] = {}
    for row in rows:
        key = (kinds[row.indicator].id, places[row.organisation].type, row.period.frequency.value)
        newest[key] = max(newest.get(key, 0), row.period.key)
    connection.execute(latest_period.delete())
    connection.execute(
        insert(latest_period),
        [
            {"indicator_id": i, "organisation_type": kind, "frequency": frequency, "period_id": key}
            for (i, kind, frequency), key in newest.items()
        ],
    )


def _file(demonstration: bool) -> dict[str, Any]:
    return {
        "source": "cancer_waiting_times",
        "sha256": "0" * 63 + ("1" if demonstration else "0"),
        "parser_version": 1,
        "hints": "",
        "name": "seeded-file.xlsx",
        "url": "https://example.org/seeded-file.xlsx",
        "title": "Seeded figures",
        "layout": "seed",
        "size": 1,
        "path": "",
        "published_on": date(2026, 10, 8),
        "fetched_at": datetime(2026, 10, 8, 9, 45, tzinfo=UTC),
        "loaded_at": datetime(2026, 10, 8, 9, 46, tzinfo=UTC),
        "demonstration": demonstration,
    }


def _period(item: Period) -> dict[str, Any]:
    return {"id": item.key, "start": item.start, "end": item.end, "frequency": item.frequency.value}


def _observation(
    row: Row, indicator_id: int, organisation_id: int, breakdowns: dict[str, int], file_id: int
) -> dict[str, Any]:
    known = row.numerator is not None and row.denominator
    return {
        "indicator_id": indicator_id,
        "period_id": row.period.key,
        "breakdown_id": breakdowns[row.breakdown],
        "organisation_id": organisation_id,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "value": 100 * row.numerator / row.denominator if known else None,
        "missing_reason": None if known else (row.missing_reason or "not published"),
        "basis": BASIS_CODES[row.basis.value],
        "maturity": int(row.maturity),
        "derived": 0,
        "source_file_id": file_id,
    }


def months(first: Period, count: int) -> list[Period]:
    found = []
    year, month = first.start.year, first.start.month
    for step in range(count):
        whole = year * 12 + month - 1 + step
        found.append(Period.month(whole // 12, whole % 12 + 1))
    return found


def ordinary_rows() -> list[Row]:
    """Two and a half years of three indicators, invented: the last month has figures that tests assert.

    April 2024 to August 2026; months from April 2026 are provisional; June 2025 is missing for Medway.
    """
    rows: list[Row] = []
    for place, item in enumerate(months(Period.month(2023, 4), 41)):
        late = item.start >= date(2026, 4, 1)
        maturity = Maturity.PROVISIONAL if late else Maturity.FINAL
        wave = (place * 7) % 11
        rows += [
            *_month(
                FDS,
                item,
                maturity,
                place,
                (6700 + 20 * wave, 9224),
                (2730, 1540, 1120, 817),
                (4326, 1993, 1651, 1005),
            ),
            *_month(
                TREATED_31,
                item,
                maturity,
                place,
                (1840 + wave, 1903),
                (503, 886, 228, 159),
                (550, 900, 234, 163),
            ),
            *_month(
                TREATED_62,
                item,
                maturity,
                place,
                (690 + 2 * wave, 925),
                (201.5, 152, 86, 46),
                (315, 178.5, 127, 67),
            ),
        ]
    rows = [r for r in rows if not (r.organisation == "RPA" and r.period == Period.month(2025, 6))]
    return [_last_month(row) for row in rows]


def _month(
    code: str,
    item: Period,
    maturity: Maturity,
    place: int,
    own: tuple[float, float],
    within: tuple[float, ...],
    total: tuple[float, ...],
) -> list[Row]:
    drift = place % 5
    rows = [
        Row(code, "QKS", item, own[0], own[1], basis=Basis.COMMISSIONER, maturity=maturity),
        Row(
            code,
            ENGLAND,
            item,
            own[0] * 25 + 1000 * drift,
            own[1] * 25 + 3000,
            basis=Basis.NATIONAL,
            maturity=maturity,
        ),
    ]
    rows += [
        Row(code, trust, item, part + drift, whole, maturity=maturity)
        for trust, part, whole in zip(OURS, within, total, strict=True)
    ]
    return rows


def _last_month(row: Row) -> Row:
    """The figures that tests know: 6,541 of 9,224 told in time, 1,836 of 1,903 and 701 of 925 treated in time."""
    known = {FDS: (6541, 9224), TREATED_31: (1836, 1903), TREATED_62: (701, 925)}
    if row.organisation != "QKS" or row.period != Period.month(2026, 8):
        return row
    within, total = known[row.indicator]
    return replace(row, numerator=within, denominator=total)


def other_trusts(count: int, item: Period, code: str = TREATED_62) -> list[Row]:
    """Other trusts of England with a figure each, from the catalogue's codes."""
    from db.catalogue import load_catalogue
    from db.domain import OrganisationType

    trusts = sorted(
        key
        for key, held in load_catalogue().organisations.items()
        if held.type is OrganisationType.TRUST and key not in OURS and held.closed_on is None
    )
    return [
        Row(code, trust, item, 60 + (i * 37) % 60 + 0.5 * (i % 2), 130 + (i * 13) % 90)
        for i, trust in enumerate(trusts[:count])
    ]
