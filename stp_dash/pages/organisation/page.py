"""One organisation: every indicator beside England, its pathways, its stroke teams, its staff and its practices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import Connection

from db.catalogue.stroke_teams import stroke_teams
from db.domain import ALL, Indicator, Organisation, OrganisationType
from db.domain.holdings import DataVersion
from db.domain.organisation import OrganisationChoice
from db.domain.reading import Reading
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.stroke_cover import stroke_cover
from stp_dash.analysis.wording import MINUTES, out_by, uncapitalised
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_head, notice
from stp_dash.elements.links import DATA, FIND, ORGANISATION, TREND, href
from stp_dash.frame.figure_card import alike, table_card
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.organisation import find as organisation_find
from stp_dash.pages.organisation.cancer import CutsView, cuts_view
from stp_dash.pages.organisation.cards import (
    belongs_card,
    ends_card,
    groups_card,
    profile_card,
    staffing_card,
    stroke_card,
)
from stp_dash.pages.organisation.controls import crumbs, organisation_controls, plural_words
from stp_dash.pages.organisation.lines import OrganisationFigures
from stp_dash.pages.organisation.matches import PROFILED
from stp_dash.pages.organisation.read import OrganisationReader
from stp_dash.pages.organisation.sheet import profile_sheet
from stp_dash.pages.organisation.staffing import practices, staffing_view, summary
from stp_dash.pages.organisation.state import OrganisationState, organisation_taken
from stp_dash.pages.organisation.status import OrganisationStatus, status_of
from stp_dash.pages.organisation.stroke import (
    StrokeInput,
    StrokeView,
    TeamInput,
    stroke_view,
    teams_sheet,
    why_none,
)
from stp_dash.pages.organisation.words import OrganisationProfile, ProfileInput, ended_words, profile


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?organisation=&period=&against=&groups=`, or the search for `?find=`; each has a default."""
    if "find" in request.parameters:
        return organisation_find.build_search(request, connection, version)
    state = OrganisationState(OrganisationReader(request, connection, version))
    read = OrganisationFigures(state)
    if not any(line.reading is not None for line in read.lines):
        return _nothing(state, read)
    view = profile(ProfileInput(state.code, state.choice.name, read.lines, _day(state)))
    return _page(state, read, view)


def _day(state: OrganisationState) -> date:
    """The day that figures are looked at from: today, or the end of the month asked for."""
    return state.until if state.month is not None else state.request.site.today()


_INSIDE = {
    OrganisationType.ICB: (OrganisationType.TRUST, OrganisationType.SUB_ICB_LOCATION, OrganisationType.CCG),
    OrganisationType.UPPER_TIER_AUTHORITY: (OrganisationType.DISTRICT,),
    OrganisationType.STATISTICAL_REGION: (OrganisationType.UPPER_TIER_AUTHORITY,),
}
"""What lies within an organisation of a type."""


class _Parts:
    """The page's cards in order, and the sheets behind them.

    A card of the middle is about how high it is on a desktop, in pixels, and what draws it over so many columns.
    """

    def __init__(self) -> None:
        self.top: list[Component] = []
        self.middle: list[tuple[float, Callable[[int], Component]]] = []
        self.foot: list[Component] = []
        self.sheets: list[Sheet] = []

    def add(self, where: list[Component], card: Component | None, sheet: Sheet | None = None) -> None:
        if card is not None:
            where.append(card)
        if sheet is not None:
            self.sheets.append(sheet)

    @property
    def cards(self) -> list[Component]:
        """Two cards of the middle stand side by side if they are about as high; a third is whole above them."""
        whole, pair = self.middle[:-2], self.middle[-2:]
        span = 6 if len(pair) == 2 and alike(pair[0][0], pair[1][0]) else 12
        middle = [*(draw(12) for _, draw in whole), *(draw(span) for _, draw in pair)]
        return [*self.top, *middle, *self.foot]


