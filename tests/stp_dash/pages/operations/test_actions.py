"""What operators do on the operations page: each action changes exactly what it says, in the store and the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.domain import FileState, LoadCounts, Maturity, Period, RunState
from db.domain.file import HeldKind, HeldState, RefusedFile
from db.domain.run import Run, RunKind, RunTotals, paths_of
from db.service.held_files import held_file_by_id, hold
from db.service.overview import request_once
from db.service.queue import claim
from db.service.runs import finish_run, recent_runs, run_by_id
from db.service.schedules import read_schedules, seed_schedules
from db.settings import AccessSettings, FetchSettings, Settings
from db.store import Store
from db.store.audit import audit_entries
from db.store.schema import audit, load_run, schedule
from db.store.schema import held_file as held_table
from etl.source import Hints
from stp_dash.application import create_app
from stp_dash.pages.operations.uploads.actions import safe_name
from tests.support.site.operators import NAME, Operator, seed_operator, token_of

CANCER = "cancer_waiting_times"


@pytest.fixture
def ready(store: Store, settings: Settings) -> Store:
    """A store with its schedules and one operator: on both databases."""
    seed_schedules(store, settings.schedules)
    seed_operator(store)
    return store


@pytest.fixture
def operator(ready: Store, settings: Settings) -> Iterator[Operator]:
    yield Operator(ready, settings)


def runs(store: Store) -> list[Run]:
    with store.reading() as connection:
        return recent_runs(connection)


def acts(store: Store) -> list[tuple[str, str, str]]:
    """The actions since the operator was made and signed in, oldest first."""
    with store.reading() as connection:
        entries = reversed(audit_entries(connection))
        return [
            (item.actor, item.action, item.subject)
            for item in entries
            if item.action not in {"operator made", "signed in"}
        ]


def version_of(store: Store, source: str) -> int:
    with store.reading() as connection:
        return next(item.version for item in read_schedules(connection) if item.source == source)


def test_run_now_files_one_run_however_often_it_is_clicked(ready: Store, operator: Operator) -> None:
    for _ in range(3):
        answer = operator.does("run", source=CANCER)
        assert (answer.status_code, answer.location) == (303, "/operations")
    (run,) = runs(ready)
    assert (run.source, run.state, run.kind, run.trigger) == (
        CANCER,
        RunState.QUEUED,
        RunKind.REFRESH,
        "site",
    )
    assert (run.requested_by, run.slot) == (NAME, None)
    assert acts(ready) == [(NAME, "request run", CANCER)]
    assert f"Run {run.id} does this already" in operator.told()


def test_run_now_while_the_refresh_is_at_work_files_nothing(ready: Store, operator: Operator) -> None:
    operator.does("run", source=CANCER)
    with ready.writing() as connection:
        claimed = claim(connection, 1)
    assert claimed is not None
    operator.does("run", source=CANCER)
    assert [run.id for run in runs(ready)] == [claimed.id]
    operator.does("run", source="ssnap")
    assert len(runs(ready)) == 2


def test_a_source_that_there_is_not_is_refused_in_words(ready: Store, operator: Operator) -> None:
    operator.does("run", source="nothing")
    assert runs(ready) == []
    told = operator.told()
    assert "wanted one of the sources " in told
    assert "cancer_waiting_times, " in told


def test_cancelling_a_waiting_run_ends_it(ready: Store, operator: Operator) -> None:
    operator.does("run", source=CANCER)
    (run,) = runs(ready)
    operator.does("cancel", run=str(run.id))
    (run,) = runs(ready)
    assert (run.state, run.message) == (RunState.CANCELLED, f"cancelled by {NAME}")
    operator.does("cancel", run=str(run.id))
    assert "has ended already: cancelled" in operator.told()
    assert [action for _, action, _ in acts(ready)] == ["request run", "cancel run"]


USUAL = {
    "kind": "usual day",
    "week": "3",
    "weekday": "Tuesday",
    "time": "10:15",
    "then_every_hours": "1.5",
    "until_found_days": "4",
    "catch_up": "all",
    "grace_hours": "6",
    "timeout_minutes": "30",
    "attempts": "2",
}


def test_saving_a_schedule_changes_it_and_says_who_and_what(ready: Store, operator: Operator) -> None:
    operator.does("schedule", source=CANCER, version="1", **USUAL)
    with ready.reading() as connection:
        saved = next(item for item in read_schedules(connection) if item.source == CANCER)
    assert saved.definition is not None
    assert saved.definition.model_dump(mode="json") == {
        **USUAL, "week": 3, "then_every_hours": 1.5, "until_found_days": 4.0, "grace_hours": 6.0,
        "timeout_minutes": 30.0, "attempts": 2,
    }  # fmt: skip
    assert (saved.version, saved.changed_by, saved.enabled) == (2, NAME, True)
    assert acts(ready) == [(NAME, "save schedule", CANCER)]
    assert "3rd Tuesday, 10:15" in operator.told()


def test_what_is_no_schedule_comes_back_as_it_was_typed(ready: Store, operator: Operator) -> None:
    answer = operator.does("schedule", source=CANCER, version="1", **{**USUAL, "time": "25:00"})
    assert "time=25%3A00" in answer.location
    assert "seen=1" in answer.location
    assert "wanted a time such as 09:30" in operator.told()
    assert version_of(ready, CANCER) == 1
    assert acts(ready) == []


def test_a_schedule_that_somebody_else_saved_meanwhile_is_not_overwritten(
    ready: Store, operator: Operator
) -> None:
    operator.does("schedule", source=CANCER, version="1", **USUAL)
    answer = operator.does("schedule", source=CANCER, version="1", **{**USUAL, "time": "07:00"})
    assert "nothing is saved" in operator.told()
    assert "time=07%3A00" in answer.location
    assert version_of(ready, CANCER) == 2


def test_pausing_and_resuming(ready: Store, operator: Operator) -> None:
    operator.does("pause", source=CANCER, version="1")
    with ready.reading() as connection:
        assert (
            connection.execute(select(schedule.c.enabled).where(schedule.c.source == CANCER)).scalar()
            is False
        )
    operator.does("resume", source=CANCER, version="1")
    assert "nothing is saved" in operator.told()
    operator.does("resume", source=CANCER, version="2")
    assert acts(ready) == [(NAME, "pause schedule", CANCER), (NAME, "resume schedule", CANCER)]
    assert version_of(ready, CANCER) == 3


def test_missing_periods_are_planned_before_they_are_loaded(ready: Store, operator: Operator) -> None:
    operator.does("dry-run", source=CANCER, first="2022-04", last="2022-06", mode="missing")
    (planned,) = runs(ready)
    assert planned.kind is RunKind.BACKFILL
    assert planned.request == {"first": "2022-04", "last": "2022-06", "mode": "missing", "dry_run": True}
    operator.does("backfill", plan=str(planned.id))
    assert "has not ended well: queued" in operator.told()
    end(ready, planned.id, RunState.UNCHANGED)
    for _ in range(2):
        operator.does("backfill", plan=str(planned.id))
    started, _ = runs(ready)
    assert started.request == {"first": "2022-04", "last": "2022-06", "mode": "missing"}
    assert (started.source, started.kind) == (CANCER, RunKind.BACKFILL)
    assert len(runs(ready)) == 2


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        ("2022-4", "2022-06", "From: wanted a month such as 2022-04, found '2022-4'"),
        ("2022-04", "", "To: wanted a month"),
        ("2022-06", "2022-04", "the first not after the last"),
        ("1999-01", "2022-04", "from April 2007 on"),
    ],
)
def test_a_range_that_is_none_is_not_asked_for(
    ready: Store, operator: Operator, first: str, last: str, told: str
) -> None:
    operator.does("dry-run", source=CANCER, first=first, last=last, mode="missing")
    assert told in operator.told()
    assert runs(ready) == []


def end(store: Store, run_id: int, state: RunState) -> None:
    with store.writing() as connection:
        claimed = claim(connection, 1)
    assert claimed is not None
    finish_run(store, run_id, state, RunTotals({FileState.LOADED: 0}, LoadCounts()))


def held_for(store: Store, kind: HeldKind) -> dict[str, str]:
    """A held file, as the page's form names it."""
    file = RefusedFile(CANCER, "august.xlsx", "", "a" * 64, 10, "/raw/aa", "", kind, "fell by 40%")
    with store.writing() as connection:
        number = hold(connection, file, load_run_id=None)
    with store.reading() as connection:
        return {"file": str(number), "held_at": held_file_by_id(connection, number).held_at.isoformat()}


