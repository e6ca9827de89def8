"""The ways in which publishers write a month, a quarter or a financial year, read into `Period`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from db.domain import Frequency, Period
from db.reading.spreadsheets import Cell, excel_date, text_of

MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
FIRST_SERIAL, LAST_SERIAL = 32_874, 73_050
"""1 January 1990 and 31 December 2099: numbers between are taken for Excel days, no others."""

_MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)} | {
    name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)
}
_MONTHS["sept"] = 9
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + ")"
_FINANCIAL_YEAR = r"(?P<first>\d{4}|\d{2})[/-](?P<second>\d{2})"


@dataclass(frozen=True)
class MonthSpan:
    """A run of whole months, both ends included."""

    first: Period
    last: Period

    @property
    def months(self) -> int:
        return _ordinal(self.last) - _ordinal(self.first) + 1

    def holds(self, period: Period) -> bool:
        return self.first.start <= period.start and period.end <= self.last.end


def _ordinal(month: Period) -> int:
    return month.start.year * 12 + month.start.month


def _four_digits(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _first_year(match: re.Match[str]) -> int | None:
    """The year in which a financial year begins; None where its two halves do not follow each other."""
    first = _four_digits(match["first"])
    return first if (first + 1) % 100 == int(match["second"]) else None


def month_of_financial_year(first_year: int, month: int) -> Period:
    """A month of the financial year that begins in April of a year: January of 2021/22 is January 2022."""
    return Period.month(first_year if month >= 4 else first_year + 1, month)


def _financial_month(match: re.Match[str]) -> Period | None:
    first = _first_year(match)
    return None if first is None else month_of_financial_year(first, _MONTHS[match["month"]])


def _calendar_month(match: re.Match[str]) -> Period:
    return Period.month(_four_digits(match["year"]), _MONTHS[match["month"]])


def _dated_month(match: re.Match[str]) -> Period | None:
    month = int(match["number"])
    return Period.month(int(match["year"]), month) if 1 <= month <= 12 else None


def _serial_month(match: re.Match[str]) -> Period | None:
    return _month_of_serial(float(match[0]))


def _month_of_serial(serial: float) -> Period | None:
    return _month_of_day(excel_date(serial)) if FIRST_SERIAL <= serial <= LAST_SERIAL else None


def _month_of_day(day: date) -> Period | None:
    return Period.month(day.year, day.month) if day.day == 1 else None


def _quarter(match: re.Match[str]) -> Period | None:
    first = _first_year(match)
    if first is None:
        return None
    number = int(match["quarter"])
    return Period.quarter(first + (number == 4), (4, 7, 10, 1)[number - 1])


def _year(match: re.Match[str]) -> Period | None:
    first = _first_year(match)
    return None if first is None else Period.financial_year(first)


_SPELLINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = (
    (re.compile(rf"{_MONTH}[ -]{_FINANCIAL_YEAR}"), _financial_month),
    (re.compile(rf"{_MONTH}[ -]+(?P<year>\d{{4}}|\d{{2}})"), _calendar_month),
    (re.compile(r"(?P<year>\d{4})-(?P<number>\d{2})-01(?:[ t]00:00(?::00)?)?"), _dated_month),
    (re.compile(r"01/(?P<number>\d{2})/(?P<year>\d{4})"), _dated_month),
    (re.compile(r"\d{5}"), _serial_month),
    (re.compile(rf"{_FINANCIAL_YEAR} q(?P<quarter>[1-4])"), _quarter),
    (re.compile(rf"q(?P<quarter>[1-4]) {_FINANCIAL_YEAR}"), _quarter),
    (re.compile(rf"{_FINANCIAL_YEAR}"), _year),
)


def period_of(cell: Cell) -> Period | None:
    """The period that one cell names, or None where it names none.

    Months: a date on the first of a month, an Excel day number, "PERIOD: June 2015", "Oct-15", "2024-11-01",
    "01/04/2025" (day first), and "PERIOD: JAN 2021/22", which is a month of a financial year: January 2022.
    Quarters of financial years: "08/09 Q4", "Q1 2018/19". Financial years: "2009/10".
    A year to date is no period.
    """
    if isinstance(cell, datetime):
        return _month_of_day(cell.date())
    if isinstance(cell, date):
        return _month_of_day(cell)
    if isinstance(cell, float | int):
        return _month_of_serial(float(cell))
    text = text_of(cell).casefold().removeprefix("period:").strip()
    for pattern, read in _SPELLINGS:
        match = pattern.fullmatch(text)
        if match:
            return read(match)
    return None


def month_of(cell: Cell) -> Period | None:
    """As `period_of`, for months only."""
    period = period_of(cell)
    return period if period is not None and period.frequency is Frequency.MONTH else None


def is_year_to_date(cell: Cell) -> bool:
    """Whether a cell names a part of a year: "2023/24 YTD"."""
    return isinstance(cell, str) and cell.strip().casefold().endswith(("ytd", "year to date"))


_NAME_MONTH = _MONTH.replace("?P<month>", "")
_NAME_YEAR = r"(20\d{2}|\d{2})"
_NAME_FINANCIAL_YEAR = r"(20\d{2}) (\d{2})"
_NOT_FIGURES = r"(?![a-z0-9])"
_STAMP = re.compile(r"(20\d{2})(0[1-9]|1[0-2])(?![0-9])")
_YEAR_THEN_MONTHS = re.compile(
    rf"\b{_NAME_FINANCIAL_YEAR} {_NAME_MONTH}(?: (?:to )?{_NAME_MONTH})?{_NOT_FIGURES}"
)
_MONTHS_THEN_YEAR = re.compile(
    rf"\b{_NAME_MONTH} (?:{_NAME_YEAR} )?(?:to )?{_NAME_MONTH} {_NAME_YEAR}{_NOT_FIGURES}"
)
_MONTH_THEN_FINANCIAL_YEAR = re.compile(rf"\b{_NAME_MONTH} {_NAME_FINANCIAL_YEAR}{_NOT_FIGURES}")
_MONTH_THEN_YEAR = re.compile(rf"\b{_NAME_MONTH} {_NAME_YEAR}{_NOT_FIGURES}")
_WHOLE_YEAR = re.compile(rf"\b{_NAME_FINANCIAL_YEAR}{_NOT_FIGURES}")


def span_in_name(name: str) -> MonthSpan | None:
    """The months that a file name or page address says it holds, or None where it says none.

    "201702-5.-31-Day" · "2026-27-Apr-" and "2025-26-Apr-Sep-" (financial year, then months) · "APRIL-2026-" ·
    "Apr-2024-to-Sep-2024", "Apr-23-to-Oct-23", "Apr-Dec-2020" · "for-october-2023-24" (month, financial
    year) · "2020-21" (a whole financial year).
    """
    text = re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
    for read in (
        _stamped,
        _year_then_months,
        _months_then_year,
        _month_in_financial_year,
        _one_month,
        _one_year,
    ):
        span = read(text)
        if span is not None:
            return span if span.months >= 1 else None
    return None


def _stamped(text: str) -> MonthSpan | None:
    match = _STAMP.match(text)
    return _one(Period.month(int(match[1]), int(match[2]))) if match else None


def _one(month: Period) -> MonthSpan:
    return MonthSpan(month, month)


def _follows(first: str, second: str) -> bool:
    return (int(first) + 1) % 100 == int(second)


def _year_then_months(text: str) -> MonthSpan | None:
    match = _YEAR_THEN_MONTHS.search(text)
    if match is None or not _follows(match[1], match[2]):
        return None
    year = int(match[1])
    first = month_of_financial_year(year, _MONTHS[match[3]])
    return MonthSpan(first, month_of_financial_year(year, _MONTHS[match[4] or match[3]]))


def _months_then_year(text: str) -> MonthSpan | None:
    match = _MONTHS_THEN_YEAR.search(text)
    if match is None:
        return None
    last = Period.month(_four_digits(match[4]), _MONTHS[match[3]])
    return MonthSpan(Period.month(_four_digits(match[2] or match[4]), _MONTHS[match[1]]), last)


def _month_in_financial_year(text: str) -> MonthSpan | None:
    match = _MONTH_THEN_FINANCIAL_YEAR.search(text)
    if match is None or not _follows(match[2], match[3]):
        return None
    return _one(month_of_financial_year(int(match[2]), _MONTHS[match[1]]))


def _one_month(text: str) -> MonthSpan | None:
    match = _MONTH_THEN_YEAR.search(text)
    return _one(Period.month(_four_digits(match[2]), _MONTHS[match[1]])) if match else None


def _one_year(text: str) -> MonthSpan | None:
    match = _WHOLE_YEAR.search(text)
    if match is None or not _follows(match[1], match[2]):
        return None
    year = int(match[1])
    return MonthSpan(Period.month(year, 4), Period.month(year + 1, 3))
