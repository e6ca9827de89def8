"""What the latest figure shows, in words: no direction without a trend or a turn, none steady that is marked."""

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
from stp_dash.analysis.claims.change import ChangeKind, change_of
from stp_dash.analysis.claims.change_words import (
    change_claim,
    change_label,
    change_note,
    change_phrase,
    change_word,
)
from stp_dash.analysis.control import Controlled, controlled
from stp_dash.statistics.profiles import PROFILES
from stp_dash.statistics.rebasing import RebaseDecision
from tests.support.claim_oracle import PlainSeries, check, read
from tests.support.site.monthly import LEVEL, OLD, monthly

NAN = math.nan
BANNED = re.compile(
    r"\b(red|green|amber|target|significant|significantly|nan|None|because|caused|due|thanks)\b"
)
QUIET = [75.0, 77, 74, 76, 75, 78, 73, 76, 74, 77, 75, 76, 75, 74]
NEITHER = replace(OLD, improvement_direction=ImprovementDirection.NEUTRAL)
FEWER = replace(OLD, improvement_direction=ImprovementDirection.DECREASE)


def of(
    values: Sequence[float],
    indicator: Indicator = OLD,
    profile: str = "national",
    restart: date | None = None,
) -> Controlled:
    """Months up to August 2023, held to the standard of 93%."""
    decisions = (RebaseDecision(restart, "New pathway", "Clinical lead"),) if restart else ()
    known = [None if math.isnan(value) else value for value in values]
    return controlled(monthly(known, indicator, decisions=decisions), profile=profile)


def test_nothing_marked_is_steady() -> None:
    series = of(QUIET)
    assert (change_word(series), change_phrase(series), change_note(series)) == (
        "Steady",
        "is steady",
        "no month marked",
    )
    assert change_claim(series).text == "No sign of change: all 14 months lie between 69.4% and 81.3%."
    assert dict(change_claim(series).facts)["values since"] == 14


def test_a_quiet_month_after_marked_ones_is_within_limits_and_not_steady() -> None:
    series = of([*QUIET, 50.0, *QUIET, 75.5])
    assert (change_word(series), change_label(series)) == ("Within limits", "within limits in August 2023")
    assert change_note(series) == "one of 30 months is marked"
    assert change_claim(series).text == (
        "August 2023, 75.5%, lies within the limits, 64.6% to 84.5%. One of 30 months is marked: May 2022."
    )


def test_a_shift_with_figures_before_it_is_a_turn_with_two_levels() -> None:
    series = of([*[value + 2 for value in QUIET], *[70.0, 71] * 4])
    assert change_word(series) == "Worse since January 2023"
    assert change_phrase(series) == "has been lower since January 2023, 70.5% against 77.4% before"
    assert change_claim(series).text == (
        "It has been below its mean of 74.9% since January 2023: 70.5% on average since then, 77.4% in the 14 months "
        "before."
    )
    assert (
        change_word(of([*[value + 2 for value in QUIET], *[70.0, 71] * 4], FEWER))
        == "Better since January 2023"
    )
    assert (
        change_word(of([*[value + 2 for value in QUIET], *[70.0, 71] * 4], NEITHER))
        == "Lower since January 2023"
    )


def test_an_early_run_turns_nothing() -> None:
    series = of([90.0, 91, *[70.0 + step % 2 for step in range(14)]])
    assert change_of(series).kind is ChangeKind.RUN
    assert (change_word(series), change_label(series)) == ("Below its mean", "below its mean for 14 months")
    assert "orse" not in change_claim(series).text


def test_a_trend_moves() -> None:
    series = of([80.0, 84] * 14 + [60.0 + step / 2 for step in range(8)])
    assert (change_word(series), change_label(series)) == ("Improving", "up over eight months")
    assert change_claim(series).text == (
        "It has risen over eight months, from 60.0% in January 2023 to 63.5% in August 2023."
    )
    falling = of([60.0, 64] * 14 + [84.0 - step / 2 for step in range(8)])
    assert change_word(falling).startswith("Better since"), "improvement is shown where rules disagree"


def test_one_unusual_month_is_unusual() -> None:
    series = of([*QUIET, 20.0])
    assert (change_word(series), change_phrase(series)) == (
        "Unusually low",
        "was unusually low in August 2023",
    )
    assert change_note(series) == "single point beyond the limits"
    assert change_claim(series).text.startswith("August 2023, 20.0%, lies below the lower limit of ")


@pytest.mark.parametrize(
    ("count", "text"), [(1, "One month is"), (2, "Two months are"), (9, "Nine months are")]
)
def test_short_series_say_so(count: int, text: str) -> None:
    series = of(QUIET[:count])
    assert change_word(series) == "Too few values to say"
    assert change_claim(series).text == f"{text} too few to say whether it is changing: 13 are needed."
    assert "teady" not in change_word(of(QUIET[:count], profile="nhs-r"))


def test_levels_nothing_and_no_limits() -> None:
    assert change_word(of([4.0], LEVEL)) == "No limits: levels"
    stock = of([float(value) for value in range(20)], replace(LEVEL, unit="people", is_stock=True))
    assert (change_word(stock), change_note(stock)) == ("No limits: the same people", "")
    assert change_claim(stock).id == "same-people"
    order = of([1.0, 3.0] * 10, replace(LEVEL, unit="segment", without_limits="Segments are an order"))
    assert (change_word(order), change_note(order)) == ("No limits apply", "")
    assert change_claim(order).text == (
        "Segments are an order, so no limits are drawn and no run is read as a change."
    )
    assert change_word(of([NAN])) == "No figures"
    constant = of([100.0] * 14, profile="nhs-r")
    assert change_word(constant) == "No limits"
    assert change_claim(constant).text == "No limits can be drawn from 14 values."


def test_since_a_restart() -> None:
    series = of([20.0, 90.0, *QUIET], restart=date(2022, 7, 1))
    assert change_note(series) == "no month marked since July 2022"
    assert change_claim(series).text.startswith(
        "No sign of change since July 2022: all 14 months lie between "
    )


@settings(max_examples=300, deadline=None)
@given(
    values=st.lists(st.one_of(st.integers(0, 100).map(float), st.just(NAN)), max_size=40),
    indicator=st.sampled_from([OLD, FEWER, NEITHER]),
    profile=st.sampled_from(sorted(PROFILES)),
    restart=st.sampled_from([None, date(2023, 1, 1), date(2022, 6, 1)]),
)
def test_the_oracle_denies_no_sentence(
    values: list[float], indicator: Indicator, profile: str, restart: date | None
) -> None:
    series = of(values, indicator, profile, restart)
    told = change_claim(series).text
    for text in (told, change_word(series), change_label(series), change_phrase(series), change_note(series)):
        assert not BANNED.search(text), text
        assert not re.search(r"  |[.;,:] *[.;]|\b1 \w+s\b", text), text
    assert all(len(part.split()) <= 25 for part in re.split(r"(?<=\.) ", told)), told
    if series.analysed.latest is None or series.analysed.latest < series.analysed.phases[-1].first:
        return
    starts = [item.position for item in series.rebases]
    plain = PlainSeries(indicator, series.periods, series.readings, starts, series.analysed.target, profile)
    assert check(read(plain), told) == "", told
