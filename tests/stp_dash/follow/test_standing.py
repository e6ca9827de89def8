"""How a series stands: only what has stood for three periods, of enough patients, in the words of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from db.domain.columns import Columns
from stp_dash.analysis.control import controlled
from stp_dash.follow.funnel import outer_sides
from stp_dash.follow.standing import MET, MISSED, STEADY, WITHIN, Aspect, FollowedSeries, standing
from tests.support.site.monthly import FDS, monthly, reading
from tests.support.site.released import FIRST, wobbling


def stood(values: Sequence[float], *, size: float = 1000, sides: Sequence[str] = ()) -> dict[Aspect, str]:
    given = monthly([value * 100 for value in values], FDS)
    counted = [
        replace(item, denominator=size, numerator=round(size * (item.value or 0) / 100))
        for item in given.readings
    ]
    last = {item.period.key: side for item, side in zip(counted[-len(sides) :], sides, strict=False)}
    return standing(FollowedSeries("QKS", controlled(replace(given, readings=counted)), last))


def test_steady_and_missed() -> None:
    assert stood(wobbling(0.70, 20)) == {Aspect.VARIATION: STEADY, Aspect.STANDARD: MISSED}


def test_two_months_above_the_standard_say_nothing_of_it() -> None:
    assert Aspect.STANDARD not in stood([*wobbling(0.74, 20), 0.76, 0.77])
    assert stood([*wobbling(0.74, 20), 0.76, 0.77, 0.76])[Aspect.STANDARD] == MET


def test_a_single_point_beyond_the_limits_says_nothing_of_variation() -> None:
    assert Aspect.VARIATION not in stood([*wobbling(0.70, 20), 0.40])
    assert Aspect.VARIATION not in stood([*wobbling(0.70, 20), 0.40, 0.70])


def test_a_shift_has_stood_when_it_is_marked() -> None:
    assert stood([*wobbling(0.70, 20), *[0.67] * 7])[Aspect.VARIATION] == "concern_low"


def test_few_patients_say_nothing() -> None:
    assert stood(wobbling(0.70, 20), size=19) == {}


def test_the_funnel_counts_three_months_on_one_side() -> None:
    steady = wobbling(0.70, 20)
    assert stood(steady, sides=["lower"] * 3)[Aspect.FUNNEL] == "lower"
    assert stood(steady, sides=["similar"] * 3)[Aspect.FUNNEL] == WITHIN
    assert Aspect.FUNNEL not in stood(steady, sides=["lower", "similar", "lower"])


def test_sides_are_those_of_chance_for_the_size() -> None:
    england = replace(reading(FDS, FIRST, 70.0, "E92000001"), numerator=70_000, denominator=100_000)
    rows = [
        (FIRST.key, number, 1000, share * 100, 1000 * share)
        for number, share in ((1, 0.64), (2, 0.69), (3, 0.76))
    ]
    every = Columns.of([(*row, 0, 0, 0, 0) for row in rows])
    assert outer_sides(FDS, england, every, [1, 2]) == {1: "lower", 2: "similar"}
