"""What the operations page says: overdue in words, health, runs, schedules and the editor's fields."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from db.domain import RunState
from db.domain.refresh import Leader, OverdueSlot, SourceFacts
from db.domain.run import FAILED, Run, RunKind
from db.domain.timing import CronDefinition, UsualDayDefinition
from stp_dash.analysis.freshness import FreshnessChip
from stp_dash.pages.operations.schedule_words import draft_of, next_runs, schedule_words
from stp_dash.pages.operations.words import (
    FreshRow,
    duration,
    failed_cell,
    fresh_row,
    happened,
    held_cell,
    moment_text,
    operations_lede,
    operations_title,
    overdue_cell,
    queue_cell,
    run_sign,
    scheduler_cell,
    size_text,
    slot_text,
    started_by,
)

NOW = datetime(2026, 10, 20, 13, 0, tzinfo=UTC)
NAMES = {"ssnap": "Stroke", "cancer_waiting_times": "Cancer"}


def run(**more: Any) -> Run:
    values: dict[str, Any] = dict.fromkeys(Run.__dataclass_fields__)
    counts = {name: 0 for name in values if name.startswith(("files_", "rows_"))}
    plain = {"id": 7, "source": "ssnap", "trigger": "schedule", "requested_by": "scheduler", "attempt": 1}
    states = {
        "state": RunState.SUCCEEDED,
        "requested_at": NOW,
        "message": "",
        "request": {},
        "kind": RunKind.REFRESH,
        "code_version": "v1.2.0",
    }
    return Run(**{**values, **counts, **plain, **states, **more})


def leader(live: bool, silent: float = 4) -> Leader:
    return Leader("a 1", 3, NOW, NOW, NOW, live, timedelta(seconds=silent))


def row(chip: FreshnessChip | None, **more: Any) -> FreshRow:
    facts = SourceFacts(None, date(2026, 7, 9), datetime(2026, 7, 9, 13, 5, tzinfo=UTC), 3)
    given = {"chip": chip, "ran": None, "schedule": ("Daily, 07:00", None), "now": NOW, "waiting": False}
    return fresh_row("ssnap", "Stroke", facts, **{**given, **more})


LATE = FreshnessChip("Stroke", "January to March 2026", "6 days overdue", "late", 6, "14 October 2026")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (7_199, "1 hour"),
        (172_800, "2 days"),
    ],
)
def test_a_length_of_time_is_its_greatest_whole_unit(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_moments_are_on_londons_clocks_in_both_seasons() -> None:
    assert moment_text(datetime(2026, 10, 8, 8, 41, tzinfo=UTC), NOW) == "8 Oct 09:41"
    assert moment_text(datetime(2025, 12, 31, 23, 59, tzinfo=UTC), NOW) == "31 Dec 2025 23:59"
    assert moment_text(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), NOW) == "1 Jul 00:30"
    assert moment_text(None, NOW) == "never"


def test_overdue_is_said_in_days_with_the_day_that_was_expected() -> None:
    late = row(LATE)
    assert (late.sign.mark, late.sign.words, late.late) == ("late", "6 days overdue", 6)
    assert late.expected == "14 October 2026"
    cell = overdue_cell([row(None), late], None, NAMES)
    assert (cell.sign.words, cell.note) == ("Stroke, 6 days", "expected 14 October 2026")
    told = operations_lede([late], leader(True))
    assert "expected 14 October 2026" in told
    assert "still show January to March 2026" in told


def test_the_second_sentence_never_says_that_all_is_well_where_it_is_not() -> None:
    assert operations_lede([row(None)], None).startswith(
        "Nothing is refreshed by itself until one is started"
    )
    assert operations_lede([], leader(True), failure="Stroke: no link", held="a.csv") == "Stroke: no link"
    assert operations_lede([], leader(True), held="a.csv").startswith("a.csv was refused")
    assert operations_lede([], leader(True)).startswith("Nothing needs doing")


@pytest.mark.parametrize(
    ("chip", "mark", "words"),
    [
        (FreshnessChip("Stroke", "p", "next in 2 days, 22 October", "soon"), "due", "Due in 2 days"),
        (FreshnessChip("Stroke", "p", "next today, 20 October", "soon"), "due", "Due today"),
        (FreshnessChip("Stroke", "p", "next 12 November", "fresh"), "ok", "On time"),
        (FreshnessChip("Stroke", "p", "", "fresh"), "unchanged", "No usual day"),
        (None, "unchanged", "Nothing loaded"),
    ],
)
def test_the_state_of_a_source_follows_the_overviews_chip(
    chip: FreshnessChip | None, mark: str, words: str
) -> None:
    found = row(chip).sign
    assert (found.mark, found.words) == (mark, words)


def test_a_late_run_is_told_where_no_figures_are_overdue() -> None:
    slot = OverdueSlot("ssnap", datetime(2026, 10, 20, 12, 30, tzinfo=UTC), timedelta(minutes=30))
    cell = overdue_cell([row(None)], slot, NAMES)
    assert (cell.sign.words, cell.note) == ("Stroke, 30 minutes", "the run of 13:30 has not ended")


def test_health_says_who_leads_and_how_to_start_one() -> None:
    assert scheduler_cell(leader(True)).note == "last sign 4 seconds ago"
    for gone in (None, leader(False, 3_600)):
        cell = scheduler_cell(gone)
        assert cell.sign.words == "Not running"
        assert "python -m etl schedule" in cell.note
    assert scheduler_cell(leader(False, 3_600)).note.startswith("last sign 1 hour ago")


def test_the_queue_says_what_runs_and_when_a_waiting_one_begins() -> None:
    running = run(state=RunState.RUNNING, started_at=NOW - timedelta(seconds=41))
    waiting = run(state=RunState.QUEUED, not_before=NOW + timedelta(minutes=40))
    cell = queue_cell([running, waiting], NAMES, NOW)
    assert (cell.sign.words, cell.note) == ("1 running, 1 waiting", "Stroke, 41 seconds")
    assert queue_cell([waiting], NAMES, NOW).note == "next attempt at 14:40"
    assert queue_cell([], NAMES, NOW).note == "nothing to do"


def test_failures_of_a_week_leave_out_what_people_cancelled() -> None:
    states = {RunState.SUCCEEDED: 20, RunState.FAILED: 1, RunState.TIMED_OUT: 1, RunState.CANCELLED: 2}
    cell = failed_cell(states, FAILED, run(), NAMES)
    assert (cell.sign.words, cell.note) == ("2 of 24 runs", "last: Stroke")
    assert failed_cell({RunState.UNCHANGED: 1}, FAILED, None, NAMES).sign.words == "None of 1 run"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"late": 1, "held": 1}, "One source is overdue and one file waits for a decision"),
        ({"late": 2, "held": 3}, "Two sources are overdue and three files wait for a decision"),
        ({"failing": 1}, "One source failed at the last run"),
        ({}, "Every source is on time and nothing waits for a decision"),
        ({"leader": None}, "No scheduler is running"),
    ],
)
def test_the_title_is_the_finding(given: dict[str, Any], words: str) -> None:
    assert operations_title(**{"leader": leader(True), "late": 0, "failing": 0, "held": 0, **given}) == words
    assert held_cell(given.get("held", 0)).sign.mark == ("late" if given.get("held") else "ok")


def test_what_a_run_did_is_one_line() -> None:
    loaded = run(files_loaded=2, rows_new=4_655, rows_revised=68)
    assert happened(loaded, "", NOW) == "2 files, 4,655 rows new, 68 rows revised"
    assert happened(run(state=RunState.UNCHANGED, files_unchanged=2), "", NOW) == "The same as before"
    upload = run(
        kind=RunKind.LOAD,
        request={"path": "/raw/uploads/ab/august.xlsx"},
        files_refused=1,
        message="august.xlsx: no such sheet",
    )
    assert happened(upload, "", NOW) == "august.xlsx · no such sheet · 1 file refused"
    busy = run(state=RunState.RUNNING, started_at=NOW - timedelta(seconds=41))
    assert happened(busy, "file 2 of 3: a.xlsx", NOW) == "File 2 of 3: a.xlsx · 41 seconds"
    asked = {"first": "2022-04", "last": "2022-06", "dry_run": True}
    assert happened(run(kind=RunKind.BACKFILL, request=asked), "", NOW) == "Dry run, 2022-04 to 2022-06"


def test_the_outcome_tells_held_back_from_failed_and_a_run_being_stopped() -> None:
    assert run_sign(run(state=RunState.FAILED)).words == "Failed"
    assert run_sign(run(state=RunState.FAILED, files_refused=1)).words == "Held back"
    assert run_sign(run(state=RunState.RUNNING, cancel_requested_by="op")).words == "Being stopped"
    assert {run_sign(run(state=state)).mark for state in FAILED} == {"failed"}


def test_readers_do_not_see_who_asked() -> None:
    asked = run(trigger="upload", requested_by="operator.one")
    assert started_by(asked, named=True) == "Upload, operator.one"
    assert started_by(asked, named=False) == "Upload"
    assert started_by(run(), named=True) == "Schedule"


def test_sizes_are_in_the_units_that_pages_use() -> None:
    assert (size_text(4_100_000), size_text(1_500), size_text(3)) == ("4.1 MB", "1.5 kB", "0.1 kB")


# Schedules


def cron(line: str) -> CronDefinition:
    return CronDefinition(cron=line)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("30 10 * * 1-5", "Monday to Friday, 10:30"),
        ("0 7,14 * * *", "Daily, 07:00 and 14:00"),
        ("0 6 * * sat,sun", "Saturday and Sunday, 06:00"),
        ("0 6 1 * *", "Cron 0 6 1 * *"),
        ("*/5 * * * *", "Cron */5 * * * *"),
    ],
)
def test_a_plain_cron_line_is_said_in_words(line: str, words: str) -> None:
    assert schedule_words(cron(line)) == words


def test_the_next_runs_name_the_clocks_across_the_change_of_october() -> None:
    now = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)
    assert next_runs(cron("30 9 * * *"), now, None) == [
        ("Sat", "24 October 2026", "09:30 BST"),
        ("Sun", "25 October 2026", "09:30 GMT"),
        ("Mon", "26 October 2026", "09:30 GMT"),
        ("Tue", "27 October 2026", "09:30 GMT"),
        ("Wed", "28 October 2026", "09:30 GMT"),
    ]


def test_a_time_that_march_skips_is_shown_where_it_will_be_run() -> None:
    found = next_runs(cron("30 1 * * *"), datetime(2027, 3, 27, 12, 0, tzinfo=UTC), None)
    assert found[0] == ("Sun", "28 March 2027", "02:00 BST")
    assert slot_text(datetime(2027, 3, 28, 0, 59, tzinfo=UTC))[2] == "00:59 GMT"


def test_the_editor_starts_from_what_is_stored_and_keeps_what_is_typed() -> None:
    stored = UsualDayDefinition(week=2, weekday="Thursday", time="09:30", grace_hours=6)
    plain = draft_of(stored, {})
    assert (plain.kind, plain.definition, plain.problems) == ("usual day", stored, ())
    assert plain.fields["then_every_hours"] == "2"
    typed = draft_of(stored, {"kind": "usual day", "week": "4", "time": "10:15", "attempts": "5"})
    assert typed.definition == stored.model_copy(update={"week": 4, "time": "10:15", "attempts": 5})
    other = draft_of(stored, {"kind": "cron"})
    assert other.kind == "cron"
    assert other.fields["grace_hours"] == "6"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"kind": "usual day", "time": "25:00"}, "Time: wanted a time such as 09:30, found '25:00'"),
        ({"kind": "usual day", "week": "9"}, "Week: wanted less than or equal to 5, found '9'"),
        ({"kind": "usual day", "then_every_hours": "often"}, "Then every (hours): wanted a valid number"),
        ({"kind": "cron", "cron": "every day"}, "wanted five fields"),
        ({"kind": "cron", "cron": "0 9 1 * 1"}, "wanted a day of the month or a weekday, found both"),
    ],
)
def test_what_is_no_schedule_is_told_in_the_words_of_the_form(typed: dict[str, str], told: str) -> None:
    draft = draft_of(UsualDayDefinition(week=2, weekday="Thursday", time="09:30"), typed)
    assert draft.definition is None
    assert told in "; ".join(draft.problems)


@pytest.mark.parametrize("kind", ["", "nothing", "<script>", "usual  day"])
def test_an_unknown_kind_is_that_of_the_stored_schedule(kind: str) -> None:
    assert draft_of(cron("0 6 * * *"), {"kind": kind}).kind == "cron"
