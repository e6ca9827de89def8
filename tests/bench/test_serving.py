"""The site as deployed: PostgreSQL, gunicorn with two workers, 200 viewers, and a refresh that loads meanwhile.

Server, database, loader and the viewers' locust share this machine.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryFile
from threading import Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from db.catalogue import load_catalogue
from db.domain import OrganisationType
from db.figures.code_lists import read_code_lists
from db.settings import Settings
from db.store import Store, open_store
from db.store.data_state import raise_data_version
from etl.demo.edition import run_demonstration
from etl.demo.general_practice_workforce.publisher import WorkforcePublisher
from etl.demo.publication import Size
from stp_dash.application import create_app
from stp_dash.frame.request import Site
from stp_dash.pages import PAGES
from stp_dash.web.document import BrowserRequest
from stp_dash.web.router import Router
from tests.bench.measuring import Figure, alternate, memory_megabytes, note, peer
from tests.bench.serving import (
    ADDRESSES,
    ROOT,
    Asking,
    Served,
    gunicorn,
    page_request,
    proportional_megabytes,
    read_answers,
)
from tests.support.seed import seeded_store, three_subjects

PART = "serving"
PRACTICES = "general_practice_workforce"
"""The source that a month of is loaded from while readers go on: the largest."""
VIEWERS, SECONDS, ARRIVALS = 200, int(os.environ.get("BENCH_SECONDS", "90")), 4
EDITION = Size(os.environ.get("BENCH_EDITION", Size.STANDARD))
SLOWEST_MS, QUIET_MS, MOST_MEGABYTES, MOST_SPREAD = 300, 60, 250, 5
FIRST_MS, FIRST_MEDIAN_MS = 150, 60
MOST_COST, LEAST_ANSWERS = 1.5, 0.6
ADDRESSES_ASKED = 2_000
BEHIND = timedelta(days=int(os.environ.get("BENCH_LATER", "62")))
"""How much earlier the database was filled than the files came out that are loaded beside the viewers."""
TRUSTS = ("RVV", "RWF", "RPA", "RN7", "QKS")
VISITORS = Path(__file__).with_name("peers") / "visitors.py"
UPDATE = "/_dash-update-component"


def walked() -> list[str]:
    """The pages that people visit, each as often as it is: some 170 addresses, the overview a quarter of all visits."""
    known = list(load_catalogue().indicators)
    variation = [f"/variation?indicator={name}" for name in known]
    trends = [f"/trend?indicator={name}&organisation={code}" for name in known for code in TRUSTS]
    profiles = [f"/organisation?organisation={code}" for code in TRUSTS] * 4
    rest = ["/staffing", "/methods", "/glossary", "/data"] * 4 + [
        f"/data?indicator={name}" for name in known[:8]
    ]
    return variation * 2 + trends + profiles + rest + ["/"] * 70


@pytest.fixture(scope="module")
def database(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The demonstration in PostgreSQL as of two months ago, of four million observations: BENCH_EDITION may choose a
    smaller or larger one, and BENCH_DATABASE name a database that holds one already (`etl demo --today`)."""
    if named := os.environ.get("BENCH_DATABASE"):
        return named
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE served")
    url, raw = f"{postgresql_server}/served", tmp_path_factory.mktemp("raw")
    with closing(open_store(url)) as store:
        settings = Settings(store={"raw_folder": raw})
        run_demonstration(store, settings=settings, size=EDITION, today=datetime.now(UTC).date() - BEHIND)
    return url


@pytest.fixture(scope="module")
def later_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a month brings at most: the year of practices' files that is out today, of months that have ended."""
    folder, day = tmp_path_factory.mktemp("later"), datetime.now(UTC).date()
    next(iter(WorkforcePublisher(folder, load_catalogue(), day, Size.NATIONAL).newest()))
    for page in folder.rglob("*.html"):
        page.unlink()
    return folder


def walk(site: Served) -> None:
    """Every page once in each worker, as far as the two take turns."""
    ask_all(site, [*ADDRESSES, *sorted(set(walked()))] * 2)


