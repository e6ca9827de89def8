"""Incidents: one row, and one message, for each failure or silence of a source, from its first sign to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from db.catalogue import load_catalogue
from db.catalogue.levels import level_freshness
from db.domain import OrganisationType, Period, RunKind, RunState
from db.domain.file import HeldKind, HeldState
from db.domain.holdings import LatestPeriod
from db.domain.timing import TIME_ZONE
from db.service.agreement.check import stated_differences
from db.service.filling import filling_of
from db.service.held_files import held_files, subject
from db.service.schedules import read_schedules
from db.store.schema import incident, indicator, latest_period, load_run, source_file

NEW_DATA_SINCE = timedelta(days=1)
"""At the first start nothing older than this is told as new."""
_FAILED = (RunState.FAILED.value, RunState.TIMED_OUT.value, RunState.ABANDONED.value)
_NO_SOURCE = "files"
_ENDED = (*_FAILED, RunState.SUCCEEDED.value, RunState.UNCHANGED.value)


class IncidentKind(StrEnum):
    """A refresh failed; a publication did not come; ours differ from what another publication states; or, over as it
    begins, figures came in.
    """

    FAILURE = "failure"
    DIFFERENCE = "difference"
    OVERDUE = "overdue"
    NEW_DATA = "new data"


@dataclass(frozen=True)
class Incident:
    """One incident. `told_at` and `recovery_told_at` are when its messages were sent; None: still to be sent."""

    id: int
    source: str
    kind: IncidentKind
    opened_at: datetime
    closed_at: datetime | None
    message: str
    told_at: datetime | None
    recovery_told_at: datetime | None


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a source at this moment."""

    source: str
    kind: IncidentKind
    message: str


def troubles(connection: Connection, now: datetime) -> list[Trouble]:
    """What is wrong now: sources whose newest run failed, and overdue publications. Paused sources are left out.

    What a source lacks while a store is filled with it for the first time is not overdue.
    """
    scheduled = [item.source for item in read_schedules(connection) if item.enabled]
    failures = [_failure(connection, source) for source in scheduled]
    today = now.astimezone(TIME_ZONE).date()
    coming = filling_of(connection).coming
    late = [
        item for source in scheduled if source not in coming for item in _overdue(connection, source, today)
    ]
    known = [item for item in failures if item is not None]
    return [*known, *_deadly_files(connection), *late, *_differences(connection)]


def _differences(connection: Connection) -> list[Trouble]:
    """One for each indicator and period of which figures of ours differ: however many trusts it is of, told once."""
    found = dict.fromkeys(
        (item.source, item.indicator, item.period) for item in stated_differences(connection)
    )
    return [
        Trouble(
            source,
            IncidentKind.DIFFERENCE,
            f"Our figures of {code}, {period.label}, differ from those that {source} states: see the operations page.",
        )
        for source, code, period in found
    ]


def _deadly_files(connection: Connection) -> list[Trouble]:
    """One for each source, or for what people brought, that has files waiting which ended their reader."""
    held = [item for item in held_files(connection, HeldState.HELD) if item.kind is HeldKind.DEADLY]
    return [
        Trouble(item.source or _NO_SOURCE, IncidentKind.FAILURE, f"{subject(item)}: {item.reason}")
        for item in reversed(held)
    ]


def _failure(connection: Connection, source: str) -> Trouble | None:
    newest = (
        select(load_run.c.state, load_run.c.message, load_run.c.id)
        .where(load_run.c.source == source, load_run.c.state.in_(_ENDED))
        .where(load_run.c.kind.not_in([RunKind.CHECK.value, RunKind.UNDO.value]))
        .order_by(load_run.c.finished_at.desc(), load_run.c.id.desc())
        .limit(1)
    )
    row = connection.execute(newest).first()
    if row is None or row.state not in _FAILED:
        return None
    message = f"Refresh of {source} {row.state} (run {row.id}): {row.message or 'no reason was recorded'}"
    return Trouble(source, IncidentKind.FAILURE, message)


def _overdue(connection: Connection, source: str, today: date) -> list[Trouble]:
    """One for each period that did not come: levels that stop at the same period are one publication."""
    own = [item for item in load_catalogue().indicators.values() if item.source_id == source]
    columns = (indicator.c.code, latest_period.c.organisation_type, latest_period.c.period_id)
    held = connection.execute(
        select(*columns).join_from(latest_period, indicator).where(indicator.c.source == source)
    )
    latest = [
        LatestPeriod(code, OrganisationType(kind), Period.from_key(period)) for code, kind, period in held
    ]
    levels = level_freshness(own, latest, today)
    late = [item for item in levels if item.overdue]
    found = []
    for period in dict.fromkeys(item.period for item in late):
        missing = [item for item in late if item.period == period]
        expected = missing[0].expected
        if expected is None:
            continue
        whose = "" if len(missing) == len(levels) else f" of {', '.join(item.level for item in missing)}"
        due = f"{expected.words} {expected.on.year}"
        message = f"{source}: figures{whose} after {period.label} were expected {due} and are not held."
        found.append(Trouble(source, IncidentKind.OVERDUE, message))
    return found