def _page(state: OrganisationState, read: OrganisationFigures, view: OrganisationProfile) -> Page:
    parts = _Parts()
    parts.add(parts.top, _status_notice(state))
    parts.add(parts.top, _ended_notice(state, read))
    parts.add(parts.top, ends_card(view))
    sheet = profile_sheet(view, state.name)
    parts.add(parts.top, profile_card(state, view, sheet), sheet)
    _add_groups(state, read, parts)
    _add_stroke(state, read, parts)
    _add_staffing(state, read, parts)
    parts.add(parts.foot, _belongs(state, read))
    compared = (line.comparison for line in read.lines if not line.team)
    kinds = list(dict.fromkeys(item.each for item in compared if item is not None))
    return Page(
        title=view.title,
        lede=view.lede,
        crumbs=crumbs(state),
        body=[html.Div(parts.cards, className="grid loose organisation")],
        controls=organisation_controls(state, kinds),
        state=state.address(),
        owners=list(dict.fromkeys(line.indicator.owner for line in read.lines)),
        sheets=parts.sheets,
        subject=PageSubject(read.indicator, state.code, state.values["period"], "organisation"),
        onward=_onward(state, read),
        rules=state.reader.rules_title,
    )


def _onward(state: OrganisationState, read: OrganisationFigures) -> list[tuple[str, str]]:
    """To the indicator that the reader was at, or to the first: over time, and all of the kind."""
    line = next((i for i in read.lines if i.breakdown == ALL and i.indicator.id == read.indicator), None)
    if line is None:
        return []
    name = line.indicator.short_name
    found = [(f"{name} over time", line.href)]
    if line.comparison is not None:
        found.append((f"{name}, all {line.comparison.plural}", line.variation_href))
    of = {"indicator": read.indicator, "organisation": line.organisation}
    return [*found, ("Its figures, revisions and files", state.elsewhere(DATA, **of))]


def _add_groups(state: OrganisationState, read: OrganisationFigures, parts: _Parts) -> None:
    """One standard by tumour group: the one asked for, or else the last of the pathway."""
    offered = read.groups()
    if not offered:
        return
    key = state.request.one_of("groups", [item.id for item in offered], "an indicator by tumour group")
    chosen = next((item for item in offered if item.id == key), offered[-1])
    view = _cuts(read, chosen)
    if view is None:
        return
    choices = [
        (item.short_name, state.address(groups=None if item is offered[-1] else item.id), item is chosen)
        for item in offered
    ]
    parts.middle.append((240.0 + 34 * len(view.rows), partial(groups_card, state, view, choices)))
    parts.sheets.append(view.sheet)


def _cuts(read: OrganisationFigures, indicator: Indicator) -> CutsView | None:
    given = read.by_group(indicator)
    return cuts_view(given) if given is not None else None


def _add_stroke(state: OrganisationState, read: OrganisationFigures, parts: _Parts) -> None:
    view = _stroke(state, read)
    if view is not None:
        parts.middle.append((560.0, partial(stroke_card, state, view)))
        parts.sheets.append(view.sheet)
    teams = _teams(state, read)
    if teams:
        period = max(reading.period for team in teams for reading in team.readings.values())
        sheet = teams_sheet(state.name, teams, read.of_teams, period)
        parts.add(
            parts.foot,
            table_card(
                state.request,
                state.address(),
                sheet,
                sentence=why_none(teams),
                foot=f"{period.label}. Each patient belongs to the one team that answers for them.",
            ),
            sheet,
        )
    else:
        parts.add(parts.foot, _no_stroke(state, read))


def _no_stroke(state: OrganisationState, read: OrganisationFigures) -> Component | None:
    """For a trust without a stroke figure, of its own or of its teams: why, and who serves its patients."""
    of_teams = [
        line for line in read.lines if OrganisationType.STROKE_TEAM in line.indicator.organisation_types
    ]
    if state.kind is not OrganisationType.TRUST or of_teams or not state.stroke_held:
        return None
    found = stroke_cover(state.code, state.name, state.names, _day(state))
    links = [html.Li(dcc.Link(name, href=state.to(code))) for name, code in found.teams]
    return card(card_head("Stroke"), html.P(found.text), html.Ul(links) if links else None)


