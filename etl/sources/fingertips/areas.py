"""Which organisation an area is. Areas have codes of the Office for National Statistics, some with a small n in front.

Councils and statistical regions keep these codes here. Boards and sub-ICB locations end their names with a code of the
Organisation Data Service ("NHS Kent and Medway Integrated Care Board - QKS"). Areas of other kinds are none of ours.
"""

from __future__ import annotations

import re
from typing import Final

from db.domain import ENGLAND, OrganisationType

_CODE: Final = re.compile(r"n?([EWNSK]\d{8})")
_ODS_CODE: Final = re.compile(r"- ([A-Z0-9]{3,5})(?: \(.*\))?$")
_KINDS: Final = {
    "E92": OrganisationType.COUNTRY,
    "E12": OrganisationType.STATISTICAL_REGION,
    "E06": OrganisationType.UPPER_TIER_AUTHORITY,
    "E08": OrganisationType.UPPER_TIER_AUTHORITY,
    "E09": OrganisationType.UPPER_TIER_AUTHORITY,
    "E10": OrganisationType.UPPER_TIER_AUTHORITY,
    "E07": OrganisationType.DISTRICT,
    "E54": OrganisationType.ICB,
    "E38": OrganisationType.SUB_ICB_LOCATION,
}
_KENT_CCGS: Final = {
    "E38000237": "91Q",
    "E38000002": "09C",
    "E38000029": "09E",
    "E38000043": "09J",
    "E38000104": "09W",
    "E38000156": "10A",
    "E38000180": "10D",
    "E38000184": "10E",
    "E38000199": "99J",
}
"""Commissioners of Kent and Medway before July 2022, whose names do not end with their codes."""


def kind_of_area(code: str) -> OrganisationType | None:
    """What kind of organisation an area is by its code; None for one that is not read (a practice, a cluster)."""
    match = _CODE.fullmatch(code)
    return _KINDS.get(match[1][:3]) if match else None


def organisation_of_area(code: str, name: str) -> str:
    """The code by which an area's organisation is known here, "" where neither its code nor its name says it."""
    match = _CODE.fullmatch(code)
    kind = kind_of_area(code)
    if match is None or kind is None:
        return ""
    if kind is OrganisationType.COUNTRY:
        return ENGLAND
    if kind not in {OrganisationType.ICB, OrganisationType.SUB_ICB_LOCATION}:
        return match[1]
    named = _ODS_CODE.search(name)
    return named[1] if named else _KENT_CCGS.get(match[1], "")
