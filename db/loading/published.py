"""Which file came out later, and what whole tables later files printed: what decides between releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from db.loading.keys import TABLE_KEY, Mask
from db.store.bulk import insert_frame
from db.store.schema import published_table, source_file

_NO_FILES = pd.Series([0]).iloc[:0]


@dataclass(frozen=True)
class _FileDates:
    published_on: date | None
    latest_period_end: date | None
    out_on: date


class FileOrder:
    """Which of two files came out later, as far as their dates tell; the one being loaded wins a draw."""

    def __init__(self, connection: Connection, file_id: int) -> None:
        self.file_id = file_id
        names = ("id", "published_on", "latest_period_end", "fetched_at")
        self._dates = {
            row.id: _FileDates(
                row.published_on, row.latest_period_end, row.published_on or row.fetched_at.date()
            )
            for row in connection.execute(select(*(source_file.c[name] for name in names)))
        }

    def not_older_than(self, files: pd.Series[int]) -> Mask:
        """For each file id: True where the file being loaded came out later or at the same time."""
        codes, names = pd.factorize(files)
        return np.array([self._not_older(self.file_id, int(other)) for other in names], dtype=bool)[codes]

    def came_after(self, files: pd.Series[int], others: pd.Series[int]) -> Mask:
        """For each pair of file ids: True where the first was loaded after the second and is not older."""
        codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([files, others]))
        after = [file > other and self._not_older(file, other) for file, other in pairs]
        return np.array(after, dtype=bool)[codes]

    def out_on(self, file_id: int) -> date:
        """The day on which a file came out: as published, else when it was fetched."""
        return self._dates[file_id].out_on

    def _not_older(self, file_id: int, other_id: int) -> bool:
        mine, other = self._dates[file_id], self._dates[other_id]
        if mine.published_on and other.published_on and mine.published_on != other.published_on:
            return mine.published_on > other.published_on
        if mine.latest_period_end and other.latest_period_end:
            return mine.latest_period_end >= other.latest_period_end
        return True


class LaterTables:
    """What files that came out after the one being loaded printed whole, of one indicator in some periods."""

    def __init__(
        self, connection: Connection, part: pd.DataFrame, dimensions: dict[int, str], order: FileOrder
    ) -> None:
        names = [*TABLE_KEY, "derived", "source_file_id", "maturity"]
        statement = (
            select(*(published_table.c[name] for name in names))
            .join(source_file, source_file.c.id == published_table.c.source_file_id)
            .where(
                published_table.c.indicator_id == int(part["indicator_id"].iloc[0]),
                published_table.c.period_id.in_(part["period_id"].unique().tolist()),
                source_file.c.undone_by.is_(None),
            )
        )
        rows = [tuple(row) for row in connection.execute(statement)]
        tables = pd.DataFrame.from_records(rows, columns=names)
        self.order, self.dimensions = order, dimensions
        self._tables = tables.assign(
            later=~order.not_older_than(tables["source_file_id"]),
            out=[order.out_on(int(file)).toordinal() for file in tables["source_file_id"]],
        )

    def lacking(self, rows: pd.DataFrame) -> pd.Series[int]:
        """The first file of those that withdrew each row, for rows that the store does not hold; by the rows' index.

        The question that `withdrawn_rows` asks, of files that come in the other order.
        """
        key = [*TABLE_KEY, "source_file_id", "later", "out"]
        if rows.empty or self._tables.empty:
            return _NO_FILES
        whole = self._tables.groupby(key, as_index=False).agg(maturity=("maturity", "min"))
        both = self._beside(rows, whole)
        settled = both["maturity_printed"] == both["maturity"]
        return _first(both[np.where(settled, both["later"], both["maturity_printed"] > both["maturity"])])

    def confirming(self, held: pd.DataFrame) -> pd.Series[int]:
        """The first file of those that printed each held row again, by the rows' index.

        A later table, of the row's maturity, would have withdrawn or revised the row if it had not printed it alike.
        """
        later = self._tables[self._tables["later"]]
        if later.empty:
            return _NO_FILES
        both = self._beside(held, later)
        alike = both["maturity_printed"] == both["maturity"]
        alike &= both["derived_printed"] == both["derived"]
        both = both[alike]
        return _first(both[self.order.came_after(both["source_file_id"], both["source_file_id_held"])])

    def _beside(self, rows: pd.DataFrame, tables: pd.DataFrame) -> pd.DataFrame:
        names = [*TABLE_KEY, "derived", "maturity", "source_file_id"]
        mine = with_dimensions(rows, self.dimensions)[names].rename_axis("row").reset_index()
        renamed = {"derived": "derived_printed", "maturity": "maturity_printed"}
        return mine.rename(columns={"source_file_id": "source_file_id_held"}).merge(
            tables.rename(columns=renamed), on=list(TABLE_KEY)
        )


def _first(found: pd.DataFrame) -> pd.Series[int]:
    return found.sort_values(["out", "source_file_id"]).groupby("row")["source_file_id"].first()


def printed_tables(rows: pd.DataFrame, key: Sequence[str], dimensions: dict[int, str]) -> pd.DataFrame:
    """Each table among the rows, with the lowest maturity in it: first by breakdown, since numbers group sooner."""
    by_breakdown = [name if name != "dimensions" else "breakdown_id" for name in key]
    parts = rows.groupby(by_breakdown, as_index=False).agg(maturity=("maturity", "min"))
    return (
        with_dimensions(parts, dimensions)
        .groupby(list(key), as_index=False)
        .agg(maturity=("maturity", "min"))
    )


def with_dimensions(rows: pd.DataFrame, dimensions: dict[int, str]) -> pd.DataFrame:
    """The rows with the names of their breakdown's dimensions, which a table has in common."""
    return rows.assign(dimensions=rows["breakdown_id"].map(dimensions))


def keep_published_tables(connection: Connection, staged: pd.DataFrame, dimensions: dict[int, str]) -> None:
    """Note which whole tables a file printed, so that files loaded later know what it left out."""
    key = ["indicator_id", *TABLE_KEY, "derived", "source_file_id"]
    insert_frame(connection, published_table, printed_tables(staged, key, dimensions))
