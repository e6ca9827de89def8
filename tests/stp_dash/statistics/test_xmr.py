"""Dependence of neighbours, against the definition written out in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp_dash.statistics.xmr import is_dependent, lag_one

SERIES = st.lists(st.one_of(st.just(nan), st.integers(-50, 50).map(float)), min_size=0, max_size=40)


def by_hand(values: Sequence[float]) -> float:
    known = [Fraction(value) for value in values if not isnan(value)]
    if len(known) < 2:
        return nan
    mean = sum(known) / len(known)
    whole = sum((value - mean) ** 2 for value in known)
    if not whole:
        return nan
    pairs = [
        (Fraction(one) - mean) * (Fraction(two) - mean)
        for one, two in pairwise(values)
        if not (isnan(one) or isnan(two))
    ]
    return float(sum(pairs) / whole)


@given(SERIES)
def test_the_definition_in_fractions_gives_the_same(values: list[float]) -> None:
    assert lag_one(values) == pytest.approx(by_hand(values), nan_ok=True, abs=1e-12)


def test_a_slow_rise_depends_and_alternation_does_not() -> None:
    assert lag_one(list(range(20))) == pytest.approx(0.85)
    assert is_dependent(list(range(20)))
    assert lag_one([1.0, 2.0] * 10) == pytest.approx(-0.95)
    assert not is_dependent([1.0, 2.0] * 10)


def test_twelve_values_say_nothing_yet() -> None:
    assert not is_dependent(list(range(12)))
    assert is_dependent(list(range(13)))


def test_independent_values_are_called_dependent_less_than_once_in_forty() -> None:
    series = np.random.default_rng(20).normal(size=(4_000, 24))
    assert sum(is_dependent(list(row)) for row in series) < 4_000 / 40
