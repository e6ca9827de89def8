"""Where a chart starts again: at declared breaks and recorded decisions; and when a restart is proposed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import pytest

from db.domain import Break, Period
from stp_dash.statistics.rebasing import Rebase, RebaseDecision, propose_rebase, rebases, with_holes
from stp_dash.statistics.spc import analyse

NAN = math.nan
MONTHS = tuple(Period.month(2023 + m // 12, m % 12 + 1) for m in range(40))


def test_rebases_at_breaks_and_decisions() -> None:
    found = rebases(
        MONTHS,
        [Break(date(2023, 10, 1), "ten standards became three"), Break(date(2020, 1, 1), "long ago")],
        [RebaseDecision(date(2024, 3, 15), "second CT scanner", "clinical lead for stroke")],
    )
    assert [(r.position, r.reason, r.role) for r in found] == [
        (9, "ten standards became three", ""),
        (15, "second CT scanner", "clinical lead for stroke"),
    ]


def test_two_reasons_for_one_phase_are_both_kept() -> None:
    found = rebases(
        MONTHS,
        [Break(date(2024, 1, 1), "new definition")],
        [RebaseDecision(date(2023, 12, 5), "new ward", "chief operating officer")],
    )
    assert [(r.position, r.reason, r.role) for r in found] == [
        (12, "new ward; new definition", "chief operating officer")
    ]


def test_a_decision_needs_a_reason_and_a_role() -> None:
    with pytest.raises(ValueError, match="reason"):
        RebaseDecision(date(2024, 1, 1), " ", "clinical lead")
    with pytest.raises(ValueError, match="role"):
        RebaseDecision(date(2024, 1, 1), "new ward", "")


def test_a_hole_of_more_than_a_year_starts_a_phase_and_a_year_does_not() -> None:
    year, longer = ([not 5 <= place < 5 + missing for place in range(40)] for missing in (12, 13))
    assert with_holes(MONTHS, year, ()) == ()
    (found,) = with_holes(MONTHS, longer, ())
    assert (found.position, found.on, found.hole) == (18, MONTHS[18].start, 13)
    assert found.reason == "No figure for 13 months"
    assert with_holes(MONTHS, [False] * 20 + [True] * 20, ()) == ()


def test_a_hole_with_a_restart_in_it_needs_none_of_its_own() -> None:
    present = [not 5 <= place < 25 for place in range(40)]
    (first, second) = Rebase(10, MONTHS[10].start, "new definition"), Rebase(30, MONTHS[30].start, "new ward")
    assert with_holes(MONTHS, present, (first,)) == (first,)
    assert [item.position for item in with_holes(MONTHS, present, (second,))] == [25, 30]


def test_a_hole_of_quarters_is_measured_in_months() -> None:
    quarters = [Period.quarter(2020 + place // 4, 3 * (place % 4) + 1) for place in range(12)]
    for missing, wanted in ((4, []), (5, [15])):
        present = [not 2 <= place < 2 + missing for place in range(12)]
        assert [item.hole for item in with_holes(quarters, present, ())] == wanted


def test_a_lasting_shift_is_proposed_and_nothing_is_redrawn() -> None:
    series = [60.0, 62] * 7 + [70.0, 72] * 8
    result = analyse(series, improvement_direction="increase")
    found = propose_rebase(result)
    assert found is not None
    assert (found.first, found.last, found.length, found.direction) == (14, 29, 16, "high")
    assert (found.mean_before, found.mean_since) == (61, 71)
    assert len(result.phases) == 1
    decision = RebaseDecision(MONTHS[found.first].start, "new pathway", "clinical lead")
    position = rebases(MONTHS[:30], [], [decision])[0].position
    after = analyse(series, improvement_direction="increase", rebase_at=[position])
    assert propose_rebase(after) is None


def test_no_proposal_without_a_lasting_shift_that_still_holds() -> None:
    short = [60.0, 62] * 10 + [70.0] * 10
    assert propose_rebase(analyse(short, improvement_direction="increase")) is None
    over = [60.0, 62] * 7 + [70.0, 72] * 8 + [60.0]
    assert propose_rebase(analyse(over, improvement_direction="increase")) is None
    assert propose_rebase(analyse([NAN, NAN], improvement_direction="increase")) is None
    assert propose_rebase(analyse([1.0] * 30, improvement_direction="increase")) is None
    with pytest.raises(ValueError, match="lasting must be a whole number of at least 7, not 3"):
        propose_rebase(analyse(short, improvement_direction="increase"), lasting=3)


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        (MONTHS[1::-1], "periods must be in order: January 2023 follows February 2023"),
        ((MONTHS[0], MONTHS[0]), "periods must not repeat: January 2023 is there twice"),
        ((MONTHS[0], Period.quarter(2023, 4)), "periods must be of one frequency"),
    ],
)
def test_bad_periods_are_named(periods: Sequence[Period], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rebases(periods)
