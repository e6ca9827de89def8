"""How far a figure lies from a standard, counted in the indicator's own unit (patients, posts)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from db.domain import Standard

_WHOLE = Fraction(1)
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Gap:
    """`count` is how many more would have met the standard, or by how many it was met; never below 0."""

    met: bool
    count: float


def gap(
    numerator: float | None, denominator: float | None, standard: Standard, multiplier: float
) -> Gap | None:
    """The distance between a figure's counts and a standard; None where either is not to be had.

    Counts go in whole steps, or in halves where either count of the figure is a half: patients shared by two
    trusts count half to each (provider-based 62-day figures). The arithmetic is exact, so that 17 of 20 meets 85%.
    """
    if numerator is None or not denominator or standard.value is None:
        return None
    within, total = Fraction(numerator), Fraction(denominator)
    level = Fraction(str(standard.value)) / Fraction(str(multiplier)) * total
    step = _step(within, total)
    if standard.comparator == ">=":
        return _gap(_at_least(level, step) - within)
    if standard.comparator == "<=":
        return _gap(within + _at_least(-level, step))
    return None


def _gap(missing: Fraction) -> Gap:
    return Gap(met=missing <= 0, count=float(abs(missing)))


def _step(*counts: Fraction) -> Fraction | None:
    """Whole, half, or None for quantities that are not counts (full-time equivalents)."""
    if all(count % _WHOLE == 0 for count in counts):
        return _WHOLE
    return _HALF if all(count % _HALF == 0 for count in counts) else None


def _at_least(level: Fraction, step: Fraction | None) -> Fraction:
    """The smallest multiple of `step` that is not below a level."""
    return level if step is None else -(-level // step) * step
