"""What an address of the API answers with: rows under the keys of the dictionary of columns."""

from __future__ import annotations

from collections.abc import Sequence
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
    wanted = [columns.get(key) for key in keys]

    def row(place: int) -> Row:
        return tuple(
            mark if key == MARK else cells[place] if cells is not None else None
            for key, cells in zip(keys, wanted, strict=True)
        )

    return Table(keys, OnDemand(sheet.length, row), (sheet.source,))
