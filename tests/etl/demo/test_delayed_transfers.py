"""The demonstration edition of delayed transfers of care, read by the ordinary pipeline; never overdue."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from db.catalogue.source_files import expected_next
from db.domain import FileState, Period
from db.settings import Settings
from db.store import Store
from etl.demo.edition import run_demonstration
from etl.demo.publication import Size


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_authorities_regions_and_england_are_loaded(store: Store, settings: Settings) -> None:
    source = "delayed_transfers"
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=[source], today=date(2026, 11, 21)
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 3
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT organisation_code, basis, value FROM current_observation WHERE breakdown = 'all' "
                "AND indicator = 'delayed-transfers-daily-average' AND period_start = '2019-12-01' "
                "AND organisation_code IN ('ENG', 'E10000016', 'E06000035', 'E12000008')"
            )
        ).all()
    found = {code: (basis, value) for code, basis, value in rows}
    assert {code: basis for code, (basis, _) in found.items()} == {
        "ENG": "national",
        "E10000016": "residence",
        "E06000035": "residence",
        "E12000008": "residence",
    }
    assert found["ENG"][1] > found["E12000008"][1] > found["E10000016"][1] + found["E06000035"][1]
    assert expected_next(source, Period.month(2020, 2)) is None
