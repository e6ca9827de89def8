"""The distance to a standard, counted in patients."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain import Standard, StandardKind
from stp_dash.analysis.gap import Gap, gap


def standard(value: float | None, comparator: str = ">=") -> Standard:
    return Standard(StandardKind.OPERATIONAL_STANDARD, comparator, "Standard", date(2023, 10, 1), value=value)


@pytest.mark.parametrize(
    ("numerator", "denominator", "level", "met", "count"),
    [
        (17, 20, 85, True, 0),
        (16, 20, 85, False, 1),
        (18, 20, 85, True, 1),
        (6541, 9224, 80, False, 839),
        (1836, 1903, 96, True, 9),
        (0, 3, 85, False, 3),
        (3, 3, 85, True, 0),
        (746, 1021, 85, False, 122),
        (29, 100, 29, True, 0),
        (57, 100, 57, True, 0),
    ],
)
def test_whole_patients(numerator: float, denominator: float, level: float, met: bool, count: float) -> None:
    assert gap(numerator, denominator, standard(level), 100) == Gap(met, count)


def test_half_patients_count_in_halves() -> None:
    assert gap(701.5, 925.5, standard(85), 100) == Gap(False, 85.5)
    assert gap(152, 178.5, standard(85), 100) == Gap(True, 0)
    assert gap(260, 379.5, standard(85), 100) == Gap(False, 63)


def test_lower_is_better() -> None:
    assert gap(10, 100, standard(10, "<="), 100) == Gap(True, 0)
    assert gap(12, 100, standard(10, "<="), 100) == Gap(False, 2)
    assert gap(8, 99, standard(10, "<="), 100) == Gap(True, 1)


def test_staff_are_not_rounded_to_heads() -> None:
    found = gap(448.25, 1_000_000, standard(4.5), 10_000)
    assert found is not None
    assert found.met is False
    assert found.count == pytest.approx(1.75)


@pytest.mark.parametrize(("numerator", "denominator"), [(None, 20), (17, None), (0, 0)])
def test_no_verdict_without_counts(numerator: float | None, denominator: float | None) -> None:
    assert gap(numerator, denominator, standard(85), 100) is None


def test_no_verdict_on_a_computed_standard() -> None:
    assert gap(1, 2, standard(None), 100) is None


@given(st.integers(1, 20_000), st.integers(0, 20_000), st.sampled_from([75, 80, 85, 93, 94, 96, 98]))
def test_the_count_is_the_least_that_would_meet_it(denominator: int, seed: int, level: int) -> None:
    numerator = seed % (denominator + 1)
    found = gap(numerator, denominator, standard(level), 100)
    assert found is not None
    needed = ceil(Fraction(level, 100) * denominator)
    assert found.met is (numerator * 100 >= level * denominator)
    assert found.count == abs(needed - numerator)
