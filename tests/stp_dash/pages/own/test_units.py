"""Units beside each other: a funnel where there are enough of them with counts, and a strip for fewer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.domain.own.measures import OwnMeasure
from db.domain.own.totals import with_totals
from db.settings import Settings
from db.store import Store
from stp_dash.elements.links import OWN
from stp_dash.frame.request import PageRequest, Site
from stp_dash.pages.own.read import OwnView, places_of
from stp_dash.pages.own.units import units_cards
from tests.support.own.measures import checked, falls, lines, month, unit
from tests.support.seed import seeded_store
from tests.support.site.page_parts import plain

CODES = [f"zebra-{letter}" for letter in "abcdefg"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = seeded_store(tmp_path_factory.mktemp("units") / "store.sqlite", ())
    yield opened
    opened.close()


def cards(store: Store, settings: Settings, measure: OwnMeasure, counts: dict[str, int]) -> str:
    """The words of the cards of October 2026: so many falls of each unit in 1,000 bed days."""
    rows = [
        month(code, period, count, 1000)
        for code, count in counts.items()
        for period in ("2026-09", "2026-10")
    ]
    figures = with_totals(measure, {item.key: item for item in checked(lines(*rows), measure).figures})
    view = OwnView(measure, figures, (), places_of(measure, figures, {}), [], [])
    return str(plain(units_cards(PageRequest(Site(store, settings), OWN), view, "RVV")))


def test_seven_units_with_counts_stand_in_a_funnel(store: Store, settings: Settings) -> None:
    measure = falls(units=[unit(code) for code in CODES]).measure
    told = cards(store, settings, measure, dict.fromkeys(CODES, 10) | {"zebra-g": 40})
    # Of 100 falls in 7,000 days 14.3 are expected in 1,000, and 40 lie far beyond 95% limits of 7.8 to 24.0.
    assert "Zebra G lies outside the 95% limits of chance" in told
    assert "Funnel of 7 units in October 2026" in told
    alike = cards(store, settings, measure, dict.fromkeys(CODES, 10))
    assert "All 7 units lie inside the limits of chance" in alike


def test_fewer_stand_on_a_strip_the_worst_at_the_left(store: Store, settings: Settings) -> None:
    measure = falls(units=[unit(code) for code in CODES[:3]]).measure
    told = cards(store, settings, measure, {"zebra-a": 3, "zebra-b": 9, "zebra-c": 6})
    assert "Worst in October 2026: Zebra B, 9.0. Best in October 2026: Zebra A, 3.0." in told
    assert "Funnel" not in told
    assert cards(store, settings, measure, {"zebra-a": 3}) == str(plain([]))
