"""The cards of an organisation's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from db.domain import ALL
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import listing
from stp_dash.charts.svg.bars import AXIS_HEIGHT, BAR_HEIGHT, DOT_HEIGHT, axis_svg, bar_svg, dot_svg
from stp_dash.charts.svg.icons import SIZE as ICON
from stp_dash.charts.svg.icons import variation_svg
from stp_dash.charts.svg.shortfall_bars import bars_svg
from stp_dash.charts.svg.sparkline import HEIGHT as SPARK_HEIGHT
from stp_dash.charts.svg.sparkline import WIDTH as SPARK_WIDTH
from stp_dash.charts.svg.sparkline import data_address, sparkline_svg
from stp_dash.charts.svg.spine import HEIGHT, WIDTH, WORSE, Spine, spine_svg
from stp_dash.charts.theme import BLUE, DARK
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria, card, card_head, disclosure, image, key, tabs
from stp_dash.frame.figure_card import figure_card
from stp_dash.pages.organisation.cancer import CutRow, CutsView
from stp_dash.pages.organisation.staffing import StaffingView
from stp_dash.pages.organisation.state import OrganisationState
from stp_dash.pages.organisation.stroke import StrokeView
from stp_dash.pages.organisation.words import OrganisationProfile, ProfileRow

_TABLET, _PHONE = 560, 304
_DOTS, _PHONE_DOTS, _BROAD_DOTS = 232, 288, 620
_BROAD_BARS = 1040
_PALE = "#B7C8D8"
"""The first bar, of all people, under words of its own."""
_GROW = 1.5
"""How much larger the line of quarters stands than in a table."""


def ends_card(view: OrganisationProfile) -> Component | None:
    """What lies furthest from the one compared with, in both directions; None where nothing is judged."""
    if not view.above and not view.below:
        return None
    worse, better = (
        f"Nothing is {way} than {view.judged_beside} beyond chance." for way in ("worse", "better")
    )
    both = [
        _ends(f"Furthest worse than {view.judged_beside}", view.below, worse),
        _ends(f"Furthest better than {view.judged_beside}", view.above, better),
    ]
    return card(html.Div(both, className="abreast"))


def _ends(title: str, rows: Sequence[ProfileRow], none: str) -> Component:
    items = [
        html.Li(
            [
                html.Div([dcc.Link(row.name, href=row.line.href), *_of_period(row)]),
                html.B(row.value),
                html.Span(_gap_of_what(row)),
            ]
        )
        for row in rows
    ]
    body: Component = html.Ol(items, className="furthest") if items else html.P(none, className="small sec")
    return html.Div([html.H2(title, className="minor-title"), body])


def _of_period(row: ProfileRow) -> list[Component]:
    """The period of a figure in a list that has those of several."""
    period = row.line.period
    return [html.Span(period.short_label, className="tiny")] if period else []


def _gap_of_what(row: ProfileRow) -> str:
    """`26 short of 75%`: in a list beside England the standard is named."""
    return f"{row.gap} of {row.standard}" if row.short and row.line.standard else row.gap


def profile_card(state: OrganisationState, view: OrganisationProfile, sheet: Sheet) -> Component:
    """The spine chart: one row for each indicator."""
    width = state.request.width
    drawn = {"phone": _phone_rows, "tablet": _tablet_rows}.get(width, _desktop_rows)(state, view)
    about = [
        html.P(
            "The middle of each bar is the figure compared with, and better is always to the right. Half a bar is the "
            "distance to the 5th or 95th percentile of all, whichever is further, or to the figure itself beyond them. "
            "What lies further out is drawn at the end. Shares of fewer than 20 patients are left out of the bands, "
            "unless half of all or more are so small."
        ),
        html.P(
            "Better and worse: the whole 95% interval lies on one side. Posts are all that there are, so their rates "
            "are compared as they are. Medians, scores and levels come without counts and are not judged."
        ),
    ]
    return figure_card(
        state.request,
        state.address(),
        sheet,
        [drawn, _key(view)],
        sentence=view.sentence,
        foot=f"{_of_bars(view)} {_of_steps(view)}".strip(),
        about=about if view.compared else (),
    )


def _of_bars(view: OrganisationProfile) -> str:
    return "Bars are scaled so that better is always to the right." if view.compared else ""


def _of_steps(view: OrganisationProfile) -> str:
    """What the standard means beside a part of the patients."""
    steps = any(row.line.breakdown != ALL and row.line.standard for row in view.rows)
    return "Steps of a pathway stand beside the standard of all patients together." if steps else ""


def _key(view: OrganisationProfile) -> Component:
    rows = view.rows
    marks = {row.mark for row in rows if row.line.value is not None}
    intervals = list(dict.fromkeys(row.line.indicator.interval_label for row in rows if row.line.interval))
    items = [
        ("diamond", f"Worse than {view.judged_beside}", "worse" in marks),
        ("dot", "Similar", "similar" in marks),
        ("triangle", f"Better than {view.judged_beside}", "better" in marks),
        ("dot ours", "Not judged: no counts, or no better side", "unjudged" in marks and view.compared),
        ("dot hollow", "Hollow: provisional", any(row.line.provisional for row in rows)),
        ("span", listing(intervals), bool(intervals)),
        ("bands", f"All, middle half: {view.kinds}", bool(view.kinds) and view.compared),
        ("tick", "Standard", any(row.line.standard for row in rows)),
    ]
    return key([(mark, words) for mark, words, shown in items if shown])


def _spine(chart: Spine | None, width: int) -> Component | str:
    if chart is None:
        return html.Span("Nothing to compare with", className="tiny sec")
    return image(data_address(spine_svg(chart, width)), chart.label, width, HEIGHT)


def _desktop_rows(state: OrganisationState, view: OrganisationProfile) -> Component:
    heads = _heads(state, view)
    if view.compared:
        heads.insert(-2, html.Th(_axis_words(view), scope="col", className="axis"))
    body: list[Component] = []
    for group, rows in view.groups:
        body.append(
            html.Tr(html.Th(_group(group, view), colSpan=len(heads), scope="colgroup"), className="g")
        )
        for row in rows:
            drawn = [html.Td(_spine(row.spine, WIDTH), className="spine")] if view.compared else []
            body.append(html.Tr([*_cells(row, view), *drawn, *_ending(row)]))
    return _table(sheet_caption(state, view), heads, body)


def _heads(state: OrganisationState, view: OrganisationProfile) -> list[Component]:
    """The columns of numbers and words; that of England's figures only where something stands beside them."""
    beside = [html.Th(view.beside, scope="col", className="n")] if view.compared else []
    return [
        html.Th("Indicator", scope="col"),
        html.Th(state.name, scope="col", className="n"),
        *beside,
        html.Th("Standard", scope="col", className="n"),
        html.Th("Gap", scope="col"),
        html.Th("Variation", scope="col"),
    ]


