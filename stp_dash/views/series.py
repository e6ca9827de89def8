"""Periods in a row, so that a missing one is seen as missing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from db.domain import Frequency, Period, frequency_code


def earlier(period: Period, count: int = 1) -> Period:
    """The period of the same length that lies `count` steps back (negative: forward). Not for snapshots."""
    months = period.start.year * 12 + period.start.month - 1 - count * frequency_code(period.frequency)
    year, month = divmod(months, 12)
    return Period.of_months(year, month + 1, period.frequency)


def periods_between(first: Period, last: Period, known: Collection[Period] = ()) -> tuple[Period, ...]:
    """Every period from the first to the last, both included.

    Snapshots have no length to step by: theirs are the known ones within the range.
    """
    if first.frequency is Frequency.SNAPSHOT:
        return tuple(sorted(item for item in known if first <= item <= last))
    found = [first]
    while found[-1] < last:
        found.append(earlier(found[-1], -1))
    return tuple(found)


def last_periods(last: Period, count: int, known: Collection[Period] = ()) -> tuple[Period, ...]:
    """The `count` periods that end with `last`."""
    if last.frequency is Frequency.SNAPSHOT:
        return tuple(sorted(item for item in known if item <= last))[-count:]
    return periods_between(earlier(last, count - 1), last)


def window_start(day: date, frequency: Frequency, count: int) -> date:
    """The first day of a window that surely holds `count` periods up to a day."""
    months = max(1, frequency_code(frequency)) * count
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)
