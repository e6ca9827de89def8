"""Series of readings, months mostly, for tests of what is said of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from db.catalogue import load_catalogue
from db.domain import Basis, Indicator, Maturity, OrganisationType, Period
from db.domain.file import FileReference
from db.domain.reading import Reading
from stp_dash.analysis.control import SeriesInput

KNOWN = load_catalogue().indicators
FDS = KNOWN["cancer-28-day-faster-diagnosis"]
OLD = KNOWN["cancer-two-week-wait"]
GPS = KNOWN["gp-fully-qualified-fte-rate"]
WITHIN = KNOWN["stroke-thrombolysis-within-60-minutes"]
LEVEL = KNOWN["stroke-ssnap-level"]
NEEDLE = KNOWN["stroke-door-to-needle-median-minutes"]
FILE = FileReference(1, "a.xlsx", "A", "", None, demonstration=False)


def reading(
    indicator: Indicator, period: Period, value: float | None, code: str = "QKS", breakdown: str = "all"
) -> Reading:
    return Reading(
        indicator=indicator.id,
        organisation=code,
        organisation_name=code,
        organisation_type=OrganisationType.ICB,
        period=period,
        breakdown=breakdown,
        numerator=None,
        denominator=None,
        value=value,
        missing_reason="" if value is not None else "not published",
        basis=Basis.COMMISSIONER,
        maturity=Maturity.FINAL,
        derived=False,
        files=(FILE,),
    )


def months(year: int, month: int, count: int) -> list[Period]:
    whole = [year * 12 + month - 1 + step for step in range(count)]
    return [Period.month(at // 12, at % 12 + 1) for at in whole]


def series(indicator: Indicator, periods: Sequence[Period], values: Sequence[float | None]) -> list[Reading]:
    return [reading(indicator, p, v) for p, v in zip(periods, values, strict=True)]


def monthly(values: Sequence[float | None], indicator: Indicator = OLD, **more: Any) -> SeriesInput:
    """Months of the two week wait, which has no break, up to August 2023."""
    first = 2023 * 12 + 8 - len(values)
    periods = months(first // 12, first % 12 + 1, len(values))
    return SeriesInput(indicator, series(indicator, periods, values), "Kent and Medway", **more)


def noise(count: int, seed: int = 1, level: float = 90.0) -> list[float]:
    rng = random.Random(seed)
    return [level + rng.uniform(-3, 3) for _ in range(count)]
