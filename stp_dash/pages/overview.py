"""The overview: whether the area meets its standards, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from sqlalchemy import Connection

from db.domain import OrganisationType, Period
from db.queries import DataVersion, freshness, latest_periods, periods_with
from stp_dash.charts.sparkline import HEIGHT, STRIP_HEIGHT, WIDTH, data_address, sparkline_svg, strip_svg
from stp_dash.components import Choice, Control, aria, card, card_foot, card_head, disclosure, image
from stp_dash.links import OVERVIEW, href
from stp_dash.pages.page import Page
from stp_dash.pages.provenance import provenance_list
from stp_dash.pages.reading import AreaCodes, area_codes, read_overview
from stp_dash.pages.request import PageRequest, ParameterError
from stp_dash.views.freshness import FreshnessChip, freshness_chips
from stp_dash.views.overview import Attention, Overview, RowGroup, overview
from stp_dash.views.overview_row import IndicatorRow, PartFigure
from stp_dash.views.supporting import SupportLine
from stp_dash.views.verdict import SHORT
from stp_dash.views.wording import month_code

_HEADS = ("Indicator", "Latest", "Standard", "Gap", "Trend", "Each trust or CCG area")


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?period=YYYY-MM`, or for the latest figures."""
    codes = area_codes(request)
    indicators = request.site.store.catalogue.indicators
    periods = _months(
        periods_with(connection, indicators=list(indicators), organisations=[*codes.own, *codes.trusts])
    )
    requested = _requested(request, periods)
    latest = latest_periods(connection)
    view = overview(read_overview(request, connection, latest, codes, requested))
    chips = freshness_chips(indicators, latest, freshness(connection), _types(request, codes))
    return Page(
        title=view.title,
        lede=view.lede,
        body=[_chips(chips), html.Div(_cards(request, view), className="grid")],
        controls=[_period_control(periods, requested)],
        state=_address(requested),
        owners=view.owners,
    )