def update_incidents(connection: Connection, now: datetime | None = None) -> None:
    """Open an incident for each new trouble, close those that are over, and note what figures came in."""
    moment = now or datetime.now(UTC)
    present = {_identity(item): item for item in troubles(connection, moment)}
    open_ones = {_identity(item): item for item in incidents(connection, open_only=True)}
    for key, trouble in present.items():
        if key not in open_ones:
            row = {"source": trouble.source, "kind": trouble.kind.value, "message": trouble.message}
            connection.execute(insert(incident).values(opened_at=moment, **row))
    over = [item.id for key, item in open_ones.items() if key not in present]
    if over:
        connection.execute(update(incident).where(incident.c.id.in_(over)).values(closed_at=moment))
    _note_new_data(connection, moment)


def _identity(item: Incident | Trouble) -> tuple[str, IncidentKind, str]:
    """What makes two one: of a source one failure, but as many overdue publications as there are levels behind, and as
    many differences as indicators and periods.
    """
    return item.source, item.kind, "" if item.kind is IncidentKind.FAILURE else item.message


def _note_new_data(connection: Connection, now: datetime) -> None:
    """One message for each run that brought, revised or withdrew figures; an upload's by the sources of its files."""
    told = (
        select(incident.c.source, func.max(incident.c.opened_at).label("at"))
        .where(incident.c.kind == IncidentKind.NEW_DATA.value)
        .group_by(incident.c.source)
    )
    since = {row.source: row.at for row in connection.execute(told)}
    loaded = (
        select(load_run)
        .where(load_run.c.state == RunState.SUCCEEDED.value, load_run.c.finished_at > now - NEW_DATA_SINCE)
        .where(load_run.c.rows_new + load_run.c.rows_revised + load_run.c.rows_withdrawn > 0)
        .order_by(load_run.c.finished_at)
    )
    for run in connection.execute(loaded).all():
        ended, sources = run.finished_at, [run.source] if run.source else _sources_of(connection, run.id)
        if not sources or ended <= since.get(sources[0], now - NEW_DATA_SINCE):
            continue
        counts = f"{run.rows_new:,} rows new, {run.rows_revised:,} revised"
        if run.rows_withdrawn:
            counts += f", {run.rows_withdrawn:,} withdrawn"
        message = f"New figures of {', '.join(sources)}: {counts} (run {run.id})."
        row = {"source": sources[0], "kind": IncidentKind.NEW_DATA.value, "message": message}
        connection.execute(
            insert(incident).values(opened_at=ended, closed_at=ended, recovery_told_at=ended, **row)
        )


def _sources_of(connection: Connection, run_id: int) -> list[str]:
    """The sources of the files that a run loaded, in order."""
    found = select(source_file.c.source).where(source_file.c.load_run_id == run_id).distinct()
    return sorted(connection.scalars(found))


def incidents(connection: Connection, *, open_only: bool = False, limit: int = 100) -> list[Incident]:
    """The newest incidents first."""
    statement = select(incident).order_by(incident.c.id.desc()).limit(limit)
    if open_only:
        statement = statement.where(incident.c.closed_at.is_(None))
    return [_incident(row) for row in connection.execute(statement).all()]


def to_tell(connection: Connection) -> list[Incident]:
    """Incidents with a message still to be sent, the oldest first. One that was over before it was told is not told."""
    unsaid = incident.c.told_at.is_(None) & (
        incident.c.closed_at.is_(None) | (incident.c.kind == IncidentKind.NEW_DATA.value)
    )
    recovered = (
        incident.c.told_at.is_not(None)
        & incident.c.closed_at.is_not(None)
        & incident.c.recovery_told_at.is_(None)
    )
    statement = select(incident).where(unsaid | recovered).order_by(incident.c.id)
    return [_incident(row) for row in connection.execute(statement).all()]


def record_told(connection: Connection, told: Sequence[Incident], now: datetime | None = None) -> None:
    """Record that the messages of these incidents were sent."""
    moment = now or datetime.now(UTC)
    for item in told:
        column = incident.c.told_at if item.told_at is None else incident.c.recovery_told_at
        connection.execute(update(incident).where(incident.c.id == item.id).values({column: moment}))


def _incident(row: object) -> Incident:
    found = {name: getattr(row, name) for name in Incident.__dataclass_fields__}
    return Incident(**{**found, "kind": IncidentKind(found["kind"])})
