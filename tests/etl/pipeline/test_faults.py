"""A publisher's faults, one by one: what is recorded, that the store loses nothing, and that it goes on after."""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing.queues import Queue
from pathlib import Path
from time import monotonic

import openpyxl
import psycopg
import pytest
from sqlalchemy import Connection, Engine, ExceptionContext, event
from sqlalchemy.exc import DBAPIError

from db.domain import FileState, RunState
from db.settings import Settings
from db.store import Store, open_store
from etl.pipeline.fetch import is_transient
from etl.pipeline.progress import Silent
from etl.pipeline.run import RunSummary, load_files, refresh_source
from etl.registry import SOURCES
from etl.source import Source
from tests.support.kept_store import figures, held, last_findings, last_run, rows
from tests.support.postgresql import in_turn
from tests.support.publications.combined_csv import FDS, SIXTY_TWO, line, month, text
from tests.support.publications.faulty_publisher import (
    HOST,
    PAGE,
    Answer,
    Publisher,
    cut_at,
    drip_body,
    give,
    hang_up,
    published,
    refuse,
    reset_at,
    send_on,
)

TODAY = date(2025, 2, 1)
LANDING = "/statistics/statistical-work-areas/cancer-waiting-times/"
YEAR = f"{LANDING}monthly-data-and-summaries/2024-25-monthly-cancer-waiting-times-statistics/"
FIRST = "November-2024-Monthly-Combined-CSV-Provisional.csv"
SECOND = "December-2024-Monthly-Combined-CSV-Provisional.csv"
WORKBOOK = "December-2024-Monthly-Combined-Workbook-Provisional.xlsx"
GOOD = text(month("2024-12-01"))


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with published() as server:
        offer(server, FIRST)
        server.script(f"/uploads/{FIRST}", give(text(month()), "text/csv", ETag='"first"'))
        yield server


def offer(publisher: Publisher, *names: str) -> None:
    """A landing page that links to a year page, and that to files."""
    links = "".join(f'<p><a href="/uploads/{name}">{name}</a></p>' for name in names)
    publisher.script(LANDING, give(f'<p><a href="{YEAR}">2024-25</a></p>'.encode(), PAGE))
    publisher.script(YEAR, give(f"<h2>Files</h2>{links}".encode(), PAGE))


@pytest.fixture
def source(publisher: Publisher) -> Source:
    return replace(SOURCES["cancer_waiting_times"], landing_url=publisher.url(LANDING), allowed_hosts=(HOST,))


@pytest.fixture
def impatient(settings: Settings) -> Settings:
    """Two attempts without pauses, and half a second for a file."""
    quick = {
        "attempts": 2,
        "first_wait_seconds": 0.0,
        "interval_seconds": 0.0,
        "longest_download_seconds": 0.5,
        "longest_wait_seconds": 1.0,
    }
    return settings.model_copy(update={"fetch": settings.fetch.model_copy(update=quick)})


def refresh(store: Store, source: Source, settings: Settings) -> RunSummary:
    return refresh_source(store, source, settings, trigger="schedule", requested_by="a test", today=TODAY)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number in range(2000):
        sheet.append([number, number * 7919 % 104_729, "text"])
    output = io.BytesIO()
    book.save(output)
    book.close()
    return output.getvalue()


def bomb() -> bytes:
    """A workbook of some kilobytes whose sheet would be 40 megabytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 40_000_000)
    return stream.getvalue()


CUT_WORKBOOK = workbook()[:15_000]
CHANGED = GOOD.replace(b"Within,After", b"Inside,After", 1)
COLLAPSED = text([row for row in month("2024-12-01") if row["Org_Code"] in {"RVV", "QKS"}])


@dataclass(frozen=True)
class Fault:
    """What the publisher does, and what is recorded: words of the finding, the held file's kind, and if it passes."""

    answer: Answer
    words: str
    transient: bool = False
    kind: str = ""
    name: str = SECOND


