"""Backfill: what a publisher offers of past months, loaded one file at a time. Planned first, and resumable.

What is loaded is skipped, so a backfill that was stopped half-way goes on where it was when it is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from db.catalogue.policy_dates import EARLIEST_MONTH
from db.domain import Finding, Frequency, Period, RunKind, Severity
from db.loading.loaded_files import is_loaded, spans_with_figures
from db.service.runs import abandon_orphans, backfill_at_work, record_findings
from db.settings import Settings
from db.store import Store
from etl.pipeline.fetch import Fetcher, file_name
from etl.pipeline.job import FileResult, Job
from etl.pipeline.pages import PageReader
from etl.pipeline.progress import Progress, Silent
from etl.pipeline.recognise import offered_files
from etl.pipeline.run import OpenRun, RunSummary, refresh_file, summary_of
from etl.registry import located_source
from etl.source import Discovery, RemoteFile, Source, SourceError

TRIGGER = "backfill"

_SIZE_IN_TEXT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(B|KB|MB|GB)\b", re.IGNORECASE)
_UNITS = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_YEAR = timedelta(days=365)


class Mode(StrEnum):
    """Which files of the range: those never loaded, or all, to see whether any has changed."""

    MISSING = "missing"
    ALL = "all"


@dataclass(frozen=True)
class PlannedFile:
    """A file that the publisher offers in the range.

    `held` says that the store has it, by its address, or by its name where somebody loaded it by hand; `wanted` that
    this backfill will ask for it. `size` is in bytes, as the publisher's page or server says; None where neither does.
    """

    remote: RemoteFile
    held: bool
    wanted: bool
    size: int | None = None


@dataclass(frozen=True)
class BackfillPlan:
    """What a backfill would do: nothing is fetched but pages and sizes until it is run.

    `first` and `last` are months, both included. `months_held` have figures of the source in the store already;
    `months_not_offered` have none, and no file found covers them.
    """

    source: Source
    first: Period
    last: Period
    mode: Mode
    files: tuple[PlannedFile, ...]
    months_held: tuple[Period, ...]
    months_not_offered: tuple[Period, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def wanted(self) -> tuple[PlannedFile, ...]:
        return tuple(file for file in self.files if file.wanted)

    @property
    def known_size(self) -> int:
        """Bytes to fetch, of the files whose size is known."""
        return sum(file.size or 0 for file in self.wanted)

    def lines(self) -> Iterator[str]:
        """The plan in words, a line each."""
        for file in self.files:
            state = "load" if file.wanted else "held"
            size = f", {file.size / 1_000_000:,.1f} MB" if file.size is not None else ""
            yield f"{state} {file.remote.name}: {_span(file.remote)}{size}"
        for month in self.months_not_offered:
            yield f"not offered: {month.label}"
        yield (
            f"{len(self.wanted)} of {len(self.files)} files to load, {self.known_size / 1_000_000:,.1f} MB known; "
            f"{len(self.months_held)} of {len(_months(self.first, self.last))} months have figures"
        )


def plan(
    store: Store,
    settings: Settings,
    source: Source | str,
    first_month: Period,
    last_month: Period,
    *,
    mode: Mode | str = Mode.MISSING,
    today: date | None = None,
) -> BackfillPlan:
    """What a backfill of a range of months would load: the dry run.

    Reads the publisher's pages as they would be read today and, for older months, on days further back, since a
    source reads only the pages that are recent on the day; and asks for the sizes of the files to load.
    Raises SourceError for an unknown source or mode, a range that is none, and pages that cannot be read.
    """
    known = located_source(source, settings) if isinstance(source, str) else source
    day, chosen = today or datetime.now(UTC).date(), _mode(mode)
    _check_range(first_month, last_month)
    with Fetcher(settings.fetch, known.allowed_hosts) as fetcher:
        offered = _offered(known, PageReader.of_site(fetcher), first_month.start, day)
        remotes = [file for file in offered.files if _meets(file, first_month.start, last_month.end)]
        files = tuple(_planned(store, known, remote, chosen, fetcher) for remote in remotes)
    held = _months_held(store, known, first_month, last_month)
    absent = tuple(
        month
        for month in _months(first_month, last_month)
        if month not in held and not any(_meets(file.remote, month.start, month.end) for file in files)
    )
    return BackfillPlan(known, first_month, last_month, chosen, files, held, absent, offered.findings)


def run(
    store: Store,
    settings: Settings,
    planned: BackfillPlan,
    progress: Progress | None = None,
    *,
    by: str = "",
    run_id: int | None = None,
) -> RunSummary:
    """Load the files that a plan wants, the oldest first, one transaction each.

    With `run_id` the caller has recorded the run and records its end. Raises SourceError where another backfill of
    the source is at work: there are never two.
    """
    source = planned.source
    opened = OpenRun.of(
        store, run_id, source=source.id, kind=RunKind.BACKFILL, trigger=TRIGGER, requested_by=by
    )
    if opened is None:
        raise SourceError(f"{source.name}: the run could not be recorded")
    if other := _at_work(store, source, opened.id):
        message = f"{source.name}: another backfill is at work (run {other}); wait for its end, or cancel it"
        opened.finish(RunSummary(opened.id, (), message=message))
        raise SourceError(message)
    job, watcher = Job(store, settings, opened.id, of_several=True), progress or Silent()
    job.record("", planned.findings)
    watcher.files(len(planned.wanted))
    results: list[FileResult] = []
    with Fetcher(settings.fetch, source.allowed_hosts, progress=watcher) as fetcher:
        for file in planned.wanted:
            watcher.file_started(file.remote.name)
            results.append(refresh_file(job, source, file.remote, fetcher))
            watcher.file_finished(file.remote.name, results[-1].state.value)
    return opened.finish(summary_of(opened, results, planned.findings))


def run_backfill_request(
    store: Store,
    settings: Settings,
    request: dict[str, Any],
    progress: Progress | None = None,
    *,
    by: str = "",
    run_id: int | None = None,
    source: Source | None = None,
    today: date | None = None,
) -> RunSummary:
    """What the queue asks for, planned and run.

    {"source": "ssnap", "first": "2022-04", "last": "2026-08", "mode": "missing"}; with
    "dry_run": true the plan is recorded as the run's findings and nothing is loaded. `source` stands in for the one
    that is named. Raises SourceError for a request that cannot be read, and as `plan` and `run` do.
    """
    first, last = parse_month(str(request.get("first", ""))), parse_month(str(request.get("last", "")))
    named = source or located_source(str(request.get("source", "")), settings)
    mode = str(request.get("mode", Mode.MISSING))
    planned = plan(store, settings, named, first, last, mode=mode, today=today)
    if request.get("dry_run") is not True:
        return run(store, settings, planned, progress, by=by, run_id=run_id)
    opened = OpenRun.of(
        store, run_id, source=named.id, kind=RunKind.BACKFILL, trigger=TRIGGER, requested_by=by
    )
    if opened is None:
        raise SourceError(f"{named.name}: the run could not be recorded")
    findings = [Finding(Severity.INFORMATION, "backfill plan", line) for line in planned.lines()]
    record_findings(store, opened.id, "", [*planned.findings, *findings])
    return opened.finish(RunSummary(opened.id, (), (*planned.findings, *findings)))


def parse_month(text: str) -> Period:
    """A month written 2022-04. Raises SourceError for anything else."""
    match = re.fullmatch(r"(\d{4})-(\d{1,2})", text)
    try:
        if match:
            return Period.month(int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise SourceError(f"wanted a month such as 2022-04, found {text!r}")


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise SourceError(f"wanted a backfill of {' or '.join(Mode)} files, found {text!r}") from None


def _check_range(first: Period, last: Period) -> None:
    if {first.frequency, last.frequency} != {Frequency.MONTH}:
        raise SourceError(f"wanted two months, found {first.label} and {last.label}")
    if not EARLIEST_MONTH <= first.start <= last.start:
        raise SourceError(
            f"wanted months from {EARLIEST_MONTH:%B %Y} on, the first not after the last, "
            f"found {first.label} to {last.label}"
        )


def _months(first: Period, last: Period) -> list[Period]:
    numbers = [month.start.year * 12 + month.start.month - 1 for month in (first, last)]
    return [Period.month(number // 12, number % 12 + 1) for number in range(numbers[0], numbers[1] + 1)]


def _offered(source: Source, pages: PageReader, first: date, today: date) -> Discovery:
    """The files that the pages offer from a day on, as found today and on days a year apart before it.

    Of months that a later day's reading covers, that reading alone is heard: it has compared all their files. Older
    readings come first, and each keeps its source's order, which says what is to stand.
    """
    newest = offered_files(source, pages, today)
    files, findings, day = list(newest.files), dict.fromkeys(newest.findings), today
    known = {file.url for file in files}
    while day - _YEAR > first:
        covered, day = day - _YEAR, day - _YEAR
        try:
            found = offered_files(source, pages, day)
        except SourceError as error:
            findings[Finding(Severity.WARNING, "older pages", f"as on {day:%d %B %Y}: {error}")] = None
            continue
        findings |= dict.fromkeys(found.findings)
        older = [file for file in found.files if file.last is None or file.last < covered]
        files = [*(file for file in older if file.url not in known), *files]
        known |= {file.url for file in older}
    return Discovery(tuple(files), tuple(findings))


def _meets(file: RemoteFile, first: date, last: date) -> bool:
    """Whether a file may hold figures of a span of days; one that does not say when might."""
    return (file.first is None or file.first <= last) and (file.last is None or file.last >= first)


def _planned(store: Store, source: Source, remote: RemoteFile, mode: Mode, fetcher: Fetcher) -> PlannedFile:
    names = {remote.name, file_name(remote.url)}
    with store.reading() as connection:
        held = is_loaded(
            connection, remote.url, names, source=source.id, parser_version=source.parser_version
        )
    wanted = mode is Mode.ALL or not held
    return PlannedFile(remote, held, wanted, _size(remote, fetcher) if wanted else None)


def _size(remote: RemoteFile, fetcher: Fetcher) -> int | None:
    """A file's size by its link ("(CSV, 27.8MB)"), else by its server; None where neither says it."""
    said = _SIZE_IN_TEXT.search(remote.link_text)
    if said:
        return round(float(said[1].replace(",", "")) * _UNITS[said[2].upper()])
    try:
        return fetcher.size(remote.url)
    except SourceError:
        return None


def _months_held(store: Store, source: Source, first: Period, last: Period) -> tuple[Period, ...]:
    """The months of a range on which the store has figures of a source, of whatever frequency."""
    with store.reading() as connection:
        spans = spans_with_figures(connection, source.id, first.start, last.end)
    return tuple(
        month
        for month in _months(first, last)
        if any(start <= month.end and end >= month.start for start, end in spans)
    )


def _at_work(store: Store, source: Source, run_id: int) -> int | None:
    """Another backfill of a source that is at work, if any. Two that begin at one moment may both give way."""
    abandon_orphans(store)
    with store.reading() as connection:
        return backfill_at_work(connection, source.id, other_than=run_id)


def _span(remote: RemoteFile) -> str:
    if remote.first is None or remote.last is None:
        return "months not said"
    return f"{remote.first:%B %Y} to {remote.last:%B %Y}"
