"""The site as it is deployed, for benchmarks: gunicorn as it is configured, its processes and its visitors."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60
UNKEPT = ("/operations",)
"""Shows what runs at this moment: made anew for everyone, with a dozen small queries."""
ADDRESSES = (
    "/",
    "/?period=2025-03",
    "/?published=2025-06-30",
    "/?version=40",
    "/variation",
    "/variation?indicator=cancer-62-day-combined&by=trust",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=practice",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=practice&table=ranked",
    "/variation?indicator=stroke-thrombolysis-within-60-minutes&by=team",
    "/trend",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV",
    "/trend?indicator=gp-fully-qualified-fte-rate",
    "/organisation",
    "/organisation?organisation=RWF",
    "/organisation?organisation=QKS",
    "/organisation?organisation=QKS&published=2025-06-30",
    "/organisation?organisation=G82037",
    "/staffing",
    "/data",
    "/data?indicator=gp-fully-qualified-fte-rate",
    *UNKEPT,
    "/methods",
    "/glossary",
)


def page_request(address: str, origin: str = "http://localhost") -> dict[str, Any]:
    """What the browser posts for a page."""
    path, _, query = address.partition("?")
    data = {"path": path, "search": f"?{query}" if query else "", "width": "desktop", "origin": origin}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": data}],
        "changedPropIds": ["request.data"],
    }


@dataclass(frozen=True)
class Served:
    """The site as gunicorn serves it: where, its processes, and the seconds from its start to its first page."""

    address: str
    process: subprocess.Popen[bytes]
    start_seconds: float

    def workers(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children()]


@contextmanager
def gunicorn(
    database_url: str, folder: Path, *, app: str = "app:server", **environment: str
) -> Iterator[Served]:
    """Two workers with the shipped configuration, on a free port; `app` may be another than the site."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = folder / "gunicorn.log"
    given = (
        os.environ
        | {"DATABASE_URL": database_url, "STP_STORE__RAW_FOLDER": str(folder / "raw")}
        | environment
    )
    command = [sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as said:
        started = perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=said, stderr=said)
        try:
            _await_page(port, process, log)
            yield Served(f"http://127.0.0.1:{port}", process, perf_counter() - started)
        finally:
            process.terminate()
            process.wait(_START_SECONDS)


def _await_page(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    ends, pause = monotonic() + _START_SECONDS, Event()
    while monotonic() < ends:
        assert process.poll() is None, log.read_text()
        connection = HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
        try:
            connection.request("GET", "/")
            assert connection.getresponse().status == 200, log.read_text()
            return
        except (ConnectionRefusedError, ConnectionResetError):
            pause.wait(0.01)
        finally:
            connection.close()
    raise AssertionError(log.read_text())


class Asking:
    """Eight connections that ask for one answer again and again, as a browser does that knows brotli."""

    def __init__(self, site: Served, path: str = "/") -> None:
        self.site, self.path, address = site, path, urlsplit(site.address)
        self._connections = [HTTPConnection(str(address.hostname), address.port or 80) for _ in range(8)]

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def document(self, connection: HTTPConnection) -> bytes:
        connection.request("GET", self.path, headers={"Accept-Encoding": "gzip, deflate, br"})
        answer = connection.getresponse()
        content = answer.read()
        assert (answer.status, answer.getheader("Content-Encoding")) == (200, "br")
        return content

    def warm(self) -> bytes:
        """Each worker has been asked; the document."""
        return [self.document(connection) for connection in self._connections for _ in range(4)][-1]

    def processor_seconds(self, times: int) -> float:
        """What so many documents, one after the other, cost the workers."""
        before = self._spent()
        for number in range(times):
            self.document(self._connections[number % 8])
        return self._spent() - before

    def answers_a_second(self, times: int) -> float:
        """All connections at once, each so often."""

        def ask(connection: HTTPConnection) -> None:
            for _ in range(times):
                self.document(connection)

        started = perf_counter()
        with ThreadPoolExecutor(8) as readers:
            list(readers.map(ask, self._connections))
        return 8 * times / (perf_counter() - started)

    def _spent(self) -> float:
        times = [psutil.Process(pid).cpu_times() for pid in self.site.workers()]
        return sum(item.user + item.system for item in times)


def proportional_megabytes(process: int) -> float:
    """A process's memory, in which what it shares with others counts as its share."""
    told = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    assert found is not None
    return int(found.group(1)) / 1024


@dataclass(frozen=True)
class Answers:
    """What locust counted of requests of one name: `times` are milliseconds and how often each was taken."""

    name: str
    requests: int
    failures: int
    times: dict[float, int]

    def percentile(self, share: float) -> float:
        wanted, seen = share * sum(self.times.values()), 0
        for time, count in sorted(self.times.items()):
            seen += count
            if seen >= wanted:
                return time
        return 0.0


def read_answers(told: str) -> dict[str, Answers]:
    """Locust's own account (`--json`) by the requests' names."""
    account = json.loads(told[told.index("[") :])
    return {
        item["name"]: Answers(
            item["name"],
            item["num_requests"],
            item["num_failures"],
            {float(time): count for time, count in item["response_times"].items()},
        )
        for item in account
    }
