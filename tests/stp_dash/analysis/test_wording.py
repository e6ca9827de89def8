"""How numbers are written."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from db.catalogue import load_catalogue
from db.domain import Period, Standard, StandardKind
from db.domain.holdings import PublicationDay
from stp_dash.analysis.wording import (
    axis_numbers,
    beginning,
    count_text,
    counted,
    counts_text,
    distance,
    full_text,
    level_axis,
    listing,
    out_by,
    uncapitalised,
    value_text,
)

PER_CENT: Any = load_catalogue().indicators["cancer-62-day-combined"]
RATE: Any = SimpleNamespace(unit="per 10,000 patients", decimals=None)
LEVEL = Standard(StandardKind.OPERATIONAL_STANDARD, ">=", "Standard 85%", date(2023, 10, 1), value=85)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (70.9128, "70.9%"),
        (84.96, "84.96%"),
        (84.996, "84.996%"),
        (85.0, "85.0%"),
        (85.04, "85.04%"),
        (85.06, "85.1%"),
        (100.0, "100.0%"),
        (None, "No figure"),
    ],
)
def test_rounding_never_moves_a_figure_onto_its_standard(value: float | None, text: str) -> None:
    assert value_text(PER_CENT, value, LEVEL) == text


def test_halves_round_up() -> None:
    assert value_text(PER_CENT, 70.25) == "70.3%"


def test_rates_have_two_decimals() -> None:
    assert value_text(RATE, 4.4761) == "4.48"


def test_counts() -> None:
    assert count_text(6541) == "6,541"
    assert count_text(701.5) == "701.5"
    assert count_text(None) == "no figure"
    assert counted(1, "patients") == "1 patient"
    assert counted(0.5, "patients") == "0.5 patients"


def test_listing() -> None:
    assert listing([]) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(["1,302 short", "met by 45"]) == "1,302 short and met by 45"
    assert (
        listing(["Medway", "Dartford, Gravesham and Swanley"])
        == "Medway; and Dartford, Gravesham and Swanley"
    )


def test_topics_keep_their_initials() -> None:
    assert uncapitalised("Cancer") == "cancer"
    assert uncapitalised("GP and nurse staffing") == "GP and nurse staffing"


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("minutes", 52.0, "52 minutes"),
        ("minutes", 52.5, "52.5 minutes"),
        ("minutes", 1.0, "1 minute"),
        ("weeks", 13.62, "13.6 weeks"),
        ("weeks", 1.0, "1 week"),
        ("pathways", 75193.0, "75,193"),
        ("pathways", 7380858.9, "7,380,859"),
        ("pathways", 69.5, "69.5"),
        ("score", 84.1, "84.1"),
        ("score", 63.0, "63"),
        ("level", 5.0, "A"),
        ("level", 1.0, "E"),
        ("per 10,000 patients", 3.888, "3.89"),
        ("%", 0.03, "0.03%"),
        ("%", 0.0, "0.0%"),
        ("%", 0.06, "0.1%"),
    ],
)
def test_each_unit_is_written_its_own_way(unit: str, value: float, text: str) -> None:
    indicator: Any = SimpleNamespace(unit=unit, decimals=None)
    assert value_text(indicator, value) == text


def test_counts_of_shares_and_rates() -> None:
    rate: Any = SimpleNamespace(unit="per 10,000 patients", denominator_label="Registered patients")
    assert counts_text(PER_CENT, 59, 78) == "59 of 78"
    assert counts_text(rate, 793.8, 2_041_741) == "793.8 for 2,041,741 registered patients"
    assert counts_text(PER_CENT, None, None) == ""
    expected: Any = SimpleNamespace(unit="admissions per 100,000", denominator_label="Admissions expected")
    assert counts_text(expected, 7_960, 7_233.4) == "7,960 for 7,233.4 admissions expected"


def test_distances_are_whole_from_ten_and_name_the_last_word_of_their_unit() -> None:
    assert distance(120.9, "full-time equivalent posts") == "121 posts"
    assert distance(6.84, "full-time equivalent posts") == "6.8 posts"
    assert distance(1, "patients") == "1 patient"
    assert distance(0.04, "posts") == "0 posts"


def test_by_when_figures_were_out_is_published_only_where_that_day_is_known() -> None:
    day = date(2026, 10, 8)
    known, loaded = PublicationDay(day, "a", True), PublicationDay(day, "b", False)
    later = PublicationDay(date(2026, 11, 1), "b", False)
    assert out_by(day, [known, later]) == out_by(day, []) == "published by 8 October 2026"
    assert out_by(day, [loaded]) == out_by(day, [later]) == "loaded here by 8 October 2026"
    assert out_by(day, [known, loaded]) == (
        "published by 8 October 2026, or loaded here by then where the day of publication is not known"
    )


def test_a_share_of_something_is_written_with_its_sign_and_its_own_decimals() -> None:
    share: Any = SimpleNamespace(unit="% of turnover", decimals=2)
    assert full_text(share, -6.3) == "−6.30% of turnover"
    score: Any = SimpleNamespace(unit="score from 1 to 4", decimals=2)
    assert full_text(score, 2.3) == "2.30"


def test_segments_have_an_axis_of_whole_marks() -> None:
    segment: Any = SimpleNamespace(unit="segment")
    assert level_axis(segment) == ((1.0, "1"), (2.0, "2"), (3.0, "3"), (4.0, "4"))


def test_a_beginning_has_no_second_to_where_a_period_is_of_years() -> None:
    found = [
        beginning(p) for p in (Period.financial_year(2020), Period.month(2023, 6), Period.quarter(2026, 4))
    ]
    assert found == ["2020/21", "June 2023", "April to June 2026"]


def test_an_axis_has_the_numbers_of_the_page_and_no_letters_for_thousands() -> None:
    assert axis_numbers([15, 17.5, 20], "%") == ["15.0%", "17.5%", "20.0%"]
    assert axis_numbers([1_500_000, 1_550_000]) == ["1,500,000", "1,550,000"]
    assert axis_numbers([75_000, 80_000]) == ["75,000", "80,000"]
