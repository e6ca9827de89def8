"""Which organisation an area is. Areas have codes of the Office for National Statistics, some with a small n in front.

Councils and statistical regions keep these codes here. Boards and sub-ICB locations end their names with a code of the
Organisation Data Service ("NHS Kent and Medway Integrated Care Board - QKS"). Areas of other kinds are none of ours.
"""

from __future__ import annotations

import re
from typing import Final

from db.domain import ENGLAND, OrganisationType
from etl.reading.areas import area_code, kind_of_area

_ODS_CODE: Final = re.compile(r"- ([A-Z0-9]{3,5})(?: \(.*\))?$")
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


def organisation_of_area(code: str, name: str) -> str:
    """The code by which an area's organisation is known here, "" where neither its code nor its name says it."""
    own, kind = area_code(code), kind_of_area(code)
    if kind is None:
        return ""
    if kind is OrganisationType.COUNTRY:
        return ENGLAND
    if kind not in {OrganisationType.ICB, OrganisationType.SUB_ICB_LOCATION}:
        return own
    named = _ODS_CODE.search(name)
    return named[1] if named else _KENT_CCGS.get(own, "")
