"""Control charts in the Making Data Count manner: XmR limits, four rules and two icons, under a named rule profile.

`analyse` takes one series, `analyse_many` a page of them in one call. Both annotate and round nothing; charts,
icons, sentences and tables all read the one result. `docs/methods.md` has every rule, its source and our deviations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.domain import Period
from stp_dash.statistics import xmr
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    DIRECTIONS,
    FAIL,
    FIRM_FROM,
    HIGH,
    HIT_OR_MISS,
    INCREASE,
    LOW,
    NEUTRAL,
    PASS,
    POINT_TYPES,
    PROFILES,
    RULES,
    RUN_LENGTH,
    SHIFT,
    TREND,
    TWO_IN_THREE,
    Profile,
    point_type_table,
    rule_names,
    variation_table,
)
from stp_dash.statistics.rebasing import RebaseDecision
from stp_dash.statistics.series import FloatArray, Numbers, number, numbers, one_of, whole_number
from stp_dash.statistics.xmr import Bits

LASTING_SHIFT = 13
"""Points that a shift must hold for before a rebase is proposed: enough for firm limits of its own."""

Scalar = TypeVar("Scalar", bound=np.generic)
Name = TypeVar("Name")
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Phase:
    """A stretch of the chart with its own limits: points `first` to `last`, 0-based and inclusive.

    `values` counts those present. Limits are NaN where no moving range could be had; `trial` says that fewer
    than 13 values are present.
    """

    first: int
    last: int
    values: int
    mean: float
    lower_process_limit: float
    upper_process_limit: float

    @property
    def trial(self) -> bool:
        return self.values < FIRM_FROM


@dataclass(frozen=True)
class Signal:
    """One special cause: the rule, `high` or `low`, and its points `first` to `last`, 0-based and inclusive."""

    rule: str
    direction: str
    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, eq=False)
class AnalysedSeries:
    """One series with everything that a chart, an icon, a sentence and a table need. Arrays are read-only.

    signals: one byte per point, read through `rules` and `signals_found`.
    variation: an icon by name (`common_cause`, `improvement_high`, ...), None without any value or, in
        `national`, with fewer than 13 values in the last phase.
    assurance: `pass`, `fail`, `hit_or_miss` or None.
    tolerance: two numbers of this series nearer than this are equal.
    """

    values: FloatArray
    mean: FloatArray
    lower_process_limit: FloatArray
    upper_process_limit: FloatArray
    signals: Bits
    tolerance: float
    improvement_direction: str
    target: float | None
    rebase_at: tuple[int, ...]
    baseline_points: int | None
    profile: Profile
    variation: str | None
    assurance: str | None

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def rules(self) -> tuple[tuple[str, ...], ...]:
        """For each point the rules that it breaks, in the order of RULES."""
        names = rule_names()
        return tuple(names[byte] for byte in self.signals.tolist())

    @cached_property
    def point_types(self) -> tuple[str, ...]:
        """For each point one of POINT_TYPES."""
        codes = point_type_table(self.profile.name, self.improvement_direction)
        return tuple(POINT_TYPES[code] for code in codes[self.signals].tolist())

    @cached_property
    def points(self) -> pd.DataFrame:
        """The annotated frame, one row per value in order.

        Columns: `value, mean, lower_process_limit, upper_process_limit, rules` (tuple of names) and `point_type`.
        """
        return pd.DataFrame(
            {
                "value": self.values,
                "mean": self.mean,
                "lower_process_limit": self.lower_process_limit,
                "upper_process_limit": self.upper_process_limit,
                "rules": pd.Series(self.rules, dtype=object),
                "point_type": self.point_types,
            }
        )

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in order; none for an empty series."""
        bounds = phase_bounds(len(self), self.rebase_at)
        return tuple(self._phase(first, last) for first, last in bounds)

    def _phase(self, first: int, last: int) -> Phase:
        return Phase(
            first,
            last,
            int(np.count_nonzero(~np.isnan(self.values[first : last + 1]))),
            float(self.mean[first]),
            float(self.lower_process_limit[first]),
            float(self.upper_process_limit[first]),
        )

    @property
    def trial_limits(self) -> bool:
        """Whether fewer than 13 values are present in the last phase, so that its limits are trial limits."""
        return not self.phases or self.phases[-1].trial

    @cached_property
    def latest(self) -> int | None:
        """The position of the latest period that has a value."""
        present = np.flatnonzero(~np.isnan(self.values))
        return int(present[-1]) if len(present) else None

    @cached_property
    def signals_found(self) -> tuple[Signal, ...]:
        """Every special cause with its full extent, in the order of RULES, then from left to right."""
        return (
            *_single_points(self.signals, ASTRONOMICAL),
            *_runs(self, TREND),
            *_near_pairs(self),
            *_runs(self, SHIFT),
        )

    def signals_at(self, position: int) -> tuple[Signal, ...]:
        """The special causes that mark one point, in the order of RULES."""
        return tuple(s for s in self.signals_found if self._marks(s, position))

    def _marks(self, signal: Signal, position: int) -> bool:
        bit = RULES.index(signal.rule) + (0 if signal.direction == HIGH else len(RULES))
        inside = signal.first <= position <= signal.last
        return inside and bool(int(self.signals[position]) >> bit & 1)

    def shown_limits(self, floor: float = 0.0, ceiling: float = 100.0) -> tuple[FloatArray, FloatArray]:
        """The lower and upper limits for drawing, clipped to what can occur. Rules use the unclipped ones."""
        return (
            np.clip(self.lower_process_limit, floor, ceiling),
            np.clip(self.upper_process_limit, floor, ceiling),
        )


