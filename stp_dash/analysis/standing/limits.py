"""On which side of its comparator an organisation lies, by the funnel's outer limits: 99.8%, for its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.domain import Indicator
from db.domain.reading import Reading
from stp_dash.analysis.standing.comparator import fraction_of, is_share_of_chance
from stp_dash.analysis.wording import is_rate
from stp_dash.statistics.funnel import overdispersion, proportion_limits, rate_limits
from stp_dash.statistics.proportions import PROPORTION, RATE

LOWER, SIMILAR_TO, HIGHER = "lower", "similar", "higher"
_SIDES = {-1: LOWER, 0: SIMILAR_TO, 1: HIGHER}


@dataclass(frozen=True)
class OuterLimits:
    """The 99.8% limits of one organisation's size around the comparator, in the indicator's unit, and its side."""

    lower: float
    upper: float
    side: str


@dataclass(frozen=True)
class Sides:
    """The limits of each organisation that has any, by code. `factor` is what they are widened by, 1 for chance."""

    limits: Mapping[str, OuterLimits]
    factor: float = 1.0

    def of(self, code: str) -> str:
        """`lower`, `similar` or `higher`; "" where that cannot be said."""
        return self.limits[code].side if code in self.limits else ""

    @property
    def apart(self) -> int:
        """How many lie beyond their limits."""
        return sum(item.side != SIMILAR_TO for item in self.limits.values())


def funnel_measure(indicator: Indicator, comparator: Reading | None) -> tuple[float, str] | None:
    """The comparator's fraction or rate per unit, and the kind of funnel around it; None where there can be none."""
    average = fraction_of(indicator, comparator)
    share, rate = is_share_of_chance(indicator), is_rate(indicator)
    if average is None or not (share or rate) or average <= 0 or (share and average >= 1):
        return None
    return average, PROPORTION if share else RATE


def sides_of(
    indicator: Indicator,
    readings: Mapping[str, Reading],
    comparator: Reading | None,
    *,
    widened: bool = False,
) -> Sides:
    """Which organisations lie beyond the 99.8% limits of chance for their size, or of limits widened for their spread.

    Readings are by code. Of a value without counts nothing is said: no limit tells it from chance.
    """
    measure = funnel_measure(indicator, comparator)
    if measure is None:
        return Sides({})
    average, kind = measure
    counts = {
        code: (item.numerator, item.denominator)
        for code, item in readings.items()
        if item.numerator is not None and item.denominator and item.numerator >= 0
    }
    usable = {code: (x, n) for code, (x, n) in counts.items() if n > 0 and (kind == RATE or x <= n)}
    if not usable:
        return Sides({})
    numerators, denominators = zip(*usable.values(), strict=True)
    factor = overdispersion(numerators, denominators, average, kind=kind).factor if widened else 1.0
    draw = proportion_limits if kind == PROPORTION else rate_limits
    frame = draw(denominators, average, dispersion=factor)
    limits = zip(frame["lower_998"].tolist(), frame["upper_998"].tolist(), strict=True)
    by = indicator.multiplier
    found = {
        code: OuterLimits(low * by, high * by, _SIDES[int(x / n > high) - int(x / n < low)])
        for (code, (x, n)), (low, high) in zip(usable.items(), limits, strict=True)
    }
    return Sides(found, factor)
