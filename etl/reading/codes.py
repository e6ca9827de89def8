"""What is an organisation's code, for every reader: a workbook's cell, a line of text, a whole column.

Codes of the Organisation Data Service are three to six letters and digits: `RVV`, `91Q`, `M1J4Y`, `G82001`. Small
letters are read as capitals. A number is no code (spreadsheets make 50 of the code 5E1), and a word of more than
three letters without a digit is a name.
"""

from __future__ import annotations

import re

import pandas as pd

from db.reading.characters import plain_text, quoted
from etl.source import LayoutError

WANTED_CODE = "an organisation's code"
_CODE = re.compile(r"(?=[0-9]*[A-Za-z])(?:[A-Za-z0-9]{3}|(?=[A-Za-z]*[0-9])[A-Za-z0-9]{4,6})")


def code_of(text: str) -> str:
    """A text as an organisation's code in capitals, "" where it is none."""
    return text.upper() if _CODE.fullmatch(text) else ""


def organisation_code(text: str, where: str, name: str = "") -> str:
    """A text as an organisation's code in capitals; `name` stands beside it in the file.

    Raises LayoutError with its place where it is no code.
    """
    code = code_of(text)
    if not code:
        shown = plain_text(name)
        beside = f" ({shown})" if shown and shown != plain_text(text) else ""
        raise LayoutError(where, WANTED_CODE, f"{quoted(text) if text else 'none'}{beside}")
    return code


def organisation_codes(column: pd.Series[str], wanted: str = WANTED_CODE) -> pd.Series[str]:
    """A column of codes in capitals, of what is `wanted`. Its index counts the rows below a header in line 1, from 0.

    Raises LayoutError at the first cell that is no code.
    """
    codes = {text: code_of(text) for text in column.unique()}
    wrong = column.map(codes).eq("").to_numpy()
    if wrong.any():
        row = column.index[wrong][0]
        raise LayoutError(f"row {row + 2}, column {column.name}", wanted, quoted(column.loc[row]))
    return column if all(text == code for text, code in codes.items()) else column.map(codes)
