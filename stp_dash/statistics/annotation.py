"""Series x points annotated in one pass: limits and signals a phase at a time, then the two icons of each series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from stp_dash.statistics import xmr
from stp_dash.statistics.arguments import FloatArray
from stp_dash.statistics.profiles import (
    FAIL,
    FIRM_FROM,
    HIT_OR_MISS,
    INCREASE,
    NEUTRAL,
    PASS,
    Profile,
    variation_table,
)
from stp_dash.statistics.xmr import Bits, phase_bounds

_Name = TypeVar("_Name")


@dataclass(frozen=True, eq=False)
class _Annotated:
    """Arrays of points x series, and per series of its last phase the mean, the distance to the limits and how
    many values are present."""

    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    signals: Bits
    last_mean: FloatArray
    last_distance: FloatArray
    last_values: NDArray[np.intp]


def annotated(
    columns: FloatArray,
    tolerance: FloatArray,
    rebases: tuple[tuple[int, ...], ...],
    baseline: int | None,
    profile: Profile,
) -> _Annotated:
    """The limits and signals of points x series, each group of series that share their phases in one pass per phase."""
    if not columns.size:
        return _nothing(columns.shape[1])
    groups = dict.fromkeys(rebases)
    if len(groups) == 1:
        return _annotated_group(columns, tolerance, next(iter(groups)), baseline, profile)
    points, series = columns.shape
    shape = (points, series)
    whole = _Annotated(
        np.empty(shape),
        np.empty(shape),
        np.empty(shape),
        np.empty(shape, dtype=np.uint8),
        np.empty(series),
        np.empty(series),
        np.empty(series, dtype=np.intp),
    )
    members = np.array([list(groups).index(rebase) for rebase in rebases])
    for group, rebase in enumerate(groups):
        chosen = np.flatnonzero(members == group)
        part = _annotated_group(columns[:, chosen], tolerance[chosen], rebase, baseline, profile)
        for field in fields(_Annotated):
            getattr(whole, field.name)[..., chosen] = getattr(part, field.name)
    return whole


def _annotated_group(
    columns: FloatArray,
    tolerance: FloatArray,
    rebase: tuple[int, ...],
    baseline: int | None,
    profile: Profile,
) -> _Annotated:
    parts = []
    for first, last in phase_bounds(len(columns), rebase):
        phase = columns[first : last + 1]
        found = xmr.limits(phase, tolerance, baseline, profile)
        parts.append((phase, found, xmr.signals(phase, found, tolerance, profile)))
    _, last_limits, _ = parts[-1]
    return _Annotated(
        _stacked([(phase, found.mean) for phase, found, _ in parts]),
        _stacked([(phase, found.mean - found.distance) for phase, found, _ in parts]),
        _stacked([(phase, found.mean + found.distance) for phase, found, _ in parts]),
        np.concatenate([bits for _, _, bits in parts]) if len(parts) > 1 else parts[0][2],
        last_limits.mean,
        last_limits.distance,
        last_limits.values,
    )


def _stacked(parts: list[tuple[FloatArray, FloatArray]]) -> FloatArray:
    """Each phase's number on all of its points."""
    spread = [np.broadcast_to(numbers_of_phase, phase.shape) for phase, numbers_of_phase in parts]
    return spread[0] if len(spread) == 1 else np.concatenate(spread)


def _nothing(rows: int) -> _Annotated:
    """The annotation of series without a single period."""
    none, missing = np.empty((0, rows)), np.full(rows, np.nan)
    no_signals = np.empty((0, rows), dtype=np.uint8)
    return _Annotated(none, none, none, no_signals, missing, missing, np.zeros(rows, dtype=np.intp))


def _named(
    tables: Mapping[str, tuple[_Name, ...]], directions: tuple[str, ...], codes: NDArray[np.intp]
) -> tuple[_Name, ...]:
    """Each series' code by the table of its direction."""
    if len(tables) == 1:
        table = next(iter(tables.values()))
        return tuple(table[code] for code in codes.tolist())
    return tuple(tables[way][code] for way, code in zip(directions, codes.tolist(), strict=True))


def variations(
    columns: FloatArray, found: _Annotated, directions: tuple[str, ...], profile: Profile
) -> tuple[str | None, ...]:
    """Each series' icon, from the latest period that has a value; None without one or with too few."""
    points, series = columns.shape
    if not points:
        return (None,) * int(series)
    latest = _latest(columns)
    codes = found.signals[latest, np.arange(series)].astype(np.intp)
    codes[np.isnan(columns[latest, np.arange(series)]) | ~_enough(found, profile)] = _NO_ICON
    tables = {way: (*variation_table(profile.name, way), None) for way in dict.fromkeys(directions)}
    return _named(tables, directions, codes)


_NO_ICON = 256


def _latest(columns: FloatArray) -> NDArray[np.intp]:
    """The last point of each series that has a value; the very last without any."""
    last = len(columns) - 1
    latest = np.full(columns.shape[1], last, dtype=np.intp)
    late = np.flatnonzero(np.isnan(columns[last]))
    latest[late] = last - (~np.isnan(columns[::-1, late])).argmax(axis=0)
    return latest


def _enough(found: _Annotated, profile: Profile) -> NDArray[np.bool_]:
    """Whether the last phase has values enough for icons."""
    if profile.icons_from < FIRM_FROM:
        return np.ones(len(found.last_values), dtype=bool)
    return found.last_values >= profile.icons_from


def assurances(
    targets: FloatArray,
    tolerance: FloatArray,
    found: _Annotated,
    directions: tuple[str, ...],
    profile: Profile,
) -> tuple[str | None, ...]:
    """Each series' target against the limits of its last phase."""
    over = targets - (found.last_mean + found.last_distance)
    under = (found.last_mean - found.last_distance) - targets
    if profile.limit_is_beyond:
        above, below = over > -tolerance, under > -tolerance
    else:
        above, below = over >= tolerance, under >= tolerance
    places: NDArray[np.intp] = above + 2 * below.astype(np.intp)
    places[np.isnan(found.last_distance)] = _UNKNOWN
    places[np.isnan(targets) | ~_enough(found, profile)] = _NO_STANDARD
    tables = {way: _assurance_names(profile, way) for way in dict.fromkeys(directions)}
    return _named(tables, directions, places)


_UNKNOWN, _NO_STANDARD = 4, 5


def _assurance_names(profile: Profile, direction: str) -> tuple[str | None, ...]:
    """By place of the target: between the limits, above, below, equal to both; limits unknown; no target."""
    if direction == NEUTRAL:
        return (None,) * 6
    beyond = (FAIL, PASS) if direction == INCREASE else (PASS, FAIL)
    return (HIT_OR_MISS, *beyond, None, profile.unknown_limits, None)
