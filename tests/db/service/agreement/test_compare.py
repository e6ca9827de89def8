"""When our figure rounds to a stated one, now or before a revision."""

from __future__ import annotations

import pytest

from db.service.agreement.compare import AgreementVerdict, Counts, MonthCounts, our_value, verdict_on

EAST_KENT: list[Counts] = [(295.5, 401.0), (300.0, 402.0), (300.0, 400.0)]
"""895.5 of 1,203 together: 74.44%, where the mean of the months' shares is 74.44 by chance of equal sizes only."""


def test_counts_are_added_up_and_shares_never_averaged() -> None:
    assert our_value(EAST_KENT, 100) == pytest.approx(74.4389, abs=1e-4)
    assert our_value([(1.0, 1.0), (0.0, 99.0)], 100) == pytest.approx(1.0)
    assert our_value([(0.0, 0.0)], 100) is None


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [(74.44, AgreementVerdict.AGREES), (74.45, AgreementVerdict.DIFFERS), (74.43, AgreementVerdict.DIFFERS)],
)
def test_half_of_the_last_decimal_is_rounding(stated: float, verdict: AgreementVerdict) -> None:
    assert verdict_on([MonthCounts(counts) for counts in EAST_KENT], 100, stated) is verdict


def test_a_figure_on_the_very_edge_is_rounding_either_way() -> None:
    edge = [MonthCounts((1489.0, 2000.0))]
    assert [verdict_on(edge, 100, stated) for stated in (74.45, 74.455, 74.445)] == [
        AgreementVerdict.AGREES
    ] * 3


def test_what_agreed_before_a_revision_is_told_apart() -> None:
    months = [
        MonthCounts(EAST_KENT[0]),
        MonthCounts((310.0, 402.0), [EAST_KENT[1]]),
        MonthCounts(EAST_KENT[2]),
    ]
    assert verdict_on(months, 100, 74.44) is AgreementVerdict.REVISED
    assert verdict_on(months, 100, 70.0) is AgreementVerdict.DIFFERS
    assert verdict_on([MonthCounts((0.0, 0.0))], 100, 70.0) is None
