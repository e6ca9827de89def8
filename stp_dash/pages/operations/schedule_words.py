"""The schedule editor: what is typed in it, whether that is a schedule, and when it would run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db.domain.timing import (
    CatchUp,
    CronDefinition,
    ScheduleDefinition,
    ScheduleError,
    UsualDayDefinition,
    next_times,
    read_definition,
)
from stp_dash.analysis.wording import listing
from stp_dash.pages.operations.words import slot_text

USUAL, CRON = "usual day", "cron"
TIMES = 5
WEEKS = (("1", "1st"), ("2", "2nd"), ("3", "3rd"), ("4", "4th"), ("5", "Last"))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CATCH_UP = (
    (CatchUp.LATEST.value, "Run the latest missed time once"),
    (CatchUp.ALL.value, "Run every missed time"),
    (CatchUp.NONE.value, "Run none of the missed times"),
)
LABELS = {
    "cron": "Cron line",
    "week": "Week",
    "weekday": "Day",
    "time": "Time",
    "then_every_hours": "Then every (hours)",
    "until_found_days": "Until found, at most (days)",
    "catch_up": "After downtime",
    "grace_hours": "Grace (hours)",
    "timeout_minutes": "Stopped after (minutes)",
    "attempts": "Attempts",
}
OF_KIND = {
    USUAL: ("week", "weekday", "time", "then_every_hours", "until_found_days"),
    CRON: ("cron",),
}
COMMON = ("catch_up", "grace_hours", "timeout_minutes", "attempts")
_DEFAULTS: dict[str, ScheduleDefinition] = {
    USUAL: UsualDayDefinition(week=2, weekday="Thursday", time="09:30"),
    CRON: CronDefinition(cron="30 9 * * 1-5"),
}
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES = {name[:3].lower(): name for name in WEEKDAYS}


@dataclass(frozen=True)
class Draft:
    """What stands in the editor's fields; `definition` is None where that is no schedule, for the `problems`."""

    kind: str
    fields: Mapping[str, str]
    definition: ScheduleDefinition | None
    problems: tuple[str, ...] = ()


def draft_of(stored: ScheduleDefinition | None, typed: Mapping[str, str]) -> Draft:
    """The fields as typed, else as stored. A change of kind keeps what both kinds have."""
    base = stored or _DEFAULTS[USUAL]
    kind = typed.get("kind") if typed.get("kind") in OF_KIND else base.kind
    kind = str(kind)
    start = base if base.kind == kind else _DEFAULTS[kind]
    shared = {name: _text(getattr(base, name)) for name in COMMON}
    own = {name: _text(getattr(start, name)) for name in OF_KIND[kind]}
    fields = {name: typed.get(name, value) for name, value in {**own, **shared}.items()}
    try:
        return Draft(kind, fields, defined(kind, fields))
    except ScheduleError as error:
        return Draft(kind, fields, None, tuple(problem_words(str(error))))


def defined(kind: str, fields: Mapping[str, str]) -> ScheduleDefinition:
    """The definition that the fields of a form make. Raises ScheduleError."""
    names = (*OF_KIND.get(kind, ()), *COMMON)
    values = {name: fields[name].strip() for name in names if name in fields}
    if not re.fullmatch(r"[a-z ]{1,20}", kind):
        raise ScheduleError("kind: wanted a usual day or a cron line")
    return read_definition({"kind": kind, **values})


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def problem_words(told: str) -> list[str]:
    """A refusal in the words of the form: its own labels, and what was wanted."""
    words = []
    for problem in told.split("; "):
        name, _, rest = problem.partition(": ")
        wanted = re.sub(r"^schedule '[^']*': ", "", rest)
        wanted = wanted.replace("Input should be", "wanted").replace("Field required", "wanted a value")
        wanted = re.sub(
            r"String should match pattern '\^\(\[01\].*?\$'", "wanted a time such as 09:30", wanted
        )
        words.append(f"{LABELS.get(name, name)}: {wanted}" if rest else problem)
    return words


def next_runs(
    definition: ScheduleDefinition, now: datetime, found_at: datetime | None
) -> list[tuple[str, str, str]]:
    """The next five times as weekday, day and time on London's clocks."""
    return [slot_text(moment) for moment in next_times(definition, TIMES, now, found_at=found_at)]


def schedule_words(definition: ScheduleDefinition) -> str:
    """When a source is looked for, as a person says it: "Monday to Friday, 10:30"."""
    if isinstance(definition, UsualDayDefinition):
        return definition.words.partition(" until found")[0]
    fields = definition.cron.split()
    if len(fields) != 5:
        return f"Cron {definition.cron}"
    minute, hours, day, month, weekday = fields
    days = _weekday_words(weekday)
    if not minute.isdigit() or (day, month) != ("*", "*") or not days or not re.fullmatch(r"[\d,]+", hours):
        return f"Cron {definition.cron}"
    times = [f"{int(hour):02}:{int(minute):02}" for hour in hours.split(",") if hour]
    return f"{days}, {listing(times)}"


def _weekday_words(field: str) -> str:
    if field == "*":
        return "Daily"
    days = [
        _DAYS[int(part)] if part in set("01234567") else _NAMES.get(part.lower(), "")
        for part in re.split(r"[-,]", field)
    ]
    if not all(days):
        return ""
    if "-" in field:
        return f"{days[0]} to {days[1]}" if len(days) == 2 and "," not in field else ""
    return listing(days)
