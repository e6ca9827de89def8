"""The page's cards: where ours stands, who is like it, every area, and ours beside another."""

from __future__ import annotations

from typing import Any

from db.domain import Maturity
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.standing.limits import HIGHER, LOWER, SIMILAR_TO
from stp_dash.analysis.standing.neighbours import Neighbours
from stp_dash.charts.svg.area_strip import STRIP_HIGH, STRIP_ROOM, AreaStrip, area_strip_svg
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import (
    PicturePart,
    card,
    card_foot,
    card_head,
    image,
    key,
    linked_image,
    table,
)
from stp_dash.elements.links import OVERVIEW, VARIATION
from stp_dash.frame.figure_card import figure_card, table_card
from stp_dash.pages.areas.columns import AreaColumn
from stp_dash.pages.areas.picture import AreasMap
from stp_dash.pages.areas.state import REGION_PEERS, AreasState
from stp_dash.pages.areas.table import areas_table, mark_class
from stp_dash.pages.areas.words import (
    AreasView,
    apart_words,
    beside_sentence,
    comparator_words,
    difference_words,
    goal_words,
    limits_words,
    peers_listed,
    peers_sentence,
    rank_words,
    standing_sentence,
    standing_words,
    table_sentence,
    unlikened_words,
    when,
)

_PHONE_STRIP = 290
_SIDES = (
    (LOWER, "diamond", "Lower than England"),
    (SIMILAR_TO, "dot", "Similar"),
    (HIGHER, "triangle", "Higher than England"),
)


def standing_card(state: AreasState, view: AreasView, sheet: Sheet, *, span: int) -> Component:
    """Each indicator with ours on the spread of all areas."""
    rows = [_standing_row(state, view, column) for column in view.columns]
    marks = [("dot ours", view.area_name)] if view.own else []
    if view.peers:
        marks.append(("ring", "Peers"))
    marks += [("bands", "All areas, middle half"), ("england", "England"), ("tick", "Standard")]
    periods = "; ".join(dict.fromkeys(when(column) for column in view.columns))
    return figure_card(
        state.request,
        state.address(),
        sheet,
        [html.Div(rows, className="standings"), key(marks)],
        sentence=standing_sentence(view),
        foot=f"{periods}. Lowest at the left; places are counted from the lowest.",
        span=span,
    )


def _standing_row(state: AreasState, view: AreasView, column: AreaColumn) -> Component:
    own = view.own
    address = state.elsewhere(
        VARIATION,
        indicator=column.indicator.id,
        by="icb",
        period=f"{column.period.start:%Y-%m}",
        dispersion="off",
    )
    goal = f"{comparator_words(column)}, {goal_words(column)}".strip(", ")
    name = html.Div(
        [dcc.Link(column.indicator.short_name, href=address), html.Span(goal, className="tiny sec")]
    )
    told: list[Any] = []
    if own in column.readings:
        mark = html.Span(className=mark_class(column, own))
        place = rank_words(column, own)
        told = [
            html.B(f"{column.shown(own)}" + (f" · {place}" if place else "")),
            html.Span([mark, " ", standing_words(column, own)], className="tiny"),
        ]
    else:
        told = [html.Span("No figure of ours" if view.own else _ends(column), className="tiny")]
    width = _PHONE_STRIP if state.request.width == "phone" else STRIP_ROOM
    strip = _strip(view, column)
    drawn = image(data_address(area_strip_svg(strip, width)), strip.label, width, STRIP_HIGH)
    return html.Div([name, html.Div(drawn), html.Div(told)])


def _ends(column: AreaColumn) -> str:
    lowest, *_, highest = (*column.readings, *column.readings)
    return f"{column.shown(lowest)} to {column.shown(highest)}"


def areas_map_card(
    state: AreasState, view: AreasView, found: AreasMap, sheet: Sheet, *, span: int
) -> Component:
    """One indicator over all areas on a map, each of which leads to its overview."""
    parts = [
        PicturePart(name, view.addresses.get(code) or state.elsewhere(OVERVIEW, area=code), box, outline)
        for code, name, box, outline in found.places
    ]
    drawn = linked_image(image(found.image, found.label, *found.size), found.size, parts)
    return figure_card(
        state.request,
        state.address(),
        sheet,
        [html.Div(drawn, className="map")],
        sentence=found.sentence,
        foot=found.foot,
        span=span,
    )


