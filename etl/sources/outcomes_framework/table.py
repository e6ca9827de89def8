"""The table: one row a period, breakdown and place, in a text file or below a workbook's notes.

Quarters stand among the years, and their rates are of three months. Only the rows of years are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isfinite, nan
from typing import Final

from db.domain import Period
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    header_at,
    is_workbook,
    listed,
    normalise_label,
    number,
    read_csv,
    read_workbook,
    sheet_names,
    text_of,
)
from etl.source import LayoutError, RawFile
from etl.sources.outcomes_framework.vocabulary import KINDS, is_known_breakdown

SHEET: Final = "Indicator data"
MARKS: Final = ("Year", "Breakdown", "Level", "Level description", "Indicator value")
"""What tells this framework's tables from others. That of commissioners begins with `Reporting period` instead."""

_TEXTS: Final = ("Year", "Quarter", "Period of coverage", "Breakdown", "Level", "Level description")
_NUMBERS: Final = ("Indicator value", "Lower CI", "Upper CI", "Standardised ratio", "Observed", "Expected")
_SUPPRESSED: Final = "*"
_YEAR: Final = re.compile(r"(\d{4})/(\d{2})(?!\d)")
_COVERAGE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) to (\d{1,2})/(\d{1,2})/(\d{4})")
_ANNUAL: Final = "annual"
_QUARTERS: Final = ("1", "2", "3", "4")


@dataclass(frozen=True, slots=True)
class AnnualRow:
    """A row of a year. NaN is not published; `suppressed` says that one of its cells is an asterisk."""

    where: str
    period: Period
    breakdown: str
    level: str
    name: str
    value: float
    lower: float
    upper: float
    ratio: float
    observed: float
    expected: float
    suppressed: bool

    @property
    def figures(self) -> tuple[float, ...]:
        """The numbers of the row."""
        return (self.value, self.lower, self.upper, self.ratio, self.observed, self.expected)


def bears_marks(sheet: Worksheet) -> bool:
    """Whether one of a sheet's rows is the header of such a table."""
    wanted = set(map(normalise_label, MARKS))
    return any(wanted <= {normalise_label(cell) for cell in row} for row in sheet.rows)


def annual_rows(raw: RawFile) -> Iterator[AnnualRow]:
    """The rows of years of England, regions and councils of both tiers.

    Raises LayoutError naming row and column for a missing column, a breakdown that is not known, a period that its own
    columns contradict, and what is no number; UnreadableFileError for bytes of another kind.
    """
    header = _header(raw)
    columns = {label: header.column(label) for label in (*_TEXTS, *_NUMBERS)}
    for index, row in header.body():
        where = header.sheet.where(index)
        if len(row) != len(header.labels):
            wanted = f"{len(header.labels)} fields as in the header"
            raise LayoutError(where, wanted, f"{len(row)}: the file may be cut short")
        year, quarter, coverage, breakdown, level, name = (text_of(row[columns[label]]) for label in _TEXTS)
        period = _period(year, quarter, coverage)
        if isinstance(period, str):
            raise LayoutError(where, period, f"'{year}', '{quarter}' and '{coverage}'")
        if not is_known_breakdown(breakdown):
            wanted = f"a known 'Breakdown' such as {listed(KINDS)}"
            raise LayoutError(where, wanted, f"'{breakdown}'")
        if breakdown.casefold() in KINDS and quarter.casefold() == _ANNUAL:
            cells = {label: row[columns[label]] for label in _NUMBERS}
            found = {label: _number(cell, f"{where} ({name}), {label}") for label, cell in cells.items()}
            yield AnnualRow(
                where=where,
                period=period,
                breakdown=breakdown.casefold(),
                level=level,
                name=name,
                value=found["Indicator value"],
                lower=found["Lower CI"],
                upper=found["Upper CI"],
                ratio=found["Standardised ratio"],
                observed=found["Observed"],
                expected=found["Expected"],
                suppressed=_SUPPRESSED in map(text_of, cells.values()),
            )


def _header(raw: RawFile) -> Header:
    """The row that begins with `Year`: the first of a text file, in a workbook below some notes."""
    sheets = {"": read_csv(raw)} if not is_workbook(raw) else read_workbook(raw, (SHEET,))
    if not sheets:
        raise LayoutError(raw.name, f"a sheet '{SHEET}'", listed(sheet_names(raw)))
    (sheet,) = sheets.values()
    year = normalise_label(MARKS[0])
    found = (index for index, row in enumerate(sheet.rows) if row and normalise_label(row[0]) == year)
    index = next(found, None)
    if index is None:
        raise LayoutError(raw.name, f"a row that begins with '{MARKS[0]}'", f"none in {len(sheet.rows)} rows")
    return header_at(sheet, index)


def _number(cell: Cell, where: str) -> float:
    text = text_of(cell)
    if text in ("", _SUPPRESSED):
        return nan
    found = number(cell, where, ())
    if not isfinite(found) or found < 0 or text.endswith("%"):
        raise LayoutError(where, f"a number of 0 or more, or '{_SUPPRESSED}'", f"'{text}'")
    return found


@cache
def _period(year: str, quarter: str, coverage: str) -> Period | str:
    """The period of a row's three texts, or what they should have been.

    Notes may stick to the year: "2012/13 [1]". Quarter 1 begins in April.
    """
    match = _YEAR.match(year)
    if match is None or int(match[2]) != (int(match[1]) + 1) % 100:
        return "a financial year in 'Year', such as 2023/24"
    first = int(match[1])
    if quarter.casefold() == _ANNUAL:
        period = Period.financial_year(first)
    elif quarter in _QUARTERS:
        month = 3 * int(quarter) + 1
        period = Period.quarter(first + month // 12, month % 12)
    else:
        return f"'Annual', 1, 2, 3 or 4 in 'Quarter' of {year}"
    wanted = (period.start, period.end)
    if _days(coverage) != wanted:
        start, end = (f"{day.day}/{day.month}/{day.year}" for day in wanted)
        return f"'{start} to {end}' in 'Period of coverage' for these"
    return period


def _days(coverage: str) -> tuple[date, date] | None:
    match = _COVERAGE.fullmatch(coverage)
    if match is None:
        return None
    try:
        days = [int(part) for part in match.groups()]
        return date(days[2], days[1], days[0]), date(days[5], days[4], days[3])
    except ValueError:
        return None
