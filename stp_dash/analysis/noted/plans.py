"""A figure beside what was planned for its month: how many patients or posts it is behind. No SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from db.domain import ImprovementDirection, Indicator, Standard, StandardKind
from db.domain.reading import Reading
from stp_dash.analysis.wording import PER_CENT, count_text, counted, value_text
from stp_dash.statistics.standards import Gap, gap

_SIGNS = {ImprovementDirection.INCREASE: ">=", ImprovementDirection.DECREASE: "<="}


@dataclass(frozen=True)
class PlanGap:
    """How a figure lies to its plan. `gap` is None where it has no counts, `behind` None where neither side is better.

    headline, detail: in words; brief: the same in a cell.
    """

    planned: float
    behind: bool | None
    gap: Gap | None
    headline: str
    detail: str
    brief: str


def plan_gap(indicator: Indicator, reading: Reading, planned: float) -> PlanGap:
    """A figure with a value beside the plan of its month: counted on counts, never on a rounded percentage."""
    against = f"plan for {reading.period.label} {value_text(indicator, planned)}"
    value, sign = reading.value or 0.0, _SIGNS.get(indicator.improvement_direction)
    difference = _difference(indicator, abs(value - planned))
    if sign is None:
        side = "above" if value > planned else "below"
        words = "On plan" if value == planned else f"{difference} {side}"
        return PlanGap(planned, None, None, words, against, words.lower())
    level = Standard(StandardKind.OPERATIONAL_STANDARD, sign, "Plan", reading.period.start, value=planned)
    found = gap(reading.numerator, reading.denominator, level, indicator.multiplier)
    behind = not found.met if found is not None else (value < planned if sign == ">=" else value > planned)
    side = "behind" if behind else "ahead"
    if found is None:
        words = "On plan" if value == planned else f"{difference} {side}"
        detail = f"{against} · no count: the figure has no counts of its own"
        return PlanGap(planned, behind, None, words, detail, words.lower())
    if not found.count:
        return PlanGap(planned, behind, found, "On plan", against, "on plan")
    count = counted(found.count, indicator.gap_unit)
    where = against if behind else f"ahead of the {against}"
    return PlanGap(planned, behind, found, count, where, f"{count_text(found.count)} {side}")


def _difference(indicator: Indicator, size: float) -> str:
    words = value_text(indicator, size)
    return f"{words.removesuffix('%')} points" if indicator.unit == PER_CENT else words


def plan_clause(indicator: Indicator, found: PlanGap) -> str:
    """How a figure lies to its plan, within a sentence: `424 patients behind its plan of 75.5%`."""
    level = value_text(indicator, found.planned)
    if found.brief == "on plan":
        return f"on its plan of {level}"
    if found.gap is None:
        return f"{found.brief} its plan of {level}"
    return f"{found.headline} {'behind' if found.behind else 'ahead of'} its plan of {level}"


def plan_end(indicator: Indicator, month: date, value: float) -> str:
    """What stands at the end of a plan's line: `Plan 80.0% by March 2027`."""
    return f"Plan {value_text(indicator, value)} by {month:%B %Y}"