def test_accepting_a_held_file_files_its_run_with_the_reason(ready: Store, operator: Operator) -> None:
    file = held_for(ready, HeldKind.PLAUSIBILITY)
    operator.does("held", decision="accept", **file)
    assert "wanted a reason to accept august.xlsx" in operator.told()
    assert runs(ready) == []
    for _ in range(2):
        operator.does("held", decision="accept", reason="A practice closed", **file)
    (run,) = runs(ready)
    assert run.request == {
        "held_file": int(file["file"]), "accept": True,
        "reason": "A practice closed", "held_at": file["held_at"],
    }  # fmt: skip
    assert (run.source, run.kind) == (CANCER, RunKind.RETRY_HELD_FILE)


def test_only_surprising_figures_can_be_accepted(ready: Store, operator: Operator) -> None:
    file = held_for(ready, HeldKind.LAYOUT)
    operator.does("held", decision="accept", reason="It looks right", **file)
    assert "cannot be accepted: it is held for its layout" in operator.told()
    assert runs(ready) == []
    operator.does("held", decision="retry", **file)
    assert runs(ready)[0].request == {"held_file": int(file["file"])}


def test_a_held_file_is_tried_again_as_what_the_form_says_it_is(ready: Store, operator: Operator) -> None:
    file = held_for(ready, HeldKind.LAYOUT)
    said = {"source": "", "maturity": "", "period": "2026-13", "published": ""}
    operator.does("held", decision="retry", **file, **said)
    assert "Period: wanted 2026-08, or 2026-08-31 for one day" in operator.told()
    assert runs(ready) == []
    said |= {"source": "ssnap", "maturity": "final", "period": "2026-08", "published": "2026-10-08"}
    operator.does("held", decision="retry", **file, **said)
    (run,) = runs(ready)
    hints = Hints(Period.month(2026, 8), date(2026, 10, 8), Maturity.FINAL).text()
    assert (run.source, run.request) == (
        "ssnap", {"held_file": int(file["file"]), "hints": hints, "source": "ssnap"},
    )  # fmt: skip


