"""Trend: one organisation over time under process limits, with the standard as it was and the breaks of the series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from db.domain import ALL, ENGLAND, Maturity, OrganisationType
from db.domain.holdings import DataVersion
from stp_dash.analysis import signals
from stp_dash.analysis.kinds import breakdown_text
from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.analysis.standing.comparator import comparator_code
from stp_dash.analysis.standing.verdict import SHORT
from stp_dash.analysis.wording import date_text, month_code
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.svg.icons import SIZE, assurance_svg, variation_svg
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import Choice, Control, card, card_head, image, key, notice, plot, table
from stp_dash.elements.links import OVERVIEW, TREND, VARIATION, download_address, kept
from stp_dash.frame.figure_card import TABLE, figure_card
from stp_dash.frame.request import PageRequest, Width
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.trend.rail import mark, rail
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.rows import TrendRow
from stp_dash.pages.trend.state import AREAS, TrendState
from stp_dash.pages.trend.view import KeyStrip, Trend, trend
from stp_dash.statistics.profiles import PROFILES

FIRST_ROWS, PHONE_ROWS = 12, 8
_PHONE = frozenset({"period", "value", "standard", "status"})
_TABLET = _PHONE | {"short_by", "point_type", "reason"}
SHORT_COLUMNS: Mapping[Width, frozenset[str]] = {
    "phone": _PHONE,
    "tablet": _TABLET,
    "desktop": _TABLET | {"numerator", "denominator", "lower_process_limit"},
}
"""The columns of the short table that there is room for, by the key of their download."""


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=&breakdown=&compare=&to=&shown=&restart=&rules=`; each has a default.

    `to` is the month that is looked back from as if it were the latest; `shown` is the last month drawn, under the
    same limits; `restart` a month at which limits might start again. `published` and `version` are kept.
    """
    state = TrendState(TrendReader(request, connection, version))
    controls = _controls(request, state)
    view = trend(state.read())
    crumbs = (
        (request.site.settings.area.name, state.elsewhere(OVERVIEW)),
        (state.indicator.topic, ""),
        (state.indicator.short_name, ""),
    )
    if view is None:
        title, body = _nothing(request, state)
        return Page(
            title, [*_as_of(request, state), *body], crumbs=crumbs, controls=controls, state=state.address()
        )
    cards = html.Div(_cards(request, state, view), className="grid trend")
    body = [*_as_of(request, state), _strip(view.strip), *_previewed(state), cards]
    owners = [state.indicator.owner]
    return Page(view.title, body, view.lede, crumbs, controls, state.address(), owners, [view.sheet])


# --- controls --------------------------------------------------------------------------------------------------


def _controls(request: PageRequest, state: TrendState) -> list[Control]:
    cut = state.addresses("breakdown")
    cuts = tuple(
        Choice(
            breakdown_text(item, state.indicator),
            state.address(breakdown=None) if item == ALL else cut(item),
            item == state.breakdown,
        )
        for item in state.breakdowns
    )
    rules = tuple(
        Choice(
            {"national": "National", "nhs-r": "NHS-R"}.get(name, name),
            state.address(rules=None if name == "national" else name),
            name == state.rules,
        )
        for name in PROFILES
    )
    return [
        Control("indicator", "Indicator", _indicators(request, state)),
        Control("organisation", "Organisation", _organisations(request, state)),
        Control("compare", "Compare with", _compared(request, state)),
        Control("breakdown", "Breakdown", cuts if len(cuts) > 1 else ()),
        Control("rules", "Rules", rules),
    ]


