"""What a projection has beside what was estimated since: numbers of people, and no verdict on either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.domain import Indicator, Period
from db.domain.reading import Reading
from stp_dash.analysis.wording import value_text


def projection_text(
    indicator: Indicator, projected: Mapping[Period, float], estimated: Sequence[Reading]
) -> str:
    """`2,479,522 on 30 June 2039. For 30 June 2025 it has 2,229,593; 2,303,565 were estimated.`, "" for no values.

    The second sentence is of the last period that both have.
    """
    if not projected:
        return ""
    last = max(projected)
    text = f"{value_text(indicator, projected[last])} on {last.label}."
    both = [item for item in estimated if item.value is not None and item.period in projected]
    if not both:
        return text
    found = max(both, key=lambda item: item.period)
    return (
        f"{text} For {found.period.label} it has {value_text(indicator, projected[found.period])}; "
        f"{value_text(indicator, found.value)} were estimated."
    )
