"""When a source is refreshed: the definitions that people edit, and the times that follow from them.

A scheduled time is a *slot*, known by its UTC moment; definitions are on London's clocks. No scheduler is needed
here: the site shows the next times with the same arithmetic by which the scheduler runs.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

TIME_ZONE = ZoneInfo("Europe/London")
PROMPT = timedelta(minutes=1)
"""How late a slot may be and still count as on time: a takeover between two schedulers fits into it."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("1st", "2nd", "3rd", "4th", "last")
_LAST_WEEK = 5
_JUST_AFTER = timedelta(microseconds=1)


class ScheduleError(ValueError):
    """A schedule cannot be used: what was wanted and what was found."""


class CatchUp(StrEnum):
    """What is done about slots that were missed: the newest, all of them, or nothing. None beyond the grace."""

    LATEST = "latest"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Look:
    """A slot, and the first slot of the publication that it looks for: itself, but for a usual day's repeats."""

    at: datetime
    first: datetime


class _Definition(BaseModel, ABC):
    """What every schedule states: grace, catching up, the hard timeout and the attempts of a run."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    grace_hours: float = Field(default=12, gt=0, le=31 * 24)
    catch_up: CatchUp = CatchUp.LATEST
    timeout_minutes: float = Field(default=60, gt=0, le=24 * 60)
    attempts: int = Field(default=3, ge=1, le=20)

    @property
    def grace(self) -> timedelta:
        return timedelta(hours=self.grace_hours)

    @abstractmethod
    def looks_after(self, after: datetime) -> Iterator[Look]:
        """Every look later than a moment, without end."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The times as a person says them."""


class CronDefinition(_Definition):
    """A cron line in London time: five fields, or six with seconds first."""

    kind: Literal["cron"] = "cron"
    cron: str

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        Cron(value)
        return value

    def looks_after(self, after: datetime) -> Iterator[Look]:
        return (Look(slot, slot) for slot in Cron(self.cron).slots_after(after))

    @property
    def words(self) -> str:
        return f"cron {self.cron}"


class UsualDayDefinition(_Definition):
    """The publisher's usual day and time, then every n hours until the publication is found, for some days.

    `week` 1 to 4 counts a weekday's days in the month; 5 is the last. A publication counts as found when a refresh
    since the day's first look loaded something.
    """

    kind: Literal["usual day"] = "usual day"
    week: int = Field(ge=1, le=_LAST_WEEK)
    weekday: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    time: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    then_every_hours: float = Field(default=2, ge=0.25, le=24)
    until_found_days: float = Field(default=5, gt=0, le=27)

    def looks_after(self, after: datetime) -> Iterator[Look]:
        local = after.astimezone(TIME_ZONE)
        year, month = divmod(local.year * 12 + local.month - 2, 12)
        while True:
            first = self._first_look(year, month + 1)
            for look in self._looks_for(first):
                if look.at > after:
                    yield look
            year, month = divmod(year * 12 + month + 1, 12)

    def _first_look(self, year: int, month: int) -> datetime:
        weekday_of_first, days = monthrange(year, month)
        day = 1 + (_WEEKDAYS.index(self.weekday) - weekday_of_first) % 7 + 7 * (self.week - 1)
        while day > days:
            day -= 7
        wall = datetime(year, month, day).replace(
            hour=time.fromisoformat(self.time).hour, minute=time.fromisoformat(self.time).minute
        )
        return wall.replace(tzinfo=TIME_ZONE).astimezone(UTC)

    def _looks_for(self, first: datetime) -> Iterator[Look]:
        last, at = first + timedelta(days=self.until_found_days), first
        while at <= last:
            yield Look(at, first)
            at += timedelta(hours=self.then_every_hours)

    @property
    def words(self) -> str:
        return (
            f"{_ORDINALS[self.week - 1]} {self.weekday}, {self.time}, "
            f"then every {_number(self.then_every_hours, 'hour')} until found, "
            f"for up to {_number(self.until_found_days, 'day')}"
        )


def _number(value: float, unit: str) -> str:
    return unit if value == 1 else f"{value:g} {unit}s"


ScheduleDefinition = CronDefinition | UsualDayDefinition
"""When a source is refreshed. Frozen; `kind` tells which."""


