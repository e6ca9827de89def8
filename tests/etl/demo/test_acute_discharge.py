"""The demonstration edition of the acute discharge situation report, read by the ordinary pipeline."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from db.domain import FileState
from db.settings import Settings
from db.store import Store
from etl.demo.edition import run_demonstration
from etl.demo.publication import Size

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_months_a_silent_trust_and_the_series_are_loaded(store: Store, settings: Settings) -> None:
    summary = run_demonstration(
        store, settings=settings, size=Size.SMALL, sources=["acute_discharge"], today=TODAY
    )
    assert [item.state for item in summary.results] == [FileState.LOADED] * 4
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT organisation_code, period_start, value, missing_reason FROM current_observation "
                "WHERE indicator = 'discharge-remaining-daily-average' AND organisation_code IN ('ENG', 'QKS', 'RPA')"
            )
        ).all()
    found = {(code, str(start)[:7]): (value, reason) for code, start, value, reason in rows}
    assert {month for _, month in found} == {"2026-08", "2026-09", "2026-10"}
    assert found["RPA", "2026-09"] == (None, "figures of 2 of 30 days only")
    assert found["RPA", "2026-08"][0] is not None
    assert found["ENG", "2026-10"][0] > found["QKS", "2026-10"][0] > found["RPA", "2026-10"][0] > 20
