"""A small store with known numbers, so that pages can be tested without any published file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import insert, select

from db.catalogue import load_catalogue
from db.domain import ENGLAND, Basis, Maturity, OrganisationType, Period
from db.domain.observation import BASIS_CODES
from db.store import Store, open_store
from db.store.periods_held import note_periods_held
from db.store.schema import (
    breakdown,
    indicator,
    observation,
    organisation,
    organisation_parent,
    period,
    source_file,
)

FDS = "cancer-28-day-faster-diagnosis"
TREATED_31 = "cancer-31-day-combined"
TREATED_62 = "cancer-62-day-combined"
TWO_WEEK = "cancer-two-week-wait"
WITHIN_60 = "stroke-thrombolysis-within-60-minutes"
ELIGIBLE = "stroke-eligible-thrombolysed"
NEEDLE = "stroke-door-to-needle-median-minutes"
LEVEL = "stroke-ssnap-level"
GPS = "gp-fully-qualified-fte-rate"
NURSES = "gp-nurse-fte-rate"
COVERAGE = "general-practice-workforce-coverage"
OURS = ("RVV", "RWF", "RPA", "RN7")
CCGS = ("09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J")
VOUCHED = {
    "SSNAP": ("SSNAP national (England, Wales and Northern Ireland)", OrganisationType.COUNTRY, ""),
    "S148": ("Darent Valley Hospital", OrganisationType.STROKE_TEAM, "RN7"),
    "S196": ("Maidstone District General Hospital", OrganisationType.STROKE_TEAM, "RWF"),
    "SPMEKQ": ("Invicta Ward Kent and Canterbury Hospital", OrganisationType.STROKE_TEAM, "RVV"),
    "G82001": ("Example practice", OrganisationType.PRACTICE, "91Q"),
    "A81001": ("Another practice", OrganisationType.PRACTICE, ""),
}
"""Organisations that come with a source, their type and what they belong to."""


@dataclass(frozen=True)
class Row:
    """One observation to write; the value is worked out from the counts, if there are any."""

    indicator: str
    organisation: str
    period: Period
    numerator: float | None
    denominator: float | None
    breakdown: str = "all"
    basis: Basis = Basis.PROVIDER
    maturity: Maturity = Maturity.FINAL
    missing_reason: str | None = None
    value: float | None = None
    derived: bool = False


@cache
def prepared_file() -> bytes:
    """An empty SQLite store, prepared once in a process: to write it costs a tenth of making it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.sqlite"
        store = open_store(f"sqlite:///{path}")
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        return path.read_bytes()


def seeded_store(path: Path, rows: Iterable[Row], *, demonstration: bool = False) -> Store:
    """A store at a path that holds the rows, all of one file."""
    if not path.exists():
        path.write_bytes(prepared_file())
    store = open_store(f"sqlite:///{path}")
    written = list(rows)
    if written:
        write_rows(store, written, demonstration=demonstration)
    return store


def store_for_a_module(
    folders: pytest.TempPathFactory, name: str, rows: Iterable[Row], *, demonstration: bool = False
) -> Iterator[Store]:
    """A store that the tests of a module read together, in a folder of that name."""
    store = seeded_store(folders.mktemp(name) / "store.sqlite", rows, demonstration=demonstration)
    yield store
    store.close()


def write_rows(store: Store, rows: list[Row], *, demonstration: bool = False) -> None:
    with store.writing() as connection:
        kinds = {
            row.code: row
            for row in connection.execute(select(indicator.c.code, indicator.c.id, indicator.c.source))
        }
        sources = sorted({kinds[row.indicator].source for row in rows})
        files = {
            source: connection.execute(
                insert(source_file).values(_file(source, demonstration)).returning(source_file.c.id)
            ).scalar_one()
            for source in sources
        }
        _write_teams(connection, {row.organisation for row in rows})
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
                _observation(
                    row,
                    kinds[row.indicator].id,
                    places[row.organisation].id,
                    known,
                    files[kinds[row.indicator].source],
                )
                for row in rows
            ],
        )
        note_periods_held(connection, {kinds[row.indicator].id for row in rows})


def _write_teams(connection: Any, codes: set[str]) -> None:
    """Organisations that no catalogue holds but a source vouches for, with the trusts that they belong to."""
    ids = {row.code: row.id for row in connection.execute(select(organisation.c.code, organisation.c.id))}
    for code in sorted(codes - set(ids)):
        name, kind, trust = VOUCHED[code]
        number = connection.execute(
            insert(organisation).values(code=code, name=name, type=kind.value)
        ).inserted_primary_key[0]
        if trust:
            connection.execute(
                insert(organisation_parent).values(organisation_id=number, parent_id=ids[trust])
            )


