"""Intervals of proportions and rates."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from stp_dash.statistics import proportions

VECTORS = Path(__file__).resolve().parents[3] / "../shared/vectors/funnel.json"
SET = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.is_file() else {}
METHODS: dict[str, Callable[..., tuple[Any, Any]]] = {
    "wilson": proportions.wilson,
    "byars": proportions.byar,
    "exact": proportions.rate_interval,
}
NAN = math.nan


@pytest.mark.real_data
@pytest.mark.skipif(not SET, reason="the test vectors (../shared/vectors) are not beside this checkout")
@pytest.mark.parametrize("vector", SET.get("ci_vectors", []), ids=lambda v: v["id"])
def test_interval_vectors(vector: dict[str, Any]) -> None:
    rate = vector["id"].startswith("rate_")
    method = proportions.rate_interval if rate else METHODS[vector["method"]]
    count = vector["count"] if "count" in vector else vector["numerator"]
    denominator = 1 if "count" in vector and vector["denominator"] is None else vector["denominator"]
    expected = vector["expected"]
    if "confidence" in vector:
        pairs = {(expected["lower"], expected["upper"]): method(count, denominator, vector["confidence"])}
    elif expected is None:
        pairs = {(None, None): method(count, denominator)}
    else:
        by = vector["multiplier"]
        pairs = {
            (expected[f"lower{name}"] / by, expected[f"upper{name}"] / by): method(count, denominator, level)
            for name, level in (("95", 0.95), ("998", 0.998))
        }
    for wanted, found in pairs.items():
        clean = [NAN if w is None else w for w in wanted]
        np.testing.assert_allclose(found, clean, rtol=1e-9, atol=1e-15)


def test_known_intervals() -> None:
    # PHEindicatormethods, R/utils.R and R/Rates.R.
    assert proportions.wilson(65, 100) == pytest.approx((0.5525444329, 0.7363575175), rel=1e-9)
    assert proportions.byar(65) == pytest.approx((50.1631877105, 82.8491385459), rel=1e-9)
    assert proportions.rate_interval(0, 100) == pytest.approx((0, 0.0368887945411), rel=1e-9)
    assert math.isnan(proportions.byar(1, confidence=0.998)[0])
    assert math.isnan(proportions.byar(0)[0])


def test_byar_begins_at_ten() -> None:
    # The exact limits of 9 events, half the chi-square quantiles: PHEindicatormethods, R/Rates.R.
    assert proportions.rate_interval(9) == pytest.approx((chi2.ppf(0.025, 18) / 2, chi2.ppf(0.975, 20) / 2))
    assert proportions.rate_interval(9) != proportions.byar(9)
    assert proportions.rate_interval(10) == proportions.byar(10)


def test_confidence_of_one() -> None:
    assert proportions.wilson(3, 8, 1) == (0, 1)
    lower, upper = proportions.byar(20, confidence=1)
    assert math.isnan(lower)
    assert upper == math.inf
    assert proportions.rate_interval(3, confidence=1) == (0, math.inf)


@pytest.mark.parametrize("method", [proportions.wilson, proportions.byar, proportions.rate_interval])
def test_missing_input_gives_a_missing_pair(method: Any) -> None:
    for pair in (method(None, 100), method(NAN, 100), method(5, None), method(None, None)):
        assert all(math.isnan(limit) for limit in pair)
    lower, upper = method([3, None, 5], [10, 10, None])
    assert np.isnan(lower).tolist() == np.isnan(upper).tolist() == [False, True, True]
    assert all(np.isnan(method(None, 5, 1)))


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("wilson", (-4, 5000), "numerator must not be negative, found -4"),
        ("wilson", (80, 50), "numerator must not exceed its denominator, found 80 of 50"),
        ("wilson", (0, 0), "denominator must be above zero, found 0"),
        ("wilson", ([1, 2], [3, -3]), "denominator must be above zero, found -3"),
        ("wilson", ([1, 2, 3], [3, 4]), "of one length"),
        ("wilson", (math.inf, 5), "numerator must be finite, found inf"),
        ("wilson", ("5", 8), "numerator must be numbers, not '5'"),
        ("wilson", (1, 2, 0.5), "confidence must be a fraction from 0.9 to 1, not 0.5"),
        ("wilson", (1, 2, 95), "confidence must be a fraction from 0.9 to 1, not 95"),
        ("wilson", (1, 2, NAN), "confidence"),
        ("byar", (-4,), "count must not be negative, found -4"),
        ("byar", (4, 0), "denominator must be above zero"),
        ("rate_interval", (-0.5, 3), "count must not be negative, found -0.5"),
        ("rate_interval", (1, 1, "x"), "confidence must be numbers"),
    ],
)
def test_bad_input_is_named(method: str, arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(proportions, method)(*arguments)


@given(
    n=st.integers(1, 10_000),
    share=st.floats(0, 1),
    confidence=st.sampled_from([0.9, 0.95, 0.998, 0.9999, 1.0]),
)
def test_wilson_contains_the_estimate_and_stays_within_0_and_1(
    n: int, share: float, confidence: float
) -> None:
    x = share * n
    lower, upper = proportions.wilson(x, n, confidence)
    assert 0 <= lower <= x / n <= upper <= 1


@given(n=st.integers(1, 1000), x=st.integers(0, 1000))
def test_more_confidence_is_wider_and_more_patients_narrower(n: int, x: int) -> None:
    x = min(x, n)
    narrow, wide = proportions.wilson(x, n, 0.95), proportions.wilson(x, n, 0.998)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]
    many = proportions.wilson(4 * x, 4 * n)
    assert many[1] - many[0] < narrow[1] - narrow[0]


@given(count=st.integers(0, 500))
def test_a_rate_contains_its_count(count: int) -> None:
    lower, upper = proportions.rate_interval(count)
    assert lower <= count < upper


def test_share_intervals_leave_out_what_cannot_be_said() -> None:
    lower, upper = proportions.share_intervals([7, None, 3, 250, 0], [12, 10, 0, 220, 40], 100)
    assert np.isnan(lower).tolist() == np.isnan(upper).tolist() == [False, True, True, True, False]
    # 7 of 12: 58% (32-81), Wilson.
    assert (lower[0], upper[0]) == pytest.approx((32.0, 80.7), abs=0.05)
    assert lower[4] == 0
    assert proportions.share_intervals([], [], 100)[0].size == 0


def test_the_side_of_a_level_is_that_of_the_whole_interval() -> None:
    assert [proportions.side_of(70, 80, level) for level in (60, 70, 75, 80, 90)] == [1, 0, 0, 0, -1]
