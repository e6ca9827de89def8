"""What stands beside the variation: what limits are to a standard, else on which side of the comparator a figure lies.

A comparator gives no verdict: a figure below, level with or above England passes or fails nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.domain import ALL
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.standing.verdict import comparator_side
from stp_dash.statistics.profiles import FAIL, HIT_OR_MISS, PASS

NO_STANDARD, NOT_SAID = "no_standard", "not_said"
ASSURANCE_WORDS = {
    PASS: "Passes",
    HIT_OR_MISS: "Hit or miss",
    FAIL: "Fails",
    NO_STANDARD: "No standard",
    NOT_SAID: "Cannot be said yet",
}
"""The words of each icon that are the same for every figure. Not said: too few values, or no limits."""


@dataclass(frozen=True)
class Assurance:
    """`icon` is `pass`, `hit_or_miss`, `fail` or `not_said` where there is a standard; without one `below`, `level` or
    `above` for the comparator that the indicator declares, else `no_standard`. `words` stand beside it.
    """

    icon: str
    words: str

    @property
    def compared(self) -> bool:
        """Whether it tells the side of a comparator, not of a standard."""
        return self.icon not in ASSURANCE_WORDS


def assurance_of(series: Controlled) -> Assurance:
    """What stands in the place of assurance for the latest figure of a controlled series."""
    if series.analysed.target is not None:
        icon = series.analysed.assurance or NOT_SAID
        return Assurance(icon, ASSURANCE_WORDS[icon])
    latest, average = series.latest, series.given.average
    same = latest is not None and average is not None and average.period == latest.period
    if latest is not None and same and latest.breakdown == ALL:
        found = comparator_side(series.given.indicator, latest, average)
        if found is not None:
            return Assurance(found.side, found.words)
    return Assurance(NO_STANDARD, ASSURANCE_WORDS[NO_STANDARD])
