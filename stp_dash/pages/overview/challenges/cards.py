"""The page's cards: how many challenges go which way, the challenges themselves, what stands behind them, the key."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from stp_dash.analysis.sheet import Sheet
from stp_dash.charts.svg.sparkline import HEIGHT, WIDTH, data_address, sparkline_svg
from stp_dash.charts.theme import SECONDARY
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_head, disclosure, image
from stp_dash.elements.links import METHODS, QUESTIONS, TREND, href
from stp_dash.frame.figure_card import figure_card
from stp_dash.frame.request import PageRequest
from stp_dash.pages.overview.cards import SMALL_ICON, icon, linked, variation_icon
from stp_dash.pages.overview.challenges.row import MIXED, ChallengeRow
from stp_dash.pages.overview.challenges.sheet import saying_text, source_text
from stp_dash.pages.overview.challenges.words import (
    ANSWERS,
    ChallengeGroup,
    Challenges,
    absence,
    baseline_head,
    baseline_words,
    context_words,
    direction_note,
    lead_words,
    projection_words,
)
from stp_dash.pages.overview.figures import IndicatorFigures
from stp_dash.pages.overview.matrix import CHANGED, IMPROVING, STEADY, UNKNOWN, WORSE
from stp_dash.pages.overview.row import IndicatorRow, variation_href
from stp_dash.pages.overview.scorecard import gap_cell, latest_cell, places_cell, variation_cell

_HEADS = ("Challenge", "What was said", "Latest", "Direction", "Distance", "", "Each trust, area or council")
_CAPTION = (
    "Each challenge: what was said, the latest figure, its direction, distance, line, and each trust or area"
)
_ICONS = {
    WORSE: "concern_low",
    STEADY: "common_cause",
    IMPROVING: "improvement_high",
    CHANGED: "neither_high",
    MIXED: "neither_high",
}
_PHONE_WIDTH = 296


@lru_cache
def _quoted_mark() -> str:
    """The dashed hollow diamond of what was said and not computed."""
    outline = f'<path d="M8 1.8L14.2 8 8 14.2 1.8 8Z" fill="none" stroke="{SECONDARY}" stroke-width="1.5"'
    return data_address(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{outline} stroke-dasharray="2.4 1.6"/></svg>'
    )


def counts_card(request: PageRequest, found: Challenges) -> Component:
    """The page in ten seconds: how many challenges go which way, and which they are."""
    parts = [_count(request, group) for group in found.counted]
    return html.Section(parts, className="card c12 ways", id="ways")


def _count(request: PageRequest, group: ChallengeGroup) -> Component:
    drawn = _direction_icon(group.direction)
    head = html.H2([drawn, html.B(str(len(group.rows))), html.Span(group.heading)], className="way")
    items = [html.Li(_count_line(request, row)) for row in group.rows]
    return html.Div([head, html.Ul(items)])


def _direction_icon(direction: str) -> Component:
    if direction in _ICONS:
        return icon(variation_icon(_ICONS[direction]))
    if direction == UNKNOWN:
        return icon(variation_icon(None))
    return image(_quoted_mark(), "", 32, 32)


def _count_line(request: PageRequest, row: ChallengeRow) -> list[Any]:
    name = html.B(row.challenge.name)
    if row.lead is None:
        return [name]
    linked_name = dcc.Link(row.challenge.name, href=linked(request, row.lead.href))
    return [linked_name, html.Span(lead_words(row.lead), className="small sec")]


def challenges_card(request: PageRequest, address: str, found: Challenges, sheet: Sheet) -> Component:
    """Every challenge: a table on a desktop, rows that unfold elsewhere and lie open on paper, and its numbers."""
    drawing = _table(request, found) if _has_room(request) else _list(request, found)
    foot = f"{sheet.note} {found.view.basis} {found.view.rules}".strip()
    return figure_card(request, address, sheet, [drawing], sentence=found.sentence, foot=foot)


def _has_room(request: PageRequest) -> bool:
    return request.width == "desktop" and not request.printing


def _table(request: PageRequest, found: Challenges) -> Component:
    heads = [html.Th(text or f"{found.year} to {found.until}", scope="col") for text in _HEADS]
    bodies = []
    for group in found.groups:
        title = html.Tr(html.Th(group.heading, scope="rowgroup", colSpan=len(_HEADS)), className="g")
        bodies.append(html.Tbody([title, *(_table_row(request, found, row) for row in group.rows)]))
    caption = html.Caption(_CAPTION, className="vh")
    return html.Table([caption, html.Thead(html.Tr(heads)), *bodies], className="score tracked")


def _table_row(request: PageRequest, found: Challenges, row: ChallengeRow) -> Component:
    name = html.Th(_name(request, row), scope="row")
    if row.lead is None:
        told = [
            html.Td(_said(request, row), className="said", colSpan=3),
            html.Td(_absent(request, row), colSpan=3),
        ]
        return html.Tr([name, *told])
    return html.Tr(
        [
            name,
            html.Td(_said(request, row), className="said"),
            html.Td([_followed_by(row.lead), *latest_cell(row.lead)], className="latest"),
            html.Td(_direction(row)),
            html.Td(gap_cell(row.lead)),
            html.Td(_since(request, found, row), className="trendcell"),
            html.Td(places_cell(request, row.lead), className="places"),
        ]
    )


def _name(request: PageRequest, row: ChallengeRow) -> list[Any]:
    parts: list[Any] = [
        html.Span(str(row.challenge.number), className="nr"),
        html.Span(row.challenge.name),
        html.Span(row.challenge.meaning, className="sent"),
    ]
    if row.lead is not None:
        parts.append(_links(request, row.lead))
    return parts


def _links(request: PageRequest, lead: IndicatorRow) -> Component:
    about = f"of {lead.name}"
    return html.Span(
        [
            dcc.Link(["Trend", html.Span(f" {about}", className="vh")], href=linked(request, lead.href)),
            dcc.Link(
                [f"By {lead.parts_words}", html.Span(f", {lead.name}", className="vh")],
                href=linked(request, lead.variation_href),
            ),
        ],
        className="links",
    )


def _said(request: PageRequest, row: ChallengeRow) -> list[Any]:
    parts: list[Any] = [image(_quoted_mark(), "", 16, 16)]
    parts += [html.P(saying_text(item)) for item in row.challenge.sayings]
    parts.append(html.P(source_text(row.challenge), className="tiny sec"))
    parts.append(html.P([html.B(f"{ANSWERS[row.challenge.answer]}. "), row.challenge.why], className="tiny"))
    parts += [_baseline(request, line) for line in row.baselines if baseline_words(line)]
    return parts


def _baseline(request: PageRequest, line: IndicatorFigures) -> Component:
    trend = linked(request, href(TREND, indicator=line.indicator.id))
    about = html.Span(f" of {line.indicator.name}", className="vh")
    return html.P(
        [
            html.B(f"{baseline_head(line)}. "),
            f"{baseline_words(line)} ",
            dcc.Link(["Trend", about], href=trend),
            " · ",
            dcc.Link(
                [f"By {line.parts.many}", html.Span(f", {line.indicator.name}", className="vh")],
                href=linked(request, variation_href(line)),
            ),
        ],
        className="tiny",
    )


def _followed_by(lead: IndicatorRow) -> Component:
    return html.Span(lead.name, className="tiny by")


def _direction(row: ChallengeRow) -> list[Any]:
    note = direction_note(row)
    lead = [variation_cell(row.lead)] if row.lead is not None else []
    return [*lead, *([html.Span(f"Also: {note}", className="tiny sec")] if note else [])]


def _since(request: PageRequest, found: Challenges, row: ChallengeRow) -> list[Any]:
    """The line on the page's one time axis, with its two ends in words."""
    if row.since is None:
        return [html.Span("No figures to draw", className="tiny sec")]
    width = _PHONE_WIDTH if request.width == "phone" else WIDTH
    drawn = image(data_address(sparkline_svg(row.since, width)), row.since.label, width, HEIGHT)
    ends = html.Div([html.Span(str(found.year)), html.Span(found.until)], className="ends tiny sec")
    return [html.Div([drawn, ends], className="placed")]


