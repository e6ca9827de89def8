"""Runs in processes of their own: what they record, and how they are stopped, tried again and recovered."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from urllib.parse import quote

import psutil
import pytest
from sqlalchemy import func, select, update

from db.domain import RunState, Severity
from db.domain.run import Run, RunKind, RunStep
from db.domain.timing import CronDefinition
from db.service.lease import Grant, LeaseLostError, store_time
from db.service.processes import is_gone, process_name
from db.service.queue import places, request_cancel, request_run
from db.service.runs import findings_of, queue
from db.service.schedules import save_schedule
from db.settings import Settings, SettingsError, load_settings
from db.store import Store, open_store
from db.store.schema import lease, load_run, observation, source_file
from etl.demo.ssnap.publisher import STROKE_PATH
from etl.pipeline.progress import Silent
from etl.pipeline.run import refresh_source
from etl.registry import located_source
from etl.service.dispatch import Dispatcher
from etl.service.worker import PERFORMED, perform
from tests.support.publications import faulty_publisher
from tests.support.refreshing import SOURCE, Deadline, environment, leads, published
from tests.support.runs import log_of, run_of

NEVER = CronDefinition(cron="0 0 1 1 *")
SERVICE_SECONDS = 60
QUERY = "?token=secret-word"


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with published(tmp_path_factory.mktemp("publisher") / "site") as address:
        yield address


@pytest.fixture
def local_store(sqlite_url: str) -> Iterator[Store]:
    """A store for what does not depend on the database: a process takes seconds to begin."""
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings for this process and its children, with the publisher at an address."""

    def settings(landing: str, **more: str) -> Settings:
        for name, value in environment(tmp_path, landing, **more).items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return settings


def asked(store: Store, kind: RunKind = RunKind.REFRESH, **rest: object) -> int:
    run_id = request_run(store, SOURCE, kind=kind, trigger="page", by="an operator", request=rest)
    assert run_id is not None
    return run_id


def step(runs: Dispatcher) -> None:
    runs.watch()
    runs.recover()
    runs.begin()


def until(runs: Dispatcher, store: Store, run_id: int, *states: RunState) -> Run:
    """Lead until a run is in one of some states."""
    waiting, deadline = threading.Event(), Deadline(SERVICE_SECONDS)
    while (run := run_of(store, run_id)).state not in states and deadline(f"{states}, found {run.state}"):
        step(runs)
        waiting.wait(0.05)
    return run


def worker(runs: Dispatcher, store: Store, run_id: int) -> psutil.Process:
    """The process that works on a run, once it has begun."""
    waiting, deadline = threading.Event(), Deadline(SERVICE_SECONDS)
    while (run := run_of(store, run_id)).process in {None, process_name()} and deadline("its process begins"):
        step(runs)
        waiting.wait(0.05)
    return psutil.Process(int((run.process or "").rpartition(":")[2]))


def rest(runs: Dispatcher) -> None:
    """Lead until nothing is at work."""
    waiting, deadline = threading.Event(), Deadline(SERVICE_SECONDS)
    while not runs.idle and deadline("the last process ends"):
        runs.watch()
        waiting.wait(0.05)


@contextmanager
def silent_publisher() -> Iterator[str]:
    """A publisher that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


@contextmanager
def unreachable_publisher() -> Iterator[str]:
    """An address on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_a_refresh_is_done_in_a_process_of_its_own_and_logged(
    store: Store, landing: str, configure: Callable[..., Settings]
) -> None:
    settings = configure(landing)
    run_id, second = asked(store), asked(store)
    with Dispatcher(store, leads(store, settings), settings.scheduler) as runs:
        run = until(runs, store, run_id, RunState.SUCCEEDED)
        again = until(runs, store, second, RunState.UNCHANGED)
        rest(runs)
    assert (run.files_loaded, run.files_refused, run.attempt, run.fencing) == (1, 0, 1, 1)
    assert run.rows_new > 0
    assert run.process is not None
    assert int(run.process.rpartition(":")[2]) != os.getpid()
    lines = log_of(store, run_id)
    assert lines[0] == "attempt 1 begins"
    assert any(line.startswith("file 1 of 1: ") for line in lines)
    assert lines[-1] == "ended: succeeded"
    assert (again.files_loaded, again.files_unchanged) == (0, 1)
    with store.reading() as connection:
        assert connection.execute(select(source_file.c.load_run_id)).scalars().all() == [run_id]
        assert connection.execute(select(func.count()).select_from(observation)).scalar() == run.rows_new


