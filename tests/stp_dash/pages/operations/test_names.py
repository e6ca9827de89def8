"""Operators' names: operators read who did what, and readers that an operator did."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from db.domain import Finding, LoadCounts, RunKind, RunState, Severity
from db.domain.run import RunTotals
from db.service.queue import request_cancel, request_run
from db.service.runs import create_run, finish_run, log_line, record_findings
from db.service.schedules import seed_schedules, set_enabled
from db.settings import Settings
from db.store import Store, open_store
from stp_dash.application import create_app
from stp_dash.pages.operations.parts import LIVE, LOG_FILE
from tests.support.site.operators import PHRASE, seed_operator

NAME, TERMINAL, GONE = "jane.smith", "tom.at-terminal", "ann@trust"
PATHS = (
    "/operations",
    "/operations?view=runs",
    "/operations?run=1",
    "/operations?run=2",
    f"{LIVE}?run=1",
    LIVE,
    f"{LOG_FILE}?run=1",
    f"{LOG_FILE}?run=2",
    "/operations?edit=ssnap",
    "/metrics",
    "/healthz",
    "/data",
)


@pytest.fixture
def store(sqlite_url: str, settings: Settings) -> Iterator[Store]:
    """A run that one cancelled, one that another began and a third accepted, and a schedule that was paused."""
    opened = open_store(sqlite_url)
    seed_operator(opened, NAME)
    seed_schedules(opened, settings.schedules)
    run = request_run(opened, "ssnap", trigger="site", by=NAME)
    assert run is not None
    request_cancel(opened, run, by=NAME)
    set_enabled(opened, "ssnap", enabled=False, by=GONE)
    begun = create_run(opened, source="ssnap", kind=RunKind.REFRESH, trigger="command", requested_by=TERMINAL)
    assert begun is not None
    record_findings(
        opened, begun, "", [Finding(Severity.WARNING, "sum", f"odd (accepted by {NAME}: true)", 1)]
    )
    with opened.writing() as connection:
        log_line(connection, begun, "INFO", f"held file 1 was rejected by {GONE} on Monday")
    finish_run(
        opened, begun, RunState.FAILED, RunTotals({}, LoadCounts()), f"stopped at the terminal by {TERMINAL}"
    )
    yield opened
    opened.close()


def read(browser: FlaskClient) -> str:
    return "\n".join(browser.get(path).get_data(as_text=True) for path in PATHS)


def test_readers_read_roles_and_operators_names(store: Store, settings: Settings) -> None:
    browser = create_app(store, settings).server.test_client()
    shown = read(browser)
    assert [name for name in (NAME, TERMINAL, GONE) if name in shown] == []
    for told in (
        "cancelled by an operator",
        "stopped at the terminal by an operator",
        "accepted by an operator: true",
        "rejected by an operator on Monday",
    ):
        assert told in shown
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").get_data(as_text=True))
    assert found is not None
    browser.post("/sign-in", data={"csrf_token": found[1], "name": NAME, "password": PHRASE})
    shown = read(browser)
    assert [name for name in (NAME, TERMINAL, GONE) if name in shown] == [NAME, TERMINAL, GONE]
