"""Variation: every organisation of a kind in one period, whether differences are more than chance, and over time."""

from __future__ import annotations

from sqlalchemy import Connection

from db.domain import ALL, ENGLAND, ImprovementDirection, OrganisationType, Period, breakdown_dimensions
from db.domain.holdings import DataVersion
from stp_dash.analysis.kinds import COMPARISONS, TUMOUR_GROUPS
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import uncapitalised
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import notice
from stp_dash.elements.links import DATA, ORGANISATION, OVERVIEW, TREND, VARIATION
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.variation.area_map import area_map
from stp_dash.pages.variation.cards import (
    WHOLE,
    funnel_card,
    map_card,
    multiples_card,
    ranked_card,
    spans,
    stands_beside,
)
from stp_dash.pages.variation.controls import variation_controls
from stp_dash.pages.variation.funnel import funnel
from stp_dash.pages.variation.inputs import VariationFigures, map_input, multiples_input, variation_figures
from stp_dash.pages.variation.multiples import multiples
from stp_dash.pages.variation.ranked import ranked_sheet
from stp_dash.pages.variation.read import VariationReader
from stp_dash.pages.variation.state import VariationState, variation_taken
from stp_dash.pages.variation.words import Variation, variation


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&by=&period=&breakdown=&peers=&dispersion=`; each has a default."""
    state = VariationState(VariationReader(request, connection, version))
    if state.period is None:
        return _nothing(state)
    page = variation_figures(state, state.period)
    if not len(page.ranking):
        return _empty(page, state.period)
    return _whole(page)


def _whole(page: VariationFigures) -> Page:
    state = page.state
    view = variation(page.given)
    first, one = _rank_and_funnel(page, view)
    second, two = _series_and_map(page)
    return Page(
        title=view.title,
        lede=view.lede,
        crumbs=_crumbs(state),
        body=[html.Div([*first, *second], className="grid variation")],
        controls=variation_controls(state, page),
        state=state.address(),
        owners=[state.indicator.owner],
        sheets=[*one, *two],
        subject=_subject(state),
        onward=_onward(page),
        rules=state.reader.rules_title,
    )


Cards = tuple[list[Component], list[Sheet]]


def _rank_and_funnel(page: VariationFigures, view: Variation) -> Cards:
    ranked = ranked_sheet(page.given)
    limits = funnel(page.given, widened=page.state.widened)
    left, right = spans(page, ranked, limits.sheet if limits else None)
    cards: list[Component] = [ranked_card(page, view, ranked, span=left)]
    if limits is None:
        return cards, [ranked]
    return [*cards, funnel_card(page, limits, span=right)], [ranked, limits.sheet]


def _series_and_map(page: VariationFigures) -> Cards:
    over_time = multiples(multiples_input(page))
    asked = map_input(page)
    drawn = area_map(asked) if asked is not None else None
    left, right = spans(page, over_time.sheet if over_time else None, drawn.sheet if drawn else None)
    if over_time is not None and drawn is not None and not stands_beside(over_time, drawn):
        left = right = WHOLE
    cards: list[Component] = []
    sheets: list[Sheet] = []
    if over_time is not None:
        cards.append(multiples_card(page, over_time, span=left))
        sheets.append(over_time.sheet)
    if drawn is not None:
        cards.append(map_card(page, drawn, span=right))
        sheets.append(drawn.sheet)
    return cards, sheets


def _subject(state: VariationState) -> PageSubject:
    """The indicator, and the period if it is not the newest; nobody in particular."""
    return PageSubject(state.indicator.id, "", state.values["period"])


def _onward(page: VariationFigures) -> list[tuple[str, str]]:
    """To the worst of ours, over time and by tumour group, and to where the figures come from."""
    state = page.state
    found, definition = [], ("Definition and files", state.elsewhere(DATA, indicator=state.indicator.id))
    if not page.shown or state.indicator.improvement_direction is ImprovementDirection.NEUTRAL:
        return [definition]
    worst, until = page.shown[0], state.values["period"] or None
    choice = state.reader.code_lists.organisation(worst)
    name = state.names.get(worst) or (choice.name if choice else worst)
    cut = None if state.breakdown == ALL else state.breakdown
    of = {"indicator": state.indicator.id, "organisation": worst}
    found.append((f"{name} over time", state.elsewhere(TREND, **of, breakdown=cut, to=until)))
    keys = state.reader.breakdowns(state.indicator, page.period)
    if state.indicator.valid_to is None and any(breakdown_dimensions(key) in TUMOUR_GROUPS for key in keys):
        groups = {"organisation": worst, "groups": state.indicator.id, "period": until}
        found.append(
            (f"{name} by tumour group", f"{state.elsewhere(ORGANISATION, **groups)}#card-tumour-groups")
        )
    return [
        *found,
        (f"{name}: every indicator", state.elsewhere(ORGANISATION, organisation=worst)),
        definition,
    ]


def _crumbs(state: VariationState) -> tuple[tuple[str, str], ...]:
    area = state.request.area.name
    return ((area, state.elsewhere(OVERVIEW)), (state.indicator.topic, ""), (state.indicator.short_name, ""))


def _nothing(state: VariationState) -> Page:
    """No figures by this kind of organisation: by which there are some, and whether England has one."""
    links = [
        html.Li(
            dcc.Link(
                COMPARISONS[name].label,
                href=state.elsewhere(VARIATION, indicator=state.indicator.id, by=name),
            )
        )
        for name in state.offered
    ]
    held = "There are figures by:" if links else "The store holds none for any kind of organisation."
    if not links and state.held.get(OrganisationType.COUNTRY):
        held = "The store holds figures of England alone."
        address = state.elsewhere(TREND, indicator=state.indicator.id, organisation=ENGLAND)
        links = [html.Li(dcc.Link("England over time", href=address))]
    told = f"by {uncapitalised(state.comparison.label)}" if state.offered else "to compare"
    title = f"{state.indicator.short_name}: no figures {told} are loaded"
    body = html.Div(notice("What there is", html.P(held), html.Ul(links)), className="grid")
    return Page(
        title,
        [body],
        crumbs=_crumbs(state),
        controls=variation_controls(state),
        state=state.address(),
        subject=_subject(state),
    )


def _empty(page: VariationFigures, period: Period) -> Page:
    """Rows without a single value, or nothing known at the time asked for."""
    state = page.state
    title = f"{state.indicator.short_name}: no figures by {uncapitalised(state.comparison.label)} in {period.label}"
    told = "No organisation of this kind has a figure for this choice."
    near = state.nearest(period)
    if not near:
        told += " None of ours has one in any other period."
    if not state.request.as_of().now:
        told = (
            "No organisation of this kind had a figure at the time asked for. Files whose day of publication is not "
            "known are left out."
        )
    links = [html.Li(dcc.Link(item.label, href=state.address(period=f"{item.start:%Y-%m}"))) for item in near]
    links.append(html.Li(dcc.Link("All indicators", href=state.elsewhere(OVERVIEW))))
    body = html.Div(
        notice("Nearest periods" if near else "What there is", html.P(told), html.Ul(links)),
        className="grid",
    )
    return Page(
        title,
        [body],
        crumbs=_crumbs(state),
        controls=variation_controls(state, page),
        state=state.address(),
        subject=_subject(state),
    )


PAGE = PageSpec(
    VARIATION,
    "Variation",
    build,
    parameters=(*VariationState.parameter_names(), "organisation"),
    in_navigation=True,
    plotted=True,
    takes=variation_taken,
    of_indicator=True,
)
