"""Retention: what is older than the settings keep it, and its removal. A raw file that a figure rests on never goes.

Runs stay while anything in the store refers to them (a file that they loaded or held back), and so does the newest run
and slot of each source: what is due next is reckoned from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    delete,
    exists,
    false,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from db.domain.file import HeldState
from db.domain.run import ENDED
from db.domain.timing import TIME_ZONE
from db.service.uploads import remove_uploads, uploads_left
from db.settings import RetentionSettings, Settings
from db.store import Store, audit
from db.store.schema import (
    finding,
    held_file,
    load_run,
    metadata,
    observation,
    run_log,
    sign_in_attempt,
    source_file,
    store_meta,
)

AT_NIGHT = time(2)
"""When the scheduler clears each day, London's time."""
_LAST = "last_cleared"
_UNFINISHED_DAYS = 1
_KEPT_NAME = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]{1,8})?")
_UNFINISHED_NAME = re.compile(r"tmp\w+")


class RetainedKind(StrEnum):
    """What is kept for a time, in the words of whoever asks."""

    RAW = "Files as fetched"
    HELD = "Files held back"
    STRAY = "Files that no figure came from"
    UPLOADS = "Uploads on their way"
    RUNS = "Runs"
    LOGS = "Lines of logs"
    ATTEMPTS = "Sign-in attempts"


@dataclass(frozen=True)
class RetainedAmount:
    """How many there are, and their bytes; None for rows of the store."""

    count: int = 0
    size: int | None = None


@dataclass(frozen=True)
class Retention:
    """One kind: for how many days it is kept (0: for ever), what there is now and what of it goes next."""

    kind: RetainedKind
    days: int
    now: RetainedAmount
    goes: RetainedAmount


