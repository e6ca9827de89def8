"""How the refresh service stands: what a person reads, and the same as JSON for a monitoring system."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from db.catalogue import load_catalogue
from db.catalogue.levels import LevelFreshness, level_freshness
from db.catalogue.source_files import publications
from db.domain import Period, RunState
from db.domain.refresh import Leader, OverdueSlot, StoredSchedule
from db.domain.run import Run
from db.domain.timing import TIME_ZONE, next_times
from db.figures.holdings import latest_periods
from db.loading.loaded_files import extent_of_source
from db.service.agreement.check import StatedComparison, stated_differences, verdict_counts
from db.service.agreement.compare import AgreementVerdict
from db.service.filling import filling_of
from db.service.health import oldest_overdue
from db.service.lease import leader
from db.service.queue import places
from db.service.runs import last_found, queue, recent_runs
from db.service.schedules import read_schedules, with_seeds
from db.settings import Settings
from db.store import Connection, Store
from db.version import code_version
from etl.commands.terminal import local, plain
from etl.registry import SOURCES

SHOWN_RUNS = 10


@dataclass(frozen=True)
class SourceStatus:
    """How fresh a source is: `data_to` is the newest period held. `next_at` is None where no schedule runs.

    `levels` are areas, trusts, England and the like, the longest overdue first. `coming` says that the source is being
    loaded for the first time, and has not everything yet.
    """

    id: str
    name: str
    data_to: Period | None
    levels: tuple[LevelFreshness, ...]
    coming: bool
    files: int
    loaded_at: datetime | None
    schedule: StoredSchedule | None
    next_at: datetime | None


@dataclass(frozen=True)
class ServiceStatus:
    """The service at one moment."""

    store: str
    code_version: str
    leader: Leader | None
    queue: tuple[Run, ...]
    overdue: OverdueSlot | None
    sources: tuple[SourceStatus, ...]
    unknown: tuple[str, ...]
    runs: tuple[Run, ...]
    differences: tuple[StatedComparison, ...]
    verdicts: Mapping[AgreementVerdict, int]


def read_service_status(store: Store, settings: Settings) -> ServiceStatus:
    """The leader, the queue, the oldest overdue slot, each source's freshness and the last runs."""
    now = datetime.now(UTC)
    with store.reading() as connection:
        kept = read_schedules(connection)
        known = {item.source: item for item in with_seeds(kept, settings.schedules)}
        coming = filling_of(connection).coming
        return ServiceStatus(
            store=store.label,
            code_version=code_version(),
            leader=leader(connection),
            queue=tuple(queue(connection)),
            overdue=oldest_overdue(connection, now=now),
            sources=tuple(
                _source_status(connection, source, known.get(source), now, coming) for source in SOURCES
            ),
            unknown=tuple(source for source in known if source not in SOURCES),
            runs=tuple(recent_runs(connection, SHOWN_RUNS)),
            differences=stated_differences(connection),
            verdicts=verdict_counts(connection),
        )


def _source_status(
    connection: Connection, source: str, stored: StoredSchedule | None, now: datetime, coming: Collection[str]
) -> SourceStatus:
    loaded = extent_of_source(connection, source)
    own = [item for item in load_catalogue().indicators.values() if item.source_id == source]
    today = now.astimezone(TIME_ZONE).date()
    return SourceStatus(
        id=source,
        name=publications()[source].name,
        data_to=loaded.data_to,
        levels=level_freshness(own, latest_periods(connection), today, coming=coming),
        coming=source in coming,
        files=loaded.files,
        loaded_at=loaded.loaded_at,
        schedule=stored,
        next_at=_next_at(connection, stored, now),
    )


def _next_at(connection: Connection, stored: StoredSchedule | None, now: datetime) -> datetime | None:
    if stored is None or stored.definition is None or not stored.enabled:
        return None
    return next_times(stored.definition, 1, now, found_at=last_found(connection, stored.source))[0]


def print_status(console: Console, status: ServiceStatus) -> None:
    """The status as a person reads it, in London time."""
    plain(console, f"Store: {status.store}")
    plain(console, f"Version: {status.code_version}")
    plain(console, f"Scheduler: {_leader_words(status.leader)}")
    running = sum(run.state is RunState.RUNNING for run in status.queue)
    plain(console, f"Queue: {running} running, {len(status.queue) - running} waiting")
    waiting = places(status.queue)
    for run in status.queue:
        print_run(console, run, waiting.get(run.id))
    if status.overdue:
        late = _duration(status.overdue.late.total_seconds())
        plain(console, f"Overdue: {status.overdue.source}, due {local(status.overdue.slot)}, {late} late")
    console.print(_freshness(status.sources))
    for source in status.unknown:
        plain(console, f"Schedule of {source!r}: there is no such source; it is not run.")
    print_agreement(console, status)
    plain(console, "Last runs" if status.runs else "No run yet.")
    for run in status.runs:
        if run not in status.queue:
            print_run(console, run)


def print_agreement(console: Console, status: ServiceStatus) -> None:
    """What the comparison with other publications came to, and each figure that differs."""
    counts = [status.verdicts.get(verdict, 0) for verdict in AgreementVerdict]
    if not any(counts):
        return
    agreeing, revised, differing = counts
    plain(
        console,
        f"Held against other publications: {agreeing:,} agree, {revised:,} agreed before they were revised, "
        f"{differing:,} differ",
    )
    for item in status.differences:
        plain(console, f"  {item.words}")


