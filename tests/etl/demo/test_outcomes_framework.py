"""The demonstration publisher of the NHS Outcomes Framework: the described layout, read by the ordinary pipeline."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import ENGLAND, FileState, OrganisationType, Period
from db.figures.code_lists import read_code_lists
from db.settings import Settings
from db.store import Store
from etl.demo.edition import run_demonstration
from etl.demo.outcomes_framework.publisher import COLUMNS
from etl.demo.publication import Size
from tests.etl.sources.outcomes_framework.made_up import HEADER
from tests.support.read_back import slice_readings

TODAY = date(2026, 11, 12)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_is_read_by_the_ordinary_pipeline(store: Store, settings: Settings) -> None:
    assert ",".join(COLUMNS) == HEADER
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["outcomes_framework"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 2
    assert not [item for result in summary.results for item in result.findings]
    kinds = [OrganisationType.UPPER_TIER_AUTHORITY, OrganisationType.DISTRICT, OrganisationType.COUNTRY]
    with store.reading() as connection:
        found = {
            item.organisation: item
            for item in slice_readings(
                connection,
                indicator_code="emergency-admissions-chronic-acsc",
                at=Period.financial_year(2024),
                types=kinds,
                code_lists=read_code_lists(connection),
            )
        }
    assert {ENGLAND, "E10000016", "E06000035"} <= set(found)
    districts = [item for code, item in found.items() if code.startswith("E07")]
    assert len(districts) >= 12
    kent, own = (
        found["E10000016"],
        [item for item in districts if "E07000105" <= item.organisation <= "E07000116"],
    )
    assert len(own) == 12
    assert kent.numerator == sum(item.numerator or 0 for item in own)
    medway = found["E06000035"]
    assert medway.numerator and medway.denominator and medway.value and medway.details
    assert medway.value == pytest.approx(820.45 * medway.numerator / medway.denominator, abs=0.1)
    low, high = medway.details.interval or (0.0, 0.0)
    assert low < medway.value < high
    assert all(item.demonstration for item in found.values())
