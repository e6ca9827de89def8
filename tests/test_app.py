"""`app.py` as a process: what it says before it begins, and what is left when it is stopped or killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from db.domain import RunState
from db.domain.run import Run
from db.service.lease import leader
from db.service.queue import request_run
from db.service.runs import queue, recent_runs
from db.store import Store
from tests.support.refreshing import ROOT, SOURCE, Deadline, environment
from tests.support.seed import ordinary_rows, seeded_store

SITE = (sys.executable, "app.py")
GUNICORN = (sys.executable, "-m", "gunicorn", "app:server")


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Store]:
    opened = seeded_store(tmp_path / "store.sqlite", ordinary_rows())
    yield opened
    opened.close()


def begun(store_url: str, folder: Path, *command: str, **more: str) -> subprocess.Popen[str]:
    settings = environment(folder, "http://127.0.0.1:1/", **more)
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **settings, "DATABASE_URL": store_url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextmanager
def silent() -> Iterator[str]:
    """A publisher that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def scheduler_of(store: Store) -> psutil.Process:
    """The process of the scheduler that leads, once one does."""
    waiting, deadline = threading.Event(), Deadline(60)
    while deadline("a scheduler leads"):
        with store.reading() as connection:
            found = leader(connection)
        if found is not None and found.live:
            return psutil.Process(int(found.holder.rpartition(":")[2]))
        waiting.wait(0.1)
    raise AssertionError


def at_work(store: Store) -> Run:
    """The run that a worker, or the terminal, has in hand."""
    waiting, deadline = threading.Event(), Deadline(60)
    while deadline("a run is at work"):
        with store.reading() as connection:
            found = leader(connection)
            runs = [run for run in queue(connection) if run.state is RunState.RUNNING]
        if runs and runs[0].process != (found.holder if found else None):
            return runs[0]
        waiting.wait(0.1)
    raise AssertionError


@pytest.mark.parametrize("command", [SITE, GUNICORN], ids=["app.py", "gunicorn"])
def test_a_port_in_use_is_said_in_one_sentence_before_anything_starts(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    unmade = tmp_path / "unmade.sqlite"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        site = begun(f"sqlite:///{unmade}", tmp_path, *command, STP_SITE__PORT=port)
        said, _ = site.communicate(timeout=60)
    (line,) = said.splitlines()
    assert line.startswith(f"The site cannot start: port {port} of 127.0.0.1 is in use by another program")
    assert site.returncode == 1
    assert not unmade.exists()


def test_a_killed_site_takes_its_scheduler_along(filled: Store, tmp_path: Path) -> None:
    site = begun(url_of(filled), tmp_path, *SITE, STP_SITE__PORT=free_port())
    scheduler = scheduler_of(filled)
    site.kill()
    site.communicate()
    scheduler.wait(30)
    assert not scheduler.is_running()


def test_ctrl_c_at_the_site_ends_its_run_and_leaves_it_in_the_queue(filled: Store, tmp_path: Path) -> None:
    with silent() as landing:
        request_run(filled, SOURCE, trigger="page", by="an operator")
        more = {f"STP_PUBLISHERS__{SOURCE}": landing, "STP_SITE__PORT": free_port()}
        site = begun(url_of(filled), tmp_path, *SITE, **more)
        scheduler, run = scheduler_of(filled), at_work(filled)
        worker = psutil.Process(int((run.process or "").rpartition(":")[2]))
        site.send_signal(signal.SIGINT)
        said, _ = site.communicate(timeout=60)
    assert site.returncode == 0
    assert "Traceback" not in said
    assert not scheduler.is_running()
    assert not worker.is_running()
    with filled.reading() as connection:
        (left,) = [item for item in queue(connection) if item.id == run.id]
    assert (left.state, left.attempt, left.message) == (RunState.QUEUED, 2, "the scheduler was stopped")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_marks_its_run_as_cancelled(
    filled: Store, tmp_path: Path, number: signal.Signals
) -> None:
    with silent() as landing:
        command = (sys.executable, "-m", "etl", "refresh", SOURCE)
        refresh = begun(url_of(filled), tmp_path, *command, **{f"STP_PUBLISHERS__{SOURCE}": landing})
        at_work(filled)
        refresh.send_signal(number)
        said, _ = refresh.communicate(timeout=60)
    assert refresh.returncode == 130
    assert said.strip() == "Stopped. What was not finished was not kept."
    with filled.reading() as connection:
        (run,) = recent_runs(connection, 1)
    assert run.state is RunState.CANCELLED
    assert run.message.startswith("stopped at the terminal by ")
    assert run.finished_at is not None