def _absent(request: PageRequest, row: ChallengeRow) -> Component:
    links = [html.A("Each of them", href=linked(request, row.parts[0].variation_href))] if row.parts else []
    told = html.P([html.B(absence(row)), " ", *links])
    beside = [
        html.P(
            [
                html.B("For context, not this claim's measure. "),
                words,
                " ",
                html.A("Each of them", href=linked(request, address)),
            ]
        )
        for words, address in context_words(row)
    ]
    return html.Div([told, *beside], className="box small")


def _list(request: PageRequest, found: Challenges) -> Component:
    parts: list[Component] = []
    for group in found.groups:
        parts.append(html.H3(group.heading, className="g"))
        parts += [_listed_row(request, found, row) for row in group.rows]
    return html.Div(parts, className="rows tracked")


def _listed_row(request: PageRequest, found: Challenges, row: ChallengeRow) -> Component:
    lead = row.lead
    summary = [
        html.Span(f"{row.challenge.number} {row.challenge.name}", className="nm"),
        html.B(lead.value if lead is not None else "", className="v"),
        _direction_icon(row.direction),
    ]
    opened = row.direction in (WORSE, MIXED) or request.printing
    said = html.Div(
        [html.P(row.challenge.meaning, className="small"), html.Div(_said(request, row), className="said")]
    )
    today = html.Div([_absent(request, row)] if lead is None else _listed_today(request, found, row, lead))
    return disclosure(summary, html.Div([said, today], className="two"), opened=opened)


