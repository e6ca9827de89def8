"""Diagnostics in a store: what is printed and what is summed, a month beside the one before it, and an extract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.domain import FileState, OrganisationType
from db.settings import Settings
from db.store import Store
from etl.pipeline.run import load_files
from tests.support.publications.diagnostics_files import (
    MRI,
    NAME,
    ULTRASOUND,
    ZIP,
    Waiting,
    extract,
    packed_extract,
    raw_workbook,
    sheets,
)

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

MAY = NAME.replace("April", "May")


def month(times: int = 1) -> list[Waiting]:
    """Kent's trusts and thirty others, each with two tests."""
    trusts = [
        item.code
        for item in load_catalogue().organisations.values()
        if item.type is OrganisationType.TRUST and item.closed_on is None and len(item.code) == 3
    ][:30]
    codes = dict.fromkeys(["RVV", "RWF", "RPA", "RN7", *trusts])
    return [
        Waiting(code, test, {0: (300 + 7 * place) * times, 7: 40 + place, 13: 9}, (5, 6, 70 + place))
        for place, code in enumerate(codes)
        for test in (MRI, ULTRASOUND)
    ]


def load(
    store: Store, settings: Settings, path: Path, rows: Sequence[Waiting], name: str = NAME
) -> tuple[FileState, str, str]:
    period = f"{name.split('-')[-2]} 2025"
    (path / name).write_bytes(raw_workbook(sheets(rows, period=period), name).content)
    (result,) = load_files(store, [path / name], settings, requested_by="test").results
    return result.state, result.message, " | ".join(item.message for item in result.findings)


def held(store: Store, indicator: str, breakdown: str = "all") -> dict[str, tuple[float, float]]:
    with store.reading() as connection:
        found = connection.execute(
            text(
                "SELECT organisation_code, numerator, denominator FROM current_observation "
                "WHERE indicator = :id AND breakdown = :cut"
            ),
            {"id": indicator, "cut": breakdown},
        ).all()
    return {str(code): (part, whole) for code, part, whole in found}


def test_england_is_the_sum_of_providers_and_regions_are_added_to_nothing(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    rows = month()
    assert load(store, settings, tmp_path, rows) == (FileState.LOADED, "", "")
    found = held(store, "diagnostics-over-6-weeks")
    assert (
        found["ENG"]
        == found["Y59"]
        == (
            sum(sum(row.cells[6:]) for row in rows),
            sum(sum(row.cells) for row in rows),
        )
    )
    assert found["RVV"] == (2 * 49, 2 * 349)
    by_test = held(store, "diagnostics-over-6-weeks", "test: MRI")
    assert by_test["RVV"] == (49, 349)
    assert by_test["ENG"][1] == sum(sum(row.cells) for row in rows if row.test == MRI)


def test_a_month_that_surprises_beside_the_one_before_is_held(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    load(store, settings, tmp_path, month())
    state, message, _ = load(store, settings, tmp_path, month(), MAY)
    assert state is FileState.REFUSED
    assert "figures equal those of April 2025" in message
    lost = [row for row in month(2) if row.provider != "RVV"]
    state, message, _ = load(store, settings, tmp_path, lost, MAY)
    assert state is FileState.REFUSED
    assert "no longer in May 2025: RVV East Kent" in message


def test_an_extract_adds_commissioners_and_leaves_what_the_workbook_printed(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    rows = month()
    load(store, settings, tmp_path, rows, MAY)
    before = held(store, "diagnostics-over-6-weeks")
    named = ZIP.replace("2026", "2025")
    some = [replace(row, bands={1: 5}) if row.provider == "RVV" else row for row in rows]
    content = extract([row for row in some if row.provider != "RN7"], period="DM01-MAY-2025")
    (tmp_path / named).write_bytes(packed_extract(content, named, named.replace("zip", "csv")).content)
    (result,) = load_files(store, [tmp_path / named], settings, requested_by="test").results
    assert result.state is FileState.LOADED
    found = held(store, "diagnostics-over-6-weeks")
    assert found["91Q"] == found["QKS"]
    assert found["91Q"][1] == sum(sum(row.cells) for row in some if row.provider != "RN7")
    assert {code: found[code] for code in before} == before
