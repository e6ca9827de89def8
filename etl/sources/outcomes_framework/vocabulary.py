"""From the publisher's numbers and breakdowns to our indicators and kinds of organisation."""

from __future__ import annotations

import re
from typing import Final

from db.domain import OrganisationType

MEASURES: Final = {
    "2.3.i": "emergency-admissions-chronic-acsc",
    "3a": "emergency-admissions-acute-avoidable",
}
"""The indicators that are read, by the number that their files' names hold."""

CONSTANTS: Final = {"2.3.i": 820.45}
"""What observed / expected is multiplied by, per 100,000: the rate of the reference year. That of 3a is not known."""

_ONE_TIER: Final = dict.fromkeys(("E06", "E08", "E09"), OrganisationType.UPPER_TIER_AUTHORITY)
"""Councils that are the only ones of their area: they stand in both tiers."""

KINDS: Final = {
    "england": {"E92": OrganisationType.COUNTRY},
    "region": {"E12": OrganisationType.STATISTICAL_REGION},
    "upper tier local authority": {"E10": OrganisationType.UPPER_TIER_AUTHORITY, **_ONE_TIER},
    "lower tier local authority": {"E07": OrganisationType.DISTRICT, **_ONE_TIER},
}
"""The breakdowns that are read, and what is among each by the beginning of its code."""

_NOT_READ: Final = re.compile(r"condition|age|gender|\d{4} deprivation decile", re.IGNORECASE)
_NAME: Final = re.compile(r"NHSOF_([0-9a-z.]+)_I\d{5}_D", re.IGNORECASE)


def is_known_breakdown(text: str) -> bool:
    """Whether a breakdown is one that is read, or one that is known and left out."""
    return text.casefold() in KINDS or _NOT_READ.fullmatch(text) is not None


def measure_in_name(name: str) -> str:
    """The framework's number in a file's name, "2.3.i" in NHSOF_2.3.i_I00708_D.csv; "" where it holds none."""
    match = _NAME.search(name)
    return match[1].casefold() if match else ""
