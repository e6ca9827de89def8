"""One series over HTTP: the download of it beside a bare Flask route that asks the same and does nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import process_time
from typing import Any

import orjson
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import event

from db.store import Store, open_store
from stp_dash.application import create_app
from tests.bench.measuring import alternate, note

PART = "one series over HTTP"
ADDRESS = "/download/data.csv?indicator=cancer-62-day-combined&organisation=RVV&sheet=series"
READS, ROUNDS = 30, 9
MOST = 2


@pytest.fixture(scope="module")
def store(national: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{national}")) as found:
        yield found


def _asked(store: Store, client: FlaskClient) -> tuple[str, Any]:
    """The query behind the download."""
    found: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM observation WHERE" in statement:
            found.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", keep)
    assert client.get(ADDRESS).status_code == 200
    event.remove(store.engine, "before_cursor_execute", keep)
    assert len(found) == 1
    return found[0]


def _bare(connection: sqlite3.Connection, statement: str, parameters: Any) -> Flask:
    server = Flask("bare")

    @server.get("/series")
    def series() -> Response:
        cursor = connection.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        return Response(orjson.dumps(rows), mimetype="application/json")

    return server


def _reads(client: FlaskClient, address: str) -> float:
    started = process_time()
    for _ in range(READS):
        assert client.get(address).status_code == 200
    return (process_time() - started) / READS


def test_one_series(store: Store) -> None:
    client = create_app(store).server.test_client()
    statement, parameters = _asked(store, client)
    with closing(sqlite3.connect(str(store.engine.url.database), isolation_level=None)) as raw:
        bare = _bare(raw, statement, parameters).test_client()
        assert len(bare.get("/series").get_json()) == client.get(ADDRESS).data.count(b"\r\n") - _heads(client)
        made = create_app(store).server.test_client()
        fresh = iter(range(10_000))

        def anew() -> float:
            started = process_time()
            for _ in range(READS):
                assert made.get(f"{ADDRESS}&unkept={next(fresh)}").status_code == 200
            return (process_time() - started) / READS

        kept_s, bare_s, anew_s = alternate(
            lambda: _reads(client, ADDRESS), lambda: _reads(bare, "/series"), anew, rounds=ROUNDS
        )
    note(PART, "bare Flask route, orjson", bare_s * 1000, "ms")
    row = note(PART, "our download, kept for this state of the data", kept_s / bare_s, most=MOST)
    note(PART, "our download made anew", anew_s / bare_s)
    assert row.met, f"{row.figure:.2f} of the bare route, wanted at most {MOST}"


def _heads(client: FlaskClient) -> int:
    """The lines above a download's rows: what they are, and the headings."""
    lines = client.get(ADDRESS).data.decode("utf-8-sig").splitlines()
    return sum(str(line).lstrip('"').startswith("# ") for line in lines) + 1
