"""The t chart against a slow oracle written from the formulae, and vectors worked by hand."""

from __future__ import annotations

from itertools import pairwise
from math import isclose, isnan, nan
from random import Random

import pytest

from stp_dash.statistics.rare.t_chart import analyse_times_between


def plain_limits(times: list[float]) -> tuple[float, float, float]:
    """Middle line and limits by Nelson's transformation and individuals' moving ranges, step by step."""
    roots = [time ** (1 / 3.6) for time in times]
    known = [root for root in roots if not isnan(root)]
    steps = [abs(after - before) for before, after in pairwise(roots)]
    ranges = [step for step in steps if not isnan(step)]
    mean, spread = sum(known) / len(known), 2.66 * sum(ranges) / len(ranges)
    return mean**3.6, max(0.0, mean - spread) ** 3.6, (mean + spread) ** 3.6


@pytest.mark.parametrize("seed", range(20))
def test_limits_are_those_of_the_formulae(seed: int) -> None:
    random = Random(seed)
    times = [float(int(random.expovariate(1 / 20))) for _ in range(random.randint(6, 40))]
    if seed % 3 == 0:
        times[random.randrange(len(times))] = nan
    found = analyse_times_between(times, improvement_direction="increase")
    middle, lower, upper = plain_limits(times)
    assert isclose(found.mean[0], middle, rel_tol=1e-9, abs_tol=1e-12)
    assert isclose(found.lower_process_limit[0], lower, rel_tol=1e-9, abs_tol=1e-12)
    assert isclose(found.upper_process_limit[0], upper, rel_tol=1e-9)


def test_a_vector_worked_by_hand() -> None:
    # Roots 1, 2, 1, 2: mean 1.5, each range 1, limits 1.5 - 2.66 (none) and 4.16, all to the power 3.6.
    found = analyse_times_between([1, 2**3.6, 1, 2**3.6], improvement_direction="increase", target=8)
    assert isclose(found.mean[0], 1.5**3.6)
    assert found.lower_process_limit[0] == 0
    assert isclose(found.upper_process_limit[0], 4.16**3.6)
    assert (found.target, found.values.tolist()[0]) == (8, 1)


def test_rules_are_those_of_the_national_chart_and_icons_follow_the_direction() -> None:
    steady = [20, 25, 18, 22, 19, 24, 21, 23, 20, 22, 19, 24, 21]
    found = analyse_times_between([*steady, 400], improvement_direction="increase")
    assert found.rules[-1] == ("astronomical",)
    assert found.variation == "improvement_high"
    assert analyse_times_between([*steady, 400], improvement_direction="decrease").variation == "concern_high"
    run = analyse_times_between([*steady, *([5] * 7)], improvement_direction="increase", rebase_at=(13,))
    assert run.phases[1].mean == pytest.approx(5)
    assert run.variation is None


def test_two_events_on_a_day_are_no_days_apart_and_nothing_is_shorter() -> None:
    found = analyse_times_between([0, 3, 0, 7, 1], improvement_direction="increase")
    assert not isnan(found.mean[0])
    with pytest.raises(ValueError, match="0 or more"):
        analyse_times_between([-1, 3], improvement_direction="increase")
    assert len(analyse_times_between([], improvement_direction="increase")) == 0
