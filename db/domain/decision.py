"""What people record beside the figures: where limits start again, and events worth remembering on a chart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


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
class RecordedEvent:
    """Something that happened on a day: of one indicator or of all, of one organisation or of all (None)."""

    id: int
    indicator: str | None
    organisation: str | None
    on: date
    text: str
    role: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What stands, the earliest day first."""

    decisions: tuple[RecordedDecision, ...] = ()
    events: tuple[RecordedEvent, ...] = ()
