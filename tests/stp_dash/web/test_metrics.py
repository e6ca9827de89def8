"""Health and metrics, read from the store at each asking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from db.domain import Period
from db.service.filling import begin_filling
from db.service.lease import acquire
from db.service.queue import request_run
from db.settings import Settings
from db.store import Store, open_store
from db.store.schema import lease
from stp_dash.application import create_app
from tests.support.seed import FDS, Row, write_rows

SOURCE = "cancer_waiting_times"


def asked(store: Store, settings: Settings, path: str) -> Any:
    return create_app(store, settings).server.test_client().get(path)


def metrics(store: Store, settings: Settings) -> dict[tuple[str, ...], float]:
    """Every sample by its name and labels."""
    text = asked(store, settings, "/metrics").get_data(as_text=True)
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_health_follows_the_scheduler(store: Store, settings: Settings) -> None:
    assert asked(store, settings, "/healthz").get_json()["scheduler"] is None
    acquire(store, "here:1", 60)
    led = asked(store, settings, "/healthz")
    assert (led.status_code, led.get_json()["scheduler"]["live"]) == (200, True)
    with store.writing() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(update(lease).values(heartbeat_at=long_ago, expires_at=long_ago))
    silent = asked(store, settings, "/healthz")
    assert silent.status_code == 503
    assert silent.get_json()["scheduler"]["silent_seconds"] > 3500
    assert silent.headers["Cache-Control"] == "no-store"


def test_a_store_that_cannot_be_read_is_not_well(sqlite_url: str, settings: Settings) -> None:
    opened = open_store(sqlite_url)
    with opened.writing() as connection:
        connection.exec_driver_sql("DROP TABLE source_file")
    answer = asked(opened, settings, "/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["ok"] is False
    assert metrics(opened, settings) == {("stp_store_readable",): 0}
    opened.close()


def test_metrics_count_what_the_store_holds(sqlite_url: str, settings: Settings) -> None:
    store = open_store(sqlite_url)
    write_rows(store, [Row(FDS, "QKS", Period.month(2026, 8), 7, 9)])
    acquire(store, "here:1", 60)
    for _ in range(2):
        request_run(store, SOURCE, trigger="request", by="tester")
    found = metrics(store, settings)
    begin_filling(store, {SOURCE: 2})
    filling = metrics(store, settings)
    store.close()
    assert found["stp_store_readable",] == found["stp_scheduler_live",] == found["stp_data_version",] == 1
    assert found["stp_runs_waiting", "queued"] == 2
    assert found["stp_files_held",] == found["stp_incidents_open",] == 0
    end_of_august = datetime(2026, 8, 31, tzinfo=UTC).timestamp()
    assert found["stp_data_to_timestamp", SOURCE] == end_of_august
    due = datetime(2026, 11, 12, tzinfo=UTC)
    days = max(0, (datetime.now(UTC).date() - due.date()).days)
    assert found["stp_publication_overdue_days", SOURCE] == days
    assert found["stp_level_overdue_days", "areas", SOURCE] == days
    assert found["stp_level_data_to_timestamp", "areas", SOURCE] == end_of_august
    # What a first filling has not brought yet is not overdue.
    assert filling["stp_level_data_to_timestamp", "areas", SOURCE] == end_of_august
    assert not [key for key in filling if "overdue_days" in key[0]]


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_both_are_open_and_change_nothing(store: Store, settings: Settings, path: str) -> None:
    server = create_app(store, settings).server
    assert server.test_client().get(path).status_code == 200
    assert server.test_client().post(path).status_code in {400, 405}
