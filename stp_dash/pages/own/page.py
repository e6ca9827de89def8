"""Measures of one's own: a list, and a page for each, for people who are signed in. Nobody else learns of any."""

from __future__ import annotations

from flask import get_flashed_messages, has_request_context
from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.domain.people.role import Person
from db.own.commentary import own_commentaries
from stp_dash.elements import Component, html
from stp_dash.elements.components import card
from stp_dash.elements.links import OWN, SIGN_IN, href
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import takes_as_it_is
from stp_dash.pages.own.cards import (
    about_card,
    acting_card,
    administrator_cards,
    chart_card,
    figures_card,
    list_card,
    submissions_card,
)
from stp_dash.pages.own.commentary import own_commentary_card
from stp_dash.pages.own.published import published_beside
from stp_dash.pages.own.read import OwnView, measure_key, own_view, place_key, seen_measures
from stp_dash.pages.own.routes import register_own_routes
from stp_dash.pages.own.series import MeasurePlace, OwnSeries
from stp_dash.pages.own.units import units_cards
from stp_dash.pages.own.words import latest_words, local_words
from stp_dash.web.access import current_person

TITLE = "Our own measures"


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The list, or the page of one: `?measure=&place=`. Whoever is not signed in sees what is approved for everybody,
    and is else asked to sign in, whatever the address asks for and whatever there is."""
    person = current_person()
    measures = {measure_key(key): item for key, item in seen_measures(connection, person).items()}
    asked, names = request.parameters.get("measure"), request.site.names()
    if person is None and (asked not in measures if asked else not measures):
        return _sign_in_first()
    if asked is None:
        views = [
            own_view(connection, item, names, signed_in=person is not None) for item in measures.values()
        ]
        return _list(request, person, views)
    if asked not in measures:
        raise ParameterError("measure", asked, "a measure of the list", (("The list", OWN),))
    view = own_view(connection, measures[asked], names, signed_in=person is not None)
    return _measure(StoreReader(request, connection, version), person, view)


def _sign_in_first() -> Page:
    link = html.A("Sign in", href=href(SIGN_IN, next=OWN), target="_self", className="btn")
    told = html.P("People who are signed in see measures that no publisher prints.")
    crumbs = ((TITLE, ""),)
    return Page(TITLE, [html.Div(card(told, link), className="grid")], state=OWN, crumbs=crumbs)


def _list(request: PageRequest, person: Person | None, views: list[OwnView]) -> Page:
    lede = "Figures that no publisher prints. Only people who are signed in see them."
    if person is None:
        lede = "Figures that no publisher prints: small numbers are withheld, all others rounded."
    acting = [acting_card(person)] if person is not None else []
    cards = [list_card(views, request.site.today()), *acting]
    return Page(
        TITLE, [*_said(), html.Div(cards, className="grid")], lede, ((TITLE, ""),), state=OWN, local=True
    )


def _measure(reader: StoreReader, person: Person | None, view: OwnView) -> Page:
    request, measure = reader.request, view.measure
    chosen = _place(request, view)
    shown: list[Component] = []
    title = measure.short_name
    if chosen is not None:
        series = view.series(chosen)
        title = f"{measure.short_name}, {chosen.name}: {latest_words(series)}"
        beside = published_beside(reader, measure, series)
        shown = [
            chart_card(request, view, series, beside),
            *_commentary(reader, person, view, series),
            *units_cards(request, view, chosen.organisation),
            figures_card(view, series, person),
        ]
    cards = [
        *shown,
        about_card(view),
    ]
    if person is not None:
        cards += [
            submissions_card(view, person),
            acting_card(person, measure.id),
            *administrator_cards(person, view),
        ]
    state = href(OWN, measure=measure_key(measure.id), place=place_key(chosen) if chosen else None)
    crumbs = ((TITLE, OWN), (measure.short_name, ""))
    lede = local_words(measure, view.submissions)
    return Page(title, [*_said(), html.Div(cards, className="grid")], lede, crumbs, state=state, local=True)


def _commentary(
    reader: StoreReader, person: Person | None, view: OwnView, series: OwnSeries
) -> list[Component]:
    """What those responsible say, for who is signed in alone."""
    if person is None:
        return []
    place = series.place
    found = own_commentaries(reader.connection, view.measure.id, place.organisation, place.unit)
    told = own_commentary_card(view, series, found, person, reader.request.site.today())
    return [] if told is None else [told]


def _place(request: PageRequest, view: OwnView) -> MeasurePlace | None:
    known = {place_key(place): place for place in view.places}
    asked = request.parameters.get("place")
    if asked is None or not known:
        return view.places[0] if view.places else None
    if asked not in known:
        back = href(OWN, measure=measure_key(view.measure.id))
        raise ParameterError("place", asked, "a unit of the measure", ((view.measure.short_name, back),))
    return known[asked]


def _said() -> list[Component]:
    """What the last action came to, said once."""
    told = get_flashed_messages() if has_request_context() else []
    return [html.P(words, className="told", role="status") for words in told]


PAGE = PageSpec(OWN, TITLE, build, needs_data=False, routes=register_own_routes, takes=takes_as_it_is)
