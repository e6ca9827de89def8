"""Periods: spans of whole months, weeks, days and snapshots, with the number that the store keeps for each."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache


class Frequency(StrEnum):
    """How long a period is. A snapshot is the state on one day; a day and a week are of what happened in them."""

    SNAPSHOT = "snapshot"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    FOUR_MONTHS = "four months"
    YEAR = "year"
    TWO_YEARS = "two years"
    THREE_YEARS = "three years"
    FIVE_YEARS = "five years"


_FREQUENCY_CODES = {
    Frequency.SNAPSHOT: 0,
    Frequency.DAY: 91,
    Frequency.WEEK: 97,
    Frequency.MONTH: 1,
    Frequency.QUARTER: 3,
    Frequency.FOUR_MONTHS: 4,
    Frequency.YEAR: 12,
    Frequency.TWO_YEARS: 24,
    Frequency.THREE_YEARS: 36,
    Frequency.FIVE_YEARS: 60,
}
_OF_DAYS = frozenset({Frequency.SNAPSHOT, Frequency.DAY, Frequency.WEEK})
_CODE_FREQUENCIES = {code: frequency for frequency, code in _FREQUENCY_CODES.items()}


@dataclass(frozen=True)
class Period:
    """A span of whole months, a week from Monday, a day, or the one day of a snapshot. `end` is inclusive.

    Periods are in the order of their first days, then of their last: a page compares ten thousand, and nearly always
    the first day decides.
    """

    start: date
    end: date
    frequency: Frequency

    def __lt__(self, other: Period) -> bool:
        if self.start != other.start:
            return self.start < other.start
        return (self.end, self.frequency) < (other.end, other.frequency)

    def __gt__(self, other: Period) -> bool:
        return other < self

    def __le__(self, other: Period) -> bool:
        return not other < self

    def __ge__(self, other: Period) -> bool:
        return not self < other

    def __hash__(self) -> int:
        """Of the first day alone: a page looks thousands of periods up, and few share that day."""
        return hash(self.start)

    @classmethod
    def of_months(cls, year: int, month: int, frequency: Frequency) -> Period:
        """The period of `frequency` that starts on the first day of a month."""
        last = year * 12 + month - 2 + _FREQUENCY_CODES[frequency]
        end_year, end_month = divmod(last, 12)
        end = date(end_year, end_month + 1, monthrange(end_year, end_month + 1)[1])
        return cls(date(year, month, 1), end, frequency)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls.of_months(year, month, Frequency.MONTH)

    @classmethod
    def quarter(cls, year: int, first_month: int) -> Period:
        return cls.of_months(year, first_month, Frequency.QUARTER)

    @classmethod
    def financial_year(cls, first_year: int) -> Period:
        return cls.of_months(first_year, 4, Frequency.YEAR)

    @classmethod
    def of_years(cls, first_day: date, years: int) -> Period:
        """Some years together, from a first day of a month: 3 from 1 January 2016 are 2016 to 2018.

        Raises ValueError for a number of years that no frequency has.
        """
        frequency = _CODE_FREQUENCIES.get(12 * years)
        if frequency is None:
            raise ValueError(f"wanted 1, 2, 3 or 5 years together, found {years}")
        return cls.of_months(first_day.year, first_day.month, frequency)

    @classmethod
    def snapshot(cls, day: date) -> Period:
        return cls(day, day, Frequency.SNAPSHOT)

    @classmethod
    def day(cls, day: date) -> Period:
        return cls(day, day, Frequency.DAY)

    @classmethod
    def week(cls, day: date) -> Period:
        """The week, Monday to Sunday, that a day lies in (ISO 8601)."""
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + timedelta(days=6), Frequency.WEEK)

    @classmethod
    @lru_cache(maxsize=4096)
    def from_key(cls, key: int) -> Period:
        """The period whose `key` this is, each made once."""
        day, code = divmod(key, 100)
        year, month_and_day = divmod(day, 10_000)
        month, day_of_month = divmod(month_and_day, 100)
        frequency = _CODE_FREQUENCIES[code]
        if frequency is Frequency.SNAPSHOT:
            return cls.snapshot(date(year, month, day_of_month))
        if frequency is Frequency.DAY:
            return cls.day(date(year, month, day_of_month))
        if frequency is Frequency.WEEK:
            return cls.week(date(year, month, day_of_month))
        return cls.of_months(year, month, frequency)

    @property
    def key(self) -> int:
        """A whole number below 2**31 that sorts by start day: yyyymmdd, then the number of months.

        The last two digits are 91 for a day and 97 for a week."""
        start = self.start.year * 10_000 + self.start.month * 100 + self.start.day
        return start * 100 + _FREQUENCY_CODES[self.frequency]

    @property
    def label(self) -> str:
        """How the period is written on a page."""
        if self.frequency in _OF_DAYS:
            return f"{self._week_before}{self.end.day} {self.end:%B %Y}"
        if self.frequency is Frequency.MONTH:
            return f"{self.start:%B %Y}"
        if self.is_calendar_years:
            return self._calendar_years
        if self.start.year == self.end.year:
            return f"{self.start:%B} to {self.end:%B %Y}"
        return f"{self.start:%B %Y} to {self.end:%B %Y}"

    @property
    def short_label(self) -> str:
        """As `label`, with months cut to three letters, and financial years as 2018/19."""
        if self.frequency in _OF_DAYS:
            return f"{self._week_before}{self.end.day} {self.end:%b %Y}"
        if self.frequency is Frequency.MONTH:
            return f"{self.start:%b %Y}"
        if self.is_calendar_years:
            return self._calendar_years
        if self.is_financial_years:
            return self._financial_years
        if self.start.year == self.end.year:
            return f"{self.start:%b} to {self.end:%b %Y}"
        return f"{self.start:%b %Y} to {self.end:%b %Y}"

    @property
    def is_calendar_years(self) -> bool:
        """Whether it is made of whole calendar years."""
        return (self.start.month, self.end.month) == (1, 12) and self.frequency not in _OF_DAYS

    @property
    def is_financial_years(self) -> bool:
        """Whether it is made of whole years from April to March."""
        return (self.start.month, self.end.month) == (4, 3) and self.frequency not in _OF_DAYS

    @property
    def _week_before(self) -> str:
        return "week to " if self.frequency is Frequency.WEEK else ""

    @property
    def _financial_years(self) -> str:
        first, last = self.start.year, self.end.year - 1
        years = [f"{year}/{(year + 1) % 100:02}" for year in dict.fromkeys((first, last))]
        return " to ".join(years)

    @property
    def _calendar_years(self) -> str:
        first, last = self.start.year, self.end.year
        return str(first) if first == last else f"{first} to {last}"


def frequency_code(frequency: Frequency) -> int:
    """The last two digits of the key of every period of this frequency: its months, where it is made of months."""
    return _FREQUENCY_CODES[frequency]


def comparable_frequencies(frequency: Frequency) -> tuple[Frequency, ...]:
    """The lengths of period that make one series: quarters, and the four months that stood for them in between."""
    if frequency is Frequency.QUARTER:
        return (Frequency.QUARTER, Frequency.FOUR_MONTHS)
    return (frequency,)
