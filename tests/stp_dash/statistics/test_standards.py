"""The distance to a standard, counted in patients."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain import Standard, StandardKind
from stp_dash.statistics.standards import Gap, gap, meets, met_of_judged, reaching


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
    assert found.short == (-found.count if found.met else found.count)


@given(st.integers(1, 2_000), st.integers(0, 2_000), st.sampled_from([10, 28, 75, 85, 93, 96]), st.booleans())
def test_the_quick_verdict_is_that_of_the_gap(denominator: int, seed: int, level: int, rising: bool) -> None:
    numerator, kind = (seed % (denominator + 1)) / 2, standard(level, ">=" if rising else "<=")
    found = gap(numerator, denominator, kind, 100)
    assert found is not None
    assert meets(numerator, denominator, kind, 100) is found.met


def test_the_quick_verdict_is_exact_at_the_level() -> None:
    assert meets(17, 20, standard(85), 100) is True
    assert meets(29, 100, standard(29), 100) is True
    assert meets(8_499_999, 10_000_000, standard(85), 100) is False
    assert meets(None, 20, standard(85), 100) is meets(0, 0, standard(85), 100) is None
    assert meets(1, 2, standard(None), 100) is None
    assert meets(1, 2, standard(85, "="), 100) is None


def test_how_many_met_and_could_be_judged() -> None:
    assert met_of_judged([True, None, False, True]) == (2, 3)
    assert met_of_judged([]) == (0, 0)


def test_how_many_are_no_worse_than_a_level() -> None:
    assert reaching([70, 80, 90], 80, rising=True) == 2
    assert reaching([70, 80, 90, 95], 80, rising=False) == 2
