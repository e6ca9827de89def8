"""Funnel limits, over-dispersion and classes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stp_dash.statistics import funnel

VECTORS = Path(__file__).resolve().parents[3] / "../shared/vectors/funnel.json"
SET = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.is_file() else {}
BY_ID = {vector["id"]: vector for vector in SET.get("funnel_vectors", [])}
COLUMNS = {"lower_95": "lower_2s", "upper_95": "upper_2s", "lower_998": "lower_3s", "upper_998": "upper_3s"}
NAN = math.nan

needs_vectors = pytest.mark.skipif(not BY_ID, reason="../shared/vectors is not beside this checkout")


@pytest.mark.real_data
@needs_vectors
def test_published_grid_of_a_proportion() -> None:
    vector = BY_ID["funnel_limits_proportion"]
    average = vector["sum_numerator"] / vector["sum_denominator"]
    limits = funnel.proportion_limits([row["population"] for row in vector["expected_grid"]], average)
    assert list(limits.columns) == ["lower_95", "upper_95", "lower_998", "upper_998"]
    for ours, theirs in COLUMNS.items():
        expected = [row[theirs] / 100 for row in vector["expected_grid"]]
        np.testing.assert_allclose(limits[ours], expected, atol=1e-8)


@pytest.mark.real_data
@needs_vectors
def test_small_denominators_after_clipping() -> None:
    for row in BY_ID["funnel_limits_small_denominators"]["rows"]:
        limits = funnel.proportion_limits([row["population"]], row["average"]).iloc[0]
        for ours, theirs in COLUMNS.items():
            assert limits[ours] == pytest.approx(min(max(row[theirs] / 100, 0), 1), rel=1e-6, abs=1e-9)


@pytest.mark.real_data
@needs_vectors
def test_rate_limits_pass_through_the_published_ratio_curve() -> None:
    # Published limits come from a bisection that stops at 1e-7 of the expected count.
    for row in BY_ID["funnel_limits_ratio"]["expected_grid"]:
        for ours, theirs in COLUMNS.items():
            limits = funnel.rate_limits([row[f"{theirs}_exp_events"]], 1.0)
            assert limits[ours][0] * 100 == pytest.approx(row[f"{theirs}_isr"], rel=1e-5)


@pytest.mark.real_data
@needs_vectors
def test_rate_limits_of_three_years_of_data() -> None:
    vector = BY_ID["funnel_limits_rate_dsr_3_years"]
    events = [row["events"] for row in vector["inputs"]]
    average = sum(events) / sum(row["events"] / row["rate"] * 1e5 for row in vector["inputs"])
    for row in vector["expected_grid"]:
        assert average * 1e5 == pytest.approx(row["baseline"], rel=1e-8)
        for ours, theirs in COLUMNS.items():
            size = row[f"{theirs}_population_1_year"] * vector["years_of_data"]
            limits = funnel.rate_limits([size], average)
            assert limits[ours][0] * 1e5 == pytest.approx(row[f"{theirs}_limit"], rel=1e-5)


@pytest.mark.real_data
@needs_vectors
def test_expected_events_are_the_exact_interval_of_the_count() -> None:
    for row in BY_ID["poisson_funnel_expected_events"]["rows"]:
        for name, low, high, near in (
            ("95", row["low_025"], row["high_025"], 5e-6),
            ("998", row["low_001"], row["high_001"], 5e-5),
        ):
            lower = funnel.rate_limits([high], 1.0)[f"lower_{name}"][0] * high
            assert lower == pytest.approx(row["observed"], rel=near, abs=1e-4)
            if low > 0:
                upper = funnel.rate_limits([low], 1.0)[f"upper_{name}"][0] * low
                assert upper == pytest.approx(row["observed"], rel=near, abs=1e-4)


averages = st.floats(0.001, 0.999)


@given(average=averages, n=st.integers(1, 100_000), kind=st.sampled_from(["proportion", "rate"]))
def test_limits_bracket_the_comparator_and_narrow_with_n(average: float, n: int, kind: str) -> None:
    limits_of = funnel.proportion_limits if kind == "proportion" else funnel.rate_limits
    few, many = limits_of([n, 4 * n], average).to_dict("records")
    for row in (few, many):
        assert row["lower_998"] <= row["lower_95"] <= average <= row["upper_95"] <= row["upper_998"]
    for name in ("95", "998"):
        assert many[f"lower_{name}"] >= few[f"lower_{name}"] - 1e-12
        assert many[f"upper_{name}"] <= few[f"upper_{name}"] + 1e-12


def test_rows_keep_their_order_and_a_missing_denominator_its_place() -> None:
    limits = funnel.proportion_limits([400, None, 100], 0.5)
    # 0.5 +- 1.959964 x sqrt(0.25 / n).
    assert limits["upper_95"].tolist() == pytest.approx([0.5489991, NAN, 0.5979982], nan_ok=True)
    assert limits["lower_998"].tolist() == pytest.approx([0.4227442, NAN, 0.3454884], nan_ok=True)


def test_an_average_at_the_end_leaves_no_room() -> None:
    assert funnel.proportion_limits([10], 1.0).iloc[0].tolist() == [1, 1, 1, 1]
    classified = funnel.classify([10, 9], [10, 10], 1.0)
    assert classified["class"].tolist() == ["within", "low_998"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: funnel.proportion_limits([0], 0.5), "denominators must be above zero, found 0"),
        (lambda: funnel.proportion_limits([5], 1.5), "average must be a fraction from 0 to 1, not 1.5"),
        (lambda: funnel.proportion_limits([5], -0.1), "average must not be negative, not -0.1"),
        (lambda: funnel.proportion_limits([5], NAN), "average must be one number"),
        (lambda: funnel.proportion_limits([5], 0.5, dispersion=0.5), "dispersion must be 1 or more, not 0.5"),
        (lambda: funnel.proportion_limits([math.inf], 0.5), "denominators must be finite"),
        (lambda: funnel.rate_limits([5], 0), "average must be above zero, not 0"),
        (lambda: funnel.classify([6], [5], 0.5), "numerator must not exceed its denominator, found 6 of 5"),
        (lambda: funnel.classify([1], [5], 0.5, kind="dsr"), "kind must be one of"),
        (lambda: funnel.classify([1], [5], 0.5, improvement_direction="up"), "improvement_direction"),
        (lambda: funnel.classify(1, 5, 0.5), "must be columns"),
    ],
)
def test_bad_input_is_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_classes_and_the_numbers_behind_them() -> None:
    # Comparator 0.5, n 100: limits 0.402-0.598 and 0.345-0.655.
    found = funnel.classify([66, 60, 50, 40, 34, None], [100] * 6, 0.5, improvement_direction="decrease")
    assert found["class"].tolist() == ["high_998", "high_95", "within", "low_95", "low_998", None]
    assert found["standing"].tolist() == ["worse", "worse", "similar", "better", "better", None]
    assert found["expected"].tolist() == [50] * 6
    assert found["excess"].tolist()[:5] == [16, 10, 0, -10, -16]
    assert found["z"].tolist()[:5] == pytest.approx([3.2, 2, 0, -2, -3.2])
    assert funnel.class_counts(found) == {
        "high_998": 1,
        "high_95": 1,
        "within": 1,
        "low_95": 1,
        "low_998": 1,
    }
    assert funnel.classify([66], [100], 0.5)["standing"].tolist() == [None]


def test_a_rate_is_classified_by_its_exact_limits() -> None:
    # 10 expected: the exact 95% interval of 17 is 9.9-27.2 and of 18 is 10.7-28.4, of 4 it is 1.09-10.24.
    found = funnel.classify([17, 18, 4, 3], [1000] * 4, 0.01, kind="rate")
    assert found["class"].tolist() == ["within", "high_95", "within", "low_95"]


def test_overdispersion_is_winsorised_and_never_narrows() -> None:
    n = np.full(10, 10_000.0)
    z = np.array([-30.0, -4, -3, -2, -1, 1, 2, 3, 4, 50])
    x = n * 0.5 + z * np.sqrt(n * 0.25)
    found = funnel.overdispersion(x, n, 0.5)
    # The two ends become -4 and 4: the mean square is (4 x 16 + 2 x 9 + 2 x 4 + 2 x 1) / 10 = 9.2.
    assert found.ratio == pytest.approx(math.sqrt(9.2))
    assert found.factor == found.ratio
    assert found.organisations == 10
    calm = funnel.overdispersion(n * 0.5, n, 0.5)
    assert (calm.ratio, calm.factor) == (0, 1)


def test_overdispersion_needs_ten_organisations() -> None:
    few = funnel.overdispersion([10.0, 90] * 4, [100.0] * 8, 0.5)
    assert math.isnan(few.ratio)
    assert (few.factor, few.organisations) == (1, 8)
    with_gap = funnel.overdispersion([None, *[10.0, 90] * 5], [100.0] * 11, 0.5)
    assert with_gap.organisations == 10
    assert with_gap.ratio == pytest.approx(8)


def test_widened_limits() -> None:
    plain, wide = funnel.proportion_limits([100], 0.5), funnel.proportion_limits([100], 0.5, dispersion=2)
    assert wide["upper_95"][0] - 0.5 == pytest.approx(2 * (plain["upper_95"][0] - 0.5))
    assert wide["upper_998"][0] == pytest.approx(0.8090232)
    rate, widened = funnel.rate_limits([1000], 0.01), funnel.rate_limits([1000], 0.01, dispersion=3)
    assert widened["upper_95"][0] - 0.01 == pytest.approx(3 * (rate["upper_95"][0] - 0.01))
    assert widened["lower_998"][0] == 0
    x, n = [60, 40], [100, 100]
    assert funnel.classify(x, n, 0.5, dispersion=2)["class"].tolist() == ["within", "within"]


def test_grid_starts_low_only_where_sizes_differ_much() -> None:
    wide = funnel.denominator_grid([50, 101])
    assert (wide[0], round(wide[-1]), len(wide)) == (1, 101, 100)
    assert np.all(np.diff(np.diff(wide)) > 0)
    assert funnel.denominator_grid([50, 100])[0] == 50
    assert len(funnel.denominator_grid([])) == 0


@pytest.mark.parametrize("kind", ("proportion", "rate"))
def test_those_beyond_the_outer_limits_are_those_that_classes_count(kind: str) -> None:
    numbers = np.random.default_rng(7)
    sizes = numbers.integers(20, 5_000, 200).astype(float)
    counts = numbers.binomial(sizes.astype(int), numbers.uniform(0.1, 0.3, 200)).astype(float)
    classes = funnel.class_counts(funnel.classify(counts, sizes, 0.2, kind=kind))
    found = funnel.beyond_outer_limits(counts, sizes, 0.2, kind=kind)
    assert found == classes[funnel.HIGH_998] + classes[funnel.LOW_998] > 0
