"""A full month of diagnostics, from zip to committed rows, against reading the CSV and writing the rows."""

from __future__ import annotations

import zipfile
from functools import cached_property
from pathlib import Path

from db.catalogue import load_catalogue
from db.domain import Period
from db.settings import Settings
from etl.demo.diagnostics.lists import DiagnosticLists
from etl.demo.diagnostics.publisher import diagnostics_extract
from etl.demo.pairs import Pair
from tests.bench.measuring import note
from tests.bench.sources.parts import BesideParts, every_pair

MONTH = Period.month(2026, 1)
PAIRS = 2_000
"""Of a provider and a commissioner, with a row for each of fifteen tests."""


class WholeMonth(DiagnosticLists):
    """Every trust with every sub-ICB location."""

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        return every_pair(self.organisations, MONTH.start, PAIRS)


def test_one_month_against_its_parts(tmp_path: Path, sqlite_template: Path, settings: Settings) -> None:
    table = diagnostics_extract(WholeMonth(load_catalogue().organisations, MONTH, 1), MONTH).encode()
    path = tmp_path / "DM01-JANUARY-2026-full-extract.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("DM01-JANUARY-2026-full-extract.csv", table)
    ratio = BesideParts([path], [table], tmp_path, sqlite_template, settings).ratio()
    lines = table.count(b"\n")
    note("diagnostics", f"a month of {lines:,} rows of tests, beside pandas reading and raw rows", ratio)
