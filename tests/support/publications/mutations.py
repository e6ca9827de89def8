"""One random change to a published file, as a slip of the hand or of a program makes them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from db.reading.spreadsheets import Cell, is_workbook, read_csv, read_workbook
from etl.demo.workbook import workbook
from etl.reading.demonstration_mark import STATEMENT
from etl.source import RawFile

Rows = list[list[Cell]]
Sheets = list[tuple[str, Rows]]
_NUMBER = re.compile(r"-?\d[\d,]*(\.\d+)?%?")
_CODE = re.compile(r"[A-Z][A-Z0-9]{2,5}|\d{2}[A-Z]")


@dataclass(frozen=True)
class Mutation:
    """What was done, and where, in words."""

    kind: str
    where: str
    raw: RawFile


def sheets_of(raw: RawFile) -> Sheets:
    """A file's cells, sheet by sheet; a text file has one sheet without a name."""
    if is_workbook(raw):
        return [(name, sheet.rows) for name, sheet in read_workbook(raw).items()]
    return [("", read_csv(raw).rows)]


def written(name: str, sheets: Sheets, *, as_workbook: bool) -> RawFile:
    """The cells as a file again."""
    if not as_workbook:
        kept = io.StringIO(newline="")
        csv.writer(kept, lineterminator="\r\n").writerows(sheets[0][1])
        return RawFile(name, kept.getvalue().encode())
    plain = [(title, [[_plain(cell) for cell in row] for row in rows]) for title, rows in sheets]
    return RawFile(name, _unmarked(workbook(plain)))


def _unmarked(content: bytes) -> bytes:
    """A workbook without the mark of demonstration data: its figures are a publisher's."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(STATEMENT.encode(), b"A copy"))
    return kept.getvalue()


def _plain(cell: Cell) -> str | float | None:
    if isinstance(cell, datetime | date):
        return f"{cell:%b-%y}"
    if isinstance(cell, time | timedelta):
        return str(cell)
    return None if cell == "" else cell


def mutated(raw: RawFile, sheets: Sheets, chance: Random) -> Mutation | None:
    """The file with one change of a kind chosen at random; None where that kind finds nothing to change."""
    kind = chance.choice(list(KINDS))
    place = chance.randrange(len(sheets))
    title, rows = sheets[place]
    copy = [list(row) for row in rows]
    where = KINDS[kind](copy, chance) if kind != "sheet removed" else f"sheet '{title}'"
    if where is None or (kind == "sheet removed" and len(sheets) == 1):
        return None
    changed = [*sheets[:place], *([] if kind == "sheet removed" else [(title, copy)]), *sheets[place + 1 :]]
    return Mutation(kind, f"{title} {where}", written(raw.name, changed, as_workbook=is_workbook(raw)))


def _places(rows: Rows, fits: Callable[[Cell], bool]) -> list[tuple[int, int]]:
    return [(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if fits(cell)]


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return False
    return isinstance(cell, int | float) or (isinstance(cell, str) and bool(_NUMBER.fullmatch(cell.strip())))


def _changed(
    fits: Callable[[Cell], bool], change: Callable[[Cell, Random], Cell]
) -> Callable[[Rows, Random], str | None]:
    """A change of one cell of those that fit."""

    def apply(rows: Rows, chance: Random) -> str | None:
        places = _places(rows, fits)
        if not places:
            return None
        row, column = chance.choice(places)
        before, after = rows[row][column], change(rows[row][column], chance)
        if before == after:
            return None
        rows[row][column] = after
        return f"row {row + 1}, column {column + 1}: {before!r} to {after!r}"

    return apply


def _as_number(cell: Cell, text: str) -> Cell:
    return float(text) if isinstance(cell, float) else int(float(text)) if isinstance(cell, int) else text


def _digit(cell: Cell, chance: Random) -> Cell:
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    place = chance.choice(places)
    return _as_number(cell, text[:place] + chance.choice("0123456789") + text[place + 1 :])


def _sign(cell: Cell, _: Random) -> Cell:
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    return _as_number(cell, text.removeprefix("-") if text.startswith("-") else f"-{text}")


def _decimal(cell: Cell, chance: Random) -> Cell:
    factor = chance.choice((10, 0.1, 100))
    text = str(cell).strip()
    number = float(text.rstrip("%").replace(",", "")) * factor
    return number if isinstance(cell, int | float) else f"{number:.10g}" + ("%" if text.endswith("%") else "")


def _code(cell: Cell, chance: Random) -> Cell:
    text = str(cell)
    place = chance.randrange(len(text))
    return text[:place] + chance.choice("ABCDEFGHJKLMNPRSTVWXYZ0123456789") + text[place + 1 :]


def _rows_with_numbers(rows: Rows) -> list[int]:
    return sorted({row for row, _ in _places(rows, _is_number)})


def _row_removed(rows: Rows, chance: Random) -> str | None:
    places = _rows_with_numbers(rows)
    if not places:
        return None
    place = chance.choice(places)
    return f"row {place + 1} removed: {rows.pop(place)[:4]}"


def _row_doubled(rows: Rows, chance: Random) -> str | None:
    places = _rows_with_numbers(rows)
    if not places:
        return None
    place = chance.choice(places)
    rows.insert(place + 1, list(rows[place]))
    return f"row {place + 1} doubled"


def _columns_swapped(rows: Rows, chance: Random, *, headers_only: bool) -> str | None:
    width = max(map(len, rows), default=0)
    filled = [place for place, row in enumerate(rows) if sum(isinstance(c, str) and bool(c) for c in row) > 3]
    if width < 3 or not filled:
        return None
    header = chance.choice(filled[:3])
    one = chance.randrange(width - 1)
    other = min(width - 1, one + chance.choice((1, 1, 2)))
    for row in [rows[header]] if headers_only else rows[header + 1 :]:
        if other < len(row):
            row[one], row[other] = row[other], row[one]
    return f"{'headings' if headers_only else 'contents'} of columns {one + 1} and {other + 1}, header row {header + 1}"


def _is_label(cell: Cell) -> bool:
    return isinstance(cell, str) and len(cell.strip()) > 1 and not _NUMBER.fullmatch(cell.strip())


KINDS: dict[str, Callable[[Rows, Random], str | None]] = {
    "digit": _changed(_is_number, _digit),
    "sign": _changed(_is_number, _sign),
    "decimal": _changed(_is_number, _decimal),
    "number blanked": _changed(_is_number, lambda *_: ""),
    "huge number": _changed(
        _is_number, lambda cell, _: _as_number(cell, "1e300") if isinstance(cell, float) else "1e300"
    ),
    "label blanked": _changed(_is_label, lambda *_: ""),
    "code changed": _changed(lambda cell: isinstance(cell, str) and bool(_CODE.fullmatch(cell)), _code),
    "row removed": _row_removed,
    "row doubled": _row_doubled,
    "headings swapped": lambda rows, chance: _columns_swapped(rows, chance, headers_only=True),
    "columns swapped": lambda rows, chance: _columns_swapped(rows, chance, headers_only=False),
    "sheet removed": lambda *_: None,
}