FAULTS = {
    "hung up": Fault(hang_up, "cut short", transient=True),
    "cut in mid-body": Fault(cut_at(GOOD, 900), "cut short", transient=True),
    "reset in mid-body": Fault(reset_at(GOOD, 900), "", transient=True),
    "slow drip": Fault(drip_body, "within 0.5 seconds", transient=True),
    "403": Fault(refuse(403), "the answer 403 (Forbidden)"),
    "404": Fault(refuse(404), "the answer 404 (Not Found)"),
    "429 with Retry-After": Fault(
        refuse(429, Retry_After="3600"), "the answer 429 (Too Many Requests)", transient=True
    ),
    "500 again and again": Fault(refuse(500), "the answer 500 (Internal Server Error)", transient=True),
    "a web page": Fault(give(b"<!DOCTYPE html><p>Sorry", PAGE), "wanted a data file, found a web page"),
    "a web page called a workbook": Fault(
        give(b"<html><p>Sorry", "application/vnd.ms-excel"), "found a web page", name=WORKBOOK
    ),
    "text in a workbook's place": Fault(
        give(b"Please log in", "text/plain"), "bytes that are no xlsx file", name=WORKBOOK
    ),
    "sent elsewhere": Fault(send_on("http://localhost:9/data.csv"), "a redirection to http://localhost:9/"),
    "an empty file": Fault(give(b"", "text/csv"), "an empty answer"),
    "a truncated workbook": Fault(
        give(CUT_WORKBOOK), "is cut short or damaged", kind="layout", name=WORKBOOK
    ),
    "a workbook that is a bomb": Fault(
        give(bomb()), "grows more than 250 times when unpacked", kind="layout", name=WORKBOOK
    ),
    "a changed layout": Fault(give(CHANGED, "text/csv"), "'Within'", kind="layout"),
    "a line cut off": Fault(give(GOOD[:-60], "text/csv"), "fields", kind="layout"),
    "three quarters of the organisations gone": Fault(
        give(COLLAPSED, "text/csv"), "about 4 organisations, found 1", kind="plausibility"
    ),
}


ON_BOTH = (
    "500 again and again",
    "text in a workbook's place",
    "a changed layout",
    "three quarters of the organisations gone",
)
"""One of each thing that is recorded: it may pass or not, words out of the file, a layout and a surprise held."""


@pytest.mark.parametrize(("store_url", "case"), in_turn(FAULTS, both=ON_BOTH), indirect=["store_url"])
def test_a_file_that_cannot_be_had(
    store: Store, publisher: Publisher, source: Source, impatient: Settings, case: str
) -> None:
    fault = FAULTS[case]
    assert refresh(store, source, impatient).state is RunState.SUCCEEDED
    before = figures(store)
    assert len(before["observation"]) == 16
    offer(publisher, FIRST, fault.name)
    url = publisher.script(f"/uploads/{fault.name}", fault.answer)
    summary = refresh(store, source, impatient)
    assert figures(store) == before
    assert last_run(store) == ("failed", "", 0, 1)
    assert summary.transient is fault.transient
    findings = last_findings(store)
    assert {(name, severity) for name, severity, _ in findings} >= {(fault.name, "error")}
    told = " | ".join(message for name, _, message in findings if name == fault.name)
    assert fault.words in told
    assert "Traceback" not in told
    assert fault.kind or url in told
    assert held(store) == ([(fault.name, fault.kind, "held")] if fault.kind else [])
    publisher.script(f"/uploads/{FIRST}", refuse(500))
    offer(publisher, SECOND)
    publisher.script(f"/uploads/{SECOND}", give(GOOD, "text/csv"))
    assert refresh(store, source, impatient).state is RunState.SUCCEEDED
    assert rows(store, "SELECT name FROM source_file ORDER BY id") == [(FIRST,), (SECOND,)]


def test_500_and_then_good_is_no_failure(
    store: Store, publisher: Publisher, source: Source, impatient: Settings
) -> None:
    publisher.script(f"/uploads/{FIRST}", refuse(500), give(text(month()), "text/csv"))
    assert refresh(store, source, impatient).state is RunState.SUCCEEDED
    assert last_run(store) == ("succeeded", "", 1, 0)
    assert last_findings(store) == []


def test_a_body_cut_once_is_completed(
    store: Store, publisher: Publisher, source: Source, impatient: Settings
) -> None:
    publisher.script(f"/uploads/{FIRST}", cut_at(text(month()), 500), give(text(month()), "text/csv"))
    assert refresh(store, source, impatient).state is RunState.SUCCEEDED
    assert rows(store, "SELECT size FROM source_file") == [(len(text(month())),)]


