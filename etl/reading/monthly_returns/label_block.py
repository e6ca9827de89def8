"""The block of labels on top of a sheet: title, period, basis, publication day, in one cell or two."""

from __future__ import annotations

import re
from datetime import date, datetime

from db.domain import Period
from db.reading.spreadsheets import Worksheet, is_blank, text_of
from etl.reading.periods import MONTH_NAMES, month_of

TOP_ROWS = 14
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]+) (20\d\d)")


def labels_above(sheet: Worksheet, end: int = TOP_ROWS) -> dict[str, str]:
    """The labels in the rows before `end`, in small letters, with their texts: "period" and "December 2024".

    A day is written out: "1 December 2024".
    """
    found: dict[str, str] = {}
    for row in sheet.rows[:end]:
        cells = [cell for cell in row if not is_blank(cell)]
        texts = [
            f"{cell.day} {cell:%B %Y}" if isinstance(cell, date | datetime) else text_of(cell)
            for cell in cells
        ]
        label, _, rest = " ".join(texts[:2]).partition(":")
        if rest.strip():
            found.setdefault(label.casefold().strip(), rest.strip())
    return found


def bears_title(sheet: Worksheet, title: str) -> bool:
    """Whether a sheet's title begins with a publication's, in small letters."""
    return labels_above(sheet).get("title", "").casefold().startswith(title)


def month_said(text: str) -> Period | None:
    """The month of a period's text, the last of a span: "December 2024", "April 2007 to May 2026", "1 May 2026"."""
    last = text.casefold().rpartition(" to ")[2]
    return month_of(last.removeprefix("1 "))


def day_said(text: str) -> date | None:
    """A day as the publisher writes it: "10th July 2025"; None for "-" and all else."""
    match = _DAY.fullmatch(text.casefold())
    if match is None or match[2] not in MONTH_NAMES:
        return None
    try:
        return date(int(match[3]), MONTH_NAMES.index(match[2]) + 1, int(match[1]))
    except ValueError:
        return None
