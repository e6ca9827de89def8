"""The cards of the trend page: the key figures, the chart, what stands beside it, and the newest rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from db.domain import Maturity
from stp_dash.analysis import signals
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.noted.plans import PlanGap
from stp_dash.analysis.rolling import SideFigure
from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.analysis.standing.assurance import assurance_of
from stp_dash.analysis.standing.verdict import SHORT
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.lettering import line_count
from stp_dash.charts.svg.icons import SIZE as ICON_SIZE
from stp_dash.charts.svg.icons import assurance_svg, variation_svg
from stp_dash.charts.svg.point_marks import SIZE, point_mark
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import (
    card,
    card_head,
    disclosure,
    image,
    key,
    notice,
    plot,
    table,
)
from stp_dash.elements.links import DATA, NOTES, download_address, kept
from stp_dash.frame.figure_card import TABLE, drawing_room, figure_card
from stp_dash.frame.provenance import provenance_list
from stp_dash.frame.request import PageRequest, Width
from stp_dash.pages.trend.beside import LimitsCard, SignalLine
from stp_dash.pages.trend.notes.list import events_list, events_texts
from stp_dash.pages.trend.notes.plans.card import against_plan_card
from stp_dash.pages.trend.series import TrendRow
from stp_dash.pages.trend.state import TrendState
from stp_dash.pages.trend.words import KeyStrip, Trend

FIRST_SIGNALS = 5


_CHART_HEIGHT, _GAP = 830.0, 24.0
_PAPER_HEIGHT = 264
"""Pixels: with it the chart stands on the first sheet, under title and key figures, however the paper lies."""
"""About how high the chart's card is on a desktop, and what lies between cards, in pixels."""
_LEAST, _LEAST_WITH_EVENTS = 0.8, 0.4
"""The share of the chart's height from which a column beside it is full enough; a list of rings belongs beside it."""
_LINE = 270.0
"""What a line beside the chart has, in pixels."""


def beside_and_below(state: TrendState, view: Trend) -> tuple[list[Component], list[Component]]:
    """The plan, other figures, signals, events, limits, notes and where the number comes from.

    On a desktop those that together are about as high as the chart stand beside it, the others below; none stands
    beside it where all of them would leave much of the column empty. The plan stands there before all. Elsewhere all
    follow the chart.
    """
    limits, notes = view.limits, _notes(state, view)
    parts = [
        (against_plan_card(view.plan), _height(view.plan.texts, 96 + 37 * len(view.plan.rows)))
        if view.plan
        else None,
        *[(_side(item), _height([item.counts, item.period, item.note], 104)) for item in view.sides],
        notes if view.events else None,
        (_signals(view), _height([item.text for item in view.signals[:FIRST_SIGNALS]], 64, 36))
        if limits
        else None,
        (_limits(state, limits), _height([*limits.basis, limits.proposal], 170)) if limits else None,
        None if view.events else notes,
        (
            card(
                html.H2("Where this number comes from"),
                provenance_list(view.provenance, "Source of the latest figure"),
            ),
            100.0,
        ),
    ]
    cards = [part for part in parts if part is not None]
    if state.request.width != "desktop":
        return [drawn for drawn, _ in cards], []
    choices = product((True, False), repeat=len(cards))
    heights = {
        chosen: sum(h + _GAP for (_, h), taken in zip(cards, chosen, strict=True) if taken)
        for chosen in choices
    }
    fitting = {chosen: height for chosen, height in heights.items() if height <= _CHART_HEIGHT}
    added = bool(view.events) + (view.plan is not None)
    leading = len(view.sides) + (added or bool(limits))
    planned = view.plan is not None
    best = max(fitting, key=lambda chosen: (planned and chosen[0], sum(chosen[:leading]), fitting[chosen]))
    least = _LEAST_WITH_EVENTS if added else _LEAST
    if fitting[best] < least * _CHART_HEIGHT:
        best = (False,) * len(cards)
    for drawn, height in cards:
        drawn["props"]["style"] = {"flexGrow": round(height)}
    beside = [drawn for (drawn, _), taken in zip(cards, best, strict=True) if taken]
    return beside, [drawn for (drawn, _), taken in zip(cards, best, strict=True) if not taken]


def _height(texts: Sequence[str], fixed: float, each: float = 0.0) -> float:
    """About how high a card beside the chart is, in pixels: its own parts, and its texts with what each adds."""
    return fixed + sum(each + 20 * line_count(text, _LINE, 14) for text in texts if text)


