"""Waiting times in a store: a cut of a month makes no England, and a month beside the one before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.domain import FileState, OrganisationType
from db.settings import Settings
from db.store import Store
from etl.pipeline.run import load_files
from tests.support.publications.waiting_times import NAME, Row, table

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

FEBRUARY = NAME.replace("20260131", "20260228").replace("January", "February")


def whole_month(month: str = "RTT-January-2026", times: int = 1) -> list[Row]:
    """Every sub-ICB location's pathways at one trust, those of Kent at all of its own."""
    known, day = load_catalogue().organisations, date(2026, 1, 1)
    areas = [
        item
        for item in known.values()
        if item.type is OrganisationType.SUB_ICB_LOCATION
        and (item.opened_on is None or item.opened_on <= day)
        and (item.closed_on is None or day <= item.closed_on)
    ]
    rows = [
        Row(
            {2: 400 * times, 30: 200 + place},
            commissioner=item.code,
            parent=parent.code,
            provider="RJ1",
            month=month,
        )
        for place, item in enumerate(areas)
        for parent in item.parents
        if parent.in_force(day) and known[parent.code].type is OrganisationType.ICB
    ]
    kent = [
        Row({5: (1_000 + place) * times, 60: 50}, provider=code, month=month)
        for place, code in enumerate(("RVV", "RWF", "RPA", "RN7"))
    ]
    return [row for row in rows if row.commissioner != "91Q"] + kent


def load(
    store: Store, settings: Settings, path: Path, name: str, rows: list[Row]
) -> tuple[FileState, str, str]:
    (path / name).write_bytes(table(rows))
    (result,) = load_files(store, [path / name], settings, requested_by="test").results
    return result.state, result.message, " | ".join(item.message for item in result.findings)


def held(store: Store, indicator: str) -> dict[str, float]:
    with store.reading() as connection:
        found = connection.execute(
            text(
                "SELECT organisation_code, value FROM current_observation WHERE indicator = :id AND breakdown = 'all'"
            ),
            {"id": indicator},
        ).all()
    return {str(code): float(value) for code, value in found if value is not None}


def test_a_whole_month_makes_england_and_a_cut_of_it_does_not(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    kent = [row for row in whole_month() if row.commissioner == "91Q"]
    state, _, told = load(store, settings, tmp_path, NAME, kent)
    assert state is FileState.LOADED
    assert "no sum for England" in told
    assert set(held(store, "rtt-median-wait")) == {"91Q", "QKS", "RVV", "RWF", "RPA", "RN7"}
    state, message, told = load(store, settings, tmp_path, f"whole-{NAME}", whole_month())
    assert (state, message) == (FileState.LOADED, "")
    assert "no sum" not in told
    medians = held(store, "rtt-median-wait")
    assert {"ENG", "QKS", "Y59"} <= set(medians)
    assert medians["QKS"] == medians["91Q"] == pytest.approx(5 + (4_206 / 2) / 4_006)


def test_a_month_that_surprises_beside_the_one_before_is_held(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    load(store, settings, tmp_path, NAME, whole_month())
    state, message, _ = load(store, settings, tmp_path, FEBRUARY, whole_month("RTT-February-2026", times=30))
    assert state is FileState.REFUSED
    assert "like its own last periods" in message
    lost = [row for row in whole_month("RTT-February-2026") if row.provider != "RVV"]
    state, message, _ = load(store, settings, tmp_path, f"lost-{FEBRUARY}", lost)
    assert state is FileState.REFUSED
    assert "no longer in Feb 2026: RVV East Kent" in message


def test_an_ordinary_next_month_has_nothing_to_tell_of_its_sums(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    load(store, settings, tmp_path, NAME, whole_month())
    rows = [replace(row, weeks={**row.weeks, 9: 11}) for row in whole_month("RTT-February-2026")]
    state, message, told = load(store, settings, tmp_path, FEBRUARY, rows)
    assert (state, message) == (FileState.LOADED, "")
    assert "wanted a total near" not in told
