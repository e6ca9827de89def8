"""Runs: what a refresh or a load was asked for, what it found, did and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from db.domain.file import FileState


class RunKind(StrEnum):
    """What a run is asked to do."""

    REFRESH = "refresh"
    CHECK = "check"
    LOAD = "load"
    BACKFILL = "backfill"
    RETRY_HELD_FILE = "retry held file"
    DEMONSTRATION = "demonstration"
    UNDO = "undo"
    PACK = "pack"


GIVEN_FILES = (RunKind.CHECK, RunKind.LOAD, RunKind.RETRY_HELD_FILE, RunKind.UNDO, RunKind.PACK)
"""Runs that check, load or undo files which are here already, or issue packs of what is loaded: they wait for no
publisher, nor for a run that does."""


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


class CheckStep(StrEnum):
    """What a run that checks files says of each, as the names of its findings.

    The count of such a finding is its number of rows, of periods (RECOGNISED), or the data version.
    """

    DATA_VERSION = "compared with data version"
    RECOGNISED = "recognised as"
    REFUSED = "would be refused"
    LOADED_ALREADY = "loaded already"
    NEW = "would be new"
    REVISED = "would be revised"
    WITHDRAWN = "would be withdrawn"
    SAME = "the same"
    OLDER = "of an older release"
    INVENTED = "demonstration files that would go"
    INDICATOR = "would change, by indicator"
    FIGURE = "would change"
    BESIDE = "otherwise in another of the files"


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


class RunStep(StrEnum):
    """What a run does at the moment."""

    BEGINNING = "beginning"
    PAGES = "reading the publisher's pages"
    FETCHING = "fetching"
    LOADING = "checking and loading"


@dataclass(frozen=True)
class RunActivity:
    """What a run does at the moment: its step, its file of so many, and what it asks of a publisher's site.

    `address` is as `shown_address` gives it. `attempt` of `attempts` tells how often it is asked for; `received` of
    `size` are bytes, with None for a size that the site has not said. Nought and "" stand for what there is not.
    """

    step: RunStep = RunStep.BEGINNING
    name: str = ""
    file: int = 0
    files: int = 0
    address: str = ""
    attempt: int = 0
    attempts: int = 0
    received: int = 0
    size: int | None = None

    @property
    def words(self) -> str:
        """One line: "fetching, file 2 of 5: name.zip, 1.2 of 4.0 MB, attempt 1 of 4, https://..."."""
        of_files = f", file {self.file} of {self.files}" if self.file else ""
        named = f": {self.name}" if self.name else ""
        if not self.address:
            return f"{self.step}{of_files}{named}"
        of_size = f" of {self.size / 1e6:,.1f}" if self.size else ""
        bytes_said = (
            f"{self.received / 1e6:,.1f}{of_size} MB" if self.received or self.size else "no answer yet"
        )
        attempt = f"attempt {self.attempt} of {self.attempts}"
        return f"{self.step}{of_files}{named}, {bytes_said}, {attempt}, {self.address}"


def shown_address(url: str) -> str:
    """An address without what may be secret in it: names, passwords and the values of its query are left out."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?..." if parts.query else "")


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
    """One row of the queue and log. Moments are in UTC; `fencing` is the number of the leader that ran it.

    `activity` is what its last attempt did when that was last heard of.
    """

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
    activity: RunActivity | None = None


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


def paths_of(request: Mapping[str, object]) -> list[str]:
    """The uploaded files that a run of files was asked to check or load; earlier versions asked for one, as "path"."""
    paths = request.get("paths", [request["path"]] if "path" in request else [])
    return [str(path) for path in paths] if isinstance(paths, list) else []
