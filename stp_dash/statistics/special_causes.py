"""Special causes with their whole extent, read back from the marks of points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from stp_dash.statistics.arguments import FloatArray
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    HIGH,
    LOW,
    RULES,
    RUN_LENGTH,
    SHIFT,
    TREND,
    TWO_IN_THREE,
)
from stp_dash.statistics.xmr import Bits, phase_bounds


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
class MarkedPoints:
    """One series: its values, the mean at each, the marks of the rules (`xmr.Bits`), where phases start, and the
    number below which two values are equal."""

    values: FloatArray
    mean: FloatArray
    signals: Bits
    rebase_at: tuple[int, ...]
    tolerance: float


def special_causes(points: MarkedPoints) -> tuple[Signal, ...]:
    """Every special cause, in the order of RULES, then from left to right; only rules that mark a point are read."""
    marked = int(np.bitwise_or.reduce(points.signals, initial=np.uint8(0)))
    broken = [rule for place, rule in enumerate(RULES) if (marked | marked >> 4) >> place & 1]
    return tuple(signal for rule in broken for signal in _FINDERS[rule](points, rule))


def marks(signal: Signal, signals: Bits, position: int) -> bool:
    """Whether a special cause marks one point; the colour of a turn may have gone to the next trend."""
    bit = RULES.index(signal.rule) + (0 if signal.direction == HIGH else len(RULES))
    inside = signal.first <= position <= signal.last
    return inside and bool(int(signals[position]) >> bit & 1)


def _single_points(points: MarkedPoints, rule: str) -> list[Signal]:
    bit = RULES.index(rule)
    return [
        Signal(rule, HIGH if byte >> bit & 1 else LOW, place, place)
        for place, byte in enumerate(points.signals.tolist())
        if (byte | byte >> 4) >> bit & 1
    ]


def _runs(points: MarkedPoints, rule: str) -> list[Signal]:
    """Each whole run of seven or more, also where a turn's colour went to the next trend."""
    found = []
    for first, last in phase_bounds(len(points.values), points.rebase_at):
        values = points.values[first : last + 1]
        if rule == TREND:
            moves = np.diff(values)
        else:
            away = values - points.mean[first]
            moves = np.where(np.sign(away[1:]) == np.sign(away[:-1]), _nearer(away), 0.0)
        for direction, flags in ((HIGH, moves >= points.tolerance), (LOW, moves <= -points.tolerance)):
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


def _near_pairs(points: MarkedPoints, rule: str) -> list[Signal]:
    """Stretches of near points, not more than one period apart, that two in three marks."""
    phase = np.searchsorted(points.rebase_at, np.arange(len(points.values)), side="right")
    found: list[Signal] = []
    for single in _single_points(points, rule):
        before = found[-1] if found else None
        joins = (
            before is not None
            and before.direction == single.direction
            and single.first - before.last <= 2
            and phase[before.last] == phase[single.first]
        )
        if before is not None and joins:
            found[-1] = Signal(rule, before.direction, before.first, single.last)
        else:
            found.append(single)
    return found


_FINDERS: Mapping[str, Callable[[MarkedPoints, str], list[Signal]]] = MappingProxyType(
    {ASTRONOMICAL: _single_points, TREND: _runs, TWO_IN_THREE: _near_pairs, SHIFT: _runs}
)
