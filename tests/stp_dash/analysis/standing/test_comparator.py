"""How a figure compares with England's or the audit's, counted in patients and posts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.domain import ENGLAND, Indicator
from db.domain.reading import Reading
from stp_dash.analysis.standing.comparator import (
    comparator_code,
    comparator_codes,
    distance_from,
    interval_of,
    intervals_of,
)
from stp_dash.analysis.standing.verdict import MET, NONE, SHORT, brief, gap_text, standard_words, verdict
from tests.support.site.readings import (
    DAY,
    ELIGIBLE,
    GPS,
    KNOWN,
    NEEDLE,
    QUARTER,
    TREATED,
    WITHIN,
    reading,
)

REACH = KNOWN["stroke-thrombolysed"]


def national(indicator: Indicator, counts: tuple[float, float] | None, value: float | None = None) -> Reading:
    name = "SSNAP national (England, Wales and Northern Ireland)"
    return reading(indicator, counts, "SSNAP", name, value)


def england(counts: tuple[float, float]) -> Reading:
    return reading(GPS, counts, ENGLAND, "England")


def test_the_comparator_is_the_declared_one_where_it_has_figures() -> None:
    assert comparator_code(WITHIN, QUARTER.start, {"SSNAP", "ENG"}) == "SSNAP"
    assert comparator_code(WITHIN, QUARTER.start, {"ENG"}) == ENGLAND
    assert comparator_code(TREATED, QUARTER.start, {"ENG", "SSNAP"}) == ENGLAND
    assert comparator_codes(WITHIN) == ("SSNAP", ENGLAND)


def test_posts_short_of_england() -> None:
    own = reading(GPS, (793.8, 2_041_741))
    found = distance_from(GPS, own, england((28_000, 62_500_000)))
    assert found is not None
    assert found.count == pytest.approx(0.000448 * 2_041_741 - 793.8)
    assert not found.chance
    told = verdict(GPS, own, england((28_000, 62_500_000)))
    assert (told.tone, told.headline, told.detail) == (SHORT, "121 posts", "short of England")
    assert told.against == "England"


def test_posts_above_england_and_level_with_it() -> None:
    above = verdict(GPS, reading(GPS, (900.0, 2_000_000)), england((28_000, 62_500_000)))
    assert (above.tone, above.headline, above.detail) == (MET, "4 posts", "above England")
    level = verdict(GPS, reading(GPS, (896.01, 2_000_000)), england((28_000, 62_500_000)))
    assert (level.tone, level.headline, level.detail) == (MET, "Level", "with England")


@pytest.mark.parametrize(
    ("counts", "tone", "words"),
    [
        ((73, 83), NONE, "Similar to SSNAP national"),
        ((60, 83), SHORT, "12 patients short of SSNAP national"),
        ((83, 83), MET, "11 patients more than at the rate of SSNAP national"),
    ],
)
def test_shares_are_judged_only_beyond_chance(counts: tuple[int, int], tone: str, words: str) -> None:
    told = verdict(ELIGIBLE, reading(ELIGIBLE, counts), national(ELIGIBLE, (2162, 2511)))
    assert told.tone == tone
    assert f"{told.headline} {told.detail}" == words


def test_an_aspiration_for_all_counts_those_who_came_later() -> None:
    told = verdict(WITHIN, reading(WITHIN, (47, 75)), national(WITHIN, (1592, 2511)))
    assert (told.tone, told.headline, told.detail) == (NONE, "28 later", "than 60 minutes")
    assert told.note == "Similar to SSNAP national"


def test_an_aspiration_for_some_counts_those_who_are_missing() -> None:
    told = verdict(REACH, reading(REACH, (78, 584)), None)
    assert (told.headline, told.detail) == ("39 patients", "short of the aspiration of 20%")
    reached = verdict(REACH, reading(REACH, (117, 584)), None)
    assert (reached.tone, reached.headline) == (NONE, "Reached")


def test_a_median_differs_without_a_verdict() -> None:
    told = verdict(NEEDLE, reading(NEEDLE, None, value=56), national(NEEDLE, None, value=50))
    assert (told.tone, told.headline, told.detail) == (NONE, "6 minutes", "above SSNAP national")


def test_no_comparison_without_counts_or_with_itself() -> None:
    own = reading(ELIGIBLE, (73, 83))
    assert distance_from(ELIGIBLE, own, None) is None
    assert distance_from(ELIGIBLE, own, national(ELIGIBLE, None)) is None
    assert distance_from(ELIGIBLE, own, own) is None
    neutral = replace(ELIGIBLE, improvement_direction=type(ELIGIBLE.improvement_direction).NEUTRAL)
    assert distance_from(neutral, own, national(ELIGIBLE, (2162, 2511))) is None


def test_intervals_are_of_shares_with_counts() -> None:
    interval = interval_of(WITHIN, reading(WITHIN, (59, 78)))
    assert interval is not None
    assert interval == pytest.approx((65.07, 83.83), abs=0.05)
    assert interval_of(GPS, england((28_000, 62_500_000))) is None
    assert interval_of(NEEDLE, reading(NEEDLE, None, value=50)) is None


def test_the_standard_column_says_what_stands_instead() -> None:
    words = standard_words(WITHIN, QUARTER.start, national(WITHIN, (1592, 2511)))
    assert words.level == "No standard"
    assert words.notes == ("SSNAP national 63.4%", "aspiration 100%")
    assert standard_words(GPS, DAY.start, england((28_000, 62_500_000))).notes == ("England average 4.48",)


def test_a_heading_that_names_the_comparator_needs_no_second_name() -> None:
    own, beside = reading(GPS, (793.8, 2_041_741)), england((28_000, 62_500_000))
    assert gap_text(GPS, own, beside) == "121 posts short of England"
    assert brief(gap_text(GPS, own, beside), "England") == "121 posts short"
    assert brief("similar to SSNAP national", "SSNAP national") == "similar"


def test_a_standard_is_judged_before_any_average() -> None:
    beside = reading(TREATED, (20_000, 30_000), ENGLAND, "England")
    told = verdict(TREATED, reading(TREATED, (701, 925)), beside)
    assert (told.headline, told.against) == ("86 patients", "")


def test_whoever_is_beyond_a_standard_that_wants_fewer_is_over_it() -> None:
    indicator = KNOWN["diagnostics-over-6-weeks"]
    told = verdict(indicator, reading(indicator, (40, 1_000)))
    assert (told.tone, told.headline, told.detail, told.count) == (
        SHORT,
        "30 people",
        "over the 1% standard",
        30,
    )
    assert gap_text(indicator, reading(indicator, (40, 1_000))) == "30 over"
    assert gap_text(indicator, reading(indicator, (4, 1_000))) == "met by 6"


def test_a_share_of_residents_has_no_interval_of_chance() -> None:
    aged = KNOWN["resident-population-aged-70-and-over"]
    item = reading(aged, (236_000, 1_581_555))
    assert (interval_of(aged, item), intervals_of(aged, [item, None])) == (None, [None, None])
    assert interval_of(WITHIN, reading(WITHIN, (18, 24))) is not None
