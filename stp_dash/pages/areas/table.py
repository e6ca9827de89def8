"""The table of areas: a row for each, in each cell the number and one mark on the column's own scale."""

from __future__ import annotations

from typing import Any

from db.domain import Maturity
from stp_dash.analysis.standing.limits import HIGHER, LOWER, SIMILAR_TO
from stp_dash.analysis.wording import listing, status_text
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria
from stp_dash.pages.areas.columns import AreaColumn
from stp_dash.pages.areas.state import ASCENDING, BY_NAME, DESCENDING, AreasState
from stp_dash.pages.areas.words import AreasView, comparator_words, goal_words, side_words

SHAPES = {LOWER: "diamond", SIMILAR_TO: "dot", HIGHER: "triangle", "": "square plain"}
"""The mark of each side: its shape alone says which."""


def areas_table(state: AreasState, view: AreasView) -> Component:
    """Every area in the order asked for, ours pinned above them; each heading sorts."""
    heads = [_head(state, view, None), *(_head(state, view, column) for column in view.columns)]
    pinned = [_row(view, code) for code in view.rows if code in view.ours]
    others = [_row(view, code) for code in view.rows if code not in view.ours]
    caption = f"{len(view.rows)} areas, each with its figures; the headings sort"
    bodies = [html.Tbody(rows, className=kind) for rows, kind in ((pinned, "pinned"), (others, "")) if rows]
    whole = html.Table(
        [html.Caption(caption, className="vh"), html.Thead(html.Tr(heads)), *bodies],
        className="ar",
    )
    return html.Div(whole, className="wide pin", tabIndex=0, role="region", **aria(label=caption))


def _lines(column: AreaColumn) -> dict[str, str]:
    """Where the comparator's and the standard's lines run through a column's cells; off the cell for none."""
    goal = column.standard.value if column.standard else None
    levels = (None if value is None else column.place(value) for value in (column.level, goal))
    places = ("-9px 0" if place is None else f"{100 * place:.1f}% 0" for place in levels)
    return {"backgroundPosition": ", ".join(places)}


def _head(state: AreasState, view: AreasView, column: AreaColumn | None) -> Component:
    """A heading that sorts by its column, and turns the order round where it does already."""
    chosen = view.sort is column
    turned = DESCENDING if chosen and not view.descending else ASCENDING
    address = state.address(
        sort=column.indicator.id if column else BY_NAME, order=None if turned == ASCENDING else turned
    )
    name = column.indicator.short_name if column else "Area"
    arrow = ("↑" if view.descending else "↓") if chosen else "⇅"
    ends = ("highest", "lowest") if column else ("last", "first")
    now = f"{ends[0] if view.descending else ends[1]} first"
    link = dcc.Link(
        [
            f"{name} ",
            html.Span(arrow, **aria(hidden="true")),
            html.Span(f" sort, {ends[turned == ASCENDING]} first", className="vh"),
        ],
        href=address,
        className="on" if chosen else "",
    )
    told = [goal_words(column)] if column else []
    told += ["lower is better"] if column and column.lower_is_better else []
    told += [now] if chosen else []
    parts: list[Any] = [link, html.Span(", ".join(told))]
    if column is not None:
        parts += [html.Span(comparator_words(column)), html.Span(_period(column))]
    sorted_by = aria(sort=DESCENDING if view.descending else ASCENDING) if chosen else {}
    return html.Th(parts, scope="col", **sorted_by)


def _period(column: AreaColumn) -> str:
    return f"{column.period.short_label}, {listing([status_text(item) for item in column.maturities])}"


def _row(view: AreasView, code: str) -> Component:
    link = dcc.Link(view.name(code), href=view.addresses[code])
    peer = code in view.peers
    ring = [" ", html.Span(className="mark ring", role="img", **aria(label="peer"))] if peer else []
    kind = "us" if code in view.ours else "p" if peer else ""
    cells = [_cell(column, code) for column in view.columns]
    return html.Tr([html.Th([link, *ring], scope="row"), *cells], className=kind)


def _cell(column: AreaColumn, code: str) -> Component:
    value, lines = column.value(code), _lines(column)
    if value is None:
        dash = html.Span("–", **aria(hidden="true"))
        none: list[Any] = [
            dash,
            html.Span("no figure", className="vh"),
            html.Span(className="at", style=lines),
        ]
        return html.Td(none)
    place = {"left": f"{100 * column.place(value):.1f}%"}
    mark = html.Span(html.Span(className=mark_class(column, code), style=place), className="at", style=lines)
    words = html.Span(f" {side_words(column, code)}", className="vh")
    return html.Td([column.shown(code), words, mark], className="wordy" if column.wordy else "")


def mark_class(column: AreaColumn, code: str) -> str:
    """The mark of an area in a column: shape by its side, colour by what is better, hollow where provisional."""
    side = column.sides.of(code)
    favour = ""
    if side in {LOWER, HIGHER}:
        favour = " worse" if column.is_unfavourable(code) else " better" if column.has_better else " neither"
    hollow = " hollow" if column.readings[code].maturity is Maturity.PROVISIONAL else ""
    return f"mark {SHAPES[side]}{favour}{hollow}"
