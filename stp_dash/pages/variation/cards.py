"""The cards of the variation page: ranking, funnel, small multiples and map, each with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from db.domain import ALL
from stp_dash.analysis.provenance import file_line
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import BASIS_WORDS, capitalised, listing, status_text
from stp_dash.charts.interactive.funnel import funnel_figure, funnel_names
from stp_dash.charts.interactive.labels import Names
from stp_dash.charts.interactive.ranked import (
    BETTER,
    MOST_NAMES,
    SIMILAR,
    WORSE,
    ranked_figure,
    ranked_names,
)
from stp_dash.charts.svg.area_map import MISSING, Key, MapArea
from stp_dash.charts.svg.multiples import HEIGHT
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import (
    PicturePart,
    facts,
    image,
    key,
    linked_image,
    numbered,
    plot,
    table,
)
from stp_dash.elements.links import TREND
from stp_dash.frame.figure_card import TABLE, alike, drawing_room, figure_card
from stp_dash.frame.provenance import file_parts
from stp_dash.pages.variation.area_map import HOW, AreaMap
from stp_dash.pages.variation.funnel import Funnel
from stp_dash.pages.variation.inputs import VariationFigures
from stp_dash.pages.variation.multiples import Multiples, PanelView
from stp_dash.pages.variation.ranked import ranked_chart
from stp_dash.pages.variation.words import Variation, VariationInput

WIDE, NARROW, WHOLE = 7, 5, 12
_SHAPES = {WORSE: "diamond", SIMILAR: "dot", BETTER: "triangle"}
_BEYOND = {
    WORSE: "Beyond the limits, worse",
    SIMILAR: "Inside the limits",
    BETTER: "Beyond the limits, better",
}


def ranked_card(page: VariationFigures, view: Variation, sheet: Sheet, *, span: int) -> Component:
    """Every organisation in order, ours named, with their intervals."""
    room = drawing_room(page.state.request.width, span)
    chart = replace(ranked_chart(page.given), room=room, opens=_opens(page))
    names = ranked_names(chart)
    words = f"Ranked dots: {view.title}. The Table tab holds every number."
    return figure_card(
        page.state.request,
        page.state.address(),
        sheet,
        [
            plot(ranked_figure(chart, names), words),
            *_numbered(names),
            _ranked_key(page.given, chart.ours, chart.peers),
        ],
        sentence=view.finding,
        foot=view.coverage,
        about=_sources(page),
        span=span,
    )


def _opens(page: VariationFigures) -> str:
    """The trend that a point opens, looked back from the month asked for."""
    state = page.state
    cut = None if state.breakdown == ALL else state.breakdown
    until = state.values["period"] or None
    return f"{state.elsewhere(TREND, indicator=state.indicator.id, breakdown=cut, to=until)}&organisation=@"


def _numbered(names: Names) -> list[Component]:
    """The names of the marks that bear numbers, each with its figure and its mark."""
    return numbered(
        [
            (point.name, point.shown, _SHAPES.get(point.kind, "dot ours") if point.ours else "dot peer")
            for point in names.key
        ]
    )


def _ranked_key(given: VariationInput, ours: Sequence[Any], peers: Sequence[Any]) -> Component:
    drawn = {point.mark for point in ours} if len(ours) <= MOST_NAMES else set()
    beside = {WORSE: f"Worse than {given.beside}", SIMILAR: "Similar", BETTER: f"Better than {given.beside}"}
    marks = _marks(drawn, beside)
    words = (
        "95% Wilson interval"
        if given.ranking.limits is None
        else f"Published {given.indicator.interval_label}"
    )
    named = [("dot peer", _peer_words(given))] if peers else []
    others = len(given.ranking) > len(ours) + len(peers)
    # Many of ours have none drawn, nor have others of a crowd or on a phone.
    has_bars = 0 < len(ours) <= MOST_NAMES or (others and not given.crowded and not given.phone)
    interval = [("bar", words)] if given.ranking.has_intervals and has_bars else []
    rest = [("dot small", f"Other {given.comparison.plural}")] if others else []
    return key([*marks, *interval, *named, *rest])


def _peer_words(given: VariationInput) -> str:
    return "Peers, as chosen" if given.peers == "chosen" else f"Peers: {given.peers}"


def _marks(marks: set[str], words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the shapes of ours mean, those that are drawn."""
    found = [(shape, words[mark]) for mark, shape in _SHAPES.items() if mark in marks]
    return found or [("dot ours", "Ours")]


def _sources(page: VariationFigures) -> list[Component]:
    """Behind the ranking: basis, status and files. The table has those of each figure."""
    ranking, indicator = page.ranking, page.state.indicator
    files = [html.Div(file_parts(file_line(item))) for item in ranking.files]
    told = facts(
        [
            ("Basis", listing([BASIS_WORDS[item] for item in ranking.bases])),
            ("Status", listing([status_text(item) for item in ranking.maturities])),
            ("Publisher", indicator.owner),
            ("Definition", indicator.definition),
            ("Files" if len(files) > 1 else "File", files),
        ]
    )
    return [told]


