"""Runs and the queue on both databases: one row from request to end, and every change guarded."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from db.domain import FileState, Finding, LoadCounts, RunState, Severity
from db.domain.run import Run, RunKind, RunTotals
from db.service.lease import store_time
from db.service.processes import machine_name, process_name
from db.service.queue import (
    QueueError,
    begin_run,
    claim,
    file_run,
    is_lost,
    put_back,
    request_cancel,
    request_run,
    running_elsewhere,
    to_be_cancelled,
    try_later,
    wait_before_next,
    worker_of,
)
from db.service.runs import (
    RunLostError,
    abandon_orphans,
    beat,
    create_run,
    end_run,
    findings_of,
    finish_run,
    last_finds,
    last_found,
    last_slot,
    last_slots,
    queue,
    recent_runs,
    record_findings,
    run_log_of,
    runs_by_state,
)
from db.store import Store, audit
from db.store.schema import load_run, source_file
from tests.support.runs import log_of, run_of

CANCER, STROKE = "cancer_waiting_times", "ssnap"
SLOT = datetime(2026, 7, 3, 8, 45, tzinfo=UTC)
NOTHING = RunTotals({}, LoadCounts())
SOON = timedelta(0)


def asked(
    store: Store,
    source: str | None = CANCER,
    *,
    kind: RunKind = RunKind.REFRESH,
    request: dict[str, object] | None = None,
    not_before: datetime | None = None,
) -> int:
    run_id = request_run(
        store, source, trigger="page", by="an operator", kind=kind, request=request, not_before=not_before
    )
    assert run_id is not None
    return run_id


def claimed(store: Store, fencing: int = 1) -> Run | None:
    with store.writing() as connection:
        return claim(connection, fencing)


def one_claimed(store: Store, fencing: int = 1) -> Run:
    run = claimed(store, fencing)
    assert run is not None
    return run


def change(store: Store, run_id: int, **values: object) -> None:
    with store.writing() as connection:
        connection.execute(update(load_run).where(load_run.c.id == run_id).values(values))


# Asking


def test_a_request_waits_in_the_queue_and_is_in_the_audit(store: Store) -> None:
    run_id = asked(store, kind=RunKind.BACKFILL, request={"first": "2022-04"})
    run = run_of(store, run_id)
    assert (run.state, run.kind, run.attempt) == (RunState.QUEUED, RunKind.BACKFILL, 1)
    assert run.request == {"first": "2022-04"}
    assert (run.started_at, run.process, run.requested_by) == (None, None, "an operator")
    with store.reading() as connection:
        (entry,) = audit.audit_entries(connection)
    assert (entry.actor, entry.action, entry.subject, entry.detail) == (
        "an operator",
        "request run",
        CANCER,
        f"run {run_id}: backfill",
    )


def test_a_slot_is_filed_once(store: Store) -> None:
    first = request_run(store, CANCER, trigger="schedule", by="scheduler", slot=SLOT)
    assert first is not None
    assert request_run(store, CANCER, trigger="schedule", by="scheduler", slot=SLOT) is None
    assert request_run(store, STROKE, trigger="schedule", by="scheduler", slot=SLOT) is not None
    assert run_of(store, first).kind is RunKind.REFRESH
    with store.reading() as connection:
        assert last_slot(connection, CANCER) == SLOT
        slots = last_slots(connection)
        assert slots == {source: last_slot(connection, source) for source in slots}
        assert slots[CANCER] == SLOT
        assert audit.audit_entries(connection) == []


def test_a_slot_that_is_taken_does_not_spoil_the_transaction(store: Store) -> None:
    with store.writing() as connection:
        assert file_run(connection, CANCER, trigger="schedule", by="scheduler", slot=SLOT) is not None
        assert file_run(connection, CANCER, trigger="schedule", by="scheduler", slot=SLOT) is None
        later = SLOT + timedelta(hours=1)
        assert file_run(connection, CANCER, trigger="schedule", by="scheduler", slot=later) is not None
    with store.reading() as connection:
        assert len(queue(connection)) == 2


# Taking


def test_the_oldest_goes_first_and_one_source_runs_once_at_a_time(store: Store) -> None:
    first, second, other = asked(store), asked(store), asked(store, STROKE)
    assert one_claimed(store, 7).id == first
    assert one_claimed(store, 7).id == other
    assert claimed(store, 7) is None
    run = run_of(store, first)
    assert (run.state, run.fencing, run.process) == (RunState.RUNNING, 7, process_name())
    finish_run(store, first, RunState.UNCHANGED, NOTHING)
    assert one_claimed(store, 7).id == second


def test_files_without_a_known_source_also_run_one_at_a_time(store: Store) -> None:
    first, second = asked(store, None), asked(store, None)
    assert one_claimed(store).id == first
    assert claimed(store) is None
    finish_run(store, first, RunState.SUCCEEDED, NOTHING)
    assert one_claimed(store).id == second


def test_a_run_at_a_terminal_keeps_its_source_busy(store: Store) -> None:
    direct = create_run(store, source=CANCER, kind=RunKind.REFRESH, trigger="command", requested_by="someone")
    assert direct is not None
    waiting = asked(store)
    assert claimed(store) is None
    finish_run(store, direct, RunState.UNCHANGED, NOTHING)
    assert one_claimed(store).id == waiting


def test_an_attempt_waits_for_its_time(store: Store) -> None:
    with store.reading() as connection:
        now = store_time(connection)
    asked(store, not_before=now + timedelta(hours=1))
    due = asked(store, STROKE, not_before=now - timedelta(seconds=1))
    assert one_claimed(store).id == due
    assert claimed(store) is None


def test_of_many_that_take_at_once_each_run_is_taken_once(store: Store) -> None:
    wanted = {asked(store, f"source {number}") for number in range(6)}
    together, taken = threading.Barrier(4), list[int]()

    def take() -> None:
        together.wait()
        while (run := claimed(store)) is not None or len(taken) < len(wanted):
            if run is not None:
                taken.append(run.id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(wanted)


# One attempt after another


def test_a_passing_fault_queues_the_next_attempt_of_the_same_run(store: Store) -> None:
    run_id = asked(store)
    run = begin_run(store, one_claimed(store).id, 1)
    record_findings(store, run_id, "x.csv", [Finding(Severity.ERROR, "refused", "no answer in time")])
    try_later(store, run, "no answer in time", timedelta(hours=1), RunTotals({}, LoadCounts(new=5)))
    later = run_of(store, run_id)
    assert (later.state, later.attempt, later.message) == (RunState.QUEUED, 2, "no answer in time")
    assert (later.process, later.started_at) == (None, None)
    assert later.not_before is not None
    assert timedelta(minutes=59) < later.not_before - datetime.now(UTC) < timedelta(minutes=61)
    assert claimed(store) is None
    change(store, run_id, not_before=None)
    again = one_claimed(store)
    assert (again.id, again.attempt) == (run_id, 2)
    with store.reading() as connection:
        assert findings_of(connection, run_id) == []
    finish_run(store, run_id, RunState.SUCCEEDED, RunTotals({}, LoadCounts(new=2)))
    assert run_of(store, run_id).rows_new == 7
    assert [line.split("; ")[0] for line in log_of(store, run_id)] == [
        "attempt 1 begins",
        "attempt 1 ended: no answer in time",
        "attempt 2 begins",
        "ended: succeeded",
    ]


def test_an_attempt_that_is_over_can_neither_begin_nor_end_nor_go_on(store: Store) -> None:
    run_id = asked(store)
    old = one_claimed(store)
    with store.writing() as connection:
        assert put_back(connection, old, "lost", SOON)
        assert not put_back(connection, old, "lost again", SOON)
        assert not end_run(connection, old, RunState.TIMED_OUT, "too late")
    with pytest.raises(RunLostError, match=f"run {run_id}: attempt 1 is over already"):
        begin_run(store, run_id, 1)
    with pytest.raises(RunLostError, match=f"run {run_id} is no longer this process's"):
        finish_run(store, run_id, RunState.SUCCEEDED, NOTHING)
    with pytest.raises(RunLostError):
        try_later(store, old, "whatever", SOON, NOTHING)
    assert not beat(store, run_id)
    assert (run_of(store, run_id).state, run_of(store, run_id).attempt) == (RunState.QUEUED, 2)


def test_a_run_ends_once(store: Store) -> None:
    run_id = asked(store)
    one_claimed(store)
    finish_run(store, run_id, RunState.UNCHANGED, NOTHING)
    with pytest.raises(RunLostError):
        finish_run(store, run_id, RunState.FAILED, NOTHING)
    assert run_of(store, run_id).state is RunState.UNCHANGED
    assert sum(line.startswith("ended") for line in log_of(store, run_id)) == 1


def test_a_process_cannot_end_another_ones_run(store: Store) -> None:
    run_id = asked(store)
    one_claimed(store)
    change(store, run_id, process="another-machine:4")
    with pytest.raises(RunLostError):
        finish_run(store, run_id, RunState.SUCCEEDED, NOTHING)
    assert not beat(store, run_id)
    assert run_of(store, run_id).state is RunState.RUNNING


def test_a_run_whose_first_attempt_loaded_a_file_has_succeeded(store: Store) -> None:
    run_id = asked(store)
    one_claimed(store)
    row = {
        "load_run_id": run_id,
        "source": CANCER,
        "sha256": "0" * 64,
        "parser_version": 1,
        "name": "x.csv",
        "size": 1,
        "fetched_at": SLOT,
    }
    with store.writing() as connection:
        connection.execute(insert(source_file).values(row))
    with store.writing() as connection:
        put_back(connection, run_of(store, run_id), "lost", SOON)
    change(store, run_id, not_before=None)
    one_claimed(store)
    finish_run(store, run_id, RunState.UNCHANGED, RunTotals({FileState.UNCHANGED: 3}, LoadCounts()))
    run = run_of(store, run_id)
    assert (run.state, run.files_loaded, run.files_unchanged) == (RunState.SUCCEEDED, 1, 2)
    with store.reading() as connection:
        assert last_found(connection, CANCER) == run.finished_at
        assert last_finds(connection) == {CANCER: run.finished_at}


def test_waits_double_to_a_limit_and_differ() -> None:
    for attempt, longest in [(1, 60), (2, 120), (3, 240), (9, 600)]:
        waits = {wait_before_next(attempt, 60, 600).total_seconds() for _ in range(50)}
        assert longest / 2 <= min(waits) < max(waits) <= longest
        assert len(waits) > 10


# Cancelling


def test_a_waiting_run_is_cancelled_at_once(store: Store) -> None:
    run_id = asked(store)
    assert request_cancel(store, run_id, by="an operator") is RunState.CANCELLED
    run = run_of(store, run_id)
    assert (run.state, run.message) == (RunState.CANCELLED, "cancelled by an operator")
    assert claimed(store) is None
    with store.reading() as connection:
        assert [item.action for item in audit.audit_entries(connection)] == ["cancel run", "request run"]


def test_a_running_run_is_marked_for_the_leader(store: Store) -> None:
    run_id, other = asked(store), asked(store, STROKE)
    one_claimed(store)
    one_claimed(store)
    assert request_cancel(store, run_id, by="an operator") is RunState.RUNNING
    with store.reading() as connection:
        assert to_be_cancelled(connection, [run_id, other]) == {run_id: "an operator"}


def test_what_cannot_be_cancelled_is_said(store: Store) -> None:
    direct = create_run(store, source=CANCER, kind=RunKind.REFRESH, trigger="command", requested_by="someone")
    assert direct is not None
    with pytest.raises(QueueError, match="begun at a terminal"):
        request_cancel(store, direct, by="an operator")
    finish_run(store, direct, RunState.FAILED, NOTHING)
    with pytest.raises(QueueError, match="has ended already: failed"):
        request_cancel(store, direct, by="an operator")
    with pytest.raises(QueueError, match="there is no run 4711"):
        request_cancel(store, 4711, by="an operator")


# Lost processes


def ended_process() -> str:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return f"{machine_name()}:{process.pid}"


def lost(store: Store, silent: timedelta = timedelta(seconds=60)) -> list[int]:
    with store.reading() as connection:
        now = store_time(connection)
        return [run.id for run in running_elsewhere(connection, []) if is_lost(run, now, silent)]


def test_a_run_whose_process_is_gone_from_this_machine_is_lost(store: Store) -> None:
    run_id = asked(store)
    one_claimed(store)
    change(store, run_id, process=ended_process())
    assert lost(store) == [run_id]
    with store.reading() as connection:
        assert running_elsewhere(connection, [run_id]) == []


def test_another_program_with_the_number_of_a_runs_process_is_not_the_run(store: Store) -> None:
    run_id = asked(store)
    one_claimed(store)
    change(store, run_id, process=f"{machine_name()}:{os.getpid()}")
    assert worker_of(run_of(store, run_id)) is None
    assert lost(store) == [run_id]


def test_a_run_at_work_on_this_machine_is_not_lost_however_silent(store: Store) -> None:
    run_id = asked(store)
    one_claimed(store)
    words = [sys.executable, "-c", "import sys; sys.stdin.read()", "work", str(run_id), "1"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        change(store, run_id, process=f"{machine_name()}:{process.pid}")
        assert lost(store, timedelta(0)) == []
        process.kill()
        process.wait()
    assert lost(store) == [run_id]


@pytest.mark.parametrize(("seconds", "expected"), [(59, []), (61, [1])])
def test_on_another_machine_a_run_is_lost_once_it_is_silent(
    store: Store, seconds: int, expected: list[int]
) -> None:
    run_id = asked(store)
    one_claimed(store)
    with store.reading() as connection:
        silent_since = store_time(connection) - timedelta(seconds=seconds)
    change(store, run_id, process="another-machine:4", heartbeat_at=silent_since)
    assert lost(store) == ([run_id] if expected else [])


def test_an_orphan_of_a_terminal_is_abandoned_and_one_of_the_queue_is_left_to_the_leader(
    store: Store,
) -> None:
    direct = create_run(store, source=CANCER, kind=RunKind.REFRESH, trigger="command", requested_by="someone")
    assert direct is not None
    queued = asked(store, STROKE)
    one_claimed(store)
    assert abandon_orphans(store) == 0
    change(store, direct, process=ended_process())
    change(store, queued, process=ended_process())
    assert abandon_orphans(store) == 1
    run = run_of(store, direct)
    assert run.state is RunState.ABANDONED
    assert run.message == "the process that ran it stopped before it ended"
    assert run_of(store, queued).state is RunState.RUNNING


def test_an_orphan_of_a_terminal_on_another_machine_has_ten_minutes(store: Store) -> None:
    direct = create_run(store, source=CANCER, kind=RunKind.REFRESH, trigger="command", requested_by="someone")
    assert direct is not None
    change(store, direct, process="another-machine:4", heartbeat_at=SLOT)
    assert abandon_orphans(store, now=SLOT + timedelta(minutes=10)) == 0
    assert abandon_orphans(store, now=SLOT + timedelta(minutes=10, seconds=1)) == 1


# Reading


def test_runs_are_listed_newest_first_by_state_and_source(store: Store) -> None:
    first, second, third = asked(store), asked(store, STROKE), asked(store)
    one_claimed(store)
    finish_run(store, first, RunState.FAILED, NOTHING, "no such page")
    with store.reading() as connection:

        def ids(runs: list[Run]) -> list[int]:
            return [run.id for run in runs]

        failed_or_queued = [RunState.FAILED, RunState.QUEUED]
        assert ids(recent_runs(connection, 10)) == [third, second, first]
        assert ids(recent_runs(connection, 10, source=CANCER)) == [third, first]
        assert ids(recent_runs(connection, 10, state=RunState.FAILED)) == [first]
        assert ids(recent_runs(connection, 10, state=failed_or_queued, source=STROKE)) == [second]
        assert ids(recent_runs(connection, 10, before_id=third)) == [second, first]
        assert [run.id for run in recent_runs(connection, 1)] == [third]
        since = datetime.now(UTC) - timedelta(days=7)
        assert runs_by_state(connection, since) == {RunState.FAILED: 1, RunState.QUEUED: 2}
        assert recent_runs(connection, 1, state=RunState.FAILED)[0].message == "no such page"


def test_the_queue_shows_what_runs_before_what_waits(store: Store) -> None:
    asked(store)
    asked(store)
    one_claimed(store)
    stroke = asked(store, STROKE)
    change(store, stroke, state=RunState.RUNNING.value)
    with store.reading() as connection:
        found = [(run.source, run.state.value) for run in queue(connection)]
    assert found == [(CANCER, "running"), (STROKE, "running"), (CANCER, "queued")]


def test_a_run_is_read_with_its_log_and_findings(store: Store) -> None:
    run_id = create_run(store, source=CANCER, kind=RunKind.REFRESH, trigger="command", requested_by="someone")
    assert run_id is not None
    said = Finding(Severity.WARNING, "jump", "a rate fell by 11 points", 3)
    record_findings(store, run_id, "x.csv", [said])
    finish_run(store, run_id, RunState.FAILED, RunTotals({FileState.REFUSED: 1}, LoadCounts()), "x.csv: no")
    with store.reading() as connection:
        (found,) = findings_of(connection, run_id)
        (line,) = run_log_of(connection, run_id)
        assert run_log_of(connection, run_id, after_id=line.id) == []
        assert connection.execute(select(load_run.c.files_refused)).scalar() == 1
    assert (found.file_name, found.finding) == ("x.csv", said)
    assert (line.level, line.message) == ("INFO", "ended: failed (x.csv: no)")
    assert line.at.tzinfo is not None
