"""Where an organisation stands among all of its kind: the spread of their values, and places on a spine.

The spine's scale is the figures' own. Its middle is the one compared with; its half is the distance from there to the
5th or 95th percentile of the kind, whichever is further, or to the organisation's own figure where that lies beyond:
one odd neighbour does not press the others together, and what lies outside is drawn at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

import numpy as np

from db.domain import ImprovementDirection, Indicator
from db.domain.catalogue import INTERVAL
from db.domain.columns import Floats
from stp_dash.analysis.standing.comparator import Interval
from stp_dash.analysis.wording import PER_CENT, is_rate, value_text
from stp_dash.charts.svg.spine import BETTER, SIMILAR, UNJUDGED, WORSE, Span, Spine
from stp_dash.statistics.proportions import side_of
from stp_dash.statistics.spread import comparable, percentiles

LEAST = 4
"""Of fewer organisations than this there is no spread to show."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of all organisations of a kind in one period, ascending. `left_out` had fewer than 20 patients."""

    count: int
    left_out: int
    lowest: float
    fifth: float
    lower_quarter: float
    median: float
    upper_quarter: float
    ninety_fifth: float
    highest: float


def spread_of(indicator: Indicator, totals: Floats, values: Floats) -> Spread | None:
    """The spread of values with their denominators, NaN for none; None of too few.

    Small shares are left out, unless most are small.
    """
    given = ~np.isnan(values)
    kept = values[given]
    if indicator.unit == PER_CENT:
        kept = kept[comparable(totals[given])]
    if len(kept) < LEAST:
        return None
    left_out = int(given.sum()) - len(kept)
    return Spread(len(kept), left_out, *percentiles(kept, (0, 5, 25, 50, 75, 95, 100)))


@dataclass(frozen=True)
class Standing:
    """A figure with what it is shown beside: all in the indicator's unit. `centre` is the one compared with."""

    indicator: Indicator
    value: float | None
    interval: Interval | None
    centre: float | None
    standard: float | None
    spread: Spread | None
    hollow: bool = False

    @property
    def mark(self) -> str:
        """Better or worse only where the whole interval lies on one side of the one compared with.

        Posts are all that there are, not a sample: their rates differ wherever they are shown to. A median, a score
        and a level come without counts, so nothing tells their difference from chance: they are not judged. Nor is what
        is published with another range than a 95% interval.
        """
        indicator, value, centre = self.indicator, self.value, self.centre
        if value is None or centre is None or indicator.improvement_direction is ImprovementDirection.NEUTRAL:
            return UNJUDGED
        if indicator.interval_label != INTERVAL:
            return UNJUDGED
        if self.interval is not None:
            if not side_of(*self.interval, centre):
                return SIMILAR
        elif not is_rate(indicator):
            return UNJUDGED
        elif value_text(indicator, value) == value_text(indicator, centre) or isclose(value, centre):
            return SIMILAR
        return BETTER if (value > centre) is _rising(indicator) else WORSE

    @property
    def distance(self) -> float:
        """How far along the spine the figure lies, 0 to 1; 0 where it is not drawn."""
        if self.centre is None or self.value is None:
            return 0.0
        return abs(self.value - self.centre) / self._half(self.centre)

    def drawn(self, label: str) -> Spine | None:
        """The places on the spine; None where there is nothing to compare with or to draw."""
        if self.centre is None or self.indicator.is_total or (self.value is None and self.spread is None):
            return None
        half = self._half(self.centre)
        sign = 1.0 if _rising(self.indicator) else -1.0

        def place(level: float) -> float:
            return sign * (level - (self.centre or 0.0)) / half

        return Spine(
            value=None if self.value is None else place(self.value),
            interval=_ordered(place(self.interval[0]), place(self.interval[1])) if self.interval else None,
            everyone=_ordered(place(self.spread.lowest), place(self.spread.highest)) if self.spread else None,
            middle=_ordered(place(self.spread.lower_quarter), place(self.spread.upper_quarter))
            if self.spread
            else None,
            standard=None if self.standard is None else place(self.standard),
            mark=self.mark,
            hollow=self.hollow,
            label=label,
        )

    def _half(self, centre: float) -> float:
        ends = [] if self.spread is None else [self.spread.fifth, self.spread.ninety_fifth]
        ends += [] if self.value is None else [self.value]
        return max((abs(end - centre) for end in ends), default=0.0) or 1.0


def _rising(indicator: Indicator) -> bool:
    """Higher to the right, except where lower is better."""
    return indicator.improvement_direction is not ImprovementDirection.DECREASE


def _ordered(one: float, other: float) -> Span:
    return (min(one, other), max(one, other))
