"""The columns in which loads work, the key of a stored row, and keys of several frames compared as one number each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

STORED_KEY = ("indicator_id", "period_id", "breakdown_id", "organisation_id")
STORED_COLUMNS = (
    *STORED_KEY,
    "numerator",
    "denominator",
    "value",
    "missing_reason",
    "basis",
    "maturity",
    "derived",
    "source_file_id",
)
HELD_COLUMNS = (*STORED_COLUMNS, "stands_from")
"""Of a row that stands, or once stood."""
REVISION_COLUMNS = (*STORED_COLUMNS, "superseded_by_file_id", "reason", "stands_from")
TABLE_KEY = ("period_id", "basis", "dimensions")
"""What tells the tables of one indicator from each other: a publisher prints or leaves out a whole one."""

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def row_numbers(names: Sequence[str], *frames: pd.DataFrame) -> list[Ids]:
    """Each row's whole numbers in some columns as one number, by which rows of all the frames are equal or sort alike.

    No store has so many of each that the product would leave 64 bits.
    """
    numbers = [np.zeros(len(frame), dtype=np.int64) for frame in frames]
    for name in names:
        different = np.unique(np.concatenate([frame[name].to_numpy() for frame in frames]))
        for place, frame in enumerate(frames):
            numbers[place] = numbers[place] * len(different) + np.searchsorted(different, frame[name])
    return numbers


def places_among(held: pd.DataFrame, staged: pd.DataFrame) -> Ids:
    """For each staged row of one indicator the place of the held row with its key; -1 where there is none."""
    mine, theirs = row_numbers(STORED_KEY[1:], staged, held)
    return np.asarray(pd.Index(theirs).get_indexer(pd.Index(mine)), dtype=np.int64)
