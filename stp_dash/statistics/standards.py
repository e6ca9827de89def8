"""How far a figure lies from a standard, in the indicator's own unit (patients, posts), and how many meet one.

Every verdict is made on counts, never on a rounded percentage, and the arithmetic is exact: 17 of 20 meets 85%.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from db.domain import Standard
from stp_dash.statistics.arguments import Numbers, numbers

_WHOLE = Fraction(1)
_HALF = Fraction(1, 2)
_SIDES = {">=": 1, "<=": -1}
_NEAR = 1e-9
"""Relative to the denominator: counts nearer to the level than this are compared exactly."""


@dataclass(frozen=True)
class Gap:
    """`count` is how many more would have met the standard, or by how many it was met; never below 0."""

    met: bool
    count: float

    @property
    def short(self) -> float:
        """How many short of the standard; below 0 by how many it was met."""
        return 0.0 - self.count if self.met else self.count


def gap(
    numerator: float | None, denominator: float | None, standard: Standard, multiplier: float
) -> Gap | None:
    """The distance between a figure's counts and a standard; None where either is not to be had.

    Counts go in whole steps, or in halves where either count of the figure is a half: patients shared by two
    trusts count half to each (provider-based 62-day figures). Full-time equivalents have no step.
    """
    if numerator is None or not denominator or standard.value is None:
        return None
    return _gap_of_counts(numerator, denominator, standard.value, standard.comparator, multiplier)


@lru_cache(maxsize=8192)
def _gap_of_counts(
    numerator: float, denominator: float, value: float, comparator: str, multiplier: float
) -> Gap | None:
    """The gap, worked out once: pages ask for those of the same months again after every load."""
    within, total = Fraction(numerator), Fraction(denominator)
    level = _share(value, multiplier) * total
    step = _step(within, total)
    if comparator == ">=":
        return _gap(_at_least(level, step) - within)
    if comparator == "<=":
        return _gap(within + _at_least(-level, step))
    return None


@lru_cache(maxsize=256)
def _share(value: float, multiplier: float) -> Fraction:
    """A level as a share of the denominator, exactly as both are written."""
    return Fraction(str(value)) / Fraction(str(multiplier))


def meets(
    numerator: float | None, denominator: float | None, standard: Standard, multiplier: float
) -> bool | None:
    """Whether a figure's counts meet a standard, as `gap` says, and None where it does not say.

    Quick for many figures: exact arithmetic is only needed where the counts lie next to the level.
    """
    if numerator is None or not denominator or standard.value is None:
        return None
    beyond = numerator * multiplier - standard.value * denominator
    if abs(beyond) < _NEAR * multiplier * denominator or standard.comparator not in _SIDES:
        found = gap(numerator, denominator, standard, multiplier)
        return None if found is None else found.met
    return beyond * _SIDES[standard.comparator] > 0


def met_of_judged(verdicts: Iterable[bool | None]) -> tuple[int, int]:
    """Of several figures how many met their standard, and how many could be judged; None cannot."""
    judged = [met for met in verdicts if met is not None]
    return sum(judged), len(judged)


def reaching(values: Numbers, level: float, *, rising: bool) -> int:
    """How many values are no worse than a level: at it or above, or where less is better at it or below."""
    given = numbers(values, "values")
    return int((given >= level if rising else given <= level).sum())


def _gap(missing: Fraction) -> Gap:
    return Gap(met=missing <= 0, count=float(abs(missing)))


def _step(*counts: Fraction) -> Fraction | None:
    """Whole, half, or None for quantities that are not counts (full-time equivalents)."""
    parts = max(count.denominator for count in counts)
    if parts == 1:
        return _WHOLE
    return _HALF if parts == _HALF.denominator else None


def _at_least(level: Fraction, step: Fraction | None) -> Fraction:
    """The smallest multiple of `step` that is not below a level."""
    return level if step is None else -(-level // step) * step
