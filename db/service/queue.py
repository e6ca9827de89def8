"""The queue: how runs are asked for, taken, tried again, cancelled and recovered.

A run is one row from its request to its end. An attempt that fails by a transient error, or whose process is lost, puts
the same row back with its attempt counted, so a source and slot end in one run. Each change is guarded by the run's
state and attempt: of two processes that believe a run theirs, one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import SystemRandom

import psutil
from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from db.domain import RunKind, RunState
from db.domain.run import ENDED, GIVEN_FILES, Run, RunTotals
from db.service.lease import store_time
from db.service.processes import is_here, living, process_name
from db.service.runs import RunLostError, as_run, log_line, queue, rows_added, run_by_id
from db.store import Store, StoreError, audit
from db.store.schema import finding, load_run
from db.version import code_version

SCHEDULE = "schedule"
WORK = "work"
LOST = "the process that ran it stopped before it ended"
NOT_RECORDED = 75
"""The exit status of an attempt whose end could not be recorded: the store was out of reach. (EX_TEMPFAIL)"""
_CHANCE = SystemRandom()


class QueueError(StoreError):
    """What was asked of the queue cannot be done: why, in plain words."""


def request_run(
    store: Store,
    source: str | None,
    *,
    trigger: str,
    by: str,
    kind: RunKind = RunKind.REFRESH,
    slot: datetime | None = None,
    request: Mapping[str, object] | None = None,
    not_before: datetime | None = None,
    parent_id: int | None = None,
) -> int | None:
    """File a run in the queue and return its id; None when `source` already has a run for `slot`.

    `request` is what a run of this kind needs to know: `etl.service.worker` says what. What a person or a command asks
    for (every `trigger` but "schedule") is in the audit too.
    """
    with store.writing() as connection:
        run_id = file_run(
            connection,
            source,
            trigger=trigger,
            by=by,
            kind=kind,
            slot=slot,
            request=request,
            not_before=not_before,
            parent_id=parent_id,
        )
        if run_id is not None and trigger != SCHEDULE:
            audit.record(connection, by, "request run", source or "files", f"run {run_id}: {kind}")
    return run_id


def file_run(
    connection: Connection,
    source: str | None,
    *,
    trigger: str,
    by: str,
    kind: RunKind = RunKind.REFRESH,
    slot: datetime | None = None,
    request: Mapping[str, object] | None = None,
    not_before: datetime | None = None,
    parent_id: int | None = None,
    fencing: int | None = None,
) -> int | None:
    """As `request_run`, in a transaction that is open. `fencing` is the number of the leader that files a slot."""
    row = {
        "source": source,
        "kind": kind.value,
        "trigger": trigger,
        "requested_by": by,
        "slot": slot,
        "state": RunState.QUEUED.value,
        "requested_at": datetime.now(UTC),
        "code_version": code_version(),
        "request": json.dumps(request or {}),
        "not_before": not_before,
        "parent_id": parent_id,
        "fencing": fencing,
    }
    try:
        with connection.begin_nested():
            return int(connection.execute(insert(load_run).values(row).returning(load_run.c.id)).scalar_one())
    except IntegrityError:
        return None


def claim(connection: Connection, fencing: int, *, given: bool = False) -> Run | None:
    """Take the run that `next_waiting` names; None if there is none.

    The run is then running in the leader's name until its own process begins it. What an earlier attempt found is
    cleared: findings are those of the last attempt, the log keeps what became of the others.
    """
    run = next_waiting(connection, given=given)
    if run is None:
        return None
    now = store_time(connection)
    taken = connection.execute(
        update(load_run)
        .where(load_run.c.id == run.id, load_run.c.state == RunState.QUEUED.value)
        .values(
            state=RunState.RUNNING.value,
            started_at=now,
            heartbeat_at=now,
            finished_at=None,
            activity=None,
            process=process_name(),
            code_version=code_version(),
            fencing=fencing,
        )
    )
    if taken.rowcount == 0:
        return None
    connection.execute(delete(finding).where(finding.c.load_run_id == run.id))
    log_line(connection, run.id, "INFO", f"attempt {run.attempt} begins")
    return run_by_id(connection, run.id)


def next_waiting(connection: Connection, *, given: bool = False) -> Run | None:
    """The oldest queued run whose time has come and whose source has none running, of one of two kinds, if any.

    With `given` those that load files which are here already, else those that ask a publisher: neither waits for the
    other.
    """
    found = [run for run in queue(connection) if (run.kind in GIVEN_FILES) is given]
    busy = {run.source for run in found if run.state is RunState.RUNNING}
    now = store_time(connection)
    return next(
        (
            run
            for run in found
            if run.state is RunState.QUEUED
            and (run.not_before is None or run.not_before <= now)
            and run.source not in busy
        ),
        None,
    )


def places(runs: Sequence[Run]) -> dict[int, tuple[int, int]]:
    """Of each run that waits in a queue, its place and how many wait with it: for a publisher, or to load a file."""
    found: dict[int, tuple[int, int]] = {}
    for given in (True, False):
        waiting = [run for run in runs if run.state is RunState.QUEUED and (run.kind in GIVEN_FILES) is given]
        found |= {run.id: (place, len(waiting)) for place, run in enumerate(waiting, start=1)}
    return found


def begin_run(store: Store, run_id: int, attempt: int) -> Run:
    """Make a claimed run this process's. Raises RunLostError where the attempt is over already."""
    with store.writing() as connection:
        begun = connection.execute(
            update(load_run)
            .where(_attempt(run_id, attempt))
            .values(process=process_name(), heartbeat_at=store_time(connection))
        )
        run = run_by_id(connection, run_id)
    if begun.rowcount == 0 or run is None:
        raise RunLostError(f"run {run_id}: attempt {attempt} is over already")
    return run


