"""Load runs: the queue and the log are one table. A run's row is written before its work starts."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

import psutil
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from db.domain import FileState, Finding, LoadCounts, RunState
from db.schema import finding, load_run
from db.store import Store

SILENT_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class RunTotals:
    """What a run did: files by outcome, and rows."""

    files: dict[FileState, int]
    counts: LoadCounts


def code_version() -> str:
    """The version of this program that a run records."""
    try:
        return version("performance-standards-monitor")
    except PackageNotFoundError:
        return "0.1.0"


def process_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def create_run(
    store: Store, *, source: str | None, trigger: str, requested_by: str, slot: datetime | None = None
) -> int | None:
    """Record a run as running before its work starts, and return its id.

    None when `source` already has a run for `slot`: some process has taken that slot.
    """
    now = datetime.now(UTC)
    row = {
        "source": source,
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


def beat(store: Store, run_id: int) -> None:
    """Say that a run is alive."""
    with store.writing() as connection:
        connection.execute(
            update(load_run).where(load_run.c.id == run_id).values(heartbeat_at=datetime.now(UTC))
        )


def finish_run(store: Store, run_id: int, state: RunState, totals: RunTotals, message: str = "") -> None:
    """Record how a run ended and what it did."""
    values = {
        "state": state.value,
        "finished_at": datetime.now(UTC),
        "message": message,
        "files_loaded": totals.files.get(FileState.LOADED, 0),
        "files_unchanged": totals.files.get(FileState.UNCHANGED, 0),
        "files_refused": totals.files.get(FileState.REFUSED, 0),
        "rows_new": totals.counts.new,
        "rows_revised": totals.counts.revised,
        "rows_unchanged": totals.counts.unchanged,
        "rows_withdrawn": totals.counts.withdrawn,
    }
    with store.writing() as connection:
        connection.execute(update(load_run).where(load_run.c.id == run_id).values(values))


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


def last_slot(store: Store, source: str) -> datetime | None:
    """The newest scheduled time of a source that has a run, in UTC."""
    with store.reading() as connection:
        slot = connection.execute(
            select(load_run.c.slot)
            .where(load_run.c.source == source, load_run.c.slot.is_not(None))
            .order_by(load_run.c.slot.desc())
            .limit(1)
        ).scalar()
    return None if slot is None else _aware(slot)


def abandon_orphans(store: Store, *, now: datetime | None = None) -> int:
    """Mark runs whose process is gone as abandoned, and return how many there were.

    On this machine a process is gone when it no longer exists; on another, when the run has been silent for ten
    minutes.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        running = connection.execute(
            select(load_run.c.id, load_run.c.process, load_run.c.heartbeat_at).where(
                load_run.c.state == RunState.RUNNING.value
            )
        ).all()
        gone = [row.id for row in running if _is_gone(row.process, row.heartbeat_at, moment)]
        if gone:
            connection.execute(
                update(load_run)
                .where(load_run.c.id.in_(gone))
                .values(
                    state=RunState.ABANDONED.value,
                    finished_at=moment,
                    message="the process that ran it stopped before it ended",
                )
            )
    return len(gone)


def _is_gone(process: str | None, heartbeat_at: datetime | None, now: datetime) -> bool:
    host, _, number = (process or "").rpartition(":")
    if host == socket.gethostname() and number.isdigit():
        return not psutil.pid_exists(int(number))
    return heartbeat_at is None or now - _aware(heartbeat_at) > SILENT_AFTER


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
