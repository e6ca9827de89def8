"""Counts and values as people write them in a cell."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from db.reading.lists import SPREADSHEET_ERRORS, shown_cell
from db.reading.spreadsheets import Cell, is_blank, without_thousands

_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d{1,2}")
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number, None for an empty cell, or what is wrong. `thousands`: its thousands were parted by commas.
    `per_cent`: it was written with a per cent sign."""

    value: float | None = None
    problem: str = ""
    thousands: bool = False
    per_cent: bool = False


def read_number(cell: Cell) -> ReadNumber:
    """A cell as a number: plain digits, a decimal point, thousands parted by commas, a per cent sign."""
    if isinstance(cell, str):
        return _of_text(cell)
    number = float(cell) if isinstance(cell, float | int) and not isinstance(cell, bool) else math.inf
    fine = abs(number) <= _LARGEST
    return ReadNumber(number) if fine else ReadNumber(problem=f"{shown_cell(cell)} is not a figure.")


@lru_cache(maxsize=4096)
def _of_text(cell: str) -> ReadNumber:
    if is_blank(cell):
        return ReadNumber()
    shown = shown_cell(cell)
    text = cell.strip().replace("\u2212", "-")
    if text.upper() in SPREADSHEET_ERRORS:
        return ReadNumber(problem=f"{shown} is an error of the spreadsheet, not a figure.")
    per_cent = text.endswith("%")
    bare = text.removesuffix("%").strip()
    plain = without_thousands(bare)
    if _PLAIN.fullmatch(plain) and plain.isascii() and abs(float(plain)) <= _LARGEST:
        return ReadNumber(float(plain), thousands=plain != bare, per_cent=per_cent)
    if _DECIMAL_COMMA.fullmatch(bare):
        return ReadNumber(problem=f"{shown} has a decimal comma. Write {bare.replace(',', '.')}.")
    return ReadNumber(
        problem=f"{shown} is not a figure. If the count was withheld, leave it empty and give missing_reason = "
        "suppressed; zero is written 0."
    )


def number_text(value: float) -> str:
    """A number as a message shows it: 1064, 0.81."""
    return f"{value:.10g}"
