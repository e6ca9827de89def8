"""Every page over ten years of England: its queries, the server's time, what it sends, and how it grows.

A page is measured twice: made anew, as for the first who asks after the data has changed (each time another origin
asks, so that nothing kept answers), and kept, as for everyone after. Milliseconds are the process's own: what else the
machine does is left out. `build/pages.md` has every page's figures.
"""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import pytest
from sqlalchemy import event, text

from db.settings import load_settings
from db.store import Store, open_store
from stp_dash.application import create_app
from tests.bench.measuring import note
from tests.bench.serving import ADDRESSES, UNKEPT, page_request

PART = "pages, ten years of England"
GROWTH = "growth of pages"
ROUNDS = 11
QUERIES_MS, SERVER_MS, LARGEST_KB, MOST_QUERIES = 10, 50, 250, 4
OVERHEAD_MS = 3
"""A callback may take twice its queries through the driver alone, and this."""
GROWING = ("/", ADDRESSES[5], ADDRESSES[7], ADDRESSES[11], "/organisation", "/staffing", "/data")
TABLE = Path(__file__).resolve().parents[2] / "build" / "pages.md"

_YEAR = 1_000_000
"""A year in the keys of periods."""

Statement = tuple[str, Any]


class Reader:
    """A site over a store, and its store read by the driver alone beside it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.client = create_app(store, load_settings()).server.test_client()
        self._asked = 0

    def make(self, address: str) -> tuple[float, bytes]:
        """Milliseconds of a page made anew, and its answer."""
        self._asked += 1
        return self._ask(address, f"http://reader-{self._asked}")

    def again(self, address: str) -> tuple[float, bytes]:
        """Of a page that is kept, from the second time on."""
        return self._ask(address, "http://localhost")

    def _ask(self, address: str, origin: str) -> tuple[float, bytes]:
        asked = page_request(address, origin)
        started = process_time()
        answer = self.client.post(
            "/_dash-update-component", json=asked, headers={"Accept-Encoding": "identity"}
        )
        taken = (process_time() - started) * 1000
        assert answer.status_code == 200
        assert b"could not be made" not in answer.data
        return taken, answer.data

    def statements(self, ask: Any, address: str) -> list[Statement]:
        """The queries of a request with their parameters."""
        found: list[Statement] = []

        def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                found.append((statement, parameters))

        event.listen(self.store.engine, "before_cursor_execute", keep)
        try:
            ask(address)
        finally:
            event.remove(self.store.engine, "before_cursor_execute", keep)
        return found


def driver_ms(connection: sqlite3.Connection, statements: Sequence[Statement]) -> float:
    """The same queries with the same parameters through the driver alone."""
    started = process_time()
    for statement, parameters in statements:
        connection.execute(statement, parameters).fetchall()
    return (process_time() - started) * 1000


def driver(store: Store) -> sqlite3.Connection:
    """The driver's own connection, set up as the store's are."""
    connection = sqlite3.connect(str(store.engine.url.database), isolation_level=None)
    for pragma in ("temp_store = MEMORY", "cache_size = -32000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@dataclass(frozen=True)
class Measured:
    """One page: queries and milliseconds made first, made anew and kept; kilobytes as sent and packed."""

    address: str
    first_queries: int
    first_ms: float
    queries: int
    raw_ms: float
    made_ms: float
    kept_raw_ms: float
    kept_ms: float
    sent_kb: float
    packed_kb: float
    scans: tuple[str, ...]

    @property
    def over(self) -> float:
        """A page made anew, of what a callback may take."""
        return self.made_ms / (2 * self.raw_ms + OVERHEAD_MS)

    @property
    def kept_over(self) -> float:
        """A kept page, of what a callback may take."""
        return self.kept_ms / (2 * self.kept_raw_ms + OVERHEAD_MS)


@pytest.fixture(scope="module")
def store(national: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{national}")) as found:
        yield found


def _measure(store: Store, address: str) -> Measured:
    reader = Reader(store)
    first: list[float] = []
    begun = reader.statements(lambda asked: first.append(reader.make(asked)[0]), address)
    warm = reader.statements(reader.make, address)
    content = reader.again(address)[1]
    kept = reader.statements(reader.again, address)
    made_ms, kept_ms, raw_ms, kept_raw_ms = [], [], [], []
    with closing(driver(store)) as raw:
        for _ in range(ROUNDS):
            made_ms.append(reader.make(address)[0])
            raw_ms.append(driver_ms(raw, warm))
            kept_ms.append(reader.again(address)[0])
            kept_raw_ms.append(driver_ms(raw, kept))
    return Measured(
        address, len(begun), first[0], len(warm), median(raw_ms), median(made_ms), median(kept_raw_ms), median(kept_ms),
        len(content) / 1000, len(gzip.compress(content, 6)) / 1000, _scans(store, [*begun, *warm]),
    )  # fmt: skip


def _scans(store: Store, statements: Sequence[Statement]) -> tuple[str, ...]:
    """What SQLite's plan of any of the queries says of walking a whole table of observations."""
    with closing(driver(store)) as raw:
        plans = [
            row[3]
            for statement, parameters in statements
            for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    return tuple({plan for plan in plans if plan.startswith("SCAN observation")})


def _written(found: Sequence[Measured]) -> str:
    heads = ("page", "queries (first)", "first, ms", "queries, ms", "made, ms", "of 2q + 3", "kept, ms", "of 2q + 3",
             "kB", "kB packed")  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    for item in found:
        figures = (item.first_ms, item.raw_ms, item.made_ms, item.over, item.kept_ms, item.kept_over)
        cells = [
            f"`{item.address}`",
            f"{item.queries} ({item.first_queries})",
            *(f"{f:.1f}" for f in figures),
        ]
        lines.append(f"| {' | '.join([*cells, f'{item.sent_kb:.0f}', f'{item.packed_kb:.0f}'])} |")
    return "\n".join(lines)


def test_pages(store: Store) -> None:
    found = [_measure(store, address) for address in ADDRESSES]
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(_written(found) + "\n", encoding="utf-8")
    built = [item for item in found if item.address not in UNKEPT]
    slowest, queried = max(found, key=lambda item: item.made_ms), max(found, key=lambda item: item.raw_ms)
    within = sum(item.over <= 1 for item in found)
    note(PART, f"queries together, driver alone: {queried.address}", queried.raw_ms, "ms", most=QUERIES_MS)
    note(PART, f"server, made anew: {slowest.address}", slowest.made_ms, "ms", most=SERVER_MS)
    note(
        PART,
        "server, made anew: the median page",
        median(item.made_ms for item in found),
        "ms",
        most=SERVER_MS,
    )
    note(PART, "kept, of twice its queries + 3 ms: worst", max(item.kept_over for item in built), most=1)
    note(PART, "kept, of twice its queries + 3 ms: median", median(item.kept_over for item in built), most=1)
    note(PART, "made anew, of twice its queries + 3 ms: worst", max(item.over for item in built))
    note(PART, f"made anew within twice its queries + 3 ms, of {len(found)} pages", within, "pages")
    note(PART, "first after the data changed: slowest", max(item.first_ms for item in found), "ms")
    note(PART, "largest answer, packed", max(item.packed_kb for item in found), "kB")
    rows = [
        note(PART, "kept: the slowest page", max(item.kept_ms for item in built), "ms", most=SERVER_MS),
        note(PART, "largest answer", max(item.sent_kb for item in found), "kB", most=LARGEST_KB),
    ]
    assert {item.address: item.scans for item in found if item.scans} == {}
    assert {item.address: item.queries for item in built if item.queries > MOST_QUERIES} == {}
    assert [
        f"{row.what}: {row.figure:.3g} {row.unit}, wanted {row.wanted}" for row in rows if not row.met
    ] == []


def _cut(source: Path, folder: Path, after: int) -> Store:
    """A store with the same organisations and files, and of the observations those of periods after a key."""
    found = open_store(f"sqlite:///{folder / f'after-{after}.sqlite'}")
    tables = (
        "store_meta", "indicator", "standard", "organisation", "organisation_parent", "succession", "period",
        "breakdown", "load_run", "source_file", "latest_period", "boundary",
    )  # fmt: skip
    with closing(driver(found)) as connection:
        connection.execute("ATTACH ? AS whole", (str(source),))
        for table in tables:
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM whole.{table}")
        for table in ("observation", "observation_revision"):
            kept = f"INSERT INTO main.{table} SELECT * FROM whole.{table} WHERE period_id > ?"
            connection.execute(kept, (after,))
    return found


def test_pages_do_not_grow_with_the_years(store: Store, national: Path, tmp_path: Path) -> None:
    """The same pages over one, three and all years, in turns: time of the pages and of their queries."""
    with store.reading() as connection:
        newest = int(connection.execute(text("SELECT max(period_id) FROM latest_period")).scalar_one())
    with (
        closing(_cut(national, tmp_path, newest - _YEAR)) as one,
        closing(_cut(national, tmp_path, newest - 3 * _YEAR)) as three,
    ):
        (one_made, one_raw), (three_made, three_raw), (made, raw) = _side_by_side((one, three, store))
    rows = [
        note(GROWTH, "pages made anew, all years to the last three", made / three_made, most=1.3),
        note(
            GROWTH, "pages made anew, all years to the last (whose charts have fewer points)", made / one_made
        ),
        note(GROWTH, "their queries, all years to the last three", raw / three_raw),
        note(GROWTH, "their queries, all years to the last", raw / one_raw),
    ]
    assert [f"{row.what}: {row.figure:.3g}, wanted {row.wanted}" for row in rows if not row.met] == []


def _side_by_side(stores: Sequence[Store]) -> list[tuple[float, float]]:
    """Of each store the milliseconds of all growing pages and of their queries, the stores taking turns."""
    readers = [Reader(item) for item in stores]
    for reader in readers:
        for address in GROWING:
            reader.make(address)
    queries = [
        [statement for address in GROWING for statement in reader.statements(reader.make, address)]
        for reader in readers
    ]
    drivers = [driver(item) for item in stores]
    taken: list[list[tuple[float, float]]] = [[] for _ in stores]
    for _ in range(ROUNDS):
        for reader, asked, connection, times in zip(readers, queries, drivers, taken, strict=True):
            made = sum(reader.make(address)[0] for address in GROWING)
            times.append((made, driver_ms(connection, asked)))
    for connection in drivers:
        connection.close()
    return [(median(made for made, _ in times), median(raw for _, raw in times)) for times in taken]
