"""Counts put together: summed, and divided once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp_dash.statistics.counts import divided, fewest_holding_half, pooled


def test_counts_are_summed_and_divided_once() -> None:
    assert pooled([59, 63, 47, 59], [80, 92, 60, 78]) == (228, 310)
    assert divided(228, 310, 100) == pytest.approx(73.548387)
    assert divided(3, 8) == 0.375


def test_a_sum_without_a_member_is_no_total() -> None:
    assert pooled([], []) is None
    assert pooled([1, None], [2, 2]) is None
    assert pooled([1, 1], [2, None]) is None
    assert pooled([0, 0], [0, 0]) == (0, 0)


@pytest.mark.parametrize("counts", [(None, 2), (1, None), (0, 0)])
def test_nothing_counted_is_no_value(counts: tuple[float | None, float | None]) -> None:
    assert divided(*counts, 100) is None


@pytest.mark.parametrize(
    ("counts", "at_least", "more"),
    [([5, 3, 2], 1, 2), ([4, 3, 3], 2, 2), ([1, 1], 1, 2), ([1], 1, 1), ([2, 2, 2, 2], 2, 3)],
)
def test_the_fewest_that_hold_half(counts: list[float], at_least: int, more: int) -> None:
    assert fewest_holding_half(counts) == at_least
    assert fewest_holding_half(counts, more=True) == more


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30))
def test_one_fewer_would_not_hold_half(counts: list[int]) -> None:
    found = fewest_holding_half(counts)
    assert 2 * sum(counts[:found]) >= sum(counts) > 2 * sum(counts[: found - 1])
