"""Whole frames into the store: what goes in comes out, on both databases."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from db.loading.keys import STORED_COLUMNS
from db.store import Store, open_store
from db.store.bulk import CHUNK, insert_frame
from db.store.schema import observation

TEXTS = (None, "", "fewer than 5", "Zahl fehlt: größer als 7 – €", "a\ttab, a \\N and\na line")
"""Reasons of no bytes, of several lengths, and with what COPY's form of text would have to write otherwise."""


def rows_of(count: int, **columns: Any) -> pd.DataFrame:
    """Rows of the table of observations, told apart by their organisation; `columns` as given."""
    numbers = dict.fromkeys(("indicator_id", "period_id", "breakdown_id"), 1)
    facts = {"numerator": 1.0, "denominator": 3.0, "value": 100 / 3, "missing_reason": None}
    rest = {"basis": 1, "maturity": 2, "derived": 0, "source_file_id": 2**31 - 1}
    given = numbers | {"organisation_id": range(1, count + 1)} | facts | rest | columns
    return pd.DataFrame(given, index=range(count))[list(STORED_COLUMNS)]


def inserted(store: Store, frame: pd.DataFrame) -> list[tuple[object, ...]]:
    with store.writing() as connection:
        assert insert_frame(connection, observation, frame) == len(frame)
    with store.reading() as connection:
        statement = select(*(observation.c[name] for name in STORED_COLUMNS)).order_by("organisation_id")
        return [tuple(row) for row in connection.execute(statement)]


def test_every_pattern_of_missing_numbers_and_every_text(store: Store) -> None:
    numbers = (-0.1, 1e300, float("nan"))
    patterns = [(one, two, text) for one in numbers for two in numbers for text in TEXTS]
    frame = rows_of(
        len(patterns),
        numerator=[pattern[0] for pattern in patterns],
        denominator=[pattern[1] for pattern in patterns],
        missing_reason=pd.Series([pattern[2] for pattern in patterns], dtype=object),
    )
    found = [(row[4], row[5], row[7]) for row in inserted(store, frame)]
    assert found == [
        (None if np.isnan(one) else one, None if np.isnan(two) else two, text) for one, two, text in patterns
    ]


def test_more_rows_than_are_written_at_a_time(store: Store) -> None:
    count = CHUNK + 1
    rows = inserted(store, rows_of(count, numerator=np.arange(count, dtype=np.float64)))
    assert len(rows) == count
    assert rows[0] == (1, 1, 1, 1, 0.0, 3.0, 100 / 3, None, 1, 2, 0, 2**31 - 1)
    assert rows[-1] == (1, 1, 1, count, float(CHUNK), 3.0, 100 / 3, None, 1, 2, 0, 2**31 - 1)


def test_no_rows(store: Store) -> None:
    assert inserted(store, rows_of(0)) == []


@pytest.mark.postgresql
@pytest.mark.parametrize(("column", "number"), [("basis", 2**15), ("period_id", 2**31), ("maturity", 0.5)])
def test_a_number_that_its_column_cannot_hold_is_refused(
    new_postgresql_url: str, column: str, number: float
) -> None:
    frame = rows_of(3, **{column: [1, number, 1]})
    with closing(open_store(new_postgresql_url)) as store:
        with pytest.raises(ValueError, match=rf"observation\.{column}: wanted numbers that .* can hold"):
            inserted(store, frame)
        assert inserted(store, rows_of(0)) == []