def put_back(
    connection: Connection, run: Run, reason: str, wait: timedelta, *, process: str | None = None
) -> bool:
    """Queue a run's next attempt after a wait; False where this attempt is over already.

    With `process`, only where the run is that process's.
    """
    guard = _attempt(run.id, run.attempt)
    if process is not None:
        guard = guard & (load_run.c.process == process)
    begin = store_time(connection) + wait
    back = connection.execute(
        update(load_run)
        .where(guard)
        .values(
            state=RunState.QUEUED.value,
            attempt=run.attempt + 1,
            not_before=begin,
            message=reason,
            started_at=None,
            heartbeat_at=None,
            process=None,
        )
    )
    if back.rowcount:
        words = f"attempt {run.attempt} ended: {reason}; attempt {run.attempt + 1} not before {begin:%H:%M:%S} UTC"
        log_line(connection, run.id, "WARNING", words)
    return back.rowcount == 1


def try_later(store: Store, run: Run, reason: str, wait: timedelta, totals: RunTotals) -> None:
    """Queue the next attempt of a run of this process, keeping count of the rows that this one wrote.

    Raises RunLostError where the run is this process's no longer.
    """
    with store.writing() as connection:
        if not put_back(connection, run, reason, wait, process=process_name()):
            raise RunLostError(f"run {run.id} is no longer this process's")
        connection.execute(update(load_run).where(load_run.c.id == run.id).values(rows_added(totals)))


def _attempt(run_id: int, attempt: int) -> ColumnElement[bool]:
    return (
        (load_run.c.id == run_id)
        & (load_run.c.attempt == attempt)
        & (load_run.c.state == RunState.RUNNING.value)
    )


def upload_requests(connection: Connection) -> list[tuple[str, RunKind, bool]]:
    """What each run of uploaded files was asked, as JSON, its kind and whether it has ended; the oldest first."""
    kinds = (RunKind.CHECK.value, RunKind.LOAD.value)
    statement = select(load_run.c.request, load_run.c.kind, load_run.c.state).where(
        load_run.c.kind.in_(kinds)
    )
    ended = {state.value for state in ENDED}
    rows = connection.execute(statement.order_by(load_run.c.id))
    return [(row.request, RunKind(row.kind), row.state in ended) for row in rows]


def wait_before_next(attempt: int, first_seconds: float, longest_seconds: float) -> timedelta:
    """How long to wait after a failed attempt: doubling, never above the longest, between half and the whole."""
    doubled = min(first_seconds * 2.0 ** (attempt - 1), longest_seconds)
    return timedelta(seconds=doubled * _CHANCE.uniform(0.5, 1))


def request_cancel(store: Store, run_id: int, *, by: str) -> RunState:
    """Cancel a run: a queued one at once, a running one as soon as the leader has stopped its process.

    The state that the run is in now: CANCELLED, or RUNNING until it is stopped.
    Raises QueueError for a run that does not exist, has ended, or runs at a terminal.
    """
    with store.writing() as connection:
        row = connection.execute(select(load_run).where(load_run.c.id == run_id).with_for_update()).first()
        run = as_run(row) if row else None
        if run is None:
            raise QueueError(f"there is no run {run_id}")
        if run.state not in {RunState.QUEUED, RunState.RUNNING}:
            raise QueueError(f"run {run_id} has ended already: {run.state}")
        if run.state is RunState.RUNNING and run.fencing is None:
            raise QueueError(f"run {run_id} was begun at a terminal ({run.process}): it is stopped there")
        values: dict[str, object] = {"cancel_requested_by": by}
        if run.state is RunState.QUEUED:
            values |= {
                "state": RunState.CANCELLED.value,
                "finished_at": datetime.now(UTC),
                "message": cancelled_by(by),
            }
            log_line(connection, run_id, "WARNING", f"ended: {RunState.CANCELLED} ({cancelled_by(by)})")
        connection.execute(update(load_run).where(load_run.c.id == run_id).values(values))
        audit.record(connection, by, "cancel run", run.source or "files", f"run {run_id}")
    return RunState.CANCELLED if run.state is RunState.QUEUED else RunState.RUNNING


def cancelled_by(who: str) -> str:
    """What a run says that somebody has cancelled."""
    return f"cancelled by {who}"


def to_be_cancelled(connection: Connection, run_ids: Collection[int]) -> dict[int, str]:
    """Of some running runs, those that someone wants stopped, and who."""
    statement = select(load_run.c.id, load_run.c.cancel_requested_by).where(
        load_run.c.id.in_(run_ids), load_run.c.cancel_requested_by.is_not(None)
    )
    return {row.id: row.cancel_requested_by for row in connection.execute(statement)}


# Recovering


def running_elsewhere(connection: Connection, own: Collection[int]) -> list[Run]:
    """Runs of the queue that are marked running, without those that are known to be at work."""
    statement = select(load_run).where(
        load_run.c.state == RunState.RUNNING.value,
        or_(load_run.c.fencing.is_not(None), load_run.c.slot.is_not(None)),
        load_run.c.id.not_in(own),
    )
    return [as_run(row) for row in connection.execute(statement)]


def is_lost(run: Run, now: datetime, silent: timedelta) -> bool:
    """Whether the process of a run is lost: it is no more or is another program; elsewhere, silent for so long."""
    if is_here(run.process):
        return worker_of(run) is None
    return run.heartbeat_at is None or now - run.heartbeat_at > silent


def worker_of(run: Run) -> psutil.Process | None:
    """The live process on this machine that works on a run; None where there is none, or another has its number."""
    process = living(run.process, run.heartbeat_at)
    if process is None:
        return None
    try:
        words = process.cmdline()
    except psutil.Error:
        return None
    return process if WORK in words and str(run.id) in words else None