def test_what_has_not_changed_is_asked_for_by_its_tag(
    store: Store, publisher: Publisher, source: Source, impatient: Settings
) -> None:
    refresh(store, source, impatient)
    publisher.script(f"/uploads/{FIRST}", give(b"", status=304))
    assert refresh(store, source, impatient).state is RunState.UNCHANGED
    assert publisher.asked_for(f"/uploads/{FIRST}")[-1]["if-none-match"] == '"first"'


def port_of_nobody() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def page_gone(publisher: Publisher) -> None:
    publisher.script(LANDING, refuse(404))


def page_without_links(publisher: Publisher) -> None:
    publisher.script(LANDING, give(b"<h1>We have moved</h1><a href='/uploads/news.csv'>News</a>", PAGE))


def page_broken(publisher: Publisher) -> None:
    publisher.script(LANDING, refuse(503))


def page_is_a_file(publisher: Publisher) -> None:
    publisher.script(LANDING, give(b"PK\x03\x04", "application/zip"))


PAGES: dict[str, tuple[Callable[[Publisher], None], str, bool]] = {
    "moved away": (page_gone, "wanted a web page, found the answer 404 (Not Found)", False),
    "without the links": (
        page_without_links,
        "wanted links to cancer waiting times files, such as 2026-27-Apr-Jul-Monthly-Combined-CSV-Provisional.csv, "
        "found links to data files 'news.csv'",
        False,
    ),
    "out of order": (page_broken, "found the answer 503 (Service Unavailable)", True),
    "no page": (page_is_a_file, "wanted a web page, found a file of type 'application/zip'", False),
}


@pytest.mark.parametrize(("store_url", "case"), in_turn(PAGES), indirect=["store_url"])
def test_a_page_that_is_not_there_is_named_with_what_was_looked_for(
    store: Store, publisher: Publisher, source: Source, impatient: Settings, case: str
) -> None:
    change, words, transient = PAGES[case]
    refresh(store, source, impatient)
    before = figures(store)
    change(publisher)
    summary = refresh(store, source, impatient)
    state, message, *files = last_run(store)
    assert (state, files) == ("failed", [0, 0])
    assert str(message) == summary.message
    assert publisher.url(LANDING) in summary.message
    assert words in summary.message
    assert summary.transient is transient
    assert figures(store) == before


def test_nobody_listening(store: Store, source: Source, impatient: Settings) -> None:
    refresh(store, source, impatient)
    before = figures(store)
    gone = replace(source, landing_url=f"http://{HOST}:{port_of_nobody()}{LANDING}")
    summary = refresh(store, gone, impatient)
    assert last_run(store)[0] == "failed"
    assert "no connection" in summary.message
    assert summary.transient
    assert figures(store) == before


def test_a_year_page_that_is_out_of_order_passes(
    store: Store, publisher: Publisher, source: Source, impatient: Settings
) -> None:
    refresh(store, source, impatient)
    publisher.script(LANDING, give(f'<a href="{YEAR}">x</a> <a href="/uploads/{FIRST}">y</a>'.encode(), PAGE))
    publisher.script(YEAR, refuse(503))
    summary = refresh(store, source, impatient)
    assert (summary.state, summary.transient) == (RunState.FAILED, True)
    assert any("503" in message and YEAR in message for _, _, message in last_findings(store))


# A store that another program has locked


@contextmanager
def locked(store: Store, url: str) -> Iterator[None]:
    """Another program's transaction on the store's figures, which ours waits for a moment only."""
    waits = {"sqlite": "PRAGMA busy_timeout = 100", "postgresql": "SET LOCAL lock_timeout = '100ms'"}

    def impatiently(connection: Connection) -> None:
        connection.exec_driver_sql(waits[connection.dialect.name])

    event.listen(store.engine, "begin", impatiently)
    figures(store)
    other = open_store(url, prepare=False)
    try:
        with other.writing() as connection:
            if store.engine.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE observation IN ACCESS EXCLUSIVE MODE")
            released = _released_by_the_first_error(store.engine, connection)
            yield
            assert released
    finally:
        event.remove(store.engine, "begin", impatiently)
        other.close()


def _released_by_the_first_error(engine: Engine, lock: Connection) -> list[str]:
    errors: list[str] = []

    def release(context: ExceptionContext) -> None:
        errors.append(str(context.original_exception))
        if len(errors) == 1:
            lock.rollback()

    event.listen(engine, "handle_error", release)
    return errors


