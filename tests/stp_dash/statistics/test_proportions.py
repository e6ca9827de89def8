"""Intervals, rolling sums and roll-ups."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stp_dash.statistics import proportions

VECTORS = Path(__file__).resolve().parents[3] / "../shared/vectors/funnel.json"
SET = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.is_file() else {}
METHODS: dict[str, Callable[..., proportions.Interval]] = {
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
    assert proportions.rate_interval(9) == proportions.exact_poisson(9)
    assert proportions.rate_interval(10) == proportions.byar(10)
    assert proportions.byar(9) != proportions.exact_poisson(9)


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
        ("exact_poisson", (1, 1, "x"), "confidence must be numbers"),
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


def test_rolling_sums_keep_gaps_and_wait_for_a_full_window() -> None:
    x, n = proportions.rolling_counts([7, 8, 9, 10, NAN, 5, 6], [12, 14, 15, 16, 17, 10, 11], 3)
    np.testing.assert_array_equal(x, [NAN, NAN, 24, 27, NAN, NAN, NAN])
    np.testing.assert_array_equal(n, [NAN, NAN, 41, 45, NAN, NAN, NAN])
    assert np.isnan(proportions.rolling_counts([1], [2], 4)[0]).all()
    with pytest.raises(ValueError, match="periods must be a whole number of at least 1, not 0"):
        proportions.rolling_counts([1], [2], 0)
    with pytest.raises(ValueError, match="numerators must not be negative"):
        proportions.rolling_counts([-1], [2], 1)
    with pytest.raises(ValueError, match="of one length"):
        proportions.rolling_counts([1, 2], [2], 1)


def test_with_intervals_shows_n_and_respects_suppression() -> None:
    frame = pd.DataFrame(
        {
            "numerator": [7, 0, 3, NAN, 20],
            "denominator": [12, 0, 6, 4, 40],
            "missing_reason": ["", "", "suppressed", "not published", None],
        },
        index=list("abcde"),
    )
    shown = proportions.with_intervals(frame)
    assert shown["n"].tolist() == [12, 0, 6, 4, 40]
    assert np.isnan(shown["value"]).tolist() == [False, True, True, True, False]
    assert np.isnan(shown["upper_998"]).tolist() == [False, True, True, True, False]
    # 7 of 12: 58% (32-81), Wilson.
    (seven_of_twelve,) = shown.loc[["a"], ["value", "lower_95", "upper_95"]].to_numpy().tolist()
    assert seven_of_twelve == pytest.approx([58.3, 32.0, 80.7], abs=0.05)
    assert list(frame.columns) == ["numerator", "denominator", "missing_reason"]


def test_with_intervals_of_a_rate() -> None:
    frame = pd.DataFrame({"numerator": [65, 250], "denominator": [100, 220]})
    shown = proportions.with_intervals(frame, kind="rate", multiplier=100_000)
    assert shown["value"].tolist() == pytest.approx([65_000, 113_636.3636])
    assert shown["lower_95"].tolist() == pytest.approx([50_163.1877105, 99_984.947385])
    with pytest.raises(ValueError, match="numerator must not exceed its denominator, found 250 of 220"):
        proportions.with_intervals(frame)
    with pytest.raises(ValueError, match="kind must be one of proportion, rate, not 'ratio'"):
        proportions.with_intervals(frame, kind="ratio")


counts = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 50), st.integers(50, 90), st.booleans()),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(rows=counts)
def test_roll_ups_conserve_counts_and_never_total_a_part(rows: list[tuple[str, int, int, bool]]) -> None:
    frame = pd.DataFrame(
        {
            "parent": [row[0] for row in rows],
            "numerator": [NAN if row[3] else float(row[1]) for row in rows],
            "denominator": [float(row[2]) for row in rows],
        }
    )
    totals = proportions.roll_up(frame, ["parent"]).set_index("parent")
    assert totals["members"].sum() == len(rows)
    for parent, total in totals.iterrows():
        inside = [row for row in rows if row[0] == parent]
        missing = sum(row[3] for row in inside)
        assert total["missing_members"] == missing
        if missing:
            assert math.isnan(total["numerator"])
            assert math.isnan(total["denominator"])
        else:
            assert total["numerator"] == sum(row[1] for row in inside)
            assert total["denominator"] == sum(row[2] for row in inside)


def test_a_suppressed_member_leaves_no_total_even_with_a_count() -> None:
    frame = pd.DataFrame(
        {
            "icb": ["QKS", "QKS"],
            "numerator": [3, 9],
            "denominator": [6, 12],
            "missing_reason": ["suppressed", ""],
        }
    )
    assert np.isnan(proportions.roll_up(frame, ["icb"])["numerator"]).all()
