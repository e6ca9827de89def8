"""Invented values of areas, with the intervals and counts that a publisher prints beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from db.domain import Period
from etl.demo.publication import SEED

_PANDEMIC: Final = {2020: 1.22, 2021: 1.26}
_PEOPLE: Final = {"country": 56_000_000, "statistical region": 9_000_000, "district": 140_000}
_COUNCIL: Final = 420_000


@dataclass(frozen=True)
class InventedProfile:
    """What is invented of an indicator: its name as published, England's level in the first year and its yearly change,
    how much areas differ, and out of how many people a value is (0 for one without a count).

    `pandemic` says that 2020 and 2021 are higher. `counted` is whether the count or the denominator is printed too.
    """

    name: str
    level: float
    change: float
    spread: float
    out_of: int
    pandemic: bool = False
    counted: tuple[bool, bool] = (True, True)


PROFILES: Final = {
    93721: InventedProfile(
        "Under 75 mortality rate from causes considered preventable (2019 definition)",
        *(148.0, -0.6, 0.16, 100_000),
        pandemic=True,
    ),
    93582: InventedProfile(
        "Excess under 75 mortality rate in adults with severe mental illness",
        *(370.0, 2.5, 0.14, 0),
        counted=(False, False),
    ),
    92443: InventedProfile(
        "Smoking Prevalence in adults (18+) - current smokers (APS)",
        *(18.4, -0.55, 0.17, 100),
        counted=(True, False),
    ),
    91547: InventedProfile(
        "Smoking prevalence in adults (15+) - current smokers (QOF)", 19.2, -0.45, 0.14, 100
    ),
    93088: InventedProfile(
        "Overweight (including obesity) prevalence in adults (18+ yrs)",
        *(61.8, 0.3, 0.07, 100),
        counted=(False, True),
    ),
    90366: InventedProfile("Life expectancy at birth", 79.4, 0.04, 0.012, 0, counted=(False, False)),
    848: InventedProfile("Depression: QOF prevalence (18+ yrs)", 7.3, 0.65, 0.2, 100),
    90581: InventedProfile("Mental health: QOF prevalence (all ages)", 0.86, 0.014, 0.18, 100),
}
"""By the publisher's number."""


@dataclass(frozen=True)
class InventedValue:
    """One area's value with its 95% and 99.8% limits, and its count and denominator where the profile prints them."""

    value: float
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float
    count: float | None
    denominator: float | None


def invented(number: int, area: str, kind: str, period: Period, sex: str) -> InventedValue:
    """The value of an area in a period: always the same for the same question."""
    profile = PROFILES[number]
    place = np.random.default_rng([SEED, number, *area.encode()])
    years = period.end.year - 2012
    expected = profile.level + profile.change * years
    expected *= 1.0 if kind == "country" else float(np.exp(place.normal(0.0, profile.spread)))
    expected += {"Male": -1.9, "Female": 1.9}.get(sex, 0.0)
    if profile.pandemic:
        expected *= _PANDEMIC.get(period.end.year, 1.0)
    people = _PEOPLE.get(kind, _COUNCIL) * (0.6 + 0.8 * place.random() if kind != "country" else 1.0)
    chance = np.random.default_rng([SEED, number, period.key, len(sex), *area.encode()])
    return _drawn(profile, expected, people * (period.end.year - period.start.year or 1), chance)


def _drawn(
    profile: InventedProfile, expected: float, people: float, chance: np.random.Generator
) -> InventedValue:
    if profile.out_of == 100 and all(profile.counted):
        denominator = round(people)
        count = float(chance.binomial(denominator, min(expected / 100, 1.0)))
        value = 100 * count / denominator
        error = 100 * (value / 100 * (1 - value / 100) / denominator) ** 0.5
        return _printed(value, error, count, float(denominator))
    if profile.out_of == 100:
        answers = max(120.0, people / 900)
        error = 100 * (expected / 100 * (1 - expected / 100) / answers) ** 0.5
        value = float(chance.normal(expected, error))
        weighted = value / 100 * people
        return _printed(
            value, error, weighted if profile.counted[0] else None, answers if profile.counted[1] else None
        )
    if profile.out_of:
        deaths = float(chance.poisson(expected / profile.out_of * people))
        # Standardised: an area's ages move its rate away from its deaths divided by its people.
        value = deaths / people * profile.out_of * 1.02
        return _printed(value, value / max(deaths, 1.0) ** 0.5, deaths, people)
    error = expected * 900 / people**0.5 / expected**0.5 if expected > 100 else 90 / people**0.5
    return _printed(float(chance.normal(expected, error / 2)), error, None, None)


def _printed(value: float, error: float, count: float | None, denominator: float | None) -> InventedValue:
    wide, narrow = 3.09 * error, 1.96 * error
    return InventedValue(
        value, value - narrow, value + narrow, value - wide, value + wide, count, denominator
    )
