"""The deciles of England's organisations over time, from columns of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from db.domain import Indicator, Period
from db.domain.columns import Columns
from stp_dash.analysis.columns import FEW, Floats, Register
from stp_dash.analysis.kinds import Comparison
from stp_dash.analysis.wording import PER_CENT

FEWEST = 10
"""Deciles are drawn of at least so many organisations."""
TENTHS = tuple(range(10, 100, 10))

Deciles = Mapping[Period, tuple[float, ...]]
"""The nine decile lines of each period, lowest first."""


def deciles(
    register: Register,
    indicator: Indicator,
    comparison: Comparison,
    columns: Columns,
    periods: Sequence[Period],
) -> Deciles:
    """The 10th to 90th percentiles of organisations' values, each organisation counting once, by period.

    Percentiles are interpolated between the two nearest organisations. Shares of fewer than FEW patients are left
    out unless most are; a period with fewer than FEWEST organisations has none.
    """
    keys, values, sizes = columns.organisations, columns.values, columns.denominators
    found = {}
    for period in periods:
        rows = np.flatnonzero((columns.periods == period.key) & ~np.isnan(values))
        rows = rows[register.belonging(comparison, keys[rows], period)]
        kept = _large_enough(indicator, values[rows], sizes[rows])
        if len(kept) >= FEWEST:
            lines = np.percentile(kept, TENTHS)
            found[period] = tuple(float(line) for line in lines)
    return found


def _large_enough(indicator: Indicator, values: Floats, sizes: Floats) -> Floats:
    if indicator.unit != PER_CENT:
        return values
    small = sizes < FEW
    return values if 2 * small.sum() >= len(values) else values[~small]
