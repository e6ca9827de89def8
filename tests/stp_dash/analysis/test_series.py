"""Periods in a row: months, quarters with four-month periods between them, and snapshots."""

from __future__ import annotations

from datetime import date

from db.domain import Frequency, Period, comparable_frequencies
from stp_dash.analysis.series import (
    holding,
    last_periods,
    length,
    overlapping,
    periods_between,
    position,
)

FOUR = [
    Period.of_months(2016, 4, Frequency.FOUR_MONTHS),
    Period.of_months(2016, 8, Frequency.FOUR_MONTHS),
    Period.of_months(2016, 12, Frequency.FOUR_MONTHS),
]
BEFORE, AFTER = Period.quarter(2016, 1), Period.quarter(2017, 4)


def test_quarters_go_on_through_four_month_periods() -> None:
    assert periods_between(BEFORE, AFTER, [BEFORE, *FOUR, AFTER]) == (BEFORE, *FOUR, AFTER)
    assert comparable_frequencies(Frequency.QUARTER) == (Frequency.QUARTER, Frequency.FOUR_MONTHS)
    assert comparable_frequencies(Frequency.MONTH) == (Frequency.MONTH,)


def test_a_missing_quarter_is_filled_in_and_is_as_long_as_the_last() -> None:
    first, last = Period.quarter(2019, 10), Period.quarter(2020, 7)
    missing = (Period.quarter(2020, 1), Period.quarter(2020, 4))
    assert periods_between(first, last, [first, last]) == (first, *missing, last)


def test_the_last_periods_reach_back_no_further_than_what_is_known() -> None:
    known = [Period.month(2026, 3), Period.month(2026, 5)]
    assert last_periods(known[1], 24, known) == (known[0], Period.month(2026, 4), known[1])
    assert len(last_periods(Period.month(2026, 5), 24, [Period.month(2020, 1)])) == 24


def test_snapshots_are_the_known_ones() -> None:
    days = [Period.snapshot(date(2026, month, 28)) for month in (1, 4, 5, 6)]
    assert last_periods(days[-1], 3, days) == tuple(days[1:])
    assert holding(days, date(2026, 4, 1)) == days[1]
    assert holding(days, date(2026, 3, 1)) is None


def test_a_month_lies_in_its_quarter() -> None:
    assert holding([AFTER, BEFORE], date(2017, 6, 1)) == AFTER


def test_positions_are_in_months() -> None:
    april = position(Period.month(2026, 4))
    assert position(Period.month(2027, 4)) - april == 12
    assert position(Period.quarter(2026, 4)) - april == 1
    assert position(FOUR[1]) - position(FOUR[0]) == 4
    assert 0.9 < position(Period.snapshot(date(2026, 4, 30))) - april < 1
    assert (length(AFTER), length(FOUR[0]), length(Period.snapshot(date(2026, 4, 30)))) == (3, 4, 1)


def test_pooled_years_step_by_a_year_and_a_missing_one_stays_a_gap() -> None:
    pools = [Period.of_years(date(year, 1, 1), 3) for year in range(2013, 2020)]
    known = [item for item in pools if item.start.year != 2016]
    assert overlapping(known)
    assert periods_between(known[0], known[-1], known) == tuple(pools)
    apart = pools[::3]
    assert not overlapping(apart)
    assert periods_between(apart[0], apart[-1], apart) == tuple(apart)
    assert [position(item) - position(pools[0]) for item in pools[:3]] == [0, 12, 24]
    assert length(pools[0]) == 12
