"""What a series' limits and its past say of the standard.

How often it was met is counted on counts, each period against the standard in force when it began. Chance is said only
of a steady series that has been on both sides. Nothing is foretold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from db.domain import ImprovementDirection, Indicator, Standard
from stp_dash.analysis.claims.change import ChangeKind, change_of
from stp_dash.analysis.claims.claim import Claim
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.standing.verdict import met
from stp_dash.analysis.wording import period_word, periods_word, value_text
from stp_dash.statistics.profiles import FAIL, HIT_OR_MISS, PASS
from stp_dash.statistics.standards import met_of_judged


@dataclass(frozen=True)
class Measure:
    """The standard that figures are held against, in words: `the standard of 85%`, `the standard`."""

    text: str
    standard: Standard


def met_of(
    indicator: Indicator, verdicts: Sequence[bool | None], *, last: bool = False, drawn: bool = False
) -> Claim | None:
    """How many of the figures that could be judged met their standard; None where none could be.

    last: the figures are of the last periods without a gap, and each has a verdict. drawn: they are those that a chart
    draws, and there are others.
    """
    count, judged = met_of_judged(verdicts)
    if not judged:
        return None
    facts = (("met", count), ("judged", judged))
    ending = "" if last and judged == len(verdicts) else " with a figure and a standard"
    ending = f" drawn{ending}" if drawn else ending
    noun = periods_word(indicator)
    if judged == 1:
        state = "met" if count else "missed"
        return Claim(
            "met-of", f"The standard was {state} in the one {period_word(indicator)}{ending}.", facts
        )
    which = f"{'last ' if last and not ending else ''}{judged} {noun}{ending}"
    if count in {0, judged}:
        every = (
            f"both {noun}{ending}"
            if judged == 2
            else f"all of the {which}"
            if "last" in which
            else f"all {which}"
        )
        return Claim("met-of", f"The standard was {'met' if count else 'missed'} in {every}.", facts)
    return Claim("met-of", f"The standard was met in {count} of the {which}.", facts)


def limits_against(series: Controlled, measure: Measure) -> Claim | None:
    """What the limits say of the measure, where they lie wholly on one side of it; chance where that may be said."""
    assurance = series.analysed.assurance
    if assurance == HIT_OR_MISS:
        return _chance(series, measure)
    target, indicator = series.analysed.target, series.given.indicator
    if assurance not in {PASS, FAIL} or target is None:
        return None
    rising = indicator.improvement_direction is ImprovementDirection.INCREASE
    low, high = series.possible_limits(series.analysed.phases[-1])
    best, worst = (high, low) if rising else (low, high)
    edge, name = (best, "best") if assurance == FAIL else (worst, "worst")
    if isclose(edge, target, abs_tol=1e-9):
        return None
    below = rising is (assurance == FAIL)
    shown = value_text(indicator, edge, measure.standard)
    text = (
        f"Even the {name} {period_word(indicator)} within its limits, {shown}, is {'below' if below else 'above'} "
        f"{measure.text}."
    )
    claim = "limits-short" if assurance == FAIL else "limits-beyond"
    return Claim(claim, text, (("limit", edge), ("measured by", target)))


def _chance(series: Controlled, measure: Measure) -> Claim | None:
    if not is_chance(series):
        return None
    phase = series.analysed.phases[-1]
    noun = period_word(series.given.indicator)
    text = f"Its limits reach to both sides of {measure.text}: on which side a {noun} falls is chance."
    limits = (
        ("lower process limit", phase.lower_process_limit),
        ("upper process limit", phase.upper_process_limit),
    )
    return Claim("chance", text, (*limits, ("measured by", series.analysed.target)))


def is_chance(series: Controlled) -> bool:
    """Whether the side of the measure on which a figure falls may be called chance."""
    straddles = series.analysed.assurance == HIT_OR_MISS
    return straddles and change_of(series).kind is ChangeKind.STEADY and len(_sides(series)) == 2


def _sides(series: Controlled) -> set[bool]:
    """Whether the figures under the last limits met their standards, missed them, or both."""
    analysed, indicator = series.analysed, series.given.indicator
    first = analysed.phases[-1].first
    known = [item for item in series.readings[first:] if item is not None and item.value is not None]
    return {verdict for item in known if (verdict := met(indicator, item)) is not None}
