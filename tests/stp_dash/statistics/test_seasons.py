"""Seasonal patterns: found where they are in every year, and never under a trend, across a restart or in part."""

from __future__ import annotations

import math

import numpy as np

from stp_dash.statistics.seasons import Season, seasons

WAVE = [70.0, 71.0, 70.5, 71.5, 70.2, 71.2, 70.7, 71.7, 70.4, 71.4, 70.9, 71.9]
"""Twelve months without a month that is an extreme of three on both sides."""


def years(count: int, changed: dict[int, float] | None = None) -> list[float]:
    """So many years of a small uneven wave, other each year, with some values changed."""
    found = [WAVE[(5 * place + 7 * (place // 12)) % 12] for place in range(12 * count)]
    for place, value in (changed or {}).items():
        found[place] = value
    return found


def dips(*places: int) -> dict[int, float]:
    return dict.fromkeys(places, 60.0)


def found(values: list[float], starts: tuple[int, ...] = ()) -> list[Season]:
    return [item for item in seasons(values, starts) if item.positions[-1] % 12 == 6]


def test_a_month_that_dips_in_three_years_is_told() -> None:
    assert found(years(3, dips(6, 18, 30))) == [Season((6, 18, 30), highest=False)]
    assert found(years(3, dict.fromkeys((6, 18, 30), 90.0))) == [Season((6, 18, 30), highest=True)]


def test_two_years_or_one_that_differs_are_no_pattern() -> None:
    assert found(years(2, dips(6, 18))) == []
    assert found(years(3, {**dips(6, 18), 29: 65.0})) == []
    assert found(years(4, {**dips(18, 30, 42), 5: 65.0})) == []
    assert found(years(4, {**dips(6, 18, 30), 41: 65.0})) == []
    assert found(years(4, dips(6, 18, 30, 42))) == [Season((6, 18, 30, 42), highest=False)]


def test_a_year_with_a_gap_or_a_restart_in_its_seven_months_does_not_count() -> None:
    gap = {**dips(6, 18, 30), 20: math.nan}
    assert found(years(3, gap)) == []
    assert found(years(3, dips(6, 18, 30)), (16,)) == []
    assert found(years(3, dips(6, 18, 30)), (15,)) == [Season((6, 18, 30), highest=False)]


def test_a_trend_and_a_constant_have_no_season() -> None:
    assert seasons([float(place) for place in range(60)]) == ()
    assert seasons([70.0] * 60) == ()
    assert seasons([]) == ()


def test_chance_seldom_makes_a_season() -> None:
    numbers = np.random.default_rng(5)
    alarms = sum(bool(seasons(numbers.normal(size=60))) for _ in range(1_000))
    assert alarms < 20
