"""The overview's scorecard: a table on wide screens, rows that unfold on a phone, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stp_dash.analysis.sheet import Sheet
from stp_dash.charts.lettering import ROOM, shortened, text_width
from stp_dash.charts.svg.sparkline import (
    HEIGHT,
    STRIP_HEIGHT,
    STRIP_WIDTH,
    WIDTH,
    data_address,
    sparkline_svg,
    strip_svg,
)
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_foot, card_head, disclosure, image
from stp_dash.frame.figure_card import figure_card
from stp_dash.frame.request import PageRequest
from stp_dash.pages.overview.attention import rank_of
from stp_dash.pages.overview.cards import assurance_icon, icon, linked, scrolling, variation_icon
from stp_dash.pages.overview.row import IndicatorRow, PartFigure
from stp_dash.pages.overview.supporting import SupportLine
from stp_dash.pages.overview.words import Overview, RowGroup

_HEADS = (
    "Indicator",
    "Latest",
    "Standard",
    "Gap",
    "Variation",
    "Assurance",
    "Trend and limits",
    "Each trust or CCG area",
)
_NARROW_HEADS = (
    "Indicator",
    "Latest",
    "Gap and standard",
    "Variation",
    "Assurance",
    "Trend; each trust or CCG area",
)
_PHONE_WIDTH = 296
_STRIP_WIDTHS = {"phone": _PHONE_WIDTH, "tablet": STRIP_WIDTH, "desktop": 216}
_TABLET_ENDS = 160
"""What the names under a strip have where it is drawn smaller, in pixels."""
_SMALL = 12
CAPTION = "Every indicator: latest figure, standard, gap, variation, assurance, trend, and each trust or area"


def scorecard_card(request: PageRequest, address: str, view: Overview, sheet: Sheet) -> Component:
    """The scorecard with what is not loaded and the way to standards that have ended."""
    notes = _notes(request, view)
    if not view.groups:
        words = html.P("No standard was in force in this period, or nothing is loaded of it.")
        return card(card_head("Scorecard"), words, *notes, card_foot(view.basis, ""))
    if not view.rows:
        return card(card_head("Scorecard"), _rows(request, view), *notes, card_foot(view.basis, sheet.source))
    drawing = [_rows(request, view), *notes]
    return figure_card(
        request, address, sheet, drawing, sentence=view.summary, foot=f"{view.basis} {view.rules}".strip()
    )


def _notes(request: PageRequest, view: Overview) -> list[Component]:
    absent: list[Component] = [html.P(sentence, className="small sec gone") for sentence in view.absent]
    if not view.retired:
        return absent
    links: list[Any] = []
    for item in view.retired:
        links += [dcc.Link(item.words, href=linked(request, item.href)), " "]
    return [*absent, html.P(links, className="small gone")]


def _rows(request: PageRequest, view: Overview) -> Component:
    headed = [(_heading(view, group), group) for group in view.groups]
    if request.width == "phone":
        return html.Div([part for item in headed for part in _listed(request, *item)], className="rows")
    return _table(request, headed)


def _heading(view: Overview, group: RowGroup) -> str:
    return f"{group.heading} · demonstration data" if view.mixed and group.demonstration else group.heading


def _table(request: PageRequest, groups: Sequence[tuple[str, RowGroup]]) -> Component:
    """Eight columns; on a tablet six, with each trust or area below the trend."""
    heads = _HEADS if request.width == "desktop" else _NARROW_HEADS
    head = html.Tr([html.Th(text, scope="col") for text in heads])
    bodies = []
    for heading, group in groups:
        title = html.Tr(html.Th(heading, scope="rowgroup", colSpan=len(heads)), className="g")
        rows = [_table_row(request, row) for row in group.rows]
        small = _supporting_row(request, group.supporting, len(heads))
        bodies.append(html.Tbody([title, *rows, *small]))
    whole = html.Table([html.Caption(CAPTION, className="vh"), html.Thead(head), *bodies], className="score")
    return scrolling(request, whole, "Scorecard")


def _table_row(request: PageRequest, row: IndicatorRow) -> Component:
    places, drawn = places_cell(request, row), _spark(request, row)
    middle = [html.Td(_standard(row)), html.Td(gap_cell(row))]
    last = [html.Td(drawn, className="trendcell"), html.Td(places, className="places")]
    if request.width != "desktop":
        middle = [html.Td([*gap_cell(row), *_standard(row)])]
        last = [html.Td([drawn, *places], className="trendcell")]
    return html.Tr(
        [
            html.Th(_name(request, row), scope="row"),
            html.Td(latest_cell(row), className="latest"),
            *middle,
            html.Td(variation_cell(row)),
            html.Td(_assurance(row)),
            *last,
        ]
    )


def _name(request: PageRequest, row: IndicatorRow) -> list[Any]:
    said = [html.Span(row.sentence, className="sent")] if row.sentence else []
    return [dcc.Link(row.name, href=linked(request, row.href)), *said]


def latest_cell(row: IndicatorRow) -> list[Any]:
    """The latest figure, with its unit, counts, period and how settled it is."""
    notes = (row.unit, row.counts, ", ".join(part for part in (row.period, row.status) if part), row.interval)
    lines: list[Any] = []
    for note in (item for item in notes if item):
        lines += [html.Br(), note] if lines else [note]
    return [
        html.Div([html.B(row.value, className="v"), html.Span(lines, className="tiny sec")], className="lat")
    ]


def _standard(row: IndicatorRow) -> list[Any]:
    notes = [html.Span(note, className="tiny sec") for note in row.standard.notes]
    return [html.B(row.standard.level, className="st"), *notes]


def gap_cell(row: IndicatorRow) -> list[Any]:
    """How many are short, or how the figure compares."""
    told = row.verdict
    notes = [
        html.Span(note, className="tiny sec") for note in (told.detail, told.note, row.plan_words) if note
    ]
    return [html.B(told.headline, className="gap bad" if row.short else "gap"), *notes]


def variation_cell(row: IndicatorRow) -> Component:
    """What the process does: its icon and words."""
    return html.Span([icon(variation_icon(row.variation)), row.variation_words], className="ic")


def _assurance(row: IndicatorRow) -> Component:
    drawn = icon(assurance_icon(row.assurance.icon))
    return html.Span([drawn, row.assurance.words], className="ic")


def _spark(request: PageRequest, row: IndicatorRow) -> Component:
    width = _PHONE_WIDTH if request.width == "phone" else WIDTH
    return image(data_address(sparkline_svg(row.sparkline, width)), row.sparkline.label, width, HEIGHT)


def places_cell(request: PageRequest, row: IndicatorRow) -> list[Any]:
    """The strip, its ends by name, and how many meet it."""
    drawn: list[Component] = []
    if row.strip is not None:
        width = _STRIP_WIDTHS[request.width]
        drawn.append(image(data_address(strip_svg(row.strip, width)), row.strip.label, width, STRIP_HEIGHT))
    if row.ends:
        drawn.append(_ends(request, row.ends))
    parts: list[Any] = [html.Div(drawn, className="placed")] if drawn else []
    notes = "; ".join(note for note in (row.reached, row.absent_parts) if note)
    if notes:
        parts.append(html.Span(notes, className="tiny sec"))
    if row.newer is not None:
        parts.append(dcc.Link(row.newer[0], href=linked(request, row.newer[1]), className="tiny"))
    return parts or [html.Span("No figure of a trust or area", className="tiny sec")]


def _ends(request: PageRequest, ends: Sequence[PartFigure]) -> Component:
    """The ends of a strip by name, as wide as the strip: on one line, or below each other where a name would be cut.

    The longer name is shortened first, and a shortened one is told on hovering.
    """
    width = (_TABLET_ENDS if request.width == "tablet" else _STRIP_WIDTHS[request.width]) / ROOM
    values = {item.name: text_width(f" {item.value}", _SMALL) for item in ends}
    room = width - 8 * (len(ends) - 1) - sum(values.values())
    names = {item.name: item.name for item in ends}
    for name in sorted(names, key=len, reverse=True):
        others = sum(text_width(words, _SMALL) for other, words in names.items() if other != name)
        names[name] = shortened(name, max(room - others, room / len(ends)), _SMALL)
    stacked = any(name.endswith("…") for name in names.values())
    if stacked:
        names = {name: shortened(name, width - values[name], _SMALL) for name in names}
    links = [
        dcc.Link(
            names[item.name],
            href=linked(request, item.href),
            **({} if names[item.name] == item.name else {"title": item.name}),
        )
        for item in ends
    ]
    spans = [html.Span([link, f" {item.value}"]) for link, item in zip(links, ends, strict=True)]
    return html.Div(spans, className="ends lines tiny" if stacked else "ends tiny")


def _supporting_row(request: PageRequest, items: Sequence[SupportLine], columns: int) -> list[Component]:
    folded = _folded(request, items)
    return [html.Tr(html.Td(folded, colSpan=columns), className="minor")] if folded else []


def _folded(request: PageRequest, items: Sequence[SupportLine]) -> list[Component]:
    """The figures that support a topic, folded; open where they are all that there is, and on paper."""
    small = [
        html.Div(
            [
                html.P(dcc.Link(item.name, href=linked(request, item.href)), className="small"),
                *_supporting(request, item),
            ]
        )
        for item in items
    ]
    names = "; ".join(item.name for item in items)
    summary = [html.B("Supporting figures"), html.Span(f" {names}", className="sec")]
    return [disclosure(summary, *small, class_name="minor", opened=request.printing)] if small else []


def _supporting(request: PageRequest, item: SupportLine) -> list[Any]:
    figures = [
        html.Li([dcc.Link(f.name, href=linked(request, f.href)), " ", html.B(f.value, title=f.counts)])
        for f in item.figures
    ]
    tail = ", ".join(part for part in (item.beside, item.period, item.status) if part)
    return [html.Ul(figures, className="minors"), html.Span(tail, className="tiny sec")]


def _listed(request: PageRequest, heading: str, group: RowGroup) -> list[Component]:
    rows = [_listed_row(request, row) for row in group.rows]
    return [html.H3(heading, className="g"), *rows, *_folded(request, group.supporting)]


def _listed_row(request: PageRequest, row: IndicatorRow) -> Component:
    summary = [
        html.Span(row.name, className="nm"),
        html.B(row.value, className="v"),
        icon(variation_icon(row.variation, words=f"Variation: {row.variation_words}")),
        icon(assurance_icon(row.assurance.icon, words=f"Assurance: {row.assurance.words}")),
    ]
    pairs = (("Latest", latest_cell(row)), ("Standard", _standard(row)), ("Gap", gap_cell(row)))
    content = html.Dl([html.Div([html.Dt(name), html.Dd(cell)]) for name, cell in pairs], className="k3")
    links = html.P(
        [
            dcc.Link("Trend", href=linked(request, row.href)),
            dcc.Link(f"By {row.parts_words}", href=linked(request, row.variation_href)),
        ],
        className="links",
    )
    said = html.P(row.sentence, className="small")
    told = html.P([variation_cell(row), _assurance(row)], className="icons")
    note = html.P("24 periods, process limits and standard", className="tiny sec")
    opened = rank_of(row) is not None or request.printing
    return disclosure(
        summary,
        said,
        told,
        content,
        _spark(request, row),
        note,
        *places_cell(request, row),
        links,
        opened=opened,
    )
