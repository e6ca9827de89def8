"""Small canonical frames and files for tests of the load."""

from __future__ import annotations

import hashlib
import random
from datetime import date
from itertools import count

import pandas as pd

from db.domain import ALL, OBSERVATION_COLUMNS, Maturity, Period, SourceFile

FDS = "cancer-28-day-faster-diagnosis"
SIXTY_TWO = "cancer-62-day-combined"
OCTOBER = Period.month(2023, 10).key
NOVEMBER = Period.month(2023, 11).key

TRUSTS = ("RVV", "RWF", "RPA", "RN7")

_numbers = count()


def row(
    organisation: str,
    numerator: float | None,
    denominator: float | None,
    *,
    indicator: str = FDS,
    period: int = OCTOBER,
    breakdown: str = ALL,
    basis: str = "provider",
    maturity: Maturity = Maturity.FINAL,
    derived: bool = False,
    value: float | None = None,
    missing_reason: str = "",
    name: str = "",
) -> dict[str, object]:
    return {
        "indicator": indicator,
        "organisation": organisation,
        "organisation_name": name,
        "basis": basis,
        "period": period,
        "breakdown": breakdown,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "missing_reason": missing_reason,
        "maturity": int(maturity),
        "derived": derived,
    }


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=list(OBSERVATION_COLUMNS))
    return table.astype({"numerator": float, "denominator": float, "value": float})


def file(
    name: str = "",
    *,
    published_on: date | None = None,
    latest_period_end: date | None = date(2023, 10, 31),
    demonstration: bool = False,
) -> SourceFile:
    """A file of its own bytes; each call gives other bytes."""
    number = next(_numbers)
    return SourceFile(
        name=name or f"file-{number}.xlsx",
        sha256=hashlib.sha256(f"{name}{number}".encode()).hexdigest(),
        size=1,
        source_id="cancer_waiting_times",
        layout="test",
        title="test",
        published_on=published_on,
        latest_period_end=latest_period_end,
        demonstration=demonstration,
    )


def random_rows(
    chance: random.Random, *, all_of_them: bool = False, derived: float = 0.0
) -> tuple[dict[str, object], ...]:
    """Rows of two tables and two months. A table is settled, and printed or summed, as a whole."""
    tables = [
        (indicator, period, Maturity(chance.randint(0, 2)), chance.random() < derived)
        for indicator in (FDS, SIXTY_TWO)
        for period in (OCTOBER, NOVEMBER)
    ]
    return tuple(
        row(
            organisation,
            chance.randint(1, 3),
            chance.randint(4, 5),
            indicator=indicator,
            period=period,
            maturity=maturity,
            derived=summed,
        )
        for indicator, period, maturity, summed in tables
        for organisation in TRUSTS
        if all_of_them or chance.random() < 0.6
    )