def test_a_run_that_takes_longer_than_its_schedule_says_is_killed_and_not_tried_again(
    local_store: Store, configure: Callable[..., Settings]
) -> None:
    with silent_publisher() as landing:
        settings = configure(landing)
        short = NEVER.model_copy(update={"timeout_minutes": 0.1})
        save_schedule(local_store, SOURCE, short, by="an operator", version=0)
        run_id = asked(local_store)
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            run = until(runs, local_store, run_id, RunState.TIMED_OUT)
            assert is_gone(run.process, run.heartbeat_at) or run.process == process_name()
            assert runs.idle
    assert (run.attempt, run.message) == (1, "it took longer than 0.1 minutes and was stopped")
    assert run.finished_at is not None
    assert (
        log_of(local_store, run_id)[-1]
        == "ended: timed out (it took longer than 0.1 minutes and was stopped)"
    )


def test_a_running_run_is_cancelled_by_killing_its_process(
    store: Store, configure: Callable[..., Settings]
) -> None:
    with silent_publisher() as landing:
        settings = configure(landing)
        run_id = asked(store)
        with Dispatcher(store, leads(store, settings), settings.scheduler) as runs:
            process = worker(runs, store, run_id)
            assert request_cancel(store, run_id, by="an operator") is RunState.RUNNING
            run = until(runs, store, run_id, RunState.CANCELLED)
            assert not process.is_running()
    assert (run.attempt, run.message) == (1, "cancelled by an operator")


def test_a_fault_that_may_pass_is_tried_as_often_as_the_schedule_says(
    local_store: Store, configure: Callable[..., Settings]
) -> None:
    with unreachable_publisher() as landing:
        settings = configure(landing)
        twice = NEVER.model_copy(update={"attempts": 2})
        save_schedule(local_store, SOURCE, twice, by="an operator", version=0)
        run_id = asked(local_store)
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            run = until(runs, local_store, run_id, RunState.FAILED)
    assert run.attempt == 2
    assert "no connection" in run.message
    ends = [line for line in log_of(local_store, run_id) if " ended" in line or line.startswith("ended")]
    assert len(ends) == 2
    assert "attempt 1 ended" in ends[0]
    assert "attempt 2 not before" in ends[0]
    assert ends[1].startswith("ended: failed")


