"""Many organisations' figures as arrays, where an object for each would cost more than the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_FIELDS = 11


@dataclass(frozen=True, eq=False)
class Columns:
    """Many organisations' figures as arrays of one length, in no order: keys instead of names, NaN for no figure.

    `periods` are `Period.key`s, `organisations` and `files` keys of `organisation_keys` and `file_keys`, `bases` what
    `basis_of` reads. `lower` and `upper` are published 95% limits. All from `numerators` on are empty where only values
    are read.
    """

    periods: Integers
    organisations: Integers
    denominators: Floats
    values: Floats
    numerators: Floats
    maturities: Integers
    bases: Integers
    derived: Integers
    files: Integers
    lower: Floats
    upper: Floats

    @classmethod
    def of(cls, rows: Sequence[Sequence[float | None]] | Floats) -> Columns:
        """From rows of numbers in the order of the fields; the last seven may be left out of all of them."""
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(rows[0]) if len(rows) else 0)
        found = [*table.T, *[np.empty(0)] * (_FIELDS - table.shape[1])]
        periods, organisations, maturities, bases, derived, files = (
            found[place].astype(np.int64) for place in (0, 1, 5, 6, 7, 8)
        )
        sizes, values, within = found[2:5]
        limits = found[9:]
        return cls(periods, organisations, sizes, values, within, maturities, bases, derived, files, *limits)
