"""The files of everything, of ten million figures: seconds, memory, and what readers wait for meanwhile.

BENCH_MILLIONS asks for fewer. The maker is the command that the site itself starts, and gives way to readers as that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from threading import Event
from time import perf_counter, time
from urllib.request import urlopen

from tests.bench.api.millions import INDICATORS, MONTHS, store_of_millions
from tests.bench.measuring import note
from tests.bench.serving import ROOT, Served, gunicorn

PART = "API, the whole store as files"
MILLIONS = float(os.environ.get("BENCH_MILLIONS", "10"))
PRACTICES = round(MILLIONS * 1_000_000 / INDICATORS / MONTHS)
SECONDS, MEGABYTES, READERS_MS = 6.0 * MILLIONS, 400, 60
QUIET_ANSWERS = 400
_PAUSE_SECONDS = 0.05
_SERIES = "/api/v1/series?indicator=cancer-62-day-combined&organisation=RVV"
_PRACTICE = "/api/v1/figures?indicator=cancer-62-day-combined&organisation=Z"
_KEPT = ("/", "/trend?indicator=cancer-62-day-combined&organisation=RVV", _SERIES)


class Readers:
    """One who asks twenty times a second: by turns for what is kept, and for a series that nobody has asked for yet."""

    def __init__(self, site: Served) -> None:
        self._site, self._asked, self._pause = site, count(), Event()

    def milliseconds(self) -> float:
        """What the next answer takes."""
        turn, other = divmod(next(self._asked), 2)
        address = f"{_PRACTICE}{turn % PRACTICES:05}" if other else _KEPT[turn % len(_KEPT)]
        started = perf_counter()
        with urlopen(self._site.address + address) as answer:  # noqa: S310 - our own
            answer.read()
        taken = 1_000 * (perf_counter() - started)
        self._pause.wait(_PAUSE_SECONDS)
        return taken


def test_ten_million_figures_become_files_beside_readers(tmp_path: Path) -> None:
    store, figures = store_of_millions(tmp_path / "store.sqlite", MILLIONS)
    with closing(store):
        url, folder = f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path / "bulk"
        with gunicorn(url, tmp_path, STP_API__REQUESTS_A_MINUTE="9999999", STP_BULK__FOLDER="") as served:
            readers = Readers(served)
            quiet = [readers.milliseconds() for _ in range(QUIET_ANSWERS)]
            command = [sys.executable, "-m", "stp_dash", "bulk", "--gently", "--out", str(folder)]
            began, started, peak, beside = time(), perf_counter(), 0, list[float]()
            maker = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url})
            while maker.poll() is None:
                peak = max(peak, _peak_bytes(maker.pid))
                beside.append(readers.milliseconds())
            lasted = perf_counter() - started
    assert maker.returncode == 0
    parquet = next(folder.glob("*/*/figures.parquet"))
    note(PART, "figures", figures, "")
    note(PART, "both formats", lasted, "s")
    note(PART, "size of the Parquet of figures", parquet.stat().st_size / 1e6, "MB")
    note(PART, "an answer in quiet, median", median(quiet), "ms")
    note(PART, "an answer in quiet, p95", quantiles(quiet, n=20)[-1], "ms")
    note(PART, "an answer beside it, median", median(beside), "ms")
    rows = [
        note(PART, "Parquet", parquet.stat().st_mtime - began, "s", most=SECONDS),
        note(PART, "memory", peak / 1e6, "MB", most=MEGABYTES),
        note(PART, "an answer beside it, p95", quantiles(beside, n=20)[-1], "ms", most=READERS_MS),
    ]
    assert [row for row in rows if not row.met] == []


def _peak_bytes(process: int) -> int:
    """The most memory that a process has held so far; 0 once it has ended."""
    try:
        told = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return 0
    line = next((line for line in told.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024