def mark(kind: str, *, above: bool, hollow: bool) -> Component:
    """A point as the chart draws it; the words beside it say what it means."""
    return image(point_mark(kind, above=above, hollow=hollow), "", SIZE, SIZE)


def _side(item: SideFigure) -> Component:
    heading = dcc.Link(item.heading, href=item.href) if item.href else item.heading
    words = [item.counts, f"95% interval {item.interval}" if item.interval else "", item.period, item.note]
    told = [html.Span(word, className="small sec") for word in words if word]
    return card(html.H2(heading), html.B(item.value, className="figure"), *told)


def _nothing_marked(view: Trend) -> str:
    """What can be said where no rule marks a point drawn: of points without limits nothing."""
    known = [point for point in view.chart.points if point.value is not None]
    within = sum(point.upper is not None for point in known)
    if not within:
        return "There are no limits, so nothing is said of the points."
    if within == 1:
        return "The one point under limits breaks no rule."
    return f"None of the {within} points under limits breaks a rule."


def _signals(view: Trend) -> Component:
    title = html.H2("Why points are marked")
    if not view.signals:
        return card(title, html.P(_nothing_marked(view), className="small"))
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


def _limits(state: TrendState, limits: LimitsCard) -> Component:
    parts: list[Any] = [html.H2("Limits"), *[html.P(words, className="small") for words in limits.basis]]
    if limits.decisions:
        items = [html.Li([html.B(item.heading), html.Span(item.text)]) for item in limits.decisions]
        parts.append(html.Ul(items, className="sig"))
    if limits.preview:
        parts += _preview(state, limits)
    elif limits.proposal:
        words = f"Preview a restart in {limits.propose_at}"
        parts += [
            html.P(limits.proposal, className="small"),
            dcc.Link(words, href=state.address(restart=limits.propose_at), className="btn"),
        ]
    parts.append(_how(state, limits))
    return card(*parts)


def _preview(state: TrendState, limits: LimitsCard) -> list[Component]:
    tried = limits.preview
    if tried is None:
        return []
    pairs = [("As recorded", tried.recorded), (f"With a restart in {tried.month}", tried.tried)]
    rows = html.Dl([html.Div([html.Dt(head), html.Dd(words)]) for head, words in pairs], className="facts")
    return [
        html.P(html.B("This is a preview: nothing is recorded."), className="small bad"),
        rows,
        dcc.Link("Leave the preview", href=state.address(restart=None), className="btn"),
    ]


def _how(state: TrendState, limits: LimitsCard) -> Component:
    """Any month can be tried; who looks after the site records it."""
    other = state.addresses("restart")
    months: list[Component] = [html.Option(words, value=other(code)) for code, words in limits.months]
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
        html.P(limits.recording),
        dcc.Link("Record it", href=_notes_address(state)),
        class_name="source",
        opened=state.restart is not None,
    )


def _notes_address(state: TrendState) -> str:
    own = {"indicator": state.indicator.id, "organisation": state.organisation}
    return state.elsewhere(NOTES, **own)


def _notes(state: TrendState, view: Trend) -> tuple[Component, float] | None:
    """The chart's rings, then what is known of the series itself; with about how high they are. None without any."""
    if not (view.events or view.notes):
        return None
    items = [
        html.Li(
            [
                html.B(item.heading),
                html.Span(item.text),
                *([" ", dcc.Link(item.link[0], href=item.link[1])] if item.link else []),
            ]
        )
        for item in view.notes
    ]
    height = _height([item.text for item in view.notes], 64, 37)
    listed = [html.Ul(items, className="sig")] if items else []
    if view.events:
        height += _height(events_texts(view.events), 46, 40)
        listed = [*events_list(view.events), *listed]
    add = dcc.Link("Add a note", href=_notes_address(state), className="btn")
    return card(html.H2("Notes on the chart"), *listed, add), height + 40


FIRST_ROWS, PHONE_ROWS = 12, 8


_PHONE = frozenset({"period", "value", "standard", "status"})


_TABLET = _PHONE | {"short_of_standard", "point_type", "signal_words"}


_PUBLISHED_INTERVALS = frozenset({"lower_95", "value_note"})
"""Shown where they are published: nothing else says how sure such values are, and of whom."""


