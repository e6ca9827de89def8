"""Rows of all kinds, and readings as a test asks for them: by names and days, without code lists of its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection

from db.domain import ALL, Frequency, OrganisationType, Period
from db.domain.holdings import CodeLists
from db.domain.reading import NOW, AsOf, PeriodSpan, Reading, Selection
from db.figures.code_lists import read_code_lists
from db.figures.observations import readings
from tests.support.seed import FDS, TREATED_62, Row, ordinary_rows, other_trusts


def readings_between(
    connection: Connection,
    *,
    indicators: Collection[str],
    organisations: Collection[str],
    frequencies: Collection[Frequency],
    since: date,
    until: date,
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
    code_lists: CodeLists | None = None,
) -> tuple[Reading, ...]:
    """The readings whose periods start between two days."""
    span = PeriodSpan(tuple(frequencies), since, until)
    selection = Selection(tuple(indicators), tuple(organisations), span, (breakdown_key,))
    return readings(connection, code_lists or read_code_lists(connection), [selection], as_of)


def slice_readings(
    connection: Connection,
    *,
    indicator_code: str,
    at: Period,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
    code_lists: CodeLists | None = None,
) -> tuple[Reading, ...]:
    """Every organisation of some types with a reading of one indicator in one period, by code."""
    known = code_lists or read_code_lists(connection)
    codes = tuple(item.code for item in known.organisations.values() if item.type in types)
    selection = Selection((indicator_code,), codes, (at,), (breakdown_key,))
    return readings(connection, known, [selection], as_of)


def rows_of_all_kinds() -> list[Row]:
    """Monthly and quarterly rows of ours and of other trusts, one by tumour group and one without a figure."""
    august = Period.month(2026, 8)
    return [
        *ordinary_rows(),
        *other_trusts(30, august),
        Row(TREATED_62, "RVV", august, 4, 5, breakdown="tumour group: Breast"),
        Row(TREATED_62, "RVV", Period.quarter(2026, 4), 30, 50),
        Row(FDS, "RVV", Period.month(2023, 3), None, None, missing_reason="No figure submitted"),
    ]
