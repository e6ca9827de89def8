"""Periods made regular, so that a gap stays a gap."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest

from db.domain import Period
from stp_dash.statistics.series import check_periods, regular

NAN = math.nan


def months(*numbers: int) -> list[Period]:
    return [Period.month(2024, number) for number in numbers]


def test_a_missing_month_becomes_a_missing_value() -> None:
    periods, (x, n) = regular(months(1, 2, 5), [1, 2, 5], [10, None, 50])
    assert [p.start.month for p in periods] == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(x, [1, 2, NAN, NAN, 5])
    np.testing.assert_array_equal(n, [10, NAN, NAN, NAN, 50])


def test_quarters_know_their_length() -> None:
    quarters = [Period.quarter(2023, 10), Period.quarter(2024, 4)]
    periods, (x,) = regular(quarters, [1, 3])
    assert [p.label for p in periods] == [
        "October to December 2023",
        "January to March 2024",
        "April to June 2024",
    ]
    assert np.isnan(x[1])


def test_snapshots_are_filled_only_when_their_distance_is_declared() -> None:
    days = [Period.snapshot(date(2024, 1, 31)), Period.snapshot(date(2024, 4, 30))]
    assert regular(days, [1, 2])[0] == tuple(days)
    periods, (x,) = regular(days, [1, 2], months_between=1)
    assert [p.end for p in periods] == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
    ]
    np.testing.assert_array_equal(x, [1, NAN, NAN, 2])


def test_no_periods() -> None:
    assert regular([], [])[0] == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_periods(months(2, 1)), "periods must be in order: January 2024 follows February 2024"),
        (lambda: check_periods(months(1, 1)), "periods must not repeat: January 2024 is there twice"),
        (lambda: check_periods([*months(1), Period.quarter(2024, 4)]), "periods must be of one frequency"),
        (lambda: regular(months(1, 2), [1]), "columns must have one value per period: 1 for 2 periods"),
        (
            lambda: regular([Period.quarter(2024, 1), Period.quarter(2024, 5)], [1, 2]),
            "periods must lie 3 months apart: May to July 2024 does not",
        ),
        (
            lambda: regular(
                [Period.snapshot(date(2024, 1, 1)), Period.snapshot(date(2024, 1, 31))],
                [1, 2],
                months_between=1,
            ),
            "periods must lie 1 months apart: 31 January 2024 does not",
        ),
        (
            lambda: regular(months(1), [1], months_between=0),
            "months_between must be a whole number of at least 1",
        ),
    ],
)
def test_bad_periods_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