SHORT_COLUMNS: Mapping[Width, frozenset[str]] = {
    "phone": _PHONE,
    "tablet": _TABLET,
    "desktop": _TABLET | {"numerator", "denominator", "lower_process_limit"},
}
"""The columns of the short table that there is room for, by the key of their download."""


def preview_notice(state: TrendState) -> list[Component]:
    """That a restart is tried out, and the way back."""
    if state.restart is None:
        return []
    words = (
        f"Chart, table and reasons are drawn as if limits restarted in {state.restart:%B %Y}. Title and key figures "
        "are as recorded. Nothing is recorded by looking."
    )
    leave = dcc.Link("Leave the preview", href=state.address(restart=None))
    return [notice("Preview, not recorded", html.P([words, " ", leave]), tone="late")]


def strip_card(limits: KeyStrip) -> Component:
    """The figure, its standard, the gap, that to a plan where there is one, and the two icons beside their words."""
    told, analysed = limits.verdict, limits.control.analysed
    standing = assurance_of(limits.control)
    bad = "bad" if told.tone == SHORT and not told.note else ""
    detail = " · ".join(part for part in (told.detail, told.note) if part)
    icons = (
        (
            "Variation",
            variation_svg(analysed.variation),
            change_words.change_word(limits.control),
            limits.variation_note,
        ),
        (
            "Assurance",
            assurance_svg(standing.icon),
            standing.words,
            limits.assurance_note,
        ),
    )
    cells = [
        _cell(limits.period, limits.value, limits.value_note),
        _cell("Standard", limits.standard.level, " · ".join(limits.standard.notes)),
        _cell("Gap to standard" if limits.plan else "Gap", told.headline, detail, bad),
        *([_plan_cell(limits.plan)] if limits.plan else []),
        *[_icon_cell(head, svg, words, note) for head, svg, words, note in icons],
    ]
    return html.Dl(cells, className="card kpi strip planned" if limits.plan else "card kpi strip")


def _plan_cell(found: PlanGap) -> Component:
    return _cell("Gap to plan", found.headline, found.detail, "bad" if found.behind else "")


def _cell(head: str, value: str, note: str, tone: str = "") -> Component:
    return html.Div([html.Dt(head), html.Dd([html.B(value, className=tone), html.Span(note)])])


def _icon_cell(head: str, svg: str, words: str, note: str) -> Component:
    drawn = image(data_address(svg), "", ICON_SIZE, ICON_SIZE)
    return html.Div([html.Dt(head), html.Dd([drawn, html.B(words), html.Span(note)])], className="with-icon")


def trend_cards(request: PageRequest, state: TrendState, view: Trend) -> list[Component]:
    """The chart, what stands beside it, and the newest rows."""
    words = f"{view.label}. {view.finding} The table holds every number."
    of = {"indicator": state.indicator.id, "organisation": state.organisation}
    opens = f"{state.elsewhere(DATA, **of)}&period=@#card-revisions"
    beside, below = beside_and_below(state, view)
    span = 9 if beside else 12
    height = _PAPER_HEIGHT if request.printing else view.chart.height
    chart = replace(view.chart, room=drawing_room(request.width, span), opens=opens, height=height)
    drawing = [plot(trend_figure(chart), words), _key(view), *_steps(state, view)]
    shown = figure_card(
        request,
        state.address(),
        _on_paper(view.sheet) if request.printing else view.sheet,
        drawing,
        sentence=view.finding,
        foot=view.method,
        about=_about(state),
        span=span,
    )
    short = request.parameters.get(TABLE) != view.sheet.name and not request.printing
    column = [html.Div(beside, className="rail c3")] if beside else []
    rest = [html.Div(below, className="rest abreast c12")] if below else []
    table = [_short_table(request, state, view)] if short else []
    return [shown, *column, *table, *rest]


def _on_paper(sheet: Sheet) -> Sheet:
    """The sheet without the columns that a page of paper has no room for: reasons stand in a card of their own."""
    left_out = {"compared_value", "file", "signal_words"}
    if any(any(column.shown) for column in sheet.columns if column.key == "standard"):
        left_out.add("lower_95")
    columns = [replace(item, shown=()) if item.key in left_out else item for item in sheet.columns]
    return replace(sheet, columns=tuple(columns))


