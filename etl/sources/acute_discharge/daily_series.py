"""England's daily series since April 2021, as means of months."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

import numpy as np

from db.domain import ENGLAND, Basis, Period
from db.reading.spreadsheets import Cell, Worksheet, find_header, number, text_of
from etl.source import LayoutError
from etl.sources.acute_discharge.days import LABELS, DailyRow, as_sent, contradicting_day

SERIES_SHEET = "daily series"


def read_daily_series(sheet: Worksheet) -> dict[Period, DailyRow]:
    """England's row of every month that the sheet has, oldest first.

    Raises LayoutError for a day that is no day, comes twice or is left out, and for counts that do not agree.
    """
    header = find_header(sheet, "Date", *LABELS)
    date_column, columns = header.column("Date"), [header.column(label) for label in LABELS]
    found: dict[Period, dict[int, list[float]]] = defaultdict(dict)
    before: date | None = None
    for index, row in header.body():
        day = day_in_cell(row[date_column])
        if day is None:
            if text_of(row[date_column]):
                raise LayoutError(sheet.where(index), "a day", f"'{text_of(row[date_column])}'")
            continue
        if before is not None and (day - before).days != 1:
            raise LayoutError(sheet.where(index), f"the day after {before}", f"{day}")
        before = day
        counts = [number(row[column], sheet.where(index)) for column in columns]
        if contradicting_day(np.array([counts])) is not None:
            wanted = f"counts of {day} that agree: ready less discharged is remaining"
            raise LayoutError(sheet.where(index), wanted, ", ".join(f"{count:g}" for count in counts))
        found[Period.month(day.year, day.month)][day.day] = counts
    if not found:
        raise LayoutError(header.where, "days with figures below", "none")
    return {month: _row(month, days) for month, days in found.items()}


def day_in_cell(cell: Cell) -> date | None:
    """The day that a cell is, None for all else."""
    if isinstance(cell, datetime):
        return cell.date()
    return cell if isinstance(cell, date) else None


def _row(month: Period, given: dict[int, list[float]]) -> DailyRow:
    days = np.full(((month.end - month.start).days + 1, len(LABELS)), np.nan)
    for day, counts in given.items():
        days[day - 1] = counts
    return DailyRow(ENGLAND, "England", Basis.NATIONAL, as_sent(days))
