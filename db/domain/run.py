"""Runs: what a refresh or a load was asked for, what it found, did and said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.domain.file import FileState


class RunKind(StrEnum):
    """What a run is asked to do."""

    REFRESH = "refresh"
    LOAD = "load"
    BACKFILL = "backfill"
    RETRY_HELD_FILE = "retry held file"
    DEMONSTRATION = "demonstration"


class RunState(StrEnum):
    """Where a run stands, from the queue to its end."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"


class Severity(StrEnum):
    """How much a finding matters: an error refuses its file."""

    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """What a check or a parser has to say about a file or a publisher's page."""

    severity: Severity
    check: str
    message: str
    count: int = 1


@dataclass(frozen=True)
class LoadCounts:
    """What one file changed in the store, in rows."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    superseded: int = 0

    def __add__(self, other: LoadCounts) -> LoadCounts:
        return LoadCounts(
            self.new + other.new,
            self.revised + other.revised,
            self.unchanged + other.unchanged,
            self.withdrawn + other.withdrawn,
            self.superseded + other.superseded,
        )


ENDED = (
    RunState.SUCCEEDED,
    RunState.UNCHANGED,
    RunState.FAILED,
    RunState.TIMED_OUT,
    RunState.ABANDONED,
    RunState.CANCELLED,
)


@dataclass(frozen=True)
class RunTotals:
    """What a run did: files by outcome, and rows."""

    files: dict[FileState, int]
    counts: LoadCounts


@dataclass(frozen=True)
class Run:
    """One row of the queue and log. Moments are in UTC; `fencing` is the number of the leader that ran it."""

    id: int
    source: str | None
    kind: RunKind
    trigger: str
    requested_by: str
    slot: datetime | None
    attempt: int
    state: RunState
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    process: str | None
    message: str
    files_loaded: int
    files_unchanged: int
    files_refused: int
    rows_new: int
    rows_revised: int
    rows_unchanged: int
    rows_withdrawn: int
    request: dict[str, object]
    not_before: datetime | None
    fencing: int | None
    cancel_requested_by: str | None
    parent_id: int | None
    code_version: str


@dataclass(frozen=True)
class LogEntry:
    """A line to be written to a run's log: `at` in UTC, `level` as logging names it."""

    run_id: int
    at: datetime
    level: str
    message: str


@dataclass(frozen=True)
class LogLine:
    """A line that a run wrote: `at` in UTC, `level` as logging names it."""

    id: int
    at: datetime
    level: str
    message: str


@dataclass(frozen=True)
class RunFinding:
    """A finding of a run, and the file that it is about; "" for a publisher's page."""

    file_name: str
    finding: Finding


FAILED = (RunState.FAILED, RunState.TIMED_OUT, RunState.ABANDONED)
"""How a run ends that did not do what it was to do; a cancelled one did what was wanted."""


class Shown(StrEnum):
    """Which runs a list shows."""

    ALL = "all"
    FAILED = "failed"
    CHANGED = "changed"
