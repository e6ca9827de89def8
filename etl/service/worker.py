"""One attempt of one run, in a process of its own that the leader can kill: `python -m etl work RUN_ID ATTEMPT`.

The process says that it lives, keeps the run's log, and ends itself when its leader is gone: its standard input is a
pipe that only the leader holds open. What an attempt loaded stays loaded; the next one finds it unchanged.
"""

from __future__ import annotations

import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import psutil
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from db.domain import FileState, RunState
from db.domain.run import LogEntry, Run, RunActivity, RunKind, RunStep, paths_of, shown_address
from db.figures.data_version import data_version
from db.loading.demonstration import DemonstrationError
from db.redaction import without_secrets
from db.service.queue import NOT_RECORDED, begin_run, request_run, try_later, wait_before_next
from db.service.runs import RunLostError, beat, finish_run, log_lines
from db.service.schedules import limits_of
from db.settings import SchedulerSettings, Settings, SettingsError
from db.store import DBAPIError, Store, StoreError, store_fault
from db.store.address import address_text
from db.store.transient import is_transient_error
from etl.pipeline import backfill, hold
from etl.pipeline.checking.check import run_check_request
from etl.pipeline.fetch import is_transient
from etl.pipeline.progress import Progress, SiteRequest
from etl.pipeline.run import RunSummary, load_files, refresh_source
from etl.pipeline.undo import run_undo_request
from etl.registry import located_source
from etl.source import Hints, SourceError

_LONGEST_LINE = 2000
_ACTIVITY_SECONDS = 1.0
_LAST_LINES_SECONDS = 5.0
_KEEP_TRYING_SECONDS = 120

logger = logging.getLogger(__name__)

Perform = Callable[[Store, Settings, Run, Progress], RunSummary]


def _refresh(store: Store, settings: Settings, run: Run, progress: Progress) -> RunSummary:
    source = located_source(run.source or "", settings)
    return refresh_source(
        store,
        source,
        settings,
        trigger=run.trigger,
        requested_by=run.requested_by,
        progress=progress,
        run_id=run.id,
    )


def _load(store: Store, settings: Settings, run: Run, progress: Progress) -> RunSummary:
    """{"paths": [...], "hints": ..., "version": 57}: files in `Settings.uploads_folder`.

    "version" is the data version that the person saw them checked against: where another stands by now, nothing is
    loaded and the files are checked again.
    """
    paths, hints = _given(settings, run)
    checked = run.request.get("version")
    if checked is not None:
        with store.reading() as connection:
            version = data_version(connection).number
        if version != checked:
            raise SourceError(_check_again(store, run, version))
    return load_files(
        store, paths, settings, source_id=run.source, hints=hints, progress=progress, run_id=run.id
    )


def _check(store: Store, settings: Settings, run: Run, progress: Progress) -> RunSummary:
    """{"paths": [...], "hints": ...}: files in `Settings.uploads_folder`, of which nothing is loaded."""
    paths, hints = _given(settings, run)
    return run_check_request(store, settings, run, paths, hints=hints, progress=progress)


def _check_again(store: Store, run: Run, version: int) -> str:
    asked: dict[str, object] = {name: run.request[name] for name in ("paths", "hints") if name in run.request}
    again = request_run(
        store, run.source, trigger=run.trigger, by=run.requested_by, kind=RunKind.CHECK, request=asked
    )
    return (
        f"other figures were loaded since the check (data version {version}, not {run.request['version']}): "
        f"nothing was loaded, and run {again} checks again"
    )


def _given(settings: Settings, run: Run) -> tuple[list[Path], Hints]:
    """The uploaded files that a run is asked for, and what a person said of them."""
    paths = [_uploaded(settings, path) for path in paths_of(run.request)]
    try:
        return paths, Hints.of_text(str(run.request.get("hints", "")))
    except (ValueError, KeyError) as error:
        raise SourceError(f"the request's hints cannot be read: {error}") from error


def _forget(uploaded: Path, folder: Path) -> None:
    """Remove an uploaded file, and the folder of its own that it came in: its bytes are kept by hash."""
    uploaded.unlink(missing_ok=True)
    own = uploaded.parent
    if own != folder.resolve() and own.is_dir() and not any(own.iterdir()):
        own.rmdir()


def _uploaded(settings: Settings, path: str) -> Path:
    folder = settings.uploads_folder.resolve()
    wanted = Path(path).resolve()
    if not wanted.is_relative_to(folder) or wanted == folder:
        raise SourceError(f"wanted a file inside {folder}, found {path!r}")
    return wanted


def _backfill(store: Store, settings: Settings, run: Run, progress: Progress) -> RunSummary:
    request = {"source": run.source, **run.request}
    return backfill.run_backfill_request(
        store, settings, request, progress, by=run.requested_by, run_id=run.id
    )


