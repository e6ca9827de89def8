"""From files to the store: keep the bytes, parse, check, load. One transaction a file; one file's fault is its own."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from db.coverage import Coverage, coverage_before
from db.demonstration import DemonstrationError
from db.domain import (
    FileState,
    Finding,
    LoadCounts,
    Period,
    RunState,
    Severity,
    SourceFile,
)
from db.load import FrameError, load_frame, loaded_as
from db.runs import RunTotals, beat, create_run, finish_run, record_findings
from db.schema import source_file
from db.settings import Settings
from db.store import Store
from etl.demo.mark import is_demonstration
from etl.fetch import FetchedFile, Fetcher, Validators
from etl.progress import Progress, Silent
from etl.reading.spreadsheets import file_kind, is_workbook, sheet_names
from etl.registry import SOURCES, source_by_id
from etl.rollup import roll_up
from etl.source import Discovery, Hints, ParsedFile, RawFile, RemoteFile, Source, SourceError
from etl.validate import Knowledge, check

logger = logging.getLogger(__name__)

_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, MemoryError, OSError)


@dataclass(frozen=True)
class FileResult:
    """What became of one file."""

    name: str
    state: FileState
    source_id: str = ""
    title: str = ""
    periods: tuple[Period, ...] = ()
    counts: LoadCounts = LoadCounts()
    findings: tuple[Finding, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class RunSummary:
    """What a run did: its files in order, and what the publisher's pages gave to say."""

    run_id: int | None
    results: tuple[FileResult, ...]
    findings: tuple[Finding, ...] = ()
    message: str = ""

    @property
    def totals(self) -> RunTotals:
        files = {state: sum(result.state is state for result in self.results) for state in FileState}
        return RunTotals(files, sum((result.counts for result in self.results), LoadCounts()))

    @property
    def failed(self) -> bool:
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        refused = any(result.state is FileState.REFUSED for result in self.results)
        return bool(self.message) or errors or refused

    @property
    def state(self) -> RunState:
        if self.failed:
            return RunState.FAILED
        loaded = any(result.state is FileState.LOADED for result in self.results)
        return RunState.SUCCEEDED if loaded else RunState.UNCHANGED


@dataclass(frozen=True)
class Job:
    """What every file of a run is loaded into, and under which run."""

    store: Store
    settings: Settings
    run_id: int | None

    def record(self, name: str, findings: Sequence[Finding]) -> None:
        """Keep the findings on a file, where the run is one that is kept."""
        if self.run_id is not None:
            record_findings(self.store, self.run_id, name, findings)

    def refuse(self, name: str, source_id: str, message: str, findings: Sequence[Finding] = ()) -> FileResult:
        """The file is not loaded: record why."""
        self.record(name, findings or [Finding(Severity.ERROR, "refused", message)])
        return FileResult(name, FileState.REFUSED, source_id, findings=tuple(findings), message=message)

    def finish(self, summary: RunSummary) -> RunSummary:
        """Record how the run ended."""
        if summary.run_id is not None:
            finish_run(self.store, summary.run_id, summary.state, summary.totals, summary.message)
        return summary


@dataclass(frozen=True)
class Arrival:
    """A file in hand, with where it came from."""

    raw: RawFile
    hints: Hints = Hints()
    url: str = ""
    etag: str = ""
    last_modified: str = ""


def load_files(
    store: Store,
    paths: Sequence[Path],
    settings: Settings,
    *,
    source_id: str | None = None,
    hints: Hints | None = None,
    trigger: str = "command",
    requested_by: str = "",
    progress: Progress | None = None,
) -> RunSummary:
    """Load files that someone holds. Each is recognised by its content, unless `source_id` says what it is.

    Raises SourceError for an unknown source. A file that is refused is in the summary with its reason.
    """
    source = source_by_id(source_id) if source_id else None
    watcher = progress or Silent()
    run_id = create_run(store, source=source_id, trigger=trigger, requested_by=requested_by)
    job = Job(store, settings, run_id)
    watcher.files(len(paths))
    results = []
    for path in paths:
        watcher.file_started(path.name)
        result = _load_path(job, path, source, hints or Hints())
        results.append(result)
        watcher.file_finished(path.name, result.state.value)
    return job.finish(RunSummary(run_id, tuple(results)))