@dataclass(frozen=True, eq=False)
class AnalysedMany:
    """The results of `analyse_many`: arrays of series x points, and an `AnalysedSeries` for each by index."""

    values: FloatArray
    mean: FloatArray
    lower_process_limit: FloatArray
    upper_process_limit: FloatArray
    signals: Bits
    tolerance: FloatArray
    improvement_directions: tuple[str, ...]
    targets: FloatArray
    rebase_at: tuple[tuple[int, ...], ...]
    baseline_points: int | None
    profile: Profile
    variation: tuple[str | None, ...]
    assurance: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def point_type_codes(self) -> Bits:
        """For each point its place in POINT_TYPES, series x points."""
        tables = np.stack([point_type_table(self.profile.name, way) for way in DIRECTIONS])
        chosen = np.array([DIRECTIONS.index(way) for way in self.improvement_directions], dtype=np.intp)
        return tables[chosen[:, None], self.signals]

    def __iter__(self) -> Iterator[AnalysedSeries]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> AnalysedSeries:
        return AnalysedSeries(
            self.values[row],
            self.mean[row],
            self.lower_process_limit[row],
            self.upper_process_limit[row],
            self.signals[row],
            float(self.tolerance[row]),
            self.improvement_directions[row],
            None if np.isnan(self.targets[row]) else float(self.targets[row]),
            self.rebase_at[row],
            self.baseline_points,
            self.profile,
            self.variation[row],
            self.assurance[row],
        )


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
    goal = None if target is None else number(target, "target")
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
    empty = not columns.size
    found = _nothing(rows) if empty else _annotated(columns, tolerance, starts, baseline, rules)
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
        _variations(columns, found, directions, rules),
        _assurances(targets, tolerance, found, directions, rules),
    )