def served_before(site: Served) -> None:
    """The site as it is when it has been there for a while: its visitors' pages and documents have been asked for."""
    pages = sorted(set(walked()))
    ask_all(site, pages, origin=site.address, packed="gzip")
    for page in pages:
        _ask(site, "GET", page, None, {"Accept-Encoding": "gzip"})


def ask_all(site: Served, pages: list[str], *, origin: str = "x", packed: str = "identity") -> None:
    """Each page, one after the other."""
    heads = {"Content-Type": "application/json", "Accept-Encoding": packed}
    for page in pages:
        _ask(site, "POST", UPDATE, json.dumps(page_request(page, origin)), heads)


def _ask(site: Served, method: str, path: str, body: str | None, heads: dict[str, str]) -> None:
    address = urlsplit(site.address)
    with closing(HTTPConnection(str(address.hostname), address.port or 80)) as connection:
        connection.request(method, path, body, heads)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200


def visits(site: Served, who: str, *arguments: str, page: str = "/") -> dict[str, Any]:
    """What locust counts of visitors to a site, all requests and by name."""
    told = peer(
        "locust", "-f", str(VISITORS), who, "--headless", "--json", "--only-summary", "--host", site.address,
        "--exit-code-on-error", "0", *arguments, BENCH_PAGES=json.dumps(walked()), BENCH_PAGE=page,
    )  # fmt: skip
    return dict(read_answers(told))


class Refresh(Thread):
    """A real load of new files into the database, in a process of its own: how long it took, what it said and cost."""

    def __init__(self, database: str, files: Path, raw: Path) -> None:
        super().__init__()
        self.database, self.files, self.raw = database, files, raw
        self.seconds, self.processor_seconds, self.said = 0.0, 0.0, ""

    def run(self) -> None:
        command = [sys.executable, "-m", "etl", "load", str(self.files), "--database", self.database]
        started = perf_counter()
        with TemporaryFile("w+") as told:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"STP_STORE__RAW_FOLDER": str(self.raw)},
                stdout=told,
                stderr=told,
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = status
            self.seconds = perf_counter() - started
            self.processor_seconds = usage.ru_utime + usage.ru_stime
            told.seek(0)
            self.said = told.read().strip()


def spent_by_children() -> float:
    """Processor seconds of all processes that this one has waited for."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def walk_together(site: Served, words: str, most: int) -> list[Figure]:
    """The viewers' visits, and what is told of them: their p95, and errors."""
    arguments = ("-u", str(VIEWERS), "-r", str(ARRIVALS), "-t", f"{SECONDS}s")
    found = visits(site, "Visitor", *arguments)
    for name, answers in sorted(found.items()):
        note(PART, f"{words}: {name}s asked for", answers.requests, "")
        note(PART, f"{words}: {name}, median", answers.percentile(0.5), "ms")
    rows = [
        note(PART, f"{words}: {name}, p95", answers.percentile(0.95), "ms", most=most)
        for name, answers in sorted(found.items())
    ]
    failures = sum(answers.failures for answers in found.values())
    return [*rows, note(PART, f"{words}: errors", failures, "", most=0)]


def test_viewers_walk_the_pages(database: str, tmp_path: Path) -> None:
    with gunicorn(database, tmp_path) as site:
        served_before(site)
        rows = walk_together(site, f"{VIEWERS} viewers, no load", QUIET_MS)
    assert [row for row in rows if not row.met] == []


def test_viewers_walk_the_pages_while_a_refresh_loads(
    database: str, later_files: Path, tmp_path: Path
) -> None:
    with gunicorn(database, tmp_path) as site:
        note(PART, "start of gunicorn to its first page", site.start_seconds, "s")
        served_before(site)
        refresh, before, started = (
            Refresh(database, later_files, tmp_path / "raw"),
            spent_by_children(),
            perf_counter(),
        )
        refresh.start()
        rows = walk_together(site, f"{VIEWERS} viewers and a load", SLOWEST_MS)
        refresh.join()
        lasted, others = perf_counter() - started, spent_by_children() - before - refresh.processor_seconds
        loaded = refresh.said.splitlines()[-1]
        note(PART, f"the refresh meanwhile: {loaded}", refresh.seconds, "s")
        note(PART, "its share of one processor while it ran", refresh.processor_seconds / refresh.seconds, "")
        note(PART, "the viewers' own share of one processor", others / lasted, "")
        assert " 0 new" not in loaded, loaded
        assert [row for row in rows if not row.met] == []