def _months(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The months in which periods of any length end, newest first: a page can be asked for as at any of them."""
    months = {Period.month(item.end.year, item.end.month) for item in periods}
    return tuple(sorted(months, reverse=True))


def _requested(request: PageRequest, periods: Sequence[Period]) -> Period | None:
    day = request.month()
    if day is None:
        return None
    found = next((item for item in periods if item.start == day), None)
    if found is not None or not periods:
        return found
    nearest = min(periods, key=lambda item: abs((item.start - day).days))
    raise ParameterError(
        "period", f"{day:%Y-%m}", "a month that has figures", ((nearest.label, _address(nearest)),)
    )


def _address(period: Period | None) -> str:
    return href(OVERVIEW, period=month_code(period) if period else None)


def _types(request: PageRequest, codes: AreaCodes) -> dict[OrganisationType, str]:
    organisations = request.site.store.catalogue.organisations
    own = organisations.get(codes.own[0])
    types = {own.type: f"{own.type.value}s"} if own else {}
    return {
        **types,
        OrganisationType.TRUST: "trusts",
        OrganisationType.STROKE_TEAM: "teams",
        OrganisationType.COUNTRY: "England",
    }


def _period_control(periods: Sequence[Period], requested: Period | None) -> Control:
    latest = Choice("Latest", _address(None), requested is None)
    months = [Choice(item.label, _address(item), item == requested) for item in periods]
    return Control("period", "Period", (latest, *months))


def _chips(chips: Sequence[FreshnessChip]) -> Component:
    items = [
        html.Li(
            [
                html.B(chip.source),
                f" {chip.periods}",
                html.Span(f" · {chip.published}" if chip.published else ""),
            ]
        )
        for chip in chips
    ]
    return html.Ul(items, className="chips", **aria(label="How fresh each source is"))


def _cards(request: PageRequest, view: Overview) -> list[Component]:
    cards = []
    if view.attention:
        cards.append(card(card_head("Needs attention"), _attention_list(view.attention), span=8))
        cards.append(card(card_head("How to read the marks"), _how_to_read(), span=4))
    cards.append(_scorecard(request, "Scorecard", view.groups, view))
    if view.retired:
        folded = [
            disclosure(group.heading, _rows(request, (group,), group.heading), class_name="retired")
            for group in view.retired
        ]
        cards.append(card(card_head("Earlier standards"), *folded))
    return cards


def _attention_list(items: Sequence[Attention]) -> Component:
    return html.Ol([_attention(item) for item in items], className="att")


def _attention(item: Attention) -> Component:
    count = html.Div([html.B(item.count), html.Span(item.unit)], className="big")
    words = html.Div(
        [html.H3(dcc.Link(item.heading, href=item.href)), html.P(item.sentence, className="small")]
    )
    return html.Li([count, words])


def _scorecard(request: PageRequest, title: str, groups: Sequence[RowGroup], view: Overview) -> Component:
    body = _rows(request, groups, title) if groups else html.P("No standard was in force in this period.")
    absent = [html.P(sentence, className="small sec gone") for sentence in view.absent]
    return card(card_head(title), body, *absent, _foot(view))


def _how_to_read() -> Component:
    pairs = (
        ("dot", "The area. Hollow: the last figure is provisional. A gap: no figure."),
        ("rule standard", "The standard, stepped where it changed."),
        ("rule comparator", "England or the audit's national figure, over the same periods."),
        ("twin", "The series restarts: figures before cannot be compared with those after."),
        ("dot ours", "One dot for each trust or CCG area, lowest at the left."),
    )
    items = [html.Li([html.Span(className=f"mark {mark}"), html.Span(words)]) for mark, words in pairs]
    return html.Ul(items, className="how")


def _foot(view: Overview) -> Component:
    owners = "; ".join(view.owners)
    return card_foot(view.basis, f"{owners} · Demonstration data" if view.demonstration else owners)


def _rows(request: PageRequest, groups: Sequence[RowGroup], caption: str) -> Component:
    if request.width == "desktop":
        return _table(groups, caption)
    return html.Div([part for group in groups for part in _listed(group)], className="rows")


def _heading(group: RowGroup) -> str:
    return f"{group.heading} · demonstration data" if group.demonstration else group.heading


def _table(groups: Sequence[RowGroup], caption: str) -> Component:
    head = html.Tr([html.Th(text, scope="col") for text in _HEADS])
    bodies = []
    for group in groups:
        title = html.Tr(html.Th(_heading(group), scope="rowgroup", colSpan=len(_HEADS)), className="g")
        rows = [_table_row(row) for row in group.rows]
        small = [_supporting_row(item) for item in group.supporting]
        bodies.append(html.Tbody([title, *rows, *small]))
    return html.Table([html.Caption(caption, className="vh"), html.Thead(head), *bodies], className="score")


def _table_row(row: IndicatorRow) -> Component:
    return html.Tr(
        [
            html.Th([*_name(row), *_source(row)], scope="row"),
            html.Td(_latest(row), className="latest"),
            html.Td(_standard(row)),
            html.Td(_gap(row)),
            html.Td(_spark(row)),
            html.Td(_parts(row), className="trusts"),
        ]
    )


def _supporting_row(item: SupportLine) -> Component:
    name = html.Th(dcc.Link(item.name, href=item.href), scope="row")
    return html.Tr([name, html.Td(_supporting(item), colSpan=len(_HEADS) - 1)], className="minor")


def _supporting(item: SupportLine) -> list[Any]:
    figures = [
        html.Li([dcc.Link(f.name, href=f.href), " ", html.B(f.value, title=f.counts)]) for f in item.figures
    ]
    tail = ", ".join(part for part in (item.beside, item.period, item.status) if part)
    return [html.Ul(figures, className="minors"), html.Span(tail, className="tiny sec")]


def _listed(group: RowGroup) -> list[Component]:
    small = [
        html.Div([html.P(dcc.Link(item.name, href=item.href), className="small"), *_supporting(item)])
        for item in group.supporting
    ]
    folded = [disclosure("Supporting figures", *small, class_name="minor")] if small else []
    heading = html.H3(_heading(group), className="g")
    return [heading, *(_listed_row(row) for row in group.rows), *folded]


def _listed_row(row: IndicatorRow) -> Component:
    summary = [
        html.Span(row.name, className="nm"),
        html.Span([row.value, html.Span(_summary_words(row), className="tiny sec")], className="v"),
    ]
    pairs = (("Latest", _latest(row)), ("Standard", _standard(row)), ("Gap", _gap(row)))
    content = html.Dl([html.Div([html.Dt(name), html.Dd(cell)]) for name, cell in pairs], className="k3")
    links = html.P(
        [dcc.Link("Trend", href=row.href), dcc.Link(f"All {row.parts_words}", href=row.variation_href)],
        className="links",
    )
    said = html.P(row.sentence, className="small sec")
    return disclosure(
        summary,
        said,
        content,
        _spark(row),
        *_parts(row),
        links,
        *_source(row),
        opened=row.verdict.tone == SHORT,
    )


def _summary_words(row: IndicatorRow) -> str:
    told = row.verdict
    if told.tone == SHORT and not told.against:
        return f"{told.headline} short"
    return told.note or (f"{told.headline} {told.detail}" if told.against else told.headline)


def _name(row: IndicatorRow) -> list[Any]:
    said = [html.Span(row.sentence, className="sent")] if row.sentence else []
    return [dcc.Link(row.name, href=row.href), *said]


def _source(row: IndicatorRow) -> list[Component]:
    return [provenance_list(row.provenance, "Source")] if row.provenance else []


def _latest(row: IndicatorRow) -> list[Any]:
    notes = (row.unit, row.counts, row.interval, row.whose)
    when = ", ".join(part for part in (row.period, row.status) if part)
    shown = [html.Span(note, className="tiny sec") for note in (*notes[:2], when, *notes[2:]) if note]
    return [html.B(row.value, className="v"), *shown]


def _standard(row: IndicatorRow) -> list[Any]:
    notes = [html.Span(note, className="tiny sec") for note in row.standard.notes]
    return [html.B(row.standard.level, className="st"), *notes]


def _gap(row: IndicatorRow) -> list[Any]:
    told = row.verdict
    direct = told.tone == SHORT and not told.note
    notes = [html.Span(note, className="tiny sec") for note in (told.detail, told.note) if note]
    return [html.B(told.headline, className="gap bad" if direct else "gap"), *notes]


def _spark(row: IndicatorRow) -> Component:
    return image(data_address(sparkline_svg(row.sparkline)), row.sparkline.label, WIDTH, HEIGHT)


def _parts(row: IndicatorRow) -> list[Any]:
    parts: list[Any] = []
    if row.strip is not None:
        parts.append(image(data_address(strip_svg(row.strip)), row.strip.label, WIDTH, STRIP_HEIGHT))
    if row.parts:
        parts.append(html.Ul([_part(item) for item in row.parts], className="four"))
    parts += [html.Span(f"{note}.", className="tiny sec") for note in row.parts_notes]
    if row.newer is not None:
        parts.append(dcc.Link(row.newer[0], href=row.newer[1], className="tiny"))
    return parts


def _part(item: PartFigure) -> Component:
    tone = "bad" if item.tone == SHORT else ""
    return html.Li(
        [dcc.Link(item.name, href=item.href), html.B(item.value, className=tone, title=item.counts)]
    )
