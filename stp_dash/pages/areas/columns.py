"""One indicator over all areas: each area's figure, its place in order, its side of England, and the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from db.domain import ImprovementDirection, Indicator, Maturity, Period, Standard
from db.domain.reading import Reading
from stp_dash.analysis.standing.comparator import comparator_code, comparator_name
from stp_dash.analysis.standing.limits import HIGHER, LOWER, Sides, sides_of
from stp_dash.analysis.standing.spine import Spread, spread_of
from stp_dash.analysis.wording import value_text
from stp_dash.statistics.spread import ranks

_FAR = 1.0
"""A standard further beyond the figures than so many times their range stands at the edge of the scale."""
_LONG = 7
_WORSE = {ImprovementDirection.INCREASE: LOWER, ImprovementDirection.DECREASE: HIGHER}


@dataclass(frozen=True, eq=False)
class AreaColumn:
    """An indicator in one period. `readings` are those of the areas with a value, by code, the lowest first."""

    indicator: Indicator
    period: Period
    readings: Mapping[str, Reading]
    comparator: Reading | None
    sides: Sides

    def __len__(self) -> int:
        return len(self.readings)

    @property
    def level(self) -> float | None:
        """The comparator's value."""
        return self.comparator.value if self.comparator else None

    @property
    def beside(self) -> str:
        """The comparator's name: `England`."""
        return comparator_name(self.comparator)

    @cached_property
    def standard(self) -> Standard | None:
        """The operational standard in force when the period began."""
        return self.indicator.standard_on(self.period.start)

    @cached_property
    def maturities(self) -> tuple[Maturity, ...]:
        return tuple(sorted({item.maturity for item in self.readings.values()}))

    def value(self, code: str) -> float | None:
        return self.readings[code].value if code in self.readings else None

    def shown(self, code: str) -> str:
        """A figure as pages write it; "" for an area without one."""
        return value_text(self.indicator, self.value(code), self.standard) if code in self.readings else ""

    @cached_property
    def wordy(self) -> bool:
        """Whether figures are longer than a number with its sign: `14.3 weeks`."""
        return any(len(self.shown(code)) > _LONG for code in self.readings)

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """From 1 at the lowest; areas with equal values share the lowest rank of theirs."""
        return dict(zip(self.readings, ranks(self._values).tolist(), strict=True))

    def is_joint(self, code: str) -> bool:
        """Whether another area has the same rank."""
        return sum(rank == self.ranks[code] for rank in self.ranks.values()) > 1

    @property
    def ranked(self) -> bool:
        """Whether places are worth saying: not where limits say that all areas are similar."""
        return len(self) > 1 and (not self.sides.limits or self.sides.apart > 0)

    @property
    def lower_is_better(self) -> bool:
        return self.indicator.improvement_direction is ImprovementDirection.DECREASE

    @property
    def has_better(self) -> bool:
        """Whether one side is better than the other."""
        return self.indicator.improvement_direction in _WORSE

    def is_unfavourable(self, code: str) -> bool:
        """Whether an area lies beyond its limits on the worse side."""
        return bool(self.sides.of(code)) and self.sides.of(code) == _WORSE.get(
            self.indicator.improvement_direction
        )

    @cached_property
    def _values(self) -> list[float]:
        return [item.value for item in self.readings.values() if item.value is not None]

    @cached_property
    def spread(self) -> Spread | None:
        """The spread of all areas; None of fewer than four."""
        sizes = [item.denominator for item in self.readings.values()]
        totals = np.array([np.nan if size is None else size for size in sizes])
        return spread_of(self.indicator, totals, np.array(self._values))

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """What the scale reaches from and to: all figures, the comparator, and the standard if it is not far away."""
        levels = [*self._values, *([] if self.level is None else [self.level])]
        low, high = min(levels), max(levels)
        goal = self.standard.value if self.standard else None
        reach = _FAR * (high - low)
        if goal is not None and low - reach <= goal <= high + reach:
            low, high = min(low, goal), max(high, goal)
        return low, high

    def place(self, value: float) -> float:
        """Where a value lies on the column's scale, from 0 at the lowest to 1; what lies beyond is at the end."""
        low, high = self._ends
        return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5

    def is_beyond(self, value: float) -> bool:
        """Whether a value lies off the scale, so that it is drawn at its end."""
        low, high = self._ends
        return not low <= value <= high


def area_column(
    indicator: Indicator,
    readings: Sequence[Reading],
    codes: Sequence[str],
    *,
    widened: bool,
) -> AreaColumn | None:
    """The newest period in which any of the areas has a value; None where none has in any of the readings."""
    areas = frozenset(codes)
    valued = [item for item in readings if item.organisation in areas and item.value is not None]
    if not valued:
        return None
    period = max(item.period for item in valued)
    own = [item for item in valued if item.period == period]
    own.sort(key=lambda item: (item.value or 0.0, item.organisation))
    found = {item.organisation: item for item in own}
    national = {
        item.organisation: item
        for item in readings
        if item.period == period and item.organisation not in areas and item.value is not None
    }
    comparator = national.get(comparator_code(indicator, period.start, national))
    sides = sides_of(indicator, found, comparator, widened=widened)
    return AreaColumn(indicator, period, found, comparator, sides)
