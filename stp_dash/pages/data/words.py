"""What the data page says of an indicator: its definition in facts."""

from __future__ import annotations

from db.domain import Indicator
from stp_dash.analysis.wording import (
    capitalised,
    date_text,
    listing,
)


def definition_facts(indicator: Indicator) -> tuple[tuple[str, str], ...]:
    """An indicator's facts in pairs of a heading and words."""
    return (
        ("Name", indicator.name),
        ("Definition", " ".join(indicator.definition.split())),
        ("Why it matters", " ".join(indicator.why_it_matters.split())),
        ("Numerator", indicator.numerator_label or "None published"),
        ("Denominator", indicator.denominator_label or "None published"),
        ("Unit", indicator.unit),
        ("Better is", _direction(indicator)),
        ("Published by", listing([kind.value for kind in indicator.organisation_types])),
        ("In force", in_force(indicator)),
        ("Owner", indicator.owner),
        ("Definition reviewed", date_text(indicator.reviewed_on)),
        ("Next review due", date_text(indicator.review_due_on)),
    )


def _direction(indicator: Indicator) -> str:
    return {"increase": "Higher", "decrease": "Lower"}.get(indicator.improvement_direction.value, "Neither")


def in_force(indicator: Indicator) -> str:
    """From when to when an indicator is in force, in words."""
    begin = f"from {date_text(indicator.valid_from)}" if indicator.valid_from else ""
    end = f"to {date_text(indicator.valid_to)}" if indicator.valid_to else ""
    return capitalised(" ".join(part for part in (begin, end) if part)) or "Throughout"
