"""What machines ask of the site: whether it is well, and its figures for Prometheus. All values come from the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from flask import Flask, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.catalogue.levels import level_freshness
from db.domain import RunState
from db.domain.file import HeldState
from db.domain.timing import TIME_ZONE
from db.figures.data_version import data_version
from db.figures.holdings import latest_periods
from db.figures.replica import Replica
from db.service.filling import filling_of
from db.service.health import oldest_overdue
from db.service.held_files import held_files
from db.service.incidents import incidents
from db.service.lease import leader
from db.service.runs import last_finds, queue, runs_by_state
from db.store import Store, store_fault

HEALTH, METRICS = "/healthz", "/metrics"
_WEEK = timedelta(days=7)


def serve_metrics(server: Flask, store: Store, replica: Replica | None = None) -> None:
    """Serve the state of health and the metrics. Neither needs a sign-in, and neither changes anything."""
    registry = CollectorRegistry()
    registry.register(_StoreCollector(store))
    if replica is not None:
        registry.register(_ReplicaCollector(replica))

    def health() -> Response:
        found = read_health(store, replica)
        answer = Response(json.dumps(found) + "\n", mimetype="application/json")
        answer.status_code = 200 if found["ok"] else 503
        return _fresh(answer)

    def metrics() -> Response:
        return _fresh(Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST))

    server.add_url_rule(HEALTH, "healthz", health)
    server.add_url_rule(METRICS, "metrics", metrics)


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


def read_health(store: Store, replica: Replica | None = None) -> dict[str, object]:
    """`ok`, and what it rests on: the store, the leading scheduler and the oldest slot that is overdue.

    Without a scheduler figures are still shown, but nothing is refreshed: that is not well. A store that was never
    led by any is let pass, for a site may be run to look at files that were loaded by hand. A replica that is not
    used is told and is no ill: pages are read from the store itself.
    """
    return _store_health(store) | ({} if replica is None else {"replica": _replica_health(replica)})


def _replica_health(replica: Replica) -> dict[str, object]:
    found = replica.state()
    return {"used": not found.problem, "problem": found.problem, "changes_behind": found.behind}


def _store_health(store: Store) -> dict[str, object]:
    try:
        with store.reading() as connection:
            found, late = leader(connection), oldest_overdue(connection)
            version = data_version(connection).number
    except DBAPIError as error:
        return {"ok": False, "store": f"cannot be read: {store_fault(error)}"}
    return {
        "ok": found is None or found.live,
        "store": "readable",
        "data_version": version,
        "scheduler": None
        if found is None
        else {"live": found.live, "silent_seconds": round(found.silent_for.total_seconds(), 1)},
        "oldest_overdue": None
        if late is None
        else {"source": late.source, "late_seconds": round(late.late.total_seconds())},
    }


class _StoreCollector:
    """Reads the store at each scrape: every worker says the same, and a restart forgets nothing."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def collect(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        up = GaugeMetricFamily("stp_store_readable", "Whether the store answers")
        try:
            with self.store.reading() as connection:
                found = [*_service(connection, now), *_sources(connection, self.store, now)]
        except DBAPIError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


class _ReplicaCollector:
    """How the read replica stands, as this worker sees it."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    def collect(self) -> Iterator[Metric]:
        found = self.replica.state()
        yield _gauge("stp_replica_used", "Whether pages are read from the replica", float(not found.problem))
        if found.behind is not None:
            yield _gauge("stp_replica_changes_behind", "Changes of the data that it lacks", found.behind)


def _service(connection: Connection, now: datetime) -> Iterator[Metric]:
    """The scheduler, the queue and what waits for a person."""
    found, late = leader(connection), oldest_overdue(connection, now=now)
    yield _gauge("stp_scheduler_live", "Whether a scheduler leads", float(found is not None and found.live))
    if found is not None:
        silent = found.silent_for.total_seconds()
        yield _gauge("stp_scheduler_silent_seconds", "Since the leader's last sign", silent)
        yield _gauge("stp_scheduler_fencing", "The number of the leader's spell", found.fencing)
    overdue = late.late.total_seconds() if late else 0
    yield _gauge("stp_slot_overdue_seconds", "Of the oldest scheduled time without an ended run", overdue)
    states = [run.state for run in queue(connection)]
    waiting = GaugeMetricFamily("stp_runs_waiting", "Runs queued and running", labels=["state"])
    for state in (RunState.QUEUED, RunState.RUNNING):
        waiting.add_metric([state.value], states.count(state))
    yield waiting
    ended = GaugeMetricFamily("stp_runs_of_seven_days", "Runs of the last seven days", labels=["state"])
    for state, count in runs_by_state(connection, now - _WEEK).items():
        ended.add_metric([state.value], count)
    yield ended
    held = len(held_files(connection, HeldState.HELD))
    yield _gauge("stp_files_held", "Files that were refused and wait for a decision", held)
    opened = len(incidents(connection, open_only=True))
    yield _gauge("stp_incidents_open", "Failures and overdue publications", opened)
    yield _gauge("stp_data_version", "The number of the newest file loaded", data_version(connection).number)


def _sources(connection: Connection, store: Store, now: datetime) -> Iterator[Metric]:
    """How old each source's figures are, and by how many days the next are overdue, at its worst and by level."""
    to = GaugeMetricFamily("stp_data_to_timestamp", "End of the newest period held", labels=["source"])
    late = GaugeMetricFamily(
        "stp_publication_overdue_days", "Past the usual day, of the level longest overdue", labels=["source"]
    )
    by_level = ["source", "level"]
    level_to = GaugeMetricFamily("stp_level_data_to_timestamp", "End of its newest period", labels=by_level)
    level_late = GaugeMetricFamily("stp_level_overdue_days", "Past the usual day", labels=by_level)
    last = GaugeMetricFamily(
        "stp_last_found_timestamp", "When a run last loaded something", labels=["source"]
    )
    latest, catalogue = latest_periods(connection), store.catalogue.indicators
    today, coming = now.astimezone(TIME_ZONE).date(), filling_of(connection).coming
    finds = last_finds(connection)
    for source in sorted({catalogue[item.indicator].source_id for item in latest}):
        own = [item for item in catalogue.values() if item.source_id == source]
        counted = {item.id for item in own if not item.looks_ahead}
        ends = [item.period.end for item in latest if item.indicator in counted]
        if ends:
            to.add_metric([source], _timestamp(max(ends)))
        levels = level_freshness(own, latest, today, coming=coming)
        for level in levels:
            level_to.add_metric([source, level.level], _timestamp(level.period.end))
            if level.expected is not None:
                level_late.add_metric([source, level.level], level.overdue)
        if any(level.expected is not None for level in levels):
            late.add_metric([source], levels[0].overdue)
        if source in finds:
            last.add_metric([source], finds[source].timestamp())
    yield from (to, late, level_to, level_late, last)


def _timestamp(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _gauge(name: str, words: str, value: float) -> Metric:
    found = GaugeMetricFamily(name, words)
    found.add_metric([], value)
    return found
