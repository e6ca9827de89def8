"""Periods in a row, so that a missing one is seen as missing."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from db.domain import Frequency, Period, frequency_code

_IN_DAYS = {Frequency.DAY: 1, Frequency.WEEK: 7}
_DAYS_OF_A_MONTH = 365.25 / 12


def earlier(period: Period, count: int = 1) -> Period:
    """The period of the same length that lies `count` steps back (negative: forward). Not for snapshots."""
    return _months_on(period, -count * frequency_code(period.frequency))


def _months_on(period: Period, months: int) -> Period:
    """The period of the same length that begins so many months later."""
    year, month = divmod(month_number(period.start) + months, 12)
    return Period.of_months(year, month + 1, period.frequency)


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

    Snapshots have no length to step by: theirs are the known ones within the range. Pooled years that overlap step by
    the least time between two of them. Of other lengths the known period that follows is taken, and where there is
    none, one as long as the last.
    """
    if first.frequency is Frequency.SNAPSHOT:
        return tuple(sorted(item for item in known if first <= item <= last))
    if first.frequency in _IN_DAYS:
        each = timedelta(days=_IN_DAYS[first.frequency])
        return tuple(
            Period(first.start + each * place, first.end + each * place, first.frequency)
            for place in range((last.start - first.start) // each + 1)
        )
    if overlapping(known):
        step = min(months_between(one, two) for one, two in pairwise(sorted(known)))
        count = months_between(first, last) // step
        return tuple(_months_on(first, step * place) for place in range(count + 1))
    starting = {item.start: item for item in known if item.frequency is not Frequency.SNAPSHOT}
    starting[last.start] = last
    days = sorted(starting)
    found = [first]
    while found[-1] < last:
        start = found[-1].end + timedelta(days=1)
        following = starting.get(start)
        if following is None:
            following = Period.of_months(start.year, start.month, last.frequency)
            ahead = bisect_right(days, start)
            if ahead < len(days) and days[ahead] <= following.end:
                following = starting[days[ahead]]
        found.append(following)
    return tuple(found)


def overlapping(periods: Iterable[Period]) -> bool:
    """Whether neighbours have months in common, as three years together have that are published every year."""
    known = tuple(periods)
    if all(item.frequency is Frequency.MONTH for item in known):
        return False
    return any(two.start <= one.end for one, two in pairwise(sorted(known)))


def with_missing_snapshots(held: Iterable[Period], restarts: Collection[date] = ()) -> tuple[Period, ...]:
    """Snapshots in order, and between them those that are missing, each on the last day of its month.

    Snapshots have no length of their own. The step between them is the most common one (of two as common the
    shorter), found anew after each restart; one is missing where two lie further apart than that.
    """
    known = sorted(held)
    steps = _steps(known, sorted(restarts))
    found = known[:1]
    for before, after in pairwise(known):
        step = steps[bisect_right(sorted(restarts), after.start)]
        found += _between(before, after, step)
        found.append(after)
    return tuple(found)


def month_number(day: date) -> int:
    """Months since year 0, so that neighbouring months differ by one."""
    return day.year * 12 + day.month - 1


def months_between(before: Period, after: Period) -> int:
    """How many months one period begins after another; negative where it begins before."""
    return month_number(after.start) - month_number(before.start)


def _steps(known: Sequence[Period], restarts: Sequence[date]) -> list[int]:
    """The months between snapshots in each stretch from restart to restart; 0 for a stretch without two of them."""
    counts: list[Counter[int]] = [Counter() for _ in range(len(restarts) + 1)]
    for before, after in pairwise(known):
        stretch, months = bisect_right(restarts, after.start), months_between(before, after)
        if months and stretch == bisect_right(restarts, before.start):
            counts[stretch][months] += 1
    return [min(found, key=lambda step: (-found[step], step), default=0) for found in counts]


def _between(before: Period, after: Period, step: int) -> list[Period]:
    first, last = month_number(before.start), month_number(after.start)
    ends = (divmod(month, 12) for month in range(first + step, last, step)) if step else ()
    return [Period.snapshot(date(year, month + 1, monthrange(year, month + 1)[1])) for year, month in ends]


def last_periods(last: Period, count: int, known: Collection[Period] = ()) -> tuple[Period, ...]:
    """The `count` periods that end with `last`, or as many as reach back to the first known one."""
    if last.frequency is Frequency.SNAPSHOT:
        return tuple(sorted(item for item in known if item <= last))[-count:]
    first = min((item for item in known if item < last), default=last)
    return periods_between(first, last, known)[-count:]


def position(period: Period) -> float:
    """Where the middle of a period lies, in months since the year 0; of a snapshot, where its day lies."""
    months = month_number(period.start)
    if period.frequency in _IN_DAYS:
        return _day_place(period.start) + (length(period) - length_of(Frequency.DAY)) / 2
    if period.frequency is Frequency.SNAPSHOT:
        return months + (period.start.day - 1) / 31
    return months + (frequency_code(period.frequency) - 1) / 2


def place_of(day: date, frequency: Frequency) -> float:
    """Where a day lies on the axis of `position`, among periods of a frequency."""
    if frequency in _IN_DAYS:
        return _day_place(day)
    months = month_number(day) + (day.day - 1) / 31
    return months if frequency is Frequency.SNAPSHOT else months - 0.5


def _day_place(day: date) -> float:
    """The middle of a day on an axis on which every day is as broad as any other, near its month's own number."""
    return (day - date(2000, 1, 15)).days / _DAYS_OF_A_MONTH + month_number(date(2000, 1, 1))


def length(period: Period) -> float:
    """How broad a period is drawn, in months: a snapshot as long as a month, pooled years, which overlap, as a year.

    Days and weeks are parts of an average month."""
    return length_of(period.frequency)


def length_of(frequency: Frequency) -> float:
    """As `length`, of all periods of a frequency."""
    if frequency in _IN_DAYS:
        return _IN_DAYS[frequency] / _DAYS_OF_A_MONTH
    return float(min(12, max(1, frequency_code(frequency))))


def window_start(day: date, frequency: Frequency, count: int) -> date:
    """The first day of a window that surely holds `count` periods up to a day."""
    months = max(1, frequency_code(frequency)) * count
    total = month_number(day) - months
    return date(total // 12, total % 12 + 1, 1)
