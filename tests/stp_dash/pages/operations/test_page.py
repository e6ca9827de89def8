"""The operations page as it is built: with nothing to show, with trouble, and while something runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import event, insert, update

from db.domain import Finding, RunKind, RunState, Severity
from db.domain.file import HeldKind, RefusedFile
from db.domain.run import RunActivity, RunStep, Shown
from db.domain.timing import CronDefinition
from db.figures.data_version import data_version
from db.service.held_files import hold
from db.service.lease import acquire
from db.service.overview import last_refreshes, listed_runs, run_counts, source_facts
from db.service.queue import claim, request_run
from db.service.runs import beat, log_line, record_findings
from db.service.schedules import save_schedule, seed_schedules
from db.settings import Settings
from db.store import Store, open_store
from db.store.schema import load_run
from db.version import code_version
from stp_dash.application import create_app
from stp_dash.frame.request import PageRequest, Site
from stp_dash.pages.operations.live import live
from tests.db.service.agreement.test_check import checked, league, quarter
from tests.support.seed import ordinary_rows, seeded_store
from tests.support.site.page_parts import nodes, plain
from tests.support.site.page_parts import words as words_of_page
from tests.support.site.pages import page_at, page_shown

TODAY = date(2026, 10, 20)


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Store]:
    """Cancer waits to August 2026, published on 8 October."""
    opened = seeded_store(tmp_path / "seeded.sqlite", ordinary_rows())
    yield opened
    opened.close()


def words(store: Store, settings: Settings, search: str = "") -> str:
    site = Site(store, settings, today=lambda: TODAY)
    return " ".join(text_of(page_at(site, "/operations", search)).split())


def text_of(part: object) -> str:
    """All the words of a page, in their order."""
    if isinstance(part, dict):
        return text_of(part.get("props", {}).get("children"))
    if isinstance(part, (list, tuple)):
        return " ".join(filter(None, (text_of(item) for item in part)))
    return "" if part is None or part is False else str(part)


def add_run(store: Store, state: RunState, *, source: str = "ssnap", files: int = 0, days: float = 1) -> int:
    moment = datetime.now(UTC) - timedelta(days=days)
    row = {
        "source": source, "trigger": "schedule", "requested_by": "scheduler", "state": state.value,
        "requested_at": moment, "started_at": moment, "finished_at": moment, "code_version": "1",
        "files_loaded": files, "message": f"{source} {state.value}",
    }  # fmt: skip
    with store.writing() as connection:
        return int(connection.execute(insert(load_run).values(row).returning(load_run.c.id)).scalar_one())


def test_an_empty_store_without_a_scheduler_says_how_to_start(store: Store, settings: Settings) -> None:
    """On both databases: no schedule, no run, no leader, no data."""
    said = words(store, settings)
    assert "No scheduler is running" in said
    assert "python -m etl schedule" in said
    assert "Nothing loaded" in said
    assert "No run yet." in said
    assert "No file is held back." in said
    assert "Make an operator with python -m etl operator add NAME" in said


def test_freshness_speaks_of_what_is_held_and_when_more_is_expected(
    seeded: Store, settings: Settings
) -> None:
    seed_schedules(seeded, settings.schedules)
    said = words(seeded, settings)
    year = "( 2026)?"  # said where it is not this one
    assert re.search(f"Cancer August 2026 8 Oct{year} 8 Oct{year} 10:46 12 November On time", said)
    assert "2nd Thursday, 09:30, then every 2 hours" in said
    assert "Monday to Friday, 10:30" in said


def test_overdue_figures_are_the_finding(seeded: Store, settings: Settings) -> None:
    site = Site(seeded, settings, today=lambda: date(2026, 11, 18))
    said = text_of(page_at(site, "/operations", ""))
    assert "one source is overdue" in said
    assert "6 days overdue" in said
    assert "Cancer: new figures were expected 12 November 2026." in said


def test_a_source_has_failed_until_its_next_refresh_ends_well(seeded: Store, settings: Settings) -> None:
    add_run(seeded, RunState.FAILED)
    assert "one source failed at the last run" in words(seeded, settings)
    add_run(seeded, RunState.UNCHANGED)
    said = words(seeded, settings)
    assert "failed at the last run" not in said
    assert "1 of 2 runs" in said


def test_lists_of_runs_and_their_counts(seeded: Store) -> None:
    failed = [add_run(seeded, state) for state in (RunState.FAILED, RunState.TIMED_OUT, RunState.ABANDONED)]
    changed = add_run(seeded, RunState.SUCCEEDED, files=2)
    cancelled = add_run(seeded, RunState.CANCELLED)
    with seeded.reading() as connection:
        assert run_counts(connection) == {Shown.ALL: 5, Shown.FAILED: 3, Shown.CHANGED: 1}
        assert [run.id for run in listed_runs(connection, Shown.FAILED, 9)] == failed[::-1]
        assert [run.id for run in listed_runs(connection, Shown.CHANGED, 9)] == [changed]
        assert [run.id for run in listed_runs(connection, Shown.ALL, 2, before_id=cancelled)] == [
            changed, failed[2]
        ]  # fmt: skip
        assert last_refreshes(connection)["ssnap"].id == changed
        assert source_facts(connection)["cancer_waiting_times"].published_on == date(2026, 10, 8)


def test_a_run_at_work_shows_its_last_line_and_keeps_the_page_looking(
    seeded: Store, settings: Settings
) -> None:
    assert acquire(seeded, "elsewhere:1", 60) is not None
    run_id = request_run(seeded, "ssnap", trigger="site", by="operator.one")
    assert run_id is not None
    with seeded.writing() as connection:
        claim(connection, 1)
        log_line(connection, run_id, "INFO", "file 2 of 3: a.xlsx")
    said = words(seeded, settings)
    assert "1 running, 0 waiting" in said
    assert "File 2 of 3: a.xlsx" in said
    assert "operator.one" not in said
    assert f"by version {code_version()}" in said
    assert live_busy(seeded, settings)
    with seeded.writing() as connection:
        connection.execute(update(load_run).values(state=RunState.UNCHANGED.value))
    assert not live_busy(seeded, settings)


def live_busy(store: Store, settings: Settings) -> bool:
    answer = create_app(store, settings).server.test_client().get("/operations/live?width=phone")
    assert answer.headers["Cache-Control"] == "no-store"
    parts = orjson.loads(answer.data)
    assert {"title", "live-health", "live-fresh", "live-runs", "live-held", "live-uploaded"} <= set(parts)
    return '"data-busy":"1"' in answer.get_data(as_text=True)


def test_one_run_with_its_log(seeded: Store, settings: Settings) -> None:
    run_id = add_run(seeded, RunState.FAILED)
    with seeded.writing() as connection:
        log_line(connection, run_id, "WARNING", "the page has no link")
    said = words(seeded, settings, f"?run={run_id}")
    assert f"Run {run_id}: Stroke, failed" in said
    assert "warning the page has no link" in said
    assert "Cancel" not in said


def test_a_run_shows_what_it_does_and_what_waits_its_place(seeded: Store, settings: Settings) -> None:
    assert acquire(seeded, "elsewhere:1", 60) is not None
    sources = ("ssnap", "general_practice_workforce", "cancer_waiting_times")
    run_id, second, third = (request_run(seeded, source, trigger="site", by="someone") for source in sources)
    given = request_run(seeded, None, kind=RunKind.LOAD, trigger="upload", by="someone")
    with seeded.writing() as connection:
        claim(connection, 1)
    doing = RunActivity(
        RunStep.FETCHING, "a.xlsx", 2, 3, "https://example.org/a.xlsx", 2, 4, 1_500_000, 4_000_000
    )
    assert run_id is not None
    assert beat(seeded, run_id, doing)
    said = words(seeded, settings)
    assert "Fetching, file 2 of 3: a.xlsx, 1.5 of 4.0 MB, attempt 2 of 4, https://example.org/a.xlsx" in said
    assert "Place 2 of 2 in the queue" in said
    one = words(seeded, settings, f"?run={run_id}")
    assert "Step Fetching File 2 of 3: a.xlsx Address https://example.org/a.xlsx" in one
    assert "Received 1.5 MB of 4.0 MB Request attempt 2 of 4" in one
    assert "Place 1 of 2 in the queue" in words(seeded, settings, f"?run={second}")
    assert "Place 2 of 2 in the queue" in words(seeded, settings, f"?run={third}")
    assert "Place 1 of 1 in the queue" in words(seeded, settings, f"?run={given}")


def test_what_is_kept_says_for_how_long_how_much_and_what_goes_next(
    seeded: Store, settings: Settings
) -> None:
    for _ in range(2):
        add_run(seeded, RunState.FAILED, days=4 * 365)
    said = words(seeded, settings)
    assert "What we keep, and how long" in said
    assert "Runs 1,095 days 2 1 on " in said
    assert "Files as fetched for ever 0 nothing Each figure can be traced to its file" in said


def test_a_log_is_had_as_a_text_file(seeded: Store, settings: Settings) -> None:
    run_id = add_run(seeded, RunState.FAILED)
    with seeded.writing() as connection:
        for number in range(700):
            log_line(connection, run_id, "WARNING", f"line {number}\nof two")
    record_findings(seeded, run_id, "a.xlsx", [Finding(Severity.ERROR, "columns", "no such column")])
    client = create_app(seeded, settings).server.test_client()
    assert f'href="/operations/log?run={run_id}"' in client.get(f"/operations?run={run_id}").get_data(
        as_text=True
    )
    answer = client.get(f"/operations/log?run={run_id}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="run-{run_id}-log.txt"'
    assert answer.mimetype == "text/plain"
    lines = answer.get_data(as_text=True).splitlines()
    assert lines[0] == f"Run {run_id}: ssnap, refresh, by schedule"
    assert "error: a.xlsx: columns: no such column (1 rows)" in lines
    assert len([line for line in lines if line.endswith(" of two")]) == 700
    assert client.get("/operations/log?run=99").status_code == 404
    assert client.get("/operations/log?run=x").status_code == 404


def test_many_findings_are_told_gravest_first_and_how_many_there_are(
    seeded: Store, settings: Settings
) -> None:
    run_id = add_run(seeded, RunState.FAILED)
    found = [Finding(Severity.INFORMATION, "periods", f"note {number}") for number in range(130)]
    record_findings(seeded, run_id, "a.xlsx", [*found, Finding(Severity.ERROR, "columns", "no such column")])
    said = words(seeded, settings, f"?run={run_id}")
    assert "The 100 gravest of 131; the log's text file has all of them." in said
    assert said.index("columns error no such column") < said.index("periods information note 0 ")
    assert ("note 98 " in said, "note 99 " in said) == (True, False)


def test_files_held_back_are_folded_below_the_first_five(seeded: Store, settings: Settings) -> None:
    with seeded.writing() as connection:
        for number in range(7):
            file = RefusedFile(
                "", f"{number}.csv", "", f"{number:064}", 10, "/raw/aa", "", HeldKind.LAYOUT,
                f"{number}.csv: wanted a column 'Org Code', found none",
            )  # fmt: skip
            hold(connection, file, load_run_id=None)
    page = plain(page_at(Site(seeded, settings, today=lambda: TODAY), "/operations", ""))
    [held] = [item for item in nodes(page, "Ul") if item["props"].get("className") == "held"]
    folded = nodes(held, "Details")
    assert len(held["props"]["children"]) == 7
    assert [text_of(nodes(item, "Summary")[0]) for item in folded] == [
        f"{number}.csv  wanted a column 'Org Code', found none" for number in (1, 0)
    ]
    assert all("Nothing of it was loaded" in text_of(item) for item in folded)


def test_a_held_file_s_reason_leaves_the_file_s_name_as_it_is_written(
    seeded: Store, settings: Settings
) -> None:
    reasons = {"a.zip": "a.zip is a zip: unpack it", "b.csv": "b.csv: wanted a day", "c.csv": "fell by 40%"}
    with seeded.writing() as connection:
        for name, reason in reasons.items():
            kept = RefusedFile("", name, "", f"{name:0>64}", 10, "/raw/aa", "", HeldKind.LAYOUT, reason)
            hold(connection, kept, load_run_id=None)
    said = words(seeded, settings)
    for told in (" a.zip is a zip: unpack it ", " Wanted a day ", " Fell by 40% "):
        assert told in said


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ("?run=999", "number of a run"),
        ("?run=%C2%B2", "a number that this page gave"),
        ("?run=-1", "a number that this page gave"),
        ("?view=nothing", "a part of this page"),
        ("?show=red", "a list of runs"),
        ("?edit=%3Cscript%3E", "a source"),
        ("?view=runs&before=99999999999999", "a number that this page gave"),
    ],
)
def test_a_wrong_address_is_told_and_never_fails(
    seeded: Store, settings: Settings, search: str, told: str
) -> None:
    assert told in words(seeded, settings, search)


@pytest.mark.parametrize(
    "search", ["?plan=x", "?plan=999", "?kind=%00&week=9", "?seen=7&edit=ssnap&first=%F0"]
)
def test_what_nobody_typed_is_left_out(seeded: Store, settings: Settings, search: str) -> None:
    assert "Is it fresh?" in words(seeded, settings, search)


def test_the_audit_is_for_operators(seeded: Store, settings: Settings) -> None:
    save_schedule(seeded, "ssnap", CronDefinition(cron="0 6 * * *"), by="operator.one", version=0)
    said = words(seeded, settings, "?view=audit")
    assert "Operators see who did what" in said
    assert "save schedule" not in said


@pytest.mark.parametrize("sources", (1, None))
def test_the_page_asks_as_many_small_questions_however_many_sources_and_runs_there_are(
    seeded: Store, settings: Settings, sources: int | None
) -> None:
    schedules = dict(list(settings.schedules.items())[:sources])
    seed_schedules(seeded, schedules)
    settings = settings.model_copy(update={"schedules": schedules})
    for _ in range(60):
        add_run(seeded, RunState.FAILED)
    asked: list[str] = []
    event.listen(seeded.engine, "before_cursor_execute", lambda *found: asked.append(str(found[2])))
    site = Site(seeded, settings, today=lambda: TODAY)
    page_at(site, "/operations", "")
    assert len(asked) == 35
    assert not [statement for statement in asked if "FROM observation" in statement]


def test_live_parts_stand_where_the_page_has_them(sqlite_url: str, settings: Settings) -> None:
    store = open_store(sqlite_url)
    site = Site(store, settings, today=lambda: TODAY)
    with store.reading() as connection:
        asked = PageRequest(site, "/operations")
        parts = live(asked, connection, data_version(connection))
    whole = str(page_at(site, "/operations", ""))
    assert [name for name in parts if f"'id': '{name}'" not in whole] == []
    store.close()


def test_what_differs_from_another_publication_is_listed_with_both_values_and_both_files(
    store: Store,
) -> None:
    quarter(store, RVV=(3.0, 4.0), RWF=(9.0, 10.0))
    league(store, RVV=75.0, RWF=89.0)
    assert len(checked(store)) == 1
    said = words_of_page(page_shown(store, "/operations"))
    assert "Do our figures agree with other publications?" in said
    assert (
        "1 agree to the decimals that are printed, 0 agreed before a later release revised ours, and 1 differ."
        in said
    )
    assert (
        "cancer-62-day-combined Maidstone and Tunbridge Wells NHS Trust (RWF) April to June 2025 90.00 89.00"
        in said
    )
    assert "acute-trust-data.csv" in said
