"""What the made-up page says."""

from __future__ import annotations

from collections.abc import Mapping

from db.domain import Period


def made_up_title(newest: Mapping[str, Period]) -> str:
    """The page's finding."""
    last = max(newest.values(), key=lambda period: period.end)
    return f"{len(newest)} indicators have figures, the newest to {last.label}"
