"""The cards of the data page."""

from __future__ import annotations

from collections.abc import Sequence

from db.domain import Indicator
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import date_text, uncapitalised
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_head, facts
from stp_dash.elements.links import ACCESSIBILITY, DOWNLOADS, GLOSSARY, METHODS, TREND, href
from stp_dash.frame.figure_card import table_card
from stp_dash.frame.request import PageRequest
from stp_dash.pages.data.reasons import Reason
from stp_dash.pages.data.state import DataState
from stp_dash.pages.data.words import definition_facts

ROWS = 12


_DOCUMENTS = (
    (
        "Methods",
        METHODS,
        "how limits, intervals, funnels and distances are worked out, and from which source",
    ),
    (
        "Columns of downloads",
        DOWNLOADS,
        "what each column of every CSV and workbook means, its unit and its type",
    ),
    ("Glossary", GLOSSARY, "the words of this site in plain English"),
    ("Accessibility statement", ACCESSIBILITY, "what works for whom, and what does not yet"),
)


def data_cards(state: DataState, sheets: Sequence[Sheet], told: Sequence[Reason]) -> list[Component]:
    """The definition, how numbers are made, what is claimed of the series and why, and every table."""
    request, indicator, name, address = state.request, state.indicator, state.name, state.address()
    listed, changed, standards, files, catalogue = sheets
    return [
        card(
            card_head("Definition"),
            html.Div(facts(definition_facts(indicator)), className="about"),
            _breaks(indicator),
            span=8,
        ),
        card(card_head("How numbers are made"), *_how(indicator), span=4),
        *([_why(told)] if told else []),
        _sheet(request, address, listed, f"No figure of {name} is held."),
        *_revisions(state, changed),
        _sheet(request, address, standards, "No standard, ambition or comparator is declared."),
        _sheet(request, address, files, "No file of this source is held."),
        _sheet(request, address, catalogue, ""),
    ]


def _revisions(state: DataState, changed: Sheet) -> list[Component]:
    """What later releases changed, of the month asked for with the way to all others."""
    month = f" of {state.month:%B %Y}" if state.month else ""
    empty = f"No later release has changed a figure of {state.name}{month}."
    whole = dcc.Link("Those of every month", href=f"{state.address(period=None)}#card-revisions")
    found = _sheet(state.request, state.address(), changed, empty)
    return (
        [found, html.P([f"Only revisions{month} are listed. ", whole], className="small c12")]
        if month
        else [found]
    )


def _why(told: Sequence[Reason]) -> Component:
    """Each sentence about the series with its definition and its facts."""
    items = [
        html.Li(
            [
                html.B(item.text),
                html.Br(),
                html.Span(f"May be said where: {uncapitalised(item.definition)} "),
                html.Span(f"It rests on {item.facts}.", className="sec"),
            ]
        )
        for item in told
    ]
    return card(card_head("Why does it say so?"), html.Ul(items, className="sig"))


def _sheet(request: PageRequest, address: str, sheet: Sheet, empty: str) -> Component:
    if not sheet.length:
        return card(html.Div([card_head(sheet.title), html.P(empty)], id=f"card-{sheet.name}"))
    return table_card(request, address, sheet, rows=ROWS)


def _breaks(indicator: Indicator) -> Component | None:
    if not indicator.breaks:
        return None
    items = [
        html.Li([html.B(f"Series restarts {date_text(item.on)}. "), " ".join(item.reason.split())])
        for item in indicator.breaks
    ]
    return html.Ul(items, className="sig")


def _how(indicator: Indicator) -> list[Component]:
    caveats = [html.P(" ".join(part.split())) for part in indicator.caveats.split("\n\n") if part.strip()]
    links = [html.Li([dcc.Link(words, href=path), f": {what}."]) for words, path, what in _DOCUMENTS]
    shown = dcc.Link("This indicator over time", href=href(TREND, indicator=indicator.id))
    publisher = html.A("The publisher's definition", href=indicator.definition_url)
    return [*caveats, html.P(publisher), html.P(shown), html.Ul(links, className="sig")]
