"""Which kind of organisation an area is by its code of the Office for National Statistics, a letter and eight digits.

Areas of other kinds (wards, metropolitan counties, other countries) are none of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from db.catalogue import load_catalogue
from db.domain import Organisation, OrganisationType

_CODE: Final = re.compile(r"n?([EWNSK]\d{8})")
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


def area_code(text: str) -> str:
    """A code without the small n that some have in front, "" for what is none."""
    match = _CODE.fullmatch(text)
    return match[1] if match else ""


def kind_of_area(code: str) -> OrganisationType | None:
    """What kind of organisation an area is by its code; None for one that is not read (a practice, a cluster)."""
    return _KINDS.get(area_code(code)[:3])


def not_in_the_catalogue(places: Iterable[Organisation]) -> tuple[Organisation, ...]:
    """The places that the catalogue does not hold, in the order of their codes, each once."""
    known = load_catalogue().organisations
    found = {item.code: item for item in places}
    return tuple(item for code, item in sorted(found.items()) if code not in known)
