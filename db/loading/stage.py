"""A file's canonical frame in the store's own columns: codes as ids, values computed from their counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from db.domain import DETAIL_COLUMNS, OBSERVATION_COLUMNS, Catalogue
from db.domain.observation import BASIS_CODES
from db.loading.keys import Ids, row_numbers
from db.loading.register import register_breakdowns, register_periods
from db.store.catalogue_rows import ids_by_code
from db.store.schema import indicator

_WRITING_ORDER = ["organisation_id", "indicator_id", "period_id", "breakdown_id"]

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


class FrameError(ValueError):
    """The frame breaks the store's contract: which column or key, what was wanted and what was found."""


def check_columns(frame: pd.DataFrame) -> None:
    """Raises FrameError for a frame that lacks columns of `OBSERVATION_COLUMNS`."""
    missing = [name for name in OBSERVATION_COLUMNS if name not in frame.columns]
    if missing:
        raise FrameError(f"the frame lacks the columns {', '.join(missing)}")


def stage_rows(
    connection: Connection,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    organisation_ids: dict[str, int],
    file_id: int,
) -> pd.DataFrame:
    """The frame in integer keys and the store's columns, in the order in which rows are written.

    Raises FrameError for an unknown indicator, a key twice, and a missing value without a reason.
    """
    codes, multipliers = _indicators(connection, frame["indicator"], catalogue)
    values = _values(frame, multipliers)
    register_periods(connection, frame)
    staged = pd.DataFrame(
        {
            "indicator_id": codes,
            "period_id": frame["period"].to_numpy(dtype=np.int64),
            "breakdown_id": _ids(frame["breakdown"], register_breakdowns(connection, frame)),
            "organisation_id": _ids(frame["organisation"], organisation_ids),
            "numerator": frame["numerator"].to_numpy(dtype=np.float64),
            "denominator": frame["denominator"].to_numpy(dtype=np.float64),
            "value": values,
            "missing_reason": _reasons(frame["missing_reason"], values),
            "basis": _ids(frame["basis"], BASIS_CODES),
            "maturity": frame["maturity"].to_numpy(dtype=np.int64),
            "derived": frame["derived"].to_numpy(dtype=np.int64),
            "source_file_id": np.full(len(frame), file_id, dtype=np.int64),
            **{name: frame[name].to_numpy() for name in DETAIL_COLUMNS if name in frame.columns},
        }
    )
    return _in_writing_order(staged)


def _values(frame: pd.DataFrame, multipliers: Floats) -> Floats:
    """What counts give, in the indicator's unit; as published where there are none."""
    numerator = frame["numerator"].to_numpy(dtype=np.float64)
    denominator = frame["denominator"].to_numpy(dtype=np.float64)
    computed = np.full(len(frame), np.nan)
    np.divide(numerator, denominator, out=computed, where=denominator != 0)
    return np.where(np.isnan(computed), frame["value"].to_numpy(dtype=np.float64), computed * multipliers)


def _in_writing_order(staged: pd.DataFrame) -> pd.DataFrame:
    """Rows by organisation: the index by organisation is swept once, and the few places where the table in key order
    grows stay at hand. In key order a month of practices takes half as long again.
    """
    (numbers,) = row_numbers(_WRITING_ORDER, staged)
    order = np.argsort(numbers)
    twice = int((np.diff(numbers[order]) == 0).sum())
    if twice:
        raise FrameError(f"wanted one row a key, found {twice} keys twice")
    return staged.iloc[order].reset_index(drop=True)


def _indicators(connection: Connection, column: pd.Series[str], catalogue: Catalogue) -> tuple[Ids, Floats]:
    known = ids_by_code(connection, indicator)
    codes, names = pd.factorize(column)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise FrameError(f"the catalogue has no indicator {', '.join(map(repr, unknown))}")
    ids = np.array([known[name] for name in names], dtype=np.int64)
    multipliers = np.array([catalogue.indicators[name].multiplier for name in names], dtype=np.float64)
    return ids[codes], multipliers[codes]


def _ids(column: pd.Series[str], known: dict[str, int]) -> Ids:
    codes, names = pd.factorize(column)
    return np.array([known[name] for name in names], dtype=np.int64)[codes]


def _reasons(column: pd.Series[str], values: Floats) -> pd.Series[Any]:
    missing = np.isnan(values)
    reasons: list[str | None] = [None] * len(values)
    if missing.any():
        given = column.astype(object).to_numpy()
        for place in np.flatnonzero(missing):
            if not given[place]:
                raise FrameError("wanted a reason for every missing value, found a row with neither")
            reasons[place] = str(given[place])
    return pd.Series(reasons, dtype=object)
