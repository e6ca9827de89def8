"""Publishers' files: as fetched, as loaded, as refused, and as a figure names the one it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from db.domain.period import Period


class FileState(StrEnum):
    """What became of a file that a run took in: its rows loaded, nothing new in it, or refused whole."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class SourceFile:
    """One file as the publisher gave it: bytes are kept unaltered under `path`, named by `sha256`."""

    name: str
    sha256: str
    size: int
    source_id: str
    layout: str
    title: str
    path: str = ""
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    published_on: date | None = None
    latest_period_end: date | None = None
    parser_version: int = 1
    hints: str = ""
    fetched_at: datetime | None = None
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class FileReference:
    """The published file that a value was read from."""

    id: int
    name: str
    title: str
    url: str
    published_on: date | None
    demonstration: bool


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A published file that the store holds, with its hash and when it was published, fetched and loaded.

    `undone_by` is the number of the undo that took its figures out; None for a file that counts.
    """

    id: int
    source: str
    load_run_id: int | None
    name: str
    title: str
    url: str
    layout: str
    size: int
    sha256: str
    published_on: date | None
    fetched_at: datetime | None
    loaded_at: datetime | None
    latest_period_end: date | None
    demonstration: bool
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class Undo:
    """Files taken out of the figures by a person, or put back: `number` is the data version that it made."""

    number: int
    at: datetime
    by: str
    reason: str
    puts_back: bool


@dataclass(frozen=True, slots=True)
class FileContent:
    """How many of an indicator's figures stand from a file, for how many periods, and the first and last of them."""

    indicator: str
    rows: int
    periods: int
    first: Period
    last: Period


@dataclass(frozen=True, slots=True)
class FileRelation:
    """How many rows one of two files lost to the other, and why; `wins` says that the file spoken of is the other."""

    file: int
    name: str
    reason: str
    rows: int
    wins: bool


@dataclass(frozen=True, slots=True)
class UndoneFile:
    """A file that is undone, and by whom, when (UTC) and why."""

    id: int
    name: str
    source: str
    parser_version: int
    at: datetime
    by: str
    reason: str


class HeldState(StrEnum):
    """`held` awaits a decision; `loaded` and `rejected` are settled."""

    HELD = "held"
    LOADED = "loaded"
    REJECTED = "rejected"


class HeldKind(StrEnum):
    """Why a file is held.

    deadly: reading it ended the process that read it, twice.
    layout: it cannot be read or parsed. contradiction: its figures contradict each other. plausibility: it only
    surprises beside earlier periods; this alone a person may accept.
    """

    DEADLY = "deadly"
    LAYOUT = "layout"
    CONTRADICTION = "contradiction"
    PLAUSIBILITY = "plausibility"

    @property
    def acceptable(self) -> bool:
        return self is HeldKind.PLAUSIBILITY


@dataclass(frozen=True)
class RefusedFile:
    """A file's bytes, kept under `path`, and why they were refused.

    `source` is "" where no source knows the file; `hints` is `Hints.text()`; `size` counts bytes.
    """

    source: str
    name: str
    url: str
    sha256: str
    size: int
    path: str
    hints: str
    kind: HeldKind
    reason: str


@dataclass(frozen=True)
class HeldFile:
    """A row of quarantine. Moments are in UTC; `decided_by` and `decision` are "" while nobody has decided."""

    id: int
    load_run_id: int | None
    source: str
    name: str
    url: str
    sha256: str
    size: int
    path: str
    hints: str
    kind: HeldKind
    reason: str
    held_at: datetime
    state: HeldState
    decided_at: datetime | None
    decided_by: str
    decision: str
