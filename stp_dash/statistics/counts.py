"""Counts put together and divided once: never an average of rates."""

from __future__ import annotations

from collections.abc import Sequence


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
