"""Trend: one organisation over time, with the standard as it was and the breaks of the series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dash import dcc, html
from dash.development.base_component import Component
from sqlalchemy import Connection

from db.catalogue import earlier_names
from db.domain import ALL, ENGLAND, Frequency, OrganisationType, Period
from db.queries import (
    DataVersion,
    breakdowns_with,
    latest_periods,
    members_of,
    organisations_named,
    organisations_with,
    periods_with,
    readings,
)
from db.settings import AreaSettings
from stp_dash.charts.trend import trend_figure
from stp_dash.components import (
    Choice,
    Control,
    card,
    card_foot,
    card_head,
    disclosure,
    key,
    notice,
    plot,
    table,
    tabs,
)
from stp_dash.links import OVERVIEW, TREND, VARIATION, href
from stp_dash.pages.page import Page
from stp_dash.pages.provenance import provenance_list
from stp_dash.pages.reading import steps_of
from stp_dash.pages.request import PageRequest, ParameterError
from stp_dash.views.area import codes_of, index_readings
from stp_dash.views.beside import SideFigure
from stp_dash.views.comparator import comparator_codes
from stp_dash.views.series import comparable_frequencies, holding
from stp_dash.views.trend import Trend, TrendInput, TrendNote, trend
from stp_dash.views.variation import breakdown_text
from stp_dash.views.verdict import SHORT
from stp_dash.views.wording import month_code

FIRST_ROWS = 12
_LISTED = (
    OrganisationType.COUNTRY,
    OrganisationType.REGION,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
)
"""Practices are too many for a list: their pages are reached by link."""
_AREAS = frozenset(_LISTED) - {OrganisationType.STROKE_TEAM, OrganisationType.COUNTRY}


class _State:
    """The page's state: what was asked, or the default, checked against what there is."""

    def __init__(self, request: PageRequest, connection: Connection) -> None:
        self.indicator = request.indicator({item.indicator for item in latest_periods(connection)})
        self.breakdown = request.parameters.get("breakdown", ALL)
        self.until = request.month("to")
        self.view = request.one_of("view", ("chart", "table"), "chart or table") or "chart"
        area = request.site.settings.area
        self.choices = organisations_with(connection, indicator_code=self.indicator.id, types=_LISTED)
        self.organisation = request.parameters.get("organisation") or self._first(area, connection)
        self.name = self._known_name(request, connection)

    def _first(self, area: AreaSettings, connection: Connection) -> str:
        """The area, or where an indicator has no figure for areas, the first of its teams."""
        if not self.choices or _AREAS & {item.type for item in self.choices}:
            return area.commissioner
        ours = members_of(connection, parents=area.trusts, types=[item.type for item in self.choices])
        held = {item.code for item in self.choices}
        return next((item.code for item in ours if item.code in held), area.commissioner)

    def _known_name(self, request: PageRequest, connection: Connection) -> str:
        """The organisation's name. Raises ParameterError for a code that nobody bears."""
        code, area = self.organisation, request.site.settings.area
        names = request.site.names()
        if code in {item.code for item in self.choices} | set(names) | {area.commissioner, ENGLAND}:
            listed = {item.code: item.name for item in self.choices}
            return names.get(code) or listed.get(code, code)
        stored = organisations_named(connection, [code])
        if code in stored:
            return stored[code].name
        links = tuple(
            (names.get(other, other), self.address(organisation=other))
            for other in (area.commissioner, *area.trusts)
        )
        raise ParameterError("organisation", code, "the code of an organisation", links)

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        parameters: dict[str, str | None] = {
            "indicator": self.indicator.id,
            "organisation": getattr(self, "organisation", None),
            "breakdown": None if self.breakdown == ALL else self.breakdown,
            "to": f"{self.until:%Y-%m}" if self.until else None,
            "view": None if self.view == "chart" else self.view,
        }
        return href(TREND, **{**parameters, **changed})


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=&breakdown=&to=YYYY-MM&view=`; each has a default."""
    state = _State(request, connection)
    controls = _controls(request, connection, state)
    view = trend(_read(request, connection, state))
    crumbs = (
        (request.site.settings.area.name, OVERVIEW),
        (state.indicator.topic, ""),
        (state.indicator.short_name, ""),
    )
    if view is None:
        title, body = _nothing(request, connection, state)
        return Page(title, body, crumbs=crumbs, controls=controls, state=state.address())
    body = [_key_figures(view), html.Div(_cards(state, view, request), className="grid")]
    return Page(view.title, body, view.lede, crumbs, controls, state.address(), [state.indicator.owner])


def _read(request: PageRequest, connection: Connection, state: _State) -> TrendInput:
    steps = steps_of(request, state.organisation)
    area, indicator = request.site.settings.area, state.indicator
    codes = [
        *codes_of(state.organisation, steps),
        *(area.trusts if state.organisation == area.commissioner else ()),
    ]
    held = periods_with(
        connection, indicators=[indicator.id], organisations=codes, breakdown_key=state.breakdown
    )
    frequencies = comparable_frequencies(indicator.frequency)
    own = [item for item in held if item.frequency in frequencies]
    known = request.site.store.catalogue.indicators
    beside = tuple(known[code] for code in indicator.shown_beside)
    found = readings(
        connection,
        indicators=[indicator.id, *indicator.shown_beside],
        organisations=[*codes, *comparator_codes(indicator)],
        frequencies=frequencies,
        since=min((item.start for item in own), default=date.min),
        until=max((item.start for item in own), default=date.max),
        breakdown_key=state.breakdown,
    )
    return TrendInput(
        indicator=indicator,
        organisation=state.organisation,
        breakdown=state.breakdown,
        index=index_readings(found),
        steps=steps,
        names={**request.site.names(), state.organisation: state.name},
        earlier_names=earlier_names(),
        area=area,
        beside=beside if state.breakdown == ALL else (),
        until=_until(state, own),
        phone=request.width == "phone",
    )


def _until(state: _State, held: Sequence[Period]) -> Period | None:
    """The last period of the window asked for, None if not asked. Raises ParameterError."""
    asked = state.until
    if asked is None or not held:
        return None
    found = holding(held, asked) or next((item for item in held if item.start <= asked), None)
    if found is not None:
        return found
    first = held[-1]
    links = ((f"To {first.label}", state.address(to=month_code(first))),)
    raise ParameterError("to", f"{asked:%Y-%m}", f"a month from {first.label} on", links)


def _controls(request: PageRequest, connection: Connection, state: _State) -> list[Control]:
    indicators = request.site.store.catalogue.indicators.values()
    keys = breakdowns_with(
        connection, indicator_code=state.indicator.id, organisation_code=state.organisation
    )
    cuts = [
        Choice(
            breakdown_text(key, state.indicator),
            state.address(breakdown=None if key == ALL else key),
            key == state.breakdown,
        )
        for key in keys
    ]
    chosen = tuple(
        Choice(
            item.short_name,
            state.address() if item.id == state.indicator.id
            else href(TREND, indicator=item.id, organisation=state.organisation),
            item.id == state.indicator.id,
        )
        for item in indicators
    )  # fmt: skip
    return [
        Control("indicator", "Indicator", chosen),
        Control("organisation", "Organisation", _organisations(request, state)),
        Control("breakdown", "Breakdown", tuple(cuts) if len(cuts) > 1 else ()),
    ]


def _organisations(request: PageRequest, state: _State) -> tuple[Choice, ...]:
    """Ours first where they have figures or could have, then England, then the others by name."""
    area, names = request.site.settings.area, request.site.names()
    held = {item.code: item for item in state.choices}
    first = [area.commissioner, *area.trusts, *(code for code in area.ccgs if code in held), ENGLAND]
    types = set(state.indicator.organisation_types)
    if OrganisationType.TRUST not in types:
        first = [code for code in first if code not in area.trusts]
    if not _AREAS & types:
        first = [code for code in first if code in held]
    ours = [(code, f"{names.get(code, code)} ({code})" if code != ENGLAND else "England") for code in first]
    rest = [(item.code, f"{item.name} ({item.code})") for item in state.choices if item.code not in first]
    listed = dict([*ours, *rest])
    listed.setdefault(state.organisation, f"{state.name} ({state.organisation})")
    return tuple(
        Choice(text, state.address(organisation=code, breakdown=None, to=None), code == state.organisation)
        if code != state.organisation
        else Choice(text, state.address(), chosen=True)
        for code, text in listed.items()
    )


def _nothing(request: PageRequest, connection: Connection, state: _State) -> tuple[str, list[Component]]:
    """No figure: what is missing, and the nearest that there is."""
    name = state.name
    steps = steps_of(request, state.organisation)
    held = periods_with(
        connection,
        indicators=[state.indicator.id],
        organisations=codes_of(state.organisation, steps),
        breakdown_key=state.breakdown,
    )
    links = [
        (f"To {item.label}", state.address(to=month_code(item))) for item in (held[0], held[-1])
    ] if held else []  # fmt: skip
    links.append(("All organisations for this indicator", href(VARIATION, indicator=state.indicator.id)))
    said = f"The store holds no figure of {state.indicator.short_name} for {name} here."
    items = html.Ul([html.Li(dcc.Link(text, href=address)) for text, address in links])
    title = f"{state.indicator.short_name}: no figure for {name}"
    return title, [html.Div(notice("Nearest pages", html.P(said), items), className="grid")]


def _key_figures(view: Trend) -> Component:
    told = view.verdict
    average = told.tone == SHORT and not told.note
    interval = f"95% interval {view.interval}" if view.interval else ""
    cells = [
        (f"{view.period}, {view.status}", view.value, _joined(view.unit, view.counts, interval), ""),
        ("Standard", view.standard.level, _joined(*view.standard.notes), ""),
        ("Gap", told.headline, _joined(told.detail, told.note), "bad" if average else ""),
        (f"{view.comparator_name}, same period", view.comparator, view.comparator_counts, ""),
    ]
    items = [
        html.Div([html.Dt(head), html.Dd([html.B(value, className=tone), html.Span(note)])])
        for head, value, note, tone in cells
    ]
    return html.Dl(items, className="card kpi")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _cards(state: _State, view: Trend, request: PageRequest) -> list[Component]:
    views = tabs(
        "Chart or table",
        (
            ("Chart", state.address(view=None), state.view == "chart"),
            ("Table", state.address(view="table"), state.view == "table"),
        ),
    )
    words = {
        Frequency.MONTH: "Monthly figures",
        Frequency.QUARTER: "Quarterly figures",
        Frequency.YEAR: "Yearly figures",
        Frequency.SNAPSHOT: "Snapshots",
    }
    owner = state.indicator.owner
    head = card_head(f"{words.get(state.indicator.frequency, 'Figures')}, {view.span}", views)
    foot = card_foot(
        ", ".join(file.name for file in view.provenance.files),
        f"{owner} · Demonstration data" if view.demonstration else owner,
    )
    rail = html.Div(_rail(state, view), className="rail c3")
    if state.view == "table":
        return [card(head, _table(state, view, len(view.rows)), foot, span=9), rail]
    chart = card(
        head,
        html.P(view.finding, className="say"),
        _figure(view),
        _key(view),
        *_steps(state, view),
        foot,
        span=9,
    )
    return [html.Div([chart, _table_card(state, view)], className="stack c9"), rail]


def _figure(view: Trend) -> Component:
    words = f"{view.label}. {view.finding} The table holds every number."
    return plot(trend_figure(view.chart), words)


def _key(view: Trend) -> Component:
    points = view.chart.points
    items = [
        ("dot", view.chart.name, True),
        ("dot hollow", "Hollow: provisional", any(point.provisional for point in points)),
        ("rule standard", "Standard", any(point.standard is not None for point in points)),
        ("rule interim", view.wished_name, bool(view.wished_name)),
        ("rule comparator", view.comparator_name, any(point.comparator is not None for point in points)),
        ("rule rolling", view.rolling_name, any(point.rolling is not None for point in points)),
        ("hatch", "No figure", any(point.value is None for point in points)),
    ]
    return key([(mark, text) for mark, text, drawn in items if drawn])


def _steps(state: _State, view: Trend) -> list[Component]:
    """Earlier and later windows, where there are figures outside this one."""
    links = [
        dcc.Link(text, href=state.address(to=month_code(period)), className="btn")
        for text, period in (("Earlier", view.earlier), ("Later", view.later))
        if period is not None
    ]
    return [html.Div(links, className="steps")] if links else []


def _rail(state: _State, view: Trend) -> list[Component]:
    cards = [
        *[_side(item) for item in view.sides],
        card(
            html.H2("Where this number comes from"),
            provenance_list(view.provenance, "Source of the latest figure"),
        ),
    ]
    if view.notes:
        cards.append(
            card(
                html.H2("Notes on the chart"), html.Ul([_note(item) for item in view.notes], className="sig")
            )
        )
    about = disclosure(
        "Definition and limits",
        html.P(state.indicator.definition),
        html.P(state.indicator.why_it_matters),
        *[html.P(part) for part in state.indicator.caveats.split("\n\n")],
        html.P(html.A("The publisher's definition", href=state.indicator.definition_url)),
        class_name="source",
    )
    cards.append(card(html.H2("About the indicator"), about))
    return cards


def _side(item: SideFigure) -> Component:
    heading = dcc.Link(item.heading, href=item.href) if item.href else item.heading
    words = [item.counts, f"95% interval {item.interval}" if item.interval else "", item.period, item.note]
    told = [html.Span(word, className="small sec") for word in words if word]
    return card(html.H2(heading), html.B(item.value, className="figure"), *told)


def _note(item: TrendNote) -> Component:
    return html.Li([html.B(item.heading), html.Span(item.text)])


def _table_card(state: _State, view: Trend) -> Component:
    more = dcc.Link(f"Show all {len(view.rows)} periods", href=state.address(view="table"), className="small")
    aside = [more] if len(view.rows) > FIRST_ROWS else []
    return card(card_head("The same numbers as a table", *aside), _table(state, view, FIRST_ROWS))


def _table(state: _State, view: Trend, count: int) -> Component:
    """Columns without anything in them are left out: a median has no counts, a rate no interval."""
    indicator, shown = state.indicator, view.rows[:count]
    standard = any(row.standard for row in shown)
    columns = [
        ("Period", [row.period for row in shown]),
        ("Value", [row.value for row in shown]),
        ("Status", [row.status for row in shown]),
        (indicator.numerator_label, [row.within for row in shown]),
        (indicator.denominator_label, [row.total for row in shown]),
        ("95% interval", [row.interval for row in shown]),
        ("Standard", [row.standard for row in shown]),
        ("Against standard" if standard else f"Against {view.comparator_name}", [row.gap for row in shown]),
        (view.comparator_name, [row.comparator for row in shown]),
        (view.rolling_name, [row.rolling for row in shown]),
        ("File", [row.file for row in shown]),
    ]
    kept = [(head, cells) for head, cells in columns if any(cells)]
    heads = [head for head, _ in kept]
    rows = list(zip(*(cells for _, cells in kept), strict=True))
    numeric = [i for i, head in enumerate(heads) if head not in {"Period", "Status", "File"}]
    return table(f"{indicator.short_name}, {view.chart.name}", heads, rows, numeric=numeric)