def many_addresses(database: str) -> list[str]:
    """Different addresses that people could ask for: trends of every indicator and trust, and practices' profiles."""
    with closing(open_store(database)) as store:
        places = store.catalogue.organisations.values()
        trusts = [item.code for item in places if item.type is OrganisationType.TRUST]
        with store.reading() as connection:
            held = read_code_lists(connection).organisations.values()
    practices = sorted(item.code for item in held if item.type is OrganisationType.PRACTICE)
    trends = [
        f"/trend?indicator={name}&organisation={code}"
        for code in trusts
        for name in load_catalogue().indicators
    ]
    profiles = [f"/organisation?organisation={code}" for code in (*trusts, *practices)]
    return [*profiles[: ADDRESSES_ASKED // 2], *trends][:ADDRESSES_ASKED]


def test_workers_stay_small(database: str, tmp_path: Path) -> None:
    asked = many_addresses(database)
    with gunicorn(database, tmp_path) as site:
        walk(site)
        memory = []
        for part in (asked[::2], asked[1::2]):
            ask_all(site, part)
            memory.append([(memory_megabytes(pid), proportional_megabytes(pid)) for pid in site.workers()])
        half, whole = (max(resident for resident, _ in found) for found in memory)
        rows = [
            note(PART, f"a worker's memory after {len(asked)} addresses", whole, "MB", most=MOST_MEGABYTES),
            note(PART, "the same, beside it after half of them", whole / half, most=1.1),
        ]
        note(PART, "the same, shared memory by its share", max(share for _, share in memory[1]), "MB")
        assert [len(found) for found in memory] == [2, 2]
        assert [row for row in rows if not row.met] == []


def test_a_kept_document_costs_what_its_bytes_cost(database: str, tmp_path: Path) -> None:
    """The site and a bare Flask route that sends the same bytes, each by gunicorn as it ships, in turns."""
    content, folder, app = tmp_path / "content", tmp_path / "bare", "tests.bench.peers.bare:server"
    folder.mkdir()
    with gunicorn(database, tmp_path) as served, closing(Asking(served)) as ours:
        content.write_bytes(ours.warm())
        with (
            gunicorn(database, folder, app=app, BENCH_CONTENT=str(content)) as served_bare,
            closing(Asking(served_bare)) as bare,
        ):
            assert bare.warm() == content.read_bytes()
            cost = alternate(lambda: ours.processor_seconds(1_000), lambda: bare.processor_seconds(1_000))
            speed = alternate(
                lambda: ours.answers_a_second(250), lambda: bare.answers_a_second(250), rounds=3
            )
    note(PART, "a kept document, processor time", cost[0], "ms")
    note(PART, "8 connections: kept documents a second", speed[0], "")
    rows = [
        note(
            PART,
            "a kept document, processor time, beside a bare Flask route",
            cost[0] / cost[1],
            most=MOST_COST,
        ),
        note(PART, "8 connections, beside a bare Flask route", speed[0] / speed[1], least=LEAST_ANSWERS),
    ]
    assert [row for row in rows if not row.met] == []


@pytest.mark.parametrize("page", ["/", "/trend?indicator=cancer-62-day-combined&organisation=RVV"])
def test_eight_connections_wait_alike(database: str, tmp_path: Path, page: str) -> None:
    with gunicorn(database, tmp_path) as site:
        visits(site, "Hasty", "-u", "8", "-r", "8", "-t", "3s", page=page)
        answers = visits(site, "Hasty", "-u", "8", "-r", "8", "-t", "10s", page=page)["page"]
        usual, late = answers.percentile(0.5), answers.percentile(0.99)
        note(PART, f"8 connections, {page}: answers a second", answers.requests / 10, "")
        note(PART, f"8 connections, {page}: p50", usual, "ms")
        spread = note(PART, f"8 connections, {page}: p99 to p50", late / usual, most=MOST_SPREAD)
        assert answers.failures == 0
        assert spread.met


def test_the_first_request_after_a_load_is_not_slow(database: str) -> None:
    with closing(open_store(database)) as store:
        client = create_app(store, Settings()).server.test_client()
        # As in gunicorn's workers, whose program collections leave alone.
        gc.collect()
        gc.freeze()
        found = {page: first_and_warm(store, client, page, (PRACTICES,)) for page in ADDRESSES}
        every = {page: first_and_warm(store, client, page, ())[0] for page in ADDRESSES}
    slowest = max(found, key=lambda page: found[page][0])
    widest = max(every, key=lambda page: every[page])
    note(PART, f"first after a change of all sources, slowest page: {widest}", every[widest], "ms")
    note(PART, "first after a change of all sources, all pages' median", median(every.values()), "ms")
    note(PART, "the slowest page, made anew in a known state of the data", found[slowest][1], "ms")
    note(
        PART,
        "made anew in a known state, all pages' median",
        median(warm for _, warm in found.values()),
        "ms",
    )
    usual = median(first for first, _ in found.values())
    rows = [
        note(PART, f"first after a load, slowest page: {slowest}", found[slowest][0], "ms", most=FIRST_MS),
        note(PART, "first after a load, all pages' median", usual, "ms", most=FIRST_MEDIAN_MS),
    ]
    assert [row for row in rows if not row.met] == []


def first_and_warm(store: Store, client: Any, page: str, sources: Collection[str]) -> tuple[float, float]:
    """Milliseconds of a page after a load of some sources, or of any, and of the page for another reader: medians."""
    first: list[float] = []
    warm: list[float] = []
    for number in range(6):
        with store.writing() as connection:
            # As a month's load does, which brings no new organisation as a rule.
            raise_data_version(connection, names=False, sources=sources)
        for times, origin in ((first, "http://one"), (warm, "http://another")):
            started = perf_counter()
            assert client.post(UPDATE, json=page_request(page, origin)).status_code == 200
            if number:
                times.append((perf_counter() - started) * 1000)
    return median(first), median(warm)


def _page_times(router: Router, paths: Sequence[str]) -> list[float]:
    """Milliseconds of each page, made anew."""
    times = []
    for path in paths:
        started = perf_counter()
        assert router.page(BrowserRequest(path, "", "desktop", "")).status == 200
        times.append((perf_counter() - started) * 1000)
    return times


@contextmanager
def _loads(folder: Path, *more: str) -> Iterator[None]:
    """As many loads of a small demonstration as there are processors, each into a store of its own, at work."""
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "etl", "demo", "--size", "small", *more],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": f"sqlite:///{folder / f'{uuid4()}.sqlite'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for process in begun:
            process.kill()
            process.communicate()


def test_loads_that_give_way(tmp_path: Path) -> None:
    """A reader's pages beside loads on every processor: those of a person at a terminal, and those that give way."""
    paths = ["/", "/trend", "/variation", "/data"] * 12
    store = seeded_store(tmp_path / "read.sqlite", three_subjects())
    router = Router(Site(store, Settings()), PAGES)
    _page_times(router, paths[:4])
    taken: dict[str, list[float]] = {"alone": [], "terminal": [], "giving way": []}
    for _ in range(2):
        taken["alone"] += _page_times(router, paths)
        with _loads(tmp_path):
            taken["terminal"] += _page_times(router, paths)
        with _loads(tmp_path, "--until-input-closes"):
            taken["giving way"] += _page_times(router, paths)
    store.close()
    alone, terminal, giving_way = (median(own) for own in taken.values())
    note(PART, "pages made anew beside two loads at a terminal, beside alone", terminal / alone)
    note(PART, "pages made anew beside two loads that give way, beside alone", giving_way / alone, most=1.5)


@pytest.mark.parametrize(
    ("name", "arguments", "most"), [("--help", ("--help",), 0.6), ("status", ("status",), 1.0)]
)
def test_commands_start(name: str, arguments: tuple[str, ...], most: float, tmp_path: Path) -> None:
    copied = tmp_path / "store.sqlite"
    with closing(open_store(f"sqlite:///{copied}")):
        pass
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{copied}"}
    times = []
    for _ in range(3):
        started = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "etl", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
        )
        times.append(perf_counter() - started)
    note(PART, f"python -m etl {name}", median(times), "s", most=most)
