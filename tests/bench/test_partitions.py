"""From which size on a table in parts is worth it: PostgreSQL with millions of rows on disk, before and after.

Opt-in, for it takes minutes and gigabytes: BENCH_MILLIONS=10,50 make bench BENCH="-k table_in_parts". Fifty million
rows want some twenty gigabytes of disk for four to six minutes. Everything is removed at the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, insert, select, text

from db.domain import ALL, Frequency, Period
from db.domain.reading import PeriodSpan, Selection
from db.figures.code_lists import read_code_lists
from db.figures.columns import observation_columns
from db.figures.observations import readings
from db.loading.keys import STORED_COLUMNS
from db.loading.load import load_frame
from db.loading.register import register_file
from db.store import Connection, Store, open_store
from db.store.bulk import insert_frame
from db.store.partitions import partition
from db.store.schema import breakdown, observation, organisation
from db.store.schema import period as period_table
from tests.bench.measuring import note
from tests.bench.test_load import national_frame
from tests.support.frames import FDS, file

pytestmark = pytest.mark.postgresql
PART = "a table in parts, PostgreSQL"
MILLIONS = [int(number) for number in os.environ.get("BENCH_MILLIONS", "").split(",") if number]
INDICATORS, PRACTICES, MONTHS, CHUNK = 12, 7_000, 120, 1_000_000
ROUNDS = 11
INDEX = "ix_observation_organisation"


def _periods(connection: Connection) -> list[Period]:
    months = [Period.month(2006 + n // 12, n % 12 + 1) for n in range(MONTHS)]
    rows = [{"id": m.key, "start": m.start, "end": m.end, "frequency": m.frequency.value} for m in months]
    known = set(connection.execute(select(period_table.c.id)).scalars())
    connection.execute(insert(period_table), [row for row in rows if row["id"] not in known])
    return months


def _organisations(connection: Connection) -> list[int]:
    rows = [{"code": f"Z{n:05}", "name": f"Practice {n}", "type": "practice"} for n in range(PRACTICES)]
    connection.execute(insert(organisation), rows)
    named = organisation.c.code.like("Z%")
    return list(
        connection.execute(select(organisation.c.id).where(named).order_by(organisation.c.id)).scalars()
    )


def _cuts(connection: Connection, wanted: int) -> list[int]:
    keys = [ALL, *(f"tumour group: Group {n}" for n in range(wanted - 1))]
    known = {row.key for row in connection.execute(select(breakdown.c.key))}
    rows = [{"key": key, "dimensions": key.partition(":")[0]} for key in keys if key not in known]
    if rows:
        connection.execute(insert(breakdown), rows)
    return list(connection.execute(select(breakdown.c.id).where(breakdown.c.key.in_(keys))).scalars())


def _indicators(store: Store, connection: Connection) -> list[int]:
    """Four of each of three sources."""
    ids, chosen = read_code_lists(connection).indicator_ids, dict[str, list[int]]()
    for item in store.catalogue.indicators.values():
        chosen.setdefault(item.source_id, []).append(ids[item.id])
    chosen["cancer_waiting_times"].insert(0, ids[FDS])
    return sorted({number for own in chosen.values() for number in list(dict.fromkeys(own))[:4]})[:INDICATORS]


def _fill(store: Store, millions: int) -> int:
    """So many rows by COPY in the order of the key, the index by organisation made at the end; how many they are."""
    with store.writing() as connection:
        connection.execute(text(f"DROP INDEX {INDEX}"))
        months, places = _periods(connection), _organisations(connection)
        indicators = _indicators(store, connection)
        a_cut = len(indicators) * len(months) * len(places)
        cuts = _cuts(connection, max(1, round(millions * 1_000_000 / a_cut)))
        made = replace(file(), source_id="general_practice_workforce")
        file_id = register_file(connection, made, None)
        for number in indicators:
            keys = pd.MultiIndex.from_product([[number], [month.key for month in months], cuts, places])
            for start in range(0, len(keys), CHUNK):
                insert_frame(connection, observation, _rows(keys[start : start + CHUNK], file_id))
        connection.execute(
            text(
                f"CREATE INDEX {INDEX} ON observation (organisation_id, indicator_id, period_id, breakdown_id)"
            )
        )
        rows = connection.execute(select(func.count()).select_from(observation)).scalar_one()
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE observation"))
    return int(rows)


def _rows(keys: pd.MultiIndex, file_id: int) -> pd.DataFrame:
    names = ["indicator_id", "period_id", "breakdown_id", "organisation_id"]
    table = keys.to_frame(index=False, name=names)
    denominator = np.random.default_rng(0).integers(100, 400, len(table)).astype(float)
    numerator = np.floor(denominator * 0.7)
    given = {"numerator": numerator, "denominator": denominator, "value": 100 * numerator / denominator}
    rest = {"missing_reason": None, "basis": 1, "maturity": 1, "derived": 0, "source_file_id": file_id}
    return table.assign(**given, **rest)[list(STORED_COLUMNS)]


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        work()
        times.append((perf_counter() - started) * 1000)
    return median(times)


def _measured(store: Store, first: int) -> dict[str, float]:
    """Milliseconds of a page's two kinds of queries, seconds of new months, and the table's gigabytes."""
    with store.reading() as connection:
        lists = read_code_lists(connection)
        month = Period.month(2010, 6)
        every = PeriodSpan((Frequency.MONTH,), month.start, Period.month(2015, 12).end)
        one = Selection(tuple(lists.indicator_ids), ("Z00042",), every)
        at = _milliseconds(lambda: observation_columns(connection, lists, indicator_code=FDS, at=[month]))
        series = _milliseconds(lambda: readings(connection, lists, [one]))
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    seconds = []
    for number in range(3):
        table = national_frame(1, first=first + number)
        started = perf_counter()
        with store.writing() as connection:
            load_frame(connection, table, file(), catalogue=store.catalogue)
        seconds.append(perf_counter() - started)
    return {
        "every practice of a month, ms": at,
        "five years of a practice, ms": series,
        "a month of 33,600 rows, s": median(seconds),
        "the database, GB": size / 1e9,
    }


@pytest.mark.parametrize("millions", MILLIONS or [0])
def test_a_table_in_parts(new_postgresql_url: str, millions: int) -> None:
    if not millions:
        pytest.skip("takes minutes and gigabytes: BENCH_MILLIONS=10,50 asks for it")
    with closing(open_store(new_postgresql_url)) as store:
        started = perf_counter()
        count = _fill(store, millions)
        name = f"{count / 1e6:.0f} million rows"
        note(PART, f"{name}: written by COPY, with its index", perf_counter() - started, "s")
        whole = _measured(store, 0)
        started = perf_counter()
        assert partition(store, by="bench").done
        note(PART, f"{name}: parted", perf_counter() - started, "s")
        parted = _measured(store, 6)
    for what, figure in whole.items():
        words, _, unit = what.rpartition(", ")
        note(PART, f"{name}, whole: {words}", figure, unit)
        note(PART, f"{name}, in parts: {words}, beside the whole", parted[what] / figure)