def _tablet_rows(state: OrganisationState, view: OrganisationProfile) -> Component:
    """The picture of each row stands under its numbers."""
    heads = _heads(state, view)
    body: list[Component] = []
    for group, rows in view.groups:
        body.append(
            html.Tr(html.Th(_group(group, view), colSpan=len(heads), scope="colgroup"), className="g")
        )
        for row in rows:
            body.append(html.Tr([*_cells(row, view), *_ending(row)], className="upper"))
            if view.compared:
                body.append(
                    html.Tr(html.Td(_spine(row.spine, _TABLET), colSpan=len(heads), className="spine"))
                )
    return _table(sheet_caption(state, view), heads, body)


def _group(head: str, view: OrganisationProfile) -> list[Any]:
    """A heading, and of when its figures are where a row does not say another period."""
    when = view.when.get(head, "")
    return [head, " ", html.Span(when, className="tiny sec of-when")] if when else [head]


def sheet_caption(state: OrganisationState, view: OrganisationProfile) -> str:
    """What the numbers of the page are, above their table."""
    return f"Every indicator of {state.name}" + (f" beside {view.beside}" if view.compared else "")


def _table(caption: str, heads: Sequence[Component], body: Sequence[Component]) -> Component:
    return html.Table(
        [html.Caption(caption, className="vh"), html.Thead(html.Tr(list(heads))), html.Tbody(list(body))],
        className="profile",
    )


def _axis_words(view: OrganisationProfile) -> Component:
    words = [html.Span("← worse"), html.B(view.beside), html.Span("better →")]
    return html.Div(words, className="axis-words")


def _cells(row: ProfileRow, view: OrganisationProfile) -> list[Component]:
    """Name, value with counts, the one compared with, the standard."""
    beside = (
        [] if row.beside_name in ("", view.beside) else [html.Span(row.beside_name, className="tiny sec")]
    )
    return [
        html.Th(_name(row), scope="row"),
        html.Td(
            [html.B(row.value), *_of_when(row), html.Span(row.counts, className="tiny sec")], className="n"
        ),
        *([html.Td([html.Span(row.beside or "none"), *beside], className="n")] if view.compared else []),
        html.Td(row.standard, className="n"),
    ]