def funnel_card(page: VariationFigures, found: Funnel, *, span: int) -> Component:
    """Size against value, within the limits of chance."""
    words = f"Funnel: {found.sentence} The Table tab holds the numbers behind each class."
    state = page.state
    label = "Limits of chance alone" if found.widened else "Allow for over-dispersion"
    other = None if found.widened is not found.spread else "off" if found.widened else "on"
    switch = html.P(dcc.Link(label, href=state.address(dispersion=other)), className="small switch")
    chart = replace(found.chart, room=drawing_room(state.request.width, span), opens=_opens(page))
    names = funnel_names(chart)
    drawn = {point.mark for point in chart.ours} if len(chart.ours) <= MOST_NAMES else set()
    shapes = _marks(drawn, _BEYOND)
    limits = [("line95", f"95%: 1 in 20 {found.expectation}"), ("line998", "99.8%: 1 in 500")]
    return figure_card(
        state.request,
        state.address(),
        found.sheet,
        [
            plot(funnel_figure(chart, names), words),
            *_numbered(names),
            key([*shapes, *limits]),
            switch,
        ],
        sentence=found.sentence,
        foot=found.method,
        about=[_class_table(found)],
        span=span,
    )


def _class_table(found: Funnel) -> Component:
    heads = ["Class", found.classified, capitalised(found.expectation)]
    rows = [[line.words, f"{line.found:,}", line.expected] for line in found.classes]
    return table("Organisations in each class", heads, rows, numeric=(1, 2), class_name="classes")


def multiples_card(page: VariationFigures, found: Multiples, *, span: int) -> Component:
    """Each of ours over time on the deciles of England."""
    panels = html.Div([_panel(item) for item in found.panels], className="panels")
    return figure_card(
        page.state.request,
        page.state.address(),
        found.sheet,
        [panels],
        sentence=found.sentence,
        foot=found.key,
        about=[html.P(found.rules_line, className="small")],
        span=span,
    )


def _panel(item: PanelView) -> Component:
    return html.Div(
        [
            html.H3(dcc.Link(item.name, href=item.href)),
            image(item.image, item.label, item.width, HEIGHT),
            html.P(item.caption, className="tiny sec"),
        ],
        className="panel",
    )


def map_card(page: VariationFigures, found: AreaMap, *, span: int) -> Component:
    """Areas beside the comparator: from boundaries, as tiles or as a list; over a whole page the list too."""
    drawn: list[Component] = []
    opens = _opens(page)
    if found.image:
        parts = [
            PicturePart(f"{name}: over time", opens.replace("@", code), box, outline)
            for code, name, box, outline in found.places
        ]
        picture = linked_image(image(found.image, found.label, *found.size), found.size, parts)
        drawn.append(html.Div(picture, className="map"))
    if not drawn or (span == WHOLE and page.state.request.width == "desktop"):
        drawn.append(_area_list(found, opens))
    return figure_card(
        page.state.request,
        page.state.address(),
        found.sheet,
        [html.Div(drawn, className="abreast") if len(drawn) > 1 else drawn[0]],
        sentence=found.sentence,
        foot=found.foot,
        about=[html.P(HOW, className="small")] if found.image and not found.outlined else [],
        span=span,
    )


def _area_list(found: AreaMap, opens: str) -> Component:
    """Each area's mark, name and figure, with what the marks mean. `opens` is the trend of an area, @ for its code."""

    def mark(item: MapArea | Key) -> str:
        shape = "none" if item.fill == MISSING else _SHAPES.get(item.fill, "dot peer")
        return f"{shape} hollow" if item.hollow else shape

    rows = [
        html.Li(
            [
                html.Span(className=f"mark {mark(item)}"),
                dcc.Link(item.name, href=opens.replace("@", item.code)),
                html.B(item.shown),
            ]
        )
        for item in found.listed
    ]
    told = key([(mark(item), item.words) for item in found.key if item.fill != MISSING])
    return html.Div([html.Ul(rows, className="areas"), told])


def stands_beside(over_time: Multiples, found: AreaMap) -> bool:
    """Whether the small multiples and the map are about as high, on a desktop's 7 and 5 columns."""
    panels = -(-len(over_time.panels) // 2) * (HEIGHT + 64.0)
    return alike(250.0 + panels, 240.0 + (found.size[1] if found.image else 29.0 * len(found.listed)))


def spans(page: VariationFigures, *sheets: Sheet | None) -> list[int]:
    """How many columns each of two cards takes: side by side, unless one shows its table or is alone."""
    asked = page.state.request.parameters.get(TABLE)
    present = [sheet for sheet in sheets if sheet is not None]
    whole = len(present) < 2 or page.state.request.printing or any(s.name == asked for s in present)
    return [WHOLE, WHOLE] if whole else [WIDE, NARROW]
