"""Control charts: rules, profiles, phases, gaps, bad input, and the plain oracle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stp_dash.statistics import spc
from stp_dash.statistics.profiles import DIRECTIONS, PROFILES, RULES
from tests.support.plain_spc import plain_analyse

NAN = math.nan
STEADY = [50.0, 52, 48, 51, 49, 50, 53, 47, 50, 51, 49, 52]

values = st.one_of(
    st.integers(-20, 20).map(float), st.integers(-200, 200).map(lambda n: n / 10), st.just(NAN)
)
series_values = st.lists(values, min_size=1, max_size=40)
directions = st.sampled_from(DIRECTIONS)
profiles = st.sampled_from(sorted(PROFILES))


@st.composite
def walks(draw: st.DrawFn) -> list[float]:
    """Series with long runs and rises, which uniform numbers seldom have."""
    steps = draw(st.lists(st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 1.0, 1.0]), min_size=8, max_size=40))
    walk = list(np.cumsum(steps))
    for gap in draw(st.lists(st.integers(0, len(walk) - 1), max_size=2)):
        walk[gap] = NAN
    return [float(v) for v in walk]


any_series = st.one_of(series_values, walks())


@settings(max_examples=300, deadline=None)
@given(
    series=any_series,
    direction=directions,
    profile=profiles,
    target=st.one_of(st.none(), st.integers(-20, 20).map(float)),
    cuts=st.sets(st.integers(1, 39), max_size=3),
    baseline=st.one_of(st.none(), st.integers(1, 20)),
)
def test_agrees_with_the_plain_oracle(
    series: list[float],
    direction: str,
    profile: str,
    target: float | None,
    cuts: set[int],
    baseline: int | None,
) -> None:
    rebase_at = sorted(c for c in cuts if c < len(series))
    result = spc.analyse(
        series,
        improvement_direction=direction,
        target=target,
        rebase_at=rebase_at,
        baseline_points=baseline,
        profile=profile,
    )
    points, types, variation, assurance = plain_analyse(
        series, direction, target, rebase_at, baseline, profile
    )
    frame = result.points
    columns = ("value", "mean", "lower_process_limit", "upper_process_limit")
    for column, expected in zip(columns, list(zip(*points, strict=True))[:4], strict=True):
        np.testing.assert_allclose(frame[column], expected, rtol=1e-9, atol=1e-9, equal_nan=True)
    broken = [tuple(r for r in RULES if r in {name for name, _ in point[4]}) for point in points]
    assert list(frame["rules"]) == broken
    assert list(frame["point_type"]) == types
    assert (result.variation, result.assurance) == (variation, assurance)
    marked = [{(s.rule, s.direction) for s in result.signals_at(i)} for i in range(len(series))]
    assert marked == [point[4] for point in points]


@settings(max_examples=50, deadline=None)
@given(
    page=st.integers(2, 20).flatmap(
        lambda n: st.lists(
            st.tuples(
                st.lists(values, min_size=n, max_size=n), directions, st.integers(-5, 5), st.integers(1, 19)
            ),
            min_size=1,
            max_size=6,
        )
    ),
    profile=profiles,
)
def test_a_page_is_the_same_as_each_series_alone(page: list[Any], profile: str) -> None:
    rows = [row for row, *_ in page]
    ways = [direction for _, direction, *_ in page]
    targets = [float(target) if target else None for *_, target, _ in page]
    cuts = [[cut] if cut < len(rows[0]) else [] for *_, cut in page]
    many = spc.analyse_many(
        np.array(rows), improvement_direction=ways, target=targets, rebase_at=cuts, profile=profile
    )
    for place, one in enumerate(many):
        alone = spc.analyse(
            rows[place],
            improvement_direction=ways[place],
            target=targets[place],
            rebase_at=cuts[place],
            profile=profile,
        )
        pd.testing.assert_frame_equal(one.points, alone.points)
        assert (one.variation, one.assurance) == (alone.variation, alone.assurance)
        assert [(p.first, p.last, p.values) for p in one.phases] == [
            (p.first, p.last, p.values) for p in alone.phases
        ]


@settings(max_examples=200, deadline=None)
@given(
    series=st.lists(st.one_of(st.integers(-500, 500).map(float), st.just(NAN)), min_size=1, max_size=30),
    shift=st.integers(-500, 500),
    scale=st.sampled_from([0.125, 0.5, 3.0, 64.0]),
    profile=profiles,
)
def test_moving_and_stretching_a_series_changes_no_flag(
    series: list[float], shift: int, scale: float, profile: str
) -> None:
    base = spc.analyse(series, improvement_direction="increase", target=10.0, profile=profile)
    moved = spc.analyse(
        [v + shift for v in series], improvement_direction="increase", target=10.0 + shift, profile=profile
    )
    stretched = spc.analyse(
        [v * scale for v in series], improvement_direction="increase", target=10.0 * scale, profile=profile
    )
    for other in (moved, stretched):
        assert other.rules == base.rules
        assert other.point_types == base.point_types
        assert (other.variation, other.assurance) == (base.variation, base.assurance)
    np.testing.assert_allclose(moved.mean, base.mean + shift, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(stretched.upper_process_limit, base.upper_process_limit * scale, rtol=1e-9)


@settings(max_examples=200, deadline=None)
@given(series=any_series, target=st.integers(-20, 20).map(float), profile=profiles)
def test_improvement_and_concern_mirror_each_other(
    series: list[float], target: float | None, profile: str
) -> None:
    up = spc.analyse(series, improvement_direction="increase", target=target, profile=profile)
    down = spc.analyse(
        [-v for v in series],
        improvement_direction="decrease",
        target=None if target is None else -target,
        profile=profile,
    )
    assert up.point_types == down.point_types
    assert up.rules == down.rules
    assert up.assurance == down.assurance
    mirrored = {"high": "low", "low": "high"}
    kind, _, side = (up.variation or "").partition("_")
    expected = up.variation if side not in mirrored else f"{kind}_{mirrored[side]}"
    assert down.variation == expected


# --- the four faults known of other implementations --------------------------------------------------------------


def test_two_in_three_does_not_count_across_the_mean() -> None:
    # Ranges 2, mean 1, 2-sigma lines at -2.55 and 4.55: two near points whose neighbour is below the mean.
    series = [0.0, 2] * 7 + [0, 0, 5, 0.5, 5.1, 0]
    for profile in PROFILES:
        result = spc.analyse(series, improvement_direction="increase", baseline_points=14, profile=profile)
        assert all(rules == () for rules in result.rules)
    together = [*series[:16], 5, 1.5, 5.1, 0]
    result = spc.analyse(together, improvement_direction="increase", baseline_points=14)
    assert [i for i, r in enumerate(result.rules) if "two_in_three" in r] == [16, 18]
    assert result.points["point_type"].iloc[17] == "common_cause"


def test_a_seven_point_trend_takes_its_colour_from_the_movement() -> None:
    series = [5.0, 8, 2, 8, 2, 8, 1, 2.5, 4, 5.5, 7, 8.5, 9.5, 5, 2, 8, 2, 8]
    for profile in PROFILES:
        rising = spc.analyse(series, improvement_direction="increase", profile=profile)
        assert set(rising.point_types[6:13]) == {"improvement"}
        assert set(rising.point_types[:6]) == {"common_cause"}
        worse = spc.analyse(series, improvement_direction="decrease", profile=profile)
        assert set(worse.point_types[6:13]) == {"concern"}


def test_missing_values_make_no_special_cause() -> None:
    rising = [1.0, 2, 3, NAN, 4, 5, 6, 7, 1, 9, 2, 8, 1, 9]
    result = spc.analyse(rising, improvement_direction="increase")
    assert all("trend" not in rules for rules in result.rules)
    shifted = [0.0, 9, 0, 9, 0, 9, 6, 6.1, 6, NAN, 6.2, 6, 6.1, 0, 9]
    result = spc.analyse(shifted, improvement_direction="increase")
    assert all("shift" not in rules for rules in result.rules)
    assert result.rules[9] == ()
    assert result.point_types[9] == "common_cause"
    # No moving range across the gap: 10 and 30 are both flat, so the limits are the mean.
    flat = spc.analyse([10.0, 10, NAN, 30, 30], improvement_direction="increase")
    assert flat.upper_process_limit[0] == flat.mean[0] == 20


def test_assurance_after_a_rebase_uses_the_last_phase() -> None:
    series = [60.0, 62] * 10 + [90.0, 92] * 10
    whole = spc.analyse(series, improvement_direction="increase", target=80.0)
    rebased = spc.analyse(series, improvement_direction="increase", target=80.0, rebase_at=[20])
    assert rebased.assurance == "pass"
    assert whole.assurance != "pass"
    worse = spc.analyse(series[::-1], improvement_direction="increase", target=80.0, rebase_at=[20])
    assert worse.assurance == "fail"


# --- rules at their edges ----------------------------------------------------------------------------------------


def test_order_of_rules_and_names() -> None:
    result = spc.analyse([float(n) for n in range(20)], improvement_direction="increase")
    assert result.rules[0] == ("astronomical", "trend", "two_in_three", "shift")
    assert list(result.points.columns) == [
        "value",
        "mean",
        "lower_process_limit",
        "upper_process_limit",
        "rules",
        "point_type",
    ]


def test_a_turn_counts_both_ways_nationally_and_to_the_later_trend_in_nhs_r() -> None:
    series = [50.0, 40] * 7 + [41, 42, 43, 44, 45, 46, 47, 46.5, 45.5, 44.5, 43.5, 42.5, 41.5]
    turn = 20
    national = spc.analyse(series, improvement_direction="increase")
    nhs_r = spc.analyse(series, improvement_direction="increase", profile="nhs-r")
    assert national.point_types[turn] == "improvement"
    assert nhs_r.point_types[turn] == "concern"
    assert {s.direction for s in national.signals_at(turn)} == {"high", "low"}
    assert {s.direction for s in nhs_r.signals_at(turn)} == {"low"}
    assert nhs_r.point_types[turn - 1] == "improvement"


def test_constant_series() -> None:
    constant = [100.0] * 14
    national = spc.analyse(constant, improvement_direction="increase", target=95.0)
    assert (national.lower_process_limit[0], national.upper_process_limit[0]) == (100, 100)
    assert national.assurance == "pass"
    assert set(national.rules) == {()}
    assert spc.analyse(constant, improvement_direction="increase", target=100.0).assurance is None
    nhs_r = spc.analyse(constant, improvement_direction="increase", target=95.0, profile="nhs-r")
    assert np.isnan(nhs_r.upper_process_limit).all()
    assert nhs_r.mean[0] == 100
    assert nhs_r.assurance == "hit_or_miss"


def test_float_noise_in_a_constant_series_marks_nothing() -> None:
    noisy = [0.1 + 0.2, 0.3] * 10
    for profile in PROFILES:
        result = spc.analyse(noisy, improvement_direction="increase", profile=profile)
        assert set(result.rules) == {()}


def test_short_series_has_trial_limits_and_no_icons_in_national() -> None:
    twelve = spc.analyse(STEADY, improvement_direction="increase", target=80.0)
    assert twelve.trial_limits
    assert (twelve.variation, twelve.assurance) == (None, None)
    assert not np.isnan(twelve.upper_process_limit).any()
    thirteen = spc.analyse([*STEADY, 50], improvement_direction="increase", target=80.0)
    assert not thirteen.trial_limits
    assert (thirteen.variation, thirteen.assurance) == ("common_cause", "fail")
    package = spc.analyse(STEADY, improvement_direction="increase", target=80.0, profile="nhs-r")
    assert package.trial_limits
    assert (package.variation, package.assurance) == ("common_cause", "fail")


def test_thirteen_counts_values_of_the_last_phase_not_periods() -> None:
    series = [*STEADY, *STEADY, NAN]
    assert spc.analyse(series, improvement_direction="increase").variation == "common_cause"
    assert spc.analyse(series, improvement_direction="increase", rebase_at=[12]).variation is None


def test_icon_is_from_the_latest_value_never_an_earlier_signal() -> None:
    series = [*STEADY, 80.0, *STEADY[:8]]
    past = spc.analyse(series, improvement_direction="increase")
    assert "astronomical" in past.rules[12]
    assert past.variation == "common_cause"
    latest_missing = spc.analyse([*STEADY, 80.0, NAN], improvement_direction="decrease")
    assert latest_missing.variation == "concern_high"


def test_limits_are_computed_unclipped_and_shown_clipped() -> None:
    result = spc.analyse([2.0, 8, 1, 9, 0, 7, 3], improvement_direction="increase")
    assert result.lower_process_limit[0] < 0
    lower, upper = result.shown_limits()
    assert lower[0] == 0
    assert upper[0] == result.upper_process_limit[0]


def test_baseline_counts_missing_periods_in_each_phase() -> None:
    series = [1.0, NAN, 3, 100, 100, 10, 20, 30, 500]
    result = spc.analyse(series, improvement_direction="increase", baseline_points=3, rebase_at=[5])
    assert result.mean[0] == 2
    assert np.isnan(result.upper_process_limit[0])
    assert result.mean[5] == 20
    assert result.upper_process_limit[5] == pytest.approx(20 + 26.6)


def test_a_series_without_values() -> None:
    result = spc.analyse([NAN, NAN], improvement_direction="increase", target=1.0)
    assert (result.variation, result.assurance, result.latest) == (None, None, None)
    assert np.isnan(result.mean).all()
    empty = spc.analyse([], improvement_direction="increase", target=1.0)
    assert len(empty.points) == 0
    assert (empty.variation, empty.phases, empty.trial_limits) == (None, (), True)


def test_results_cannot_be_changed_and_do_not_follow_the_input() -> None:
    given_values = np.array(STEADY)
    result = spc.analyse(given_values, improvement_direction="increase")
    given_values[0] = 999
    assert result.values[0] == 50
    for array in (result.values, result.mean, result.signals):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_missing_values_may_be_none_or_pandas_missing() -> None:
    expected = spc.analyse([1.0, NAN, 3], improvement_direction="increase").points
    for given_values in ([1, None, 3], pd.Series([1, None, 3], dtype="Float64"), pd.array([1, None, 3])):
        pd.testing.assert_frame_equal(
            spc.analyse(given_values, improvement_direction="increase").points, expected
        )
    masked = np.ma.array([1, 2, 3], mask=[False, True, False])
    pd.testing.assert_frame_equal(spc.analyse(masked, improvement_direction="increase").points, expected)


BAD = [
    ({"improvement_direction": "up"}, "improvement_direction must be one of .* not 'up'"),
    ({"improvement_direction": None}, "improvement_direction"),
    ({"profile": "pbi"}, "profile must be one of national, nhs-r, not 'pbi'"),
    ({"values": [1, math.inf]}, "values must be finite, found inf"),
    ({"values": [1, -math.inf]}, "values must be finite, found -inf"),
    ({"values": [1e200, 1]}, "values must be finite"),
    ({"values": ["1", "2"]}, "values must be numbers, not '1'"),
    ({"values": [1, "x"]}, "values must be numbers"),
    ({"values": [True, False]}, "values must be numbers, not True"),
    ({"values": [[1, 2]]}, "values must be one series"),
    ({"target": NAN}, "target"),
    ({"target": math.inf}, "target must be finite"),
    ({"target": "80"}, "target must be numbers, not '80'"),
    ({"rebase_at": [3]}, "rebase_at must lie within the series of 3 points, not at 3"),
    ({"rebase_at": [-1]}, "rebase_at must be a whole number of at least 0, not -1"),
    ({"rebase_at": [1.5]}, "rebase_at must be a whole number"),
    ({"rebase_at": [2, 1]}, "rebase_at must be in order and without repeats: 1 follows 2"),
    ({"rebase_at": [1, 1]}, "rebase_at must be in order"),
    ({"baseline_points": 0}, "baseline_points must be a whole number of at least 1, not 0"),
    ({"baseline_points": 2.0}, "baseline_points"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_bad_input_is_named(wrong: dict[str, Any], message: str) -> None:
    arguments = {"values": [1.0, 2.0, 3.0], "improvement_direction": "increase"} | wrong
    with pytest.raises(ValueError, match=message):
        spc.analyse(arguments.pop("values"), **arguments)


def test_bad_pages_are_named() -> None:
    page = np.ones((2, 5))
    with pytest.raises(ValueError, match="series x points"):
        spc.analyse_many(np.ones(5), improvement_direction="increase")
    with pytest.raises(ValueError, match="values must be of one length throughout"):
        spc.analyse_many([[1.0, 2.0], [1.0]], improvement_direction="increase")
    with pytest.raises(ValueError, match="improvement_direction must be one for all or 2"):
        spc.analyse_many(page, improvement_direction=["increase"])
    with pytest.raises(ValueError, match="target must be one for all or 2"):
        spc.analyse_many(page, improvement_direction="increase", target=[1, 2, 3])
    with pytest.raises(ValueError, match="rebase_at must be one for all or 2"):
        spc.analyse_many(page, improvement_direction="increase", rebase_at=[[1], [2], [3]])
