"""The t chart: days between events, under limits that fit waiting times (Nelson 1994)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stp_dash.statistics.arguments import FloatArray, Numbers, finite_number, numbers
from stp_dash.statistics.results import AnalysedSeries
from stp_dash.statistics.spc import analyse
from stp_dash.statistics.xmr import tolerances

POWER = 3.6
"""Times between events that come at random are exponential; their 3.6th root is very nearly normal."""


def analyse_times_between(
    times: Numbers,
    *,
    improvement_direction: str,
    target: float | None = None,
    rebase_at: Sequence[int] = (),
    baseline_points: int | None = None,
    profile: str = "national",
) -> AnalysedSeries:
    """Annotate times between one event and the next, in order, 0 or more, NaN (or None) where one is not known.

    x = t ** (1 / 3.6) is analysed as an XmR chart with all its rules, and mean and limits are taken back by x ** 3.6;
    a lower limit below 0 is 0, as no time is shorter. The middle line is so not the mean of the times, but near their
    median. Nelson, "A Control Chart for Parts-Per-Million Nonconforming Items", Journal of Quality Technology 26 (1994)
    239-240; Montgomery, "Introduction to Statistical Quality Control", 7.3.3. Arguments and errors as of `analyse`;
    also ValueError for a time below 0.
    """
    given = numbers(times, "times")
    if (given[~np.isnan(given)] < 0).any():
        raise ValueError("times must be 0 or more")
    goal = None if target is None else finite_number(target, "target")
    found = analyse(
        given ** (1 / POWER),
        improvement_direction=improvement_direction,
        target=None if goal is None else max(goal, 0.0) ** (1 / POWER),
        rebase_at=rebase_at,
        baseline_points=baseline_points,
        profile=profile,
    )
    return replace(
        found,
        values=given,
        mean=_back(found.mean),
        lower_process_limit=_back(found.lower_process_limit),
        upper_process_limit=_back(found.upper_process_limit),
        tolerance=float(tolerances(given.reshape(-1, 1))[0]),
        target=goal,
    )


def _back(transformed: FloatArray) -> FloatArray:
    back: FloatArray = np.maximum(transformed, 0.0) ** POWER
    return back