def _of_when(row: ProfileRow) -> list[Component]:
    """The date beside the value of a figure that is old."""
    return [html.Span(row.aged, className="tiny")] if row.aged else []


def _name(row: ProfileRow) -> list[Component]:
    """The name leads to the trend; under it, whose figure and of when where that is not the usual, and the others."""
    notes = " · ".join(part for part in (row.line.team, row.when) if part)
    told = [html.Span(notes, className="tiny sec")] if notes else []
    kind = row.line.comparison
    others = (
        [dcc.Link(f"All {kind.plural}", href=row.line.variation_href, className="tiny more")]
        if kind is not None
        else []
    )
    return [dcc.Link(row.name, href=row.line.href), *told, *others]


def _ending(row: ProfileRow) -> list[Component]:
    return [html.Td(_gap(row)), html.Td(_variation(row))]


def _gap(row: ProfileRow) -> Component:
    return html.Span(row.gap, className="bad gap-words" if row.short else "gap-words")


def _variation(row: ProfileRow) -> Component:
    """The icon beside its words; a level has no limits and no icon."""
    words = html.Span(row.variation)
    if not row.line.controlled.charted:
        return html.Div(words, className="vary")
    icon = image(data_address(variation_svg(row.line.controlled.analysed.variation)), "", ICON, ICON)
    return html.Div([icon, words], className="vary")


def _phone_rows(state: OrganisationState, view: OrganisationProfile) -> Component:
    """Rows as disclosures; those that are short or worse stand open."""
    parts: list[Component] = []
    for group, rows in view.groups:
        parts.append(html.H3(_group(group, view), className="g"))
        parts += [_phone_row(row, compared=view.compared) for row in rows]
    return html.Div(parts, className="rows spines")


def _phone_row(row: ProfileRow, *, compared: bool) -> Component:
    headline = [html.Span(row.value), *_of_when(row)]
    if row.gap:
        headline.append(html.Span(row.gap, className="tiny bad" if row.short else "tiny sec"))
    summary = [html.Span(row.name, className="nm"), html.Span(headline, className="v")]
    without = "Nothing to compare with" if compared else ""
    beside = f"{row.beside_name} {row.beside}" if row.beside else without
    told = " · ".join(
        part for part in (row.counts, beside, f"Standard {row.standard}" if row.line.standard else "") if part
    )
    links = [dcc.Link("Trend", href=row.line.href)]
    if row.line.comparison is not None:
        links.append(dcc.Link(f"All {row.line.comparison.plural}", href=row.line.variation_href))
    notes = " · ".join(part for part in (row.line.team, row.when) if part)
    return disclosure(
        summary,
        _spine(row.spine, _PHONE) if compared else None,
        html.P(told, className="tiny sec"),
        html.P(notes, className="tiny sec") if notes else None,
        _variation(row),
        html.Div(links, className="links"),
        opened=row.line.breakdown == ALL and (row.short or row.mark == WORSE),
    )


def groups_card(
    state: OrganisationState, view: CutsView, choices: Sequence[tuple[str, str, bool]], span: int
) -> Component:
    """An indicator by tumour group: dots with intervals on one scale, and the patients short of each."""
    phone = state.request.width == "phone"
    broad = span == 12 and state.request.width == "desktop"
    width = _PHONE_DOTS if phone else _BROAD_DOTS if broad else _DOTS
    counted = view.indicator.gap_unit.rsplit(" ", 1)[-1]
    share = html.Span(f"Share, with 95% interval; standard {view.standard or 'none'}", className="vh")
    heads = [
        html.Th("Tumour group", scope="col"),
        html.Th("In time / all", scope="col", className="n"),
        *([] if phone else [html.Th(share, scope="col")]),
        html.Th(f"{counted.capitalize()} short", scope="col", className="n"),
    ]
    body = [part for row in view.rows for part in _group_rows(row, view, width, phone=phone)]
    axis = image(data_address(axis_svg(view.scale, width)), "", width, AXIS_HEIGHT)
    ends: list[Component] = [html.Td(axis, className="dots", colSpan=3)]
    if not phone:
        ends = [html.Td(), html.Td(), html.Td(axis, className="dots"), html.Td()]
    table = html.Table(
        [
            html.Caption(view.sheet.caption, className="vh"),
            html.Thead(html.Tr(heads)),
            html.Tbody(body),
            html.Tfoot(html.Tr(ends, **aria(hidden="true"))),
        ],
        className="groups broad" if broad else "groups",
    )
    chosen = [tabs("Which standard", choices)] if len(choices) > 1 else []
    marks = [("diamond", "Below the standard"), ("dot", "Could be chance"), ("triangle", "Above it")]
    foot = (
        f"Line at {view.standard}: the standard, which is of all patients together. Bars: 95% Wilson interval."
        if view.standard
        else "Bars: 95% Wilson interval."
    )
    return figure_card(
        state.request,
        state.address(),
        view.sheet,
        [*chosen, table, key([*marks, *_hollow(view)])],
        sentence=view.sentence,
        foot=foot,
        span=span,
    )