def _stroke(state: OrganisationState, read: OrganisationFigures) -> StrokeView | None:
    """The indicator that stands beside another of the same patients, with that other."""
    known = state.request.site.store.catalogue.indicators
    own = {line.indicator.id: line for line in read.lines if line.breakdown == ALL and not line.team}
    pairs = [
        (line, own[other])
        for line in own.values()
        for other in line.indicator.shown_beside
        if other in own and line.indicator.rolling_periods
    ]
    if not pairs:
        return None
    within, eligible = pairs[0]
    return stroke_view(
        StrokeInput(
            state.name,
            state.code,
            within.controlled,
            known[eligible.indicator.id],
            [item for item in eligible.controlled.readings if item is not None],
            _medians(state, read),
        )
    )


def _medians(
    state: OrganisationState, read: OrganisationFigures
) -> list[tuple[str, Indicator, Reading, Reading | None]]:
    """The newest medians of the organisation or of each of its teams, with the nation's."""
    found = []
    for line in read.lines:
        if line.indicator.unit == MINUTES and line.reading is not None:
            found.append((line.team or state.name, line.indicator, line.reading, line.average))
    if found:
        return found
    return [
        (team.team.name, indicator, reading, None)
        for indicator in read.of_teams
        if indicator.unit == MINUTES
        for team in _teams(state, read)
        if (reading := team.readings.get(indicator.id)) is not None and reading.value is not None
    ]


def _teams(state: OrganisationState, read: OrganisationFigures) -> list[TeamInput]:
    """A trust's teams with their readings of the newest period; those without any row are left out."""
    known = stroke_teams().by_code
    return [
        TeamInput(
            team,
            own,
            known[team.code].site if team.code in known else "",
            tuple(item.name for item in _housemates(team.code)),
        )
        for team in state.teams
        if (own := read.team_readings(team.code))
    ]


def _housemates(code: str) -> tuple[Organisation, ...]:
    """The other stroke teams, of now or of before, at a team's site."""
    known = stroke_teams().by_code
    site = known[code].site if code in known else ""
    return tuple(
        team.organisation for other, team in known.items() if site and team.site == site and other != code
    )


def _add_staffing(state: OrganisationState, read: OrganisationFigures, parts: _Parts) -> None:
    view = staffing_view(
        state.name,
        state.code,
        [line for line in read.lines if line.breakdown == ALL],
        read.covered(),
        phone=state.request.width == "phone",
    )
    if view is None:
        return
    parts.middle.append((200.0 + view.chart.size[1], partial(staffing_card, state, view)))
    parts.sheets.append(view.sheet)
    given = read.practices()
    sheet = practices(given) if given is not None else None
    if given is not None and sheet is not None:
        foot = "No intervals: posts are all that there are, not a sample."
        parts.add(
            parts.foot,
            table_card(
                state.request,
                state.address(),
                sheet,
                sentence=summary(sheet, given.indicators),
                foot=foot,
                folded=True,
            ),
            sheet,
        )


def _known(state: OrganisationState) -> Organisation | None:
    team = stroke_teams().by_code.get(state.code)
    return team.organisation if team else state.request.site.store.catalogue.organisations.get(state.code)


def _status(state: OrganisationState) -> OrganisationStatus:
    today = state.request.site.today()
    return status_of(state.request.site.store.catalogue, state.code, _known(state), state.names, today)


def _status_notice(state: OrganisationState) -> Component | None:
    found = _status(state)
    if not found.told:
        return None
    items = [html.Li(dcc.Link(words, href=address)) for words, address in found.successors]
    return notice(
        "This organisation has closed" if "Closed" in found.sentences[0] else "This organisation has changed",
        html.P(" ".join(found.sentences)),
        html.Ul(items) if items else None,
    )


def _ended_notice(state: OrganisationState, read: OrganisationFigures) -> Component | None:
    """Since when it has no figures that others of its type still have, unless it closed, which is said then."""
    if _status(state).told or state.month is not None or not read.behind:
        return None
    others = uncapitalised(plural_words(state.kind))
    return notice("Figures that have ended", html.Ul(list(map(html.Li, ended_words(others, read.behind)))))