def _listed_today(
    request: PageRequest, found: Challenges, row: ChallengeRow, lead: IndicatorRow
) -> list[Component]:
    pairs = (("Latest", [_followed_by(lead), *latest_cell(lead)]), ("Distance", gap_cell(lead)))
    return [
        html.Div(_direction(row), className="icons"),
        html.Dl([html.Div([html.Dt(name), html.Dd(cell)]) for name, cell in pairs], className="k3"),
        *_since(request, found, row),
        *places_cell(request, lead),
        html.P(_links(request, lead)),
    ]


def background_card(request: PageRequest, found: Challenges, *, span: int) -> Component | None:
    """What stands behind all challenges, with its figures and without a verdict; None where the list has none such."""
    if not found.background:
        return None
    parts: list[Component] = []
    for row in found.background:
        parts += [
            html.P(row.challenge.meaning, className="say"),
            html.Div(_said(request, row), className="said"),
        ]
        if row.lead is None:
            parts.append(_absent(request, row))
        told = [words for item in row.projections if (words := projection_words(item))]
        parts += [html.P(words, className="small") for words in told]
        figures = [_background_figure(request, found, row, figure) for figure in row.figures]
        parts.append(html.Div(figures, className="ways"))
    return card(card_head(found.background[0].challenge.name), *parts, span=span)


def _background_figure(
    request: PageRequest, found: Challenges, row: ChallengeRow, figure: IndicatorRow
) -> Component:
    today = html.Div([_followed_by(figure), *latest_cell(figure)])
    since = _since(request, found, row) if figure is row.lead and row.since is not None else []
    return html.Div([today, *since, *places_cell(request, figure), html.P(_links(request, figure))])


def key_card(found: Challenges, *, span: int) -> Component:
    """How to read the page, in plain words."""
    items: list[tuple[Component, str, str]] = [
        (
            image(_quoted_mark(), "", 24, 24),
            "What was said",
            f". Words in inverted commas were read in a text of {found.year}; others are ours. We did not compute "
            "their numbers and cannot check them.",
        ),
        (
            icon(variation_icon("concern_low", SMALL_ICON)),
            "Direction",
            " is of a challenge's figures together: worsening if one of them shows a concern signal, improvement if "
            "one shows one of that; where both are so, some are better and some worse. It says nothing of whether the "
            "level is good.",
        ),
        (
            icon(variation_icon("common_cause", SMALL_ICON)),
            "No sign of change",
            " means that the figures move as much as they always do. They can do so far from their standard.",
        ),
    ]
    parts: list[Component] = []
    for drawn, heading, words in items:
        parts += [html.Dt(drawn), html.Dd([html.B(heading), words])]
    more = html.P(
        [
            "More in ",
            html.A("questions and answers", href=QUESTIONS),
            " and in ",
            html.A("methods", href=METHODS),
            ".",
        ],
        className="small",
    )
    return card(card_head("How to read this page"), html.Dl(parts, className="marks"), more, span=span)


def unnamed_card(words: Sequence[str], ways: Sequence[tuple[str, str]]) -> Component:
    """An area whose challenges nobody has listed, and where there is something: words and addresses."""
    links = html.Ul([html.Li(dcc.Link(name, href=address)) for name, address in ways])
    return card(card_head("What would stand here"), *(html.P(item) for item in words), links)
