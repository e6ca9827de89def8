"""Numbers and periods as the statistics take them: checked, complete and in order."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from db.domain import Frequency, Period, frequency_code

FloatArray = NDArray[np.float64]
Numbers: TypeAlias = ArrayLike | Sequence[float | None]
"""What `numbers` reads: an array, or anything that becomes one, with None, NaN or `pandas.NA` where nothing is."""

LARGEST_NUMBER = 1e150
"""A number beyond this could overflow when squared or summed, and no count or rate of patients comes near."""


def numbers(values: object, name: str) -> FloatArray:
    """`values` as double precision; None, NaN and `pandas.NA` are missing (NaN).

    An array of double precision is given back as it is, not copied. Raises ValueError, naming the argument and the
    value, for text, truth values, complex numbers, infinities and numbers beyond `LARGEST_NUMBER`.
    """
    try:
        given: NDArray[np.generic] = np.asarray(values)
    except ValueError as problem:
        raise ValueError(f"{name} must be of one length throughout: {problem}") from problem
    if isinstance(values, np.ma.MaskedArray):
        given = np.ma.filled(values.astype(np.float64), np.nan)
    if given.dtype.kind == "O":
        given = np.array([_number(v, name) for v in given.ravel()], dtype=np.float64).reshape(given.shape)
    if given.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be numbers, not {_first(given)!r}")
    array: FloatArray = np.asarray(given, dtype=np.float64)
    if array.size:
        for extreme in (np.fmax.reduce(array, axis=None), np.fmin.reduce(array, axis=None)):
            if abs(extreme) > LARGEST_NUMBER:
                raise ValueError(f"{name} must be finite, found {extreme}")
    return array


def _number(value: object, name: str) -> float:
    if value is None or value is pd.NA or value is pd.NaT:
        return float("nan")
    if isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool_)):
        return float(value)
    raise ValueError(f"{name} must be numbers, not {value!r}")


def _first(given: NDArray[np.generic]) -> object:
    return given.flat[0].item() if given.size else str(given.dtype)


def number(value: object, name: str) -> float:
    """One finite number; raises ValueError, naming the argument, for anything else, missing included."""
    if type(value) is float and abs(value) <= LARGEST_NUMBER:
        return value
    array = numbers(value, name)
    if array.ndim or np.isnan(array):
        raise ValueError(f"{name} must be one number, not {value!r}")
    return float(array)


def whole_number(value: object, name: str, at_least: int) -> int:
    """A whole number of at least `at_least`; raises ValueError, naming the argument, for anything else."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}, not {value!r}")
    return int(value)


def one_of(value: object, name: str, allowed: Iterable[str]) -> str:
    """`value` as plain text if it is one of `allowed`; raises ValueError, naming the argument, if not."""
    choices = tuple(allowed)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return str(value)


def check_periods(periods: Sequence[Period]) -> None:
    """Raise ValueError unless the periods are of one frequency, in order and without a duplicate."""
    for before, after in pairwise(periods):
        if before.frequency is not after.frequency:
            raise ValueError(
                f"periods must be of one frequency: {before.label} is a {before.frequency}, "
                f"{after.label} a {after.frequency}"
            )
        if after.start == before.start:
            raise ValueError(f"periods must not repeat: {after.label} is there twice")
        if after.start < before.start:
            raise ValueError(f"periods must be in order: {after.label} follows {before.label}")


def regular(
    periods: Sequence[Period], *columns: Iterable[object], months_between: int | None = None
) -> tuple[tuple[Period, ...], tuple[FloatArray, ...]]:
    """Every period from the first to the last, and each column with NaN where a period has no row.

    Control charts need a gap to stay a gap, so a missing row must become a missing value before `spc.analyse`.
    Months, quarters, four-month periods and years know their own length. Snapshots do not: give `months_between`
    (a missing snapshot is put on the last day of its month), or they are returned as they are.

    Raises ValueError for columns of another length, and for periods that are unsorted, repeated, of several
    frequencies or off the regular grid.
    """
    check_periods(periods)
    given = tuple(numbers(list(column), "columns") for column in columns)
    for column in given:
        if len(column) != len(periods):
            raise ValueError(
                f"columns must have one value per period: {len(column)} for {len(periods)} periods"
            )
    step = _months(periods, months_between)
    if not periods or step is None:
        return tuple(periods), given
    places = _places(periods, step)
    complete = _complete(periods, places, step)
    filled = tuple(np.full(len(complete), np.nan) for _ in given)
    for target, column in zip(filled, given, strict=True):
        target[places] = column
    return complete, filled


def _months(periods: Sequence[Period], months_between: int | None) -> int | None:
    if months_between is not None:
        return whole_number(months_between, "months_between", 1)
    if not periods or periods[0].frequency is Frequency.SNAPSHOT:
        return None
    return frequency_code(periods[0].frequency)


def month_number(day: date) -> int:
    """Months since year 0, so that neighbouring months differ by one."""
    return day.year * 12 + day.month - 1


def _places(periods: Sequence[Period], step: int) -> list[int]:
    first = month_number(periods[0].start)
    places: list[int] = []
    for period in periods:
        place, beside = divmod(month_number(period.start) - first, step)
        if beside or (places and place == places[-1]):
            raise ValueError(f"periods must lie {step} months apart: {period.label} does not")
        places.append(place)
    return places


def _complete(periods: Sequence[Period], places: Sequence[int], step: int) -> tuple[Period, ...]:
    known = dict(zip(places, periods, strict=True))
    first = month_number(periods[0].start)
    frequency = periods[0].frequency
    return tuple(
        known.get(place) or _period_at(first + place * step, frequency) for place in range(places[-1] + 1)
    )


def _period_at(month: int, frequency: Frequency) -> Period:
    year, before = divmod(month, 12)
    if frequency is Frequency.SNAPSHOT:
        return Period.snapshot(date(year, before + 1, monthrange(year, before + 1)[1]))
    return Period.of_months(year, before + 1, frequency)
