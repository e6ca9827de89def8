"""The deciles of England's organisations over time, from columns of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from db.domain import Indicator, Period
from db.domain.columns import Columns
from stp_dash.analysis.columns import Register
from stp_dash.analysis.kinds import Comparison
from stp_dash.analysis.wording import PER_CENT
from stp_dash.statistics.spread import comparable, percentiles

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
        kept = values[rows[comparable(sizes[rows])] if indicator.unit == PER_CENT else rows]
        if len(kept) >= FEWEST:
            found[period] = percentiles(kept, TENTHS)
    return found
