"""Areas: every integrated care board beside the others on several indicators, ours first, with its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from stp_dash.analysis.standing.neighbours import Neighbours
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import notice
from stp_dash.elements.links import AREAS, OVERVIEW
from stp_dash.frame.area import area_codes, inside_region, region_name
from stp_dash.frame.peers.neighbours import neighbours_of
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.areas.cards import areas_card, areas_map_card, beside_card, peers_card, standing_card
from stp_dash.pages.areas.columns import AreaColumn
from stp_dash.pages.areas.controls import areas_controls
from stp_dash.pages.areas.editions import BoardEdition
from stp_dash.pages.areas.picture import MAP_WIDTHS, areas_map
from stp_dash.pages.areas.read import BOARD, AreasReader
from stp_dash.pages.areas.sheet import areas_map_sheet, areas_sheet, beside_sheet, peers_sheet, standing_sheet
from stp_dash.pages.areas.state import (
    ALL_PEERS,
    BY_NAME,
    SIMILAR_PEERS,
    AreasState,
    areas_taken,
)
from stp_dash.pages.areas.words import AreasView, areas_lede, areas_title

_WHOLE, _MORE, _LESS = 12, 7, 5


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?columns=&sort=&order=&of=&period=&peers=&nearest=&beside=&dispersion=`; each has a default."""
    state = AreasState(AreasReader(request, connection, version))
    for edition in state.candidates:
        columns = state.reader.columns(state.indicators, edition, state.until, widened=state.widened)
        if columns:
            return _page(state, _view(state, edition, columns))
    return _empty(state)


def _view(state: AreasState, edition: BoardEdition, columns: tuple[AreaColumn, ...]) -> AreasView:
    held = {code for column in columns for code in column.readings}
    ours = _ours(state, edition, held)
    sort = next((column for column in columns if column.indicator.id == state.sort), None)
    if sort is None and state.sort != BY_NAME:
        sort = columns[0]
    peers, words, neighbours = _peers(state, edition, ours, held)
    shown = {column.indicator.id for column in columns}
    area = state.request.area
    names = {**state.names, **({area.commissioner: area.name} if area.commissioner in ours else {})}
    return AreasView(
        area_name=area.name,
        own=area.commissioner if area.commissioner in ours else "",
        edition=edition,
        columns=columns,
        absent=tuple(item.short_name for item in state.indicators if item.id not in shown),
        ours=ours,
        rows=_ordered(held, ours, sort, names, descending=state.descending),
        names=names,
        sort=sort,
        descending=state.descending,
        widened=state.widened,
        peers=frozenset(peers),
        peers_words=words,
        neighbours=neighbours,
        beside=state.area_beside(edition),
        summed=tuple(sorted(code for code in held if _was_several(columns, code))),
        apart=_apart(state, edition),
        addresses={code: state.elsewhere(OVERVIEW, area=code) for code in sorted(held)},
    )


def _ours(state: AreasState, edition: BoardEdition, held: set[str]) -> tuple[str, ...]:
    """The area's own board in an edition, or the whole boards that it was then; none of a region, which is no board."""
    code = state.request.area.commissioner
    known = state.request.site.store.catalogue.organisations.get(code)
    if code in edition.codes or known is None or known.type is not BOARD:
        return (code,) if code in held else ()
    return tuple(code for code in area_codes(state.request).own if code in edition.codes and code in held)


def _was_several(columns: Sequence[AreaColumn], code: str) -> bool:
    return any(column.readings[code].members for column in columns if code in column.readings)


def _apart(state: AreasState, edition: BoardEdition) -> tuple[str, ...]:
    """Of a month before the edition, its new boards to which the organisations of then do not add up."""
    steps, known = state.reader.steps(edition, state.until), state.request.site.store.catalogue.organisations
    new = [code for code in steps if (opened := known[code].opened_on) is not None and opened > state.until]
    return tuple(code for code in new if not steps[code])