def test_a_fault_that_passes_ends_well_in_the_next_attempt(
    local_store: Store, landing: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with unreachable_publisher() as closed:
        settings = configure(closed)
        run_id = asked(local_store)
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            until(runs, local_store, run_id, RunState.RUNNING)
            waiting, deadline = threading.Event(), Deadline(SERVICE_SECONDS)
            while run_of(local_store, run_id).attempt == 1 and deadline("the first attempt fails"):
                runs.watch()
                waiting.wait(0.05)
            monkeypatch.setenv(f"STP_PUBLISHERS__{SOURCE}", landing)
            run = until(runs, local_store, run_id, RunState.SUCCEEDED)
    with local_store.reading() as connection:
        assert Severity.ERROR not in {item.finding.severity for item in findings_of(connection, run_id)}
    assert run.attempt >= 2
    assert run.files_loaded == 1


def test_what_only_a_person_can_mend_is_not_tried_again(
    local_store: Store, landing: str, configure: Callable[..., Settings]
) -> None:
    settings = configure(landing.rstrip("/") + "/no-such-page/")
    run_id = asked(local_store)
    with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
        run = until(runs, local_store, run_id, RunState.FAILED)
    assert run.attempt == 1
    assert "404" in run.message


@pytest.mark.parametrize(
    ("source", "kind", "request_fields", "words"),
    [
        ("weather", RunKind.REFRESH, {}, "wanted one of the sources"),
        (
            SOURCE,
            RunKind.DEMONSTRATION,
            {},
            f"wanted a run of one of the kinds {', '.join(PERFORMED)}, found 'demonstration'",
        ),
        (SOURCE, RunKind.LOAD, {"path": "/etc/passwd"}, "wanted a file inside"),
        (SOURCE, RunKind.LOAD, {"path": "", "hints": "colour=red"}, "wanted a file inside"),
        (SOURCE, RunKind.BACKFILL, {"first": "soon"}, "soon"),
        (SOURCE, RunKind.RETRY_HELD_FILE, {"held_file": 99}, "99"),
    ],
    ids=[
        "renamed source",
        "kind never queued",
        "path outside",
        "no path",
        "bad backfill",
        "no such held file",
    ],
)
def test_a_request_that_cannot_be_done_says_why(
    local_store: Store,
    configure: Callable[..., Settings],
    source: str,
    kind: RunKind,
    request_fields: dict[str, object],
    words: str,
) -> None:
    settings = configure("http://127.0.0.1:1/")
    run_id = request_run(
        local_store, source, kind=kind, trigger="page", by="an operator", request=request_fields
    )
    assert run_id is not None
    summary = perform(local_store, settings, run_of(local_store, run_id), Silent())
    assert (summary.state, summary.transient) == (RunState.FAILED, False)
    assert words in summary.message


def test_a_moved_publisher_that_is_no_address_is_said(
    local_store: Store, configure: Callable[..., Settings]
) -> None:
    with pytest.raises(SettingsError, match=rf"publishers\.{SOURCE}: wanted the address of a web page"):
        configure("somewhere else")
    settings = configure("http://127.0.0.1:1/").model_copy(update={"publishers": {SOURCE: "somewhere else"}})
    run_id = asked(local_store)
    summary = perform(local_store, settings, run_of(local_store, run_id), Silent())
    wanted = f"setting publishers.{SOURCE}: wanted the address of a web page, found something else"
    assert (summary.state, summary.message) == (RunState.FAILED, wanted)


@contextmanager
def stalling_publisher(folder: Path) -> Iterator[str]:
    """The stroke audit's pages as they are, with a file of 9,000 bytes of which 4,000 come and then nothing."""
    with published(folder), faulty_publisher.published() as publisher:
        for path in (path for path in folder.rglob("*") if path.is_file()):
            name = quote(f"/{path.relative_to(folder).as_posix()}")
            if path.name == "index.html":
                page = faulty_publisher.give(path.read_bytes(), faulty_publisher.PAGE)
                publisher.script(name.removesuffix("index.html"), page)
                publisher.script(f"{name.removesuffix('index.html')}{QUERY}", page)
            else:
                publisher.script(name, faulty_publisher.stall_at(b"PK\x03\x04" + b"x" * 8996, 4000))
        yield f"{publisher.url(STROKE_PATH)}{QUERY}"


def test_an_upload_finishes_while_a_download_hangs_which_tells_how_far_it_is(
    store: Store, configure: Callable[..., Settings], tmp_path: Path
) -> None:
    (kept,) = given_file(tmp_path / "given")
    with stalling_publisher(tmp_path / "site") as stalling:
        # One at a time: nothing else than its own room lets the upload pass.
        settings = configure(stalling, STP_SCHEDULER__RUNS_AT_ONCE="1")
        stuck, behind = asked(store), request_run(store, "cancer_waiting_times", trigger="page", by="someone")
        uploaded = settings.uploads_folder / "1" / kept.name
        uploaded.parent.mkdir(parents=True)
        copy(kept, uploaded)
        with Dispatcher(store, leads(store, settings), settings.scheduler) as runs:
            worker(runs, store, stuck)
            waiting, deadline = threading.Event(), Deadline(SERVICE_SECONDS)
            while (doing := run_of(store, stuck).activity) is None or not doing.received:
                deadline(f"bytes have come: {doing}, {log_of(store, stuck)}")
                waiting.wait(0.05)
            upload = asked(store, kind=RunKind.LOAD, path=str(uploaded), hints="maturity=final")
            loaded = until(runs, store, upload, RunState.SUCCEEDED, RunState.FAILED)
            assert (loaded.state, loaded.files_loaded) == (RunState.SUCCEEDED, 1)
            assert run_of(store, stuck).state is RunState.RUNNING
            assert behind is not None
            with store.reading() as connection:
                assert places(queue(connection)) == {behind: (1, 1)}
    assert (doing.step, doing.file, doing.files) == (RunStep.FETCHING, 1, 1)
    assert (doing.received, doing.size, doing.attempt, doing.attempts) == (4000, 9000, 1, 1)
    assert doing.address.startswith(stalling.partition("/results")[0])
    assert "secret-word" not in doing.address
    assert f"file 1 of 1: {doing.name}, 0.0 of 0.0 MB, attempt 1 of 1, " in doing.words


def given_file(folder: Path) -> list[Path]:
    """A file of the stroke audit that somebody has."""
    with published(folder):
        return [path for path in folder.rglob("*") if path.is_file() and path.name != "index.html"][:1]


def test_an_uploaded_file_is_loaded_and_its_copy_removed(
    local_store: Store, landing: str, configure: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = configure(landing)
    first = refresh_source(
        local_store, located_source(SOURCE, settings), settings, trigger="page", requested_by="an operator"
    )
    assert first.state is RunState.SUCCEEDED
    with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
        (kept,) = [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]
        uploaded = settings.uploads_folder / "1" / kept.name
        uploaded.parent.mkdir(parents=True)
        copy(kept, uploaded)
        run_id = asked(local_store, kind=RunKind.LOAD, path=str(uploaded), hints="maturity=final")
        run = until(runs, local_store, run_id, RunState.SUCCEEDED, RunState.FAILED)
        rest(runs)
    assert (run.state, run.files_loaded) == (RunState.SUCCEEDED, 1)
    assert not uploaded.exists()


def test_a_worker_that_dies_by_itself_is_begun_again(
    local_store: Store, landing: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_publisher() as silent:
        settings = configure(silent)
        run_id = asked(local_store)
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            worker(runs, local_store, run_id).kill()
            monkeypatch.setenv(f"STP_PUBLISHERS__{SOURCE}", landing)
            run = until(runs, local_store, run_id, RunState.SUCCEEDED)
    assert run.attempt == 2
    assert any(
        "attempt 1 ended: the process that ran it stopped" in line for line in log_of(local_store, run_id)
    )


def test_a_run_whose_processes_always_die_is_given_up(
    local_store: Store, configure: Callable[..., Settings]
) -> None:
    with silent_publisher() as silent:
        settings = configure(silent, STP_SCHEDULER__RESTARTS="0")
        once = NEVER.model_copy(update={"attempts": 1})
        save_schedule(local_store, SOURCE, once, by="an operator", version=0)
        run_id = asked(local_store)
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            worker(runs, local_store, run_id).kill()
            run = until(runs, local_store, run_id, RunState.ABANDONED)
    assert run.message == "the process that ran it stopped before it ended; given up after attempt 1"


def test_a_run_that_another_machine_left_silent_is_taken_over(
    local_store: Store, landing: str, configure: Callable[..., Settings]
) -> None:
    settings = configure(landing)
    run_id = asked(local_store)
    with local_store.writing() as connection:
        silent_since = store_time(connection) - timedelta(seconds=settings.scheduler.silent_seconds + 1)
        values = {
            "state": RunState.RUNNING.value,
            "process": "another-machine:4",
            "fencing": 1,
            "heartbeat_at": silent_since,
        }
        connection.execute(update(load_run).where(load_run.c.id == run_id).values(values))
    with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
        run = until(runs, local_store, run_id, RunState.SUCCEEDED)
    assert run.attempt == 2


def test_a_worker_ends_with_its_leader_and_the_next_leader_begins_the_run_again(
    local_store: Store, landing: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_publisher() as silent:
        settings = configure(silent)
        run_id = asked(local_store)
        grant = leads(local_store, settings)
        with Dispatcher(local_store, grant, settings.scheduler) as runs:
            process = worker(runs, local_store, run_id)
        assert not process.is_running()
        assert run_of(local_store, run_id).state is RunState.RUNNING
        monkeypatch.setenv(f"STP_PUBLISHERS__{SOURCE}", landing)
        with Dispatcher(local_store, grant, settings.scheduler) as runs:
            run = until(runs, local_store, run_id, RunState.SUCCEEDED)
    assert run.attempt == 2


def test_a_worker_of_an_earlier_leader_is_stopped_before_its_run_is_begun_again(
    store: Store, landing: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent_publisher() as silent:
        settings = configure(silent)
        run_id = asked(store)
        with Dispatcher(store, leads(store, settings), settings.scheduler) as old:
            process = worker(old, store, run_id)
            new_grant = taken_over(store)
            monkeypatch.setenv(f"STP_PUBLISHERS__{SOURCE}", landing)
            with Dispatcher(store, new_grant, settings.scheduler) as runs:
                run = until(runs, store, run_id, RunState.SUCCEEDED)
            assert not process.is_running()
            asked(store)
            with pytest.raises(LeaseLostError):
                old.begin()
    assert (run.attempt, run.fencing) == (2, 2)


def taken_over(store: Store) -> Grant:
    """The lease in another scheduler's hands."""
    with store.writing() as connection:
        values = {"holder": "another-machine:4", "fencing": lease.c.fencing + 1}
        connection.execute(update(lease).values(values))
    return Grant("another-machine:4", 2)


def test_a_leader_of_old_takes_nothing_from_the_queue(
    store: Store, landing: str, configure: Callable[..., Settings]
) -> None:
    settings = configure(landing)
    run_id = asked(store)
    with Dispatcher(store, leads(store, settings), settings.scheduler) as runs:
        taken_over(store)
        with pytest.raises(LeaseLostError):
            runs.begin()
        assert runs.idle
    assert run_of(store, run_id).state is RunState.QUEUED


def test_a_process_that_fails_before_it_can_say_why_ends_its_run(
    local_store: Store, landing: str, configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = configure(landing)
    run_id = asked(local_store)
    monkeypatch.setenv("STP_SITE__PORT", "none")
    with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
        run = until(runs, local_store, run_id, RunState.FAILED)
    assert run.attempt == 1
    assert run.message.startswith("its process failed (exit status 1) before it could say why")


def test_runs_of_two_sources_are_at_work_at_once(
    local_store: Store, configure: Callable[..., Settings]
) -> None:
    with silent_publisher() as silent:
        settings = configure(silent, STP_PUBLISHERS__cancer_waiting_times=silent)
        stroke, stroke_again = asked(local_store), asked(local_store)
        cancer = request_run(local_store, "cancer_waiting_times", trigger="page", by="an operator")
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            runs.begin()
            with local_store.reading() as connection:
                rows = connection.execute(select(load_run.c.id, load_run.c.state).order_by(load_run.c.id))
                found = {row.id: row.state for row in rows}
    assert found == {stroke: "running", stroke_again: "queued", cancer: "running"}


def test_a_run_gives_signs_of_life_while_it_works(
    local_store: Store, configure: Callable[..., Settings]
) -> None:
    with silent_publisher() as silent:
        settings = configure(silent)
        run_id = asked(local_store)
        with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
            worker(runs, local_store, run_id)
            first = run_of(local_store, run_id).heartbeat_at or datetime.now(UTC)
            waiting, deadline = threading.Event(), Deadline(SERVICE_SECONDS)
            while (run_of(local_store, run_id).heartbeat_at or first) <= first and deadline("another sign"):
                waiting.wait(0.1)
