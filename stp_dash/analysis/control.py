"""A series under control limits: the one annotated result that icon, chart, sentence and table are read from.

What is measured by what, how far back limits reach and how periods of unequal length are laid out:
`docs/statistics.md`, "Series under control limits".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from math import isnan

import numpy as np

from db.domain import ALL, Frequency, Indicator, Period
from db.domain.reading import Reading
from stp_dash.analysis.series import (
    months_between,
    overlapping,
    periods_between,
    with_missing_snapshots,
)
from stp_dash.analysis.wording import LEVEL, PER_CENT
from stp_dash.statistics.arguments import FloatArray
from stp_dash.statistics.profiles import NATIONAL, RUN_LENGTH
from stp_dash.statistics.rebasing import (
    Rebase,
    RebaseDecision,
    RebaseProposal,
    propose_rebase,
    rebases,
    with_holes,
)
from stp_dash.statistics.results import AnalysedMany, AnalysedSeries, Phase
from stp_dash.statistics.spc import analyse_many
from stp_dash.statistics.xmr import is_dependent, lag_one

WINDOW = 60
"""Limits rest on at most this many periods up to the last one: five years of months."""
LIMITS_FROM = RUN_LENGTH
"""A phase of fewer values, as many as the shortest run takes, is shown without mean and limits."""


@dataclass(frozen=True)
class SeriesInput:
    """One organisation's readings of one indicator, in order. `where` names the organisation.

    average: the comparator's reading of the latest period, which the latest figure is shown beside. rules: the profile
    that people chose for the series, "" for none.
    """

    indicator: Indicator
    readings: Sequence[Reading]
    where: str
    average: Reading | None = None
    decisions: Sequence[RebaseDecision] = ()
    rules: str = ""


@dataclass(frozen=True, eq=False)
class Controlled:
    """Every period from the first to the last with its reading, if there is one, and what the rules say of it."""

    given: SeriesInput
    periods: tuple[Period, ...]
    readings: tuple[Reading | None, ...]
    rebases: tuple[Rebase, ...]
    analysed: AnalysedSeries

    @cached_property
    def charted(self) -> bool:
        """Whether the values can be under limits at all.

        Levels are letters in an order, not a measure; neighbours that overlap, and those of a stock, are of the same
        people in part; and an indicator may say itself why its figures have none.
        """
        return _can_have_limits(self.given.indicator, self.periods)

    @property
    def limited(self) -> bool:
        """Whether any stretch of the series has limits."""
        return not bool(np.isnan(self.analysed.lower_process_limit).all())

    @property
    def latest(self) -> Reading | None:
        place = self.analysed.latest
        return None if place is None else self.readings[place]

    @property
    def proposal(self) -> RebaseProposal | None:
        """Where limits could start again, for a person to decide; never done by itself."""
        return propose_rebase(self.analysed)

    @property
    def uneven(self) -> tuple[int, int] | None:
        """The shortest and longest step, in months, between neighbouring snapshots of the last phase that differ.

        None where all are alike. Limits take neighbours as they come.
        """
        if self.given.indicator.frequency is not Frequency.SNAPSHOT or not self.periods:
            return None
        first = self.analysed.phases[-1].first
        valued = [
            period if item is not None and item.value is not None else None
            for period, item in zip(self.periods[first:], self.readings[first:], strict=True)
        ]
        steps = {months_between(one, two) for one, two in pairwise(valued) if one and two}
        return (min(steps), max(steps)) if len(steps) > 1 else None

    @property
    def dependence(self) -> float | None:
        """The autocorrelation of the last phase's snapshots where it is so high that limits mark points by it alone.

        None for periods of which each is counted anew, and where neighbours do not depend on each other so much.
        """
        if self.given.indicator.frequency is not Frequency.SNAPSHOT or not self.analysed.phases:
            return None
        values = self.analysed.values[self.analysed.phases[-1].first :]
        return lag_one(values) if is_dependent(values) else None

    def shown_limits(self) -> tuple[FloatArray, FloatArray]:
        """The lower and upper limits of each point for drawing, within what can occur; NaN where there are none."""
        return self.analysed.shown_limits(0.0, self._ceiling)

    def possible_limits(self, phase: Phase) -> tuple[float, float]:
        """The limits of a phase within what can occur, NaN where it has none. Rules use the unclipped ones."""
        lower, upper = np.clip((phase.lower_process_limit, phase.upper_process_limit), 0.0, self._ceiling)
        return float(lower), float(upper)

    @property
    def waiting(self) -> tuple[RebaseDecision, ...]:
        """The recorded restarts of a day after the latest figure's period began: they take effect with the next."""
        latest = self.latest
        last = latest.period.start if latest is not None else date.min
        return tuple(item for item in self.given.decisions if item.on > last)

    @property
    def _ceiling(self) -> float:
        indicator = self.given.indicator
        return indicator.multiplier if indicator.unit == PER_CENT else float("inf")


