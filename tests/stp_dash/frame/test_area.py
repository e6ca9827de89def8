"""What is read of a region and of England: their own figures, and their boards' where they have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.catalogue import lineage, load_catalogue
from db.domain import Period
from db.domain.reading import Selection
from db.figures.data_version import data_version
from db.settings import load_settings
from stp_dash.analysis.area import codes_of, index_readings, own_series
from stp_dash.frame.area import readings_and_parts
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, Site
from tests.support.seed import FDS, Row, months, seeded_store

APRIL, MAY, JUNE, JULY = MONTHS = tuple(months(Period.month(2026, 4), 4))


@pytest.mark.parametrize("code", ["Y59", "ENG"])
def test_of_boards_only_those_periods_are_read_that_the_whole_has_no_value_of(
    tmp_path: Path, code: str
) -> None:
    """April has no row of its own, May one without a value, June a value, July nothing but a part of the boards."""
    steps = lineage(load_catalogue(), code)
    boards = next(step.codes for step in steps if step.effective_to is None)
    rows = [Row(FDS, code, MAY, None, None, missing_reason="not published"), Row(FDS, code, JUNE, 70, 100)]
    rows += [
        Row(FDS, board, month, 6, 10)
        for month in MONTHS
        for board in boards
        if month != JULY or board != boards[0]
    ]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    indicator = store.catalogue.indicators[FDS]
    wanted = Selection((FDS,), codes_of(code, steps), MONTHS)
    site = Site(store, load_settings())
    with store.reading() as connection:
        reader = StoreReader(PageRequest(site, "/", {}), connection, data_version(connection))
        whole, found = reader.readings([wanted]), readings_and_parts(reader, wanted, steps, MONTHS)
    store.close()
    series = own_series(index_readings(found), indicator, code, steps)
    assert series == own_series(index_readings(whole), indicator, code, steps)
    assert [(item.period, item.value, len(item.members)) for item in series] == [
        (APRIL, 60.0, len(boards)),
        (MAY, 60.0, len(boards)),
        (JUNE, 70.0, 0),
    ]
    assert {item.organisation for item in found if item.period == JUNE} == {code}
