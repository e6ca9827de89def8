"""What files print besides figures of their own: beside a value, and of other sources' indicators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from db.domain import DETAIL_COLUMNS
from db.domain.reading import StatedFigure
from db.loading.keys import STORED_KEY, Ids, Mask
from db.store.bulk import frame_of_rows, insert_rows
from db.store.catalogue_rows import ids_by_code
from db.store.schema import indicator, organisation, stated_figure, value_details

_KEY = (*STORED_KEY, "source_file_id")


def tells_more(connection: Connection, matched: pd.DataFrame, held: pd.DataFrame) -> Mask:
    """For each row of one indicator whether its file prints more beside it than that of the row held does: a league
    table a likely range, where the file of figures has the place alone.
    """
    names = [name for name in DETAIL_COLUMNS if name in matched.columns]
    mine = _told(matched, names)
    if not mine.any():
        return np.zeros(len(matched), dtype=bool)
    known = frame_of_rows(
        connection,
        value_details,
        (*_KEY, *DETAIL_COLUMNS),
        value_details.c.indicator_id == int(matched["indicator_id"].iloc[0]),
        value_details.c.period_id.in_(matched["period_id"].unique().tolist()),
    )
    counts = pd.Series(_told(known, DETAIL_COLUMNS), index=pd.MultiIndex.from_frame(known[list(_KEY)]))
    theirs = counts.reindex(pd.MultiIndex.from_frame(held[list(_KEY)]), fill_value=0)
    return np.asarray(mine > theirs.to_numpy(), dtype=bool)


def _told(rows: pd.DataFrame, names: Sequence[str]) -> Ids:
    """How many details each row has."""
    filled = [rows[name].notna() & (rows[name] != "") for name in names]
    return np.sum(filled, axis=0, dtype=np.int64) if filled else np.zeros(len(rows), dtype=np.int64)


def write_stated(connection: Connection, stated: Sequence[StatedFigure], file_id: int) -> None:
    """Keep what a file states of other sources' indicators, of organisations that the store knows."""
    if not stated:
        return
    indicators, places = ids_by_code(connection, indicator), ids_by_code(connection, organisation)
    rows = (
        (file_id, indicators[item.indicator], item.period.key, places[item.organisation], item.value)
        for item in stated
        if item.organisation in places
    )
    names = ("source_file_id", "indicator_id", "period_id", "organisation_id", "value")
    insert_rows(connection, stated_figure, names, rows)
