"""What an address of the API answers with: rows under the keys of the dictionary of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stp_dash.analysis.sheet import Cell, OnDemand, Sheet

MARK = "status_of_data"
"""The key under which a row of invented figures says that it is one."""
INVENTED_ROW = "demonstration data"
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Rows whose cells stand in the order of `keys`, made when they are read; `owners` are whose figures they are."""

    keys: tuple[str, ...]
    rows: Sequence[Row] = ()
    owners: tuple[str, ...] = field(default=())


def sheet_table(sheet: Sheet, keys: tuple[str, ...]) -> Table:
    """A sheet of a page under some keys: what the sheet leaves out, because nothing is published of it, is empty."""
    columns = {column.key: column.raw for column in sheet.download}
    mark = INVENTED_ROW if sheet.demonstration else None
    makers = [_maker(columns.get(key), mark if key == MARK else None) for key in keys]

    def row(place: int) -> Row:
        return tuple([make(place) for make in makers])

    return Table(keys, OnDemand(sheet.length, row), (sheet.source,))


def _maker(cells: Sequence[Cell] | None, other: Cell) -> Callable[[int], Cell]:
    """What gives a row's cell of a column; `other` where there is no such column. A page has thirty thousand cells."""
    if cells is None:
        return lambda _: other
    return cells.make if isinstance(cells, OnDemand) else cells.__getitem__
