"""Runs of files into the store: those that someone holds, and those that a publisher has. One transaction a file."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from db.domain import FileState, Finding, LoadCounts, Period, RunState, Severity
from db.domain.run import RunKind, RunTotals
from db.loading.loaded_files import validators_of
from db.service.agreement.check import check_stated_figures
from db.service.runs import beat, create_run, finish_run, record_findings
from db.settings import Settings
from db.store import DBAPIError, Store
from db.store.data_state import show_all_loaded
from etl.pipeline.fetch import Fetcher, is_transient
from etl.pipeline.job import Arrival, FileResult, Job
from etl.pipeline.keep import read_file
from etl.pipeline.load_or_hold import file_periods, findings_on, load_arrival, whole_file
from etl.pipeline.pages import PageReader
from etl.pipeline.progress import Progress, Silent
from etl.pipeline.recognise import offered_files, source_of
from etl.pipeline.validate import refusal
from etl.registry import source_by_id
from etl.source import Hints, RawFile, RemoteFile, Source, SourceError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunSummary:
    """What a run did: its files in order, and what the publisher's pages gave to say.

    `transient` says that some fault may pass by itself, so that another attempt is worth while. Files that are
    loaded are unchanged in that attempt, and files that are refused are refused again. `changed` says that figures
    changed although no file was loaded.
    """

    run_id: int | None
    results: tuple[FileResult, ...]
    findings: tuple[Finding, ...] = ()
    message: str = ""
    transient: bool = False
    changed: bool = False

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
        loaded = self.changed or any(result.state is FileState.LOADED for result in self.results)
        return RunState.SUCCEEDED if loaded else RunState.UNCHANGED


@dataclass(frozen=True)
class OpenRun:
    """A run's row in the store, written before its work.

    `ours` says that this process recorded it and so records its end; a run that a caller recorded (a worker's) is
    left for that caller to end.
    """

    store: Store
    id: int
    ours: bool

    @classmethod
    def of(
        cls,
        store: Store,
        run_id: int | None,
        *,
        source: str | None,
        kind: RunKind,
        trigger: str,
        requested_by: str,
        slot: datetime | None = None,
    ) -> OpenRun | None:
        """The run that the caller recorded, or else a new one; None where another process has taken the slot."""
        if run_id is not None:
            return cls(store, run_id, ours=False)
        created = create_run(
            store, source=source, kind=kind, trigger=trigger, requested_by=requested_by, slot=slot
        )
        return None if created is None else cls(store, created, ours=True)

    def finish(self, summary: RunSummary) -> RunSummary:
        """Let its figures be shown together, hold them against what other publications state, and record how the run
        ended, where that is ours to do.
        """
        if any(result.state is FileState.LOADED for result in summary.results):
            try:
                with self.store.writing() as connection:
                    show_all_loaded(connection)
                record_agreement(self.store, self.id)
            except DBAPIError as error:
                logger.warning("the figures are shown some seconds later: %s", error.orig)
        logger.info("%s", summary.message or f"{len(summary.results)} files, {summary.state.value}")
        if self.ours:
            finish_run(self.store, self.id, summary.state, summary.totals, summary.message)
        return summary


def record_agreement(store: Store, run_id: int | None) -> None:
    """Compare ours with what other publications state of the same, and let a run tell what differs that did not."""
    with store.writing() as connection:
        findings = check_stated_figures(connection, store.catalogue)
    for finding in findings:
        logger.warning("%s: %s", finding.check, finding.message)
    if run_id is not None:
        record_findings(store, run_id, "", findings)


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
    run_id: int | None = None,
) -> RunSummary:
    """Load files that someone holds. Each is recognised by its content, unless `source_id` says what it is.

    With `run_id` the caller has recorded the run and records its end. Raises SourceError for an unknown source.
    A file that is refused is in the summary with its reason, and held.
    """
    source = source_by_id(source_id) if source_id else None
    watcher = progress or Silent()
    run = OpenRun.of(
        store, run_id, source=source_id, kind=RunKind.LOAD, trigger=trigger, requested_by=requested_by
    )
    if run is None:
        return RunSummary(None, ())
    job = Job(store, settings, run.id, of_several=len(paths) > 1)
    watcher.files(len(paths))
    results = []
    for path in paths:
        watcher.file_started(path.name)
        result = load_path(job, path, source, hints or Hints())
        results.append(result)
        watcher.file_finished(path.name, result.state.value)
    return run.finish(summary_of(run, results))


def summary_of(
    run: OpenRun, results: Sequence[FileResult], findings: Sequence[Finding] = (), *, transient: bool = False
) -> RunSummary:
    """A run's files and findings together; `transient` where a page's fault may pass."""
    passing = transient or any(result.transient for result in results)
    message = " | ".join(f"{result.name}: {result.message}" for result in results if result.unrecorded)
    return RunSummary(run.id, tuple(results), tuple(findings), message, transient=passing)


def refresh_source(
    store: Store,
    source: Source,
    settings: Settings,
    *,
    trigger: str,
    requested_by: str,
    kind: RunKind = RunKind.REFRESH,
    slot: datetime | None = None,
    progress: Progress | None = None,
    today: date | None = None,
    run_id: int | None = None,
) -> RunSummary:
    """Discover, fetch and load what is new of one source.

    The run is recorded before any work; with `run_id` the caller has recorded it and records its end. A `slot` that
    another process has taken gives a summary with no run.
    """
    run = OpenRun.of(
        store, run_id, source=source.id, kind=kind, trigger=trigger, requested_by=requested_by, slot=slot
    )
    if run is None:
        return RunSummary(None, ())
    job, watcher = Job(store, settings, run.id, of_several=True), progress or Silent()
    try:
        opened = Fetcher(settings.fetch, source.allowed_hosts, progress=watcher)
    except SourceError as error:
        return run.finish(RunSummary(run.id, (), message=str(error)))
    with opened as fetcher:
        pages = PageReader.of_site(fetcher)
        try:
            discovery = offered_files(source, pages, today or datetime.now(UTC).date())
        except SourceError as error:
            return run.finish(RunSummary(run.id, (), message=str(error), transient=pages.transient))
        job.record("", discovery.findings)
        results = tuple(_refresh_files(job, source, discovery.files, fetcher, watcher))
    return run.finish(summary_of(run, results, discovery.findings, transient=pages.transient))


def check_files(
    store: Store,
    paths: Sequence[Path],
    *,
    source_id: str | None = None,
    hints: Hints | None = None,
    area: Collection[str] = (),
) -> RunSummary:
    """Parse and validate files against the store, and load and hold nothing.

    `area` are the codes of the organisations that the site is for.
    """
    source = source_by_id(source_id) if source_id else None
    results = (_check_path(store, path, source, hints or Hints(), area) for path in paths)
    return RunSummary(None, tuple(results))


def _refresh_files(
    job: Job, source: Source, files: Sequence[RemoteFile], fetcher: Fetcher, progress: Progress
) -> Iterator[FileResult]:
    progress.files(len(files))
    for remote in files:
        progress.file_started(remote.name)
        result = refresh_file(job, source, remote, fetcher)
        progress.file_finished(remote.name, result.state.value)
        yield result


def refresh_file(job: Job, source: Source, remote: RemoteFile, fetcher: Fetcher) -> FileResult:
    """Fetch one file of a publisher, unless it is unchanged, and load it."""
    if job.run_id is not None:
        beat(job.store, job.run_id)
    with job.store.reading() as connection:
        validators = validators_of(
            connection,
            remote.url,
            source=source.id,
            hints=remote.hints.text(),
            parser_version=source.parser_version,
        )
    try:
        fetched = fetcher.file(remote.url, validators=validators)
    except SourceError as error:
        return job.refuse(remote.name, source.id, str(error), transient=is_transient(error))
    if fetched.not_modified:
        return FileResult(remote.name, FileState.UNCHANGED, source.id)
    raw = RawFile(fetched.name, fetched.content)
    return load_arrival(
        job, source, Arrival(raw, remote.hints, fetched.url, fetched.etag, fetched.last_modified)
    )


def load_path(job: Job, path: Path, source: Source | None, hints: Hints) -> FileResult:
    """One file that somebody holds, loaded or only checked as the job says."""
    try:
        raw = read_file(path)
    except SourceError as error:
        return job.refuse(path.name, source.id if source else "", str(error))
    return load_arrival(job, source, Arrival(raw, hints))


def period_span(periods: Sequence[Period]) -> str:
    """A file's periods in words; "" for none."""
    if not periods:
        return ""
    first, last = min(periods, key=lambda item: item.start), max(periods, key=lambda item: item.end)
    if len(periods) == 1:
        return first.label
    return f"{first.start:%B %Y} to {last.end:%B %Y} ({len(periods)} periods)"


def _check_path(
    store: Store, path: Path, source: Source | None, hints: Hints, area: Collection[str]
) -> FileResult:
    source_id = source.id if source else ""
    try:
        raw = read_file(path)
        known = source or source_of(raw)
        parsed = whole_file(store, known, raw, hints)
        findings = tuple(findings_on(store, known, parsed, area))
    except SourceError as error:
        return FileResult(path.name, FileState.REFUSED, source_id, message=str(error))
    message = refusal(findings)
    state = FileState.REFUSED if message else FileState.UNCHANGED
    return FileResult(
        path.name, state, known.id, parsed.title, file_periods(parsed), findings=findings, message=message
    )