def _belongs(state: OrganisationState, read: OrganisationFigures) -> Component | None:
    """What it belongs to, what belongs to it, what came before it, and indicators that ended."""
    order = (OrganisationType.TRUST, *PROFILED)
    above = sorted(
        state.parents, key=lambda item: order.index(item.type) if item.type in order else len(order)
    )
    ended = [
        (f"{item.short_name}, to {period.end:%B %Y}", href(TREND, indicator=item.id, organisation=state.code))
        for item, period in read.ended
    ]
    standards = all(item.standard_on(period.start) for item, period in read.ended)
    groups = [
        ("Belongs to", [_link(state, item, item.type.value) for item in above]),
        *(
            (f"Its {uncapitalised(plural_words(kind))}", _within(state, kind))
            for kind in _INSIDE.get(state.kind, ())
        ),
        (
            "At the same site",
            [(f"{item.name} ({item.code})", state.to(item.code)) for item in _housemates(state.code)],
        ),
        ("Before it", _status(state).predecessors),
        ("Standards that ended" if standards else "Indicators that ended", ended),
    ]
    return belongs_card("Around it", groups)


def _link(state: OrganisationState, item: OrganisationChoice, kind: str = "") -> tuple[str, str]:
    name = state.names.get(item.code, item.name)
    words = f"{name.removesuffix(f' ({kind})')} ({item.code})"
    return (f"{words}, {kind}" if kind else words), state.to(item.code)


def _within(state: OrganisationState, kind: OrganisationType) -> list[tuple[str, str]]:
    """What an organisation consists of; the area's CCG areas are those of the settings."""
    if kind is OrganisationType.CCG:
        codes = state.ours_of(kind) if state.is_area else ()
        found = [item for code in codes if (item := state.reader.code_lists.organisation(code)) is not None]
    else:
        found = list(state.reader.members((state.code,), kind))
    return [_link(state, item) for item in found]


def _nearest(state: OrganisationState) -> tuple[date, ...]:
    """The months with figures before and after the one asked for."""
    month = state.month
    if month is None:
        return ()
    before = [item for item in state.months if item < month][:1]
    after = [item for item in state.months if item > month][-1:]
    return (*before, *after)


def _nothing(state: OrganisationState, read: OrganisationFigures) -> Page:
    """An organisation without figures: what it is, what came after it, and where there are some."""
    name = state.choice.name
    links: list[tuple[str, str]] = []
    if state.month is not None or state.request.parameters.get("published"):
        links += [(f"{month:%B %Y}", state.address(period=f"{month:%Y-%m}")) for month in _nearest(state)]
        links.append(("Its latest figures", href(ORGANISATION, organisation=state.code)))
    links += [_link(state, item) for item in state.parents]
    links.append(("Find another organisation", f"{ORGANISATION}?find="))
    when = f" for {state.month:%B %Y}" if state.month else ""
    published = state.request.as_of().published_by
    by = f" {out_by(published, state.reader.publication_days)}" if published else ""
    body: list[Component] = []
    told = _status_notice(state)
    if told is not None:
        body.append(told)
    body.append(
        notice(
            "No figures",
            html.P(f"The store holds no figure of {name}{when}{by} for any indicator that is in use."),
            html.Ul([html.Li(dcc.Link(words, href=address)) for words, address in links]),
        )
    )
    around = _belongs(state, read)
    if around is not None:
        body.append(around)
    return Page(
        title=name,
        lede=f"Code {state.code}. No figures.",
        crumbs=crumbs(state),
        body=[html.Div(body, className="grid loose")],
        controls=organisation_controls(state),
        state=state.address(),
        subject=PageSubject("", state.code, state.values["period"], "organisation"),
    )


PAGE = PageSpec(
    ORGANISATION,
    "Organisations",
    build,
    in_navigation=True,
    parameters=(*OrganisationState.parameter_names(), "type", FIND, "indicator"),
    takes=organisation_taken,
    routes=organisation_find.register_suggestions,
)
