"""Marked points, icons and limits in words: they say no more than the statistic does."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.domain import ImprovementDirection, Indicator
from stp_dash.analysis import signals
from stp_dash.analysis.control import Controlled, controlled
from stp_dash.statistics.profiles import COMMON_CAUSE, PROFILES
from stp_dash.statistics.rebasing import RebaseDecision
from tests.support.site.monthly import OLD, monthly

NAN = math.nan
BANNED = re.compile(r"\b(red|green|amber|target|significant|significantly|nan|None)\b")
STEADY = [75.0, 77, 74, 76, 75, 78, 73, 76, 74, 77, 75, 76, 75, 74]
FEWER, NEITHER = (
    replace(OLD, improvement_direction=ImprovementDirection.DECREASE),
    replace(OLD, improvement_direction=ImprovementDirection.NEUTRAL),
)


def of(
    values: Sequence[float],
    indicator: Indicator = OLD,
    profile: str = "national",
    restart: date | None = None,
) -> Controlled:
    """Months up to August 2023, held to the standard of 93%."""
    decisions = (RebaseDecision(restart, "New pathway", "Clinical lead"),) if restart else ()
    given = [None if math.isnan(value) else value for value in values]
    return controlled(monthly(given, indicator, decisions=decisions), profile=profile)


def test_what_limits_rest_on() -> None:
    series = of(STEADY)
    assert signals.limits_basis(series) == "limits from 14 values"


def test_a_shift_is_named_with_its_months() -> None:
    series = of([*[value + 2 for value in STEADY], *[70.0, 71] * 4])
    assert "eight months in a row below the mean, January to August 2023" in signals.reason(series, 20)
    assert signals.short_reason(series, 20).startswith("Shift: one of eight below the mean")


def test_reasons_for_marked_points_and_no_others() -> None:
    series = of([*STEADY, 95.0, *STEADY], FEWER)
    found = [signals.reason(series, place) for place in range(29)]
    assert found[14] == "above the upper limit"
    assert [bool(text) for text in found] == [kind != COMMON_CAUSE for kind in series.analysed.point_types]


def test_rules_that_disagree_are_both_given() -> None:
    series = of([60.0, 64] * 15 + [56.0 + step for step in range(8)])
    assert signals.reason(series, 36) == (
        "eight months in a row, each higher than the one before, January to August 2023"
    )
    disagreeing = of([80.0, 84] * 14 + [60.0 + step / 2 for step in range(8)])
    found = signals.reason(disagreeing, 35)
    assert "each higher than the one before" in found
    assert "below the mean" in found


def test_neither_good_nor_bad() -> None:
    series = of([*STEADY, *[90.0, 91] * 4], NEITHER)
    (shift,) = [item for item in series.analysed.signals_found if item.rule == "shift" and item.last == 21]
    assert signals.spell(series, [shift]) == "Special cause: eight months in a row above the mean (shift)."


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_short_series_say_so_and_promise_nothing(profile: str) -> None:
    series = of(STEADY[:9], profile=profile)
    assert signals.limits_basis(series) == "trial limits from 9 values, to be read with care"
    assert "Trial limits: fewer than 13 values." in signals.rules_line(series)


def test_the_profile_is_printed() -> None:
    assert signals.rules_line(of(STEADY)).startswith(
        "National Making Data Count rules: every moving range counts"
    )
    assert signals.rules_line(of(STEADY, profile="nhs-r")).startswith(
        "NHS-R rules: outlying moving ranges are left out once"
    )


def test_a_constant_series_in_nhs_r_has_no_limits() -> None:
    series = of([100.0] * 14, profile="nhs-r")
    assert signals.limits_basis(series) == "no limits can be drawn from 14 values"


def test_since_a_restart() -> None:
    series = of([*STEADY, *STEADY], restart=date(2022, 7, 1))
    assert signals.limits_basis(series) == "limits from 14 values since July 2022"


def test_a_proposal_leaves_the_decision_to_a_person() -> None:
    series = of([60.0, 62] * 7 + [70.0, 72] * 8)
    assert series.proposal is not None
    text = signals.proposal_text(series, series.proposal)
    assert text.startswith(
        "16 months in a row since May 2022 lie above the mean (61.0% before, 71.0% since). If the cause is known"
    )
    assert text.endswith("Nothing is redrawn until someone decides so and gives a reason.")


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.one_of(st.integers(0, 100).map(float), st.just(NAN)), max_size=40),
    indicator=st.sampled_from([OLD, FEWER, NEITHER]),
    profile=st.sampled_from(sorted(PROFILES)),
)
def test_no_banned_word_and_one_full_stop(values: list[float], indicator: Indicator, profile: str) -> None:
    series = of(values, indicator, profile)
    reasons = [signals.reason(series, place) for place in range(len(series.periods))]
    cells = [signals.short_reason(series, place) for place in range(len(series.periods))]
    for text in (*reasons, *cells):
        assert not BANNED.search(text), text
        assert "  " not in text
        assert not re.search(r"[.;,:] *[.;]", text)
    marked = [kind != COMMON_CAUSE for kind in series.analysed.point_types]
    assert [bool(text) for text in reasons] == [bool(text) for text in cells] == marked
