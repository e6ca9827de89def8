"""When each publisher's next figures are due, from its own calendar: what freshness and overdue alarms rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from db.domain import Frequency, Period, frequency_code

_THURSDAY = 3
_STROKE_WEEKS = 10
_STROKE_GRACE = 14


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


def expected_next(source: str, latest: Period) -> Expected | None:
    """When the period after the latest should be published; None for a source without a usual day.

    Cancer waiting times: the second Thursday of the second month after the month (published calendar: October 2023 on
    14 December 2023, July 2026 on 10 September 2026). General practice workforce: the fourth Thursday of the month
    after the snapshot. The stroke audit names no day: about ten weeks after the end of the quarter.
    """
    if source == "cancer_waiting_times":
        return Expected(_thursday(_months_on(latest.end, 3), 2))
    if source == "general_practice_workforce":
        return Expected(_thursday(_months_on(latest.end, 2), 4))
    if source == "ssnap" and latest.frequency is not Frequency.SNAPSHOT:
        end = _months_on(latest.end, 1 + frequency_code(latest.frequency)) - timedelta(days=1)
        return Expected(end + timedelta(weeks=_STROKE_WEEKS), about=True, grace=_STROKE_GRACE)
    return None


def _months_on(day: date, count: int) -> date:
    """The first day of the month some months after a day's."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)


def _thursday(first: date, number: int) -> date:
    """The first, second, ... Thursday of the month that a day is the first of."""
    return first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 7 * (number - 1))
