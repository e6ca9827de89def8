"""The runs at work under one leader: each in a process of its own, stopped when it takes too long or is cancelled."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import Self

import psutil

from db.domain import RunState
from db.domain.run import GIVEN_FILES, Run, RunKind
from db.service.lease import Grant, leading, store_time
from db.service.queue import (
    LOST,
    NOT_RECORDED,
    WORK,
    cancelled_by,
    claim,
    is_lost,
    next_waiting,
    put_back,
    running_elsewhere,
    to_be_cancelled,
    wait_before_next,
    worker_of,
)
from db.service.reading import note_death
from db.service.runs import end_run
from db.service.schedules import limits_of
from db.settings import SchedulerSettings
from db.store import Connection, Store
from db.store.address import address_text

_LONG_KINDS = {RunKind.BACKFILL: 12 * 60.0}
_KILLED_WITHIN_SECONDS = 10

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class AttemptEnd:
    """How an attempt that did not record its own end is to be recorded; with `again`, the next one is queued."""

    state: RunState
    message: str
    again: bool = False


@dataclass
class Child:
    """A run at work: its process, when it has had long enough, and how it was stopped, if it was."""

    run: Run
    process: subprocess.Popen[bytes]
    deadline: float
    minutes: float
    verdict: AttemptEnd | None = None

    def stop(self, verdict: AttemptEnd) -> None:
        """Kill the process. Its end is recorded afterwards."""
        self.verdict = verdict
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_KILLED_WITHIN_SECONDS)
        self.close()

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()


class Dispatcher:
    """Takes runs from the queue while it leads, and sees each one to a recorded end.

    Everything that it writes is refused with LeaseLostError once another scheduler leads.
    """

    def __init__(self, store: Store, grant: Grant, pace: SchedulerSettings) -> None:
        self._store, self._grant, self._pace = store, grant, pace
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop what is at work: whoever leads next finds it lost and begins it again."""
        for child in self._children:
            if child.process.poll() is None:
                _LOG.warning(
                    "run %d: its process is stopped, for this scheduler leads no longer", child.run.id
                )
            child.kill()
        self._children.clear()

    @property
    def idle(self) -> bool:
        return not self._children

    def watch(self) -> None:
        """Stop what has taken too long or is cancelled, and record what has ended."""
        for child in self._children:
            if child.verdict is None and child.process.poll() is None and monotonic() > child.deadline:
                message = f"it took longer than {child.minutes:g} minutes and was stopped"
                child.stop(AttemptEnd(RunState.TIMED_OUT, message))
        self._cancel()
        for child in list(self._children):
            if child.process.poll() is not None:
                self._record_end(child)
                child.close()
                self._children.remove(child)

    def _cancel(self) -> None:
        at_work = {child.run.id: child for child in self._children if child.verdict is None}
        if not at_work:
            return
        with self._store.reading() as connection:
            wanted = to_be_cancelled(connection, at_work.keys())
        for run_id, who in wanted.items():
            at_work[run_id].stop(AttemptEnd(RunState.CANCELLED, cancelled_by(who)))

    def _record_end(self, child: Child) -> None:
        """Record the end of an attempt whose process has not done so itself."""
        verdict = child.verdict or _verdict(child.process.returncode)
        if verdict is None:
            _LOG.info("run %d: attempt %d is over", child.run.id, child.run.attempt)
            return
        with leading(self._store, self._grant) as connection:
            if child.verdict is None and child.process.returncode < 0:
                note_death(connection, child.run)
            self._apply(connection, child.run, verdict)

    def _apply(self, connection: Connection, run: Run, verdict: AttemptEnd) -> None:
        if not verdict.again:
            if end_run(connection, run, verdict.state, verdict.message):
                _LOG.warning("run %d: %s: %s", run.id, verdict.state, verdict.message)
        elif run.attempt >= limits_of(connection, run.source).attempts + self._pace.restarts:
            message = f"{verdict.message}; given up after attempt {run.attempt}"
            end_run(connection, run, RunState.ABANDONED, message)
        else:
            wait = wait_before_next(1, min(self._pace.first_wait_seconds, 1), 1)
            if put_back(connection, run, verdict.message, wait):
                _LOG.warning("run %d: %s; it is begun again", run.id, verdict.message)

    def give_up(self) -> None:
        """Stop what is at work and put it back in the queue: this scheduler was told to stop at once."""
        for child in self._children:
            child.stop(AttemptEnd(RunState.ABANDONED, "the scheduler was stopped", again=True))
            self._record_end(child)
        self._children.clear()

    def recover(self) -> None:
        """Find runs whose process is lost, with an earlier leader or by itself, and begin them again.

        A process on this machine that still works for an earlier leader is stopped first.
        """
        own = {child.run.id for child in self._children}
        silent = timedelta(seconds=self._pace.silent_seconds)
        with self._store.reading() as connection:
            others = running_elsewhere(connection, own)
            now = store_time(connection)
        for run in others:
            worker = worker_of(run)
            if worker is not None and (run.fencing or 0) < self._grant.fencing:
                _stop(worker)
        lost = [run for run in others if is_lost(run, now, silent)]
        if lost:
            with leading(self._store, self._grant) as connection:
                for run in lost:
                    self._apply(connection, run, _lost_or_cancelled(run))

    def begin(self) -> None:
        """Begin waiting runs while there is room for them. Files that somebody gave have a room of their own."""
        for given, most in ((True, self._pace.loads_at_once), (False, self._pace.runs_at_once)):
            while sum((child.run.kind in GIVEN_FILES) is given for child in self._children) < most:
                with self._store.reading() as connection:
                    if next_waiting(connection, given=given) is None:
                        break
                with leading(self._store, self._grant) as connection:
                    run = claim(connection, self._grant.fencing, given=given)
                    limits = limits_of(connection, run.source if run else None)
                if run is None:
                    break
                self._begin(run, _minutes(run, limits.timeout_minutes))

    def _begin(self, run: Run, minutes: float) -> None:
        _LOG.info("run %d: attempt %d of %s (%s)", run.id, run.attempt, run.source or "files", run.kind)
        try:
            process = self._spawn(run)
        except OSError as error:
            message = f"its process could not be begun ({error.strerror})"
            with leading(self._store, self._grant) as connection:
                self._apply(connection, run, AttemptEnd(RunState.ABANDONED, message, again=True))
            return
        self._children.append(Child(run, process, monotonic() + minutes * 60, minutes))

    def _spawn(self, run: Run) -> subprocess.Popen[bytes]:
        """The run's own process. The store's address goes by the environment, which others cannot read."""
        address = address_text(self._store.engine.url)
        return subprocess.Popen(
            [sys.executable, "-m", "etl", WORK, str(run.id), str(run.attempt)],
            env={**os.environ, "DATABASE_URL": address},
            stdin=subprocess.PIPE,
            # A signal from the terminal is the scheduler's: it lets the runs at work finish.
            start_new_session=True,
        )


def _minutes(run: Run, usual: float) -> float:
    asked = run.request.get("timeout_minutes")
    if isinstance(asked, int | float) and asked > 0:
        return float(asked)
    return max(usual, _LONG_KINDS.get(run.kind, 0))


def _verdict(status: int | None) -> AttemptEnd | None:
    """What an exit status says of an attempt: 0 that it recorded its own end, a signal that it was lost."""
    if status == 0:
        return None
    if status is None or status < 0 or status == NOT_RECORDED:
        return AttemptEnd(RunState.ABANDONED, LOST, again=True)
    message = f"its process failed (exit status {status}) before it could say why; the scheduler's log does"
    return AttemptEnd(RunState.FAILED, message)


def _lost_or_cancelled(run: Run) -> AttemptEnd:
    if run.cancel_requested_by:
        return AttemptEnd(RunState.CANCELLED, cancelled_by(run.cancel_requested_by))
    return AttemptEnd(RunState.ABANDONED, LOST, again=True)


def _stop(worker: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        worker.kill()
        worker.wait(_KILLED_WITHIN_SECONDS)
