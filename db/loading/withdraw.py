"""Rows that an earlier release of a table had and a later one has not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from db.loading.keys import TABLE_KEY
from db.loading.published import LaterTables, printed_tables, with_dimensions


def withdrawn_rows(absent: pd.DataFrame, staged: pd.DataFrame, tables: LaterTables) -> pd.DataFrame:
    """Rows that the store holds and the file has not, of tables that the file printed and is a newer release of.

    The same table: the same indicator, period, basis and dimensions. A publisher prints no row for an organisation
    without activity, so a row that vanishes between two releases is a revision like any other.
    """
    if absent.empty:
        return absent
    printed = printed_tables(staged, TABLE_KEY, tables.dimensions).rename(columns={"maturity": "lowest"})
    theirs = with_dimensions(absent, tables.dimensions).merge(printed, on=list(TABLE_KEY))
    later = tables.order.not_older_than(theirs["source_file_id"])
    later &= ~theirs.index.isin(tables.confirming(theirs).index)
    wins = np.where(theirs["lowest"] != theirs["maturity"], theirs["lowest"] > theirs["maturity"], later)
    return theirs[wins.astype(bool)]
