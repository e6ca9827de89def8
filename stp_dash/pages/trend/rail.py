"""What stands beside the trend chart: companions, why points are marked, events, limits, and the source."""

from __future__ import annotations

from typing import Any

from stp_dash.analysis.rolling import SideFigure
from stp_dash.charts.svg.point_marks import SIZE, point_mark
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, disclosure, image
from stp_dash.frame.provenance import provenance_list
from stp_dash.pages.trend.limits import LimitsCard
from stp_dash.pages.trend.state import TrendState
from stp_dash.pages.trend.view import Trend
from stp_dash.pages.trend.words import SignalLine

FIRST_SIGNALS = 5


def rail(state: TrendState, view: Trend) -> Component:
    """The cards beside the chart: other figures, signals, events, limits, notes and where the number comes from."""
    parts = [
        *[_side(item) for item in view.sides],
        _signals(view) if view.limits else None,
        _events(view) if view.events else None,
        _limits(state, view.limits) if view.limits else None,
        _notes(view) if view.notes else None,
        card(
            html.H2("Where this number comes from"),
            provenance_list(view.provenance, "Source of the latest figure"),
        ),
    ]
    return html.Div([part for part in parts if part is not None], className="rail c3")


def mark(kind: str, *, above: bool, hollow: bool) -> Component:
    """A point as the chart draws it; the words beside it say what it means."""
    return image(point_mark(kind, above=above, hollow=hollow), "", SIZE, SIZE)


def _side(item: SideFigure) -> Component:
    heading = dcc.Link(item.heading, href=item.href) if item.href else item.heading
    words = [item.counts, f"95% interval {item.interval}" if item.interval else "", item.period, item.note]
    told = [html.Span(word, className="small sec") for word in words if word]
    return card(html.H2(heading), html.B(item.value, className="figure"), *told)


def _signals(view: Trend) -> Component:
    title = html.H2("Why points are marked")
    if not view.signals:
        return card(title, html.P("No point drawn breaks a rule: all are common cause.", className="small"))
    first = html.Ul([_signal(item) for item in view.signals[:FIRST_SIGNALS]], className="why")
    rest = view.signals[FIRST_SIGNALS:]
    if not rest:
        return card(title, first)
    words = f"{len(rest)} earlier signal{'s' if len(rest) > 1 else ''}"
    more = disclosure(words, html.Ul([_signal(item) for item in rest], className="why"), class_name="source")
    return card(title, first, more)


def _signal(item: SignalLine) -> Component:
    told = html.Div([html.B(item.when), html.Span(item.text)])
    return html.Li([mark(item.kind, above=item.above, hollow=item.hollow), told])


def _events(view: Trend) -> Component:
    items = [
        html.Li(
            [
                html.Span(str(number), className="ring"),
                html.Div([html.B(f"{event.on:%B %Y}. "), event.text]),
            ]
        )
        for number, event in view.events
    ]
    return card(html.H2("Events"), html.Ul(items, className="why events"))


def _limits(state: TrendState, given: LimitsCard) -> Component:
    parts: list[Any] = [html.H2("Limits"), *[html.P(words, className="small") for words in given.basis]]
    if given.decisions:
        items = [html.Li([html.B(item.heading), html.Span(item.text)]) for item in given.decisions]
        parts.append(html.Ul(items, className="sig"))
    if given.preview:
        parts += _preview(state, given)
    elif given.proposal:
        words = f"Preview a restart in {given.propose_at}"
        parts += [
            html.P(given.proposal, className="small"),
            dcc.Link(words, href=state.address(restart=given.propose_at), className="btn"),
        ]
    parts.append(_how(state, given))
    return card(*parts)


def _preview(state: TrendState, given: LimitsCard) -> list[Component]:
    tried = given.preview
    if tried is None:
        return []
    pairs = [("As recorded", tried.recorded), (f"With a restart in {tried.month}", tried.tried)]
    rows = html.Dl([html.Div([html.Dt(head), html.Dd(words)]) for head, words in pairs], className="facts")
    return [
        html.P(html.B("This is a preview: nothing is recorded."), className="small bad"),
        rows,
        dcc.Link("Leave the preview", href=state.address(restart=None), className="btn"),
    ]


def _how(state: TrendState, given: LimitsCard) -> Component:
    """Any month can be tried; a command records it."""
    other = state.addresses("restart")
    months: list[Component] = [html.Option(words, value=other(code)) for code, words in given.months]
    if state.restart is None:
        months.insert(0, html.Option("No restart", value=state.address(), selected=True))
    menu = [
        html.Label("Preview a restart in", htmlFor="control-restart", className="small"),
        html.Select(months, id="control-restart", className="menu"),
    ]
    if state.restart is not None:
        menu = []
    return disclosure(
        "Try or record a restart",
        html.P("A restart is a judgement: it needs a known cause that is here to stay, and a reason."),
        *menu,
        html.P("Who looks after this site records it with:"),
        html.Pre(html.Code(given.command), className="command", tabIndex=0),
        class_name="source",
        opened=state.restart is not None,
    )


def _notes(view: Trend) -> Component:
    items = [html.Li([html.B(item.heading), html.Span(item.text)]) for item in view.notes]
    return card(html.H2("Notes on the chart"), html.Ul(items, className="sig"))
