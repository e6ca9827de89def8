"""What tests of the refresh service share: a small publisher over HTTP, and schedulers as real processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from db.catalogue import load_catalogue
from db.service.lease import Grant, acquire
from db.service.processes import machine_name
from db.settings import Settings
from db.store import Store
from etl.demo.publication import Size
from etl.demo.server import served
from etl.demo.ssnap.publisher import STROKE_PATH, StrokePublisher

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "ssnap"
_LINK = re.compile(r"<p><a href=\"/Documents[^\n]*\n")


@contextmanager
def published(folder: Path) -> Iterator[str]:
    """The landing address of a stroke audit that has published a single file; small, for many runs."""
    folder.mkdir()
    publisher = StrokePublisher(folder, load_catalogue(), datetime.now(UTC).date(), Size.SMALL)
    next(publisher.newest())
    for page in folder.rglob("index.html"):
        page.write_text(_only_first_file(page.read_text(encoding="utf-8")), encoding="utf-8")
    with served(folder) as address:
        yield f"{address}{STROKE_PATH}"


def _only_first_file(html: str) -> str:
    first, *rest = _LINK.findall(html) or [""]
    for line in rest:
        html = html.replace(line, "")
    assert not first or first in html
    return html


def environment(folder: Path, landing: str, **more: str) -> dict[str, str]:
    """The settings of a service whose stroke audit is published at an address, at a pace for tests."""
    return {
        "STP_STORE__RAW_FOLDER": str(folder / "raw"),
        f"STP_PUBLISHERS__{SOURCE}": landing,
        "STP_FETCH__INTERVAL_SECONDS": "0",
        "STP_FETCH__ATTEMPTS": "1",
        "STP_SCHEDULER__LEASE_SECONDS": "1.5",
        "STP_SCHEDULER__RENEW_SECONDS": "0.3",
        "STP_SCHEDULER__POLL_SECONDS": "0.1",
        "STP_SCHEDULER__BEAT_SECONDS": "0.5",
        "STP_SCHEDULER__SILENT_SECONDS": "5",
        "STP_SCHEDULER__SWEEP_SECONDS": "1",
        "STP_SCHEDULER__FIRST_WAIT_SECONDS": "0.1",
        "STP_SCHEDULER__RESTARTS": "200",
        **more,
    }


def leads(store: Store, settings: Settings) -> Grant:
    """The lease, for a test that is the leader."""
    grant = acquire(store, f"{machine_name()}:{os.getpid()}", settings.scheduler.lease_seconds)
    assert grant is not None
    return grant


class Scheduler:
    """A real `python -m etl schedule`, with its log in a file. `through` is a command that it is begun through."""

    through: tuple[str, ...] = ()

    def __init__(self, url: str, log: Path, settings: dict[str, str]) -> None:
        self._path, self._log = log, log.open("ab")
        self._process = subprocess.Popen(
            [*self.through, sys.executable, "-m", "etl", "schedule"],
            cwd=ROOT,
            env={**os.environ, **settings, "DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            stderr=self._log,
        )

    @property
    def name(self) -> str:
        return f"{machine_name()}:{self._process.pid}"

    def is_ready(self) -> bool:
        """Whether it has begun, and leads or waits to lead."""
        said = self._path.read_bytes()
        return b"leading, as" in said or b"waiting to take over" in said

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._process.wait()
        self._log.close()


class Deadline:
    """For waiting on what another process does: true until the time is up, then the test fails."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._end = seconds, monotonic() + seconds

    def __call__(self, what: str) -> bool:
        assert monotonic() < self._end, f"{what}: not within {self._seconds} s"
        return True
