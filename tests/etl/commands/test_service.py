"""The refresh service's commands, as a person at a terminal or a monitoring system uses them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from db.domain import Period, RunState
from db.domain.timing import CronDefinition, UsualDayDefinition
from db.service.filling import begin_filling
from db.service.lease import acquire
from db.service.queue import request_run
from db.service.runs import recent_runs
from db.service.schedules import save_schedule, schedules
from db.store import Store
from db.store.schema import load_run
from db.version import code_version
from etl.__main__ import application
from tests.support.frames import FDS
from tests.support.seed import Row, write_rows
from tests.support.site.operators import seed_operator


class Terminal:
    """Runs commands on a store in this process."""

    def __init__(self, store: Store) -> None:
        self.store, self._runner = store, CliRunner()

    def __call__(self, *words: str, status: int = 0) -> str:
        result: Result = self._runner.invoke(application, words)
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return " ".join(result.output.split())


@pytest.fixture
def terminal(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("DATABASE_URL", store_url)
    monkeypatch.setenv("COLUMNS", "240")
    return Terminal(store)


def definition_of(terminal: Terminal, source: str) -> object:
    return {item.source: item.definition for item in schedules(terminal.store)}[source]


def test_schedules_are_shown_with_their_next_time(terminal: Terminal) -> None:
    shown = terminal("schedules")
    assert "2nd Thursday, 09:30, then every 2 hours until found, for up to 5 days" in shown
    assert "cron 30 10 * * 1-5" in shown
    assert "by config.toml" in shown
    save_schedule(terminal.store, "weather", CronDefinition(cron="0 9 * * *"), by="someone", version=0)
    assert "weather (no such source)" in terminal("schedules")


def test_a_schedule_is_set_with_its_next_five_times(terminal: Terminal) -> None:
    shown = terminal("schedules", "set", "ssnap", "--cron", "0 7,14 * * *", "--attempts", "5")
    assert shown.startswith("ssnap: cron 0 7,14 * * * ")
    assert len([word for word in shown.split() if word in {"GMT", "BST"}]) == 5
    assert definition_of(terminal, "ssnap") == CronDefinition(cron="0 7,14 * * *", attempts=5)
    # What is not given stays: the attempts, when the kind changes too.
    terminal("schedules", "set", "ssnap", "--week", "2", "--weekday", "wednesday", "--time", "10:00")
    assert definition_of(terminal, "ssnap") == UsualDayDefinition(
        week=2, weekday="Wednesday", time="10:00", attempts=5
    )
    assert "from cron 0 7,14 * * *" in terminal("schedules", "changes", "ssnap")


def test_a_dry_run_shows_and_saves_nothing(terminal: Terminal) -> None:
    assert "(not saved)" in terminal("schedules", "set", "ssnap", "--cron", "0 7 * * *", "--dry-run")
    assert definition_of(terminal, "ssnap") == CronDefinition(cron="30 10 * * 1-5")


def test_a_schedule_is_paused_and_resumed(terminal: Terminal) -> None:
    assert terminal("schedules", "pause", "ssnap") == "ssnap: paused (cron 30 10 * * 1-5)"
    assert [item.enabled for item in schedules(terminal.store) if item.source == "ssnap"] == [False]
    assert terminal("schedules", "resume", "ssnap") == "ssnap: cron 30 10 * * 1-5"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("schedules", "set", "weather", "--cron", "0 9 * * *"), "wanted one of the sources"),
        (("schedules", "set", "ssnap", "--cron", "0 25 * * *"), "Bad hour"),
        (("schedules", "set", "ssnap", "--week", "2"), "weekday: Field required"),
        (("schedules", "pause", "weather"), "there is no schedule of 'weather'"),
        (("schedules", "changes", "weather"), "wanted one of the sources"),
        (("request", "weather"), "wanted one of the sources"),
        (("cancel", "4711"), "there is no run 4711"),
        (("runs", "4711"), "there is no run 4711"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    assert said in terminal(*words, status=1)


def test_a_run_is_requested_shown_and_cancelled(terminal: Terminal) -> None:
    assert terminal("request", "ssnap") == "Run 1 is in the queue."
    assert "1 queued" in terminal("runs")
    assert terminal("cancel", "1") == "Run 1 is cancelled."
    assert "cancelled by" in terminal("runs", "1")
    assert terminal("runs", "--state", "queued") == "No such run."
    assert "1 cancelled" in terminal("runs", "--state", "cancelled", "--source", "ssnap")
    with terminal.store.reading() as connection:
        assert [run.state for run in recent_runs(connection)] == [RunState.CANCELLED]


def test_the_status_says_who_leads_and_what_waits(terminal: Terminal) -> None:
    assert "Scheduler: none has run on this store" in terminal("status")
    request_run(terminal.store, "ssnap", trigger="page", by="an operator")
    assert acquire(terminal.store, "another-machine:4", 60) is not None
    shown = terminal("status")
    assert f"Version: {code_version()}" in shown
    assert "Scheduler: another-machine:4 leads, last sign" in shown
    assert "Queue: 0 running, 1 waiting" in shown
    assert "Overdue" not in shown


def test_the_status_of_a_store_that_is_filled_for_the_first_time_calls_nothing_overdue(
    terminal: Terminal,
) -> None:
    write_rows(terminal.store, [Row(FDS, "QKS", Period.month(2020, 1), 7, 9)])
    assert "overdue" in terminal("status")
    begin_filling(terminal.store, {"cancer_waiting_times": 3, "ssnap": 0})
    shown = terminal("status")
    assert "January 2020, more is being loaded" in shown
    assert "being loaded for the first time" in shown
    assert "overdue" not in shown
    found = {item["id"]: item for item in json.loads(terminal("status", "--json"))["sources"]}
    assert {id_: item["first_loading"] for id_, item in found.items()} == {
        "acute_discharge": False,
        "cancer_waiting_times": True,
        "delayed_transfers": False,
        "diagnostics": False,
        "fingertips": False,
        "general_practice_workforce": False,
        "outcomes_framework": False,
        "oversight_framework": False,
        "population": False,
        "referral_to_treatment": False,
        "ssnap": True,
    }
    assert {level["overdue_days"] for level in found["cancer_waiting_times"]["levels"]} == {0}


def test_the_status_for_a_monitoring_system(terminal: Terminal) -> None:
    slot = datetime(2026, 7, 3, 8, 45, tzinfo=UTC)
    request_run(terminal.store, "ssnap", trigger="schedule", by="scheduler", slot=slot)
    acquire(terminal.store, "another-machine:4", 60)
    save_schedule(terminal.store, "weather", CronDefinition(cron="0 9 1 1 *"), by="someone", version=0)
    found = json.loads(terminal("status", "--json"))
    assert (found["leader"]["holder"], found["leader"]["live"], found["leader"]["fencing"]) == (
        "another-machine:4",
        True,
        1,
    )
    assert found["queue"] == {"running": 0, "queued": 1}
    assert found["version"] == found["runs"][0]["version"] == code_version()
    assert found["oldest_overdue"]["source"] == "ssnap"
    assert found["oldest_overdue"]["slot"] == "2026-07-03T08:45:00+00:00"
    assert found["unknown_schedules"] == ["weather"]
    assert all(source["levels"] == [] for source in found["sources"])
    assert {source["id"]: source["data_to"] for source in found["sources"]} == {
        "acute_discharge": None,
        "cancer_waiting_times": None,
        "delayed_transfers": None,
        "diagnostics": None,
        "fingertips": None,
        "general_practice_workforce": None,
        "outcomes_framework": None,
        "oversight_framework": None,
        "population": None,
        "referral_to_treatment": None,
        "ssnap": None,
    }
    assert [(run["state"], run["slot"]) for run in found["runs"]] == [("queued", "2026-07-03T08:45:00+00:00")]


def test_what_is_past_its_time_is_said_and_removed_only_when_told(terminal: Terminal) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=4 * 365)
    for _ in range(2):
        run_id = request_run(terminal.store, "ssnap", trigger="command", by="someone")
    with terminal.store.writing() as connection:
        ended = {"state": RunState.FAILED.value, "finished_at": long_ago}
        connection.execute(update(load_run).values(ended))
    assert "Nothing was removed" in terminal("prune")
    assert "Runs │ 1095 days │ 2 │ 1" in terminal("prune")
    with terminal.store.reading() as connection:
        assert len(recent_runs(connection)) == 2
    assert "Removed" in terminal("prune", "--yes")
    with terminal.store.reading() as connection:
        assert [run.id for run in recent_runs(connection)] == [run_id]
    assert "Nothing is past its time." in terminal("prune")


def test_accounts_are_given_roles(terminal: Terminal) -> None:
    seed_operator(terminal.store, "ada")
    assert "ada has the role editor for QKS, RVV." in terminal(
        "operator", "role", "ada", "Editor", "--organisation", "RVV", "--organisation", "QKS"
    )
    assert "│ ada │ editor │ QKS, RVV │" in terminal("operator", "list")
    assert "wanted a role (viewer, editor, operator, administrator)" in terminal(
        "operator", "role", "ada", "boss", status=2
    )
