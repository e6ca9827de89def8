"""A series of values with published intervals: what the page draws, says and gives for download."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from db.store import Store, open_store
from etl.source import Hints
from etl.sources.fingertips import SOURCE
from tests.db.loading.test_load import load
from tests.etl.sources.fingertips.made_up import MEDWAY_RATE, MORTALITY, table
from tests.support.frames import file
from tests.support.site.page_parts import title, words
from tests.support.site.pages import page_shown, rows_downloaded

NOTE = "Aggregated from all known lower geography values"
RATE = "?indicator=preventable-mortality-under-75&organisation=E06000035"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three single years of England and Medway, and two of three years together of Medway."""
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('published') / 'store.sqlite'}")
    single = [
        {**row, "Time period": str(year), "Time period Sortable": f"{year}0000", "Value note": note}
        for year, note in ((2017, ""), (2018, NOTE), (2019, ""))
        for row in (MORTALITY, MEDWAY_RATE)
    ]
    pooled = [
        {**MEDWAY_RATE, "Time period": f"{year} - {year % 100 + 2}", "Time period Sortable": f"{year}0000",
         "Time period range": "3y"}
        for year in (2015, 2016)
    ]  # fmt: skip
    load(
        opened,
        SOURCE.parse(table(*single, *pooled), Hints()).frame,
        file(latest_period_end=date(2019, 12, 31)),
    )
    yield opened
    opened.close()


def test_a_value_stands_with_its_published_interval_beside_england(store: Store) -> None:
    page = page_shown(store, "/trend", RATE)
    assert title(page) == (
        "Medway: Preventable deaths under 75, 153.2 deaths per 100,000 people in 2019, similar to England"
    )
    said = words(page)
    assert "95% interval 139.0 to 168.5" in said
    assert "Published 95% interval" in said
    assert NOTE in said


def test_the_download_has_both_intervals_and_the_count_that_the_value_is_not_made_of(store: Store) -> None:
    newest, middle, _ = rows_downloaded(store, "/trend", f"{RATE}&sheet=trend")
    assert (newest["value"], newest["lower_95"], newest["upper_95"]) == ("153.2", "139.0", "168.5")
    assert (newest["numerator"], newest["denominator"]) == ("", "")
    assert (newest["published_count"], newest["published_population"]) == ("430.0", "259022.0")
    assert (newest["lower_998"], middle["value_note"]) == ("", NOTE)


def test_years_that_overlap_are_drawn_without_limits_and_the_page_says_so(store: Store) -> None:
    pooled = RATE.replace("under-75", "under-75-three-years")
    said = words(page_shown(store, "/trend", pooled))
    assert "Neighbouring figures share years, so no limits are drawn" in said
    assert "No limits: periods overlap" in said
    assert "Three years together, 2015 to 2018" in said
    assert "Process limits" not in said
