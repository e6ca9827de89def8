"""Every page at the `standard` demonstration size: its queries, the server's time, what it sends.

BENCH_STORE may name a store that holds that edition; without it one is filled, which takes some minutes.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

import pytest
from sqlalchemy import event

from db.settings import Settings
from db.store import Store, open_store
from etl.demo import run_demonstration
from stp_dash.application import create_app

ROUNDS = 30
MOST_QUERIES, LONGEST_MS, LARGEST_KB = 4, 50, 250
ADDRESSES = (
    "/",
    "/?period=2025-03",
    "/variation",
    "/variation?indicator=cancer-62-day-combined&by=trust",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/variation?indicator=stroke-thrombolysis-within-60-minutes&by=team",
    "/trend",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV",
    "/trend?indicator=gp-fully-qualified-fte-rate",
    "/organisation",
    "/organisation?organisation=RWF",
    "/staffing",
    "/data",
    "/data?indicator=gp-fully-qualified-fte-rate",
)


@dataclass(frozen=True)
class Measured:
    """One page: queries when menus are remembered and at first, median and first milliseconds, kilobytes.

    Milliseconds are the process's own, the store's SQLite included: what else the machine does is left out.
    """

    address: str
    queries: int
    first_queries: int
    server_ms: float
    first_ms: float
    sent_kb: float
    packed_kb: float
    scans: tuple[str, ...]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    url = os.environ.get("BENCH_STORE")
    folder = tmp_path_factory.mktemp("bench")
    store = open_store(url or f"sqlite:///{folder / 'standard.sqlite'}")
    if not url:
        run_demonstration(store, settings=Settings(store={"raw_folder": folder / "raw"}))
    yield store
    store.close()


def _body(address: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    data = {"path": path, "search": f"?{query}", "width": "desktop", "origin": "http://localhost"}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": data}],
        "changedPropIds": ["request.data"],
    }


def _measure(store: Store, address: str) -> Measured:
    client = create_app(store).server.test_client()
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    def ask() -> tuple[float, bytes]:
        started = process_time()
        answer = client.post(
            "/_dash-update-component", json=_body(address), headers={"Accept-Encoding": "identity"}
        )
        taken = (process_time() - started) * 1000
        assert answer.status_code == 200
        assert b"could not be made" not in answer.data
        return taken, answer.data

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        first_ms, content = ask()
        first = list(statements)
        statements.clear()
        ask()
        warm = list(statements)
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
    times = [ask()[0] for _ in range(ROUNDS)]
    packed = len(gzip.compress(content, 6)) / 1000
    return Measured(
        address, len(_reads(warm)), len(_reads(first)), median(times), first_ms, len(content) / 1000, packed,
        _scans(store, [*first, *warm]),
    )  # fmt: skip


def _reads(statements: list[tuple[str, Any]]) -> list[str]:
    return [
        statement for statement, _ in statements if statement.lstrip().upper().startswith(("SELECT", "WITH"))
    ]


def _scans(store: Store, statements: list[tuple[str, Any]]) -> tuple[str, ...]:
    """What SQLite's plan of any of the queries says of walking a whole table of observations."""
    found = set()
    with store.engine.connect() as connection:
        for statement, parameters in statements:
            if statement in _reads([(statement, None)]):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found |= {row[3] for row in plan if row[3].startswith("SCAN observation")}
    return tuple(found)


def test_pages(demonstration: Store) -> None:
    found = [_measure(demonstration, address) for address in ADDRESSES]
    print(f"\n{'page':68} queries (first)  server ms (first)   sent kB (gzip)", file=sys.stderr)
    for item in found:
        print(
            f"{item.address:68} {item.queries:7} ({item.first_queries:3})   {item.server_ms:9.1f} "
            f"({item.first_ms:5.0f})  {item.sent_kb:8.0f} ({item.packed_kb:4.0f})",
            file=sys.stderr,
        )
    assert {item.address: item.scans for item in found if item.scans} == {}
    assert {item.address: item.queries for item in found if item.queries > MOST_QUERIES} == {}
    assert {item.address: item.sent_kb for item in found if item.sent_kb > LARGEST_KB} == {}
    assert {item.address: item.server_ms for item in found if item.server_ms > LONGEST_MS} == {}