_KINDS: dict[object, type[CronDefinition] | type[UsualDayDefinition]] = {
    "cron": CronDefinition,
    "usual day": UsualDayDefinition,
}


def read_definition(values: Mapping[str, object]) -> ScheduleDefinition:
    """A definition from its fields. `kind` is "cron" where it is not given.

    Raises ScheduleError naming each field that is wrong, what was wanted and what was found.
    """
    kind = values.get("kind", "cron")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ScheduleError(f"kind: wanted one of {', '.join(map(str, _KINDS))}, found {kind!r}")
    try:
        return _KINDS[kind].model_validate(values)
    except ValidationError as error:
        raise ScheduleError("; ".join(_problems(error))) from error


def definition_from_json(text: str) -> ScheduleDefinition:
    """A definition from its JSON text. Raises ScheduleError as `read_definition` does."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ScheduleError(f"wanted a schedule as JSON: {error}") from error
    if not isinstance(values, dict):
        raise ScheduleError(f"wanted a schedule as a JSON object, found {text!r}")
    return read_definition(values)


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        field = ".".join(map(str, problem["loc"]))
        found = "" if problem["type"] == "missing" else f", found {problem['input']!r}"
        yield f"{field}: {problem['msg'].removeprefix('Value error, ')}{found}"


class Cron:
    """A cron line on London's clocks, by cronsim, which follows Debian's cron.

    When the clocks go forward, a time that does not exist comes at the moment of the change (01:30 becomes 02:00).
    When they go back, a line of five fields that names its hours fires at the first of the two equal times only; a
    line for every hour, or with seconds, fires at both.
    Raises ScheduleError for a line that cron would not take, and for one that restricts both the day of the month
    and the weekday: cron runs on either, other programs on both, and a reader may mean any.
    """

    def __init__(self, line: str) -> None:
        fields = line.split()
        if len(fields) not in {5, 6}:
            raise ScheduleError(
                f"schedule {line!r}: wanted five fields, or six with seconds first, found {len(fields)}"
            )
        _, day, _, weekday = fields[-4:]
        if day != "*" and weekday != "*":
            raise ScheduleError(f"schedule {line!r}: wanted a day of the month or a weekday, found both")
        try:
            CronSim(line, datetime(2000, 1, 1))
        except (CronSimError, ValueError) as error:
            raise ScheduleError(f"schedule {line!r}: {error}") from error
        self._line = line

    def slots_after(self, after: datetime) -> Iterator[datetime]:
        """Every slot later than a moment, in UTC."""
        slots = (slot.astimezone(UTC) for slot in CronSim(self._line, after.astimezone(TIME_ZONE)))
        # Begun in the second of the two equal hours, it gives a time of the first.
        return (slot for slot in slots if slot > after)


def next_times(
    definition: ScheduleDefinition, count: int, now: datetime, *, found_at: datetime | None = None
) -> list[datetime]:
    """The next run times after `now`, in UTC, each the next look for another publication.

    A usual day's repeats are left out, as if every publication were found at its first look, except the next one
    for a publication that is being looked for now. `found_at` is when a refresh last found something.
    """
    return list(islice(_one_a_publication(definition, now, found_at), count))


def _one_a_publication(
    definition: ScheduleDefinition, now: datetime, found_at: datetime | None
) -> Iterator[datetime]:
    shown: datetime | None = None
    for look in definition.looks_after(now):
        if look.first != shown and _wanted(look, found_at):
            shown = look.first
            yield look.at


def _wanted(look: Look, found_at: datetime | None) -> bool:
    """Whether a look is still to be taken: the first always, its repeats until something is found."""
    return look.at == look.first or found_at is None or found_at < look.first


def due_slots(
    definition: ScheduleDefinition, after: datetime, now: datetime, *, found_at: datetime | None = None
) -> list[datetime]:
    """The slots to run now, in UTC: later than `after`, not later than `now`, by the grace and the catching up."""
    oldest = max(after, now - definition.grace - _JUST_AFTER)
    looks = takewhile(lambda look: look.at <= now, definition.looks_after(oldest))
    due = [look.at for look in looks if _wanted(look, found_at)]
    if definition.catch_up is CatchUp.ALL:
        return due
    if definition.catch_up is CatchUp.NONE:
        due = [slot for slot in due if now - slot <= PROMPT]
    return due[-1:]
