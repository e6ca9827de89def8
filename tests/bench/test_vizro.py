"""Vizro's page with the same rows: three charts and a table, asked for over HTTP side by side with ours."""

from __future__ import annotations

import csv
import json
import logging
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from db.domain import ENGLAND, Frequency, OrganisationType, Period
from db.domain.reading import Reading
from db.figures.holdings import latest_periods
from db.store import Store, open_store
from stp_dash.application import create_app
from tests.bench.measuring import PEERS, alternate, note
from tests.bench.serving import page_request
from tests.support.read_back import readings_between, slice_readings

PART = "Vizro's same page"
INDICATOR = "cancer-62-day-combined"
ADDRESS = f"/variation?indicator={INDICATOR}&by=trust"
LEAST, ROUNDS = 30, 9
SCRIPT = Path(__file__).with_name("peers") / "vizro_page.py"


@pytest.fixture(scope="module")
def store(national: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{national}")) as found:
        yield found


def _rows(store: Store) -> tuple[Sequence[Reading], Sequence[Reading]]:
    """What our page reads: every trust's figure, and the series that its small charts draw."""
    with store.reading() as connection:
        last = max(
            item.period
            for item in latest_periods(connection)
            if (item.indicator, item.organisation_type) == (INDICATOR, OrganisationType.TRUST)
        )
        one = slice_readings(connection, indicator_code=INDICATOR, at=last, types=[OrganisationType.TRUST])
        series = readings_between(
            connection,
            indicators=[INDICATOR],
            organisations=["RVV", "RN7", "RPA", "RWF", "QKS", ENGLAND],
            frequencies=[Frequency.MONTH],
            since=Period.month(last.start.year - 5, last.start.month).start,
            until=last.start,
        )
    return one, series


def _write(path: Path, rows: Sequence[Reading]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["organisation", "period", "numerator", "denominator", "value"])
        writer.writerows([r.organisation, r.period.start, r.numerator, r.denominator, r.value] for r in rows)
    return path


@contextmanager
def _vizro(*files: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    program = PEERS / "python"
    if not program.exists():
        pytest.skip("vizro is not installed: make bench")
    command = [str(program), str(SCRIPT), *map(str, files)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the page of vizro did not start"
        said = json.loads(line)
        try:
            yield int(said["port"]), said["body"]
        finally:
            process.communicate()


@contextmanager
def _served(server: Flask) -> Iterator[int]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    serving = make_server("127.0.0.1", 0, server)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield serving.server_port
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


def _post(port: int, asked: dict[str, Any], holds: bytes) -> float:
    """Seconds of the callback that fills a page, over HTTP."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        content = json.dumps(asked)
        started = perf_counter()
        connection.request("POST", "/_dash-update-component", content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = answer.read()
        taken = perf_counter() - started
    assert answer.status == 200
    assert holds in found
    return taken


def test_same_page_as_vizro(store: Store, tmp_path: Path) -> None:
    one, series = _rows(store)
    assert len(one) > 100
    assert len(series) > 200
    files = _write(tmp_path / "one.csv", one), _write(tmp_path / "series.csv", series)
    turns = iter(range(10_000))
    with _vizro(*files) as (port, asked), _served(create_app(store).server) as own:

        def anew() -> float:
            return _post(own, page_request(ADDRESS, f"http://reader-{next(turns)}"), b'"Graph"')

        def kept() -> float:
            return _post(own, page_request(ADDRESS), b'"Graph"')

        def theirs() -> float:
            return _post(port, asked, b'"scatter"')

        for side in (anew, kept, theirs):
            side()
        anew_s, kept_s, their_s = alternate(anew, kept, theirs, rounds=ROUNDS)
    note(PART, "vizro, callback on load", their_s * 1000, "ms")
    note(PART, "ours made anew, with limits and statistics: times faster", their_s / anew_s)
    row = note(PART, "ours, kept for this state of the data: times faster", their_s / kept_s, least=LEAST)
    assert row.met, f"{row.figure:.1f} times as fast as vizro, wanted {LEAST}"
