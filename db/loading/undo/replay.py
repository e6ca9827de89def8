"""What would stand if other files counted: their rows, loaded again in their order into a scratch store in memory.

Every row of every file is kept (`observation`, `observation_revision`, `observation_unused`), so that a file can be
left out or taken in again by the rules of the load themselves, without its bytes, and nothing is written to the store.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import Connection, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from db.loading.keys import HELD_COLUMNS, REVISION_COLUMNS, STORED_COLUMNS, STORED_KEY, TABLE_KEY
from db.loading.published import FileOrder, with_dimensions
from db.loading.register import dimensions_by_breakdown
from db.loading.write import write_rows
from db.store.bulk import frame_of_rows
from db.store.schema import (
    breakdown,
    metadata,
    observation,
    observation_revision,
    observation_unused,
    period,
    published_table,
    source_file,
    store_meta,
)

ROW = (*STORED_KEY, "source_file_id")
"""What tells the rows that files printed from each other."""
_LAST_WITHOUT_REPEATS = "last_file_without_repeated_rows"
_TABLES = (
    source_file,
    breakdown,
    period,
    observation,
    observation_revision,
    observation_unused,
    published_table,
)


@dataclass(frozen=True)
class SliceRows:
    """All rows of one indicator in some periods: those that stand, that once did, and that were never used."""

    standing: pd.DataFrame
    revised: pd.DataFrame
    unused: pd.DataFrame
    tables: pd.DataFrame

    def printed(self) -> pd.DataFrame:
        """Every row with the file that printed it."""
        parts = [part[list(STORED_COLUMNS)] for part in (self.standing, self.revised, self.unused)]
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def read_slice(connection: Connection, indicator_id: int, periods: Sequence[int]) -> SliceRows:
    """What the store holds of one indicator in some periods."""
    kinds = (
        (observation, HELD_COLUMNS),
        (observation_revision, REVISION_COLUMNS),
        (observation_unused, STORED_COLUMNS),
        (published_table, (*TABLE_KEY, "derived", "source_file_id", "maturity")),
    )
    return SliceRows(
        *(
            frame_of_rows(
                connection,
                table,
                columns,
                table.c.indicator_id == indicator_id,
                table.c.period_id.in_(list(periods)),
            )
            for table, columns in kinds
        )
    )


class Scratch:
    """A store in memory that knows the files, periods and breakdowns of another, with other files undone."""

    def __init__(self, connection: Connection, undone: Collection[int]) -> None:
        self._undone = frozenset(undone)
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self._engine, tables=list(_TABLES))
        with self._engine.begin() as scratch:
            for table in (source_file, breakdown, period):
                rows = [dict(row) for row in connection.execute(select(table)).mappings()]
                if table is source_file:
                    rows = [row | {"undone_by": 1 if row["id"] in self._undone else None} for row in rows]
                if rows:
                    scratch.execute(insert(table), rows)
        self._dimensions = dimensions_by_breakdown(connection)
        kept = select(store_meta.c.value).where(store_meta.c.name == _LAST_WITHOUT_REPEATS)
        self._without_repeats = int(connection.execute(kept).scalar() or 0)

    def replay(self, before: SliceRows, indicator_id: int, periods: Sequence[int]) -> SliceRows:
        """What the store would hold of a slice."""
        printed = before.printed()
        whole = {*before.tables["source_file_id"]} | {
            *before.revised.loc[before.revised["reason"] == "withdrawn", "superseded_by_file_id"]
        }
        with self._engine.begin() as scratch:
            for table in (observation, observation_revision, observation_unused, published_table):
                scratch.execute(table.delete())
            printed = pd.concat([printed, self._repeated(scratch, before, printed)], ignore_index=True)
            left_out = printed["source_file_id"].isin(self._undone)
            for file_id, rows in printed[~left_out].groupby("source_file_id"):
                number = int(str(file_id))
                staged = rows.reset_index(drop=True)
                write_rows(scratch, staged, number, withdraws_absent=number in whole)
            after = read_slice(scratch, indicator_id, periods)
        unused = pd.concat([after.unused, printed[left_out]], ignore_index=True)
        return SliceRows(after.standing, after.revised, unused, before.tables)

    def _repeated(self, scratch: Connection, before: SliceRows, printed: pd.DataFrame) -> pd.DataFrame:
        """Rows that files of before such rows were kept repeated, as far as their whole tables tell.

        A row that stood when a later file printed its table, and that this file neither revised nor withdrew, was
        printed by it alike.
        """
        until = np.iinfo(np.int64).max
        lived = pd.concat([before.standing.assign(superseded_by_file_id=until), before.revised])
        lived = with_dimensions(lived, self._dimensions)
        key = [*TABLE_KEY, "derived", "maturity"]
        found = [printed.iloc[:0]]
        for file_id in sorted({*before.tables["source_file_id"]}):
            if file_id > self._without_repeats:
                break
            over = lived[(lived["source_file_id"] < file_id) & (lived["superseded_by_file_id"] > file_id)]
            over = over[FileOrder(scratch, int(file_id)).not_older_than(over["source_file_id"])]
            of_file = before.tables[before.tables["source_file_id"] == file_id]
            rows = over.merge(of_file[key], on=key).assign(source_file_id=file_id)[list(STORED_COLUMNS)]
            found.append(rows[~_among(rows, printed)])
        return pd.concat(found, ignore_index=True)


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keys = pd.MultiIndex.from_frame(others[list(ROW)])
    return np.asarray(pd.MultiIndex.from_frame(rows[list(ROW)]).isin(keys), dtype=bool)
