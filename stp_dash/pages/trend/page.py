"""Trend: one organisation over time under process limits, with the standard as it was and the breaks of the series."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from db.domain import ENGLAND, OrganisationType
from db.domain.holdings import DataVersion
from stp_dash.analysis.stroke_cover import StrokeCover, stroke_cover
from stp_dash.analysis.wording import counted, listing, month_code, out_by, periods_word
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import notice
from stp_dash.elements.links import OVERVIEW, TREND, VARIATION
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.trend.cards import preview_notice, strip_card, trend_cards
from stp_dash.pages.trend.commentary.actions import register_commentary
from stp_dash.pages.trend.commentary.read import WRITING_PARAMETERS
from stp_dash.pages.trend.commentary.section import commentary_section
from stp_dash.pages.trend.controls import trend_controls
from stp_dash.pages.trend.onward import onward
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.state import TrendState, trend_taken
from stp_dash.pages.trend.words import trend_words
from stp_dash.statistics.profiles import PROFILES
from stp_dash.web.acting.said import said_once


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=&breakdown=&compare=&to=&shown=&restart=&rules=`; each has a default.

    `to` is the month that is looked back from as if it were the latest; `shown` is the last month drawn, under the
    same limits; `restart` a month at which limits might start again. `published` and `version` are kept.
    """
    state = TrendState(TrendReader(request, connection, version))
    view = trend_words(state.read())
    controls = trend_controls(request, state)
    crumbs = (
        (request.area.name, state.elsewhere(OVERVIEW)),
        (state.indicator.topic, ""),
        (state.indicator.short_name, ""),
    )
    subject = PageSubject(state.indicator.id, state.organisation, state.values["to"])
    if view is None:
        title, body = _nothing(request, state)
        return Page(
            title,
            [*_as_of(request, state), *body],
            crumbs=crumbs,
            controls=controls,
            state=state.address(),
            subject=subject,
        )
    as_of = _as_of(request, state)
    cards = html.Div(trend_cards(request, state, view), className="grid trend")
    said = commentary_section(state)
    body = [*_told(request), *as_of, strip_card(view.strip), *preview_notice(state), cards, *said.body]
    return Page(
        view.title,
        body,
        view.lede,
        crumbs,
        controls,
        state.address(),
        [state.indicator.owner],
        [view.sheet, *said.sheets],
        subject=subject,
        onward=onward(state, view),
        rules=PROFILES[state.rules].title,
    )


def _told(request: PageRequest) -> list[Component]:
    """What the last action came to, for whoever may write; a reader's page is the same for everybody."""
    return said_once() if request.person is not None else []


def _out_by(state: TrendState, day: date) -> str:
    """By when the indicator's source had its figures out."""
    own = (item for item in state.reader.publication_days if item.source == state.indicator.source_id)
    return out_by(day, own)


def _as_of(request: PageRequest, state: TrendState) -> list[Component]:
    """Which time the figures are of, where it is not now."""
    as_of = request.as_of()
    if as_of.now or as_of.version == state.reader.version.number:
        return []
    words = f"As the store held them at data version {as_of.version}."
    if as_of.published_by is not None:
        words = f"As {_out_by(state, as_of.published_by)}: later figures and revisions are left out."
    today = dcc.Link("The figures of today", href=state.address_now())
    return [html.P([html.B(words), " ", today], className="asof")]


def _nothing(request: PageRequest, state: TrendState) -> tuple[str, list[Component]]:
    """No figure: what is missing, and the nearest that there is."""
    rows = state.every_row()
    known = sorted(item.period for item in rows if item.value is not None)
    ends = dict.fromkeys((*known[-1:], *known[:1]))
    links = [(f"To {item.label}", state.address(to=month_code(item), shown=None)) for item in ends]
    if not request.as_of().now:
        links.append(("The figures of today", state.address_now()))
    national = state.reader.figures((state.indicator,), (ENGLAND,), (date.min, date.max), state.breakdown)
    if any(item.value is not None for item in national):
        links.append(("England over time", state.address(organisation=ENGLAND)))
    links.append(
        ("All organisations for this indicator", state.elsewhere(VARIATION, indicator=state.indicator.id))
    )
    said = f"The store holds no figure of {state.indicator.short_name} for {state.name} here."
    published = request.as_of().published_by
    if published is not None:
        said = f"{said.removesuffix(' here.')} that had been {_out_by(state, published)}."
    if rows and not known:
        periods = counted(len({item.period for item in rows}), periods_word(state.indicator))
        reasons = listing(list(dict.fromkeys(item.missing_reason for item in rows)))
        said += f" The rows of {periods} hold none: {reasons}."
    cover = _cover(request, state)
    if cover is not None:
        said = cover.text
        links = [(name, state.address(organisation=code)) for name, code in cover.teams] + links
    items = html.Ul([html.Li(dcc.Link(text, href=address)) for text, address in links])
    title = f"{state.indicator.short_name}: no figure for {state.name}"
    return title, [html.Div(notice("Nearest pages", html.P(said), items), className="grid")]


def _cover(request: PageRequest, state: TrendState) -> StrokeCover | None:
    """Why a trust has no figure of an indicator of stroke teams."""
    choice = state.reader.code_lists.organisation(state.organisation)
    of_teams = OrganisationType.STROKE_TEAM in state.indicator.organisation_types
    if not of_teams or state.held or choice is None or choice.type is not OrganisationType.TRUST:
        return None
    names = state.reader.names
    return stroke_cover(state.organisation, state.name, names, request.site.today())


PAGE = PageSpec(
    TREND,
    "Trend",
    build,
    parameters=(*TrendState.parameter_names(), *WRITING_PARAMETERS),
    in_navigation=True,
    plotted=True,
    takes=trend_taken,
    of_indicator=True,
    for_editors=True,
    routes=register_commentary,
)
