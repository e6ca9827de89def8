"""How values spread, and which shares are too small to be compared."""

from __future__ import annotations

import math
from random import Random
from statistics import fmean, pstdev

import pytest

from stp_dash.statistics.spread import comparable, distances_from, median, percentiles, ranks, small


def test_shares_of_few_patients_are_left_out() -> None:
    assert small([19, 20, None, 0]).tolist() == [True, False, False, True]
    assert comparable([19, 20, 300]).tolist() == [False, True, True]
    assert comparable([math.nan, 19, 30]).tolist() == [True, False, True]


def test_where_half_are_small_all_stay() -> None:
    assert comparable([5, 6, 30, 40]).tolist() == [True] * 4
    assert comparable([]).tolist() == []


def test_percentiles_lie_between_the_two_nearest() -> None:
    assert percentiles([4, 1, 2, 3], (0, 25, 50, 100)) == (1, 1.75, 2.5, 4)
    assert (median([3, 1, 2]), median([1, 2])) == (2, 1.5)


def test_equal_values_share_the_lowest_of_their_ranks() -> None:
    assert ranks([]).tolist() == []
    assert ranks([0.0, 0.0, 0.0]).tolist() == [1, 1, 1]
    assert ranks([1.0, 2.0, 2.0, 3.0]).tolist() == [1, 2, 2, 4]
    assert ranks([70.0, 71.0, 100 * 71 / 100, 100 * (0.1 + 0.61), 71.001]).tolist() == [1, 2, 2, 2, 5]


def test_distances_are_of_standardised_numbers() -> None:
    draw = Random(7)
    columns = [[draw.uniform(0, scale) for _ in range(12)] for scale in (1, 1e6, 40)]
    for place in range(12):
        slow = []
        for other in range(12):
            total = 0.0
            for column in columns:
                mean, deviation = fmean(column), pstdev(column)
                total += ((column[other] - mean) / deviation - (column[place] - mean) / deviation) ** 2
            slow.append(math.sqrt(total))
        assert distances_from(place, columns).tolist() == pytest.approx(slow)
    assert distances_from(0, [[1, 2, 3], [5, 5, 5]]).tolist() == pytest.approx(distances_from(0, [[1, 2, 3]]))
    assert distances_from(0, []).tolist() == []
    with pytest.raises(ValueError, match="found a missing one"):
        distances_from(0, [[1, math.nan]])
