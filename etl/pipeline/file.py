"""One file into the store: keep its bytes, parse, check, load in one transaction, or hold it with the reason."""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.domain import FileState, Finding, LoadCounts, Period, Severity, SourceFile
from db.domain.file import HeldFile, HeldKind, HeldState, RefusedFile
from db.loading.coverage import Coverage, coverage_before
from db.loading.demonstration import DemonstrationError
from db.loading.load import load_frame
from db.loading.register import loaded_as
from db.loading.stage import FrameError
from db.service import held_files
from db.service.runs import record_findings
from db.settings import Settings
from db.store import Store
from etl.pipeline.fetch import is_transient
from etl.pipeline.roll_up import roll_up
from etl.pipeline.validate import Knowledge, accepted, check, is_acceptable, refusal
from etl.reading.demonstration_mark import is_demonstration
from etl.reading.spreadsheets import file_kind, is_workbook, sheet_names
from etl.registry import SOURCES
from etl.source import Hints, ParsedFile, RawFile, Source, SourceError

logger = logging.getLogger(__name__)

_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, MemoryError, OSError)
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True)
class FileResult:
    """What became of one file.

    `transient` says that the same work may succeed later; `held_file_id` is where a refused file is held;
    `unrecorded` that the store could not even take the finding.
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
class Decision:
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


class KeepError(SourceError):
    """A file's bytes cannot be kept: where and why. Nothing is wrong with the file."""


@dataclass(frozen=True)
class Job:
    """What every file of a run is loaded into, under which run and, for a held file, by whose decision."""

    store: Store
    settings: Settings
    run_id: int | None
    decision: Decision | None = None

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
        name, digest = arrival.raw.name, arrival.sha256
        size, hints = len(arrival.raw.content), arrival.hints.text()
        try:
            path = keep(arrival.raw, digest, self.settings.store.raw_folder)
            file = RefusedFile(source_id, name, arrival.url, digest, size, path, hints, kind, message)
            with self.store.writing() as connection:
                held_file_id = held_files.hold(connection, file, load_run_id=self.run_id)
        except (KeepError, DBAPIError) as error:
            fault = error.orig if isinstance(error, DBAPIError) else error
            return self.refuse(name, source_id, f"{message} | not held either: {fault}", findings)
        return self.refuse(name, source_id, message, findings, held_file_id=held_file_id)


def load_arrival(job: Job, source: Source | None, arrival: Arrival) -> FileResult:
    """One file into the store, whole or not at all. Without a source it is recognised by its content.

    A file that cannot be parsed or that fails a check is held; a fault of the store or the disk only refuses it.
    """
    if held := _held_by(job.store, source, arrival):
        return FileResult(arrival.raw.name, FileState.UNCHANGED, held)
    if rejected := _rejected(job, arrival):
        return _leave(job, arrival, rejected)
    try:
        known = source or recognise(arrival.raw)
    except SourceError as error:
        return job.hold(arrival, "", HeldKind.LAYOUT, str(error))
    try:
        return _load_known(job, known, arrival)
    except (SourceError, FrameError, DemonstrationError, DBAPIError) as error:
        return _not_loaded(job, known, arrival, error)


def _not_loaded(job: Job, source: Source, arrival: Arrival, error: Exception) -> FileResult:
    """Refuse a file whose load failed; hold it where the fault is the file's own."""
    name = arrival.raw.name
    if isinstance(error, IntegrityError) and _held_by(job.store, source, arrival):
        # Another process has loaded the same bytes meanwhile.
        return FileResult(name, FileState.UNCHANGED, source.id)
    if isinstance(error, DBAPIError):
        message = f"the store could not be written: {error.orig}"
        return job.refuse(name, source.id, message, transient=is_transient(error))
    if isinstance(error, KeepError | DemonstrationError):
        return job.refuse(name, source.id, str(error))
    return job.hold(arrival, source.id, HeldKind.LAYOUT, str(error))


