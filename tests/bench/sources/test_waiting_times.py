"""A full month of referral to treatment, from zip to committed rows, against reading the CSV and writing the rows."""

from __future__ import annotations

import zipfile
from functools import cached_property
from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.domain import Period
from db.settings import Settings
from etl.demo.pairs import Pair
from etl.demo.referral_to_treatment.pathways import WaitingLists
from etl.demo.referral_to_treatment.publisher import full_extract
from tests.bench.measuring import in_own_process, note, peak_megabytes
from tests.bench.sources.parts import BesideParts, every_pair, load

MONTH = Period.month(2026, 1)
PAIRS = 12_200
"""Of a provider and a commissioner: with 15 rows each, as many as in the publisher's file of January 2026."""
LARGEST_PEAK = 400
MEMBER = "20260131-RTT-January-2026-full-extract.csv"


class WholeMonth(WaitingLists):
    """Every trust with every sub-ICB location."""

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        return every_pair(self.organisations, MONTH.start, PAIRS)


@pytest.fixture(scope="module")
def content() -> bytes:
    """As long and as wide as the publisher's table."""
    made = full_extract(WholeMonth(load_catalogue().organisations, MONTH, 1), MONTH).encode()
    assert made.count(b"\n") > 150_000
    return made


@pytest.fixture(scope="module")
def path(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rtt") / "Full-CSV-data-file-Jan26-ZIP-4M.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(MEMBER, content)
    return made


def test_one_month_against_its_parts(
    tmp_path: Path, sqlite_template: Path, settings: Settings, content: bytes, path: Path
) -> None:
    ratio = BesideParts([path], [content], tmp_path, sqlite_template, settings).ratio()
    lines = content.count(b"\n")
    what = f"a month of {lines:,} rows of pathways, beside pandas reading and raw rows"
    assert note("waiting times", what, ratio, most=3).met


def _peak(url: str, path: Path, settings: Settings) -> float:
    load(url, [path], settings)
    return peak_megabytes()


def test_peak_memory(sqlite_url: str, settings: Settings, path: Path) -> None:
    peak = in_own_process(_peak, sqlite_url, path, settings)
    assert note("waiting times", "peak memory of a month of pathways", peak, "MB", most=LARGEST_PEAK).met