def _retry_held(store: Store, settings: Settings, run: Run, progress: Progress) -> RunSummary:
    return hold.run_load_request(store, settings, run.request, progress, by=run.requested_by, run_id=run.id)


def _undo(store: Store, settings: Settings, run: Run, _progress: Progress) -> RunSummary:
    return run_undo_request(store, settings, run)


def _issue_pack(store: Store, settings: Settings, run: Run, _progress: Progress) -> RunSummary:
    """{"order": 3}: the site's own command issues the pack, in a process of its own that has as long as a run has."""
    number = run.request.get("order")
    with store.reading() as connection:
        seconds = limits_of(connection, run.source).timeout_minutes * 60
    try:
        done = subprocess.run(
            [sys.executable, "-m", "stp_dash", "issue", "--order", str(number)],
            env=os.environ | {"DATABASE_URL": address_text(store.engine.url)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"the pack could not be issued: {error}") from error
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise SourceError(told[-1].removeprefix("Error: ") if told else "the pack could not be issued")
    logger.info("%s", done.stdout.strip())
    return RunSummary(run.id, (), changed=True)


PERFORMED: dict[RunKind, Perform] = {
    RunKind.REFRESH: _refresh,
    RunKind.CHECK: _check,
    RunKind.LOAD: _load,
    RunKind.BACKFILL: _backfill,
    RunKind.RETRY_HELD_FILE: _retry_held,
    RunKind.UNDO: _undo,
    RunKind.PACK: _issue_pack,
}
"""What each kind of run does that the queue may hold."""


def work(store: Store, settings: Settings, run_id: int, attempt: int) -> int:
    """Do an attempt that the leader has claimed, record how it ended, and return the process's exit status.

    A fault that may pass puts the run back in the queue while it has attempts left; every other ends it.
    """
    try:
        run = begin_run(store, run_id, attempt)
        progress = LoggedProgress()
        with _logged(store, run_id), _beating(store, run_id, settings.scheduler, progress):
            summary = perform(store, settings, run, progress)
        _keep_trying(lambda: record_end(store, settings, run, summary))
    except RunLostError as error:
        logger.warning("%s", error)
    except DBAPIError as error:
        if not is_transient_error(error):
            raise
        logger.error("the end of run %d could not be recorded: %s", run_id, error.orig)
        return NOT_RECORDED
    return 0


def perform(store: Store, settings: Settings, run: Run, progress: Progress) -> RunSummary:
    """Do what a run asks for. Whatever the sources, the store and the settings refuse is the summary's message."""
    try:
        if run.kind not in PERFORMED:
            kinds = ", ".join(PERFORMED)
            raise SourceError(f"wanted a run of one of the kinds {kinds}, found {run.kind.value!r}")
        return PERFORMED[run.kind](store, settings, run, progress)
    except (SourceError, StoreError, SettingsError, DemonstrationError) as error:
        return RunSummary(run.id, (), message=str(error), transient=is_transient(error))
    except DBAPIError as error:
        return RunSummary(
            run.id, (), message=f"the store: {store_fault(error)}", transient=is_transient(error)
        )


def record_end(store: Store, settings: Settings, run: Run, summary: RunSummary) -> None:
    """Record how an attempt ended, or queue the next one. Raises RunLostError where the run is lost meanwhile."""
    message = summary.message or _refusals(summary)
    if summary.state is RunState.FAILED and summary.transient and run.attempt < _attempts(store, run):
        pace = settings.scheduler
        wait = wait_before_next(run.attempt, pace.first_wait_seconds, pace.longest_wait_seconds)
        try_later(store, run, message, wait, summary.totals)
        return
    finish_run(store, run.id, summary.state, summary.totals, message)
    if run.kind is RunKind.LOAD and summary.results:
        for path in paths_of(run.request):
            _forget(_uploaded(settings, path), settings.uploads_folder)


def _refusals(summary: RunSummary) -> str:
    """The first reason for which a file was refused, and how many more there are."""
    reasons = [f"{result.name}: {result.message}" for result in summary.results if result.message]
    if not reasons:
        return ""
    return reasons[0] + (f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else "")


def _attempts(store: Store, run: Run) -> int:
    with store.reading() as connection:
        return limits_of(connection, run.source).attempts


def _keep_trying(action: Callable[[], None]) -> None:
    """Do something in the store, again and again while the store is locked or out of reach, for two minutes."""
    for attempt in Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_delay(_KEEP_TRYING_SECONDS),
        wait=wait_random(0.2, 2),
        reraise=True,
    ):
        with attempt:
            action()


