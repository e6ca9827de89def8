"""The area that the site is about: the codes that it bears and bore, and by whose figures a source is fresh."""

from __future__ import annotations

from dataclasses import dataclass

from db.catalogue import LineageStep, lineage
from db.domain import OrganisationType
from stp_dash.analysis.area import codes_of
from stp_dash.frame.request import PageRequest


@dataclass(frozen=True)
class AreaCodes:
    """The area's own codes (the commissioner first, then its predecessors) and its trusts'."""

    own: tuple[str, ...]
    trusts: tuple[str, ...]
    steps: tuple[LineageStep, ...]


def area_codes(request: PageRequest) -> AreaCodes:
    """The codes that the area of the settings has had, its trusts, and the steps from one code to the next."""
    area = request.site.settings.area
    steps = steps_of(request, area.commissioner)
    return AreaCodes(codes_of(area.commissioner, steps), area.trusts, steps)


def steps_of(request: PageRequest, code: str) -> tuple[LineageStep, ...]:
    """An organisation's predecessors; none for a code that the catalogue does not hold."""
    catalogue = request.site.store.catalogue
    return lineage(catalogue, code) if code in catalogue.organisations else ()


def types_shown(request: PageRequest) -> dict[OrganisationType, str]:
    """The types of organisation by whose last figures a source is fresh, with the words for each."""
    organisations = request.site.store.catalogue.organisations
    own = organisations.get(request.site.settings.area.commissioner)
    types = {own.type: f"{own.type.value}s"} if own else {}
    return {
        **types,
        OrganisationType.TRUST: "trusts",
        OrganisationType.STROKE_TEAM: "teams",
        OrganisationType.COUNTRY: "England",
    }
