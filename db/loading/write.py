"""Staged rows into the store: at once where it has none, compared with what stands where it has."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from db.domain import DETAIL_COLUMNS, LoadCounts
from db.domain.observation import DETAIL_WORDS
from db.loading.keys import HELD_COLUMNS, STORED_COLUMNS, STORED_KEY, Mask, places_among
from db.loading.merge import merge_rows
from db.loading.published import FileOrder, LaterTables, keep_published_tables
from db.loading.register import dimensions_by_breakdown
from db.loading.revisions import supersede
from db.loading.withdraw import withdrawn_rows
from db.store.bulk import frame_of_rows, insert_frame
from db.store.schema import observation, period, value_details


def write_rows(
    connection: Connection, staged: pd.DataFrame, file_id: int, *, withdraws_absent: bool
) -> LoadCounts:
    """Write a file's staged rows and say what changed.

    Rows of an indicator and period that the store has none of are inserted; others are merged, an indicator at a time.
    """
    dimensions = dimensions_by_breakdown(connection)
    meets = _meets_held(connection, staged)
    fresh = staged[~meets]
    insert_frame(connection, observation, fresh[list(STORED_COLUMNS)])
    counts = LoadCounts(new=len(fresh))
    if meets.any():
        order = FileOrder(connection, file_id)
        for _, group in staged[meets].groupby("indicator_id", sort=False):
            part = group.reset_index(drop=True)
            tables = LaterTables(connection, part, dimensions, order)
            counts += _write_beside(connection, part, tables, withdraws_absent=withdraws_absent)
    if withdraws_absent:
        keep_published_tables(connection, staged, dimensions)
    return counts


def write_details(connection: Connection, staged: pd.DataFrame) -> None:
    """Write what a file prints beside its values, whether or not they stand: under its own number, never merged."""
    held = [name for name in DETAIL_COLUMNS if name in staged.columns]
    if not held:
        return
    details = staged[[*STORED_KEY, "source_file_id", *held]].copy()
    for name in DETAIL_WORDS & set(held):
        told = details[name].astype(object)
        details[name] = told.where(told.notna() & (told != ""), None)
    insert_frame(connection, value_details, details[details[held].notna().any(axis=1)])


def _write_beside(
    connection: Connection, staged: pd.DataFrame, tables: LaterTables, *, withdraws_absent: bool
) -> LoadCounts:
    """Merge rows of one indicator with those held, and withdraw those that the file should have printed again."""
    held = _held_rows(connection, staged, tables.dimensions)
    places = places_among(held, staged)
    counts = merge_rows(connection, staged, held, places, tables)
    if withdraws_absent:
        absent = held[~np.isin(np.arange(len(held)), places)]
        gone = withdrawn_rows(absent, staged, tables)
        supersede(connection, gone, tables.order.file_id, "withdrawn")
        counts += LoadCounts(withdrawn=len(gone))
    return counts


def _meets_held(connection: Connection, staged: pd.DataFrame) -> Mask:
    """For each row whether the store has rows of its indicator and period."""
    occupied = _occupied_slices(connection, staged)
    slices = pd.MultiIndex.from_arrays([staged["indicator_id"], staged["period_id"]])
    return slices.isin(occupied) if occupied else np.zeros(len(staged), dtype=bool)


def _occupied_slices(connection: Connection, staged: pd.DataFrame) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    pairs = staged[["indicator_id", "period_id"]].drop_duplicates()
    for indicator_id in pairs["indicator_id"].unique().tolist():
        periods = pairs.loc[pairs["indicator_id"] == indicator_id, "period_id"].tolist()
        held = (
            select(observation.c.organisation_id)
            .where(observation.c.indicator_id == indicator_id, observation.c.period_id == period.c.id)
            .exists()
        )
        wanted = select(period.c.id).where(period.c.id.in_(periods), held)
        found.extend((indicator_id, key) for key in connection.execute(wanted).scalars())
    return found


def _held_rows(connection: Connection, staged: pd.DataFrame, dimensions: dict[int, str]) -> pd.DataFrame:
    """What the store holds in the staged rows' periods, of breakdowns by the same dimensions."""
    wanted = {dimensions[key] for key in staged["breakdown_id"].unique().tolist()}
    return frame_of_rows(
        connection,
        observation,
        HELD_COLUMNS,
        observation.c.indicator_id == int(staged["indicator_id"].iloc[0]),
        observation.c.period_id.in_(staged["period_id"].unique().tolist()),
        observation.c.breakdown_id.in_([key for key, names in dimensions.items() if names in wanted]),
    )
