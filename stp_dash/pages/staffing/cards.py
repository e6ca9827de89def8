"""The cards of the staffing page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stp_dash.analysis.sheet import Sheet
from stp_dash.charts.interactive.shortfall import dashed, shortfall_figure, shortfall_names
from stp_dash.charts.svg.shortfall_bars import bar_boxes, bars_svg
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.elements import Component, html
from stp_dash.elements.components import (
    PicturePart,
    card,
    card_head,
    image,
    key,
    linked_image,
    numbered,
    plot,
)
from stp_dash.elements.links import TREND, href, kept
from stp_dash.frame.figure_card import drawing_room, figure_card, table_card
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import KEPT
from stp_dash.pages.staffing.chart import StaffingMap, parts_chart, shortfall_chart
from stp_dash.pages.staffing.shortfalls import StaffingShortfalls
from stp_dash.pages.staffing.state import StaffingState
from stp_dash.pages.staffing.words import (
    ClaimRow,
    claim_rows,
    definitions_sentence,
    over_time_sentence,
    parts_sentence,
    placed_words,
)


def staffing_cards(
    request: PageRequest,
    state: StaffingState,
    views: tuple[StaffingShortfalls, StaffingShortfalls],
    sheets: tuple[Sheet, Sheet, Sheet, Sheet],
    mapped: StaffingMap | None,
) -> list[Component]:
    """Every card in order: over time, the parts, the definitions, the map, and what others have said.

    `views` are the whole area, and what is shown over time: it or one of its parts.
    """
    view, shown = views
    over_time, areas, definitions, map_numbers = sheets
    whole = 12 if mapped else 7
    return [
        figure_card(
            request,
            state.address(),
            over_time,
            _over_time(request, shown, span=whole),
            sentence=over_time_sentence(shown),
            foot="Shortfall = England's rate x local patients - local posts; above zero is a shortfall",
            span=whole,
        ),
        *([_map_card(request, state, mapped, map_numbers)] if mapped else []),
        _parts_card(request, state, view, areas),
        table_card(request, state.address(), definitions, sentence=definitions_sentence(view)),
        _claims(view),
    ]


def _map_card(request: PageRequest, state: StaffingState, found: StaffingMap, sheet: Sheet) -> Component:
    parts = [
        replace(_part(state, name, code, box), outline=outline) for code, name, box, outline in found.places
    ]
    drawn = linked_image(image(found.image, found.label, *found.size), found.size, parts)
    picture = html.Div(drawn, className="map")
    return figure_card(
        request, state.address(), sheet, [picture], sentence=found.sentence, foot=found.foot, span=7
    )


def _over_time(request: PageRequest, view: StaffingShortfalls, *, span: int) -> list[Component]:
    opens = kept(href(TREND, organisation=view.given.area_code), request.parameters, KEPT)
    chart = replace(
        shortfall_chart(view), room=drawing_room(request.width, span), opens=f"{opens}&indicator=@"
    )
    names = shortfall_names(chart)
    words = f"Line chart: posts short of England's rate over time. {over_time_sentence(view)}"
    marks = [(f"line {'ours' if line.chosen else dash}", line.name) for line, dash in reversed(dashed(chart))]
    if chart.claims:
        marks.append(("quoted", "Quoted from others, not computed here"))
    if chart.restart:
        marks.append(("twin", chart.restart[1]))
    return [plot(shortfall_figure(chart, names), words), *numbered(names.key), key(marks)]


def _parts_card(
    request: PageRequest, state: StaffingState, view: StaffingShortfalls, sheet: Sheet
) -> Component:
    """Bars of a few areas; a table of many practices."""
    foot = placed_words(view)
    said = parts_sentence(view)
    if not view.parts:
        return card(card_head(sheet.title), html.P(said), span=5)
    if state.by == "practice":
        return table_card(request, state.address(), sheet, sentence=said, rows=10, span=5)
    chart = parts_chart(view)
    picture = image(data_address(bars_svg(chart)), chart.label, *chart.size)
    rows = zip(view.parts, bar_boxes(chart), strict=True)
    drawing = linked_image(picture, chart.size, [_part(state, row.name, row.code, box) for row, box in rows])
    return figure_card(request, state.address(), sheet, [drawing], sentence=said, foot=foot, span=5)


def _part(state: StaffingState, name: str, code: str, box: tuple[float, float, float, float]) -> PicturePart:
    """A part of the area in a picture, which leads to its trend."""
    address = state.elsewhere(TREND, indicator=state.chosen.id, organisation=code)
    return PicturePart(f"{name}: {state.chosen.short_name} over time", address, box)


def _claims(view: StaffingShortfalls) -> Component:
    """What was said in 2017 and after, word for word, and what the figures held give nearest to its day."""
    rows = claim_rows(view)
    if not rows:
        return card(card_head("What others have said"), html.P("No claim about this area is quoted."))
    quotes = dict.fromkeys(row.claim.quote for row in rows)
    blocks = [_quote(quote, [row for row in rows if row.claim.quote == quote]) for quote in quotes]
    head = card_head("The Case for Change said")
    told = "Quoted word for word and never computed here; beside each number what today's series gives."
    return card(head, html.P(told, className="say"), html.Div(blocks, className="quotes"))


def _quote(quote: str, rows: Sequence[ClaimRow]) -> Component:
    first = rows[0]
    source = html.A(first.claim.source_title, href=first.claim.source_url)
    said = html.P([f"{first.claim.said_by}; {first.said}. ", source], className="small sec")
    items = [
        html.Li(
            [
                html.B(f"{row.claim.shortfall:g} {row.claim.staff}. "),
                f"{row.nearest} ",
                html.Span(row.claim.note, className="sec"),
            ]
        )
        for row in rows
    ]
    return html.Div([html.Blockquote(f"“{quote}”"), said, html.Ul(items, className="sig")], className="quote")
