"""The refresh service as people see it: who leads, what is overdue, each source's schedule and what is held of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.domain.period import Period
from db.domain.timing import ScheduleDefinition


@dataclass(frozen=True)
class Leader:
    """Who leads: `holder` is "" where the last one left in good order. Moments are in UTC, by the store's clock.

    `live` says that the lease still holds against others; `silent_for` is how long ago the last sign was.
    """

    holder: str
    fencing: int
    acquired_at: datetime
    heartbeat_at: datetime
    expires_at: datetime
    live: bool
    silent_for: timedelta


@dataclass(frozen=True)
class OverdueSlot:
    """A scheduled time that has passed without its run having ended: `late` is how long ago it was."""

    source: str
    slot: datetime
    late: timedelta


@dataclass(frozen=True)
class StoredSchedule:
    """A source's schedule as the store has it. `definition` is None where it cannot be read: `problem` says why."""

    source: str
    definition: ScheduleDefinition | None
    enabled: bool
    version: int
    changed_at: datetime
    changed_by: str
    problem: str = ""

    @property
    def words(self) -> str:
        """When the source is refreshed, as a person says it."""
        if self.definition is None:
            return f"cannot be read: {self.problem}"
        return self.definition.words if self.enabled else f"paused ({self.definition.words})"


@dataclass(frozen=True)
class ScheduleChange:
    """One change: `before` is "" for a schedule's first. Both sides are words, with what else changed after them."""

    source: str
    changed_at: datetime
    changed_by: str
    before: str
    after: str


@dataclass(frozen=True)
class SourceFacts:
    """What the store holds of a source. `published_on` is the newest day that a file or its page names."""

    data_to: Period | None = None
    published_on: date | None = None
    loaded_at: datetime | None = None
    files: int = 0