def test_rejecting_a_held_file_settles_it(ready: Store, operator: Operator) -> None:
    file = held_for(ready, HeldKind.CONTRADICTION)
    operator.does("held", decision="reject", **file)
    assert "wanted a reason to reject" in operator.told()
    operator.does("held", decision="reject", reason="The publisher withdrew it", **file)
    with ready.reading() as connection:
        settled = held_file_by_id(connection, int(file["file"]))
    assert (settled.state, settled.decided_by, settled.decision) == (
        HeldState.REJECTED, NAME, "The publisher withdrew it"
    )  # fmt: skip
    assert [action for _, action, _ in acts(ready)] == ["held file rejected"]
    assert runs(ready) == []


def test_held_files_are_settled_together(ready: Store, operator: Operator) -> None:
    ticked = []
    with ready.writing() as connection:
        for number, letter in enumerate("abc", start=1):
            kind = HeldKind.LAYOUT if letter == "c" else HeldKind.PLAUSIBILITY
            file = RefusedFile(CANCER, f"{letter}.xlsx", "", letter * 64, 10, "/raw/a", "", kind, "fell")
            assert hold(connection, file, load_run_id=None) == number
    with ready.reading() as connection:
        for number in (1, 2, 3):
            ticked.append(f"{number}@{held_file_by_id(connection, number).held_at.isoformat()}")
    shown = operator.browser.get("/operations").get_data(as_text=True).partition('<script id="given"')[0]
    assert [f'value="{item}"' in shown for item in ticked] == [True] * 3
    operator.does("held-several", decision="reject", reason="Wrong")
    assert "no file is ticked" in operator.told()
    operator.does("held-several", decision="accept", reason="Closures", several=ticked[1:])
    told = operator.told()
    assert "b.xlsx is in the queue" in told
    assert "c.xlsx cannot be accepted" in told
    operator.does("held-several", decision="reject", reason="Withdrawn", several=[ticked[0], ticked[2]])
    assert "a.xlsx is rejected. c.xlsx is rejected." in operator.told()
    with ready.reading() as connection:
        states = [held_file_by_id(connection, number).state for number in (1, 2, 3)]
    assert states == [HeldState.REJECTED, HeldState.HELD, HeldState.REJECTED]


