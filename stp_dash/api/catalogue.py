"""Areas, indicators with their standards and breaks, organisations and their successions, as tables."""

from __future__ import annotations

from collections.abc import Iterable

from db.catalogue.areas import AREA_TYPES
from db.domain import Area, Indicator
from db.domain.holdings import DataVersion
from db.domain.organisation import OrganisationChoice
from db.store import Connection
from stp_dash.api.read import ApiReader
from stp_dash.api.table import Row, Table
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.pages.organisation.find import organisations_searched
from stp_dash.pages.organisation.matches import find
from stp_dash.pages.organisation.read import OrganisationReader

OURS = ("This site's catalogue",)
AREA_KEYS = ("area", "organisation_code", "trusts", "ccgs", "sub_icb_locations", "upper_tier_authorities")
INDICATOR_KEYS = (
    *("indicator", "indicator_name", "short_name", "topic", "source", "owner", "unit", "frequency"),
    *("better_is", "numerator_label", "denominator_label", "gap_unit", "organisation_types"),
    *("definition", "why_it_matters", "caveats", "definition_url", "shown_beside"),
    *("valid_from", "valid_to", "reviewed_on", "review_due_on", "held"),
)
STANDARD_KEYS = (
    *("indicator", "kind", "level", "unit", "label", "effective_from", "effective_to", "note", "reference"),
)
BREAK_KEYS = ("indicator", "break_on", "reason")
ORGANISATION_KEYS = (
    *("organisation_code", "organisation_name", "organisation_type", "parents", "opened_on", "closed_on"),
)
SUCCESSION_KEYS = ("predecessor", "successor", "followed_on", "succession")


def area_table(request: PageRequest, _connection: Connection, _version: DataVersion) -> Table:
    """The area asked for, or that of the settings."""
    area = request.area
    owners = ("This site's settings",) if area == request.site.settings.own_area else OURS
    return Table(AREA_KEYS, [_area(area)], owners)


def every_area_table(request: PageRequest, _connection: Connection, _version: DataVersion) -> Table:
    """Every area that a page can be about: this site's own, its lists, and all boards, regions and England."""
    settings, known = request.site.settings, request.site.store.catalogue.organisations
    listed = sorted(code for code, item in known.items() if item.type in AREA_TYPES)
    codes = dict.fromkeys([settings.own_area.code, *settings.areas, *listed])
    areas = [area for area in map(settings.area_called, codes) if area is not None]
    return Table(AREA_KEYS, [_area(area) for area in areas], OURS)


def _area(area: Area) -> Row:
    parts = (area.trusts, area.ccgs, area.sub_icb_locations, area.upper_tier_authorities)
    return (area.name, area.commissioner, *map(_joined, parts))


def indicator_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """The catalogue's indicators, with whether the store holds any figure of each."""
    held = ApiReader(request, connection, version).indicators_held
    topic = request.parameters.get("topic")
    known = [item for item in _asked_for(request) if topic in {None, item.topic}]
    if not known and topic is not None:
        topics = dict.fromkeys(item.topic for item in request.site.store.catalogue.indicators.values())
        near = tuple((name, f"?topic={name}") for name in list(topics)[:3])
        raise ParameterError("topic", topic, f"one of {', '.join(topics)}", near)
    return Table(INDICATOR_KEYS, [_indicator(item, held=item.id in held) for item in known], OURS)


def _asked_for(request: PageRequest) -> Iterable[Indicator]:
    known = request.site.store.catalogue.indicators
    return [request.indicator()] if "indicator" in request.parameters else known.values()


def _indicator(item: Indicator, *, held: bool) -> Row:
    return (
        *(item.id, item.name, item.short_name, item.topic, item.source_id, item.owner, item.unit),
        *(item.frequency.value, item.improvement_direction.value, item.numerator_label),
        *(item.denominator_label, item.gap_unit, _joined(kind.value for kind in item.organisation_types)),
        *(" ".join(words.split()) for words in (item.definition, item.why_it_matters, item.caveats)),
        *(item.definition_url, _joined(item.shown_beside), item.valid_from, item.valid_to),
        *(item.reviewed_on, item.review_due_on, "yes" if held else "no"),
    )


def standard_table(request: PageRequest, _connection: Connection, _version: DataVersion) -> Table:
    """Every level that an indicator was ever to reach, with its dates, the earliest first."""
    rows: list[Row] = [
        (
            *(item.id, found.kind.value.capitalize(), found.value, item.unit, found.label),
            *(found.effective_from, found.effective_to, found.note, found.reference_url),
        )
        for item in _asked_for(request)
        for found in sorted(item.standards, key=lambda one: (one.effective_from, one.kind.value))
    ]
    return Table(STANDARD_KEYS, rows, OURS)


def break_table(request: PageRequest, _connection: Connection, _version: DataVersion) -> Table:
    """The days from which figures cannot be compared with those before."""
    rows = [(item.id, found.on, found.reason) for item in _asked_for(request) for found in item.breaks]
    return Table(BREAK_KEYS, rows, OURS)


def organisation_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """The store's organisations by code, or those nearest to a search first; with what each belongs or belonged to."""
    reader = OrganisationReader(request, connection, version)
    asked, lists = request.parameters, reader.code_lists
    known: Iterable[OrganisationChoice] = sorted(lists.organisations.values(), key=lambda item: item.code)
    if "search" in asked:
        known = find(asked["search"], organisations_searched(reader), request.area.codes).choices
    if (code := asked.get("organisation")) is not None and lists.organisation(code) is None:
        raise ParameterError("organisation", code, "the code of an organisation that the store holds", ())
    if (code := asked.get("parent")) is not None and lists.organisation(code) is None:
        raise ParameterError("parent", code, "the code of an organisation that the store holds", ())
    found = [
        item
        for item in known
        if asked.get("organisation") in {None, item.code} and asked.get("type") in {None, item.type.value}
    ]
    above = reader.parents_of_all([item.code for item in found])
    parents = {code: [parent.code for parent in own] for code, own in above.items()}
    if "parent" in asked:
        found = [item for item in found if asked["parent"] in parents.get(item.code, ())]
    dates = request.site.store.catalogue.organisations
    rows: list[Row] = []
    for item in found:
        dated = dates.get(item.code)
        row = (item.code, item.name, item.type.value, _joined(parents.get(item.code, ())))
        rows.append((*row, dated.opened_on if dated else None, dated.closed_on if dated else None))
    return Table(ORGANISATION_KEYS, rows, ("NHS Organisation Data Service",))


def succession_table(request: PageRequest, _connection: Connection, _version: DataVersion) -> Table:
    """Which organisation followed which, the earliest first."""
    code = request.parameters.get("organisation")
    if code is not None and code not in request.site.store.catalogue.organisations:
        raise ParameterError("organisation", code, "the code of an organisation of the catalogue", ())
    rows = [
        (item.predecessor, item.successor, item.effective_on, item.kind.value)
        for item in sorted(request.site.store.catalogue.successions, key=lambda one: one.effective_on)
        if code in {None, item.predecessor, item.successor}
    ]
    return Table(SUCCESSION_KEYS, rows, ("NHS Organisation Data Service",))


def _joined(codes: Iterable[str]) -> str:
    return "; ".join(codes)
