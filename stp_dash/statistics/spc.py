"""Control charts in the Making Data Count manner: XmR limits, four rules and two icons, under a named rule profile.

`analyse` takes one series, `analyse_many` a page of them in one call. Both annotate and round nothing; charts,
icons, sentences and tables all read the one result. `docs/statistics.md` has every rule, its source and our deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from stp_dash.statistics import xmr
from stp_dash.statistics.annotation import annotated, assurances, variations
from stp_dash.statistics.arguments import FloatArray, Numbers, finite_number, numbers, one_of, whole_number
from stp_dash.statistics.profiles import DIRECTIONS, PROFILES
from stp_dash.statistics.results import AnalysedMany, AnalysedSeries

_Scalar = TypeVar("_Scalar", bound=np.generic)


def analyse(
    values: Numbers,
    *,
    improvement_direction: str,
    target: float | None = None,
    rebase_at: Sequence[int] = (),
    baseline_points: int | None = None,
    profile: str = "national",
) -> AnalysedSeries:
    """Annotate one series, given as one value for every period in order, NaN (or None) where there is none.

    improvement_direction: `increase`, `decrease` or `neutral`.
    target: the standard for the assurance icon, in the unit of the values.
    rebase_at: 0-based positions of the first point of each new phase, in order (`rebase_positions` finds them).
    baseline_points: take the mean and the moving ranges from this many first periods of each phase.
    profile: a name of PROFILES.

    An empty series gives no rows and no variation. Raises ValueError, naming the argument and the value, for
    anything that is not a finite number or missing, and for an unknown direction or profile.
    """
    row = numbers(values, "values")
    if row.ndim != 1:
        raise ValueError(f"values must be one series, not an array of {row.ndim} dimensions")
    goal = None if target is None else finite_number(target, "target")
    return analyse_many(
        row.reshape(1, -1),
        improvement_direction=improvement_direction,
        target=goal,
        rebase_at=tuple(rebase_at),
        baseline_points=baseline_points,
        profile=profile,
    )[0]


def analyse_many(
    values: Sequence[Sequence[float]] | FloatArray,
    *,
    improvement_direction: str | Sequence[str],
    target: float | Sequence[float | None] | FloatArray | None = None,
    rebase_at: Sequence[int] | Sequence[Sequence[int]] = (),
    baseline_points: int | None = None,
    profile: str = "national",
) -> AnalysedMany:
    """Annotate a page of series in one pass: `values` is series x points, NaN where a period has no value.

    `improvement_direction`, `target` and `rebase_at` hold for every series, or have one entry per series (a
    target of NaN or None there means none). Fill a series that starts or ends early with NaN **at the end**.
    Otherwise as `analyse`, with the same errors.
    """
    array = numbers(values, "values")
    if array.ndim != 2:
        raise ValueError(f"values must be series x points, not an array of {array.ndim} dimensions")
    rules = PROFILES[one_of(profile, "profile", PROFILES)]
    rows, points = array.shape
    baseline = None if baseline_points is None else whole_number(baseline_points, "baseline_points", 1)
    directions = _directions(improvement_direction, rows)
    targets = _targets(target, rows)
    starts = _rebases(rebase_at, rows, points)
    columns = array.T.copy(order="C")
    tolerance = xmr.tolerances(columns)
    found = annotated(columns, tolerance, starts, baseline, rules)
    return AnalysedMany(
        _read_only(columns),
        _read_only(found.mean),
        _read_only(found.lower),
        _read_only(found.upper),
        _read_only(found.signals),
        tolerance,
        directions,
        targets,
        starts,
        baseline,
        rules,
        variations(columns, found, directions, rules),
        assurances(targets, tolerance, found, directions, rules),
    )


def _directions(given: str | Sequence[str], rows: int) -> tuple[str, ...]:
    if isinstance(given, str):
        return (one_of(given, "improvement_direction", DIRECTIONS),) * rows
    if not isinstance(given, Sequence) or len(given) != rows:
        raise ValueError(f"improvement_direction must be one for all or {rows} of them, not {given!r}")
    return tuple(one_of(direction, "improvement_direction", DIRECTIONS) for direction in given)


def _targets(given: object, rows: int) -> FloatArray:
    """One target per series, NaN for none."""
    if given is None:
        return np.full(rows, np.nan)
    targets = numbers(given, "target")
    if targets.ndim == 0:
        return np.full(rows, finite_number(given, "target"))
    if targets.shape != (rows,):
        raise ValueError(f"target must be one for all or {rows} of them, not {targets.size}")
    return targets


def _rebases(
    given: Sequence[int] | Sequence[Sequence[int]], rows: int, points: int
) -> tuple[tuple[int, ...], ...]:
    """For each series the checked starts of its phases after the first."""
    entries = tuple(given)
    if not any(isinstance(entry, (Sequence, np.ndarray)) for entry in entries):
        return (_checked_rebases(cast("Sequence[int]", entries), points),) * rows
    if len(entries) != rows:
        raise ValueError(f"rebase_at must be one for all or {rows} of them, not {len(entries)}")
    return tuple(_checked_rebases(tuple(cast("Sequence[int]", entry)), points) for entry in entries)


def _checked_rebases(given: Sequence[int], points: int) -> tuple[int, ...]:
    positions = tuple(whole_number(position, "rebase_at", 0) for position in given)
    for before, after in pairwise(positions):
        if after <= before:
            raise ValueError(f"rebase_at must be in order and without repeats: {after} follows {before}")
    if positions and positions[-1] >= points:
        raise ValueError(f"rebase_at must lie within the series of {points} points, not at {positions[-1]}")
    return tuple(position for position in positions if position)


def _read_only(points_by_series: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """As series x points, which nobody can change."""
    view = points_by_series.T
    view.flags.writeable = False
    return view
