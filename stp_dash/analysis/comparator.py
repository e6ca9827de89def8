"""Whom a figure is compared with, and how far it lies from them, counted in patients or posts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from db.domain import ENGLAND, ImprovementDirection, Indicator, StandardKind
from db.domain.reading import Reading
from stp_dash.analysis.wording import PER_CENT
from stp_dash.statistics.proportions import wilson
from stp_dash.statistics.shortfall import shortfall
from stp_dash.statistics.standards import ROUNDING

Interval = tuple[float, float]


@dataclass(frozen=True)
class Distance:
    """How far a figure lies from what the comparator's rate would give.

    `count` above 0 is short of it, below 0 beyond it, in whole patients or in posts. `chance` says that the
    figure's interval holds the comparator's rate: so few patients tell no difference.
    """

    count: float
    chance: bool


def comparator_code(indicator: Indicator, day: date, held: Collection[str]) -> str:
    """The organisation that a day's figures are compared with, of those that have figures.

    The one that the indicator's national average is computed from, else England.
    """
    average = indicator.standard_on(day, StandardKind.NATIONAL_AVERAGE)
    declared = average.computed_from if average else None
    return declared if declared and declared in held else ENGLAND


def comparator_codes(indicator: Indicator) -> tuple[str, ...]:
    """Every organisation that an indicator's figures may be compared with."""
    declared = [item.computed_from for item in indicator.standards if item.computed_from]
    return tuple(dict.fromkeys([*declared, ENGLAND]))


def comparator_name(reading: Reading | None) -> str:
    """The comparator's name without what its brackets say: `SSNAP national`."""
    return reading.organisation_name.split(" (", 1)[0] if reading and reading.organisation_name else "England"


def has_average(indicator: Indicator, reading: Reading) -> bool:
    """Whether the indicator declares a national average as its measure on the figure's day."""
    return indicator.standard_on(reading.period.start, StandardKind.NATIONAL_AVERAGE) is not None


def distance_from(indicator: Indicator, reading: Reading, average: Reading | None) -> Distance | None:
    """The distance to the comparator's rate; None without counts on both sides, or without a direction.

    shortfall = the comparator's rate x local denominator - local numerator; shares count whole patients, rates
    fractions of posts. Posts are all that there are, not a sample: only shares have an interval.
    """
    direction = indicator.improvement_direction
    if average is None or average.organisation == reading.organisation:
        return None
    counts = (average.numerator, average.denominator, reading.numerator, reading.denominator)
    known = [count for count in counts if count is not None]
    if len(known) < len(counts) or direction is ImprovementDirection.NEUTRAL:
        return None
    found = shortfall(*known)
    if found is None:
        return None
    count = found.count if direction is ImprovementDirection.INCREASE else -found.count
    if indicator.unit != PER_CENT:
        return Distance(count, chance=False)
    interval = interval_of(indicator, reading)
    rate = found.england_rate * indicator.multiplier
    slack = ROUNDING * max(1.0, found.expected)
    whole = ceil(count - slack) if count > 0 else -floor(-count + slack)
    return Distance(whole, chance=interval is not None and interval[0] <= rate <= interval[1])


def interval_of(indicator: Indicator, reading: Reading) -> Interval | None:
    """The 95% Wilson interval of a share with counts, in the indicator's unit; None for any other value."""
    if indicator.unit != PER_CENT or reading.value is None:
        return None
    if reading.numerator is None or not reading.denominator:
        return None
    lower, upper = wilson(reading.numerator, reading.denominator)
    return float(lower) * indicator.multiplier, float(upper) * indicator.multiplier