def refresh_source(
    store: Store,
    source: Source,
    settings: Settings,
    *,
    trigger: str,
    requested_by: str,
    slot: datetime | None = None,
    progress: Progress | None = None,
    today: date | None = None,
) -> RunSummary:
    """Discover, fetch and load what is new of one source.

    The run is recorded before any work. A `slot` that another process has taken gives a summary with no run.
    """
    run_id = create_run(store, source=source.id, trigger=trigger, requested_by=requested_by, slot=slot)
    if run_id is None:
        return RunSummary(None, ())
    job = Job(store, settings, run_id)
    with Fetcher(settings.fetch, source.allowed_hosts) as fetcher:
        try:
            with _in_plain_words(f"the page {source.landing_url} is not laid out as {source.name}'s"):
                day = today or datetime.now(UTC).date()
                discovery = source.discover(fetcher.page, source.landing_url, day)
        except SourceError as error:
            return job.finish(RunSummary(run_id, (), message=str(error)))
        job.record("", discovery.findings)
        results = tuple(_refresh_files(job, source, discovery, fetcher, progress or Silent()))
    return job.finish(RunSummary(run_id, results, discovery.findings))


def check_files(
    store: Store, paths: Sequence[Path], *, source_id: str | None = None, hints: Hints | None = None
) -> RunSummary:
    """Parse and validate files against the store, and load nothing."""
    source = source_by_id(source_id) if source_id else None
    return RunSummary(None, tuple(_check_path(store, path, source, hints or Hints()) for path in paths))


def _refresh_files(
    job: Job, source: Source, discovery: Discovery, fetcher: Fetcher, progress: Progress
) -> Iterable[FileResult]:
    progress.files(len(discovery.files))
    for remote in discovery.files:
        progress.file_started(remote.name)
        result = _refresh_file(job, source, remote, fetcher)
        if job.run_id is not None:
            beat(job.store, job.run_id)
        progress.file_finished(remote.name, result.state.value)
        yield result


def _refresh_file(job: Job, source: Source, remote: RemoteFile, fetcher: Fetcher) -> FileResult:
    try:
        fetched = fetcher.file(remote.url, validators=_validators(job.store, source, remote))
    except SourceError as error:
        return job.refuse(remote.name, source.id, str(error))
    if fetched.not_modified:
        return FileResult(remote.name, FileState.UNCHANGED, source.id)
    return _load(job, source, _arrival(fetched, remote))


def _arrival(fetched: FetchedFile, remote: RemoteFile) -> Arrival:
    raw = RawFile(fetched.name, fetched.content)
    return Arrival(raw, remote.hints, fetched.url, fetched.etag or "", fetched.last_modified or "")


def _validators(store: Store, source: Source, remote: RemoteFile) -> Validators | None:
    """What the publisher said of this address when its file was last loaded with these hints and this parser."""
    statement = select(source_file.c.etag, source_file.c.last_modified).where(
        source_file.c.source == source.id,
        source_file.c.url == remote.url,
        source_file.c.hints == remote.hints.text(),
        source_file.c.parser_version == source.parser_version,
    )
    with store.reading() as connection:
        row = connection.execute(statement.order_by(source_file.c.id.desc()).limit(1)).first()
    if row is None or not (row.etag or row.last_modified):
        return None
    return Validators(etag=row.etag, last_modified=row.last_modified)


def _load_path(job: Job, path: Path, source: Source | None, hints: Hints) -> FileResult:
    try:
        raw = read_file(path)
    except SourceError as error:
        return job.refuse(path.name, source.id if source else "", str(error))
    return _load(job, source, Arrival(raw, hints))


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
    with _in_plain_words("the file cannot be recognised"):
        claim = next((source for source in SOURCES.values() if source.recognise(raw)), None)
    if claim:
        return claim
    if is_workbook(raw):
        sheet_names(raw)
    wanted = ", ".join(source.name for source in SOURCES.values())
    raise SourceError(f"wanted a file of one of these sources: {wanted}; its content is of none of them")