def process_limits(
    values: Sequence[Sequence[float]] | FloatArray,
    *,
    baseline_points: int | None = None,
    profile: str = "national",
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, lower and upper process limit alone, each one number per series, of series x points in one phase."""
    array = numbers(values, "values")
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"values must be series x points, not an array of shape {array.shape}")
    rules = PROFILES[one_of(profile, "profile", PROFILES)]
    baseline = None if baseline_points is None else whole_number(baseline_points, "baseline_points", 1)
    columns = array.T.copy(order="C")
    found = xmr.limits(columns, xmr.tolerances(columns), baseline, rules)
    return found.mean, found.mean - found.distance, found.mean + found.distance


# --- arguments -------------------------------------------------------------------------------------------------


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
        return np.full(rows, number(given, "target"))
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


def _read_only(points_by_series: NDArray[Scalar]) -> NDArray[Scalar]:
    """As series x points, which nobody can change."""
    view = points_by_series.T
    view.flags.writeable = False
    return view


# --- the whole page --------------------------------------------------------------------------------------------


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


def _annotated(
    columns: FloatArray,
    tolerance: FloatArray,
    rebases: tuple[tuple[int, ...], ...],
    baseline: int | None,
    profile: Profile,
) -> _Annotated:
    """Each group of series that share their phases in one pass per phase."""
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


def phase_bounds(points: int, rebase_at: tuple[int, ...]) -> list[tuple[int, int]]:
    """The first and last point of each phase; none for no points."""
    starts, ends = (0, *rebase_at), (*rebase_at, points)
    return [(first, end - 1) for first, end in zip(starts, ends, strict=True)] if points else []


def _nothing(rows: int) -> _Annotated:
    """The annotation of series without a single period."""
    none, missing = np.empty((0, rows)), np.full(rows, np.nan)
    no_signals = np.empty((0, rows), dtype=np.uint8)
    return _Annotated(none, none, none, no_signals, missing, missing, np.zeros(rows, dtype=np.intp))


def _named(
    tables: Mapping[str, tuple[Name, ...]], directions: tuple[str, ...], codes: Codes
) -> tuple[Name, ...]:
    """Each series' code by the table of its direction."""
    if len(tables) == 1:
        table = next(iter(tables.values()))
        return tuple(table[code] for code in codes.tolist())
    return tuple(tables[way][code] for way, code in zip(directions, codes.tolist(), strict=True))


def _variations(
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


def _assurances(
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


# --- special causes with their extent ----------------------------------------------------------------------------


def _single_points(signals: Bits, rule: str) -> list[Signal]:
    bit = RULES.index(rule)
    return [
        Signal(rule, HIGH if byte >> bit & 1 else LOW, place, place)
        for place, byte in enumerate(signals.tolist())
        if (byte | byte >> 4) >> bit & 1
    ]


def _runs(series: AnalysedSeries, rule: str) -> list[Signal]:
    """Each whole run of seven or more, also where a turn's colour went to the next trend."""
    found = []
    for first, last in phase_bounds(len(series), series.rebase_at):
        values = series.values[first : last + 1]
        if rule == TREND:
            moves = np.diff(values)
        else:
            away = values - series.mean[first]
            moves = np.where(np.sign(away[1:]) == np.sign(away[:-1]), _nearer(away), 0.0)
        for direction, flags in ((HIGH, moves >= series.tolerance), (LOW, moves <= -series.tolerance)):
            found += [
                Signal(rule, direction, first + start, first + end)
                for start, end in _true_stretches(flags)
                if end - start >= RUN_LENGTH - 1
            ]
    return sorted(found, key=lambda signal: signal.first)


def _nearer(away: FloatArray) -> FloatArray:
    """Of each two neighbours on one side of the mean the distance of the nearer, with its sign."""
    return np.where(np.abs(away[1:]) < np.abs(away[:-1]), away[1:], away[:-1])


def _true_stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last *point* of each stretch of true steps, the step i lying between points i and i + 1."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _near_pairs(series: AnalysedSeries) -> list[Signal]:
    """Stretches of near points, not more than one period apart, that two in three marks."""
    phase = np.searchsorted(series.rebase_at, np.arange(len(series)), side="right")
    found: list[Signal] = []
    for single in _single_points(series.signals, TWO_IN_THREE):
        before = found[-1] if found else None
        joins = (
            before is not None
            and before.direction == single.direction
            and single.first - before.last <= 2
            and phase[before.last] == phase[single.first]
        )
        if before is not None and joins:
            found[-1] = Signal(TWO_IN_THREE, before.direction, before.first, single.last)
        else:
            found.append(single)
    return found


# --- a rebase to propose ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RebaseProposal:
    """A shift that has lasted, for a person to accept or not: nothing is redrawn by it.

    The shift holds points `first` to `last` (0-based, inclusive), on the `direction` side of the mean.
    """

    first: int
    last: int
    direction: str
    mean_before: float
    mean_since: float

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    def accept(self, periods: Sequence[Period], reason: str, role: str) -> RebaseDecision:
        """The decision that makes this proposal a phase; `reason` is the cause that the person knows of."""
        return RebaseDecision(periods[self.first].start, reason, role)


def propose_rebase(series: AnalysedSeries, *, lasting: int = LASTING_SHIFT) -> RebaseProposal | None:
    """A proposal where a shift of the last phase has lasted for `lasting` points and still holds, else None.

    13 points by default, so that the new phase would have firm limits at once. The first Making Data Count guide
    says not to redraw limits on every signal, and limits move only with a known cause: so this is never automatic.
    """
    whole_number(lasting, "lasting", RUN_LENGTH)
    current = [s for s in series.signals_found if s.rule == SHIFT and s.last == series.latest]
    if not current or current[-1].length < lasting:
        return None
    shift = current[-1]
    start = series.phases[-1].first
    before = series.values[start : shift.first]
    if shift.first <= start or np.isnan(before).all():
        return None
    since = series.values[shift.first : shift.last + 1]
    return RebaseProposal(
        shift.first, shift.last, shift.direction, float(np.nanmean(before)), float(np.nanmean(since))
    )