@dataclass(frozen=True)
class RetentionPlan:
    """What a clearing at `at` (UTC) removes: files of the raw folder, folders of uploads, and rows as the kinds say."""

    at: datetime
    kinds: tuple[Retention, ...]
    files: tuple[Path, ...]
    uploads: tuple[Path, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is to be removed."""
        return not any(item.goes.count for item in self.kinds)


def retention_plan(connection: Connection, settings: Settings, at: datetime) -> RetentionPlan:
    """What there is, and what a clearing at a moment (UTC) removes."""
    keeps, raw = settings.retention, settings.store.raw_folder
    files: dict[RetainedKind, list[tuple[Path, int]]] = {kind: [] for kind in RetainedKind}
    going: dict[RetainedKind, list[tuple[Path, int]]] = {kind: [] for kind in RetainedKind}
    kinds_of, goes = _hashes(connection, keeps, at)
    for path, size, changed in _raw_files(raw):
        match = _KEPT_NAME.fullmatch(path.name)
        digest = match[1] if match else ""
        kind = kinds_of.get(digest, RetainedKind.STRAY)
        files[kind].append((path, size))
        kept_for = keeps.stray_files_days if digest else _UNFINISHED_DAYS
        stray = kind is RetainedKind.STRAY and _past(changed, kept_for, at)
        if stray or digest in goes:
            going[kind].append((path, size))
    uploads = uploads_left(connection, settings, at)
    files[RetainedKind.UPLOADS] = list(_files_below(settings.uploads_folder))
    sizes = {kind: _amount(found) for kind, found in going.items()}
    sizes[RetainedKind.UPLOADS] = _amount([item for path in uploads for item in _files_below(path)])
    days = {
        RetainedKind.RAW: keeps.raw_files_days,
        RetainedKind.HELD: keeps.held_files_days,
        RetainedKind.STRAY: keeps.stray_files_days,
        RetainedKind.UPLOADS: keeps.uploads_days,
    }
    kinds = [Retention(kind, kept, _amount(files[kind]), sizes[kind]) for kind, kept in days.items()]
    return RetentionPlan(
        at,
        (*kinds, *_rows(connection, keeps, at)),
        tuple(path for found in going.values() for path, _ in found),
        tuple(uploads),
    )


def next_clearing(connection: Connection, now: datetime) -> datetime:
    """When the scheduler clears next, in UTC: at night, or at once where the last night was missed."""
    held = connection.execute(select(store_meta.c.value).where(store_meta.c.name == _LAST)).scalar()
    if held is None:
        return now
    day = datetime.fromisoformat(held).astimezone(TIME_ZONE).date() + timedelta(days=1)
    return max(datetime.combine(day, AT_NIGHT, TIME_ZONE).astimezone(UTC), now)


def clear(store: Store, settings: Settings, *, by: str, at: datetime) -> RetentionPlan:
    """Remove what is past its time at a moment, record it in the audit, and say what it was."""
    with store.writing() as connection:
        plan = retention_plan(connection, settings, at)
        keeps = settings.retention
        connection.execute(delete(run_log).where(run_log.c.load_run_id.in_(_old_runs(keeps.logs_days, at))))
        gone = list(connection.execute(_runs_to_go(keeps, at)).scalars())
        for table in (run_log, finding):
            connection.execute(delete(table).where(table.c.load_run_id.in_(gone)))
        connection.execute(delete(load_run).where(load_run.c.id.in_(gone)))
        connection.execute(delete(sign_in_attempt).where(_attempts(keeps, at)))
        _note(connection, at)
        if not plan.empty:
            told = ", ".join(
                f"{item.kind.value}: {item.goes.count}" for item in plan.kinds if item.goes.count
            )
            audit.record(connection, by, "clear", "what is past its time", told)
    for path in plan.files:
        # Kept anew since it was looked at: a load has it in hand.
        if not _recent(path, at, settings.retention):
            path.unlink(missing_ok=True)
    remove_uploads(plan.uploads)
    return plan


def _note(connection: Connection, at: datetime) -> None:
    row = {"name": _LAST, "value": at.isoformat()}
    try:
        with connection.begin_nested():
            connection.execute(insert(store_meta).values(row))
    except IntegrityError:
        connection.execute(update(store_meta).where(store_meta.c.name == _LAST).values(value=row["value"]))


# Files


def _raw_files(raw: Path) -> Iterator[tuple[Path, int, datetime]]:
    """The files of the raw folder that the program has made, with their bytes and when they were last kept."""
    for path in raw.glob("[0-9a-f][0-9a-f]/*"):
        if _KEPT_NAME.fullmatch(path.name) or _UNFINISHED_NAME.fullmatch(path.name):
            try:
                found = path.stat()
            except OSError:
                continue
            yield path, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)


def _files_below(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path, path.stat().st_size
        except OSError:
            continue


def _amount(files: list[tuple[Path, int]]) -> RetainedAmount:
    return RetainedAmount(len(files), sum(size for _, size in files))


def _recent(path: Path, at: datetime, keeps: RetentionSettings) -> bool:
    """Whether a file was kept anew within a day of a clearing, whatever is older about it."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return True
    return at - changed < timedelta(days=min(1, keeps.stray_files_days or 1))


def _hashes(
    connection: Connection, keeps: RetentionSettings, at: datetime
) -> tuple[dict[str, RetainedKind], set[str]]:
    """What the files of each hash are kept as, and the hashes whose files go."""
    loaded = set(connection.execute(select(source_file.c.sha256)).scalars())
    held = connection.execute(select(held_file.c.sha256, held_file.c.state, held_file.c.decided_at)).all()
    kinds = {row.sha256: RetainedKind.HELD for row in held} | dict.fromkeys(loaded, RetainedKind.RAW)
    waiting = {row.sha256 for row in held if row.state == HeldState.HELD.value}
    decided = {
        row.sha256
        for row in held
        if row.decided_at is not None and _past(row.decided_at, keeps.held_files_days, at)
    }
    goes = decided - waiting - loaded
    if keeps.raw_files_days:
        goes |= set(connection.execute(_replaced(keeps.raw_files_days, at)).scalars()) - waiting
    return kinds, goes


def _replaced(days: int, at: datetime) -> Select[tuple[str]]:
    """The hashes of files that no current figure rests on and that were loaded longer ago."""
    rests = select(source_file.c.sha256).where(
        exists().where(observation.c.source_file_id == source_file.c.id)
        | source_file.c.loaded_at.is_(None)
        | (source_file.c.loaded_at > at - timedelta(days=days))
    )
    return select(source_file.c.sha256).where(source_file.c.sha256.not_in(rests)).distinct()


def _past(moment: datetime, days: int, at: datetime) -> bool:
    return bool(days) and at - moment > timedelta(days=days)


# Rows


def _rows(connection: Connection, keeps: RetentionSettings, at: datetime) -> list[Retention]:
    runs_to_go = select(func.count()).select_from(_runs_to_go(keeps, at).subquery())
    lines = select(func.count()).where(
        run_log.c.load_run_id.in_(_old_runs(keeps.logs_days, at))
        | run_log.c.load_run_id.in_(_runs_to_go(keeps, at))
    )
    statements: dict[RetainedKind, tuple[int, Table, Select[int]]] = {
        RetainedKind.RUNS: (keeps.runs_days, load_run, runs_to_go),
        RetainedKind.LOGS: (keeps.logs_days, run_log, lines),
        RetainedKind.ATTEMPTS: (
            keeps.attempts_days,
            sign_in_attempt,
            select(func.count()).where(_attempts(keeps, at)),
        ),
    }
    found = []
    for kind, (days, table, goes) in statements.items():
        now = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        going = int(connection.execute(goes).scalar_one())
        found.append(Retention(kind, days, RetainedAmount(now), RetainedAmount(going)))
    return found


def _old_runs(days: int, at: datetime) -> Select[tuple[int]]:
    """Runs that ended longer ago; none with 0 days."""
    ended = load_run.c.state.in_([state.value for state in ENDED])
    before = at - timedelta(days=days)
    return select(load_run.c.id).where(ended, load_run.c.finished_at < before, true() if days else false())


def _runs_to_go(keeps: RetentionSettings, at: datetime) -> Select[tuple[int]]:
    statement = _old_runs(keeps.runs_days, at)
    for table in metadata.tables.values():
        for column in table.columns:
            if column.references(load_run.c.id) and table not in {run_log, finding}:
                statement = statement.where(load_run.c.id.not_in(select(column).where(column.is_not(None))))
    newest = select(func.max(load_run.c.id)).group_by(load_run.c.source)
    newest_slot = (
        select(func.max(load_run.c.slot)).where(load_run.c.slot.is_not(None)).group_by(load_run.c.source)
    )
    return statement.where(
        load_run.c.id.not_in(newest),
        load_run.c.slot.is_(None) | load_run.c.slot.not_in(newest_slot),
    )


def _attempts(keeps: RetentionSettings, at: datetime) -> ColumnElement[bool]:
    before = at - timedelta(days=keeps.attempts_days)
    return (sign_in_attempt.c.at < before) if keeps.attempts_days else false()
