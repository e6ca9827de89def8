"""Load runs: the queue and the log are one table. A run's row is written before its work starts.

This module records runs and reads them; `db.service.queue` moves them through the queue.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.domain import FileState, Finding, RunKind, RunState, Severity
from db.domain.run import GIVEN_FILES, LogEntry, LogLine, Run, RunActivity, RunFinding, RunStep, RunTotals
from db.service.lease import store_time
from db.service.processes import is_gone, is_here, process_name
from db.store import Store, StoreError
from db.store.schema import finding, load_run, run_log, source_file
from db.version import code_version

SILENT_AFTER = timedelta(minutes=10)
_NO_REFRESH = (
    RunKind.BACKFILL.value,
    RunKind.CHECK.value,
    RunKind.DEMONSTRATION.value,
    RunKind.UNDO.value,
)
_FOUND = (load_run.c.state == RunState.SUCCEEDED.value) & load_run.c.kind.not_in(_NO_REFRESH)
"""Runs that loaded something new from a publisher."""


class RunLostError(StoreError):
    """A run is no longer this process's: it was stopped, or given to another. What it says is not recorded."""


def create_run(
    store: Store,
    *,
    source: str | None,
    kind: RunKind,
    trigger: str,
    requested_by: str,
    slot: datetime | None = None,
) -> int | None:
    """Record a run as running before its work starts, and return its id.

    None when `source` already has a run for `slot`: some process has taken that slot.
    """
    now = datetime.now(UTC)
    row = {
        "source": source,
        "kind": kind.value,
        "trigger": trigger,
        "requested_by": requested_by,
        "slot": slot,
        "state": RunState.RUNNING.value,
        "requested_at": now,
        "started_at": now,
        "heartbeat_at": now,
        "process": process_name(),
        "code_version": code_version(),
    }
    try:
        with store.writing() as connection:
            return int(connection.execute(insert(load_run).values(row).returning(load_run.c.id)).scalar_one())
    except IntegrityError:
        return None


def beat(store: Store, run_id: int, activity: RunActivity | None = None) -> bool:
    """Say that a run of this process is alive, and what it does; False where it is this process's no longer."""
    doing = {} if activity is None else {"activity": json.dumps(asdict(activity))}
    with store.writing() as connection:
        beaten = connection.execute(
            update(load_run)
            .where(
                load_run.c.id == run_id,
                load_run.c.process == process_name(),
                load_run.c.state == RunState.RUNNING.value,
            )
            .values(heartbeat_at=store_time(connection), **doing)
        )
        return beaten.rowcount == 1


def finish_run(store: Store, run_id: int, state: RunState, totals: RunTotals, message: str = "") -> None:
    """Record how a run ended and what it did, once. A run whose earlier attempt loaded a file has succeeded.

    Raises RunLostError where the run is not this process's: it was stopped, given to another, or has ended.
    """
    mine = (load_run.c.id == run_id) & (load_run.c.process == process_name())
    # A run that was thought dead and ends all the same did what it did: the truth replaces "abandoned".
    open_states = load_run.c.state.in_((RunState.RUNNING.value, RunState.ABANDONED.value))
    with store.writing() as connection:
        loaded = max(totals.files.get(FileState.LOADED, 0), _files_loaded(connection, run_id))
        ended = RunState.SUCCEEDED if loaded and state is RunState.UNCHANGED else state
        values = {
            "state": ended.value,
            "finished_at": datetime.now(UTC),
            "message": message,
            "files_loaded": loaded,
            **_counted(totals, loaded),
        }
        if connection.execute(update(load_run).where(mine, open_states).values(values)).rowcount == 0:
            raise RunLostError(f"run {run_id} is no longer this process's: its end ({state}) is not recorded")
        log_line(connection, run_id, "INFO", f"ended: {ended}" + (f" ({message})" if message else ""))


def _files_loaded(connection: Connection, run_id: int) -> int:
    """How many files all attempts of a run loaded: each was recorded in the transaction that loaded it."""
    count = select(func.count()).where(source_file.c.load_run_id == run_id)
    return int(connection.execute(count).scalar_one())


def _counted(totals: RunTotals, loaded: int) -> dict[str, object]:
    """What an attempt adds to its run: a file that an earlier attempt loaded is not counted as unchanged as well."""
    before = loaded - totals.files.get(FileState.LOADED, 0)
    return {
        "files_unchanged": max(totals.files.get(FileState.UNCHANGED, 0) - before, 0),
        "files_refused": totals.files.get(FileState.REFUSED, 0),
        **rows_added(totals),
    }


