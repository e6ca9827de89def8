"""The place of assurance: what limits are to a standard, else the side of the comparator, and never both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from db.domain import Indicator
from stp_dash.analysis.control import Controlled, controlled
from stp_dash.analysis.standing.assurance import assurance_of
from tests.support.site.monthly import OLD, monthly

STEADY = [75.0, 77, 74, 76, 75, 78, 73, 76, 74, 77, 75, 76, 75, 74]


def of(values: Sequence[float], indicator: Indicator = OLD) -> Controlled:
    """Months up to August 2023, held to the standard of 93%."""
    return controlled(monthly([None if math.isnan(value) else value for value in values], indicator))


@pytest.mark.parametrize(
    ("values", "icon", "words"),
    [
        (STEADY, "fail", "Fails"),
        ([value + 18 for value in STEADY], "hit_or_miss", "Hit or miss"),
        ([99.0 + 0.1 * (value > 75) for value in STEADY], "pass", "Passes"),
        (STEADY[:9], "not_said", "Cannot be said yet"),
    ],
)
def test_a_standard_gives_a_verdict(values: Sequence[float], icon: str, words: str) -> None:
    found = assurance_of(of(values))
    assert (found.icon, found.words, found.compared) == (icon, words, False)


def test_without_a_standard_or_a_comparator_there_is_none() -> None:
    found = assurance_of(of(STEADY, replace(OLD, standards=())))
    assert (found.icon, found.words, found.compared) == ("no_standard", "No standard", False)
