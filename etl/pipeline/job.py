"""One file's work: the file in hand, what it is loaded into, and what became of it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from db.domain import FileState, Finding, LoadCounts, Period, Severity
from db.domain.changes import LoadEffect
from db.domain.file import HeldFile, HeldKind, RefusedFile
from db.service import held_files
from db.service.reading import begin_reading, deaths_reading, end_reading, forget_deaths
from db.service.runs import record_findings
from db.settings import Settings
from db.store import DBAPIError, Store
from etl.pipeline.checking.beside import FilesBeside
from etl.pipeline.keep import KeepError, keep
from etl.source import Hints, RawFile

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileResult:
    """What became of one file.

    `transient` says that the same work may succeed later; `held_file_id` is where a refused file is held;
    `unrecorded` that the store could not even take the finding. Of a file that was only checked, `effect` is what a
    load would change, and `would_hold` why a load would hold it.
    """

    name: str
    state: FileState
    source_id: str = ""
    title: str = ""
    periods: tuple[Period, ...] = ()
    counts: LoadCounts = LoadCounts()
    findings: tuple[Finding, ...] = ()
    message: str = ""
    transient: bool = False
    held_file_id: int | None = None
    unrecorded: bool = False
    effect: LoadEffect | None = None
    would_hold: HeldKind | None = None


@dataclass(frozen=True)
class Arrival:
    """A file in hand, with where it came from: `url` is "" for one that somebody holds."""

    raw: RawFile
    hints: Hints = Hints()
    url: str = ""
    etag: str = ""
    last_modified: str = ""

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw.content).hexdigest()


@dataclass(frozen=True)
class HeldFileDecision:
    """A person's word on a held file: try it again, and with `accept` that what the checks said of it is true.

    What is accepted are the errors that stand in the held file's reason, and no others.
    """

    held: HeldFile
    by: str
    accept: bool = False
    reason: str = ""

    @property
    def text(self) -> str:
        return f"accepted: {self.reason}" if self.accept else "tried again"


@dataclass(frozen=True)
class Job:
    """What every file of a run is loaded into, under which run and, for a held file, by whose decision.

    With `only_checks` nothing is kept, held or loaded: what would be is in each result, and what each file prints goes
    to `beside`. With `of_several` readers need not see each file's figures before the next one's: the run's end shows
    them all.
    """

    store: Store
    settings: Settings
    run_id: int | None
    decision: HeldFileDecision | None = None
    only_checks: bool = False
    beside: FilesBeside | None = None
    of_several: bool = False

    def died_reading(self, sha256: str) -> int:
        """How many workers have died while they read these bytes; a person's wish to try again begins anew."""
        if self.decision is not None:
            with self.store.writing() as connection:
                forget_deaths(connection, sha256)
        with self.store.reading() as connection:
            return deaths_reading(connection, sha256)

    @contextmanager
    def reading(self, sha256: str) -> Iterator[None]:
        """Have it noted while these bytes are read: should this process die of them, its leader says so."""
        if self.run_id is None:
            yield
            return
        with self.store.writing() as connection:
            noted = begin_reading(connection, sha256, self.run_id)
        try:
            yield
        finally:
            with self.store.writing() as connection:
                end_reading(connection, noted)

    def record(self, name: str, findings: Sequence[Finding]) -> None:
        """Keep the findings on a file, where the run is one that is kept."""
        if self.run_id is not None:
            record_findings(self.store, self.run_id, name, findings)

    def refuse(
        self,
        name: str,
        source_id: str,
        message: str,
        findings: Sequence[Finding] = (),
        *,
        transient: bool = False,
        held_file_id: int | None = None,
    ) -> FileResult:
        """The file is not loaded: record why."""
        logger.info("%s: refused: %s", name, message)
        try:
            self.record(name, findings or [Finding(Severity.ERROR, "refused", message)])
            unrecorded = False
        except DBAPIError as error:
            # A disk so full, or a lock so lasting, that it does not take its own report: the run's message does.
            logger.error("%s: the finding could not be recorded: %s", name, error.orig)
            unrecorded = True
        return FileResult(
            name,
            FileState.REFUSED,
            source_id,
            findings=tuple(findings),
            message=message,
            transient=transient,
            held_file_id=held_file_id,
            unrecorded=unrecorded,
        )

    def hold(
        self,
        arrival: Arrival,
        source_id: str,
        kind: HeldKind,
        message: str,
        findings: Sequence[Finding] = (),
    ) -> FileResult:
        """The file is not loaded: keep its bytes with the reason, for a person to decide."""
        if self.only_checks:
            refused = self.refuse(arrival.raw.name, source_id, message, findings)
            return replace(refused, would_hold=kind)
        name, digest = arrival.raw.name, arrival.sha256
        size, hints = len(arrival.raw.content), arrival.hints.text()
        try:
            path = keep(arrival.raw, digest, self.settings.store.raw_folder)
            file = RefusedFile(source_id, name, arrival.url, digest, size, path, hints, kind, message)
            with self.store.writing() as connection:
                forget_deaths(connection, digest)
                held_file_id = held_files.hold(connection, file, load_run_id=self.run_id)
        except (KeepError, DBAPIError) as error:
            fault = error.orig if isinstance(error, DBAPIError) else error
            return self.refuse(name, source_id, f"{message} | not held either: {fault}", findings)
        return self.refuse(name, source_id, message, findings, held_file_id=held_file_id)
