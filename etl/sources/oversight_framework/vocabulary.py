"""The publisher's metric ids, whose meanings are reviewed here: its units and wordings are not to be relied on.

The ids of scores change with the financial year; those of the metrics themselves stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from db.domain.organisation import TrustKind

SEGMENT: Final = "oversight-segment"
LEAGUE_PLACE: Final = "oversight-league-place"
AVERAGE_SCORE: Final = "oversight-average-score"
PLAN: Final = "finance-planned-surplus-deficit"
VARIANCE: Final = "finance-variance-to-plan"

NEW_IDS_FROM: Final = date(2026, 4, 1)
SUMMARY_IDS: Final = {False: "OF5000", True: "OF5200"}
"""The id of the segment, before and from 2026/27 on."""
UNADJUSTED_IDS: Final = ("OF5003", "OF5203")
OVERRIDE_IDS: Final = ("OF5004", "OF5204")

SCORES: Final = {
    "OF5002": AVERAGE_SCORE,
    "OF4000": "oversight-domain-access",
    "OF4002": "oversight-domain-patient-safety",
    "OF4003": "oversight-domain-finance",
    "OF4004": "oversight-domain-people",
    "OF4005": "oversight-domain-effectiveness-experience",
    "OF5202": AVERAGE_SCORE,
    "OF4200": "oversight-domain-access",
    "OF4202": "oversight-domain-patient-safety",
    "OF4203": "oversight-domain-finance",
    "OF4204": "oversight-domain-people",
    "OF4205": "oversight-domain-experience",
    "OF4209": "oversight-domain-effectiveness",
}
"""The ids of scores from 1 (best) to 4; from 2026/27 the last domain is two."""
SHARES_OF_TURNOVER: Final = {"OF0079": PLAN, "OF0081": VARIANCE}


@dataclass(frozen=True)
class StatedMetric:
    """A metric that is one of our own indicators: of the quarter's three months together, or of its last month."""

    indicator: str
    whole_quarter: bool
    since: date = date.min


STATED: Final = {
    "OF0010": StatedMetric("cancer-28-day-faster-diagnosis", whole_quarter=True),
    "OF0011": StatedMetric("cancer-62-day-combined", whole_quarter=True),
    "OF0023": StatedMetric("rtt-within-18-weeks", whole_quarter=False),
    "OF0003": StatedMetric("rtt-over-52-weeks", whole_quarter=False),
    "OF0008": StatedMetric("diagnostics-over-6-weeks", whole_quarter=False, since=NEW_IDS_FROM),
}

OLD_IDS: Final = frozenset({"OF5000", "OF5002", "OF5003", "OF5004"}) | {i for i in SCORES if i[2:4] == "40"}
NEW_IDS: Final = frozenset({"OF5200", "OF5202", "OF5203", "OF5204"}) | {i for i in SCORES if i[2:4] == "42"}
READ: Final = OLD_IDS | NEW_IDS | SHARES_OF_TURNOVER.keys() | STATED.keys()

LEAGUES: Final = {
    "Acute trust": TrustKind.ACUTE,
    "Mental health and community trust": TrustKind.MENTAL_HEALTH_AND_COMMUNITY,
    "Non-acute hospital trust": TrustKind.MENTAL_HEALTH_AND_COMMUNITY,
    "Ambulance trust": TrustKind.AMBULANCE,
}
"""The publisher's kinds of trust; the second was called the third at first."""
