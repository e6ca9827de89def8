"""The rules of docs/statistics.md in plain Python, one series and one point at a time: the oracle of the fast code.

Written from the rules alone and as slowly as they read; it shares nothing with the code that it checks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

MISSING = math.nan
Broken = set[tuple[str, str]]
Point = tuple[float, float, float, float, Broken]


def plain_analyse(
    values: list[float],
    direction: str,
    target: float | None = None,
    rebase_at: Sequence[int] = (),
    baseline: int | None = None,
    profile: str = "national",
) -> tuple[list[Point], list[str], str | None, str | None]:
    tolerance = 1e-9 * max((abs(v) for v in values if not math.isnan(v)), default=0.0)
    starts = [0, *rebase_at]
    ends = [*rebase_at, len(values)]
    points: list[Point] = []
    variation = assurance = None
    for start, end in zip(starts, ends, strict=True):
        phase = values[start:end]
        mean, distance = plain_limits(phase, baseline, profile, tolerance)
        found = plain_rules(phase, mean, distance, profile, tolerance)
        for value, broken in zip(phase, found, strict=True):
            points.append((value, mean, mean - distance, mean + distance, broken))
            if not math.isnan(value):
                variation = plain_variation(broken, direction, profile)
    if profile == "national" and sum(not math.isnan(v) for v in phase) < 13:
        variation = None
    else:
        assurance = plain_assurance(target, mean, distance, direction, profile, tolerance)
    types = [plain_point_type(p[4], direction, profile) for p in points]
    return points, types, variation, assurance


def equal(a: float, b: float, tolerance: float) -> bool:
    return a == b or abs(a - b) < tolerance


def above(a: float, b: float, tolerance: float) -> bool:
    return a > b and not equal(a, b, tolerance)


def plain_limits(
    phase: list[float], baseline: int | None, profile: str, tolerance: float
) -> tuple[float, float]:
    used = phase if baseline is None else phase[:baseline]
    present = [v for v in used if not math.isnan(v)]
    ranges = [abs(b - a) for a, b in pairwise(used) if not math.isnan(a) and not math.isnan(b)]
    if ranges and profile == "nhs-r":
        cut = 3.267 * sum(ranges) / len(ranges)
        ranges = [r for r in ranges if above(cut, r, tolerance)]
    mean = sum(present) / len(present) if present else MISSING
    distance = 2.66 * sum(ranges) / len(ranges) if ranges else MISSING
    return mean, distance


def plain_rules(
    phase: list[float], mean: float, distance: float, profile: str, tolerance: float
) -> list[Broken]:
    """For each point the rules that it breaks, each with its side."""
    found: list[Broken] = [set() for _ in phase]
    for side, sign in (("high", 1), ("low", -1)):
        away = [sign * (v - mean) for v in phase]
        for i, a in enumerate(away):
            if above(a, distance, tolerance):
                found[i].add(("astronomical", side))
        for i in plain_shift(away, tolerance):
            found[i].add(("shift", side))
        for i in plain_trend([sign * v for v in phase], tolerance):
            found[i].add(("trend", side))
        for i in plain_two_in_three(away, distance, profile, tolerance):
            found[i].add(("two_in_three", side))
    if profile == "nhs-r":
        for i, broken in enumerate(found):
            if {("trend", "high"), ("trend", "low")} <= broken:
                broken.discard(("trend", "low" if phase[i + 1] > phase[i] else "high"))
    return found


def plain_shift(away: list[float], tolerance: float) -> list[int]:
    starts = [s for s in range(len(away) - 6) if all(above(a, 0, tolerance) for a in away[s : s + 7])]
    return [i for start in starts for i in range(start, start + 7)]


def plain_trend(rising: list[float], tolerance: float) -> list[int]:
    windows = {s: rising[s : s + 7] for s in range(len(rising) - 6)}
    starts = [s for s, w in windows.items() if all(above(b, a, tolerance) for a, b in pairwise(w))]
    return [i for start in starts for i in range(start, start + 7)]


def plain_two_in_three(away: list[float], distance: float, profile: str, tolerance: float) -> list[int]:
    near = [above(a, distance * 2 / 3, tolerance) for a in away]
    if profile == "nhs-r":
        near = [n and not above(a, distance, tolerance) for n, a in zip(near, away, strict=True)]
    marked = []
    for start in range(len(away) - 2):
        three = range(start, start + 3)
        if all(above(away[i], 0, tolerance) for i in three) and sum(near[i] for i in three) >= 2:
            marked += [i for i in three if near[i]]
    return marked


ORDER = ("astronomical", "trend", "two_in_three", "shift")


def plain_point_type(broken: Broken, direction: str, profile: str) -> str:
    if not broken:
        return "common_cause"
    if direction == "neutral":
        return "neither"
    good = "high" if direction == "increase" else "low"
    if profile == "national":
        return "improvement" if any(side == good for _, side in broken) else "concern"
    first = min(broken, key=lambda b: ORDER.index(b[0]))
    return "improvement" if first[1] == good else "concern"


def plain_variation(broken: Broken, direction: str, profile: str) -> str:
    kind = plain_point_type(broken, direction, profile)
    if kind == "common_cause":
        return kind
    if kind == "neither":
        return f"neither_{min(broken, key=lambda b: ORDER.index(b[0]))[1]}"
    good = "high" if direction == "increase" else "low"
    bad = "low" if direction == "increase" else "high"
    return f"{kind}_{good if kind == 'improvement' else bad}"


def plain_assurance(
    target: float | None, mean: float, distance: float, direction: str, profile: str, tolerance: float
) -> str | None:
    if target is None or direction == "neutral":
        return None
    if math.isnan(distance):
        return "hit_or_miss" if profile == "nhs-r" else None
    upper, lower = mean + distance, mean - distance
    over, under = above(target, upper, tolerance), above(lower, target, tolerance)
    if profile == "national":
        over = over or equal(target, upper, tolerance)
        under = under or equal(target, lower, tolerance)
    if over and under:
        return None
    if not over and not under:
        return "hit_or_miss"
    return "fail" if over == (direction == "increase") else "pass"
