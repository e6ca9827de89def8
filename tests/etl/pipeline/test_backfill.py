"""Backfill: planned first, one file at a time, resumable, and never two of one source at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from db.catalogue import load_catalogue
from db.domain import FileState, Period, RunKind, RunState, Severity
from db.service.runs import create_run
from db.settings import Settings
from db.store import Store, open_store
from db.store.schema import load_run
from etl.__main__ import application
from etl.demo.edition import published_at
from etl.demo.publication import Size
from etl.demo.server import served
from etl.demo.ssnap.publisher import StrokePublisher
from etl.pipeline import backfill
from etl.pipeline.backfill import BackfillPlan, Mode
from etl.pipeline.progress import Silent
from etl.pipeline.run import load_files
from etl.registry import SOURCES
from etl.source import Source, SourceError
from tests.support.kept_store import figures, last_run, rows
from tests.support.publications.combined_csv import month, text
from tests.support.publications.faulty_publisher import HOST, PAGE, Publisher, give, published, refuse
from tests.support.releases import publish_in_turn

LANDING = "/statistics/statistical-work-areas/cancer-waiting-times/"
INDEX = f"{LANDING}monthly-data-and-summaries/"
TODAY = date(2026, 2, 20)
FIRST, LAST = Period.month(2023, 10), Period.month(2025, 12)
MONTHS = [Period.month(2023 + (9 + n) // 12, (9 + n) % 12 + 1) for n in range(27)]


def year_of(month: Period) -> int:
    return month.start.year if month.start.month >= 4 else month.start.year - 1


def year_page(year: int) -> str:
    return f"{INDEX}{year}-{(year + 1) % 100:02}-monthly-cancer-waiting-times-statistics/"


def file_of(month: Period) -> str:
    return f"/uploads/sites/2/2026/02/{month.start:%B-%Y}-Monthly-Combined-CSV-Final.csv"


def links(*paths: str, words: str = "CSV, 12KB") -> bytes:
    return "".join(
        f'<p><a href="{path}">{path.rsplit("/", 1)[-1]} ({words})</a></p>' for path in paths
    ).encode()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Twenty-seven months of files on the pages of three financial years; the landing page leads to the years."""
    with published() as server:
        years = sorted({year_of(item) for item in MONTHS})
        server.script(LANDING, give(links(*map(year_page, years)), PAGE))
        for year in years:
            files = [file_of(item) for item in MONTHS if year_of(item) == year]
            server.script(year_page(year), give(links(*files), PAGE))
        for item in MONTHS:
            server.script(file_of(item), give(content_of(item), "text/csv"))
        yield server


def content_of(item: Period) -> bytes:
    return text(month(item.start.isoformat()))


@pytest.fixture
def source(publisher: Publisher) -> Source:
    return replace(SOURCES["cancer_waiting_times"], landing_url=publisher.url(LANDING), allowed_hosts=(HOST,))


@pytest.fixture
def quick(settings: Settings) -> Settings:
    changes = {"attempts": 1, "interval_seconds": 0.0}
    return settings.model_copy(update={"fetch": settings.fetch.model_copy(update=changes)})


def planned(
    store: Store, settings: Settings, source: Source, first: Period = FIRST, last: Period = LAST, **more: str
) -> BackfillPlan:
    return backfill.plan(store, settings, source, first, last, today=TODAY, mode=more.get("mode", "missing"))


def names(files: Sequence[backfill.PlannedFile]) -> list[str]:
    return [file.remote.name for file in files]


def months_in_store(store: Store) -> list[int]:
    return [int(str(key)) for (key,) in rows(store, "SELECT DISTINCT period_id FROM observation ORDER BY 1")]


