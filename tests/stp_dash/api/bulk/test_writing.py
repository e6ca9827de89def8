"""The files hold what the store holds, as others read them."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient
from frictionless import validate
from sqlalchemy import insert, text

from db.domain import Period
from db.figures.data_version import data_version
from db.settings import load_settings
from db.store import Store
from db.store.schema import value_details
from stp_dash.api.bulk.keeping import keep_files
from stp_dash.api.bulk.tables import TABLES
from stp_dash.frame.request import Site
from tests.support.seed import FDS, Row, months, seeded_store

NAMES = [table.name for table in TABLES]


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the validator leaves files open
def test_the_data_package_is_valid(made: Path) -> None:
    """Types, limits, keys, sizes and hashes, by the validator of those who made the format."""
    report = validate(str(made / "datapackage.json"))
    assert (report.valid, report.errors) == (True, [])
    assert [task.name for task in report.tasks] == NAMES
    assert all(task.stats["rows"] for task in report.tasks if task.name != "replaced")


@pytest.mark.parametrize("name", NAMES)
def test_parquet_and_csv_are_the_same(made: Path, name: str) -> None:
    with duckdb.connect() as reader:
        parquet = reader.read_parquet(str(made / f"{name}.parquet"))
        kinds = dict(zip(parquet.columns, map(str, parquet.dtypes), strict=True))
        written = reader.read_csv(str(made / f"{name}.csv.gz"), header=True, dtype=kinds)
        assert parquet.columns == list(next(table.keys for table in TABLES if table.name == name))
        assert parquet.fetchall() == written.fetchall()


def test_every_figure_of_the_store_is_there(made: Path, held: Store) -> None:
    """Against the store's own view, which is made in another way."""
    columns = (
        "indicator, organisation_code, organisation_name, organisation_type, breakdown, period_start, period_end, "
        "value, numerator, denominator, missing_reason, {} AS maturity, basis, {} AS file"
    )
    with held.reading() as connection:
        asked = text(f"SELECT {columns.format('maturity', 'source_file')} FROM current_observation")
        stored = {tuple(map(_plain, row)) for row in connection.execute(asked)}
    with duckdb.connect() as reader:
        found = reader.read_parquet(str(made / "figures.parquet")).select(columns.format("status", "file"))
        rows = [tuple(map(_plain, row)) for row in found.fetchall()]
    assert len(rows) == len(set(rows)) == len(stored) > 1_000
    assert set(rows) == stored


def test_words_intervals_and_replaced_figures_stand_with_their_own_figure(tmp_path: Path) -> None:
    """Every third figure has no value and a reason of its own, every fourth an interval and a note; every fifth was
    replaced."""
    months_held = months(Period.month(2024, 1), 24)
    rows = [
        Row(FDS, "RVV", item, None if place % 3 == 0 else 50 + place, 100, missing_reason=f"reason {place}")
        for place, item in enumerate(months_held)
    ]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    keys = "indicator_id, period_id, breakdown_id, organisation_id, source_file_id"
    copied = f"{keys}, numerator, denominator, value, missing_reason, basis, maturity, derived"
    with store.writing() as connection:
        held = connection.execute(text(f"SELECT {keys} FROM observation ORDER BY period_id")).all()
        for place, row in enumerate(held):
            key = dict(zip(keys.split(", "), row, strict=True))
            if place % 4 == 0:
                given = {**key, "lower_95": place, "upper_95": place + 0.5, "note": f"note {place}"}
                connection.execute(insert(value_details), given)
            if place % 5 == 0:
                moved = (
                    f"INSERT INTO observation_revision ({copied}, superseded_by_file_id, reason) SELECT {copied}, "
                    "source_file_id, 'revised' FROM observation WHERE period_id = :period_id"
                )
                connection.execute(text(moved), key)
    made = keep_files(Site(store, load_settings()), tmp_path / "bulk")
    store.close()
    with duckdb.connect() as reader:
        for name, step in (("figures", 1), ("replaced", 5)):
            columns = "value, missing_reason, lower_95, upper_95, value_note"
            parquet = reader.read_parquet(str(made / f"{name}.parquet")).order("period_start")
            assert parquet.select(columns).fetchall() == [
                (
                    None if place % 3 == 0 else 50.0 + place,
                    f"reason {place}" if place % 3 == 0 else None,
                    *((place, place + 0.5, f"note {place}") if place % 4 == 0 else (None, None, None)),
                )
                for place in range(0, 24, step)
            ]


def _plain(cell: Any) -> Any:
    return str(cell) if hasattr(cell, "isoformat") else cell


def test_a_series_is_the_same_as_the_api_gives(made: Path, client: FlaskClient) -> None:
    address = "/api/v1/figures.csv?indicator=cancer-62-day-combined&organisation=RVV"
    told = list(csv.DictReader(io.StringIO(client.get(address).text)))
    with gzip.open(made / "figures.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["indicator"], row["organisation_code"], row["breakdown"])
            == ("cancer-62-day-combined", "RVV", "all")
        ]
    own = {row["period_start"]: row for row in rows}
    assert len(told) == len(rows) == len(own) > 12
    for row in told:
        other = own[row["period_start"]]
        for key in row.keys() & other.keys():
            assert row[key] == other[key] or float(row[key]) == float(other[key]), key


def test_the_same_data_give_the_same_bytes(made: Path, bulk_site: Site, tmp_path: Path) -> None:
    again = keep_files(bulk_site, tmp_path)
    assert sorted(item.name for item in again.iterdir()) == sorted(item.name for item in made.iterdir())
    assert all((again / item.name).read_bytes() == item.read_bytes() for item in made.iterdir())


def test_invented_figures_say_so_in_every_row(made: Path, held: Store) -> None:
    with held.reading() as connection:
        assert data_version(connection).demonstration
    with duckdb.connect() as reader:
        marks = reader.read_parquet(str(made / "figures.parquet")).select("status_of_data").distinct()
        assert marks.fetchall() == [("demonstration data",)]
    assert b"demonstration data: every number is invented" in (made / "datapackage.json").read_bytes()
