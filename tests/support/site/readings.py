"""Readings without a store: one figure of an indicator, with its counts."""

from __future__ import annotations

from datetime import date

from db.catalogue import load_catalogue
from db.domain import Basis, Indicator, Maturity, OrganisationType, Period
from db.domain.file import FileReference
from db.domain.reading import Reading

KNOWN = load_catalogue().indicators
WITHIN = KNOWN["stroke-thrombolysis-within-60-minutes"]
ELIGIBLE = KNOWN["stroke-eligible-thrombolysed"]
NEEDLE = KNOWN["stroke-door-to-needle-median-minutes"]
GPS = KNOWN["gp-fully-qualified-fte-rate"]
TREATED = KNOWN["cancer-62-day-combined"]
QUARTER = Period.quarter(2026, 4)
DAY = Period.snapshot(date(2026, 8, 31))
FILE = FileReference(1, "a.xlsx", "A", "", None, demonstration=False)


def reading(
    indicator: Indicator,
    counts: tuple[float, float] | None,
    code: str = "QKS",
    name: str = "",
    value: float | None = None,
) -> Reading:
    numerator, denominator = counts or (None, None)
    if counts:
        value = indicator.multiplier * counts[0] / counts[1]
    return Reading(
        indicator=indicator.id,
        organisation=code,
        organisation_name=name,
        organisation_type=OrganisationType.ICB,
        period=DAY if indicator is GPS else QUARTER,
        breakdown="all",
        numerator=numerator,
        denominator=denominator,
        value=value,
        missing_reason="",
        basis=Basis.TEAM,
        maturity=Maturity.FINAL,
        derived=False,
        files=(FILE,),
    )
