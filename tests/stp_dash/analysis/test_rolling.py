"""Several periods together, for counts too small to be read alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.catalogue import load_catalogue
from db.domain import Frequency, Maturity, Period
from stp_dash.analysis.rolling import rolling, rolling_side, side_figure
from tests.support.site.readings import ELIGIBLE, WITHIN, reading

QUARTERS = [
    Period.quarter(2025, 1),
    Period.quarter(2025, 4),
    Period.quarter(2025, 7),
    Period.quarter(2025, 10),
]
COUNTS = [(59, 80), (63, 92), (47, 60), (59, 78)]
SERIES = [replace(reading(WITHIN, c), period=q) for c, q in zip(COUNTS, QUARTERS, strict=True)]


def test_four_quarters_are_summed_and_divided_once() -> None:
    found = rolling(WITHIN, SERIES)
    assert list(found) == [QUARTERS[3]]
    assert (found[QUARTERS[3]].numerator, found[QUARTERS[3]].denominator) == (228, 310)
    assert found[QUARTERS[3]].value == pytest.approx(100 * 228 / 310)
    assert found[QUARTERS[3]].derived


@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_sum_where_a_quarter_is_absent_or_uncounted(place: int) -> None:
    without = [item for i, item in enumerate(SERIES) if i != place]
    assert rolling(WITHIN, without) == {}
    uncounted = replace(SERIES[place], numerator=None, denominator=None)
    assert rolling(WITHIN, [uncounted if i == place else item for i, item in enumerate(SERIES)]) == {}


def test_every_four_quarters_of_five_years_are_summed_but_those_with_a_gap() -> None:
    quarters = [Period.quarter(2019 + place // 4, 1 + 3 * (place % 4)) for place in range(20)]
    series = [
        replace(SERIES[0], period=quarter, numerator=place, denominator=100)
        for place, quarter in enumerate(quarters)
        if place != 9
    ]
    whole = [place for place in range(3, 20) if 9 not in range(place - 3, place + 1)]
    found = {period: item.numerator for period, item in rolling(WITHIN, series).items()}
    assert found == {quarters[place]: sum(range(place - 3, place + 1)) for place in whole}


def test_no_sum_across_a_restart() -> None:
    back = [replace(item, period=Period.quarter(2024, 4 + 3 * i)) for i, item in enumerate(SERIES[:3])]
    later = replace(SERIES[3], period=Period.quarter(2025, 1))
    assert WITHIN.breaks[0].on.isoformat() == "2024-10-01"
    assert rolling(WITHIN, [*back, later]) == {}


def test_four_month_periods_are_no_quarters() -> None:
    odd = replace(SERIES[0], period=Period.of_months(2024, 12, Frequency.FOUR_MONTHS))
    assert rolling(WITHIN, [odd, *SERIES[1:]]) == {}


def test_a_sum_is_as_settled_as_its_least_settled_quarter() -> None:
    provisional = replace(SERIES[2], maturity=Maturity.PROVISIONAL)
    assert (
        rolling(WITHIN, [*SERIES[:2], provisional, SERIES[3]])[QUARTERS[3]].maturity is Maturity.PROVISIONAL
    )


def test_only_indicators_that_ask_for_it_are_summed() -> None:
    assert rolling(load_catalogue().indicators["stroke-thrombolysed"], SERIES) == {}
    assert (WITHIN.shown_beside, WITHIN.rolling_periods) == (("stroke-eligible-thrombolysed",), 4)


def test_the_card_has_counts_and_interval() -> None:
    (card,) = rolling_side(WITHIN, rolling(WITHIN, SERIES), SERIES[3])
    assert (card.heading, card.value, card.counts) == ("Last four quarters", "73.5%", "228 of 310")
    assert card.interval == "68.4% to 78.1%"
    assert card.period == "January 2025 to December 2025, final"
    (empty,) = rolling_side(WITHIN, {}, SERIES[3])
    assert (empty.value, empty.counts) == ("No figure", "")
    assert "restarts" in empty.note


def test_the_other_indicator_is_of_the_same_period_or_said_to_be_missing() -> None:
    own = reading(ELIGIBLE, (73, 83))
    shown = side_figure(ELIGIBLE, [own], own.period, "/trend")
    assert (shown.value, shown.counts, shown.interval) == ("88.0%", "73 of 83", "79.2% to 93.3%")
    missing = side_figure(ELIGIBLE, [own], QUARTERS[0], "/trend")
    assert (missing.value, missing.note) == ("No figure", "not loaded")
