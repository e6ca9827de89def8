"""Months of the year that are the lowest or the highest around them year after year."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from stp_dash.statistics.arguments import FloatArray, Numbers, numbers

_YEARS, _YEAR, _AROUND = 3, 12, 3


@dataclass(frozen=True)
class Season:
    """A month of the year that is the lowest, or the highest, of those around it: its positions, oldest first."""

    positions: tuple[int, ...]
    highest: bool


def seasons(values: Numbers, phase_starts: Collection[int] = ()) -> tuple[Season, ...]:
    """The established seasonal patterns of monthly values, at most one for each month of the year, the latest last.

    A month is the lowest of those around it where it lies below each of the three before and the three after. It is a
    pattern where that holds in every year of which the seven months are there in one phase, three years in a row at
    least up to the last whose seven months are past. Months around it and not the calendar year: under a steady trend
    the ends of every year are extremes, and no month is the extreme of those around it.
    """
    given = numbers(values, "values")
    found = []
    ends = range(max(_AROUND, len(given) - _AROUND - _YEAR), len(given) - _AROUND)
    for last in ends:
        years = [at for at in range(last, _AROUND - 1, -_YEAR) if _is_whole(given, at, phase_starts)]
        in_a_row = years == list(range(last, last - _YEAR * len(years), -_YEAR))
        sides = {_side(given, at) for at in years}
        if len(years) >= _YEARS and in_a_row and sides in ({1}, {-1}):
            found.append(Season(tuple(reversed(years)), sides == {1}))
    return tuple(found)


def _is_whole(values: FloatArray, at: int, phase_starts: Collection[int]) -> bool:
    first, last = at - _AROUND, at + _AROUND
    parted = any(first < start <= last for start in phase_starts)
    return not parted and not bool(np.isnan(values[first : last + 1]).any())


def _side(values: FloatArray, at: int) -> int:
    """1 where a value is higher than all around it, -1 where it is lower, else 0."""
    others: Sequence[float] = np.delete(values[at - _AROUND : at + _AROUND + 1], _AROUND).tolist()
    return int(bool(values[at] > max(others))) - int(bool(values[at] < min(others)))
