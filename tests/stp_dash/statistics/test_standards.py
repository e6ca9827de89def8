"""Distance to a standard, in points and in patients."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.domain import Period, Standard, StandardKind
from stp_dash.statistics.standards import distance, levels

NAN = math.nan


def months(count: int, first: int = 0) -> tuple[Period, ...]:
    return tuple(Period.month(2024 + m // 12, m % 12 + 1) for m in range(first, first + count))


def standard(value: float, start: date, end: date | None = None, **more: Any) -> Standard:
    kind = more.get("kind", StandardKind.OPERATIONAL_STANDARD)
    return Standard(kind, "at least", f"{value}%", start, end, value)


# The 28-day standard is 75% and 80% from the first quarter of 2026/27.
STEP = (
    standard(75.0, date(2021, 10, 1), date(2026, 3, 31)),
    standard(80.0, date(2026, 4, 1)),
    standard(77.0, date(2024, 4, 1), kind=StandardKind.INTERIM_AMBITION),
)


def test_standards_step_on_their_day() -> None:
    found = levels(STEP, months(3, first=26))
    assert found.tolist() == [75, 80, 80]
    assert np.isnan(levels(STEP, [Period.month(2021, 9)])).all()
    assert levels(STEP, [Period.month(2026, 3)], StandardKind.INTERIM_AMBITION).tolist() == [77]
    # A quarter is held to what was in force when it began.
    assert levels(STEP, [Period.of_months(2026, 2, Period.quarter(2026, 1).frequency)]).tolist() == [75]


def test_two_standards_of_a_kind_on_a_day_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 of kind operational standard are in force on 2026-04-01"):
        levels((*STEP, standard(85.0, date(2026, 1, 1))), [Period.month(2026, 4)])


def test_distance_in_points_and_patients() -> None:
    found = distance(months(2), [709, 80], [1000, 100], [75.0, 80.0], improvement_direction="increase")
    first, second = found.at(0), found.latest
    assert first.value == pytest.approx(70.9)
    assert first.gap == pytest.approx(-4.1)
    assert (first.met, first.short, first.spare) == (False, 41, 0)
    assert second is not None
    assert (second.met, second.short, second.spare) == (True, 0, 0)
    assert found.rows["period"].tolist() == [p.key for p in found.periods]


def test_an_exact_count_meets_a_standard_whatever_the_last_bit_says() -> None:
    # 85% of 20 is 17; 93% of 100 x 0.01 steps are not exact in binary.
    for level, n, x in ((85.0, 20, 17), (93.0, 300, 279), (7.0, 100, 7)):
        found = distance(months(1), [x], [n], level, improvement_direction="increase").at(0)
        assert (found.met, found.short, found.spare) == (True, 0, 0)
        one_less = distance(months(1), [x - 1], [n], level, improvement_direction="increase").at(0)
        assert (one_less.met, one_less.short) == (False, 1)


def test_no_rounding_up_to_a_standard() -> None:
    # 849.6 of 1,000 prints as 85.0% and is not 85%.
    found = distance(months(1), [8496], [10_000], 85.0, improvement_direction="increase").at(0)
    assert (found.met, found.short) == (False, 4)


def test_lower_is_better() -> None:
    # At most 1% of 250 may wait: 2 whole patients.
    found = distance(months(2), [2, 5], [250, 250], 1.0, improvement_direction="decrease")
    assert (found.at(0).met, found.at(0).spare) == (True, 0)
    assert (found.at(1).met, found.at(1).short) == (False, 3)
    assert found.at(1).gap == pytest.approx(-1.0)


def test_posts_come_in_fractions() -> None:
    found = distance(
        months(1), [600.5], [1_500_000], 5.0, improvement_direction="increase", multiplier=10_000, whole=False
    ).at(0)
    assert found.short == pytest.approx(149.5)
    assert found.value == pytest.approx(4.003333)


@settings(deadline=None)
@given(n=st.integers(1, 5000), x=st.integers(0, 5000), level=st.integers(0, 1000).map(lambda k: k / 10))
def test_that_many_more_would_just_have_met_it(n: int, x: int, level: float) -> None:
    x = min(x, n)
    found = distance(months(1), [x], [n], level, improvement_direction="increase").at(0)
    required = round(level * 10) * n
    assert found.met is (x * 1000 >= required)
    assert (x + found.short) * 1000 >= required
    if found.short:
        assert (x + found.short - 1) * 1000 < required
    else:
        assert (x - found.spare) * 1000 >= required > (x - found.spare - 1) * 1000


def test_no_verdict_without_counts_standard_or_direction() -> None:
    found = distance(
        months(4), [None, 0, 5, 5], [10, 0, 10, 10], [80, 80, NAN, 80], improvement_direction="increase"
    )
    assert found.rows["met"].tolist() == [None, None, None, False]
    assert np.isnan(found.rows["short"]).tolist() == [True, True, True, False]
    neutral = distance(months(1), [5], [10], 80, improvement_direction="neutral")
    assert neutral.at(0).met is None
    assert math.isnan(neutral.at(0).gap)
    assert neutral.at(0).value == 50
    assert neutral.run is None


def test_months_in_a_row_end_at_a_gap() -> None:
    periods = (*months(3), *months(3, first=4))
    found = distance(periods, [9, 7, 7, 7, 7, 7], [10] * 6, 80.0, improvement_direction="increase")
    assert len(found.periods) == 7
    assert found.run is not None
    assert (found.run.met, found.run.length, found.run.first.label) == (False, 3, "May 2024")
    assert found.met_of_last(24) == (1, 6)
    assert found.met_of_last(2) == (0, 2)
    met = distance(months(3), [7, 9, 9], [10] * 3, 80.0, improvement_direction="increase").run
    assert met is not None
    assert (met.met, met.length) == (True, 2)


def test_twelve_months_pool_counts_under_a_stepping_standard() -> None:
    level = [75.0] * 8 + [80.0] * 6
    found = distance(months(14), [70] * 14, [100] * 14, level, improvement_direction="increase").twelve_months
    assert found is not None
    assert (found.first.label, found.last.label) == ("March 2024", "February 2025")
    # Six months at 75% and six at 80% of 100 patients: 930 required of 1,200, 840 had.
    assert found.verdict.standard == pytest.approx(77.5)
    assert found.verdict.short == 90
    assert found.verdict.value == pytest.approx(70)
    assert (found.periods, found.met, found.missed) == (12, 0, 12)


def test_twelve_months_pool_good_months_with_bad() -> None:
    found = distance(
        months(12), [90, 70] * 6, [100] * 12, 80.0, improvement_direction="increase"
    ).twelve_months
    assert found is not None
    assert (found.verdict.met, found.verdict.short, found.verdict.spare) == (True, 0, 0)
    assert (found.met, found.missed) == (6, 6)


def test_twelve_months_with_a_gap_have_no_verdict() -> None:
    eleven = distance(months(11), [70] * 11, [100] * 11, 80.0, improvement_direction="increase").twelve_months
    gap = distance(
        (*months(5), *months(6, first=6)), [70] * 11, [100] * 11, 80.0, improvement_direction="increase"
    ).twelve_months
    for found in (eleven, gap):
        assert found is not None
        assert found.verdict.met is None
        assert math.isnan(found.verdict.short)
        assert (found.met, found.missed) == (0, 11)
    quarters = [Period.quarter(2024, month) for month in (1, 4, 7, 10)]
    year = distance(quarters, [7] * 4, [10] * 4, 80.0, improvement_direction="increase").twelve_months
    assert year is not None
    assert (year.periods, year.verdict.short) == (4, 4)


def test_snapshots_have_no_twelve_months() -> None:
    days = [Period.snapshot(date(2024, month, 28)) for month in (1, 2)]
    found = distance(days, [5, 6], [10, 10], 50.0, improvement_direction="increase")
    assert found.twelve_months is None
    assert found.run is not None
    assert found.run.length == 2


def test_no_periods() -> None:
    found = distance([], [], [], 80.0, improvement_direction="increase")
    assert (found.latest, found.run, found.twelve_months) == (None, None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"numerators": [11]}, "numerator must not exceed its denominator, found 11 of 10"),
        ({"numerators": [-1]}, "numerators must not be negative, found -1"),
        ({"denominators": [-1]}, "denominators must not be negative, found -1"),
        ({"improvement_direction": "up"}, "improvement_direction must be one of"),
        ({"standard": math.inf}, "standard must be finite"),
        ({"kind": "ratio"}, "kind must be one of"),
        ({"periods": months(2)}, "one value per period"),
        ({"multiplier": None}, "multiplier must be one number"),
    ],
)
def test_bad_input_is_named(arguments: dict[str, Any], message: str) -> None:
    given_arguments: dict[str, Any] = {
        "periods": months(1),
        "numerators": [5],
        "denominators": [10],
        "standard": 80.0,
        "improvement_direction": "increase",
    } | arguments
    with pytest.raises(ValueError, match=message):
        distance(**given_arguments)
