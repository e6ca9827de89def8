"""The demonstration publisher of mid-year estimates: the exact layout, and the ordinary pipeline reads it."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import ENGLAND, FileState, OrganisationType, Period
from db.figures.code_lists import read_code_lists
from db.settings import Settings
from db.store import Store
from etl.demo.edition import run_demonstration
from etl.demo.publication import Size
from tests.support.read_back import slice_readings

TODAY = date(2026, 11, 12)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_is_read_by_the_ordinary_pipeline(store: Store, settings: Settings) -> None:
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["population"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 4
    assert not [item for result in summary.results for item in result.findings]
    assert [result.name for result in summary.results][1:] == [
        "ukpopestimatesmid2025on2025geography-DEMONSTRATION.xlsx",
        "2014snpppopulation-DEMONSTRATION.zip",
        "2018snpppopulation-DEMONSTRATION.zip",
    ]
    with store.reading() as connection:
        lists = read_code_lists(connection)
        found = {
            (item.organisation, year): item
            for year in (2001, 2024, 2025)
            for item in slice_readings(
                connection,
                indicator_code="resident-population",
                at=Period.snapshot(date(year, 6, 30)),
                types=[
                    OrganisationType.UPPER_TIER_AUTHORITY,
                    OrganisationType.DISTRICT,
                    OrganisationType.COUNTRY,
                ],
                code_lists=lists,
            )
        }
        projected = {
            item.organisation: item.value or 0
            for item in slice_readings(
                connection,
                indicator_code="resident-population-projected-2014-based",
                at=Period.snapshot(date(2031, 6, 30)),
                types=[OrganisationType.UPPER_TIER_AUTHORITY, OrganisationType.DISTRICT],
                code_lists=lists,
            )
        }
    kent = sum(people for code, people in projected.items() if code.startswith("E070001"))
    assert projected["E10000016"] == pytest.approx(kent, abs=10)
    assert {(ENGLAND, 2001), ("E10000016", 2024), ("E07000114", 2025)} <= found.keys()
    assert all(item.demonstration and not item.derived for item in found.values())
    districts = [
        item.value or 0 for (code, year), item in found.items() if code.startswith("E070001") and year == 2025
    ]
    assert sum(districts) == found["E10000016", 2025].value
