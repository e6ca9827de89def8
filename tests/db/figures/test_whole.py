"""Every row of the tables of figures as columns of numbers, on both databases, against the tables themselves."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest
from sqlalchemy import insert, text

from db.domain import Period
from db.figures import whole
from db.figures.code_lists import read_code_lists
from db.figures.whole import REPLACED, STANDING, FigureRows, Making, number_batches
from db.store import Connection, Store
from db.store.schema import value_details
from tests.support.read_back import rows_of_all_kinds
from tests.support.seed import FDS, TREATED_62, Row, write_rows

KEY = ("indicator_id", "period_id", "breakdown_id", "organisation_id", "source_file_id")
MADE = ("numerator", "denominator", "value", "missing_reason", "basis", "maturity", "derived")
BESIDE = ("lower_95", "upper_95", "lower_998", "upper_998", "count", "population", "note")


def _fill(store: Store) -> None:
    """Rows with and without figures, of FDS every third with a note or an interval, every fourth of all replaced."""
    more = [
        Row(FDS, "RWF", Period.month(2022, month), None, None, missing_reason=f"reason {month % 3}")
        for month in range(1, 13)
    ]
    write_rows(store, [*rows_of_all_kinds(), *more])
    columns = ", ".join((*KEY, *MADE))
    with store.writing() as connection:
        held = connection.execute(text(f"SELECT {', '.join(KEY)} FROM observation")).all()
        fds = read_code_lists(connection).indicator_ids[FDS]
        for place, row in enumerate(sorted(map(tuple, held))):
            key = dict(zip(KEY, row, strict=True))
            if row[0] == fds and place % 3 == 0:
                told = (
                    {"note": f"note {place % 5}"}
                    if place % 2
                    else {"lower_95": place, "upper_95": place + 0.5}
                )
                connection.execute(insert(value_details), {**key, **told})
            if place % 4 == 0:
                same = " AND ".join(f"{name} = :{name}" for name in KEY)
                moved = (
                    f"INSERT INTO observation_revision ({columns}, superseded_by_file_id, reason) "
                    f"SELECT {columns}, source_file_id, 'revised' FROM observation WHERE {same}"
                )
                connection.execute(text(moved), key)


def _plainly(connection: Connection, table: str, detailed: set[int]) -> list[dict[str, Any]]:
    """The same rows by SQL of its own, with what is published beside those of some indicators."""
    joined = " AND ".join(f"d.{name} = r.{name}" for name in KEY)
    beside = ", ".join(f'd."{name}"' for name in BESIDE)
    more = ", r.superseded_by_file_id" if table == "observation_revision" else ""
    columns = ", ".join(f"r.{name}" for name in (*KEY, *MADE))
    asked = text(
        f"SELECT {columns}{more}, {beside} FROM {table} r LEFT JOIN value_details d ON {joined} "
        "ORDER BY r.indicator_id, r.period_id, r.breakdown_id, r.organisation_id"
    )
    rows = [dict(row) for row in connection.execute(asked).mappings()]
    assert all(row["indicator_id"] in detailed or not any(row[name] for name in BESIDE) for row in rows)
    return [
        {key: cell or None if key in {"note", "missing_reason"} else cell for key, cell in row.items()}
        for row in rows
    ]


def _told(
    connection: Connection, rows: FigureRows, indicators: list[int], detailed: set[int]
) -> list[dict[str, Any]]:
    """The batches as rows again, their numbers as what they stand for."""
    words: dict[str, int] = {}
    found = []
    for batch in number_batches(connection, rows, indicators, detailed, words):
        texts = {number: word for word, number in words.items()} | {0: None}
        for place in range(len(batch["value"])):
            row: dict[str, Any] = {name: _cell(column[place]) for name, column in batch.items()}
            how = Making.of(row.pop("made"))
            row |= {name: texts[row.get(name, 0)] for name in ("missing_reason", "note")}
            row |= {"source_file_id": how.file, "basis": how.basis, "maturity": how.maturity}
            found.append({**dict.fromkeys(BESIDE), **row, "derived": how.derived})
    return found


def _cell(number: float) -> float | None:
    return None if isnan(number) else number


def test_every_row_comes_once_as_it_is_stored(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of which an indicator fills several."""
    monkeypatch.setattr(whole, "_BATCH_ROWS", 128)
    monkeypatch.setattr(whole, "_FETCHED_ROWS", 64)
    _fill(store)
    with store.reading() as connection:
        lists = read_code_lists(connection)
        assert lists.indicators[min(lists.detailed)] == FDS
        indicators, detailed = sorted(lists.indicators), set(lists.detailed)
        for rows, least in ((STANDING, 500), (REPLACED, 100)):
            stored = _plainly(connection, rows.table.name, detailed)
            assert len(stored) > least
            assert _told(connection, rows, indicators, detailed) == stored
        one = lists.indicator_ids[TREATED_62]
        of_one = _told(connection, STANDING, [one], set())
        assert (
            0
            < len(of_one)
            == sum(row["indicator_id"] == one for row in _plainly(connection, "observation", detailed))
        )
