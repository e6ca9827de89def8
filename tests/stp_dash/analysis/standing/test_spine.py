"""Where a figure stands among all of its kind, against a plain calculation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import floor

import numpy as np
import pytest

from db.catalogue import load_catalogue
from db.domain import Indicator
from stp_dash.analysis.standing.spine import Spread, Standing, spread_of
from stp_dash.charts.svg.spine import BETTER, SIMILAR, UNJUDGED, WORSE
from tests.support.seed import GPS, LEVEL, NEEDLE, TREATED_62

KNOWN = load_catalogue().indicators
SHARE, RATE, MINUTES, LETTERS = (KNOWN[code] for code in (TREATED_62, GPS, NEEDLE, LEVEL))


def plain_quantile(values: list[float], share: float) -> float:
    """The linear quantile, by hand."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def spread_among(indicator: Indicator, figures: Sequence[tuple[float | None, float | None]]) -> Spread | None:
    """The spread of denominators and values, None for none."""
    table = np.array(figures, dtype=np.float64).reshape(len(figures), 2)
    return spread_of(indicator, table[:, 0], table[:, 1])


def test_the_spread_is_that_of_a_plain_calculation() -> None:
    values = [50.0 + (place * 37) % 41 for place in range(41)]
    found = spread_among(SHARE, [(100.0, value) for value in values])
    assert found is not None
    assert (found.count, found.left_out, found.lowest, found.highest) == (41, 0, 50.0, 90.0)
    for name, share in (("fifth", 0.05), ("lower_quarter", 0.25), ("median", 0.5), ("upper_quarter", 0.75),
                        ("ninety_fifth", 0.95)):  # fmt: skip
        assert getattr(found, name) == pytest.approx(plain_quantile(values, share))


def test_shares_of_few_patients_and_missing_figures_are_left_out() -> None:
    figures = [
        (100.0, 70.0),
        (100.0, 75.0),
        (20.0, 80.0),
        (50.0, 85.0),
        (19.0, 0.0),
        (3.0, 100.0),
        (40.0, None),
    ]
    found = spread_among(SHARE, figures)
    assert found is not None
    assert (found.count, found.left_out, found.lowest, found.highest) == (4, 2, 70.0, 85.0)


def test_where_half_are_small_all_are_kept() -> None:
    figures = [(100.0, 70.0), (100.0, 75.0), (12.0, 50.0), (50.0, 85.0), (19.0, 0.0), (3.0, 100.0)]
    found = spread_among(SHARE, figures)
    assert found is not None
    assert (found.count, found.left_out, found.lowest, found.highest) == (6, 0, 0.0, 100.0)


def test_a_rate_keeps_every_organisation_and_three_have_no_spread() -> None:
    figures: list[tuple[float | None, float | None]] = [(10.0, 4.0), (12.0, 5.0), (11.0, 6.0), (2.0, 7.0)]
    found = spread_among(RATE, figures)
    assert found is not None
    assert found.count == 4
    assert spread_among(RATE, figures[:3]) is None
    assert spread_among(RATE, []) is None


SPREAD = Spread(20, 0, 50.0, 60.0, 66.0, 72.0, 78.0, 84.0, 95.0)


def standing(
    value: float | None, interval: tuple[float, float] | None = None, centre: float | None = 70.0
) -> Standing:
    return Standing(SHARE, value, interval, centre, 85.0, SPREAD)


@pytest.mark.parametrize(
    ("value", "interval", "mark"),
    [
        (64.0, (58.5, 69.1), WORSE),
        (64.0, (58.0, 70.0), SIMILAR),
        (76.0, (70.1, 81.0), BETTER),
        (76.0, None, UNJUDGED),
        (None, None, UNJUDGED),
    ],
)
def test_better_and_worse_need_the_whole_interval(
    value: float | None, interval: tuple[float, float] | None, mark: str
) -> None:
    assert standing(value, interval).mark == mark


def test_posts_are_not_a_sample_and_levels_are_not_judged() -> None:
    rate = Standing(RATE, 3.82, None, 4.46, None, None)
    assert rate.mark == WORSE
    assert replace(rate, value=4.9).mark == BETTER
    assert replace(rate, value=4.4601).mark == SIMILAR
    assert Standing(LETTERS, 4.0, None, 3.0, None, None).mark == UNJUDGED
    assert Standing(MINUTES, 41.0, None, 50.0, None, None).mark == UNJUDGED


def test_half_a_bar_is_the_further_percentile() -> None:
    drawn = standing(64.0, (58.5, 69.1)).drawn("words")
    assert drawn is not None
    assert drawn.value == pytest.approx((64 - 70) / 14)
    assert drawn.interval == pytest.approx(((58.5 - 70) / 14, (69.1 - 70) / 14))
    assert drawn.middle == pytest.approx(((66 - 70) / 14, (78 - 70) / 14))
    assert drawn.everyone == pytest.approx(((50 - 70) / 14, (95 - 70) / 14))
    assert drawn.standard == pytest.approx((85 - 70) / 14)
    assert (drawn.mark, drawn.label) == (WORSE, "words")


def test_a_figure_beyond_the_percentiles_sets_the_scale() -> None:
    drawn = standing(40.0, (35.0, 45.0)).drawn("")
    assert drawn is not None
    assert drawn.value == -1.0
    assert standing(40.0, (35.0, 45.0)).distance == 1.0


def test_lower_is_to_the_right_where_lower_is_better() -> None:
    drawn = Standing(MINUTES, 41.0, None, 50.0, None, Spread(9, 0, 30, 35, 45, 52, 60, 70, 90)).drawn("")
    assert drawn is not None
    assert drawn.value == pytest.approx(9 / 20)
    assert drawn.everyone == pytest.approx((-2.0, 1.0))
    assert drawn.middle == pytest.approx((-0.5, 0.25))


def test_nothing_to_compare_with_draws_nothing() -> None:
    assert standing(64.0, centre=None).drawn("") is None
    assert Standing(SHARE, None, None, 70.0, None, None).drawn("") is None
    assert standing(None).drawn("") is not None
    assert standing(None).distance == 0.0
