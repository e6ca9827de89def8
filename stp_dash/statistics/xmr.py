"""The arithmetic of XmR charts over many series at once: limits and the four rules, one phase at a time.

Arrays here are points x series, so that one row holds the same period of every series. `spc` is the way in.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from stp_dash.statistics.arguments import FloatArray, Numbers, numbers
from stp_dash.statistics.profiles import FIRM_FROM, RUN_LENGTH, Profile

_LIMIT_FACTOR = 2.66
_NEAR_FACTOR = 2 / 3
_SCREENING_FACTOR = 3.267
_EQUALITY = 1e-9
_DEPENDENT = 0.5
_SMALLEST = float(np.nextafter(0.0, 1.0))
_TREND_BITS = 0x22
_1, _2, _4, _8, _15 = (np.uint8(n) for n in (1, 2, 4, 8, 15))

Bits = NDArray[np.uint8]
"""One byte per point: bits 0 to 3 are the rules of `profiles.RULES` broken upwards, 4 to 7 the same downwards."""


@dataclass(frozen=True, eq=False)
class Limits:
    """Of one phase: per series the `mean` and the `distance` from it to the limits, NaN where they cannot be had;
    how many `values` are present; between neighbouring points the size of the step, `ranges` (0 beside a missing
    value), and whether it falls."""

    mean: FloatArray
    distance: FloatArray
    values: NDArray[np.intp]
    ranges: FloatArray
    falling: NDArray[np.bool_]


def phase_bounds(points: int, rebase_at: tuple[int, ...]) -> list[tuple[int, int]]:
    """The first and last point of each phase; none for no points."""
    starts, ends = (0, *rebase_at), (*rebase_at, points)
    return [(first, end - 1) for first, end in zip(starts, ends, strict=True)] if points else []


def tolerances(columns: FloatArray) -> FloatArray:
    """Per series: numbers nearer than this are equal. Never 0, so that `>=` tolerance is a strict comparison."""
    highest = np.fmax.reduce(columns, axis=0, initial=0.0)
    lowest = np.fmin.reduce(columns, axis=0, initial=0.0)
    scale: FloatArray = _EQUALITY * np.maximum(highest, -lowest)
    return np.maximum(scale, _SMALLEST)


def limits(phase: FloatArray, tolerance: FloatArray, baseline: int | None, profile: Profile) -> Limits:
    """The limits of one phase, from its first `baseline` periods if given."""
    steps = phase[1:] - phase[:-1]
    falling = np.signbit(steps)
    ranges = np.abs(steps, out=steps)
    absent = np.isnan(ranges)
    np.copyto(ranges, 0.0, where=absent)
    used = len(phase) if baseline is None else baseline
    mean_range = _means(ranges[: used - 1], absent[: used - 1])
    if profile.screens_moving_ranges:
        mean_range = _screened(ranges[: used - 1], absent[: used - 1], mean_range, tolerance)
    missing = np.isnan(phase)
    filled = np.where(missing, 0.0, phase) if missing.any() else phase
    mean = _means(filled[:used], missing[:used])
    return Limits(mean, _LIMIT_FACTOR * mean_range, _present(missing), ranges, falling)


def _present(missing: NDArray[np.bool_]) -> NDArray[np.intp]:
    narrow = np.uint16 if len(missing) <= np.iinfo(np.uint16).max else np.intp
    absent: NDArray[np.intp] = np.add.reduce(missing, axis=0, dtype=narrow).astype(np.intp)
    return len(missing) - absent


def _means(block: FloatArray, missing: NDArray[np.bool_]) -> FloatArray:
    """The mean of each series over what is not missing, where `block` holds 0 instead; NaN without any."""
    counts = _present(missing)
    sums: FloatArray = np.add.reduce(block, axis=0)
    means: FloatArray = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return means


def _screened(
    ranges: FloatArray, absent: NDArray[np.bool_], mean_range: FloatArray, tolerance: FloatArray
) -> FloatArray:
    """The mean of the ranges strictly below 3.267 times their mean: one pass, as NHSRplotthedots 0.2.2."""
    kept = (ranges <= _SCREENING_FACTOR * mean_range - tolerance) & ~absent
    return _means(np.where(kept, ranges, 0.0), ~kept)


def signals(phase: FloatArray, found: Limits, tolerance: FloatArray, profile: Profile) -> Bits:
    """The rules that each point of one phase breaks."""
    distance = phase - found.mean
    below = np.signbit(distance)
    np.abs(distance, out=distance)
    side = _directed(distance >= tolerance, below)
    beyond = distance >= found.distance + tolerance
    near = distance >= found.distance * _NEAR_FACTOR + tolerance
    if not profile.near_includes_beyond:
        near &= ~beyond
    same_side = side[1:] & side[:-1]
    moves = _directed(found.ranges >= tolerance, found.falling)
    in_runs = _in_runs(moves * _2 | same_side * _8, profile)
    in_pairs = _two_in_three(side * near.view(np.uint8), same_side)
    return (side * beyond.view(np.uint8)) | in_runs | in_pairs * _4


def _directed(present: NDArray[np.bool_], downwards: NDArray[np.bool_]) -> Bits:
    """Bit 0 where the first holds and the second does not, bit 4 where both hold."""
    # 16 ** downwards; multiplying bytes is several times faster than shifting them.
    return present.view(np.uint8) * (downwards.view(np.uint8) * _15 + _1)


def _in_runs(steps: Bits, profile: Profile) -> Bits:
    """For each point the bits that last through six steps in a row, of which the point is an end or in between."""
    marked = np.zeros((len(steps) + 1, steps.shape[1]), dtype=np.uint8)
    if len(marked) < RUN_LENGTH:
        return marked
    two = steps[1:] & steps[:-1]
    six = two[:-4] & two[2:-2] & two[4:]
    for place in range(RUN_LENGTH):
        marked[place : place + len(six)] |= six
    if profile.later_trend_wins:
        _give_turns_to_later_trend(marked, steps)
    return marked


def _give_turns_to_later_trend(marked: Bits, steps: Bits) -> None:
    point, series = np.nonzero((marked & _TREND_BITS) == _TREND_BITS)
    marked[point, series] &= ~np.uint8(_TREND_BITS) | steps[point, series]


def _two_in_three(near: Bits, same_side: Bits) -> Bits:
    """The near points of each window of three on one side of the mean of which at least two are near."""
    marked = np.zeros_like(near)
    if len(near) < 3:
        return marked
    first, second, third = near[:-2], near[1:-1], near[2:]
    window = same_side[1:] & same_side[:-1] & ((first & second) | (third & (first | second)))
    for place in range(3):
        marked[place : place + len(window)] |= window
    marked &= near
    return marked


def lag_one(values: Numbers) -> float:
    """The autocorrelation of neighbouring values, -1 to 1: the sum of the products of their distances from the mean,
    over the sum of the squared distances of all (Box and Jenkins, "Time Series Analysis", section 2.1).

    A missing value has no neighbours. NaN of fewer than two values, and where all are equal.
    """
    given = numbers(values, "values")
    away = given - np.nanmean(given) if np.isfinite(given).any() else given
    whole = float(np.nansum(away**2))
    if np.isfinite(given).sum() < 2 or whole == 0:
        return float("nan")
    return float(np.nansum(away[:-1] * away[1:])) / whole


def is_dependent(values: Numbers) -> bool:
    """Whether neighbours depend on each other so much that limits from moving ranges mark many points by it alone.

    From 13 values, where the autocorrelation is 0.5 or more and beyond 2 / sqrt(n), which independent values exceed in
    one series of 40.
    """
    given = numbers(values, "values")
    count = int(np.isfinite(given).sum())
    return count >= FIRM_FROM and lag_one(given) >= max(_DEPENDENT, 2 / sqrt(count))