def rows_added(totals: RunTotals) -> dict[str, object]:
    """The rows of an attempt, added to those of the run's earlier ones."""
    counts = totals.counts
    return {
        "rows_new": load_run.c.rows_new + counts.new,
        "rows_revised": load_run.c.rows_revised + counts.revised,
        "rows_unchanged": load_run.c.rows_unchanged + counts.unchanged,
        "rows_withdrawn": load_run.c.rows_withdrawn + counts.withdrawn,
    }


def log_line(connection: Connection, run_id: int, level: str, message: str) -> None:
    """Add a line to a run's log."""
    connection.execute(
        insert(run_log).values(load_run_id=run_id, at=datetime.now(UTC), level=level, message=message)
    )


def log_lines(connection: Connection, lines: Sequence[LogEntry]) -> None:
    """Add lines that were logged earlier to a run's log."""
    rows = [
        {"load_run_id": line.run_id, "at": line.at, "level": line.level, "message": line.message}
        for line in lines
    ]
    connection.execute(insert(run_log), rows)


def backfill_at_work(connection: Connection, source: str, *, other_than: int) -> int | None:
    """A backfill of a source that is at work, other than one, if any."""
    statement = select(load_run.c.id).where(
        load_run.c.source == source,
        load_run.c.state == RunState.RUNNING.value,
        load_run.c.kind == RunKind.BACKFILL.value,
        load_run.c.id != other_than,
    )
    return connection.execute(statement.limit(1)).scalar()


def record_findings(store: Store, run_id: int, file_name: str, findings: Sequence[Finding]) -> None:
    """Keep what the checks said of a file (or, with no name, of a publisher's page)."""
    if not findings:
        return
    rows = [
        {
            "load_run_id": run_id,
            "file_name": file_name,
            "severity": item.severity.value,
            "check": item.check,
            "message": item.message,
            "count": item.count,
        }
        for item in findings
    ]
    with store.writing() as connection:
        connection.execute(insert(finding), rows)


def last_slot(connection: Connection, source: str) -> datetime | None:
    """The newest scheduled time of a source that has a run, in UTC."""
    return connection.execute(select(func.max(load_run.c.slot)).where(load_run.c.source == source)).scalar()


def last_found(connection: Connection, source: str) -> datetime | None:
    """When a run of a source last ended that loaded something, in UTC. Backfills of past months do not count."""
    return connection.execute(
        select(func.max(load_run.c.finished_at)).where(load_run.c.source == source, _FOUND)
    ).scalar()


def last_slots(connection: Connection) -> dict[str, datetime]:
    """`last_slot` of every source that has one."""
    statement = (
        select(load_run.c.source, func.max(load_run.c.slot).label("newest"))
        .where(load_run.c.source.is_not(None), load_run.c.slot.is_not(None))
        .group_by(load_run.c.source)
    )
    return {row.source: row.newest for row in connection.execute(statement)}


def last_finds(connection: Connection) -> dict[str, datetime]:
    """`last_found` of every source that has found something."""
    statement = (
        select(load_run.c.source, func.max(load_run.c.finished_at).label("newest"))
        .where(load_run.c.source.is_not(None), load_run.c.finished_at.is_not(None), _FOUND)
        .group_by(load_run.c.source)
    )
    return {row.source: row.newest for row in connection.execute(statement)}


def abandon_orphans(store: Store, *, now: datetime | None = None) -> int:
    """Mark runs that were begun at a terminal and whose process is gone as abandoned; how many there were.

    On this machine a process is gone when it no longer exists; on another, when the run has been silent for ten
    minutes. Runs that came through the queue are the leader's to recover (`db.service.queue`).
    """
    direct = (
        (load_run.c.state == RunState.RUNNING.value)
        & load_run.c.fencing.is_(None)
        & load_run.c.slot.is_(None)
    )
    with store.reading() as connection:
        if connection.execute(select(load_run.c.id).where(direct).limit(1)).first() is None:
            return 0
    with store.writing() as connection:
        moment = now or store_time(connection)
        running = [as_run(row) for row in connection.execute(select(load_run).where(direct))]
        gone = [run for run in running if _is_gone(run, moment)]
        for run in gone:
            end_run(connection, run, RunState.ABANDONED, "the process that ran it stopped before it ended")
    return len(gone)


def _is_gone(run: Run, now: datetime) -> bool:
    if is_here(run.process):
        return is_gone(run.process, run.heartbeat_at)
    return run.heartbeat_at is None or now - run.heartbeat_at > SILENT_AFTER