def _load_known(job: Job, source: Source, arrival: Arrival) -> FileResult:
    name = arrival.raw.name
    path = keep(arrival.raw, arrival.sha256, job.settings.store.raw_folder)
    parsed = parse(source, arrival.raw, arrival.hints)
    findings = _judged(job, check_parsed(job.store, parsed))
    if message := refusal(findings):
        kind = HeldKind.PLAUSIBILITY if is_acceptable(findings) else HeldKind.CONTRADICTION
        return job.hold(arrival, source.id, kind, message, findings)
    counts = _write(job, source, _complete(_describe(source, arrival, path), parsed), parsed)
    job.record(name, findings)
    logger.info("%s: loaded, %d rows new and %d revised", name, counts.new, counts.revised)
    return FileResult(
        name,
        FileState.LOADED,
        source.id,
        parsed.title,
        periods_of(parsed.frame),
        counts,
        tuple(findings),
    )


def _judged(job: Job, findings: list[Finding]) -> list[Finding]:
    """The findings, with errors that a person has seen and accepted as warnings.

    What that person has not seen stands as an error: the store or the parser may have changed since.
    """
    decision = job.decision
    if decision is None or not decision.accept or refusal(findings) != decision.held.reason:
        return findings
    return accepted(findings, decision.by, decision.reason) if is_acceptable(findings) else findings


def _rejected(job: Job, arrival: Arrival) -> HeldFile | None:
    """The decision of a person that these bytes are not to be loaded, unless that person tries them again."""
    with job.store.reading() as connection:
        held = held_files.with_bytes(connection, arrival.sha256)
    if held is None or held.state is not HeldState.REJECTED:
        return None
    return None if job.decision is not None and job.decision.held.id == held.id else held


def _leave(job: Job, arrival: Arrival, held: HeldFile) -> FileResult:
    """What a person rejected is left alone: no failure of a refresh, yet said each time."""
    name = arrival.raw.name
    day = f"{held.decided_at:%d %B %Y}" if held.decided_at else "an unknown day"
    message = f"held file {held.id} was rejected by {held.decided_by} on {day}: {held.decision}"
    if not arrival.url:
        return job.refuse(name, held.source, message, held_file_id=held.id)
    findings = (Finding(Severity.WARNING, "rejected by a person", message),)
    job.record(name, findings)
    return FileResult(name, FileState.UNCHANGED, held.source, findings=findings, held_file_id=held.id)


def _held_by(store: Store, source: Source | None, arrival: Arrival) -> str | None:
    """The source by whose present parser the store already holds these bytes, if any."""
    with store.reading() as connection:
        held = loaded_as(connection, arrival.sha256, arrival.raw.name, arrival.hints.text())
    for source_id, version in held:
        known = source or SOURCES.get(source_id)
        if known and (known.id, known.parser_version) == (source_id, version):
            return source_id
    return None


def _write(job: Job, source: Source, file: SourceFile, parsed: ParsedFile) -> LoadCounts:
    store = job.store
    known = {**store.catalogue.organisations, **{item.code: item for item in parsed.organisations}}
    whole = roll_up(parsed.frame, source.roll_ups, known)
    with store.writing() as connection:
        counts = load_frame(
            connection,
            whole,
            file,
            catalogue=store.catalogue,
            load_run_id=job.run_id,
            organisations=parsed.organisations,
            withdraws_absent=parsed.withdraws_absent,
        )
        _settle(connection, job, file.sha256)
    return counts


def _settle(connection: Connection, job: Job, sha256: str) -> None:
    """Note in the load's own transaction that held bytes are loaded, and by whose decision."""
    decision = job.decision
    if decision is None:
        held_files.settle(connection, sha256, f"loaded by run {job.run_id}")
    else:
        held_files.decide(
            connection, decision.held.id, HeldState.LOADED, by=decision.by, decision=decision.text
        )