def _leader_words(found: Leader | None) -> str:
    if found is None:
        return "none has run on this store"
    if not found.live:
        return f"none leads; the last sign of one was at {local(found.heartbeat_at)}"
    return f"{found.holder} leads, last sign {_duration(found.silent_for.total_seconds())} ago"


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''}"
    return f"{seconds:.0f} seconds"


def _freshness(sources: Sequence[SourceStatus]) -> Table:
    table = Table("Source", "Data to", "Files", "Last loaded", "Next", "Schedule", title="Freshness")
    for source in sources:
        table.add_row(
            source.name,
            _data_to(source),
            str(source.files),
            local(source.loaded_at),
            local(source.next_at) if source.next_at else "none",
            source.schedule.words if source.schedule else "none",
        )
    return table


def _data_to(source: SourceStatus) -> str:
    """A line for each level, where they differ or are overdue: `trusts to September 2025, 353 days overdue`."""
    if source.data_to is None:
        return "being loaded for the first time" if source.coming else "nothing loaded"
    if source.coming:
        return f"{source.data_to.label}, more is being loaded"
    if all(item.period == source.data_to and not item.overdue for item in source.levels):
        return source.data_to.label
    return "\n".join(
        f"{item.level} to {item.period.label}" + (f", {_days(item.overdue)} overdue" if item.overdue else "")
        for item in source.levels
    )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def print_run(console: Console, run: Run, place: tuple[int, int] | None = None) -> None:
    """One run in a few lines; `place` is its place of so many in the queue, where it waits."""
    known = publications().get(run.source or "")
    name = known.name if known else run.source or "files"
    by = f"{run.trigger} ({run.requested_by})" if run.requested_by else run.trigger
    attempt = f", attempt {run.attempt}" if run.attempt > 1 else ""
    moment = run.started_at or run.not_before or run.requested_at
    plain(console, f"  {run.id}  {run.state}{attempt}, {local(moment)}, {name}, by {by}")
    plain(
        console,
        f"     {run.files_loaded} files loaded, {run.files_unchanged} unchanged, {run.files_refused} refused; "
        f"{run.rows_new:,} rows new, {run.rows_revised:,} revised",
    )
    if run.state is RunState.RUNNING and run.activity:
        plain(console, f"     now: {run.activity.words}")
    if place:
        plain(console, f"     place {place[0]} of {place[1]} in the queue")
    if run.message:
        plain(console, f"     {run.message}")


def as_json(status: ServiceStatus) -> dict[str, object]:
    """The status as plain values; moments are ISO 8601 in UTC."""
    states, waiting = [run.state for run in status.queue], places(status.queue)
    return {
        "store": status.store,
        "version": status.code_version,
        "leader": _leader_values(status.leader),
        "queue": {state.value: states.count(state) for state in (RunState.RUNNING, RunState.QUEUED)},
        "oldest_overdue": status.overdue
        and {
            "source": status.overdue.source,
            "slot": _iso(status.overdue.slot),
            "late_seconds": round(status.overdue.late.total_seconds()),
        },
        "sources": [_source_values(source) for source in status.sources],
        "unknown_schedules": list(status.unknown),
        "agreement": {verdict.value: status.verdicts.get(verdict, 0) for verdict in AgreementVerdict},
        "differences": [_difference_values(item) for item in status.differences],
        "runs": [_run_values(run, waiting.get(run.id)) for run in status.runs],
    }


def _leader_values(found: Leader | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "holder": found.holder,
        "live": found.live,
        "fencing": found.fencing,
        "heartbeat_at": _iso(found.heartbeat_at),
        "silent_seconds": round(found.silent_for.total_seconds(), 1),
    }


def _source_values(source: SourceStatus) -> dict[str, object]:
    return {
        "id": source.id,
        "data_to": source.data_to.end.isoformat() if source.data_to else None,
        "first_loading": source.coming,
        "levels": [
            {
                "level": item.level,
                "data_to": item.period.end.isoformat(),
                "expected_on": item.expected.on.isoformat() if item.expected else None,
                "overdue_days": item.overdue,
            }
            for item in source.levels
        ],
        "files": source.files,
        "loaded_at": _iso(source.loaded_at),
        "next_at": _iso(source.next_at),
        "schedule": source.schedule.words if source.schedule else None,
    }


def _difference_values(item: StatedComparison) -> dict[str, object]:
    return {
        "indicator": item.indicator,
        "organisation": item.organisation,
        "period_start": item.period.start.isoformat(),
        "period_end": item.period.end.isoformat(),
        "ours": item.ours,
        "stated": item.stated,
        "our_files": item.files,
        "stated_in": item.stated_in,
        "since": _iso(item.since),
    }


def _run_values(run: Run, place: tuple[int, int] | None) -> dict[str, object]:
    running = run.state is RunState.RUNNING
    return {
        "id": run.id,
        "source": run.source,
        "kind": run.kind.value,
        "version": run.code_version,
        "state": run.state.value,
        "attempt": run.attempt,
        "place": place[0] if place else None,
        "activity": asdict(run.activity) if running and run.activity else None,
        "slot": _iso(run.slot),
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "files_loaded": run.files_loaded,
        "files_refused": run.files_refused,
        "message": run.message,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
