"""What the operations page reads of the store, and requests that are filed once however often they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, Connection, Select, func, select, text

from db.catalogue.levels import plans
from db.domain import Period, RunKind, RunState
from db.domain.refresh import SourceFacts
from db.domain.run import ENDED, FAILED, LogLine, Run, Shown
from db.service.queue import file_run
from db.service.runs import as_run, queue
from db.store import Store, audit
from db.store.schema import indicator, latest_period, load_run, run_log, source_file

UPLOAD = "upload"
"""The trigger of a run that loads a file which somebody gave to the site."""
_REFRESHES = (RunKind.REFRESH.value, RunKind.DEMONSTRATION.value)
_LOCK = 782_016_18


def source_facts(connection: Connection) -> dict[str, SourceFacts]:
    """What is held, by source; sources of which nothing is held are left out."""
    latest = (
        select(indicator.c.source, func.max(latest_period.c.period_id).label("newest"))
        .join_from(latest_period, indicator)
        .where(indicator.c.code.not_in(plans()))
        .group_by(indicator.c.source)
    )
    newest = {row.source: row.newest for row in connection.execute(latest)}
    statement = (
        select(
            source_file.c.source,
            func.max(source_file.c.published_on).label("published_on"),
            func.max(source_file.c.loaded_at).label("loaded_at"),
            func.count().label("files"),
        )
        .where(source_file.c.undone_by.is_(None))
        .group_by(source_file.c.source)
    )
    return {
        row.source: SourceFacts(
            Period.from_key(newest[row.source]) if row.source in newest else None,
            row.published_on,
            row.loaded_at,
            row.files,
        )
        for row in connection.execute(statement)
    }


def run_counts(connection: Connection) -> dict[Shown, int]:
    """How many runs there are of each list."""
    found = connection.execute(
        select(*(func.count().filter(_shown(which)).label(which.value) for which in Shown)).select_from(
            load_run
        )
    ).one()
    return {which: int(found._mapping[which.value]) for which in Shown}


def listed_runs(
    connection: Connection, shown: Shown, limit: int, *, before_id: int | None = None
) -> list[Run]:
    """The newest runs of a list first; `before_id` for the next page."""
    statement = select(load_run).where(_shown(shown)).order_by(load_run.c.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(load_run.c.id < before_id)
    return _runs(connection, statement)


def _shown(shown: Shown) -> ColumnElement[bool]:
    if shown is Shown.FAILED:
        return load_run.c.state.in_([state.value for state in FAILED])
    if shown is Shown.CHANGED:
        return load_run.c.files_loaded > 0
    return load_run.c.id.is_not(None)


def last_refreshes(connection: Connection) -> dict[str, Run]:
    """Of each source, the newest refresh that ended, by schedule or asked for by a person."""
    newest = (
        select(func.max(load_run.c.id))
        .where(
            load_run.c.state.in_([state.value for state in ENDED if state is not RunState.CANCELLED]),
            load_run.c.kind.in_(_REFRESHES),
            load_run.c.source.is_not(None),
        )
        .group_by(load_run.c.source)
    )
    runs = _runs(connection, select(load_run).where(load_run.c.id.in_(newest)))
    return {run.source: run for run in runs if run.source is not None}


def last_upload(connection: Connection) -> Run | None:
    """The newest run that somebody's uploaded file was given to."""
    statement = select(load_run).where(load_run.c.trigger == UPLOAD).order_by(load_run.c.id.desc()).limit(1)
    return next(iter(_runs(connection, statement)), None)


def last_lines(connection: Connection, run_ids: list[int]) -> dict[int, LogLine]:
    """The newest line of each run's log."""
    if not run_ids:
        return {}
    newest = (
        select(func.max(run_log.c.id))
        .where(run_log.c.load_run_id.in_(run_ids))
        .group_by(run_log.c.load_run_id)
    )
    rows = connection.execute(select(run_log).where(run_log.c.id.in_(newest)))
    return {row.load_run_id: LogLine(row.id, row.at, row.level, row.message) for row in rows}


def _runs(connection: Connection, statement: Select[tuple[object, ...]]) -> list[Run]:
    return [as_run(row) for row in connection.execute(statement)]


def request_once(
    store: Store,
    source: str | None,
    kind: RunKind,
    request: Mapping[str, object],
    *,
    trigger: str,
    by: str,
    same: Callable[[Run], bool] | None = None,
) -> tuple[int, bool]:
    """File a run, unless one that does the same waits or is at work: its id, and whether it was filed now.

    `same` tells the runs of the source that do the same; without it, those that ask for exactly the same. The two
    clicks of a double click are told apart by nothing else, so they are looked at one after the other.
    """
    wanted = same or (lambda run: (run.kind, run.request) == (kind, dict(request)))
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        for run in queue(connection):
            if run.source == source and wanted(run):
                return run.id, False
        run_id = file_run(connection, source, kind=kind, trigger=trigger, by=by, request=request)
        if run_id is None:
            raise ValueError("a run without a slot is always filed")
        audit.record(
            connection, by, "request run", source or "files", f"run {run_id}: {kind} {_rest(request)}".strip()
        )
    return run_id, True


def _rest(request: Mapping[str, object]) -> str:
    rest = {name: value for name, value in request.items() if name != "path"}
    return json.dumps(rest) if rest else ""
