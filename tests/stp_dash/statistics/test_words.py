"""Sentences that say no more than the statistic does."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.domain import Period
from stp_dash.statistics import funnel, spc, words
from stp_dash.statistics.profiles import DIRECTIONS, PROFILES
from stp_dash.statistics.standards import Verdict, distance

NAN = math.nan
BANNED = re.compile(r"\b(red|green|amber|target|significant|significantly|nan|None)\b")
PERIODS = tuple(Period.month(2024 + m // 12, m % 12 + 1) for m in range(60))
STEADY = [75.0, 77, 74, 76, 75, 78, 73, 76, 74, 77, 75, 76, 75, 74]


def subject(length: int) -> words.Subject:
    return words.Subject(
        "28-day faster diagnosis", "East Kent Hospitals", [period.label for period in PERIODS[:length]]
    )


def verdict(value: float, standard: float, n: int = 1000) -> Verdict:
    found = distance(PERIODS[:1], [value * n / 100], [n], standard, improvement_direction="increase").latest
    assert found is not None
    return found


def test_failing_and_steady() -> None:
    series = spc.analyse(STEADY, improvement_direction="increase", target=90.0)
    text = words.sentence(series, subject(14), verdict=verdict(74, 90))
    assert text == (
        "28-day faster diagnosis, East Kent Hospitals: 74.0% in February 2025 against the standard of 90.0%, "
        "160 patients short; steady, with common cause variation only and no sign of change; without a change "
        "to the pathway it will keep missing the standard; limits from 14 values."
    )
    assert words.headline(series, subject(14), verdict(74, 90)) == (
        "160 patients short: 28-day faster diagnosis is steady and will keep missing its standard without a "
        "change to the pathway."
    )
    assert (words.variation(series), words.assurance(series)) == ("Steady: common cause", "Fails")


def test_hit_or_miss_is_chance() -> None:
    series = spc.analyse(STEADY, improvement_direction="increase", target=75.0)
    assert "whether it meets the standard next month is chance" in words.sentence(
        series, subject(14), verdict=verdict(75, 75)
    )
    assert "met with none to spare" in words.sentence(series, subject(14), verdict=verdict(75, 75))
    assert words.assurance(series) == "Hit or miss"


def test_a_shift_is_named_with_its_months() -> None:
    values = [*STEADY, 70.0, 71, 70, 71, 70, 71, 70]
    series = spc.analyse(values, improvement_direction="increase", target=80.0, baseline_points=14)
    text = words.sentence(series, subject(21), verdict=verdict(70, 80), provisional=True)
    assert "getting worse" in text
    assert "9 months in a row (January 2025 to September 2025) below the mean" in text
    assert "limits fixed on the first 14 periods; the latest figure is provisional." in text
    assert "keep missing" not in text
    assert words.headline(series, subject(21), verdict(70, 80)) == (
        "100 patients short: 28-day faster diagnosis is getting worse."
    )


def test_reasons_for_coloured_points_and_no_others() -> None:
    values = [*STEADY, 95.0, *STEADY]
    series = spc.analyse(values, improvement_direction="decrease")
    found = words.reasons(series, subject(29))
    assert found[14] == "above the process limits"
    assert [bool(text) for text in found] == [kind != "common_cause" for kind in series.point_types]


def test_rules_that_disagree_are_both_given() -> None:
    values = [0.0, 10] * 7 + [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 10]
    series = spc.analyse(values, improvement_direction="increase", baseline_points=14)
    assert words.reason(series, subject(22), 14) == (
        "rising for 8 months in a row (March 2025 to October 2025); "
        "7 months in a row (March 2025 to September 2025) below the mean"
    )


def test_one_unusual_month_is_not_called_a_change() -> None:
    series = spc.analyse([*STEADY, 20.0], improvement_direction="increase")
    assert words.variation(series) == "Unusually poor"
    text = words.sentence(series, subject(15))
    assert "unusually poor: below the process limits" in text
    assert "getting worse" not in text
    assert ", no standard;" in text


def test_neither_good_nor_bad() -> None:
    series = spc.analyse([*STEADY, *[90.0] * 7], improvement_direction="neutral", baseline_points=14)
    assert words.variation(series) == "Changed, higher"
    assert words.headline(series, subject(21)) == "28-day faster diagnosis has changed, higher."


def test_short_series_say_so_and_promise_nothing() -> None:
    for profile in PROFILES:
        series = spc.analyse(STEADY[:9], improvement_direction="increase", target=90.0, profile=profile)
        text = words.sentence(series, subject(9), verdict=verdict(74, 90))
        assert "trial limits from 9 values, to be read with care" in text
        assert "keep missing" not in text
        assert "steady" not in text
        assert "Trial limits: fewer than 13 values." in words.profile_line(series)


def test_the_profile_is_printed() -> None:
    national = spc.analyse(STEADY, improvement_direction="increase")
    assert words.profile_line(national).startswith(
        "National Making Data Count rules: every moving range counts"
    )
    package = spc.analyse(STEADY, improvement_direction="increase", profile="nhs-r")
    assert words.profile_line(package).startswith("NHS-R rules: outlying moving ranges are left out once")


def test_a_constant_series_in_nhs_r_promises_nothing() -> None:
    series = spc.analyse([100.0] * 14, improvement_direction="increase", target=95.0, profile="nhs-r")
    text = words.sentence(series, subject(14), verdict=verdict(100, 95))
    assert "is chance" not in text
    assert "no limits can be drawn from 14 values" in text


def test_a_latest_gap_is_said() -> None:
    series = spc.analyse([*STEADY, NAN], improvement_direction="increase")
    assert "74.0% in February 2025 (no figure for March 2025)" in words.sentence(series, subject(15))
    nothing = spc.analyse([NAN, NAN], improvement_direction="increase")
    assert words.sentence(nothing, subject(2)) == (
        "There are no figures for 28-day faster diagnosis, East Kent Hospitals."
    )
    assert words.headline(nothing, subject(2)) == "28-day faster diagnosis: no figures."


def test_since_a_rebase() -> None:
    series = spc.analyse([*STEADY, *STEADY], improvement_direction="increase", rebase_at=[14])
    assert words.trust(series, subject(28)) == "limits from 14 values since March 2025"


def test_shortfalls_in_words() -> None:
    assert words.shortfall(verdict(79.9, 80), subject(1)) == "1 patient short"
    assert words.shortfall(verdict(50, 80, 10_000), subject(1)) == "3,000 patients short"
    assert words.shortfall(verdict(80.9, 80), subject(1)) == "met by 9"
    unknown = distance(PERIODS[:1], [5], [10], NAN, improvement_direction="increase").latest
    assert unknown is not None
    assert words.shortfall(unknown, subject(1)) == "not known whether met"
    assert words.against(unknown, subject(1)) == ", no standard"


def test_a_proposal_leaves_the_decision_to_a_person() -> None:
    series = spc.analyse([60.0, 62] * 7 + [70.0, 72] * 8, improvement_direction="increase")
    found = spc.propose_rebase(series)
    assert found is not None
    text = words.proposal(found, subject(30))
    assert text.startswith(
        "16 months in a row since March 2025 lie above the mean (61.0% before, 71.0% since). If the cause is known"
    )
    assert text.endswith("Nothing is redrawn until someone decides so and gives a reason.")


def test_funnel_sentences() -> None:
    rows = funnel.classify([80, 560, 66, 60, None], [114, 1000, 100, 100, 100], 0.5)
    place = subject(1)
    assert "could be chance" in words.funnel(funnel.classify([60], [114], 0.5).iloc[0], place)
    strong = words.funnel(rows.iloc[1], place)
    assert "56.0% of 1,000 patients against 50.0% for England, higher than chance would explain" in strong
    assert strong.endswith("(beyond the 99.8% limit): 60 more than at that level.")
    weak = words.funnel(rows.iloc[3], place)
    assert "(beyond the 95% limit)" in weak
    assert weak.endswith("chance alone puts one organisation in twenty as far away.")
    assert words.funnel(rows.iloc[4], place).endswith("no figure.")


def test_labels_must_match() -> None:
    series = spc.analyse(STEADY, improvement_direction="increase")
    with pytest.raises(ValueError, match="labels must be one per period: 3 for 14 periods"):
        words.sentence(series, subject(3))
    with pytest.raises(ValueError, match="labels must be one per period"):
        words.reasons(series, subject(3))


@settings(max_examples=300, deadline=None)
@given(
    values=st.lists(st.one_of(st.integers(0, 100).map(float), st.just(NAN)), max_size=40),
    direction=st.sampled_from(DIRECTIONS),
    profile=st.sampled_from(sorted(PROFILES)),
    target=st.one_of(st.none(), st.integers(0, 100).map(float)),
)
def test_no_banned_word_and_one_full_stop(
    values: list[float], direction: str, profile: str, target: float | None
) -> None:
    series = spc.analyse(values, improvement_direction=direction, target=target, profile=profile)
    about = subject(len(values))
    latest = None if target is None or series.latest is None else verdict(values[series.latest], target)
    texts = [words.sentence(series, about, verdict=latest), words.headline(series, about, latest)]
    for text in (*texts, *words.reasons(series, about), words.profile_line(series)):
        assert not BANNED.search(text), text
    for text in texts:
        assert text.endswith(".")
        assert not re.search(r"[.;,:] *[.;]", text)
        assert "  " not in text
    found = words.reasons(series, about)
    assert [bool(text) for text in found] == [kind != "common_cause" for kind in series.point_types]
    if series.variation == "common_cause":
        assert "getting" not in texts[0]
        assert "common cause" in texts[0]