def test_a_plan_reads_pages_of_years_that_a_refresh_leaves_alone_and_loads_nothing(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    recent = source.discover(lambda url: publisher_page(publisher, url), source.landing_url, TODAY)
    assert len(recent.files) == 21
    found = planned(store, quick, source)
    assert [(file.remote.first, file.remote.last) for file in found.files] == [
        (item.start, item.end) for item in MONTHS
    ]
    assert (found.wanted, found.months_held, found.months_not_offered) == (found.files, (), ())
    assert {file.size for file in found.files} == {12_000}
    assert found.known_size == 27 * 12_000
    asked = [path for path, _ in publisher.asked]
    assert not any(path.startswith("/uploads") for path in asked)
    assert len(asked) == len(set(asked)) == 4
    assert rows(store, "SELECT count(*) FROM load_run") == [(0,)]


def publisher_page(publisher: Publisher, url: str) -> str:
    years = {publisher.url(year_page(year)): year for year in (2023, 2024, 2025)}
    if url in years:
        return links(*(file_of(item) for item in MONTHS if year_of(item) == years[url])).decode()
    return links(*(year_page(year) for year in years.values())).decode()


def test_only_files_that_meet_the_range_are_planned(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    found = planned(store, quick, source, Period.month(2024, 3), Period.month(2024, 5))
    assert names(found.files) == [
        f"{name}-2024-Monthly-Combined-CSV-Final.csv" for name in ("March", "April", "May")
    ]


def test_sizes_are_asked_for_where_the_page_does_not_say(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    files = [file_of(item) for item in MONTHS if year_of(item) == 2025]
    publisher.script(year_page(2025), give(links(*files, words="CSV"), PAGE))
    publisher.script(files[0], refuse(405))
    found = planned(store, quick, source, Period.month(2025, 4), Period.month(2025, 5))
    assert [file.size for file in found.files] == [None, len(content_of(Period.month(2025, 5)))]
    assert [headers[":method"] for headers in publisher.asked_for(files[1])] == ["HEAD"]


def test_missing_leaves_out_what_is_held_and_all_does_not(
    store: Store, publisher: Publisher, source: Source, quick: Settings, tmp_path: Path
) -> None:
    by_hand = tmp_path / file_of(MONTHS[0]).rsplit("/", 1)[-1]
    by_hand.write_bytes(content_of(MONTHS[0]))
    load_files(store, [by_hand], quick)
    backfill.run(store, quick, planned(store, quick, source, MONTHS[1], MONTHS[2]))
    missing = planned(store, quick, source, MONTHS[0], MONTHS[3])
    assert [(file.held, file.wanted) for file in missing.files] == [
        (True, False),
        (True, False),
        (True, False),
        (False, True),
    ]
    assert missing.months_held == tuple(MONTHS[:3])
    everything = planned(store, quick, source, MONTHS[0], MONTHS[3], mode="all")
    assert [file.wanted for file in everything.files] == [True] * 4
    summary = backfill.run(store, quick, everything)
    assert [result.state for result in summary.results] == [FileState.UNCHANGED] * 3 + [FileState.LOADED]


def test_a_revision_is_loaded_by_all_and_left_by_missing(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    backfill.run(store, quick, planned(store, quick, source, MONTHS[0], MONTHS[1]))
    changed = text(month(MONTHS[0].start.isoformat(), change=7))
    publisher.script(file_of(MONTHS[0]), give(changed, "text/csv"))
    assert planned(store, quick, source, MONTHS[0], MONTHS[1]).wanted == ()
    summary = backfill.run(store, quick, planned(store, quick, source, MONTHS[0], MONTHS[1], mode="all"))
    assert [result.state for result in summary.results] == [FileState.LOADED, FileState.UNCHANGED]
    assert summary.totals.counts.revised > 0


def test_months_that_nobody_offers_are_said(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    kept = [file_of(item) for item in MONTHS if year_of(item) == 2024 and item.start.month != 7]
    publisher.script(year_page(2024), give(links(*kept), PAGE))
    found = planned(store, quick, source, Period.month(2023, 9), Period.month(2024, 8))
    assert found.months_not_offered == (Period.month(2023, 9), Period.month(2024, 7))
    words = list(found.lines())
    assert "not offered: July 2024" in words
    assert words[-1] == "10 of 10 files to load, 0.1 MB known; 0 of 12 months have figures"
    assert "load October-2023-Monthly-Combined-CSV-Final.csv: October 2023 to October 2023, 0.0 MB" in words


def test_a_run_loads_the_plan_and_records_what_it_did(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    class Watcher(Silent):
        seen: list[str]

        def files(self, total: int) -> None:
            self.seen = [str(total)]

        def file_finished(self, name: str, outcome: str) -> None:
            self.seen.append(outcome)

    watcher = Watcher()
    summary = backfill.run(
        store, quick, planned(store, quick, source, MONTHS[0], MONTHS[5]), watcher, by="Operator"
    )
    assert watcher.seen == ["6", *["loaded"] * 6]
    assert months_in_store(store) == [item.key for item in MONTHS[:6]]
    assert last_run(store) == ("succeeded", "", 6, 0)
    assert rows(store, "SELECT source, trigger, requested_by FROM load_run") == [
        ("cancer_waiting_times", "backfill", "Operator")
    ]
    assert summary.totals.files[FileState.LOADED] == 6


def test_a_fault_in_the_middle_is_its_files_own_and_the_next_go_brings_the_rest(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    publisher.script(file_of(MONTHS[2]), refuse(503))
    summary = backfill.run(store, quick, planned(store, quick, source, MONTHS[0], MONTHS[4]))
    assert (summary.state, summary.transient) == (RunState.FAILED, True)
    assert last_run(store) == ("failed", "", 4, 1)
    publisher.script(file_of(MONTHS[2]), give(content_of(MONTHS[2]), "text/csv"))
    again = planned(store, quick, source, MONTHS[0], MONTHS[4])
    assert names(again.wanted) == ["December-2023-Monthly-Combined-CSV-Final.csv"]
    assert backfill.run(store, quick, again).state is RunState.SUCCEEDED
    assert months_in_store(store) == [item.key for item in MONTHS[:5]]


KILLED = MONTHS[0], MONTHS[11]
"""A year's files, of which the killed process has loaded three or more."""


def _work(url: str, settings: Settings, landing: str) -> None:
    source = replace(SOURCES["cancer_waiting_times"], landing_url=landing, allowed_hosts=(HOST,))
    with closing(open_store(url)) as store:
        backfill.run(store, settings, planned(store, settings, source, *KILLED))


def started(url: str, settings: Settings, landing: str) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["etl.pipeline.backfill"])
    process = context.Process(target=_work, args=(url, settings, landing))
    process.start()
    return process


def test_killed_half_way_it_goes_on(
    store: Store, store_url: str, publisher: Publisher, source: Source, quick: Settings
) -> None:
    victim = started(store_url, quick, source.landing_url)
    while victim.is_alive() and len(rows(store, "SELECT id FROM source_file")) < 3:
        victim.join(timeout=0.01)
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    loaded = len(rows(store, "SELECT id FROM source_file"))
    assert 3 <= loaded < 12
    assert last_run(store)[0] == "running"
    rest = planned(store, quick, source, *KILLED)
    assert len(rest.wanted) == 12 - loaded
    asked = publisher.requests
    assert backfill.run(store, quick, rest).state is RunState.SUCCEEDED
    assert publisher.requests - asked == 12 - loaded
    assert months_in_store(store) == [item.key for item in MONTHS[:12]]
    assert rows(store, "SELECT state FROM load_run ORDER BY id") == [("abandoned",), ("succeeded",)]


def test_there_are_never_two_of_one_source(
    store: Store, source: Source, quick: Settings, publisher: Publisher
) -> None:
    other = create_run(
        store, source=source.id, kind=RunKind.BACKFILL, trigger="backfill", requested_by="Operator"
    )
    elsewhere = create_run(
        store, source="ssnap", kind=RunKind.BACKFILL, trigger="backfill", requested_by="Operator"
    )
    assert elsewhere is not None
    plan = planned(store, quick, source, MONTHS[0], MONTHS[0])
    with pytest.raises(SourceError, match=rf"another backfill is at work \(run {other}\)"):
        backfill.run(store, quick, plan)
    assert last_run(store)[0] == "failed"
    assert months_in_store(store) == []
    with store.writing() as connection:
        connection.execute(update(load_run).where(load_run.c.id == other).values(state="succeeded"))
    assert backfill.run(store, quick, plan).state is RunState.SUCCEEDED


def test_the_queue_asks_for_a_backfill(
    store: Store, source: Source, quick: Settings, publisher: Publisher
) -> None:
    mine = create_run(store, source=source.id, kind=RunKind.BACKFILL, trigger="page", requested_by="Operator")
    request = {
        "source": source.id,
        "first": "2023-10",
        "last": "2023-12",
        "mode": "missing",
    }
    dry = backfill.run_backfill_request(
        store, quick, request | {"dry_run": True}, by="Operator", run_id=mine, source=source, today=TODAY
    )
    assert (dry.run_id, dry.results, dry.failed) == (mine, (), False)
    assert months_in_store(store) == []
    told = rows(store, "SELECT message FROM finding WHERE \"check\" = 'backfill plan' ORDER BY id")
    assert len(told) == 4
    assert str(told[-1][0]).startswith("3 of 3 files to load")
    summary = backfill.run_backfill_request(
        store, quick, request, by="Operator", run_id=mine, source=source, today=TODAY
    )
    assert summary.totals.files[FileState.LOADED] == 3
    assert rows(store, "SELECT id, state FROM load_run") == [(mine, "running")]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"source": "weather", "first": "2023-10", "last": "2023-12"}, "wanted one of the sources"),
        (
            {"source": "ssnap", "first": "soon", "last": "2023-12"},
            "wanted a month such as 2022-04, found 'soon'",
        ),
        ({"source": "ssnap", "first": "2023-13", "last": "2023-12"}, "found '2023-13'"),
        ({"source": "ssnap", "first": "2023-12", "last": "2023-10"}, "the first not after the last"),
        ({"source": "ssnap", "first": "1999-12", "last": "2023-10"}, "from April 2007 on"),
        ({"source": "ssnap", "first": "2023-10", "last": "2023-10", "mode": "some"}, "missing or all"),
    ],
)
def test_a_request_that_cannot_be_read_is_said_plainly(
    sqlite_url: str, quick: Settings, request_: dict[str, str], words: str
) -> None:
    with closing(open_store(sqlite_url)) as store, pytest.raises(SourceError, match=words):
        backfill.run_backfill_request(store, quick, request_)


def test_pages_that_cannot_be_read_are_named(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    publisher.script(LANDING, refuse(404))
    with pytest.raises(SourceError, match="wanted a web page, found the answer 404"):
        planned(store, quick, source)


def test_a_year_page_that_is_gone_is_a_finding_and_the_run_is_no_success(
    store: Store, publisher: Publisher, source: Source, quick: Settings
) -> None:
    publisher.script(year_page(2023), refuse(404))
    found = planned(store, quick, source)
    assert found.months_not_offered == tuple(MONTHS[:6])
    (finding,) = [item for item in found.findings if item.severity is Severity.ERROR]
    assert publisher.url(year_page(2023)) in finding.message
    before = figures(store)
    few = replace(found, files=found.files[:1])
    assert backfill.run(store, quick, few).state is RunState.FAILED
    assert figures(store) != before


def test_the_demonstration_publisher_of_the_stroke_audit(
    sqlite_url: str, quick: Settings, tmp_path: Path
) -> None:
    day = date(2026, 11, 21)
    publisher = StrokePublisher(tmp_path, load_catalogue(), day, Size.SMALL)
    list(publish_in_turn(publisher))
    with closing(open_store(sqlite_url)) as store, served(tmp_path) as address:
        source = published_at(SOURCES["ssnap"], address)
        first, last = Period.month(2025, 10), Period.month(2026, 3)
        found = backfill.plan(store, quick, source, first, last, today=day)
        assert {file.remote.last for file in found.files} >= {date(2025, 12, 31), date(2026, 3, 31)}
        assert all(file.size for file in found.files)
        assert backfill.run(store, quick, found).state is RunState.SUCCEEDED
        after = backfill.plan(store, quick, source, first, last, today=day)
        assert (after.wanted, after.months_not_offered) == ((), ())
        assert len(after.months_held) == 6


def test_the_command(
    sqlite_url: str, settings: Settings, source: Source, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("STP_PUBLISHERS", f'{{"cancer_waiting_times": "{source.landing_url}"}}')
    monkeypatch.setenv("STP_FETCH__INTERVAL_SECONDS", "0")

    def run(*arguments: str) -> Result:
        done = CliRunner().invoke(application, ["backfill", *arguments, "--database", sqlite_url])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    months = ("--from", "2025-11", "--to", "2025-12")
    dry = run("cancer_waiting_times", *months, "--dry-run")
    assert dry.exit_code == 0
    assert "load December-2025-Monthly-Combined-CSV-Final.csv: December 2025 to December 2025" in dry.output
    done = run("cancer_waiting_times", *months)
    assert "2 files loaded, 0 unchanged, 0 refused." in done.output
    again = run("cancer_waiting_times", *months)
    assert "held December-2025-Monthly-Combined-CSV-Final.csv" in again.output
    assert "0 of 2 files to load" in again.output
    everything = run("cancer_waiting_times", *months, "--all")
    assert "0 files loaded, 2 unchanged, 0 refused." in everything.output
    wrong = run("cancer_waiting_times", "--from", "soon", "--to", "2025-12")
    assert (wrong.exit_code, "Error: wanted a month such as 2022-04" in wrong.output) == (1, True)


def test_modes_have_their_names() -> None:
    assert (Mode("missing"), Mode("all")) == (Mode.MISSING, Mode.ALL)
