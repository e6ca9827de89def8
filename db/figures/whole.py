"""Every row of the tables of figures as columns of numbers, for files that hold the whole store.

Words are numbered as they come: most rows have none, and rows of numbers alone become arrays at a third of the cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Row,
    Select,
    Table,
    and_,
    case,
    func,
    literal,
    select,
)

from db.domain import DETAIL_COLUMNS
from db.domain.observation import DETAIL_WORDS
from db.store.schema import observation, observation_revision, value_details

_FETCHED_ROWS, _SENT_ROWS, _BATCH_ROWS = 512, 10_240, 40_960
"""Rows are taken few at a time, so that they are still in the processor's cache when they become an array; a server
sends more of them at once."""
_BESIDE = tuple(name for name in DETAIL_COLUMNS if name not in DETAIL_WORDS)
_BASES, _MATURITIES = 64, 8
_PLACES = ("organisation_id", "breakdown_id", "period_id")
_NUMBERS = (*_PLACES, "numerator", "denominator", "value")

NumberColumns = Mapping[str, NDArray[np.float64]]
"""Columns by name, a number for each row: NaN where one is missing, of words their number, 0 for none."""


@dataclass(frozen=True)
class FigureRows:
    """A table of figures, and the columns that a batch of it may have: numbers, those that are published beside them,
    words, and `made`, which tells how a figure was made (`Making`)."""

    table: Table
    own: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (*_NUMBERS, *self.own, "indicator_id", "made", "missing_reason", *_BESIDE, "note")


STANDING = FigureRows(observation)
REPLACED = FigureRows(observation_revision, ("superseded_by_file_id",))


@dataclass(frozen=True)
class Making:
    """How a figure was made, in the store's numbers: of which file, on which basis, how final, and whether by us."""

    file: int
    basis: int
    maturity: int
    derived: bool

    @classmethod
    def of(cls, number: int) -> Making:
        """What a number of the column `made` says."""
        rest, derived = divmod(number, 2)
        rest, maturity = divmod(rest, _MATURITIES)
        file, basis = divmod(rest, _BASES)
        return cls(file, basis, maturity, bool(derived))


def number_batches(
    connection: Connection,
    rows: FigureRows,
    indicators: Collection[int],
    detailed: Collection[int],
    words: dict[str, int],
) -> Iterator[NumberColumns]:
    """All rows of some indicators, in their order and that of the key, some ten thousand at once.

    Of those of `detailed`, by which something is published beside values, with that; others have no such columns.
    `words` takes up the numbers of words.
    """
    for number in indicators:
        yield from _of_indicator(connection, rows, number, words, detailed=number in detailed)


def _of_indicator(
    connection: Connection, rows: FigureRows, number: int, words: dict[str, int], *, detailed: bool
) -> Iterator[NumberColumns]:
    table = rows.table
    numbers = [table.c[name] for name in (*_NUMBERS, *rows.own)]
    written = {"missing_reason": table.c.missing_reason}
    if detailed:
        numbers += [value_details.c[name] for name in _BESIDE]
        written["note"] = value_details.c.note
    asked = _Asked(_source(table, detailed=detailed), table, number)
    flags = [case((column != "", 1), else_=0) for column in written.values()]
    columns = [*map(_present, numbers), _made(table) * 2 + flags[0], *flags[1:]]
    names = [*(column.name for column in numbers), "made", *list(written)[1:]]
    streams = {
        name: chain.from_iterable(_fetched(connection, asked.rows(column).where(column != "")))
        for name, column in written.items()
    }
    for cells in _cells(_fetched(connection, asked.rows(*columns)), len(names)):
        cells[np.isinf(cells)] = np.nan
        batch = dict(zip(names, cells, strict=True))
        batch["made"], batch["missing_reason"] = np.divmod(batch["made"], 2)
        batch["indicator_id"] = np.full(cells.shape[1], float(number))
        for name, stream in streams.items():
            given = np.flatnonzero(batch[name])
            found = (row[0] for row in islice(stream, len(given)))
            batch[name][given] = [words.setdefault(word, len(words) + 1) for word in found]
        yield batch


def _made(table: Table) -> ColumnElement[int]:
    """`Making` as one number: a column less costs more than a sum."""
    rows = table.c
    return ((rows.source_file_id * _BASES + rows.basis) * _MATURITIES + rows.maturity) * 2 + rows.derived


def _cells(fetched: Iterable[Sequence[Row[Any]]], wide: int) -> Iterator[NDArray[np.float64]]:
    """Rows of so many numbers as columns, each in one piece, so that whoever takes them over need not step through."""
    held, filled = np.empty((wide, _BATCH_ROWS)), 0
    for rows in fetched:
        if filled + len(rows) > _BATCH_ROWS:
            yield held[:, :filled]
            held, filled = np.empty((wide, _BATCH_ROWS)), 0
        cells = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * wide)
        held[:, filled : filled + len(rows)] = cells.reshape(-1, wide).T
        filled += len(rows)
    if filled:
        yield held[:, :filled]


@dataclass(frozen=True)
class _Asked:
    source: FromClause
    table: Table
    indicator: int

    def rows(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Columns of the indicator's rows in the order of their key."""
        asked = select(*columns).select_from(self.source).where(self.table.c.indicator_id == self.indicator)
        return asked.order_by(*self.table.primary_key.columns)


def _source(table: Table, *, detailed: bool) -> FromClause:
    if not detailed:
        return table
    same = [value_details.c[key.name] == table.c[key.name] for key in value_details.primary_key.columns]
    return table.join(value_details, and_(*same), isouter=True)


def _present(column: Column[Any]) -> ColumnElement[Any]:
    """A number where there may be none, so that a row is of one kind: taken out again."""
    return func.coalesce(column, literal(inf, Float(53))) if isinstance(column.type, Float) else column


def _fetched(connection: Connection, statement: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    options = {"stream_results": True, "max_row_buffer": _SENT_ROWS}
    with connection.execute(statement, execution_options=options) as result:
        yield from result.partitions(_FETCHED_ROWS)
