"""The readers' page of methods: its worked examples are what the program computes, and it speaks to readers."""

from __future__ import annotations

import re
from datetime import date

import pytest

from db.domain import Standard, StandardKind
from stp_dash.pages.documents.page import DOCUMENTS
from stp_dash.statistics.counts import shortfall
from stp_dash.statistics.proportions import wilson
from stp_dash.statistics.spc import analyse
from stp_dash.statistics.standards import gap

METHODS = " ".join((DOCUMENTS / "methods.md").read_text("utf-8").split())
MONTHS = [72.0, 74, 71, 75, 73, 74, 72, 76, 73, 75, 74, 72, 73]


def test_the_example_of_a_standard() -> None:
    standard = Standard(
        StandardKind.OPERATIONAL_STANDARD, ">=", "85%", effective_from=date(2023, 10, 1), value=85.0
    )
    found = gap(8_496, 10_000, standard, 100)
    assert found is not None
    assert (found.met, found.count) == (False, 4)
    assert f"{100 * 8_496 / 10_000:.2f}%" in METHODS
    assert "**4 patients short**" in METHODS


def test_the_example_of_posts() -> None:
    found = shortfall(4.25 * 6_000, 60_000_000, 738, 1_927_348)
    assert found is not None
    assert f"would have {found.count + 738:.1f} at that rate" in METHODS
    assert f"**{found.count:.0f} posts short**" in METHODS


def test_the_example_of_limits_and_of_its_three_standards() -> None:
    found = analyse(MONTHS, improvement_direction="increase", target=80)
    mean, low, high = (
        float(found.points[name].iloc[-1]) for name in ("mean", "lower_process_limit", "upper_process_limit")
    )
    assert f"Their mean is {mean:.1f}%" in METHODS
    assert f"The limits are {low:.1f}% and {high:.1f}%" in METHODS
    assert set(found.points["point_type"]) == {"common_cause"}
    verdicts = [
        analyse(MONTHS, improvement_direction="increase", target=level).assurance for level in (80, 65, 75)
    ]
    assert verdicts == ["fail", "pass", "hit_or_miss"]


@pytest.mark.parametrize(("numerator", "denominator"), [(18, 24), (1_800, 2_400)])
def test_the_example_of_intervals(numerator: int, denominator: int) -> None:
    low, high = wilson(numerator, denominator)
    assert f"{numerator:,} of {denominator:,}" in METHODS
    assert f"{100 * float(low):.1f}% to {100 * float(high):.1f}%" in METHODS


def test_readers_are_shown_no_module_exception_or_command() -> None:
    assert not re.search(r"\w+\.py\b|\w+Error\b|python -m|::|\w+\(\)|[a-z]+_[a-z]+", METHODS)