def _about(state: TrendState) -> list[Component]:
    return [
        html.P(state.indicator.definition),
        html.P(state.indicator.why_it_matters),
        *[html.P(part) for part in state.indicator.caveats.split("\n\n")],
        html.P(html.A("The publisher's definition", href=state.indicator.definition_url)),
    ]


def _key(view: Trend) -> Component:
    points = view.chart.points
    kinds = {point.kind for point in points if point.value is not None}
    items = [
        (
            "dot",
            signals.POINT_WORDS["common_cause"]
            if any(p.upper is not None for p in points)
            else view.chart.name,
            "common_cause" in kinds,
        ),
        ("triangle", signals.POINT_WORDS["improvement"], "improvement" in kinds),
        ("diamond", signals.POINT_WORDS["concern"], "concern" in kinds),
        ("square", signals.POINT_WORDS["neither"], "neither" in kinds),
        ("dot hollow", "Hollow: provisional", any(point.provisional for point in points)),
        ("rule standard", "Standard", any(point.standard is not None for point in points)),
        ("rule interim", view.wished_name, bool(view.wished_name)),
        ("rule plan", "Plan", bool(view.chart.plan)),
        ("rule mean", "Mean", any(point.mean is not None for point in points)),
        ("rule limit", "Process limits", any(point.upper is not None for point in points)),
        ("rule comparator", view.compared_name, any(point.comparator is not None for point in points)),
        ("bar", f"Published {view.interval_name}", any(point.interval is not None for point in points)),
        ("rule rolling", view.rolling_name, any(point.rolling is not None for point in points)),
        ("rule projected", "Projected", bool(view.chart.projections) or view.chart.projected),
        ("hatch", "No figure", any(point.value is None for point in points)),
    ]
    return key([(name, text) for name, text, drawn in items if drawn])


def _steps(state: TrendState, view: Trend) -> list[Component]:
    """Earlier and later windows, where there are figures outside this one."""
    links = [
        dcc.Link(text, href=state.address(**changed), className="btn")
        for text, changed in (("Earlier", view.earlier), ("Later", view.later))
        if changed is not None
    ]
    return [html.Div(links, className="steps")] if links else []


def _short_table(request: PageRequest, state: TrendState, view: Trend) -> Component:
    """The newest rows, with their marks; all of them are a tab and two files away."""
    rows = view.rows[: PHONE_ROWS if request.width == "phone" else FIRST_ROWS]
    heads, cells, numeric = _table_cells(view, rows, request.width)
    shown = table(view.sheet.caption, heads, cells, numeric=numeric, class_name="newest")
    address = state.address()
    links: list[Component] = [
        html.A(words, href=download_address(address, view.sheet.name, kind))
        for words, kind in (("CSV", "csv"), ("XLSX", "xlsx"))
    ]
    if len(view.rows) > len(rows):
        whole = kept(address, {TABLE: view.sheet.name}, (TABLE,))
        links.append(dcc.Link(f"Show all {len(view.rows)} {view.periods_name}", href=whole))
    head = card_head("The same numbers as a table", html.Div(links, className="links"))
    return card(head, shown)


def _table_cells(
    view: Trend, rows: Sequence[TrendRow], width: Width
) -> tuple[list[str], list[list[Component | str]], list[int]]:
    """Heads, rows and the numeric columns of the short table, from the sheet's own words."""
    published = any(row.known is not None and row.known.details is not None for row in view.rows)
    wanted = SHORT_COLUMNS[width] | (_PUBLISHED_INTERVALS if published else frozenset())
    columns = [item for item in view.sheet.table if item.key in wanted]
    cells: list[list[Component | str]] = []
    for place, row in enumerate(rows):
        cells.append([_table_cell(column, place, row, phone=width == "phone") for column in columns])
    numeric = [place for place, column in enumerate(columns) if column.numeric]
    return [column.heading for column in columns], cells, numeric


def _table_cell(column: Column, place: int, row: TrendRow, *, phone: bool) -> Component | str:
    """A cell's words; beside those of the point's type, on a phone of its status, stands its mark."""
    words = column.shown[place]
    marked = "status" if phone else "point_type"
    if column.key != marked or row.known is None or not row.typed:
        return words
    hollow = row.known.maturity is Maturity.PROVISIONAL
    parts: list[Component | str] = [mark(row.kind, above=row.above, hollow=hollow), words]
    if phone:
        parts.insert(1, html.Span(f"{signals.POINT_WORDS[row.kind]}, ", className="vh"))
    return html.Span(parts, className="point")
