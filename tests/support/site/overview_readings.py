"""Readings of the area and its parts, from lists of numbers, for the tests of what the overview says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from db.catalogue import lineage, load_catalogue
from db.catalogue.places.short_names import short_names
from db.domain import ENGLAND, Basis, Indicator, Maturity, OrganisationType, Period
from db.domain.file import FileReference
from db.domain.reading import Reading
from db.settings import load_settings
from stp_dash.pages.overview.figures import OverviewInput, index_by_indicator
from stp_dash.pages.overview.words import Overview, overview

CATALOGUE = load_catalogue()
SETTINGS = load_settings()
AREA = SETTINGS.own_area
STEPS = lineage(CATALOGUE, "QKS")
FDS = CATALOGUE.indicators["cancer-28-day-faster-diagnosis"]
TREATED_31 = CATALOGUE.indicators["cancer-31-day-combined"]
TREATED_62 = CATALOGUE.indicators["cancer-62-day-combined"]
GPS = CATALOGUE.indicators["gp-fully-qualified-fte-rate"]
ELIGIBLE = CATALOGUE.indicators["stroke-eligible-thrombolysed"]
FILE = FileReference(1, "file.xlsx", "Title", "", date(2026, 10, 8), demonstration=False)
CCGS = AREA.ccgs
WAVE = (0.0, 1.2, -0.8, 0.4, -1.1, 0.9, -0.3, 0.7, -0.6, 1.0, -0.9, 0.2)
"""A common cause wave, without a run of seven and without a point near its limits."""


def reading(
    indicator: Indicator,
    code: str,
    period: Period,
    counts: tuple[float, float] | None,
    basis: Basis = Basis.COMMISSIONER,
    **more: Any,
) -> Reading:
    value = indicator.multiplier * counts[0] / counts[1] if counts else None
    found = Reading(
        indicator.id,
        code,
        "England" if code == ENGLAND else code,
        OrganisationType.ICB,
        period,
        "all",
        counts[0] if counts else None,
        counts[1] if counts else None,
        value,
        "" if counts else "not published",
        basis,
        Maturity.FINAL,
        False,
        (FILE,),
    )
    return replace(found, **more)


def months(count: int, last: tuple[int, int] = (2026, 8)) -> list[Period]:
    whole = last[0] * 12 + last[1] - 1
    return [Period.month(n // 12, n % 12 + 1) for n in range(whole - count + 1, whole + 1)]


def shares(indicator: Indicator, values: Sequence[float], total: float = 1_000) -> list[Reading]:
    """The area's months up to August 2026, of so many per cent each."""
    periods = months(len(values))
    return [
        reading(indicator, "QKS", period, (round(value * total / 100), total))
        for period, value in zip(periods, values, strict=True)
    ]


def trusts(indicator: Indicator, counts: Sequence[tuple[float, float]]) -> list[Reading]:
    """The trusts of the settings in August 2026, in their order."""
    last = Period.month(2026, 8)
    return [
        reading(indicator, code, last, pair, Basis.PROVIDER)
        for code, pair in zip(AREA.trusts, counts, strict=False)
    ]


def staffing(values: Sequence[float], england: float, parts: Sequence[float] = ()) -> list[Reading]:
    """Fully qualified GPs per 10,000: the area's snapshots to 31 August 2026, England's and the CCG areas' last."""
    days = [Period.snapshot(period.end) for period in months(len(values))]
    found = [
        reading(GPS, "QKS", day, (value * 200, 2_000_000), Basis.PRACTICE)
        for day, value in zip(days, values, strict=True)
    ]
    found.append(reading(GPS, ENGLAND, days[-1], (england * 6_000, 60_000_000), Basis.NATIONAL))
    if len(days) > 1:
        found.append(reading(GPS, ENGLAND, days[-2], (england * 6_000, 60_000_000), Basis.NATIONAL))
    found += [
        reading(GPS, code, days[-1], (value * 25, 250_000), Basis.PRACTICE)
        for code, value in zip(CCGS, parts, strict=False)
    ]
    return found


def given(readings: Sequence[Reading], **more: Any) -> OverviewInput:
    return OverviewInput(
        area=AREA,
        indicators=tuple(CATALOGUE.indicators.values()),
        index=index_by_indicator(readings),
        steps=STEPS,
        names={**short_names(), **SETTINGS.area.short_names, "09E": "Canterbury"},
        today=date(2026, 10, 20),
        **more,
    )


def view_of(readings: Sequence[Reading], profile: str = "national", **more: Any) -> Overview:
    return overview(given(readings, **more), profile=profile)


def steady(level: float, count: int = 29) -> list[float]:
    return [level + WAVE[place % len(WAVE)] for place in range(count)]


def falling(level: float, count: int = 29, run: int = 8) -> list[float]:
    """Common cause, then `run` months below the mean, without a trend."""
    low = [level - 6 - (1.5 if place % 2 else 0) for place in range(run)]
    return [*steady(level, count - run), *low]
