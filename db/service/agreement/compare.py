"""The arithmetic of the comparison: our counts of the months of a period, divided once, beside what is stated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, product

ROUNDING = 0.005
"""Half of the last of two decimals, which the statements have."""
_SLACK = 1e-9
_MOST_COMBINATIONS = 1_000

Counts = tuple[float, float]
"""A numerator and a denominator."""


class AgreementVerdict(StrEnum):
    """What a comparison comes to. Since revised: it agreed with figures that we held before a later release."""

    AGREES = "agrees"
    REVISED = "since revised"
    DIFFERS = "differs"


@dataclass(frozen=True)
class MonthCounts:
    """Our counts of one month as they stand, and as earlier releases had them."""

    standing: Counts
    former: Sequence[Counts] = ()


def our_value(months: Sequence[Counts], multiplier: float) -> float | None:
    """The months' counts added up and divided once; None of nothing."""
    total = sum(denominator for _, denominator in months)
    return sum(numerator for numerator, _ in months) / total * multiplier if total else None


def verdict_on(months: Sequence[MonthCounts], multiplier: float, stated: float) -> AgreementVerdict | None:
    """Whether our figure rounds to the one stated, now or as releases before had it; None where we have none."""
    value = our_value([month.standing for month in months], multiplier)
    if value is None:
        return None
    if _rounds_to(value, stated):
        return AgreementVerdict.AGREES
    releases = product(*((month.standing, *month.former) for month in months))
    for combination in islice(releases, _MOST_COMBINATIONS):
        before = our_value(combination, multiplier)
        if before is not None and _rounds_to(before, stated):
            return AgreementVerdict.REVISED
    return AgreementVerdict.DIFFERS


def _rounds_to(value: float, stated: float) -> bool:
    return abs(value - stated) <= ROUNDING + _SLACK
