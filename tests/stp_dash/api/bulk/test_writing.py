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
from sqlalchemy import text

from db.figures.data_version import data_version
from db.store import Store
from stp_dash.api.bulk.keeping import keep_files
from stp_dash.api.bulk.tables import TABLES
from stp_dash.frame.request import Site

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
