"""Periods as people write them in a list, read by how often their measure is counted."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.domain import Frequency, Period
from db.reading.lists import shown_cell
from db.reading.spreadsheets import Cell, excel_date, text_of

_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_NAMES = {name.casefold(): number for number, name in enumerate(month_name) if name}
_NAMES |= {name[:3]: number for name, number in list(_NAMES.items())} | {"sept": 9}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]00:00(?::00)?)?")
_NAMED_DAY = re.compile(rf"(\d{{1,2}})[ -]({_MONTH})[ -](\d{{4}}|\d{{2}})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})/(\d{4})")
_NAMED_MONTH = re.compile(rf"({_MONTH})[ -]*'?(\d{{4}}|\d{{2}})")
_WEEK = re.compile(r"(\d{4})-?w(\d{1,2})")
_QUARTER = re.compile(r"q([1-4]) (\d{4})[/-](\d{2})|(\d{4})[/-](\d{2}) q([1-4])")
_BARE_QUARTER = re.compile(r"q([1-4])|q([1-4])[ -]?(\d{4}|\d{2})|(\d{4})[ -]?q([1-4])")
_FINANCIAL_YEAR = re.compile(r"(\d{4})[/-](\d{2})")
_YEAR = re.compile(r"\d{4}")
_HOW_OFTEN = {
    Frequency.DAY: "daily",
    Frequency.WEEK: "weekly",
    Frequency.MONTH: "monthly",
    Frequency.QUARTER: "quarterly",
    Frequency.YEAR: "yearly",
}
_EXAMPLES = {
    Frequency.DAY: "a day such as 2026-10-05",
    Frequency.WEEK: "a week such as 2026-W41",
    Frequency.MONTH: "a month such as 2026-10",
    Frequency.QUARTER: "a quarter of a financial year such as Q3 2026/27",
    Frequency.YEAR: "a year such as 2026/27 or 2026",
}


@dataclass(frozen=True, slots=True)
class ReadPeriod:
    """A period, or what is wrong with a cell. `note` says how a cell was read that was not written as wanted."""

    period: Period | None = None
    problem: str = ""
    note: str = ""
    wanted: str = ""


def period_code(period: Period) -> str:
    """A period as a list should write it: 2026-10, 2026-W41, 2026-10-05, Q3 2026/27, 2026/27, 2026."""
    start = period.start
    if period.frequency is Frequency.WEEK:
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02}"
    if period.frequency is Frequency.MONTH:
        return f"{start:%Y-%m}"
    if period.frequency is Frequency.QUARTER:
        first = start.year - (start.month < 4)
        return f"Q{(start.month - 4) % 12 // 3 + 1} {first}/{(first + 1) % 100:02}"
    if period.frequency is Frequency.YEAR:
        return period.short_label
    return start.isoformat()


def month_first_line(cells: Iterable[tuple[int, Cell]]) -> int | None:
    """The first line whose date can only be read with the month first, as 07/13/2025; None for none."""
    for line, cell in cells:
        found = _SLASHED.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if found and int(found[3]) > 12 >= int(found[1]):
            return line
    return None


class PeriodReader:
    """Reads the cells of one file: where one line writes the month first, no date with slashes is trusted."""

    def __init__(self, month_first: int | None) -> None:
        self._month_first = month_first
        self._known: dict[tuple[str, Frequency], ReadPeriod] = {}

    def read(self, cell: Cell, frequency: Frequency) -> ReadPeriod:
        """What a cell says, by the frequency of its measure."""
        key = (repr(cell), frequency)
        if key not in self._known:
            self._known[key] = self._read(cell, frequency)
        return self._known[key]

    def _read(self, cell: Cell, frequency: Frequency) -> ReadPeriod:
        wanted = _EXAMPLES[frequency]
        if isinstance(cell, bool) or (isinstance(cell, str) and not cell.strip()):
            return ReadPeriod(problem=f"No period. Wanted: {wanted}.", wanted=wanted)
        try:
            found = self._of_day(cell, frequency) or _of_text(text_of(cell).casefold(), frequency)
        except ValueError:
            found = None
        if found is None:
            problem = f"{shown_cell(cell)} is no {frequency}; this measure is {_HOW_OFTEN[frequency]}."
            return ReadPeriod(problem=_without_year(cell, problem) + f" Write {wanted}.", wanted=wanted)
        if found.period is None:
            return found
        if not _FIRST_YEAR <= found.period.start.year <= _LAST_YEAR:
            return ReadPeriod(
                problem=f"{shown_cell(cell)} is of the year {found.period.start.year}.", wanted=wanted
            )
        code = period_code(found.period)
        as_wanted = isinstance(cell, date) or text_of(cell) == code
        return found if as_wanted else ReadPeriod(found.period, note=f"{shown_cell(cell)} read as {code}.")

    def _of_day(self, cell: Cell, frequency: Frequency) -> ReadPeriod | None:
        """A cell that is one day: a date, an ISO date, or one with slashes, the day first."""
        shown = shown_cell(cell)
        slashed = _SLASHED.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if slashed:
            return self._slashed(slashed, shown, frequency)
        day = written_day(cell)
        return None if day is None else _period_of_day(day, shown, frequency)

    def _slashed(self, found: re.Match[str], shown: str, frequency: Frequency) -> ReadPeriod:
        first, second, year = int(found[1]), int(found[3]), _year(found[4])
        if second > 12 >= first >= 1 and second <= 31:
            instead = _instead(date(year, first, 1), frequency)
            return ReadPeriod(
                problem=f"{shown} is no date with the day first. The file seems to write the month first, so no date "
                f"with slashes in it is trusted: write {instead}.",
                wanted=instead,
            )
        read = _period_of_day(date(year, second, first), shown, frequency)
        if self._month_first is None or read.period is None:
            return read
        other = f" or {second} {month_name[first]}" if first <= 12 and first != second else ""
        return ReadPeriod(
            problem=f"{shown} could be {first} {month_name[second]}{other}, and line {self._month_first} shows that "
            f"the file mixes both orders. Write {period_code(read.period)}.",
            wanted=_EXAMPLES[frequency],
        )


def written_day(cell: Cell) -> date | None:
    """The day that a cell is, None where it is none: a date, an Excel day number, 2026-10-05 or 5 Oct 2026.

    Raises ValueError for a day that there is not.
    """
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    if isinstance(cell, float | int):
        return excel_date(cell) if 32_874 <= cell <= 73_050 else None
    text = text_of(cell).casefold()
    if iso := _ISO_DAY.fullmatch(text):
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    named = _NAMED_DAY.fullmatch(text)
    return date(_year(named[3]), _NAMES[named[2]], int(named[1])) if named else None


def _without_year(cell: Cell, problem: str) -> str:
    bare = _BARE_QUARTER.fullmatch(text_of(cell).casefold())
    if bare and bare[1]:
        return f"{shown_cell(cell)} has no year. {problem}"
    return f"{shown_cell(cell)} may be a quarter of a calendar year. {problem}" if bare else problem


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _instead(day: date, frequency: Frequency) -> str:
    return f"{day:%Y-%m}" if frequency is Frequency.MONTH else _EXAMPLES[frequency]


def _period_of_day(day: date, shown: str, frequency: Frequency) -> ReadPeriod:
    """A day as the period that begins with it."""
    words = f"{day.day} {month_name[day.month]} {day.year}"
    if frequency is Frequency.DAY:
        return ReadPeriod(Period.day(day))
    if frequency is Frequency.WEEK:
        week = Period.week(day)
        if week.start == day:
            return ReadPeriod(week)
        code = period_code(week)
        return ReadPeriod(
            problem=f"{shown} is {words}, not a Monday; this measure is weekly. Write {code}.", wanted=code
        )
    month = Period.month(day.year, day.month)
    if frequency is Frequency.MONTH and day.day == 1:
        return ReadPeriod(month)
    if frequency is Frequency.MONTH:
        also = f" or {day.year}-{day.day:02}" if day.day <= 12 else ""
        return ReadPeriod(
            problem=f"{shown} is {words} (day first), not the first of a month; this measure is monthly. Write "
            f"{period_code(month)}{also}.",
            wanted=period_code(month),
        )
    wanted = _EXAMPLES[frequency]
    return ReadPeriod(
        problem=f"{shown} is one day; this measure is {_HOW_OFTEN[frequency]}. Write {wanted}.", wanted=wanted
    )


def _of_text(text: str, frequency: Frequency) -> ReadPeriod | None:
    """Text that is no day. Raises ValueError for a week or a month that there is not."""
    read = _READERS[frequency](text)
    return None if read is None else ReadPeriod(read)


def _month_of(text: str) -> Period | None:
    if found := _ISO_MONTH.fullmatch(text):
        return _month(int(found[1]), int(found[2]))
    if found := _MONTH_YEAR.fullmatch(text):
        return _month(int(found[2]), int(found[1]))
    if found := _NAMED_MONTH.fullmatch(text):
        return _month(_year(found[2]), _NAMES[found[1]])
    return None


def _month(year: int, month: int) -> Period | None:
    return Period.month(year, month) if 1 <= month <= 12 else None


def _week_of(text: str) -> Period | None:
    found = _WEEK.fullmatch(text)
    return Period.week(date.fromisocalendar(int(found[1]), int(found[2]), 1)) if found else None


def _quarter_of(text: str) -> Period | None:
    found = _QUARTER.fullmatch(text)
    if found is None:
        return None
    number = int(found[1] or found[6])
    first, second = int(found[2] or found[4]), int(found[3] or found[5])
    if (first + 1) % 100 != second:
        return None
    return Period.quarter(first + (number == 4), (4, 7, 10, 1)[number - 1])


def _year_of(text: str) -> Period | None:
    if _YEAR.fullmatch(text):
        return Period.of_months(int(text), 1, Frequency.YEAR)
    found = _FINANCIAL_YEAR.fullmatch(text)
    fits = found is not None and (int(found[1]) + 1) % 100 == int(found[2])
    return Period.financial_year(int(found[1])) if found is not None and fits else None


def _nothing(_text: str) -> Period | None:
    return None


_READERS: dict[Frequency, Callable[[str], Period | None]] = {
    Frequency.DAY: _nothing,
    Frequency.WEEK: _week_of,
    Frequency.MONTH: _month_of,
    Frequency.QUARTER: _quarter_of,
    Frequency.YEAR: _year_of,
}


def following(period: Period) -> Period:
    """The period of the same length that begins the day after one ends."""
    start = period.end + timedelta(days=1)
    if period.frequency is Frequency.DAY:
        return Period.day(start)
    if period.frequency is Frequency.WEEK:
        return Period.week(start)
    return Period.of_months(start.year, start.month, period.frequency)
