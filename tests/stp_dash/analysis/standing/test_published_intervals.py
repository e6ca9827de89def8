"""A value with a published interval beside England's: no counts, no standard, and no verdict from a hair's breadth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from db.catalogue import load_catalogue
from db.domain import (
    ENGLAND,
    ImprovementDirection,
    Indicator,
    OrganisationType,
    Period,
    Standard,
    StandardKind,
)
from db.domain.catalogue import INTERVAL
from db.domain.reading import ValueDetails
from stp_dash.analysis.standing.comparator import interval_of, intervals_of
from stp_dash.analysis.standing.spine import Standing
from stp_dash.analysis.standing.verdict import MET, NONE, SHORT, gap_text, verdict
from stp_dash.analysis.wording import full_text, value_text
from stp_dash.charts.svg.spine import UNJUDGED, WORSE
from tests.support.site.monthly import NEEDLE, reading

YEAR = Period.of_years(date(2024, 1, 1), 1)
AVERAGE = Standard(StandardKind.NATIONAL_AVERAGE, "<=", "England", date(2001, 1, 1), computed_from=ENGLAND)
RATE = replace(
    NEEDLE, unit="deaths per 100,000 people", multiplier=100_000, standards=(AVERAGE,),
    improvement_direction=ImprovementDirection.DECREASE,
)  # fmt: skip


def compared(indicator: Indicator, value: float, low: float, high: float) -> tuple[str, str]:
    own = replace(reading(indicator, YEAR, value), details=ValueDetails(low, high))
    england = replace(
        reading(indicator, YEAR, 145.8, ENGLAND),
        organisation_name="England",
        organisation_type=OrganisationType.COUNTRY,
    )
    told = verdict(indicator, own, england)
    assert interval_of(indicator, own) == (low, high)
    assert intervals_of(indicator, [own, None]) == [(low, high), None]
    assert told.count == 0
    return told.tone, gap_text(indicator, own, england)


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (165.7, 150.1, 182.4, (SHORT, "19.9 above England")),
        (100.5, 84.0, 119.2, (MET, "45.3 below England")),
        (149.0, 130.0, 168.0, (NONE, "similar to England")),
    ],
)
def test_only_a_whole_interval_on_one_side_is_better_or_worse(
    value: float, low: float, high: float, told: tuple[str, str]
) -> None:
    assert compared(RATE, value, low, high) == told


def test_where_neither_side_is_better_the_difference_is_said_and_no_more() -> None:
    neutral = replace(RATE, improvement_direction=ImprovementDirection.NEUTRAL)
    assert compared(neutral, 165.7, 150.1, 182.4) == (NONE, "19.9 above England")


def test_rates_of_people_keep_a_decimal_and_years_their_unit() -> None:
    assert full_text(RATE, 146.0) == "146.0 deaths per 100,000 people"
    assert value_text(replace(RATE, unit="years"), 78.63) == "78.6 years"


def test_another_range_than_a_95_interval_makes_no_verdict() -> None:
    score = load_catalogue().indicators["oversight-average-score"]
    beyond = Standing(score, 2.9, (2.5, 3.3), 2.0, None, None)
    assert beyond.mark == UNJUDGED
    assert replace(beyond, indicator=replace(score, interval_label=INTERVAL)).mark == WORSE