def _group_rows(row: CutRow, view: CutsView, width: int, *, phone: bool) -> list[Component]:
    """A group's row; on a phone its picture stands under it."""
    drawn = image(data_address(dot_svg(row.dot, view.scale, width)), row.dot.label, width, DOT_HEIGHT)
    name = html.Th(dcc.Link(row.name, href=row.href), scope="row")
    counts = html.Td(row.counts.replace(" of ", " / "), className="n tiny sec")
    short = html.Td(row.gap, className="n short" if row.short else "n sec")
    if phone:
        under = html.Tr(html.Td(drawn, colSpan=3, className="dots"), className="drawn-under")
        return [html.Tr([name, counts, short], className="named-above"), under]
    return [html.Tr([name, counts, html.Td(drawn, className="dots"), short])]


def _hollow(view: CutsView) -> list[tuple[str, str]]:
    return [("dot hollow", "Hollow: provisional")] if any(row.dot.hollow for row in view.rows) else []


def stroke_card(state: OrganisationState, view: StrokeView, span: int) -> Component:
    """Who could be treated, who was, and who in time, side by side; the quarters; and the median."""
    colours = [_PALE, BLUE, BLUE, DARK] if len(view.steps) > 3 else [_PALE, BLUE, DARK]
    rows = [
        html.Tr(
            [
                html.Th(step.name, scope="row"),
                html.Td(html.B(f"{step.count:,.0f}"), className="n"),
                html.Td([_bar(step.share, colour), html.Span(step.note, className="tiny sec")]),
            ]
        )
        for step, colour in zip(view.steps, colours, strict=True)
    ]
    steps = html.Table(
        [html.Caption(f"{view.sheet.title}, {view.span}", className="vh"), html.Tbody(rows)],
        className="steps-table",
    )
    medians = [
        html.P([html.B(f"{head}: "), html.Span(words)], className="small") for head, words in view.medians
    ]
    return figure_card(
        state.request,
        state.address(),
        view.sheet,
        [steps, *_quarters(view), *medians],
        sentence=view.sentence,
        foot=f"{view.span[:1].upper()}{view.span[1:]}. Team-centred: each patient belongs to one team.",
        span=span,
    )


def _bar(share: float, colour: str) -> Component:
    return html.Img(
        src=data_address(bar_svg(share, colour)), alt="", className="bar-image", height=BAR_HEIGHT
    )


def _quarters(view: StrokeView) -> list[Component]:
    if view.spark is None:
        return []
    drawn = image(
        data_address(sparkline_svg(view.spark)),
        view.spark.label,
        round(SPARK_WIDTH * _GROW),
        round(SPARK_HEIGHT * _GROW),
    )
    return [
        html.H3(dcc.Link(view.spark_title, href=view.spark_href), className="minor-title"),
        html.P(view.spark_words, className="small sec"),
        drawn,
        html.P([html.Span(words) for words in view.spark_ends], className="spark-span tiny sec"),
    ]


def staffing_card(state: OrganisationState, view: StaffingView, span: int) -> Component:
    """Posts short by each way of counting."""
    broad = span == 12 and state.request.width == "desktop"
    chart = replace(view.chart, width=_BROAD_BARS) if broad else view.chart
    drawn = image(data_address(bars_svg(chart)), chart.label, *chart.size)
    foot = f"{view.covered} Short: what England's rate would give, less the posts that there are.".strip()
    return figure_card(
        state.request, state.address(), view.sheet, [drawn], sentence=view.sentence, foot=foot, span=span
    )


def belongs_card(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Component | None:
    """What the organisation belongs to and what belongs to it, as links; None without any."""
    shown = [(head, links) for head, links in groups if links]
    if not shown:
        return None
    parts = []
    for head, links in shown:
        items = [html.Li(dcc.Link(words, href=address)) for words, address in links]
        parts.append(html.Div([html.H3(head, className="minor-title"), html.Ul(items, className="belongs")]))
    return card(card_head(title), html.Div(parts, className="abreast"))