class LoggedProgress:
    """Progress as lines of the run's log; `activity` is what is done at the moment."""

    def __init__(self) -> None:
        self.activity = RunActivity()

    def files(self, total: int) -> None:
        self.activity = replace(self.activity, files=total)

    def file_started(self, name: str) -> None:
        doing = self.activity
        self.activity = RunActivity(RunStep.LOADING, name, doing.file + 1, doing.files)
        logger.info("file %d of %d: %s", doing.file + 1, doing.files, name)

    def file_finished(self, name: str, outcome: str) -> None:
        if outcome == FileState.UNCHANGED:
            logger.info("%s: %s", name, outcome)

    def asking(self, request: SiteRequest) -> None:
        self.activity = replace(
            self.activity,
            step=RunStep.PAGES if request.page else RunStep.FETCHING,
            address=without_secrets(shown_address(request.url)),
            attempt=request.attempt,
            attempts=request.attempts,
            received=request.received,
            size=request.size,
        )

    def answered(self) -> None:
        doing = self.activity
        self.activity = RunActivity(RunStep.LOADING, doing.name, doing.file, doing.files)


class RunLog(logging.Handler):
    """Keeps what a run logs in the store, from a thread of its own: a load holds the store's write lock for long."""

    def __init__(self, store: Store, run_id: int) -> None:
        super().__init__(logging.INFO)
        self._store, self._run_id = store, run_id
        self._lines: queue.SimpleQueue[LogEntry | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="run log", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; it is written soon."""
        self._lines.put(
            LogEntry(
                self._run_id,
                datetime.fromtimestamp(record.created, UTC),
                record.levelname,
                record.getMessage()[:_LONGEST_LINE],
            )
        )

    def finish(self) -> None:
        """Write what is left, but do not wait for ever."""
        self._lines.put(None)
        self._writer.join(_LAST_LINES_SECONDS)

    def _write(self) -> None:
        open_ended = True
        while open_ended:
            lines = [self._lines.get()]
            while not self._lines.empty():
                lines.append(self._lines.get())
            open_ended = None not in lines
            kept = [line for line in lines if line is not None]
            if kept:
                self._keep(kept)

    def _keep(self, lines: list[LogEntry]) -> None:
        def write() -> None:
            with self._store.writing() as connection:
                log_lines(connection, lines)

        try:
            _keep_trying(write)
        except DBAPIError as error:
            sys.stderr.write(f"run {self._run_id}: {len(lines)} log lines are lost: {store_fault(error)}\n")


@contextmanager
def _logged(store: Store, run_id: int) -> Iterator[None]:
    handler = RunLog(store, run_id)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.finish()


@contextmanager
def _beating(store: Store, run_id: int, pace: SchedulerSettings, progress: LoggedProgress) -> Iterator[None]:
    """Say every few seconds that the run is alive, and every second what it does where that is something new.

    Ends the process where the run is its own no longer.
    """
    ended = threading.Event()

    def keep_beating() -> None:
        told, beaten_at = RunActivity(), monotonic()
        while not ended.wait(min(_ACTIVITY_SECONDS, pace.beat_seconds)):
            doing = progress.activity
            if doing == told and monotonic() - beaten_at < pace.beat_seconds:
                continue
            try:
                if not beat(store, run_id, doing) and not ended.is_set():
                    _end_at_once(f"run {run_id} is no longer this process's")
                told, beaten_at = doing, monotonic()
            except DBAPIError as error:
                logger.debug("no sign could be given: %s", error.orig)

    beating = threading.Thread(target=keep_beating, name="heartbeat", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()


def limit_memory(megabytes: int) -> None:
    """Let this process have no more address space; 0 for no limit, which is all that other systems than Linux know."""
    if megabytes and hasattr(psutil.Process, "rlimit"):
        most = megabytes * 1024 * 1024
        psutil.Process().rlimit(psutil.RLIMIT_AS, (most, most))


@contextmanager
def limited_memory(megabytes: int) -> Iterator[None]:
    """Within, let this process have so much more address space than it has now, as for files read at a terminal.

    0 for no limit, which is all that other systems than Linux know.
    """
    process = psutil.Process()
    if not megabytes or not hasattr(process, "rlimit"):
        yield
        return
    soft, hard = process.rlimit(psutil.RLIMIT_AS)
    most = process.memory_info().vms + megabytes * 1024 * 1024
    process.rlimit(psutil.RLIMIT_AS, (most if hard == psutil.RLIM_INFINITY else min(most, hard), hard))
    try:
        yield
    finally:
        process.rlimit(psutil.RLIMIT_AS, (soft, hard))


def end_with_leader() -> None:
    """End this process as soon as its standard input closes, which is when the leader that began it is gone."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        _end_at_once("the leader is gone")

    threading.Thread(target=watch, name="leader watch", daemon=True).start()


def _end_at_once(why: str) -> None:
    sys.stderr.write(f"{why}: this process ends\n")
    sys.stderr.flush()
    os._exit(NOT_RECORDED)
