"""What people record beside the figures: restarts of limits, choices of rules, events of charts, and plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

RULE_PROFILES: Final = ("national", "nhs-r")
"""The sets of control chart rules by name; without a choice the first."""


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """Limits of an indicator start again for an organisation at the first period from `on`."""

    id: int
    indicator: str
    organisation: str
    on: date
    reason: str
    role: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordedRules:
    """An indicator is judged for an organisation by a set of control chart rules, wherever it is shown."""

    id: int
    indicator: str
    organisation: str
    profile: str
    reason: str
    role: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventWords:
    """What a person says of an event: a day, or a span of which both days belong to it.

    indicator, organisation: whose charts it stands on, None for every one's. of_area: on the charts of all that belong
    to the organisation too. link: an https address, "" for none. role: what who says it does.
    """

    on: date
    text: str
    role: str
    until: date | None = None
    link: str = ""
    indicator: str | None = None
    organisation: str | None = None
    of_area: bool = False


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as it stands on charts: `replaces` is the number of the version before, None for the first."""

    id: int
    indicator: str | None
    organisation: str | None
    on: date
    text: str
    role: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    of_area: bool = False
    until: date | None = None
    link: str = ""
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What stands, the earliest day first."""

    decisions: tuple[RecordedDecision, ...] = ()
    events: tuple[RecordedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """What an indicator is planned to be for an organisation in the month that begins on a day, in its own unit."""

    indicator: str
    organisation: str
    month: date
    value: float


@dataclass(frozen=True, slots=True)
class RecordedPlan:
    """A plan as it was handed in: of which role, when, and from which file, "" for a form."""

    id: int
    name: str
    role: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """What stands of the plans for a series, and those that say something of it, the newest first.

    A month that several plans have is as the newest that stands has it, which `origin` names; the others are kept.
    """

    values: dict[date, float]
    plans: tuple[RecordedPlan, ...]
    origin: dict[date, RecordedPlan]
