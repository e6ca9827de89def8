"""A series under control limits: the one annotated result that icon, chart, sentence and table are read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from db.domain import Indicator, Maturity, Period
from db.queries import Reading
from stp_dash.statistics import words
from stp_dash.statistics.rebasing import Rebase, RebaseDecision, rebases
from stp_dash.statistics.spc import AnalysedMany, AnalysedSeries, RebaseProposal, analyse_many, propose_rebase
from stp_dash.statistics.words import Subject
from stp_dash.views.series import periods_between
from stp_dash.views.wording import PER_CENT, is_rate

WINDOW = 60
"""Limits rest on at most this many periods up to the last one: five years of months."""


@dataclass(frozen=True)
class SeriesInput:
    """One organisation's readings of one indicator, in order. `where` names the organisation.

    average: the comparator's reading of the latest period, which a rate without a standard is measured by.
    """

    indicator: Indicator
    readings: Sequence[Reading]
    where: str
    average: Reading | None = None
    decisions: Sequence[RebaseDecision] = ()


@dataclass(frozen=True, eq=False)
class Controlled:
    """Every period from the first to the last with its reading, if there is one, and what the rules say of it."""

    given: SeriesInput
    periods: tuple[Period, ...]
    readings: tuple[Reading | None, ...]
    rebases: tuple[Rebase, ...]
    analysed: AnalysedSeries

    @cached_property
    def subject(self) -> Subject:
        indicator = self.given.indicator
        unit = "%" if indicator.unit == PER_CENT else f" {indicator.unit}"
        noun = "snapshot" if indicator.frequency == "snapshot" else str(indicator.frequency)
        return Subject(
            indicator.short_name,
            self.given.where,
            [period.label for period in self.periods],
            unit=unit,
            decimals=2 if is_rate(indicator) else 1,
            counted=indicator.gap_unit.rsplit(" ", 1)[-1],
            noun=noun,
        )

    @property
    def variation(self) -> str:
        """The words beside the variation icon; `analysed.variation` is the icon's name."""
        return words.variation(self.analysed)

    @property
    def assurance(self) -> str:
        """The words beside the assurance icon; `analysed.assurance` is the icon's name."""
        return words.assurance(self.analysed)

    @property
    def latest(self) -> Reading | None:
        place = self.analysed.latest
        return None if place is None else self.readings[place]

    @property
    def provisional(self) -> bool:
        return self.latest is not None and self.latest.maturity is Maturity.PROVISIONAL

    @property
    def proposal(self) -> RebaseProposal | None:
        """Where limits could start again, for a person to decide; never done by itself."""
        return propose_rebase(self.analysed)

    def reason(self, position: int) -> str:
        """Why a point is marked; "" for common cause."""
        return words.reason(self.analysed, self.subject, position)

    @property
    def rules_line(self) -> str:
        """The line under every chart: the rule profile in use."""
        return words.profile_line(self.analysed)


def target_of(indicator: Indicator, period: Period, average: Reading | None) -> float | None:
    """What assurance is measured by: the operational standard, or for rates the national average; else None.

    Aspirations and comparators of shares are no standards: they get no verdict.
    """
    standard = indicator.standard_on(period.start)
    if standard is not None:
        return standard.value
    return average.value if average is not None and is_rate(indicator) else None


def controlled_many(given: Sequence[SeriesInput], *, profile: str = "national") -> tuple[Controlled, ...]:
    """A page's series in one call of the statistics. Series without a reading give an empty result."""
    laid = [_laid(item) for item in given]
    if not laid:
        return ()
    longest = max(len(periods) for periods, _, _ in laid)
    values = np.full((len(laid), longest), np.nan)
    targets: list[float | None] = []
    for row, (item, (periods, readings, _)) in enumerate(zip(given, laid, strict=True)):
        values[row, : len(periods)] = [np.nan if r is None or r.value is None else r.value for r in readings]
        targets.append(_target(item, periods, readings))
    found = analyse_many(
        values,
        improvement_direction=[item.indicator.improvement_direction.value for item in given],
        target=targets,
        rebase_at=[tuple(rebase.position for rebase in starts) for _, _, starts in laid],
        profile=profile,
    )
    return tuple(
        Controlled(item, periods, readings, starts, _trimmed(found, row, len(periods)))
        for row, (item, (periods, readings, starts)) in enumerate(zip(given, laid, strict=True))
    )


def controlled(given: SeriesInput, *, profile: str = "national") -> Controlled:
    """One series annotated: `controlled_many` of one."""
    return controlled_many([given], profile=profile)[0]


Laid = tuple[tuple[Period, ...], tuple[Reading | None, ...], tuple[Rebase, ...]]


def _laid(given: SeriesInput) -> Laid:
    """Every period up to the last with its reading, and where phases start. Four months that stand for a quarter
    are one step of the series."""
    known = {item.period: item for item in given.readings}
    if not known:
        return (), (), ()
    periods = periods_between(min(known), max(known), known)[-WINDOW:]
    steps = [replace(period, frequency=given.indicator.frequency) for period in periods]
    starts = rebases(steps, given.indicator.breaks, given.decisions)
    return periods, tuple(known.get(period) for period in periods), starts


def _target(
    given: SeriesInput, periods: Sequence[Period], readings: Sequence[Reading | None]
) -> float | None:
    valued = [
        period for period, item in zip(periods, readings, strict=True) if item and item.value is not None
    ]
    return target_of(given.indicator, valued[-1], given.average) if valued else None


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