def end_run(connection: Connection, run: Run, state: RunState, message: str) -> bool:
    """Record that an attempt was ended from outside; False where it has ended or been begun again meanwhile."""
    ended = connection.execute(
        update(load_run)
        .where(
            load_run.c.id == run.id,
            load_run.c.attempt == run.attempt,
            load_run.c.state == RunState.RUNNING.value,
        )
        .values(state=state.value, finished_at=datetime.now(UTC), message=message)
    )
    if ended.rowcount:
        log_line(connection, run.id, "WARNING", f"ended: {state} ({message})")
    return ended.rowcount == 1


def cancel_own_runs(store: Store, message: str) -> None:
    """Mark what this process has begun by itself, and will not finish, as cancelled."""
    own = (
        (load_run.c.process == process_name())
        & (load_run.c.state == RunState.RUNNING.value)
        & load_run.c.fencing.is_(None)
    )
    with store.reading() as connection:
        if connection.execute(select(load_run.c.id).where(own).limit(1)).first() is None:
            return
    with store.writing() as connection:
        for row in connection.execute(select(load_run).where(own)).all():
            end_run(connection, as_run(row), RunState.CANCELLED, message)


# Reading


def run_by_id(connection: Connection, run_id: int) -> Run | None:
    """A run, or None where there is none of that number."""
    row = connection.execute(select(load_run).where(load_run.c.id == run_id)).first()
    return None if row is None else as_run(row)


def recent_runs(
    connection: Connection,
    limit: int = 50,
    *,
    state: RunState | Sequence[RunState] | None = None,
    source: str | None = None,
    before_id: int | None = None,
) -> list[Run]:
    """The newest runs first: of any state or of some, of all sources or of one; `before_id` for the next page."""
    statement = select(load_run).order_by(load_run.c.id.desc()).limit(limit)
    if state is not None:
        states = (state,) if isinstance(state, RunState) else state
        statement = statement.where(load_run.c.state.in_([item.value for item in states]))
    if source is not None:
        statement = statement.where(load_run.c.source == source)
    if before_id is not None:
        statement = statement.where(load_run.c.id < before_id)
    return [as_run(row) for row in connection.execute(statement)]


def queue(connection: Connection) -> list[Run]:
    """What runs and what waits: the running first, then the queued in the order in which they are taken."""
    states = (RunState.RUNNING.value, RunState.QUEUED.value)
    statement = select(load_run).where(load_run.c.state.in_(states)).order_by(load_run.c.id)
    runs = [as_run(row) for row in connection.execute(statement)]
    return sorted(runs, key=lambda run: (run.state is not RunState.RUNNING, run.kind not in GIVEN_FILES))


def runs_by_state(connection: Connection, since: datetime) -> dict[RunState, int]:
    """How many runs asked for since a moment are in each state; states without any are left out."""
    statement = (
        select(load_run.c.state, func.count())
        .where(load_run.c.requested_at >= since)
        .group_by(load_run.c.state)
    )
    return {RunState(state): count for state, count in connection.execute(statement)}


def run_log_of(connection: Connection, run_id: int, *, after_id: int = 0) -> list[LogLine]:
    """A run's log, oldest line first."""
    statement = (
        select(run_log).where(run_log.c.load_run_id == run_id, run_log.c.id > after_id).order_by(run_log.c.id)
    )
    return [LogLine(row.id, row.at, row.level, row.message) for row in connection.execute(statement)]


def findings_of(connection: Connection, run_id: int) -> list[RunFinding]:
    """What the checks said in a run's last attempt, in the order in which they said it."""
    statement = select(finding).where(finding.c.load_run_id == run_id).order_by(finding.c.id)
    return [
        RunFinding(
            row["file_name"], Finding(Severity(row["severity"]), row["check"], row["message"], row["count"])
        )
        for row in connection.execute(statement).mappings()
    ]


def as_run(row: Row[tuple[object, ...]]) -> Run:
    """A row of `load_run` as a Run."""
    fields = dict(row._mapping)
    fields["state"] = RunState(str(row.state))
    fields["kind"] = RunKind(str(row.kind))
    fields["request"] = json.loads(str(row.request))
    fields["activity"] = _activity(row.activity)
    return Run(**fields)


def _activity(stored: object) -> RunActivity | None:
    if not stored:
        return None
    fields = json.loads(str(stored))
    return RunActivity(**{**fields, "step": RunStep(fields["step"])})
