"""Standards that fewer than half of all patients meet: rare, and what columns in each other's places look like."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from db.domain import ALL, ENGLAND, Finding, Indicator, Period, Severity
from etl.pipeline.validate.knowledge import Knowledge

MOST_WITHIN = "most patients are within the standard"
_LEAST_STANDARD = 70.0
_FEWEST_PATIENTS = 1_000
"""In England's own series since 2009 it happened to two standards, for some months of 2020 and 2022."""
_EXAMPLES = 5


def most_within(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """A warning that names the tables; an error where it is so of every standard of a file that has several.

    Tables of a thousand patients and more, of indicators whose standard is 70% or above.
    """
    high = [code for code, item in knowledge.indicators.items() if _has_high_standard(item)]
    rows = frame[
        (frame["breakdown"] == ALL) & (frame["organisation"] != ENGLAND) & frame["indicator"].isin(high)
    ]
    sums = rows.groupby(["indicator", "basis", "period"], observed=True)[["numerator", "denominator"]].sum()
    sums = sums[sums["denominator"] >= _FEWEST_PATIENTS]
    few = sums[sums["numerator"] < sums["denominator"] / 2]
    if few.empty:
        return
    indicators = sums.index.get_level_values("indicator").nunique()
    everywhere = indicators > 1 and len(few) == len(sums)
    shown = "; ".join(
        f"{indicator}, {basis}, {Period.from_key(int(key)).short_label}: {within:,.10g} of {total:,.10g}"
        for (indicator, basis, key), within, total in few.head(_EXAMPLES).itertuples()
    )
    more = f"; and {len(few) - _EXAMPLES} more" if len(few) > _EXAMPLES else ""
    message = f"fewer than half are, as if the columns within and after had changed places: {shown}{more}"
    yield Finding(Severity.ERROR if everywhere else Severity.WARNING, MOST_WITHIN, message, len(few))


def _has_high_standard(indicator: Indicator) -> bool:
    return any(item.value is not None and item.value >= _LEAST_STANDARD for item in indicator.standards)
