"""The cards of own measures' pages: the list, the chart, the figures, submissions and versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from db.domain.own.figures import OwnFigure, Submission
from db.domain.own.measures import Audience, MeasureKind
from db.domain.people.role import Person, Role
from db.domain.timing import TIME_ZONE
from db.own.submissions import counts_words
from stp_dash.analysis import signals
from stp_dash.analysis.wording import count_text, date_text
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.interactive.trend.points import TrendChart
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import (
    aria,
    card,
    card_foot,
    card_head,
    disclosure,
    facts,
    key,
    plot,
    table,
    tabs,
)
from stp_dash.elements.links import OWN, TREND, href
from stp_dash.frame.figure_card import drawing_room
from stp_dash.frame.request import PageRequest
from stp_dash.pages.own.chart import own_chart
from stp_dash.pages.own.published import PublishedBeside, beside_words
from stp_dash.pages.own.read import OwnView, measure_key, place_key
from stp_dash.pages.own.series import MeasurePlace, OwnSeries
from stp_dash.pages.own.words import (
    LOCAL,
    audience_words,
    finding_words,
    latest_words,
    local_words,
    method_words,
    overdue_words,
    target_words,
    value_words,
)
from stp_dash.web.access import csrf_token

UPLOAD_OWN, DEFINE, TURN, ERASE = f"{OWN}/upload", f"{OWN}/define", f"{OWN}/turn", f"{OWN}/erase"
APPROVE = f"{OWN}/approve"
TEMPLATE, FIGURES = f"{OWN}/template", f"{OWN}/figures.csv"


def list_card(views: Sequence[OwnView], today: date) -> Component:
    """Every measure with its latest figure."""
    rows: list[list[Content]] = []
    for view in views:
        measure = view.measure
        last = max((item.period.end for item in view.figures), default=None)
        latest = latest_words(view.series(view.places[0])) if view.places else "no figure yet"
        link = dcc.Link(measure.short_name, href=href(OWN, measure=measure_key(measure.id)))
        late = overdue_words(measure, last, today)
        rows.append([link, latest, late, measure.owner, local_words(measure, view.submissions)])
    heads = ("Measure", "Latest", "Late", "Owner", "Where from")
    if not rows:
        return card(html.H2("Measures"), html.P("No measure is defined yet."))
    return card(card_head("Measures"), table("Own measures with their latest figures", heads, rows))


def acting_card(person: Person, measure: str = "") -> Component:
    """What whoever is signed in may do here."""
    if person.role < Role.EDITOR:
        return card(html.P("Editors define measures and hand in figures.", className="small"))
    chosen = measure_key(measure) if measure else None
    links = [
        html.A("Hand in figures", href=UPLOAD_OWN, target="_self", className="btn primary"),
        html.A(
            "Change the definition" if measure else "Define a measure",
            href=href(DEFINE, measure=chosen),
            target="_self",
            className="btn",
        ),
    ]
    if measure:
        links += [
            html.A(words, href=href(f"{TEMPLATE}.{kind}", measure=chosen), target="_self", className="btn")
            for words, kind in (("Template as a workbook", "xlsx"), ("Template as CSV", "csv"))
        ]
    return card(html.Div(links, className="acts"))


def place_tabs(view: OwnView, chosen: MeasurePlace) -> Component:
    """The organisation and its units, each a link."""
    links = [
        (
            place.name,
            href(OWN, measure=measure_key(view.measure.id), place=place_key(place)),
            place == chosen,
        )
        for place in view.places
    ]
    return tabs("Organisation and units", links)


def chart_card(
    request: PageRequest,
    view: OwnView,
    series: OwnSeries,
    beside: PublishedBeside | None = None,
    *,
    alone: bool = False,
) -> Component:
    """The control chart of a place, with what it says, and how it is made; `alone` on another page."""
    chart = own_chart(series, phone=request.width == "phone", tablet=request.width == "tablet", beside=beside)
    words = local_words(view.measure, view.submissions)
    title = f"{view.measure.short_name}: {series.place.name}"
    if not any(point.value is not None for point in chart.points):
        return card(card_head(title), html.P(finding_words(series)), card_foot("", words))
    said = finding_words(series)
    label = f"{series.chart}: {title}. {said} {words}. The table holds every number."
    drawn = plot(trend_figure(replace(chart, room=drawing_room(request.width, 12))), label)
    chosen = href(OWN, measure=measure_key(view.measure.id), place=place_key(series.place))
    aside = dcc.Link("Its page", href=chosen) if alone else place_tabs(view, series.place)
    return card(
        card_head(f"{LOCAL}: {title}" if alone else title, aside),
        html.P(said, className="say"),
        html.Div([drawn, _key(series, beside), *_events(chart)], className="drawing"),
        *([html.P(beside_words(series, beside), className="small")] if beside is not None else []),
        card_foot(method_words(series), words),
    )


def _events(chart: TrendChart) -> list[Component]:
    """What the numbered rings on the chart stand for."""
    if not chart.events:
        return []
    told = [html.Li([html.B(str(item.number)), f" {item.words}."]) for item in chart.events]
    return [html.Ul(told, className="small own-events")]


def _key(series: OwnSeries, beside: PublishedBeside | None) -> Component:
    kinds = set(series.analysed.point_types)
    limited = series.analysed.upper_process_limit
    items = [
        ("dot", signals.POINT_WORDS["common_cause"], "common_cause" in kinds),
        ("triangle", signals.POINT_WORDS["improvement"], "improvement" in kinds),
        ("diamond", signals.POINT_WORDS["concern"], "concern" in kinds),
        ("square", signals.POINT_WORDS["neither"], "neither" in kinds),
        ("dot hollow", "Hollow: provisional", any(item.provisional for item in series.figures)),
        ("rule standard", "Local target", bool(series.targets) and series.control is not None),
        ("rule mean", "Mean" if series.control is not None else "Middle line", True),
        ("rule limit", "Process limits", not bool(np.isnan(limited).all())),
        ("rule comparator", "Published", beside is not None and bool(beside.readings)),
        ("hatch", "No figure", any(item.value is None for item in series.figures)),
    ]
    return key([(name, text) for name, text, shown in items if shown])


def figures_card(view: OwnView, series: OwnSeries, person: Person | None) -> Component:
    """The figures of a place, the newest first, and their download."""
    address = href(FIGURES, measure=measure_key(view.measure.id))
    link = html.A("Numbers as CSV", href=address, target="_self", className="btn")
    columns = _columns(view, series)
    rows: list[list[Content]] = [[words(item) for _, words in columns] for item in reversed(series.figures)]
    words = local_words(view.measure, view.submissions)
    caption = f"{view.measure.short_name}, {series.place.name}: {words}"
    numeric = range(1, 4 if view.measure.kind.needs_counts else 2)
    shown = table(caption, [head for head, _ in columns], rows, numeric=tuple(numeric))
    acts = [link] if person is not None else []
    return card(card_head("Figures", *acts), shown, card_foot("", words))


def _columns(view: OwnView, series: OwnSeries) -> list[tuple[str, Callable[[OwnFigure], str]]]:
    """The columns that a measure of this kind has, each with what stands in it."""
    measure = view.measure

    def target(item: OwnFigure) -> str:
        return target_words(series.target(item.key.period.start), measure.unit)

    def status(item: OwnFigure) -> str:
        return item.missing_reason or ("provisional" if item.provisional else "final")

    if measure.kind is MeasureKind.DAYS_BETWEEN:
        columns: list[tuple[str, Callable[[OwnFigure], str]]] = [
            ("Day", lambda item: item.key.period.label),
            ("Events", lambda item: count_text(item.numerator)),
        ]
    else:
        columns = [
            ("Period", lambda item: item.key.period.label),
            ("Value", lambda item: value_words(series, item.value)),
        ]
        if measure.kind.needs_counts:
            columns += [
                (measure.numerator_label, lambda item: _count(item.numerator)),
                (measure.denominator_label, lambda item: _count(item.denominator)),
            ]
        columns += [("Status", status), ("Local target", target)]
    return [
        *columns,
        ("Note", lambda item: item.note),
        ("Submission", lambda item: str(item.submission) if item.submission else ""),
    ]


def _count(number: float | None) -> str:
    return "" if number is None else count_text(number)


def about_card(view: OwnView) -> Component:
    """What is measured, by whom, and every version of the definition."""
    measure = view.measure
    parts = (measure.definition, measure.why_it_matters, *measure.caveats.split("\n\n"))
    pairs: list[tuple[str, Content]] = [
        ("Source", measure.data_source),
        ("Owner", measure.owner),
        ("Reviewed", f"{date_text(measure.reviewed_on)}; next {date_text(measure.review_due_on)}"),
        ("Seen by", audience_words(measure, view.approval)),
    ]
    if measure.compares_with:
        place = view.places[0].organisation if view.places else None
        trend = href(TREND, indicator=measure.compares_with, organisation=place)
        pairs.append(("Published beside it", dcc.Link(measure.compares_with, href=trend)))
    versions = html.Ul(
        [
            html.Li(f"Version {item.version}, {_moment(item.at)}: {item.change}, by {item.by}")
            for item in view.versions
        ]
    )
    return card(
        html.H2("About"),
        *[html.P(part) for part in parts],
        facts(pairs),
        *([disclosure("Versions of the definition", versions, class_name="source")] if view.versions else []),
    )


def _moment(at: datetime) -> str:
    local = at.astimezone(TIME_ZONE)
    return f"{date_text(local.date())} at {local:%H:%M}"


def submissions_card(view: OwnView, person: Person) -> Component:
    """Every file that was handed in, what it changed, and the way to withdraw it or put it back."""
    rows: list[list[Content]] = []
    for item in view.submissions:
        counts = item.counts[view.measure.id]
        told = " · ".join(part for part in (item.mode.value, item.reason) if part)
        act = _turn_form(item) if person.role >= Role.EDITOR else ("stands" if item.stands else "withdrawn")
        rows.append([str(item.number), _moment(item.at), item.by, item.name, counts_words(counts), told, act])
    if not rows:
        return card(html.H2("Submissions"), html.P("Nothing has been handed in yet."))
    heads = ("Number", "When", "Who", "File", "What it did", "How and why", "Stands")
    return card(html.H2("Submissions"), table("Files handed in, the newest first", heads, rows))


def _turn_form(item: Submission) -> Component:
    words = "Withdraw" if item.stands else "Put back"
    hidden = {"number": str(item.number), "puts_back": "" if item.stands else "1"}
    named = aria(label=f"{words} submission {item.number}")
    return _form(TURN, hidden, [html.Button(words, type="submit", className="btn", **named)])


def administrator_cards(person: Person, view: OwnView) -> list[Component]:
    """What administrators alone may do: let everybody see a measure, and erase one for good."""
    if person.role < Role.ADMINISTRATOR:
        return []
    typed = dcc.Input(name="id", id="erase-id", type="text", autoComplete="off", maxLength=64)
    parts = [
        html.Label("Its id, typed again", htmlFor="erase-id", className="l"),
        typed,
        html.Button("Erase it for good", type="submit", className="btn"),
    ]
    told = html.P(
        "All its definitions, figures and submissions go, and cannot be brought back.", className="small"
    )
    erasing = disclosure("Erase this measure", told, _form(ERASE, {}, parts), class_name="source")
    if view.measure.audience is not Audience.PUBLIC:
        return [card(erasing)]
    approved = view.approval is not None
    words = "Show it to people who are signed in alone" if approved else "Let everybody see it"
    hidden = {"id": view.measure.id, "public": "" if approved else "1"}
    approval = _form(APPROVE, hidden, [html.Button(words, type="submit", className="btn")])
    most = view.measure.minimum_count - 1
    small = f"Counts of 1 to {most} are withheld from them, all others rounded to the nearest 5."
    return [card(html.P(small, className="small"), approval), card(erasing)]


def _form(address: str, hidden: Mapping[str, str], parts: Sequence[Component]) -> Component:
    carried = {"csrf_token": csrf_token(), **hidden}
    inputs = [dcc.Input(type="hidden", name=name, value=value) for name, value in carried.items()]
    return html.Form([*inputs, *parts], action=address, method="post", className="act")
