"""The area that a page is about: the codes that it bears and bore, and by whose figures a source is fresh."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from db.catalogue import LineageStep, boundary_moves, followers, lineage, lineage_start
from db.domain import Indicator, Organisation, OrganisationType, Period
from db.domain.organisation import AreaKind
from db.domain.reading import Reading, Selection
from stp_dash.analysis.area import codes_of, only_by_council
from stp_dash.analysis.mergers.history import AreaHistory, of_providers_only, with_boundary_moves
from stp_dash.analysis.wording import listing
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest


@dataclass(frozen=True)
class AreaCodes:
    """The area's own codes (the commissioner first, then its predecessors) and its trusts'."""

    own: tuple[str, ...]
    trusts: tuple[str, ...]
    steps: tuple[LineageStep, ...]


@dataclass(frozen=True)
class InsideKey(CacheKey[frozenset[str]]):
    """Every organisation that belongs to some regions."""

    regions: frozenset[str]
    of_names: ClassVar[bool] = True


def area_codes(request: PageRequest) -> AreaCodes:
    """The codes that the page's area has had, its trusts, and the steps from one code to the next."""
    area = request.area
    steps = steps_of(request, area.commissioner)
    return AreaCodes(codes_of(area.commissioner, steps), area.trusts, steps)


def steps_of(request: PageRequest, code: str) -> tuple[LineageStep, ...]:
    """An organisation's predecessors; none for a code that the catalogue does not hold."""
    catalogue = request.site.store.catalogue
    return lineage(catalogue, code) if code in catalogue.organisations else ()


def as_of_area(request: PageRequest, indicator: Indicator, code: str) -> Indicator:
    """An indicator with the days on which an organisation's boundary moved as breaks of its series."""
    catalogue = request.site.store.catalogue
    own = catalogue.organisations.get(code)
    if own is None or (own.type is not OrganisationType.TRUST and of_providers_only(indicator)):
        return indicator
    moves = boundary_moves(catalogue, code)
    if not moves:
        return indicator
    return with_boundary_moves(indicator, AreaHistory(moves=moves, names=request.site.names()))


def history_of(request: PageRequest, code: str, names: Mapping[str, str]) -> AreaHistory:
    """An organisation through time, as far as the catalogue holds it. `names` are organisations' names by code."""
    catalogue = request.site.store.catalogue
    if code not in catalogue.organisations:
        return AreaHistory(names=names)
    return AreaHistory(
        lineage(catalogue, code),
        lineage_start(catalogue, code),
        boundary_moves(catalogue, code),
        followers(catalogue, code),
        names,
    )


def types_shown(request: PageRequest) -> dict[OrganisationType, str]:
    """The types of organisation by whose last figures a source is fresh, with the words for each."""
    organisations = request.site.store.catalogue.organisations
    own = organisations.get(request.area.commissioner)
    types = {own.type: own.type.plural} if own else {}
    return {
        **types,
        OrganisationType.TRUST: "trusts",
        OrganisationType.STROKE_TEAM: "teams",
        OrganisationType.COUNTRY: "England",
    }


def of_area(request: PageRequest, held: Collection[str]) -> frozenset[str]:
    """Of some indicators, those that can be the first of a page of the area: not what is published by council only,
    where no councils make up the area. All of them where nothing else is left."""
    known = request.site.store.catalogue.indicators
    found = frozenset(code for code in held if not only_by_council(known[code], request.area))
    return found or frozenset(held)


def readings_and_parts(
    reader: StoreReader,
    wanted: Selection,
    steps: Sequence[LineageStep],
    held: Collection[Period],
    others: Collection[str] = (),
) -> tuple[Reading, ...]:
    """The readings of an organisation, the first that is wanted, with what `own_reading` needs of what lies in it: of a
    region's boards, or England's, those of the periods alone that have no value of its own.

    Beside sixty figures of England are two thousand of its boards.

    held: the periods in which any of the organisations has a row. others: organisations wanted for themselves.
    """
    code = wanted.organisations[0]
    inside = {item for step in steps if step.beside for item in step.codes} - {code, *others}
    if not inside or len(wanted.indicators) > 1 or not reader.request.as_of().now:
        return reader.readings([wanted])
    own = tuple(item for item in wanted.organisations if item not in inside)
    found = reader.readings([replace(wanted, organisations=own)])
    known = {item.period for item in found if item.organisation == code and item.value is not None}
    lacking = tuple(item for item in held if item not in known and wanted.takes(item))
    if not lacking:
        return found
    parts = tuple(item for item in wanted.organisations if item in inside)
    return (*found, *reader.readings([replace(wanted, organisations=parts, periods=lacking)]))


def region_codes(request: PageRequest, kind: OrganisationType = OrganisationType.REGION) -> tuple[str, ...]:
    """The regions that the area lies in, by its commissioner or its places; England lies in none. The statistical ones
    are its authorities' of residents."""
    area = request.area
    if area.kind is AreaKind.COUNTRY:
        return ()
    known = request.site.store.catalogue.organisations
    codes = (area.commissioner, *area.sub_icb_locations, *area.upper_tier_authorities)
    parents = (parent.code for code in codes if code in known for parent in known[code].parents)
    found = (code for code in parents if code in known and known[code].type is kind)
    return tuple(dict.fromkeys(found))


def region_name(request: PageRequest, kind: OrganisationType = OrganisationType.REGION) -> str:
    """The name of the area's region, or of all that it lies in; "" where it is in none."""
    known = request.site.store.catalogue.organisations
    return listing(
        [known[code].name.removesuffix(" Commissioning Region") for code in region_codes(request, kind)]
    )


def inside_region(reader: StoreReader, kind: OrganisationType = OrganisationType.REGION) -> frozenset[str]:
    """The organisations in the area's regions of a kind."""
    known = reader.request.site.store.catalogue.organisations
    regions = frozenset(region_codes(reader.request, kind))
    return reader.cached(InsideKey(regions), lambda: belonging_to(known, regions))


def belonging_to(known: Mapping[str, Organisation], regions: frozenset[str]) -> frozenset[str]:
    """The organisations that belong or belonged to some regions, or to what belongs to them."""
    found = set(regions)
    while True:
        added = {
            code
            for code, item in known.items()
            if code not in found and any(parent.code in found for parent in item.parents)
        }
        if not added:
            return frozenset(found - regions)
        found |= added