def _file(source: str, demonstration: bool) -> dict[str, Any]:
    return {
        "source": source,
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
    value = row.value
    if row.numerator is not None and row.denominator:
        value = load_catalogue().indicators[row.indicator].multiplier * row.numerator / row.denominator
    return {
        "indicator_id": indicator_id,
        "period_id": row.period.key,
        "breakdown_id": breakdowns[row.breakdown],
        "organisation_id": organisation_id,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "value": value,
        "missing_reason": None if value is not None else (row.missing_reason or "not published"),
        "basis": BASIS_CODES[row.basis.value],
        "maturity": int(row.maturity),
        "derived": int(row.derived),
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
        for code, (own, total), within_of_trusts, total_of_trusts in (
            (FDS, (6700 + 20 * wave, 9224), (2730, 1540, 1120, 817), (4326, 1993, 1651, 1005)),
            (TREATED_31, (1840 + wave, 1903), (503, 886, 228, 159), (550, 900, 234, 163)),
            (TREATED_62, (690 + 2 * wave, 925), (201.5, 152, 86, 46), (315, 178.5, 127, 67)),
        ):
            rows += _month(code, item, maturity, place, (own, total), within_of_trusts, total_of_trusts)
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
    trusts = sorted(
        key
        for key, held in load_catalogue().organisations.items()
        if held.type is OrganisationType.TRUST and key not in OURS and held.closed_on is None
    )
    return [
        Row(code, trust, item, 60 + (i * 37) % 60 + 0.5 * (i % 2), 130 + (i * 13) % 90)
        for i, trust in enumerate(trusts[:count])
    ]


STROKE_TEAMS = {"RVV": "SPMEKQ", "RWF": "S196", "RN7": "S148"}
QUARTERS = (
    (Period.quarter(2024, 4), (14, 22), (22, 36), (9, 17)),
    (Period.quarter(2024, 7), (15, 24), (23, 36), (10, 18)),
    (Period.quarter(2024, 10), (16, 22), (27, 33), (11, 15)),
    (Period.quarter(2025, 1), (16, 23), (24, 32), (10, 15)),
    (Period.quarter(2025, 4), (14, 21), (23, 30), (8, 13)),
    (Period.quarter(2025, 7), (18, 25), (30, 38), (11, 17)),
    (Period.quarter(2025, 10), (19, 29), (32, 44), (12, 19)),
    (Period.quarter(2026, 1), (14, 19), (24, 28), (9, 13)),
    (Period.quarter(2026, 4), (18, 25), (30, 38), (11, 15)),
)
"""Invented: within 60 minutes of thrombolysed, in East Kent, Maidstone, Dartford. The last four: 228 of 310."""


def stroke_rows() -> list[Row]:
    """Nine quarters of three trusts, their teams and the nation; Medway has no team. April to June 2026 is last."""
    rows: list[Row] = []
    for item, *counts in QUARTERS:
        trusts = dict(zip(STROKE_TEAMS, counts, strict=True))
        rows += _team_rows(WITHIN_60, item, trusts)
        rows.append(Row(WITHIN_60, "SSNAP", item, 1592, 2511, basis=Basis.NATIONAL))
        treated = {"RVV": (20, 24), "RWF": (34, 39), "RN7": (19, 20)}
        rows += _team_rows(ELIGIBLE, item, treated)
        rows.append(Row(ELIGIBLE, "SSNAP", item, 2162, 2511, basis=Basis.NATIONAL))
        for team, level, minutes in (("S148", 3, 49), ("SPMEKQ", 4, 41), ("S196", 5, 45)):
            rows.append(Row(LEVEL, team, item, None, None, basis=Basis.TEAM, value=level))
            rows.append(Row(NEEDLE, team, item, None, None, basis=Basis.TEAM, value=minutes))
        rows.append(Row(NEEDLE, "SSNAP", item, None, None, basis=Basis.NATIONAL, value=50))
    return rows


def _team_rows(code: str, item: Period, trusts: dict[str, tuple[int, int]]) -> list[Row]:
    rows = []
    for trust, (within, total) in trusts.items():
        rows.append(Row(code, trust, item, within, total, basis=Basis.TEAM, derived=True))
        rows.append(Row(code, STROKE_TEAMS[trust], item, within, total, basis=Basis.TEAM))
    sums = [sum(column) for column in zip(*trusts.values(), strict=True)]
    return [*rows, Row(code, "QKS", item, sums[0], sums[1], basis=Basis.TEAM, derived=True)]


def staffing_rows() -> list[Row]:
    """Three snapshots; on 31 August 2026 fully qualified GPs are 121 posts short, nurses 15 above England."""
    rows: list[Row] = []
    for day, gps in ((date(2025, 8, 31), 800.0), (date(2026, 7, 31), 795.0), (date(2026, 8, 31), 793.8)):
        item = Period.snapshot(day)
        for code, staff, england in ((GPS, gps, 28000.0), (NURSES, 550.0, 16375.0)):
            rows += [
                Row(code, "QKS", item, staff, 2_041_741, basis=Basis.PRACTICE, derived=True),
                Row(code, ENGLAND, item, england, 62_500_000, basis=Basis.NATIONAL, derived=True),
            ]
            rows += [
                Row(code, ccg, item, staff / 10 + place, 255_000, basis=Basis.PRACTICE, derived=True)
                for place, ccg in enumerate(CCGS)
            ]
            rows.append(Row(code, "G82001", item, 3.1, 9_000, basis=Basis.PRACTICE))
            rows.append(Row(code, "A81001", item, 4.9, 9_000, basis=Basis.PRACTICE))
        for group, covered in (("GPs", 2_013_157), ("Nurses", 2_002_948)):
            key = f"staff group: {group}"
            own = Row(COVERAGE, "QKS", item, covered, 2_041_741, key, Basis.PRACTICE, derived=True)
            rows.append(own)
    return rows


def three_subjects() -> list[Row]:
    """Cancer waits, stroke and staffing together."""
    return [*ordinary_rows(), *stroke_rows(), *staffing_rows()]
