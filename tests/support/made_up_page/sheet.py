"""The numbers of the made-up page."""

from __future__ import annotations

from collections.abc import Mapping

from db.domain import Period
from stp_dash.analysis.sheet import Column, Sheet


def newest_sheet(newest: Mapping[str, Period]) -> Sheet:
    """Each indicator with its last period."""
    names = list(newest)
    columns = (
        Column("Indicator", names, "indicator", names),
        Column(
            "Newest",
            [period.label for period in newest.values()],
            "period_start",
            [period.start for period in newest.values()],
        ),
    )
    return Sheet("newest", "The newest figures", "Each indicator with its last period", columns, "This site")