def _describe(source: Source, arrival: Arrival, path: str) -> SourceFile:
    return SourceFile(
        name=arrival.raw.name,
        sha256=arrival.sha256,
        size=len(arrival.raw.content),
        source_id=source.id,
        layout="",
        title="",
        path=path,
        url=arrival.url,
        etag=arrival.etag,
        last_modified=arrival.last_modified,
        parser_version=source.parser_version,
        hints=arrival.hints.text(),
        published_on=arrival.hints.published_on,
        fetched_at=datetime.now(UTC),
    )


def _complete(file: SourceFile, parsed: ParsedFile) -> SourceFile:
    return replace(
        file,
        layout=parsed.layout,
        title=parsed.title,
        published_on=file.published_on or parsed.published_on,
        latest_period_end=max(
            *(period.end for period in periods_of(parsed.frame)), parsed.edition_end or date.min
        ),
        demonstration=parsed.demonstration,
    )


def read_file(path: Path) -> RawFile:
    """A file's name and bytes. Raises SourceError where it cannot be read."""
    try:
        return RawFile(path.name, path.read_bytes())
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror or error}") from error


def recognise(raw: RawFile) -> Source:
    """The source whose file this is, by its content: the first that claims it, for no two claim the same words.

    Raises SourceError where none claims it, or where the bytes are empty, a web page, cut short or of no known kind.
    """
    file_kind(raw)
    with in_plain_words("the file cannot be recognised"):
        claim = next((source for source in SOURCES.values() if source.recognise(raw)), None)
    if claim:
        return claim
    if is_workbook(raw):
        sheet_names(raw)
    wanted = ", ".join(source.name for source in SOURCES.values())
    raise SourceError(f"wanted a file of one of these sources: {wanted}; its content is of none of them")


def parse(source: Source, raw: RawFile, hints: Hints) -> ParsedFile:
    """A file's frame. Raises SourceError, also where the parser meets something that it did not foresee."""
    with in_plain_words(f"the file is not of a layout that {source.name} is known to use"):
        parsed = source.parse(raw, hints)
    return replace(parsed, demonstration=is_demonstration(raw))


@contextmanager
def in_plain_words(what: str) -> Iterator[None]:
    """What a source did not foresee becomes a SourceError that says `what` and why; the details go to the debug log."""
    try:
        yield
    except SourceError:
        raise
    except _UNFORESEEN as error:
        logger.debug("%s", what, exc_info=True)
        raise SourceError(f"{what} ({type(error).__name__}: {error})") from error


def keep(raw: RawFile, sha256: str, folder: Path) -> str:
    """Keep a file's bytes unaltered under their hash, and return where. Raises KeepError where that fails."""
    ending = Path(raw.name).suffix.lower()
    target = folder / sha256[:2] / f"{sha256}{ending if _ENDING.fullmatch(ending) else ''}"
    unfinished: Path | None = None
    try:
        if not target.exists() or target.stat().st_size != len(raw.content):
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as opened:
                unfinished = Path(opened.name)
                opened.write(raw.content)
            unfinished.replace(target)
    except OSError as error:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise KeepError(f"the file cannot be kept in {folder}: {error.strerror or error}") from error
    return target.as_posix()


def check_parsed(store: Store, parsed: ParsedFile) -> list[Finding]:
    """All that the parser and the checks have to say of a file, beside what the store holds."""
    with store.reading() as connection:
        return [*parsed.findings, *check(parsed, _knowledge(store, connection, parsed))]


def _knowledge(store: Store, connection: Connection, parsed: ParsedFile) -> Knowledge:
    def before(indicator: str, basis: str, period_key: int) -> Coverage | None:
        return coverage_before(connection, indicator, basis, period_key, demonstration=parsed.demonstration)

    return Knowledge(store.catalogue.indicators, store.catalogue.organisations, before)


def periods_of(frame: pd.DataFrame) -> tuple[Period, ...]:
    """The periods of a canonical frame, in order."""
    return tuple(Period.from_key(int(key)) for key in sorted(frame["period"].unique()))
