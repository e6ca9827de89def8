"""What a series' latest figure shows under its limits: the facts that words, phrases and sentences are made of.

A direction (better, worse, rising, falling) is said of a trend and of a shift's turn only. One unusual figure is
unusual, and a series with marked points is never called steady. Definitions: `claim.DEFINITIONS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from statistics import fmean

from db.domain import Period
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.wording import LEVEL
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    COMMON_CAUSE,
    CONCERN,
    HIGH,
    IMPROVEMENT,
    SHIFT,
    TREND,
    TWO_IN_THREE,
)
from stp_dash.statistics.results import Phase
from stp_dash.statistics.special_causes import Signal


class ChangeKind(StrEnum):
    """What the latest figure shows; each is also the id of its claim."""

    NO_FIGURES = "no-figures"
    LEVELS = "levels"
    OVERLAPPING = "overlapping-periods"
    STOCK = "same-people"
    UNSUITED = "unsuited"
    TOO_FEW = "too-few-values"
    NO_LIMITS = "no-limits"
    STEADY = "steady"
    WITHIN_LIMITS = "within-limits"
    TREND = "trend"
    TURN = "turn"
    RUN = "run"
    UNUSUAL = "unusual"


_MOVING = {TREND: ChangeKind.TREND, SHIFT: ChangeKind.RUN}
LEVEL_FROM = 3
"""So many figures before a run have an average that can be called a level."""
_TOLD_FIRST = (TREND, SHIFT, TWO_IN_THREE, ASTRONOMICAL)
"""Which of several signals of the latest figure is said: the one that lasts, and of those the one that moves."""


@dataclass(frozen=True)
class LatestChange:
    """The facts of a series' latest figure.

    period: the latest with a figure. phase: the limits that it lies in. good: whether what is marked points the way the
    indicator should go, None where it has none or nothing is marked. signal: the rule that is said. marked: the periods
    of the phase that any rule marks. before, since: the averages of the phase's figures before a turn and from it on,
    NaN without one, and `figures_before` how many there are before it.
    """

    kind: ChangeKind
    period: Period | None = None
    phase: Phase | None = None
    good: bool | None = None
    signal: Signal | None = None
    marked: tuple[Period, ...] = ()
    before: float = float("nan")
    since: float = float("nan")
    figures_before: int = 0

    @property
    def rule(self) -> str:
        """The rule that is said, "" where none marks the latest figure."""
        return self.signal.rule if self.signal is not None else ""

    @property
    def first(self) -> int:
        """Where the signal that is said begins."""
        return self.signal.first if self.signal is not None else 0

    @property
    def last(self) -> int:
        """Where it ends."""
        return self.signal.last if self.signal is not None else 0

    @property
    def length(self) -> int:
        """How many periods it marks."""
        return self.signal.length if self.signal is not None else 0

    @property
    def high(self) -> bool:
        """Whether what is marked points up."""
        return self.signal is not None and self.signal.direction == HIGH


def change_of(series: Controlled) -> LatestChange:
    """What the latest figure of a controlled series shows."""
    analysed = series.analysed
    if analysed.latest is None or not analysed.phases:
        return LatestChange(ChangeKind.NO_FIGURES)
    period, phase = series.periods[analysed.latest], analysed.phases[-1]
    if not series.charted:
        indicator = series.given.indicator
        kind = ChangeKind.STOCK if indicator.is_stock else ChangeKind.OVERLAPPING
        kind = ChangeKind.UNSUITED if indicator.without_limits else kind
        return LatestChange(ChangeKind.LEVELS if indicator.unit == LEVEL else kind, period, phase)
    if analysed.latest < phase.first or (phase.trial and analysed.variation is None):
        return LatestChange(ChangeKind.TOO_FEW, period, phase)
    if analysed.variation is None or isnan(phase.lower_process_limit):
        return LatestChange(ChangeKind.NO_LIMITS, period, phase)
    marked = tuple(
        series.periods[place] for place in range(phase.first, phase.last + 1) if analysed.rules[place]
    )
    signal = _told(series)
    if analysed.variation == COMMON_CAUSE or signal is None:
        kind = ChangeKind.WITHIN_LIMITS if marked else ChangeKind.STEADY
        return LatestChange(kind, period, phase, marked=marked)
    good = {IMPROVEMENT: True, CONCERN: False}.get(analysed.variation.rsplit("_", 1)[0])
    found = LatestChange(_MOVING.get(signal.rule, ChangeKind.UNUSUAL), period, phase, good, signal, marked)
    return _with_levels(series, found, signal) if signal.rule == SHIFT else found


def _told(series: Controlled) -> Signal | None:
    """The signal of the latest figure that is said: of those that point the way its icon does."""
    analysed = series.analysed
    side = (analysed.variation or "").rsplit("_", 1)[-1]
    found = [item for item in analysed.signals_at(analysed.latest or 0) if item.direction == side]
    return min(found, key=lambda item: _TOLD_FIRST.index(item.rule), default=None)


def _with_levels(series: Controlled, found: LatestChange, run: Signal) -> LatestChange:
    """A run with the averages before it and since, where enough figures of the same limits precede it."""
    phase = series.analysed.phases[-1]
    earlier = _figures(series, phase.first, run.first)
    if len(earlier) < LEVEL_FROM:
        return found
    return LatestChange(
        ChangeKind.TURN,
        found.period,
        phase,
        found.good,
        run,
        found.marked,
        fmean(earlier),
        fmean(_figures(series, run.first, run.last + 1)),
        len(earlier),
    )


def _figures(series: Controlled, first: int, stop: int) -> list[float]:
    return [value for value in series.analysed.values[first:stop].tolist() if not isnan(value)]
