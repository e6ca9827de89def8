"""Periods in a row, so that a missing one is seen as missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from db.domain import Frequency, Period, frequency_code


def earlier(period: Period, count: int = 1) -> Period:
    """The period of the same length that lies `count` steps back (negative: forward). Not for snapshots."""
    months = period.start.year * 12 + period.start.month - 1 - count * frequency_code(period.frequency)
    year, month = divmod(months, 12)
    return Period.of_months(year, month + 1, period.frequency)


def comparable_frequencies(frequency: Frequency) -> tuple[Frequency, ...]:
    """The lengths of period that make one series: quarters, and the four months that stood for them in between."""
    if frequency is Frequency.QUARTER:
        return (Frequency.QUARTER, Frequency.FOUR_MONTHS)
    return (frequency,)


def holding(periods: Iterable[Period], month: date) -> Period | None:
    """The first of some periods that a month lies in; a snapshot lies in the month of its day."""
    for item in periods:
        if item.frequency is Frequency.SNAPSHOT and (item.start.year, item.start.month) == (
            month.year,
            month.month,
        ):
            return item
        if item.start <= month <= item.end:
            return item
    return None


def periods_between(first: Period, last: Period, known: Collection[Period] = ()) -> tuple[Period, ...]:
    """Every period from the first to the last, both included.

    Snapshots have no length to step by: theirs are the known ones within the range. Of other lengths the known
    period that follows is taken, and where there is none, one as long as the last.
    """
    if first.frequency is Frequency.SNAPSHOT:
        return tuple(sorted(item for item in known if first <= item <= last))
    starting = {item.start: item for item in known if item.frequency is not Frequency.SNAPSHOT}
    starting[last.start] = last
    found = [first]
    while found[-1] < last:
        start = found[-1].end + timedelta(days=1)
        ahead = [day for day in starting if day > start]
        following = starting.get(start) or Period.of_months(start.year, start.month, last.frequency)
        if start not in starting and ahead and min(ahead) <= following.end:
            following = starting[min(ahead)]
        found.append(following)
    return tuple(found)


def last_periods(last: Period, count: int, known: Collection[Period] = ()) -> tuple[Period, ...]:
    """The `count` periods that end with `last`, or as many as reach back to the first known one."""
    if last.frequency is Frequency.SNAPSHOT:
        return tuple(sorted(item for item in known if item <= last))[-count:]
    first = min((item for item in known if item < last), default=last)
    return periods_between(first, last, known)[-count:]


def position(period: Period) -> float:
    """Where the middle of a period lies, in months since the year 0; of a snapshot, where its day lies."""
    months = period.start.year * 12 + period.start.month - 1
    if period.frequency is Frequency.SNAPSHOT:
        return months + (period.start.day - 1) / 31
    return months + (length(period) - 1) / 2


def length(period: Period) -> float:
    """How long a period is drawn, in months; a snapshot as long as a month."""
    return float(max(1, frequency_code(period.frequency)))


def window_start(day: date, frequency: Frequency, count: int) -> date:
    """The first day of a window that surely holds `count` periods up to a day."""
    months = max(1, frequency_code(frequency)) * count
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)
