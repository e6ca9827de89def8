"""How the values of many organisations spread, each counting once, and how far they are from one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stp_dash.statistics.arguments import Numbers, numbers

FEW = 20
"""A share of fewer than this many patients swings by 5 points or more with one of them."""

_EQUALITY = 1e-9


def small(sizes: Numbers) -> NDArray[np.bool_]:
    """Which shares are of fewer than FEW patients, by their denominators; of an unknown size (NaN, None) none."""
    found: NDArray[np.bool_] = numbers(sizes, "sizes") < FEW
    return found


def comparable(sizes: Numbers) -> NDArray[np.bool_]:
    """Which shares are to be compared: those that are not small, unless half of all or more are so small."""
    found = small(sizes)
    return np.ones_like(found) if 2 * found.sum() >= len(found) else ~found


def ranks(values: Numbers) -> NDArray[np.intp]:
    """The rank of each of values in ascending order, from 1; equal values share the lowest of theirs (1, 2, 2, 4).

    Two neighbours nearer than 1e-9 of the largest are equal: the last bit of a division is no difference.
    """
    given = numbers(values, "values")
    if not len(given):
        return np.zeros(0, dtype=np.intp)
    apart = np.diff(given) > _EQUALITY * np.abs(given).max()
    places = np.arange(1, len(given) + 1)
    found: NDArray[np.intp] = np.maximum.accumulate(np.where(np.concatenate([[True], apart]), places, 0))
    return found


def percentiles(values: Numbers, at: Sequence[float]) -> tuple[float, ...]:
    """The percentiles `at` (0 to 100) of at least one value, interpolated between the two nearest (numpy's linear)."""
    return tuple(np.percentile(numbers(values, "values"), at).tolist())


def median(values: Numbers) -> float:
    """The value in the middle of at least one, or the mean of the middle two."""
    return float(np.median(numbers(values, "values")))


def distances_from(place: int, columns: Sequence[Numbers]) -> NDArray[np.float64]:
    """How unlike each organisation is to the one at a place, by several columns of numbers without gaps.

    Each column is standardised over all organisations (mean 0, standard deviation 1 of the whole), and the distance is
    the Euclidean one: the root of the summed squares of the differences. A column in which all are equal adds nothing.
    Raises ValueError for a missing number.
    """
    squares: NDArray[np.float64] = np.zeros(len(numbers(columns[0], "columns")) if columns else 0)
    for column in columns:
        given = numbers(column, "columns")
        if np.isnan(given).any():
            raise ValueError("columns must have a number for each organisation, found a missing one")
        deviation = float(given.std())
        if deviation > _EQUALITY * float(np.abs(given).max()):
            squares += ((given - given[place]) / deviation) ** 2
    found: NDArray[np.float64] = np.sqrt(squares)
    return found
