"""What the API costs: a kept series beside a bare Flask route, a series made anew, a page of a thousand rows."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from time import perf_counter

from db.figures.data_version import data_version
from db.settings import load_settings
from db.store import open_store
from stp_dash.api.resources import RESOURCES
from stp_dash.frame.request import PageRequest, Site
from tests.bench.measuring import alternate, note
from tests.bench.serving import Asking, gunicorn
from tests.support.seed import seeded_store, three_subjects

PART = "API"
SERIES = "/api/v1/series?indicator=cancer-62-day-combined&organisation=RVV"
ENGLAND = {"indicator": "cancer-28-day-faster-diagnosis", "organisation": "ENG"}
PRACTICES = {"indicator": "gp-nurse-fte-rate", "by": "practice"}
MOST_COST, LEAST_ANSWERS, ANEW_MS, THOUSAND_MS = 2.0, 0.5, 10.0, 50.0


def test_a_kept_series_costs_at_most_twice_a_bare_route(tmp_path: Path) -> None:
    """Each by gunicorn as it ships, in turns, with the same bytes."""
    seeded_store(tmp_path / "store.sqlite", three_subjects(), demonstration=True).close()
    url, content, folder = f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path / "content", tmp_path / "bare"
    folder.mkdir()
    with (
        gunicorn(url, tmp_path, STP_API__REQUESTS_A_MINUTE="9999999") as served,
        closing(Asking(served, SERIES)) as ours,
    ):
        content.write_bytes(ours.warm())
        bare_app = gunicorn(url, folder, app="tests.bench.peers.bare:server", BENCH_CONTENT=str(content))
        with bare_app as served_bare, closing(Asking(served_bare)) as bare:
            bare.warm()
            cost = alternate(lambda: ours.processor_seconds(1_000), lambda: bare.processor_seconds(1_000))
            speed = alternate(
                lambda: ours.answers_a_second(250), lambda: bare.answers_a_second(250), rounds=3
            )
    note(PART, "a kept series, processor time", cost[0], "ms")
    note(PART, "8 connections: kept series a second", speed[0], "")
    rows = [
        note(PART, "a kept series, beside a bare Flask route", cost[0] / cost[1], most=MOST_COST),
        note(PART, "8 connections, beside a bare Flask route", speed[0] / speed[1], least=LEAST_ANSWERS),
    ]
    assert [row for row in rows if not row.met] == []


def test_series_and_pages_of_england_are_made_anew_in_time(national: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    shutil.copy(national, path)
    with closing(open_store(f"sqlite:///{path}")) as store, store.reading() as connection:
        site, version = Site(store, load_settings()), data_version(connection)

        def made(table: str, asked: dict[str, str]) -> float:
            started = perf_counter()
            rows = RESOURCES[table].read(PageRequest(site, "/api", asked), connection, version).rows
            assert len(list(rows)) >= 60
            return 1_000 * (perf_counter() - started)

        practices = RESOURCES["variation"].read(PageRequest(site, "/api", PRACTICES), connection, version)

        def thousand() -> float:
            started = perf_counter()
            assert len(list(practices.rows[2_000:3_000])) == 1_000
            return 1_000 * (perf_counter() - started)

        made("series", ENGLAND)
        times = alternate(
            lambda: made("series", ENGLAND), lambda: made("figures", ENGLAND), thousand, rounds=9
        )
    rows = [
        note(PART, "a series of England made anew", times[0], "ms", most=ANEW_MS),
        note(PART, "every figure of England made anew", times[1], "ms", most=ANEW_MS),
        note(PART, "a page of 1,000 rows", times[2], "ms", most=THOUSAND_MS),
    ]
    assert [row for row in rows if not row.met] == []
