"""How a series stands, as far as that may be told: what has stood for three periods, and not of a few patients.

`docs/methods.md`, "What is told to those who follow", has the rule and why it is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from db.domain import Indicator
from db.domain.reading import Reading
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.signals import latest_signals
from stp_dash.analysis.standing.limits import SIMILAR_TO
from stp_dash.analysis.standing.verdict import met
from stp_dash.statistics.profiles import COMMON_CAUSE

STOOD = 3
"""So many periods something must have stood: what turns back within two periods is not told."""
FEWEST = 20
"""Of fewer patients nothing is told."""
STEADY, MET, MISSED, WITHIN = "steady", "met", "missed", "within"


class Aspect(StrEnum):
    """What of a series can change."""

    VARIATION = "variation"
    STANDARD = "standard"
    FUNNEL = "funnel"


@dataclass(frozen=True)
class FollowedSeries:
    """One organisation's series of one indicator under its limits, and on which side of its outer funnel limits it lay
    in each period: `lower`, `similar` or `higher`; nothing where that cannot be said."""

    organisation: str
    controlled: Controlled
    sides: Mapping[int, str] = field(default_factory=dict)

    @property
    def indicator(self) -> Indicator:
        return self.controlled.given.indicator

    @property
    def latest(self) -> Reading | None:
        return self.controlled.latest


def standing(series: FollowedSeries) -> dict[Aspect, str]:
    """How a series stands in each aspect, those left out of which nothing may be told (yet)."""
    last = _last_figures(series.controlled)
    if len(last) < STOOD or any(_is_small(item) for item in last):
        return {}
    found = {
        Aspect.VARIATION: _variation(series.controlled),
        Aspect.STANDARD: _against_standard(series.indicator, last),
        Aspect.FUNNEL: _in_funnel(series.sides, last),
    }
    return {aspect: state for aspect, state in found.items() if state is not None}


def _last_figures(series: Controlled) -> list[Reading]:
    known = [item for item in series.readings if item is not None and item.value is not None]
    return known[-STOOD:]


def _is_small(reading: Reading) -> bool:
    """Whether a figure is of fewer patients than anything is told of."""
    size = reading.denominator if reading.denominator is not None else reading.numerator
    return size is not None and size < FEWEST


def _variation(series: Controlled) -> str | None:
    """`steady`, or the icon of a special cause: of one that began three periods ago or more."""
    analysed = series.analysed
    if analysed.variation is None or analysed.latest is None:
        return None
    kinds = [
        kind
        for kind, item in zip(analysed.point_types, series.readings, strict=True)
        if item is not None and item.value is not None
    ][-STOOD:]
    if analysed.variation == COMMON_CAUSE:
        return STEADY if set(kinds) == {COMMON_CAUSE} else None
    begun = min((item.first for item in latest_signals(series)), default=analysed.latest)
    return analysed.variation if analysed.latest - begun + 1 >= STOOD or _alike(kinds) else None


def _against_standard(indicator: Indicator, last: Sequence[Reading]) -> str | None:
    found = [met(indicator, item) for item in last]
    if None in found or not _alike(found):
        return None
    return MET if found[0] else MISSED


def _in_funnel(sides: Mapping[int, str], last: Sequence[Reading]) -> str | None:
    found = [sides.get(item.period.key, "") for item in last]
    if "" in found or not _alike(found):
        return None
    return WITHIN if found[0] == SIMILAR_TO else found[0]


def _alike(items: Iterable[object]) -> bool:
    return len(set(items)) == 1
