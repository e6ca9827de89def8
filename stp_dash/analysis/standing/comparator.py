"""Whom a figure is compared with, and how far it lies from them, counted in patients or posts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import isnan

from db.domain import ENGLAND, ImprovementDirection, Indicator, StandardKind
from db.domain.reading import Reading
from stp_dash.analysis.wording import PER_CENT
from stp_dash.statistics.counts import Shortfall, divided, shortfall
from stp_dash.statistics.proportions import share_intervals, side_of

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

    The one that the indicator's national average is computed from, else England; "" for a total, which has none.
    """
    if indicator.is_total:
        return ""
    average = indicator.standard_on(day, StandardKind.NATIONAL_AVERAGE)
    declared = average.computed_from if average else None
    return declared if declared and declared in held else ENGLAND


def comparator_codes(indicator: Indicator) -> tuple[str, ...]:
    """Every organisation that an indicator's figures may be compared with; none for a total."""
    if indicator.is_total:
        return ()
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

    Shares count whole patients, rates fractions of posts. Posts are all that there are, not a sample: only shares
    have an interval.
    """
    direction = indicator.improvement_direction
    if average is None or average.organisation == reading.organisation:
        return None
    found = shortfall_of(reading, average)
    if found is None or direction is ImprovementDirection.NEUTRAL:
        return None
    rising = direction is ImprovementDirection.INCREASE
    if indicator.unit != PER_CENT:
        return Distance(found.count if rising else -found.count, chance=False)
    interval = interval_of(indicator, reading)
    rate = found.england_rate * indicator.multiplier
    return Distance(found.whole(rising=rising), chance=interval is not None and not side_of(*interval, rate))


def shortfall_of(reading: Reading, average: Reading | None) -> Shortfall | None:
    """What a figure's counts are short of the comparator's rate; None unless both figures have both counts."""
    if average is None:
        return None
    counts = (average.numerator, average.denominator, reading.numerator, reading.denominator)
    known = [count for count in counts if count is not None]
    return shortfall(*known) if len(known) == len(counts) else None


def fraction_of(indicator: Indicator, average: Reading | None) -> float | None:
    """A comparator's figure as a fraction or a rate per unit: its counts divided, else its value."""
    if average is None:
        return None
    found = divided(average.numerator, average.denominator)
    return divided(average.value, indicator.multiplier) if found is None else found


def is_share_of_chance(indicator: Indicator) -> bool:
    """Whether a value is a share that varies by chance, so that its counts give an interval and a funnel.

    Not of a stock: all residents of a place are counted, and who lives there is no draw.
    """
    return indicator.unit == PER_CENT and not indicator.is_stock


def interval_of(indicator: Indicator, reading: Reading) -> Interval | None:
    """The published 95% interval, else the 95% Wilson interval of a share with counts, in the indicator's unit.

    None for any other value.
    """
    if reading.value is None:
        return None
    if reading.details is not None and reading.details.interval is not None:
        return reading.details.interval
    if not is_share_of_chance(indicator):
        return None
    return _share_interval(reading.numerator, reading.denominator, indicator.multiplier)


@lru_cache(maxsize=20_000)
def _share_interval(numerator: float | None, denominator: float | None, multiplier: float) -> Interval | None:
    """Most figures of a page are those of the page before the load."""
    lower, upper = share_intervals([numerator], [denominator], multiplier)
    return None if isnan(lower[0]) else (float(lower[0]), float(upper[0]))


def intervals_of(indicator: Indicator, readings: Sequence[Reading | None]) -> list[Interval | None]:
    """`interval_of` many readings, worked out together."""
    if not is_share_of_chance(indicator) or any(item and item.details for item in readings):
        return [None if item is None else interval_of(indicator, item) for item in readings]
    known = [item if item is not None and item.value is not None else None for item in readings]
    lower, upper = share_intervals(
        [item.numerator if item else None for item in known],
        [item.denominator if item else None for item in known],
        indicator.multiplier,
    )
    pairs = zip(lower.tolist(), upper.tolist(), strict=True)
    return [None if isnan(low) else (low, high) for low, high in pairs]