def controlled_many(given: Sequence[SeriesInput], *, profile: str = "") -> tuple[Controlled, ...]:
    """A page's series in one call of the statistics for each profile. Series without a reading give an empty result.

    profile: for all of them; "" for the one chosen for each series, else the national one.
    """
    laid = [_laid(item) for item in given]
    if not laid:
        return ()
    longest = max(len(periods) for periods, _, _ in laid)
    values = np.full((len(laid), longest), np.nan)
    targets: list[float | None] = []
    for row, (item, (_, readings, _)) in enumerate(zip(given, laid, strict=True)):
        values[row, : len(readings)] = [np.nan if r is None or r.value is None else r.value for r in readings]
        targets.append(_target(item, readings))
    names = [profile or item.rules or NATIONAL.name for item in given]
    analysed: dict[int, AnalysedSeries] = {}
    for name in dict.fromkeys(names):
        rows = [row for row, own in enumerate(names) if own == name]
        found = analyse_many(
            values[rows],
            improvement_direction=[given[row].indicator.improvement_direction.value for row in rows],
            target=[targets[row] for row in rows],
            rebase_at=[tuple(rebase.position for rebase in laid[row][2]) for row in rows],
            profile=name,
        )
        analysed |= {row: _trimmed(found, place, len(laid[row][0])) for place, row in enumerate(rows)}
    return tuple(
        _controlled(item, parts, analysed[row])
        for row, (item, parts) in enumerate(zip(given, laid, strict=True))
    )


def controlled(given: SeriesInput, *, profile: str = "") -> Controlled:
    """One series annotated: `controlled_many` of one."""
    return controlled_many([given], profile=profile)[0]


def _controlled(given: SeriesInput, laid: Laid, analysed: AnalysedSeries) -> Controlled:
    if not _can_have_limits(given.indicator, laid[0]):
        bare = _without_limits(analysed, np.s_[:])
        return Controlled(given, *laid, replace(bare, target=None, variation=None, assurance=None))
    for phase in analysed.phases:
        if phase.values < LIMITS_FROM:
            analysed = _without_limits(analysed, np.s_[phase.first : phase.last + 1])
    if analysed.phases and isnan(analysed.phases[-1].lower_process_limit):
        # Without limits there is nothing to be steady within and nothing to compare a standard with.
        analysed = replace(analysed, variation=None, assurance=None)
    return Controlled(given, *laid, analysed)


def _can_have_limits(indicator: Indicator, periods: Sequence[Period]) -> bool:
    unsuited = indicator.unit == LEVEL or indicator.is_stock or bool(indicator.without_limits)
    return not unsuited and not overlapping(periods)


Laid = tuple[tuple[Period, ...], tuple[Reading | None, ...], tuple[Rebase, ...]]


def _laid(given: SeriesInput) -> Laid:
    """Every period up to the last with its reading, and where phases start."""
    held = sorted(given.readings, key=lambda item: item.period)[-WINDOW:]
    known = {item.period: item for item in held}
    if not known:
        return (), (), ()
    periods = _complete(given, known)[-WINDOW:]
    usual = given.indicator.frequency
    # Four months that stand for a quarter are one step of the series.
    steps = [p if p.frequency is usual else replace(p, frequency=usual) for p in periods]
    starts = rebases(steps, given.indicator.breaks, given.decisions)
    readings = tuple(known.get(period) for period in periods)
    present = [item is not None and item.value is not None for item in readings]
    last = max((place for place, value in enumerate(present) if value), default=-1)
    # A restart takes effect with the first figure from its day on.
    effective = [item for item in starts if item.position <= last]
    return periods, readings, with_holes(periods, present, effective)


def _complete(given: SeriesInput, known: Mapping[Period, Reading]) -> tuple[Period, ...]:
    """The periods from the first to the last, missing ones included: a gap stays a gap."""
    if given.indicator.frequency is Frequency.SNAPSHOT:
        return with_missing_snapshots(known, [item.on for item in given.indicator.breaks])
    return periods_between(min(known), max(known), known)


def _target(given: SeriesInput, readings: Sequence[Reading | None]) -> float | None:
    """The operational standard of the latest period with a value: what assurance is measured by.

    A standard is of the headline, so a breakdown has none. Averages and aspirations are no standards.
    """
    found = [item for item in readings if item is not None and item.value is not None]
    if not found or found[-1].breakdown != ALL:
        return None
    standard = given.indicator.standard_on(found[-1].period.start)
    return standard.value if standard is not None else None


def _trimmed(found: AnalysedMany, row: int, count: int) -> AnalysedSeries:
    """A series without the missing values that fill it up to the longest of the page."""
    whole = found[row]
    return replace(
        whole,
        values=whole.values[:count],
        mean=whole.mean[:count],
        lower_process_limit=whole.lower_process_limit[:count],
        upper_process_limit=whole.upper_process_limit[:count],
        signals=whole.signals[:count],
    )


def _without_limits(found: AnalysedSeries, points: slice) -> AnalysedSeries:
    """The values of some points alone: without mean, limits and signals."""
    mean, lower, upper = found.mean.copy(), found.lower_process_limit.copy(), found.upper_process_limit.copy()
    signals = found.signals.copy()
    for limits in (mean, lower, upper):
        limits[points] = np.nan
    signals[points] = 0
    return replace(found, mean=mean, lower_process_limit=lower, upper_process_limit=upper, signals=signals)
