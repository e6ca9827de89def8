"""When a publisher's next figures are due, from its calendar: what freshness and overdue alarms rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from db.domain import Frequency, Period, frequency_code


@dataclass(frozen=True)
class WeekdayOfMonth:
    """Monthly figures come out on the first, second, ... (`week`) weekday of a month.

    `weekday` counts from Monday, 0; `months_after` is how many months that month comes after the figures' own.
    """

    week: int
    weekday: int
    months_after: int


@dataclass(frozen=True)
class WeeksAfterPeriod:
    """The publisher names no day: figures come out about so many weeks after the end of their period."""

    weeks: int
    grace_days: int


Calendar = WeekdayOfMonth | WeeksAfterPeriod


@dataclass(frozen=True)
class Expected:
    """When the next figures should be out. `about`: the publisher names no day; late only `grace` days after it."""

    on: date
    about: bool = False
    grace: int = 0

    @property
    def words(self) -> str:
        return f"{'about ' if self.about else ''}{self.on.day} {self.on:%B}"

    def overdue(self, today: date) -> int:
        """Days since the day, 0 until it counts as late."""
        days = (today - self.on).days
        return days if days > self.grace else 0


def due_after(calendar: Calendar | None, latest: Period) -> Expected | None:
    """When the period after the latest should be published; None without a calendar, or where it tells nothing."""
    if isinstance(calendar, WeekdayOfMonth):
        return due_for(calendar, _months_on(latest.end, 1))
    if calendar is None or latest.frequency is Frequency.SNAPSHOT:
        return None
    return due_for(calendar, _months_on(latest.end, 1 + frequency_code(latest.frequency)) - timedelta(days=1))


def due_for(calendar: Calendar, end: date) -> Expected:
    """When the figures of the period that ends on a day, or in its month, should be published."""
    if isinstance(calendar, WeeksAfterPeriod):
        return Expected(end + timedelta(weeks=calendar.weeks), about=True, grace=calendar.grace_days)
    first = _months_on(end, calendar.months_after)
    days = (calendar.weekday - first.weekday()) % 7 + 7 * (calendar.week - 1)
    return Expected(first + timedelta(days=days))


def _months_on(day: date, count: int) -> date:
    """The first day of the month some months after a day's."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)