def _load(job: Job, source: Source | None, arrival: Arrival) -> FileResult:
    """One file into the store, whole or not at all. Without a source it is recognised by its content."""
    name, digest = arrival.raw.name, hashlib.sha256(arrival.raw.content).hexdigest()
    if held := _held_by(job.store, source, arrival, digest):
        return FileResult(name, FileState.UNCHANGED, held)
    source_id = source.id if source else ""
    try:
        source = source or recognise(arrival.raw)
        source_id = source.id
        file = replace(
            _describe(source, arrival, digest), path=keep(arrival.raw, digest, job.settings.store.raw_folder)
        )
        parsed = parse(source, arrival.raw, arrival.hints)
        findings = _check(job.store, parsed)
        if refusal := _refusal(findings):
            return job.refuse(name, source_id, refusal, findings)
        counts = _write(job, source, _complete(file, parsed), parsed)
    except (SourceError, FrameError, DemonstrationError) as error:
        return job.refuse(name, source_id, str(error))
    except DBAPIError as error:
        return job.refuse(name, source_id, f"the store could not be written: {error.orig}")
    job.record(name, findings)
    periods = _periods(parsed.frame)
    return FileResult(name, FileState.LOADED, source_id, parsed.title, periods, counts, tuple(findings))


def _held_by(store: Store, source: Source | None, arrival: Arrival, digest: str) -> str | None:
    """The source by whose present parser the store already holds these bytes, if any."""
    with store.reading() as connection:
        held = loaded_as(connection, digest, arrival.raw.name, arrival.hints.text())
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
        return load_frame(
            connection,
            whole,
            file,
            catalogue=store.catalogue,
            load_run_id=job.run_id,
            organisations=parsed.organisations,
            withdraws_absent=parsed.withdraws_absent,
        )


def _describe(source: Source, arrival: Arrival, digest: str) -> SourceFile:
    return SourceFile(
        name=arrival.raw.name,
        sha256=digest,
        size=len(arrival.raw.content),
        source_id=source.id,
        layout="",
        title="",
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
            *(period.end for period in _periods(parsed.frame)), parsed.edition_end or date.min
        ),
        demonstration=parsed.demonstration,
    )


def parse(source: Source, raw: RawFile, hints: Hints) -> ParsedFile:
    """A file's frame. Raises SourceError, also where the parser meets something that it did not foresee."""
    with _in_plain_words(f"the file is not of a layout that {source.name} is known to use"):
        parsed = source.parse(raw, hints)
    return replace(parsed, demonstration=is_demonstration(raw))


@contextmanager
def _in_plain_words(what: str) -> Iterator[None]:
    """What a source did not foresee becomes a SourceError that says `what` and why; the details go to the debug log."""
    try:
        yield
    except SourceError:
        raise
    except _UNFORESEEN as error:
        logger.debug("%s", what, exc_info=True)
        raise SourceError(f"{what} ({type(error).__name__}: {error})") from error


def keep(raw: RawFile, sha256: str, folder: Path) -> str:
    """Keep a file's bytes unaltered under their hash, and return where. Raises SourceError where that fails."""
    target = folder / sha256[:2] / f"{sha256}{Path(raw.name).suffix.lower()}"
    try:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as unfinished:
                unfinished.write(raw.content)
            Path(unfinished.name).replace(target)
    except OSError as error:
        raise SourceError(f"the file cannot be kept in {folder}: {error.strerror or error}") from error
    return target.as_posix()


def _check(store: Store, parsed: ParsedFile) -> list[Finding]:
    with store.reading() as connection:
        return [*parsed.findings, *check(parsed, _knowledge(store, connection, parsed))]


def _knowledge(store: Store, connection: Connection, parsed: ParsedFile) -> Knowledge:
    def before(indicator: str, basis: str, period_key: int) -> Coverage | None:
        return coverage_before(connection, indicator, basis, period_key, demonstration=parsed.demonstration)

    return Knowledge(store.catalogue.indicators, store.catalogue.organisations, before)


def _refusal(findings: Sequence[Finding]) -> str:
    """The errors among findings as one text; "" where there are none."""
    return " | ".join(f"{item.check}: {item.message}" for item in findings if item.severity is Severity.ERROR)


def _periods(frame: pd.DataFrame) -> tuple[Period, ...]:
    return tuple(Period.from_key(int(key)) for key in sorted(frame["period"].unique()))


def _check_path(store: Store, path: Path, source: Source | None, hints: Hints) -> FileResult:
    source_id = source.id if source else ""
    try:
        raw = read_file(path)
        known = source or recognise(raw)
        parsed = parse(known, raw, hints)
        findings = tuple(_check(store, parsed))
    except SourceError as error:
        return FileResult(path.name, FileState.REFUSED, source_id, message=str(error))
    refusal = _refusal(findings)
    state = FileState.REFUSED if refusal else FileState.UNCHANGED
    return FileResult(
        path.name, state, known.id, parsed.title, _periods(parsed.frame), findings=findings, message=refusal
    )
