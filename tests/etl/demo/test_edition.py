"""The demonstration edition: a figure of each subject comes first, and the order changes nothing of what is held."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from db.domain import FileState
from db.settings import Settings
from db.store import Store, open_store
from etl.demo.edition import loading_parts, run_demonstration
from etl.demo.publication import Part, Size

TODAY = date(2026, 11, 12)
SOURCE = "acute_discharge"


def held(store: Store) -> list[tuple[object, ...]]:
    columns = (
        "indicator, organisation_code, period_start, period_end, breakdown, numerator, denominator, value"
    )
    with store.reading() as connection:
        found = connection.execute(
            text(f"SELECT {columns}, maturity FROM current_observation ORDER BY 1, 2, 3, 4, 5")
        )
        return [tuple(row) for row in found]


def test_a_figure_of_each_subject_comes_before_all_others() -> None:
    assert loading_parts(Part.ALL, Size.STANDARD) == (Part.FIRST, Part.NEWEST, Part.OLDER)
    assert loading_parts(Part.ALL, Size.NATIONAL)[0] is Part.FIRST
    assert loading_parts(Part.ALL, Size.SMALL) == (Part.NEWEST, Part.OLDER)
    assert loading_parts(Part.OLDER, Size.STANDARD) == (Part.OLDER,)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_was_loaded_first_is_left_as_it_is_and_the_end_is_the_same(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    first, rest = (
        run_demonstration(store, settings=settings, size=Size.SMALL, part=part, sources=[SOURCE], today=TODAY)
        for part in (Part.FIRST, Part.NEWEST)
    )
    assert {result.state for result in first.results} == {FileState.LOADED}
    assert len(first.results) == 2
    again = [result for result in rest.results if result.state is FileState.UNCHANGED]
    assert {result.name for result in again} == {result.name for result in first.results}
    whole = open_store(f"sqlite:///{tmp_path}/whole.sqlite")
    run_demonstration(whole, settings=settings, size=Size.SMALL, sources=[SOURCE], today=TODAY)
    assert held(store) == held(whole)
    whole.close()