def _indicators(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    left_out = {"breakdown": None, "compare": None, "to": None, "shown": None, "restart": None}
    other = state.addresses("indicator", **left_out)
    return tuple(
        Choice(item.short_name, state.address(), chosen=True)
        if item.id == state.indicator.id
        else Choice(item.short_name, other(item.id))
        for item in request.site.store.catalogue.indicators.values()
    )


def _organisations(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    """Ours first where they have figures or could have, then England, then the others by name."""
    area, names = state.area, request.site.names()
    held = {item.code: item for item in state.choices}
    first = [area.commissioner, *area.trusts, *(code for code in area.ccgs if code in held), ENGLAND]
    types = set(state.indicator.organisation_types)
    if OrganisationType.TRUST not in types:
        first = [code for code in first if code not in area.trusts]
    if not AREAS & types:
        first = [code for code in first if code in held]
    ours = [(code, f"{names.get(code, code)} ({code})" if code != ENGLAND else "England") for code in first]
    listed = dict(
        [*ours, *((code, f"{item.name} ({code})") for code, item in held.items() if code not in first)]
    )
    listed.setdefault(state.organisation, f"{state.name} ({state.organisation})")
    other = state.addresses("organisation", breakdown=None, to=None, shown=None, restart=None, compare=None)
    return tuple(
        Choice(text, other(code))
        if code != state.organisation
        else Choice(text, state.address(), chosen=True)
        for code, text in listed.items()
    )


def _compared(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    """The usual comparator, the area and its region, our trusts and former CCG areas, as far as they have figures."""
    names = request.site.names()
    held = {item.code: item.name for item in state.choices}
    usual = comparator_code(
        state.indicator, state.reader.version.loaded_on or request.site.today(), set(held)
    )
    codes = [state.area.commissioner, *_regions(request, state), *state.area.trusts, *state.area.ccgs]
    if state.compare and state.compare not in codes:
        codes.append(state.compare)
    others = [c for c in codes if (c in held or c == state.compare) and c not in {state.organisation, usual}]
    first = held.get(usual, "England").split(" (", 1)[0] if usual != state.organisation else "Nobody"
    return (
        Choice(first, state.address(compare=None), not state.compare),
        *(
            Choice(
                names.get(code) or held.get(code, code), state.address(compare=code), code == state.compare
            )
            for code in others
        ),
    )


def _regions(request: PageRequest, state: TrendState) -> list[str]:
    """The regions that the area belongs to."""
    known = request.site.store.catalogue.organisations
    own = known.get(state.area.commissioner)
    parents = [parent.code for parent in own.parents] if own else []
    return [code for code in parents if code in known and known[code].type is OrganisationType.REGION]


# --- the page --------------------------------------------------------------------------------------------------


def _as_of(request: PageRequest, state: TrendState) -> list[Component]:
    """Which time the figures are of, where it is not now."""
    as_of = request.as_of()
    if as_of.now or as_of.version == state.reader.version.number:
        return []
    words = f"As the store held them at data version {as_of.version}."
    if as_of.published_by is not None:
        words = f"As published by {date_text(as_of.published_by)}: later figures and revisions are left out."
    today = dcc.Link("The figures of today", href=state.address_now())
    return [html.P([html.B(words), " ", today], className="asof")]


def _previewed(state: TrendState) -> list[Component]:
    if state.restart is None:
        return []
    words = (
        f"Chart, table and reasons are drawn as if limits restarted in {state.restart:%B %Y}. Title and key figures "
        "are as recorded. Nothing is recorded by looking."
    )
    leave = dcc.Link("Leave the preview", href=state.address(restart=None))
    return [notice("Preview, not recorded", html.P([words, " ", leave]), tone="late")]


def _nothing(request: PageRequest, state: TrendState) -> tuple[str, list[Component]]:
    """No figure: what is missing, and the nearest that there is."""
    ends = (state.held[0], state.held[-1]) if state.held and request.as_of().now else ()
    links = [(f"To {item.label}", state.address(to=month_code(item), shown=None)) for item in ends]
    if not request.as_of().now:
        links.append(("The figures of today", state.address_now()))
    links.append(
        ("All organisations for this indicator", state.elsewhere(VARIATION, indicator=state.indicator.id))
    )
    said = f"The store holds no figure of {state.indicator.short_name} for {state.name} here."
    published = request.as_of().published_by
    if published is not None:
        said = f"{said.removesuffix(' here.')} that had been published by {date_text(published)}."
    items = html.Ul([html.Li(dcc.Link(text, href=address)) for text, address in links])
    title = f"{state.indicator.short_name}: no figure for {state.name}"
    return title, [html.Div(notice("Nearest pages", html.P(said), items), className="grid")]


def _strip(given: KeyStrip) -> Component:
    """Five cells: the figure, its standard, the gap, and the two icons beside their words."""
    told, analysed = given.verdict, given.control.analysed
    bad = "bad" if told.tone == SHORT and not told.note else ""
    detail = " · ".join(part for part in (told.detail, told.note) if part)
    icons = (
        (
            "Variation",
            variation_svg(analysed.variation),
            signals.variation_words(given.control),
            given.variation_note,
        ),
        (
            "Assurance",
            assurance_svg(analysed.assurance, has_target=analysed.target is not None),
            signals.assurance_words(given.control),
            given.assurance_note,
        ),
    )
    cells = [
        _cell(given.period, given.value, given.value_note),
        _cell("Standard", given.standard.level, " · ".join(given.standard.notes)),
        _cell("Gap", told.headline, detail, bad),
        *[_icon_cell(head, svg, words, note) for head, svg, words, note in icons],
    ]
    return html.Dl(cells, className="card kpi strip")


def _cell(head: str, value: str, note: str, tone: str = "") -> Component:
    return html.Div([html.Dt(head), html.Dd([html.B(value, className=tone), html.Span(note)])])


def _icon_cell(head: str, svg: str, words: str, note: str) -> Component:
    drawn = image(data_address(svg), "", SIZE, SIZE)
    return html.Div([html.Dt(head), html.Dd([drawn, html.B(words), html.Span(note)])], className="with-icon")


def _cards(request: PageRequest, state: TrendState, view: Trend) -> list[Component]:
    words = f"{view.label}. {view.finding} The table holds every number."
    drawing = [plot(trend_figure(view.chart), words), _key(view), *_steps(state, view)]
    chart = figure_card(
        request,
        state.address(),
        _on_paper(view.sheet) if request.printing else view.sheet,
        drawing,
        sentence=view.finding,
        foot=view.method,
        about=_about(state),
        span=9,
    )
    short = request.parameters.get(TABLE) != view.sheet.name and not request.printing
    return [chart, rail(state, view), *([_short_table(request, state, view)] if short else [])]


def _on_paper(sheet: Sheet) -> Sheet:
    """The sheet without the columns that a page of paper has no room for: reasons stand in a card of their own."""
    left_out = {"compared_value", "file", "reason"}
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
            signals.POINT_WORDS["common_cause"] if view.limits else view.chart.name,
            "common_cause" in kinds,
        ),
        ("triangle", signals.POINT_WORDS["improvement"], "improvement" in kinds),
        ("diamond", signals.POINT_WORDS["concern"], "concern" in kinds),
        ("square", signals.POINT_WORDS["neither"], "neither" in kinds),
        ("dot hollow", "Hollow: provisional", any(point.provisional for point in points)),
        ("rule standard", "Standard", any(point.standard is not None for point in points)),
        ("rule interim", view.wished_name, bool(view.wished_name)),
        ("rule mean", "Mean", any(point.mean is not None for point in points)),
        ("rule limit", "Process limits", any(point.upper is not None for point in points)),
        ("rule comparator", view.compared_name, any(point.comparator is not None for point in points)),
        ("rule rolling", view.rolling_name, any(point.rolling is not None for point in points)),
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
    return card(head, shown, span=9)


def _table_cells(
    view: Trend, rows: Sequence[TrendRow], width: Width
) -> tuple[list[str], list[list[Component | str]], list[int]]:
    """Heads, rows and the numeric columns of the short table, from the sheet's own words."""
    columns = [item for item in view.sheet.table if item.key in SHORT_COLUMNS[width]]
    cells: list[list[Component | str]] = []
    for place, row in enumerate(rows):
        cells.append([_table_cell(column, place, row, phone=width == "phone") for column in columns])
    numeric = [place for place, column in enumerate(columns) if column.numeric]
    return [column.heading for column in columns], cells, numeric


def _table_cell(column: Column, place: int, row: TrendRow, *, phone: bool) -> Component | str:
    """A cell's words; beside those of the point's type, on a phone of its status, stands its mark."""
    words = column.shown[place]
    marked = "status" if phone else "point_type"
    if column.key != marked or row.known is None or not row.charted:
        return words
    hollow = row.known.maturity is Maturity.PROVISIONAL
    parts: list[Component | str] = [mark(row.kind, above=row.above, hollow=hollow), words]
    if phone:
        parts.insert(1, html.Span(f"{signals.POINT_WORDS[row.kind]}, ", className="vh"))
    return html.Span(parts, className="point")


PAGE = PageSpec(TREND, "Trend", build, in_navigation=True, plotted=True)
