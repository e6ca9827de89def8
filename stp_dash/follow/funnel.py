"""On which side of its funnel's outer limits an organisation lies, as the funnel of the variation page draws them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from db.domain import Indicator
from db.domain.columns import Columns
from db.domain.reading import Reading
from stp_dash.analysis.standing.limits import HIGHER, LOWER, SIMILAR_TO, funnel_measure
from stp_dash.pages.variation.funnel import SPREAD
from stp_dash.statistics.funnel import (
    beyond_outer_limits,
    overdispersion,
    proportion_limits,
    rate_limits,
)
from stp_dash.statistics.proportions import PROPORTION


def outer_sides(
    indicator: Indicator, comparator: Reading, every: Columns, wanted: Collection[int]
) -> dict[int, str]:
    """The sides of some organisations, by their numbers, among all of their kind in the comparator's period.

    Those without counts are left out. Limits are widened where more than a tenth of all lie beyond those of chance.
    """
    measure = funnel_measure(indicator, comparator)
    at = every.periods == comparator.period.key
    if measure is None or not at.any():
        return {}
    average, kind = measure
    x, n, codes = every.numerators[at], every.denominators[at], every.organisations[at]
    usable = (n > 0) & (x >= 0) & ((x <= n) | (kind != PROPORTION))
    x, n, codes = x[usable], n[usable], codes[usable]
    own = np.isin(codes, list(wanted))
    if not own.any():
        return {}
    factor = 1.0
    if beyond_outer_limits(x, n, average, kind=kind) > SPREAD * len(n):
        factor = overdispersion(x, n, average, kind=kind).factor
    draw = proportion_limits if kind == PROPORTION else rate_limits
    limits, values = draw(n[own], average, dispersion=factor), x[own] / n[own]
    higher, lower = values > limits["upper_998"].to_numpy(), values < limits["lower_998"].to_numpy()
    sides = np.where(higher, HIGHER, np.where(lower, LOWER, SIMILAR_TO))
    return dict(zip(codes[own].tolist(), sides.tolist(), strict=True))