def test_a_held_file_is_downloaded_by_operators_only(
    ready: Store, operator: Operator, settings: Settings, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"its bytes")
    file = RefusedFile(
        CANCER, "../a\r\nx: y.csv", "", "a" * 64, 9, str(kept), "", HeldKind.LAYOUT, "no sheet"
    )
    with ready.writing() as connection:
        number = hold(connection, file, load_run_id=None)
    answer = operator.browser.get(f"/operations/held-file?file={number}")
    assert answer.data == b"its bytes"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer.headers["Content-Disposition"]
    answer.close()
    reader = create_app(ready, settings).server.test_client()
    refused = reader.get(f"/operations/held-file?file={number}", headers={"Accept": "text/html"})
    assert refused.location.startswith("/sign-in")


def test_a_decision_on_a_file_that_was_refused_again_since_is_not_taken(
    ready: Store, operator: Operator
) -> None:
    file = held_for(ready, HeldKind.PLAUSIBILITY)
    held_for(ready, HeldKind.PLAUSIBILITY)
    operator.does("held", decision="reject", reason="Wrong", **file)
    assert "has been refused again since" in operator.told()
    with ready.reading() as connection:
        assert connection.execute(select(held_table.c.state)).scalar_one() == "held"


def test_an_uploaded_file_is_kept_whole_where_the_worker_takes_it(
    ready: Store, operator: Operator, settings: Settings
) -> None:
    content = b"PK\x03\x04" + b"x" * 3_000_000
    answer = operator.gives("CWT August 2026.xlsx", content)
    assert answer.status_code == 303
    (run,) = runs(ready)
    assert (run.source, run.trigger, run.kind) == (None, "upload", RunKind.CHECK)
    (path,) = map(Path, paths_of(run.request))
    assert path.name == "CWT August 2026.xlsx"
    assert path.is_relative_to(settings.uploads_folder.resolve())
    assert path.read_bytes() == content
    assert acts(ready) == [(NAME, "request run", "files")]


def test_what_a_person_says_of_a_file_goes_with_it(ready: Store, operator: Operator) -> None:
    operator.gives("a.csv", b"a", maturity="final", published="2026-10-08", period="2026-08", source=CANCER)
    (run,) = runs(ready)
    assert run.source == CANCER
    hints = Hints.of_text(str(run.request["hints"]))
    assert hints == Hints(Period.month(2026, 8), date(2026, 10, 8), Maturity.FINAL)
    operator.gives("b.csv", b"b", maturity="settled")
    operator.gives("c.csv", b"c", published="8 October")
    assert "wanted provisional, final or revised" in operator.told()
    assert len(runs(ready)) == 1


def test_an_upload_that_is_too_large_or_empty_leaves_nothing(ready: Store, settings: Settings) -> None:
    small = settings.model_copy(update={"fetch": FetchSettings(largest_file_megabytes=1)})
    operator = Operator(ready, small)
    assert operator.gives("large.xlsx", b"x" * 1_000_001).status_code == 413
    operator.gives("empty.xlsx", b"")
    assert "empty or did not arrive whole" in operator.told()
    assert runs(ready) == []
    assert not [path for path in small.uploads_folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("august.xlsx", "august.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\one\\August 2026.csv", "August 2026.csv"),
        (".hidden.csv", "hidden.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("x" * 500 + ".xlsx", "x" * 146 + ".xlsx"),
    ],
)
def test_a_files_name_never_leads_elsewhere(given: str, name: str) -> None:
    assert safe_name(given) == name


