"""Counts put together and divided once, never an average of rates; and how many short of another's rate.

shortfall = (England's full-time equivalents / England's patients) x local patients - local full-time equivalents,
the measure of Kent and Medway's Case for Change. The patients on both sides are those of the practices that gave a
valid staff return, as stored; nothing is scaled up for the rest. The same formula gives patients short of a share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from stp_dash.statistics.arguments import finite_number

_ROUNDING = 1e-9
"""Relative: 85% of 20 patients is 17 patients, whatever the last bit says."""


def pooled(
    numerators: Sequence[float | None], denominators: Sequence[float | None]
) -> tuple[float, float] | None:
    """The sums of both counts over organisations or periods; None without one, or where any count is missing.

    A sum of the others would be read as the whole, and could give a suppressed count away.
    """
    within = [count for count in numerators if count is not None]
    total = [count for count in denominators if count is not None]
    if not within or len(within) != len(numerators) or len(total) != len(denominators):
        return None
    return sum(within), sum(total)


def divided(numerator: float | None, denominator: float | None, multiplier: float = 1.0) -> float | None:
    """multiplier x numerator / denominator; None where a count is missing or nothing was counted."""
    if numerator is None or not denominator:
        return None
    return multiplier * numerator / denominator


def fewest_holding_half(counts: Sequence[float], *, more: bool = False) -> int:
    """How many of the first counts hold at least half of the sum of all, or with `more` more than half.

    Counts are above 0, in the order in which they are to be named.
    """
    half = sum(counts) / 2
    places = range(1, len(counts) + 1)
    held = ((place, sum(counts[:place])) for place in places)
    return next((place for place, found in held if found > half or (found == half and not more)), len(counts))


@dataclass(frozen=True)
class Shortfall:
    """The result, in full-time equivalents: `count` above 0 is a shortfall, below 0 more staff than at the rate.

    `expected` is what England's rate gives for the local patients. Rates are staff a patient.
    """

    count: float
    expected: float
    england_rate: float
    local_rate: float

    def whole(self, *, rising: bool) -> int:
        """In whole patients how many more would reach the rate, or below 0 how many fewer still would.

        Where less is better (not `rising`) both turn round: how many fewer would reach it.
        """
        count = self.count if rising else -self.count
        slack = _ROUNDING * max(1.0, self.expected)
        return ceil(count - slack) if count > 0 else -floor(-count + slack)


def shortfall(
    england_fte: float, england_patients: float, local_fte: float, local_patients: float
) -> Shortfall | None:
    """The shortfall of an area on one day by one definition; None where it has no patients to compare by.

    Raises ValueError, naming the argument, for a negative, missing or infinite number.
    """
    england_staff, england = (
        _quantity(england_fte, "england_fte"),
        _quantity(england_patients, "england_patients"),
    )
    local_staff, local = _quantity(local_fte, "local_fte"), _quantity(local_patients, "local_patients")
    if not england or not local:
        return None
    expected = england_staff / england * local
    level = (england_staff, england) == (local_staff, local)
    return Shortfall(
        count=0.0 if level else expected - local_staff,
        expected=expected,
        england_rate=england_staff / england,
        local_rate=local_staff / local,
    )


def _quantity(value: float, name: str) -> float:
    given = finite_number(value, name)
    if given < 0:
        raise ValueError(f"{name} must be 0 or more, not {given:g}")
    return given
