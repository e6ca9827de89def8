"""The site as deployed: PostgreSQL, gunicorn with two workers, 200 viewers, and a refresh that loads meanwhile.

Server, database, loader and the viewers' locust share this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from db.catalogue import load_catalogue
from db.settings import Settings
from db.store import Store, open_store
from db.store.copying import copy_store
from db.store.data_state import raise_data_version
from etl.demo.general_practice_workforce.publisher import WorkforcePublisher
from etl.demo.publication import Size
from stp_dash.application import create_app
from tests.bench.measuring import memory_megabytes, note, peer
from tests.bench.serving import (
    ADDRESSES,
    ROOT,
    Served,
    gunicorn,
    page_request,
    proportional_megabytes,
    read_answers,
)

PART = "serving"
VIEWERS, SECONDS, ARRIVALS = 200, int(os.environ.get("BENCH_SECONDS", "120")), 4
SLOWEST_MS, MOST_MEGABYTES, MOST_SPREAD, FIRST_MS = 300, 250, 5, 300
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
def database(
    national: Path, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The national edition in PostgreSQL. BENCH_DATABASE may name a database that holds it already."""
    if named := os.environ.get("BENCH_DATABASE"):
        yield named
        return
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE national")
    copied = tmp_path_factory.mktemp("copied") / "store.sqlite"
    shutil.copy(national, copied)
    url = f"{postgresql_server}/national"
    with closing(open_store(f"sqlite:///{copied}")) as source, closing(open_store(url)) as target:
        copy_store(source, target)
    copied.unlink()
    yield url


@pytest.fixture(scope="module")
def later_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a month brings at most: the practices' files that the demonstration brings out in two months."""
    folder = tmp_path_factory.mktemp("later")
    day = datetime.now(UTC).date() + timedelta(days=int(os.environ.get("BENCH_LATER", "62")))
    next(iter(WorkforcePublisher(folder, load_catalogue(), day, Size.NATIONAL).newest()))
    for page in folder.rglob("*.html"):
        page.unlink()
    return folder


def walk(site: Served) -> None:
    """Every page once in each worker, as far as the two take turns."""
    address = urlsplit(site.address)
    connection = HTTPConnection(str(address.hostname), address.port or 80)
    for page in [*ADDRESSES, *sorted(set(walked()))] * 2:
        connection.request(
            "POST", UPDATE, json.dumps(page_request(page, "x")), {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        connection.close()


def visits(site: Served, who: str, *arguments: str, page: str = "/") -> dict[str, Any]:
    """What locust counts of visitors to a site, all requests and by name."""
    told = peer(
        "locust", "-f", str(VISITORS), who, "--headless", "--json", "--only-summary", "--host", site.address,
        "--exit-code-on-error", "0", *arguments, BENCH_PAGES=json.dumps(walked()), BENCH_PAGE=page,
    )  # fmt: skip
    return dict(read_answers(told))


class Refresh(Thread):
    """A real load of new files into the database, in a process of its own; how long it took and what it said."""

    def __init__(self, database: str, files: Path, raw: Path) -> None:
        super().__init__()
        self.database, self.files, self.raw = database, files, raw
        self.seconds, self.said = 0.0, ""

    def run(self) -> None:
        command = [sys.executable, "-m", "etl", "load", str(self.files), "--database", self.database]
        started = perf_counter()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"STP_STORE__RAW_FOLDER": str(self.raw)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.seconds, self.said = perf_counter() - started, (done.stdout + done.stderr).strip()


def test_viewers_walk_the_pages_while_a_refresh_loads(
    database: str, later_files: Path, tmp_path: Path
) -> None:
    with gunicorn(database, tmp_path) as site:
        note(PART, "start of gunicorn to its first page", site.start_seconds, "s")
        refresh = Refresh(database, later_files, tmp_path / "raw")
        refresh.start()
        arguments = ("-u", str(VIEWERS), "-r", str(ARRIVALS), "-t", f"{SECONDS}s")
        found = visits(site, "Visitor", *arguments)
        refresh.join()
        loaded = refresh.said.splitlines()[-1]
        note(PART, f"the refresh meanwhile: {loaded}", refresh.seconds, "s")
        for name, answers in sorted(found.items()):
            note(PART, f"{VIEWERS} viewers: {name}s asked for", answers.requests, "")
            note(PART, f"{VIEWERS} viewers: {name}, median", answers.percentile(0.5), "ms")
        slowest = [
            note(PART, f"{VIEWERS} viewers: {name}, p95", answers.percentile(0.95), "ms", most=SLOWEST_MS)
            for name, answers in sorted(found.items())
        ]
        failures = sum(answers.failures for answers in found.values())
        failed = note(PART, f"{VIEWERS} viewers: errors", failures, "", most=0)
        assert " 0 new" not in loaded, loaded
        assert failed.met, found
        assert all(item.met for item in slowest), slowest


def test_workers_stay_small(database: str, tmp_path: Path) -> None:
    with gunicorn(database, tmp_path) as site:
        walk(site)
        memory = [(memory_megabytes(pid), proportional_megabytes(pid)) for pid in site.workers()]
        resident = note(
            PART, "a worker's memory after all pages", max(m[0] for m in memory), "MB", most=MOST_MEGABYTES
        )
        note(PART, "the same, shared memory by its share", max(m[1] for m in memory), "MB")
        assert len(memory) == 2
        assert resident.met


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
        found = {page: first_and_warm(store, client, page) for page in ADDRESSES}
    slowest = max(found, key=lambda page: found[page][0])
    first = note(PART, f"first after a load, slowest page: {slowest}", found[slowest][0], "ms", most=FIRST_MS)
    note(PART, "the same page, made anew in a known state of the data", found[slowest][1], "ms")
    note(PART, "first after a load, all pages' median", median(first for first, _ in found.values()), "ms")
    note(
        PART,
        "made anew in a known state, all pages' median",
        median(warm for _, warm in found.values()),
        "ms",
    )
    assert first.met, found


def first_and_warm(store: Store, client: Any, page: str) -> tuple[float, float]:
    """Milliseconds of a page after a change of the data, and of the page made anew for another reader: medians."""
    first: list[float] = []
    warm: list[float] = []
    for number in range(6):
        with store.writing() as connection:
            raise_data_version(connection)
        for times, origin in ((first, "http://one"), (warm, "http://another")):
            started = perf_counter()
            assert client.post(UPDATE, json=page_request(page, origin)).status_code == 200
            if number:
                times.append((perf_counter() - started) * 1000)
    return median(first), median(warm)


@pytest.mark.parametrize(("name", "arguments"), [("--help", ("--help",)), ("status", ("status",))])
def test_commands_start(name: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
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
    note(PART, f"python -m etl {name}", median(times), "s")
