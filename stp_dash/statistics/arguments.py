"""Arguments as the statistics take them: checked, and an error that names the argument and the value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Numbers: TypeAlias = ArrayLike | Sequence[float | None]
"""What `numbers` reads: an array, or anything that becomes one, with None, NaN or `pandas.NA` where nothing is."""

_LARGEST_NUMBER = 1e150
"""A number beyond this could overflow when squared or summed, and no count or rate of patients comes near."""


def numbers(values: object, name: str) -> FloatArray:
    """`values` as double precision; None, NaN and `pandas.NA` are missing (NaN).

    An array of double precision is given back as it is, not copied. Raises ValueError, naming the argument and the
    value, for text, truth values, complex numbers, infinities and numbers beyond `_LARGEST_NUMBER`.
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
            if abs(extreme) > _LARGEST_NUMBER:
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


def finite_number(value: object, name: str) -> float:
    """One finite number; raises ValueError, naming the argument, for anything else, missing included."""
    if type(value) is float and abs(value) <= _LARGEST_NUMBER:
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
