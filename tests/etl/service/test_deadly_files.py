"""Files that end the process that reads them: held after two deaths, told, and gone from the folder of uploads."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest
from openpyxl import Workbook
from sqlalchemy import func, select, update

from db.domain import RunState
from db.domain.file import HeldKind, HeldState
from db.domain.run import Run, RunKind
from db.service.held_files import held_file_by_id, held_files
from db.service.incidents import IncidentKind, incidents, update_incidents
from db.service.queue import request_run
from db.service.uploads import clean_uploads
from db.settings import Settings, load_settings
from db.store import Store, open_store
from db.store.schema import file_being_read, load_run
from etl.pipeline.hold import retry
from etl.pipeline.load_or_hold import DEATHS_BEFORE_HOLDING
from etl.pipeline.recognise import NOT_ENOUGH_MEMORY, parsed_file, source_of
from etl.service.dispatch import Dispatcher
from etl.service.worker import limit_memory
from etl.source import Hints, RawFile, SourceError
from tests.support.refreshing import Deadline, environment, leads
from tests.support.runs import run_of

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROWS, _COLUMNS = 90_000, "ABCDEFGHIJ"


@pytest.fixture
def local_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment(tmp_path, "http://127.0.0.1:9/").items():
        monkeypatch.setenv(name, value)
    return load_settings()


def slow_workbook() -> bytes:
    """A workbook of no source that takes long enough to read to be met at it."""
    rows = "".join(
        f'<row r="{row}">{"".join(f"<c r={chr(34)}{column}{row}{chr(34)}><v>1</v></c>" for column in _COLUMNS)}</row>'
        for row in range(1, _ROWS + 1)
    )
    empty, kept = io.BytesIO(), io.BytesIO()
    Workbook().save(empty)
    with zipfile.ZipFile(empty) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            new.writestr(name, sheet if "worksheets/" in name else old.read(name), compresslevel=1)
    return kept.getvalue()


def uploaded(settings: Settings, name: str, content: bytes) -> Path:
    path = settings.uploads_folder / "0123456789abcdef" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def asked(store: Store, path: Path) -> int:
    run_id = request_run(
        store, None, kind=RunKind.LOAD, trigger="upload", by="an operator", request={"path": str(path)}
    )
    assert run_id is not None
    return run_id


def reader(store: Store, run_id: int) -> int | None:
    """The process that is reading a file of a run at this moment."""
    with store.reading() as connection:
        reading = select(file_being_read.c.id).where(
            file_being_read.c.load_run_id == run_id,
            file_being_read.c.attempt == load_run.c.attempt,
            file_being_read.c.died.is_(False),
        )
        running = select(load_run.c.process).where(
            load_run.c.id == run_id, load_run.c.state == RunState.RUNNING.value, reading.exists()
        )
        process = connection.execute(running).scalar()
    return int(process.rpartition(":")[2]) if process else None


def killed_while_reading(store: Store, settings: Settings, run_id: int) -> tuple[int, Run]:
    """Kill every process that reads a file of a run, until the run ends: how many there were, and the run."""
    deadline, waiting, kills = Deadline(120), threading.Event(), 0
    with Dispatcher(store, leads(store, settings), settings.scheduler) as runs:
        while (run := run_of(store, run_id)).state in {RunState.QUEUED, RunState.RUNNING} and deadline(
            "it ends"
        ):
            runs.watch()
            runs.begin()
            if (found := reader(store, run_id)) and found != os.getpid() and psutil.pid_exists(found):
                psutil.Process(found).kill()
                kills += 1
                while not runs.idle:
                    runs.watch()
            waiting.wait(0.01)
        while not runs.idle:
            runs.watch()
    return kills, run


def test_a_file_that_ends_its_reader_twice_is_held_and_told(local_store: Store, settings: Settings) -> None:
    path = uploaded(settings, "slow.xlsx", slow_workbook())
    kills, run = killed_while_reading(local_store, settings, asked(local_store, path))
    assert (kills, run.attempt, run.state) == (DEATHS_BEFORE_HOLDING, 3, RunState.FAILED)
    assert "died 2 times" in run.message
    assert not path.exists()
    with local_store.writing() as connection:
        (held,) = held_files(connection, HeldState.HELD)
        update_incidents(connection)
        (incident,) = incidents(connection, open_only=True)
    assert (held.kind, held.name, Path(held.path).is_file()) == (HeldKind.DEADLY, "slow.xlsx", True)
    assert (incident.kind, incident.source) == (IncidentKind.FAILURE, "files")
    assert "slow.xlsx" in incident.message
    assert clean_uploads(local_store, settings) in {0, 1}
    assert not path.parent.exists()
    again = retry(local_store, settings, held.id, by="an operator")
    assert "its content is of none of them" in again.message
    with local_store.writing() as connection:
        assert held_file_by_id(connection, held.id).kind is HeldKind.LAYOUT
        assert connection.execute(select(func.count()).select_from(file_being_read)).scalar() == 0
        update_incidents(connection)
        assert incidents(connection, open_only=True) == []


def _refused_in(megabytes: int, content: bytes) -> str:
    limit_memory(megabytes)
    try:
        raw = RawFile("General Practice - July 2025 Practice Level - High level.csv", content)
        source = source_of(raw)
        assert source.id == "general_practice_workforce"
        parsed_file(source, raw, Hints())
    except SourceError as error:
        return str(error)
    return ""


def test_a_file_for_which_there_is_not_enough_memory_is_refused_by_a_sentence() -> None:
    head = b"PRAC_CODE,PRAC_NAME,STAFF_GROUP,DETAILED_STAFF_ROLE,MEASURE,VALUE\n"
    rows = (
        f"{chr(65 + number // 100_000)}{number % 100_000:05},PRACTICE {number},GP,Total,FTE,1.5\n"
        for number in range(1_500_000)
    )
    content = head + "".join(rows).encode()
    with get_context("spawn").Pool(1) as pool:
        assert NOT_ENOUGH_MEMORY in pool.apply(_refused_in, (700, content))


def test_a_worker_has_no_more_memory_than_the_setting_says(local_store: Store, settings: Settings) -> None:
    run_id = asked(local_store, uploaded(settings, "slow.xlsx", slow_workbook()))
    deadline, waiting, limits = Deadline(60), threading.Event(), (0, 0)
    with Dispatcher(local_store, leads(local_store, settings), settings.scheduler) as runs:
        while limits == (0, 0) and deadline("a worker reads"):
            runs.watch()
            runs.begin()
            if found := reader(local_store, run_id):
                limits = psutil.Process(found).rlimit(psutil.RLIMIT_AS)
            waiting.wait(0.01)
    assert limits == (settings.scheduler.memory_megabytes * 1024 * 1024,) * 2


def test_the_folder_of_uploads_keeps_what_is_still_to_be_read(local_store: Store, settings: Settings) -> None:
    path = uploaded(settings, "waiting.csv", b"a,b\n")
    run_id = asked(local_store, path)
    unfiled = settings.uploads_folder / "fedcba9876543210"
    unfiled.mkdir()
    assert clean_uploads(local_store, settings) == 0
    with local_store.writing() as connection:
        connection.execute(
            update(load_run).where(load_run.c.id == run_id).values(state=RunState.ABANDONED.value)
        )
    assert clean_uploads(local_store, settings) == 1
    assert not path.exists()
    long_ago = (datetime.now(UTC) - timedelta(days=1, minutes=1)).timestamp()
    os.utime(unfiled, (long_ago, long_ago))
    assert clean_uploads(local_store, settings) == 1
    assert list(settings.uploads_folder.iterdir()) == []
