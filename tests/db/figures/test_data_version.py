"""Which state of the data a store holds, and whether any of it is invented."""

from __future__ import annotations

from pathlib import Path

from db.figures.data_version import data_version
from tests.support.seed import (
    ordinary_rows,
    seeded_store,
    stroke_rows,
    write_rows,
)


def test_an_empty_store_has_no_version(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "empty.sqlite", [])
    with store.reading() as connection:
        assert data_version(connection).number == 0
    store.close()


def test_a_store_knows_whether_only_some_numbers_are_invented(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "mixed.sqlite", stroke_rows(), demonstration=True)
    with store.reading() as connection:
        before = data_version(connection)
    write_rows(store, ordinary_rows())
    with store.reading() as connection:
        after = data_version(connection)
    assert (before.demonstration, before.mixed) == (True, False)
    assert (after.demonstration, after.mixed) == (True, True)
    store.close()