class LockedWhenTheFileComes(Silent):
    """Progress by which the lock is taken when the file's turn comes."""

    def __init__(self, take: Callable[[], None]) -> None:
        self._take = take

    def file_started(self, name: str) -> None:
        self._take()


def test_a_store_that_is_locked_while_a_file_is_written(
    store: Store, store_url: str, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    load_files(store, [write(FIRST, text(month()))], settings)
    before = figures(store)
    second = write(SECOND, GOOD)
    lock = locked(store, store_url)
    watcher = LockedWhenTheFileComes(lock.__enter__)
    summary = load_files(store, [second], settings, progress=watcher)
    lock.__exit__(None, None, None)
    assert (summary.state, summary.transient) == (RunState.FAILED, True)
    assert "the store could not be written:" in summary.results[0].message
    assert "lock" in summary.results[0].message
    assert figures(store) == before
    assert last_run(store) == ("failed", "", 0, 1)
    assert held(store) == []
    assert load_files(store, [second], settings).state is RunState.SUCCEEDED


@pytest.mark.postgresql
def test_a_server_that_drops_its_connections_in_mid_load(
    new_postgresql_url: str, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    first, second = write(FIRST, text(month())), write(SECOND, GOOD)
    with closing(open_store(new_postgresql_url)) as store:
        load_files(store, [first], settings)
        before = figures(store)
        with psycopg.connect(new_postgresql_url) as other:
            other.execute("LOCK TABLE observation IN ACCESS EXCLUSIVE MODE")
            dropping = threading.Thread(target=drop_who_waits, args=(new_postgresql_url,))
            dropping.start()
            waiting = load_files(store, [second], settings, progress=UnlockedAfterwards(other))
            dropping.join()
        assert (waiting.state, waiting.transient) == (RunState.FAILED, True)
        assert "the store could not be written: terminating connection" in waiting.results[0].message
        assert figures(store) == before
        assert load_files(store, [second], settings).state is RunState.SUCCEEDED


def drop_who_waits(url: str) -> None:
    """End the connection of whoever waits for a lock, as a server that is restarted does."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with psycopg.connect(url, autocommit=True) as server:
        deadline = monotonic() + 30
        while not server.execute(ended).fetchall():
            assert monotonic() < deadline


class UnlockedAfterwards(Silent):
    """Gives the lock up when the file is done."""

    def __init__(self, lock: psycopg.Connection) -> None:
        self._lock = lock

    def file_finished(self, name: str, outcome: str) -> None:
        self._lock.rollback()


def test_a_store_that_stays_locked_is_said_to_the_caller(
    sqlite_url: str, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    path = write(FIRST, text(month()))
    with closing(open_store(sqlite_url)) as store, closing(open_store(sqlite_url)) as other:
        event.listen(store.engine, "begin", _hardly_waiting)
        before = figures(store)
        with other.writing(), pytest.raises(DBAPIError, match="database is locked") as caught:
            load_files(store, [path], settings)
        assert is_transient(caught.value)
        assert figures(store) == before
        assert rows(store, "SELECT count(*) FROM load_run") == [(0,)]
        assert load_files(store, [path], settings).state is RunState.SUCCEEDED


def _hardly_waiting(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA busy_timeout = 50")


# A full disk


def load_in_limits(url: str, path: Path, settings: Settings, most: int | None, told: Queue[object]) -> None:
    """In a process of its own, which may be kept from writing files beyond a size."""
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    store = open_store(url)
    summary = load_files(store, [path], settings, requested_by="a test")
    store.close()
    told.put((summary.state, summary.transient, summary.results[0].message))


def loaded_elsewhere(
    url: str, path: Path, settings: Settings, most: int | None
) -> tuple[RunState, bool, str]:
    context = multiprocessing.get_context("spawn")
    told: Queue[object] = context.Queue()
    child = context.Process(target=load_in_limits, args=(url, path, settings, most, told))
    child.start()
    answer = told.get(timeout=120)
    child.join()
    told.close()
    assert child.exitcode == 0
    assert isinstance(answer, tuple)
    return answer


@contextmanager
def small_disk(megabytes: int, owner: str = "root") -> Iterator[Path | None]:
    """A disk of a few megabytes, its folder's; None where this user may not mount one."""
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    folder.chmod(0o755)
    options = f"size={megabytes}m,mode=700,uid={owner},gid={owner}"
    may = getattr(os, "geteuid", lambda: 1)() == 0 and shutil.which("mount")
    mounted = (
        may
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
        == 0
    )
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def large_month() -> bytes:
    """A month of 16,000 rows, two megabytes or so, whose totals are near those of `month`, with its members."""
    return text(
        [
            *(row for row in month("2024-12-01") if row["Org_Code"] != "Total"),
            *(
                line(basis, f"{letter}{number:04}", (1, 1), period="2024-12-01", what=what)
                for basis, letter in (("Provider", "A"), ("Commissioner", "B"))
                for what in (FDS, SIXTY_TWO)
                for number in range(4000)
            ),
        ]
    )


def test_a_full_disk_under_sqlite(
    sqlite_url: str, tmp_path: Path, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    first, second = write(FIRST, text(month())), write(SECOND, large_month())
    with small_disk(2) as disk:
        folder = disk or tmp_path
        path = folder / "small.sqlite"
        shutil.copy(tmp_path / "store.sqlite", path)
        url, most = f"sqlite:///{path}", None if disk else 2_000_000
        with closing(open_store(url)) as store:
            assert load_files(store, [first], settings).state is RunState.SUCCEEDED
            before = figures(store)
            state, transient, message = loaded_elsewhere(url, second, settings, most)
            assert (state, transient) == (RunState.FAILED, False)
            assert "the store could not be written: " in message
            assert ("disk is full" if disk else "disk I/O error") in message
            assert figures(store) == before
            assert last_run(store) == ("failed", "", 0, 1)
            assert [name for name, severity, _ in last_findings(store) if severity == "error"] == [SECOND]
            assert held(store) == []
            assert rows(store, "PRAGMA integrity_check") == [("ok",)]
        roomy = tmp_path / "roomy.sqlite"
        shutil.copy(path, roomy)
    with closing(open_store(f"sqlite:///{roomy}")) as store:
        assert load_files(store, [second], settings).state is RunState.SUCCEEDED


@pytest.mark.postgresql
def test_a_full_disk_under_postgresql(
    postgresql_server: str,
    postgresql_template: str,
    settings: Settings,
    write: Callable[[str, bytes], Path],
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk for PostgreSQL")
    first, second = write(FIRST, text(month())), write(SECOND, large_month())
    with small_disk(40, owner="postgres") as disk:
        if disk is None:
            pytest.skip("this machine does not let root mount a small disk")
        with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as server:
            server.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
            server.execute(f"CREATE DATABASE full_disk TEMPLATE {postgresql_template} TABLESPACE small")
            try:
                with closing(open_store(f"{postgresql_server}/full_disk")) as store:
                    load_files(store, [first], settings)
                    (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 1_000_000))
                    _refused_for_want_of_room(store, settings, second)
                    (disk / "ballast").unlink()
                    assert load_files(store, [second], settings).state is RunState.SUCCEEDED
            finally:
                server.execute("DROP DATABASE full_disk WITH (FORCE)")
                server.execute("DROP TABLESPACE small")


def _refused_for_want_of_room(store: Store, settings: Settings, second: Path) -> None:
    before = figures(store)
    (result,) = load_files(store, [second], settings).results
    assert (result.state, result.transient) == (FileState.REFUSED, False)
    assert "No space left on device" in result.message
    assert figures(store) == before
    state, message, *files = last_run(store)
    assert (state, files) == ("failed", [0, 1])
    assert "No space left on device" in str(message) or len(last_findings(store)) == 1
    assert held(store) == []


def test_a_full_disk_under_the_raw_files(
    sqlite_url: str,
    settings: Settings,
    tmp_path: Path,
    write: Callable[[str, bytes], Path],
) -> None:
    path = write(SECOND, large_month())
    with small_disk(1) as disk:
        folder = disk or tmp_path / "raw"
        stored = settings.store.model_copy(update={"raw_folder": folder})
        small = settings.model_copy(update={"store": stored})
        state, transient, message = loaded_elsewhere(sqlite_url, path, small, None if disk else 1_000_000)
        assert (state, transient) == (RunState.FAILED, False)
        assert message.startswith(f"the file cannot be kept in {folder}: ")
        assert [item for item in folder.rglob("*") if item.is_file()] == []
    with closing(open_store(sqlite_url)) as store:
        assert rows(store, "SELECT count(*) FROM observation") == [(0,)]
        assert held(store) == []
        assert last_run(store) == ("failed", "", 0, 1)
