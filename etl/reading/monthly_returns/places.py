"""Whose figures a provider's or a commissioner's row is of, as far as the catalogue knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from db.catalogue import load_catalogue
from db.domain import Organisation, OrganisationType, Period
from etl.reading.codes import code_of

NOT_ENGLISH = "NONC"
"""Commissioners outside England."""

_PRACTICE = re.compile(r"[A-Z][0-9]{5}")
_INDEPENDENT_SITE = re.compile(r"N[A-Z0-9]{4}")


def code_of_return(text: str) -> str:
    """A provider's or commissioner's code in capitals, "" for none; some of independent sites have no digit: NTPAE."""
    code = text.upper()
    return code if code == NOT_ENGLISH or _INDEPENDENT_SITE.fullmatch(code) else code_of(text)


def is_area(code: str, parent: str = "") -> bool:
    """Whether a commissioner is an area (CCG, sub-ICB location); an unknown one is where it stands in a board.

    Regions and hubs commission directly: their rows bear the codes of regions, and are not the regions' figures.
    """
    known = load_catalogue().organisations
    if code in known:
        return known[code].type in (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)
    return bool(parent)


def is_board(code: str) -> bool:
    """Whether a commissioner's parent is an integrated care board, and not known to the catalogue as anything else."""
    known = load_catalogue().organisations
    return bool(code) and (code not in known or known[code].type is OrganisationType.ICB)


def region_of(board: str, month: Period) -> str:
    """The region that an integrated care board belongs to on a month's first day, "" where the catalogue has none."""
    known = load_catalogue().organisations
    above = known[board].parents if board in known else ()
    regions = (
        parent.code
        for parent in above
        if parent.in_force(month.start) and known[parent.code].type is OrganisationType.REGION
    )
    return next(regions, "")


def catalogue_name(code: str) -> str:
    """An organisation's name in the catalogue, "" where it has none."""
    known = load_catalogue().organisations
    return known[code].name if code in known else ""


def independent_providers(names: Mapping[str, str]) -> Iterator[Organisation]:
    """Of providers' names by code, those that the catalogue does not know and whose codes are none of NHS trusts.

    General practices among them are practices.
    """
    known = load_catalogue().organisations
    for code, name in names.items():
        if code not in known and not (code.startswith("R") and len(code) == 3):
            is_practice = _PRACTICE.fullmatch(code) is not None
            kind = OrganisationType.PRACTICE if is_practice else OrganisationType.INDEPENDENT_PROVIDER
            yield Organisation(code, name, kind)
