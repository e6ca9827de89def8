"""The demonstration publisher of public health profiles: the exact layout, and the ordinary pipeline reads it."""

from __future__ import annotations

import csv
from datetime import date
from itertools import groupby
from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.domain import ENGLAND, FileState, OrganisationType, Period
from db.figures.code_lists import read_code_lists
from db.settings import Settings
from db.store import Store
from etl.demo.edition import run_demonstration
from etl.demo.fingertips.publisher import COLUMNS, ProfilesPublisher
from etl.demo.fingertips.values import PROFILES
from etl.demo.publication import Size
from etl.reading.demonstration_mark import is_demonstration
from etl.source import RawFile
from etl.sources.fingertips.listed import listed_indicators
from tests.etl.sources.fingertips.made_up import HEADER
from tests.support.read_back import slice_readings

TODAY = date(2026, 11, 12)


def test_every_listed_number_has_a_table_in_the_layout_of_the_site(tmp_path: Path) -> None:
    assert ",".join(COLUMNS) == HEADER
    assert set(PROFILES) == {item.id for item in listed_indicators()}
    publisher = ProfilesPublisher(tmp_path, load_catalogue(), TODAY, Size.SMALL)
    (mortality,) = [file for file in publisher.files() if file.name == "indicator_ids=93721.csv"]
    content = mortality.content()
    assert is_demonstration(RawFile("renamed.csv", content))
    assert content.count(b"\r\n") == content.count(b"\n")
    rows = list(csv.DictReader(content.decode().splitlines()))
    england = [row for row in rows if row["Area Code"] == "E92000001"]
    assert {bool(row["Category"]) for row in england} == {True, False}
    keys = sorted((row["Time period"], row["Category"]) for row in england)
    assert {len(list(group)) for key, group in groupby(keys) if not key[1]} == {2}
    assert {row["Time period range"] for row in rows} == {"1y", "3y"}
    assert {"2024", "2022 - 24"} <= {row["Time period"] for row in rows}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_is_read_by_the_ordinary_pipeline(store: Store, settings: Settings) -> None:
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["fingertips"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * len(PROFILES)
    assert not [item for result in summary.results for item in result.findings]
    names = [result.name for result in summary.results]
    assert "by_indicator_id indicator_ids=93721" in names
    kinds = [OrganisationType.UPPER_TIER_AUTHORITY, OrganisationType.DISTRICT, OrganisationType.COUNTRY]
    with store.reading() as connection:
        lists = read_code_lists(connection)
        found = {
            item.organisation: item
            for item in slice_readings(
                connection,
                indicator_code="preventable-mortality-under-75",
                at=Period.of_years(date(2024, 1, 1), 1),
                types=kinds,
                code_lists=lists,
            )
        }
    medway = found["E06000035"]
    assert medway.numerator is None and medway.value is not None and medway.details is not None
    low, high = medway.details.interval or (0.0, 0.0)
    assert low < medway.value < high
    assert {ENGLAND, "E10000016", "E07000114"} <= set(found)
    assert all(item.demonstration for item in found.values())