def test_forms_are_small(ready: Store, operator: Operator) -> None:
    answer = operator.does("run", source="x" * 1_100_000)
    assert answer.status_code in {400, 413}
    assert runs(ready) == []


def test_anonymous_visitors_change_nothing(ready: Store, settings: Settings) -> None:
    file = held_for(ready, HeldKind.PLAUSIBILITY)
    browser = create_app(ready, settings).server.test_client()
    carried = token_of(browser)
    before = everything(ready)
    forms: dict[str, dict[str, str]] = {
        "run": {"source": CANCER},
        "cancel": {"run": "1"},
        "schedule": {"source": CANCER, "version": "1", **USUAL},
        "pause": {"source": CANCER, "version": "1"},
        "resume": {"source": CANCER, "version": "1"},
        "dry-run": {"source": CANCER, "first": "2022-04", "last": "2022-06"},
        "backfill": {"plan": "1"},
        "held": {"decision": "reject", "reason": "Wrong", **file},
        "held-several": {
            "decision": "reject",
            "reason": "Wrong",
            "several": f"{file['file']}@{file['held_at']}",
        },
        "upload": {},
        "load": {"check": "1"},
        "discard": {"check": "1"},
        "check-again": {"check": "1"},
        "undo-plan": {"file": "1"},
        "undo": {"file": "1", "plan": "1", "reason": "Wrong"},
    }
    rules = {rule.rule for rule in browser.application.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {rule for rule in rules if rule.startswith("/operations/")} == {
        f"/operations/{name}" for name in forms
    }
    for name, form in forms.items():
        for data in (form, {"csrf_token": carried, **form}):
            answer = browser.post(f"/operations/{name}", data=data, headers={"Accept": "text/html"})
            assert answer.status_code == 400 or answer.location.startswith("/sign-in"), name
    assert everything(ready) == before
    assert not settings.uploads_folder.exists()


def everything(store: Store) -> list[Any]:
    with store.reading() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar()
            for table in (load_run, audit, held_table)
        ]
        states = connection.execute(select(schedule.c.version, schedule.c.enabled)).all()
        return [
            *counts,
            [tuple(row) for row in states],
            connection.execute(select(held_table.c.state)).scalar(),
        ]


def test_an_operator_that_the_proxy_names_can_act(ready: Store, settings: Settings) -> None:
    access = AccessSettings(proxy_header="X-Remote-User", trusted_proxies=("127.0.0.1/32",))
    chosen = settings.model_copy(update={"access": access})
    browser = create_app(ready, chosen).server.test_client()
    header = {"X-Remote-User": "proxied.person"}
    asked = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": {"path": "/operations", "search": ""}}],
        "changedPropIds": ["request.data"],
    }
    page = browser.post("/_dash-update-component", json=asked, headers=header).get_data(as_text=True)
    assert "proxied.person" in page
    found = re.search(
        r'"name":"csrf_token"[^}]*"value":"([^"]+)"|"value":"([^"]+)"[^}]*"name":"csrf_token"', page
    )
    assert found is not None
    carried = found.group(1) or found.group(2)
    browser.post("/operations/run", data={"csrf_token": carried, "source": CANCER}, headers=header)
    assert runs(ready)[0].requested_by == "proxied.person"


def test_a_request_is_filed_again_once_the_first_has_ended(ready: Store) -> None:
    first, new = request_once(ready, CANCER, RunKind.REFRESH, {}, trigger="site", by=NAME)
    assert new
    with ready.writing() as connection:
        connection.execute(update(load_run).values(state=RunState.SUCCEEDED.value))
    second, again = request_once(ready, CANCER, RunKind.REFRESH, {}, trigger="site", by=NAME)
    assert again and second != first
    with ready.reading() as connection:
        run = run_by_id(connection, second)
        detail = connection.execute(select(audit.c.detail).order_by(audit.c.id.desc()).limit(1)).scalar_one()
    assert run is not None and (run.kind, run.request) == (RunKind.REFRESH, {})
    assert detail == f"run {second}: refresh"
