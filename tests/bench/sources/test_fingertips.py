"""Tables of values of public health profiles into committed rows, against reading them and writing the rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from db.catalogue import load_catalogue
from db.settings import Settings
from etl.demo.fingertips.publisher import ProfilesPublisher
from etl.demo.publication import Size
from tests.bench.measuring import note
from tests.bench.sources.parts import BesideParts

TODAY = date(2026, 11, 20)


def test_all_tables_against_their_parts(tmp_path: Path, sqlite_template: Path, settings: Settings) -> None:
    tables: dict[Path, bytes] = {}
    for number, file in enumerate(
        ProfilesPublisher(tmp_path, load_catalogue(), TODAY, Size.NATIONAL).files()
    ):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(file.content())
        tables[path] = path.read_bytes()
    ratio = BesideParts([*tables], [*tables.values()], tmp_path, sqlite_template, settings).ratio()
    lines = sum(table.count(b"\n") for table in tables.values())
    what = f"{len(tables)} tables of {lines:,} rows of values, beside pandas reading and raw rows"
    note("public health profiles", what, ratio)
