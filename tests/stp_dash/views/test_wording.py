"""How numbers are written."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from db.catalogue import load_catalogue
from db.domain import Standard, StandardKind
from stp_dash.views.wording import count_text, counted, listing, topic_in_sentence, value_text

PER_CENT: Any = load_catalogue().indicators["cancer-62-day-combined"]
RATE: Any = SimpleNamespace(unit="per 10,000 patients")
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


def test_topics_keep_their_initials() -> None:
    assert topic_in_sentence("Cancer") == "cancer"
    assert topic_in_sentence("GP and nurse staffing") == "GP and nurse staffing"
