"""The demonstration publisher of the NHS Oversight Framework: the exact layouts, read by the ordinary pipeline."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import FileState, OrganisationType, Period
from db.domain.organisation import TrustKind
from db.figures.code_lists import read_code_lists
from db.loading.loaded_files import extent_of_source
from db.settings import Settings
from db.store import Store
from etl.demo.edition import run_demonstration
from etl.demo.oversight_framework.publisher import DATA_COLUMNS, LEAGUE_COLUMNS
from etl.demo.publication import Size
from tests.etl.sources.oversight_framework.made_up import DATA, LEAGUE
from tests.support.read_back import slice_readings

TODAY = date(2026, 11, 12)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_it_is_read_by_the_ordinary_pipeline(store: Store, settings: Settings) -> None:
    assert (list(DATA_COLUMNS), list(LEAGUE_COLUMNS)) == (DATA, LEAGUE)
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["oversight_framework"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 9
    assert not [item for result in summary.results for item in result.findings]
    with store.reading() as connection:
        reach = extent_of_source(connection, "oversight_framework").data_to
        assert reach == Period.quarter(2026, 4), "a plan of the year to March 2027 reaches no further"
        lists = read_code_lists(connection)
        found = {
            (name, item.organisation): item
            for name, period in (
                ("oversight-league-place", Period.quarter(2026, 4)),
                ("oversight-segment", Period.quarter(2025, 4)),
                ("finance-planned-surplus-deficit", Period.financial_year(2026)),
            )
            for item in slice_readings(
                connection,
                indicator_code=name,
                at=period,
                types=[OrganisationType.TRUST],
                code_lists=lists,
            )
        }
    place = found["oversight-league-place", "RXY"]
    assert place.details and place.details.trust_kind == TrustKind.MENTAL_HEALTH_AND_COMMUNITY
    low, high = place.details.interval or (0.0, 0.0)
    assert place.value and low <= place.value <= high
    assert {"RVV", "RYD"} <= {code for name, code in found if name == "oversight-segment"}
    assert ("finance-planned-surplus-deficit", "RVV") in found, "the plan of the year that runs"
    assert all(item.demonstration for item in found.values())