def _ordered(
    held: set[str],
    ours: Sequence[str],
    sort: AreaColumn | None,
    names: Mapping[str, str],
    *,
    descending: bool,
) -> tuple[str, ...]:
    """Ours, then the others by value or by name; without a value last, and by name where values are equal."""
    others = sorted(
        held - set(ours), key=lambda code: (names.get(code, code), code), reverse=descending and sort is None
    )
    if sort is not None:
        without = [code for code in others if code not in sort.readings]
        valued = [code for code in others if code in sort.readings]
        valued.sort(key=lambda code: sort.readings[code].value or 0.0, reverse=descending)
        others = [*valued, *without]
    return (*ours, *others)


def _peers(
    state: AreasState, edition: BoardEdition, ours: Sequence[str], held: set[str]
) -> tuple[Sequence[str], str, Neighbours | None]:
    """The peers' codes, which they are in words, and the nearest neighbours where it is by these."""
    kind = state.values["peers"]
    others = sorted(held - set(ours))
    if kind == ALL_PEERS:
        return (), "", None
    if state.peers_named:
        return [code for code in state.chosen_peers(edition) if code in others], "peers as chosen", None
    if kind == SIMILAR_PEERS and state.request.area.commissioner in ours:
        until = min(state.until, edition.last)
        found = neighbours_of(state.reader, ours[0], held, BOARD, until)
        return found.codes(state.nearest), "nearest areas", found
    inside = inside_region(state.reader)
    region = region_name(state.request)
    return [code for code in others if code in inside], f"areas of {region}" if region else "", None


def _page(state: AreasState, view: AreasView) -> Page:
    standing, every = standing_sheet(view), areas_sheet(view)
    peers = peers_sheet(view, view.neighbours) if view.neighbours and view.neighbours.used else None
    beside = beside_sheet(view) if view.beside and view.own and view.beside not in view.ours else None
    column = view.sort or view.columns[0]
    codes = view.edition.codes
    drawn = areas_map(
        view,
        column,
        state.reader.outlines(codes),
        state.request.site.tiles(codes),
        MAP_WIDTHS[state.request.width],
    )
    mapped = areas_map_sheet(view, column) if drawn else None
    # All areas alike are no peers, of which there would be something to say.
    alike = not view.peers_words
    alone = alike and not drawn
    cards: list[Component] = [standing_card(state, view, standing, span=_WHOLE if alone else _MORE)]
    if drawn and mapped:
        cards.append(areas_map_card(state, view, drawn, mapped, span=_LESS))
    if not alike:
        cards.append(peers_card(state, view, peers, span=_WHOLE if drawn else _LESS))
    cards += [beside_card(state, view, beside)] if beside else []
    cards.append(areas_card(state, view, every))
    return Page(
        title=areas_title(view),
        lede=areas_lede(view),
        body=[html.Div(cards, className="grid areas-page")],
        crumbs=((view.area_name, state.elsewhere(OVERVIEW)), ("Areas", "")),
        controls=areas_controls(state, view.edition, view),
        state=state.address(),
        owners=list(dict.fromkeys(column.indicator.owner for column in view.columns)),
        sheets=[every, *(item for item in (standing, mapped, peers, beside) if item is not None)],
        beside=[column.indicator.id for column in view.columns],
    )


def _empty(state: AreasState) -> Page:
    """Nothing of any edition that is asked for: what there is."""
    edition = state.candidates[0] if state.candidates else state.editions[0]
    links = [
        html.Li(dcc.Link(item.label, href=state.address(of=item.key, period=None))) for item in state.editions
    ]
    links.append(
        html.Li(
            dcc.Link("The latest figures", href=state.address(of=None, period=None, columns=None, sort=None))
        )
    )
    told = html.P("No indicator asked for has a figure by integrated care board for this choice.")
    return Page(
        f"No figures by area: {edition.label}",
        [html.Div(notice("What there is", told, html.Ul(links)), className="grid")],
        crumbs=((state.request.area.name, state.elsewhere(OVERVIEW)), ("Areas", "")),
        controls=areas_controls(state, edition, None),
        state=state.address(),
    )


PAGE = PageSpec(
    AREAS,
    "Areas",
    build,
    parameters=AreasState.parameter_names(),
    in_navigation=True,
    takes=areas_taken,
)
