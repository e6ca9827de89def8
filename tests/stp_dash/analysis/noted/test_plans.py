"""A figure beside its plan: counted on counts where it has them, and said plainly where it has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.catalogue import load_catalogue
from db.domain import Period
from stp_dash.analysis.noted.plans import plan_gap
from tests.support.frames import FDS
from tests.support.site.readings import reading

INDICATORS = load_catalogue().indicators
AUGUST = Period.month(2026, 8)


@pytest.mark.parametrize(
    ("numerator", "planned", "headline", "brief", "short"),
    [
        (6541, 75.5, "424 patients", "424 behind", 424.0),
        (6965, 75.5, "On plan", "on plan", 0.0),
        (6974, 75.5, "9 patients", "9 ahead", -9.0),
    ],
)
def test_a_share_is_so_many_patients_behind_or_ahead(
    numerator: int, planned: float, headline: str, brief: str, short: float
) -> None:
    figure = replace(reading(INDICATORS[FDS], (numerator, 9_224)), period=AUGUST)
    found = plan_gap(INDICATORS[FDS], figure, planned)
    assert (found.headline, found.brief) == (headline, brief)
    assert found.gap is not None
    assert found.gap.short == short
    assert "plan for August 2026 75.5%" in found.detail


def test_where_less_is_better_more_is_behind_and_without_counts_none_is_given() -> None:
    indicator = next(
        item
        for item in INDICATORS.values()
        if item.improvement_direction == "decrease" and item.unit == "%" and item.frequency == "month"
    )
    figure = replace(reading(indicator, (30, 100)), period=AUGUST)
    assert plan_gap(indicator, figure, 25.0).brief == "5 behind"
    bare = replace(figure, numerator=None, denominator=None)
    found = plan_gap(indicator, bare, 25.0)
    assert (found.headline, found.behind, found.gap) == ("5.0 points behind", True, None)
    assert "no count: the figure has no counts of its own" in found.detail
