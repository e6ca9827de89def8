"""The Case for Change, tracked: which of the challenges named for the area get worse, and which better."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from db.catalogue.challenges import ChallengeList, challenge_lists, challenges_of
from db.domain.holdings import DataVersion
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import CHALLENGES, OVERVIEW, href
from stp_dash.frame.area import area_codes
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.overview.cards import as_published
from stp_dash.pages.overview.challenges.cards import (
    background_card,
    challenges_card,
    counts_card,
    key_card,
    unnamed_card,
)
from stp_dash.pages.overview.challenges.row import ProjectedFigures
from stp_dash.pages.overview.challenges.sheet import challenges_sheet
from stp_dash.pages.overview.challenges.state import BY_DIRECTION, BY_NUMBER, ChallengesState
from stp_dash.pages.overview.challenges.words import Challenges, challenges
from stp_dash.pages.overview.page import overview_controls
from stp_dash.pages.overview.read import (
    AreaHoldings,
    baselines_of,
    day_of,
    holdings_of,
    overview_taken,
    projections_of,
    read_overview,
    series_since,
)
from stp_dash.pages.overview.words import overview


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?order=direction|number` and what the overview takes: `period`, `by`, as of when."""
    reader, codes = StoreReader(request, connection, version), area_codes(request)
    held = holdings_of(reader, codes)
    state = ChallengesState(request, held.months, day_of(reader), held.days)
    area = request.area
    given = challenges_of(area.commissioner)
    if given is None:
        return _unnamed(request, state)
    found = _found(given, reader, held, state)
    sheet = challenges_sheet(found, area.name, paper=request.printing)
    return Page(
        title=found.title,
        lede=found.lede,
        body=_body(found, state, challenges_card(request, state.address(), found, sheet)),
        crumbs=((area.name, state.elsewhere(OVERVIEW)), (given.title, "")),
        controls=[_order_control(state), *overview_controls(held, state)],
        state=state.address(),
        subject=PageSubject(period=state.values["period"]),
        owners=found.owners,
        sheets=[sheet],
        rules=reader.rules_title,
    )


def _found(
    given: ChallengeList, reader: StoreReader, held: AreaHoldings, state: ChallengesState
) -> Challenges:
    request = reader.request
    every = (*given.challenges, *given.background)
    named = {code for item in every for code in (*item.indicators, *item.context)}
    read = read_overview(reader, area_codes(request), held, state, named)
    view = overview(read, profile=request.rules())
    followed = [row.line.indicator for row in view.rows if row.id in named]
    first = date(given.year, 1, 1)
    series = series_since(reader, held, state, read, (followed, first))
    day, until, beside = _when(state)
    catalogue = request.site.store.catalogue.indicators
    ended = [catalogue[code] for item in given.challenges for code in item.baselines if code in catalogue]
    return challenges(
        given,
        view,
        series,
        day=day,
        until=until,
        beside=beside,
        area=request.area.name,
        numbered=state.values["order"] == BY_NUMBER,
        names={item.id: item.short_name for item in catalogue.values()},
        baselines=baselines_of(reader, held, state, read, ended),
        projections=[
            ProjectedFigures(item, found, series.get(item.projects, ()))
            for item, found in projections_of(reader, state, read, named)
        ],
    )


def _when(state: ChallengesState) -> tuple[date, str, str]:
    """The day that the time axis ends with, in words, and which figures stand on the page."""
    if state.requested is not None:
        month = state.requested
        return month.end, month.short_label, f"the figures of {month.label}"
    day = date_text(state.today)
    if state.as_of.now:
        return state.today, "now", f"what is published on {day}"
    return state.today, day, f"what was {state.words}"


def _body(found: Challenges, state: ChallengesState, tracked: Component) -> list[Component]:
    behind = background_card(state.request, found, span=8)
    told = [] if state.as_of.now else [as_published(state)]
    last = [behind, key_card(found, span=4)] if behind is not None else [key_card(found, span=12)]
    return [*told, html.Div([counts_card(state.request, found), tracked, *last], className="grid over")]


def _order_control(state: ChallengesState) -> Control:
    ways = ((BY_DIRECTION, "By direction"), (BY_NUMBER, "By number"))
    choices = (Choice(words, state.address(order=way), way == state.values["order"]) for way, words in ways)
    return Control("order", "Order", tuple(choices))


def _unnamed(request: PageRequest, state: ChallengesState) -> Page:
    """An area without a list: its period and parts would change nothing, so they are not asked for."""
    area = request.area.name
    words = (
        f"This page sets what a plan said of an area beside what is published today. None is listed for {area}.",
        "A list is a file of the catalogue: what was said, by whom and when, and which indicators follow it.",
    )
    ways = [(f"Every indicator of {area}", href(OVERVIEW, area=request.area.code))]
    ways += [
        (f"{item.title} of {item.year}, of the {item.by}", href(CHALLENGES, area=item.organisation))
        for item in challenge_lists()
    ]
    return Page(
        title=f"No challenges are listed for {area}",
        body=[html.Div([unnamed_card(words, ways)], className="grid")],
        area_only=True,
        state=state.address(),
    )


PAGE = PageSpec(
    CHALLENGES,
    "Case for Change",
    build,
    in_navigation=True,
    parameters=ChallengesState.parameter_names(),
    takes=overview_taken,
)
