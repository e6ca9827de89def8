"""The g chart against a slow oracle written from the formulae, and vectors worked by hand."""

from __future__ import annotations

from math import isclose, log, nan, sqrt
from random import Random

import pytest

from stp_dash.statistics.rare.g_chart import analyse_chances_between


def plain_runs(counts: list[float], middle: float) -> set[int]:
    """The places in runs of seven or more on one side, found window by window."""
    marked = set()
    for start in range(len(counts) - 6):
        window = counts[start : start + 7]
        if all(item > middle for item in window) or all(item < middle for item in window):
            marked |= set(range(start, start + 7))
    return marked


@pytest.mark.parametrize("seed", range(20))
def test_limits_and_runs_are_those_of_the_formulae(seed: int) -> None:
    random = Random(seed)
    counts = [float(int(random.expovariate(1 / 8))) for _ in range(random.randint(1, 60))]
    found = analyse_chances_between(counts, improvement_direction="increase")
    mean = sum(counts) / len(counts)
    assert isclose(found.mean[0], log(2) * mean, abs_tol=1e-12)
    assert isclose(found.upper_process_limit[0], mean + 3 * sqrt(mean * (mean + 1)), abs_tol=1e-12)
    assert found.lower_process_limit[0] == 0
    shifts = {place for place, rules in enumerate(found.rules) if "shift" in rules}
    assert shifts == plain_runs(counts, log(2) * mean)
    beyond = {place for place, rules in enumerate(found.rules) if "astronomical" in rules}
    assert beyond == {
        place for place, item in enumerate(counts) if item > found.upper_process_limit[0] + 1e-6
    }


def test_a_vector_worked_by_hand() -> None:
    # Mean 3: limit 3 + 3 sqrt(12) = 13.392; the middle line 3 ln 2 = 2.079.
    found = analyse_chances_between([0, 4, 2, 6, 3], improvement_direction="increase")
    assert found.upper_process_limit[0] == pytest.approx(13.3923, abs=1e-4)
    assert found.mean[0] == pytest.approx(2.0794, abs=1e-4)
    assert not any(found.rules)
    assert found.variation is None


def test_phases_and_icons() -> None:
    short = [0, 1, 0, 1, 0, 1, 0]
    counts = [9, 12, 8, 11, 10, 9, 13, 8, 10, 11, 9, 12, 10, *short]
    found = analyse_chances_between(counts, improvement_direction="increase")
    assert found.variation == "concern_low"
    restarted = analyse_chances_between(counts, improvement_direction="increase", rebase_at=(13,))
    assert restarted.phases[1].mean == pytest.approx(log(2) * 3 / 7)
    assert restarted.variation is None
    gap = analyse_chances_between([nan, 3], improvement_direction="increase")
    assert gap.latest == 1


@pytest.mark.parametrize("counts", [[-1.0], [1.5], [[1.0]]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    with pytest.raises(ValueError, match="counts must be"):
        analyse_chances_between(counts, improvement_direction="increase")
