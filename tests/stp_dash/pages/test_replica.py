"""Pages over a real streaming replica of PostgreSQL: figures come from it, changes go to the primary."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

import psycopg
import pytest
from flask import Flask
from pydantic import SecretStr

from db.figures import replica
from db.figures.replica import Replica, replica_of
from db.loading.load import load_frame
from db.service.runs import recent_runs
from db.settings import Settings
from db.store import Store, open_store
from stp_dash.application import create_app
from tests.support import postgresql
from tests.support.frames import FDS, file, frame, row
from tests.support.site.operators import NAME, Operator, seed_operator

pytestmark = pytest.mark.postgresql
PAGE = f"?indicator={FDS}&organisation=RVV"
DEADLINE = 60


@dataclass
class Pair:
    """A primary's store, its replica's server, and the site over both."""

    store: Store
    server: postgresql.Server
    settings: Settings
    replica: Replica

    def site(self) -> Flask:
        flask: Flask = create_app(self.store, self.settings, self.replica).server
        return flask

    def publish(self, numerator: float) -> None:
        """A file with one trust's figure, of a hundred patients."""
        with self.store.writing() as connection:
            load_frame(connection, frame(row("RVV", numerator, 100)), file(), catalogue=self.store.catalogue)

    def on_replica(self, statement: str) -> Any:
        return asked(f"{self.server.address}/monitor", statement)

    def caught_up(self) -> None:
        """Wait until the replica has replayed what the primary has written."""
        written = asked(
            f"{self.store.engine.url.host and primary_of(self.store)}", "SELECT pg_current_wal_lsn()"
        )
        until(lambda: self.on_replica(f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"))


def primary_of(store: Store) -> str:
    return f"postgresql://postgres@127.0.0.1:{store.engine.url.port}/monitor"


def asked(address: str, statement: str) -> Any:
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute(statement).fetchone()
        return found[0] if found else None


def until(holds: Callable[[], bool]) -> None:
    ends, pause = monotonic() + DEADLINE, Event()
    while not holds():
        assert monotonic() < ends, "the replica does not follow"
        pause.wait(0.02)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, postgresql.Server]]:
    programs = postgresql.binaries()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(postgresql.HOW_TO_GET_IT)
        pytest.skip(postgresql.HOW_TO_GET_IT)
    with (
        postgresql.running_cluster(programs) as primary,
        postgresql.running_replica(programs, primary) as server,
    ):
        yield primary, server


@pytest.fixture
def pair(
    servers: tuple[str, postgresql.Server], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pair]:
    """A store on the primary with one figure, 70 of 100, that the replica has too."""
    monkeypatch.setattr(replica, "CHECK_SECONDS", 0)
    primary, server = servers
    with psycopg.connect(f"{primary}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS monitor WITH (FORCE)")
        connection.execute("CREATE DATABASE monitor")
    address = SecretStr(f"{server.address}/monitor")
    chosen = settings.model_copy(update={"store": settings.store.model_copy(update={"replica_url": address})})
    with closing(open_store(f"{primary}/monitor")) as store, ExitStack() as at_end:
        both = replica_of(store, chosen.replica_url)
        assert both is not None
        at_end.callback(both.replica.close)
        found = Pair(store, server, chosen, both)
        found.publish(70)
        found.caught_up()
        yield found


def page(site: Flask, path: str = "/trend", search: str = PAGE) -> str:
    """All text of a page, as the browser's request for it is answered."""
    asked_for = {"path": path, "search": search, "width": "desktop"}
    body = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": asked_for}],
        "changedPropIds": ["request.data"],
    }
    answer = site.test_client().post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


def health(site: Flask) -> Any:
    return site.test_client().get("/healthz").get_json()["replica"]


def metrics(site: Flask) -> str:
    return site.test_client().get("/metrics").get_data(as_text=True)


def test_figures_come_from_the_replica_in_one_state(pair: Pair) -> None:
    site = pair.site()
    assert "70.0%" in page(site)
    assert health(site) == {"used": True, "problem": "", "changes_behind": 0}
    pair.on_replica("SELECT pg_wal_replay_pause()")
    pair.publish(90)
    behind = page(site)
    assert "70.0%" in behind
    assert "90.0%" not in behind
    assert "Data version 1" in behind
    assert health(site) == {"used": True, "problem": "", "changes_behind": 1}
    assert "stp_replica_changes_behind 1.0" in metrics(site)
    told = page(site, search=f"{PAGE}&version=2")
    assert "90.0%" in told, "a link to a state that only the store holds is answered by it"
    pair.on_replica("SELECT pg_wal_replay_resume()")
    pair.caught_up()
    assert "90.0%" in page(site)
    assert "Data version 2" in page(site)


def test_a_replica_that_stands_still_is_left(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "PATIENCE_SECONDS", -1)
    site = pair.site()
    pair.on_replica("SELECT pg_wal_replay_pause()")
    pair.publish(90)
    assert "90.0%" in page(site)
    assert health(site)["used"] is False
    assert "stp_replica_used 0.0" in metrics(site)
    pair.on_replica("SELECT pg_wal_replay_resume()")
    pair.caught_up()
    assert health(site) == {"used": True, "problem": "", "changes_behind": 0}


def test_what_operators_do_goes_to_the_primary_and_is_seen_at_once(pair: Pair) -> None:
    seed_operator(pair.store)
    pair.on_replica("SELECT pg_wal_replay_pause()")
    operator = Operator(pair.store, pair.settings, pair.replica)
    answer = operator.does("run", source="cancer_waiting_times")
    assert answer.status_code == 303
    assert "is in the queue" in operator.told()
    with pair.store.reading() as connection:
        (run,) = recent_runs(connection)
    shown = page(operator.browser.application, "/operations", f"?run={run.id}")
    pair.on_replica("SELECT pg_wal_replay_resume()")
    assert (run.source, run.requested_by) == ("cancer_waiting_times", NAME)
    assert f"Run {run.id}" in shown


def test_a_replica_that_restarts_costs_no_page(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    site = pair.site()
    assert "70.0%" in page(site)
    pair.server.stop()
    try:
        pair.publish(90)
        assert "90.0%" in page(site)
        assert health(site)["used"] is False
        assert "cannot be read" in health(site)["problem"]
        assert site.test_client().get("/healthz").status_code == 200
        assert "pages are read from the store itself: the read replica cannot be read" in caplog.text
    finally:
        pair.server.start()
    pair.caught_up()
    assert health(site) == {"used": True, "problem": "", "changes_behind": 0}
    assert "90.0%" in page(site)