def _strip(view: AreasView, column: AreaColumn) -> AreaStrip:
    own, spread = column.value(view.own), column.spread
    values = [value for code in column.readings if (value := column.value(code)) is not None]
    goal = column.standard.value if column.standard else None
    peers = [value for code in sorted(view.peers) if (value := column.value(code)) is not None]
    told = [
        f"{column.indicator.short_name}: {len(column)} areas from {column.shown(next(iter(column.readings)))}"
    ]
    told.append(f"to {column.shown(list(column.readings)[-1])}")
    told.append(
        f"{view.area_name} {column.shown(view.own)}, {standing_words(column, view.own)}"
        if own is not None
        else ""
    )
    return AreaStrip(
        ours=None if own is None else column.place(own),
        everyone=(column.place(min(values)), column.place(max(values))),
        middle=None
        if spread is None
        else (column.place(spread.lower_quarter), column.place(spread.upper_quarter)),
        comparator=None if column.level is None else column.place(column.level),
        standard=None if goal is None else column.place(goal),
        beyond=goal is not None and column.is_beyond(goal),
        peers=tuple(column.place(value) for value in peers),
        hollow=own is not None and column.readings[view.own].maturity is Maturity.PROVISIONAL,
        label=". ".join(part for part in (" ".join(told[:2]), told[2]) if part),
    )


def areas_card(state: AreasState, view: AreasView, sheet: Sheet) -> Component:
    """Every area on every indicator."""
    drawn = {column.sides.of(code) for column in view.columns for code in column.readings}
    marks = [(shape, words) for side, shape, words in _SIDES if side in drawn]
    if "" in drawn:
        marks.append(("square plain", "Not judged: published without counts"))
    if any(Maturity.PROVISIONAL in column.maturities for column in view.columns):
        marks.append(("dot hollow", "Hollow: provisional"))
    marks += [("england", "England")]
    if any(column.standard is not None for column in view.columns):
        marks.append(("tick", "Standard, at the edge where it lies beyond the scale"))
    if view.peers:
        marks.append(("ring", "Peers"))
    other = "off" if view.widened else "on"
    label = "Limits of chance alone" if view.widened else "Allow for over-dispersion"
    switch = html.P(
        dcc.Link(label, href=state.address(dispersion=None if other == "off" else other)),
        className="small switch",
    )
    said = " ".join(part for part in (table_sentence(view), apart_words(view)) if part)
    return figure_card(
        state.request,
        state.address(),
        sheet,
        [areas_table(state, view), key(marks), switch],
        sentence=said,
        foot=limits_words(view),
    )


def peers_card(state: AreasState, view: AreasView, sheet: Sheet | None, *, span: int) -> Component:
    """Who the peers are, how they were found, and every area's distance in a table that unfolds."""
    said = [html.P(peers_sentence(view), className="say"), _peers_list(view), *_lacking(state, view)]
    if sheet is None or view.neighbours is None:
        return card(html.Div([card_head("Peers"), *said, card_foot("", "")]), span=span)
    return table_card(
        state.request,
        state.address(),
        sheet,
        above=said,
        foot=_method(view.neighbours),
        folded=True,
        span=span,
    )


def _peers_list(view: AreasView) -> Component:
    rows = [
        html.Li(
            [
                html.Span(className="mark ring"),
                dcc.Link(view.name(code), href=view.addresses[code]),
                html.B(distance),
            ]
        )
        for code, distance in peers_listed(view)
    ]
    return html.Ul(rows, className="areas")


def _lacking(state: AreasState, view: AreasView) -> list[Component]:
    """What is not loaded, and the other choice: the areas of the region."""
    told = unlikened_words(view.neighbours) if view.neighbours else ""
    if not told:
        return []
    region = dcc.Link("The areas of the region", href=state.address(peers=REGION_PEERS, nearest=None))
    return [html.P([f"{told} ", region, " are another choice."], className="small")]


def _method(found: Neighbours) -> str:
    """By what distances were worked out."""
    periods = "; ".join(f"{item.characteristic.name}, {item.period.label}" for item in found.used)
    logs = (
        "; numbers of patients by their logarithm"
        if any(i.characteristic.logarithm for i in found.used)
        else ""
    )
    return f"{periods}. Each standardised over all areas, then the Euclidean distance{logs}; equal distances by code."


def beside_card(state: AreasState, view: AreasView, sheet: Sheet) -> Component:
    """Ours and another area side by side, on each indicator."""
    own, other = view.own, view.beside
    heads = [
        "Indicator",
        view.name(own),
        "Stands",
        view.name(other),
        "Stands",
        f"{view.name(own)} is",
        "Beside",
    ]
    rows: list[list[Any]] = []
    for column in view.columns:
        name = html.Span(
            [column.indicator.short_name, html.Span(when(column), className="tiny sec")],
            className="two-lines",
        )
        parts: list[Any] = [name]
        for code in (own, other):
            mark = [html.Span(className=mark_class(column, code)), " "] if code in column.readings else []
            parts += [
                column.shown(code) or "–",
                html.Span([*mark, standing_words(column, code)], className="tiny"),
            ]
        rows.append([*parts, difference_words(column, own, other), comparator_words(column)])
    drawn = table(sheet.caption, heads, rows, numeric=(1, 3), class_name="beside")
    return figure_card(
        state.request,
        state.address(),
        sheet,
        [drawn],
        sentence=beside_sentence(view),
        foot=limits_words(view),
    )
