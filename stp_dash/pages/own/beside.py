"""Own measures beside the published indicator that they compare with: on its trend, for who is signed in and may see
them. Everybody else has the page as it is."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_head
from stp_dash.elements.links import OWN, href
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import Build
from stp_dash.pages.own.cards import chart_card
from stp_dash.pages.own.published import published_beside
from stp_dash.pages.own.read import OwnView, measure_key, own_view, seen_measures
from stp_dash.pages.own.words import latest_words, local_words


def with_own_measures(build: Build) -> Build:
    """A page of an indicator and an organisation, with the own measures that compare with it below."""

    def built(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
        page = build(request, connection, version)
        if request.signed_in is None:
            return page
        seen = seen_measures(connection, request.signed_in).values()
        asked, names = page.subject, request.site.names()
        views = [
            own_view(connection, item, names, signed_in=True)
            for item in seen
            if item.compares_with == asked.indicator
        ]
        reader = StoreReader(request, connection, version)
        cards = [_card(reader, view, asked.organisation) for view in views if view.places]
        if not cards:
            return page
        return replace(page, body=[*page.body, html.Div(cards, className="grid loose")], local=True)

    return built


def _card(reader: StoreReader, view: OwnView, organisation: str) -> Component:
    """The measure's chart where it is of the page's organisation, else where it is to be found."""
    own = next((place for place in view.places if place.organisation == organisation), None)
    if own is not None:
        series = view.series(own)
        beside = published_beside(reader, view.measure, series)
        return chart_card(reader.request, view, series, beside, alone=True)
    place = view.places[0]
    said = f"{place.name}: {latest_words(view.series(place))}."
    link = dcc.Link("Its page", href=href(OWN, measure=measure_key(view.measure.id)))
    words = html.P(local_words(view.measure, view.submissions), className="small sec")
    return card(card_head(view.measure.short_name), html.P([said, " ", link]), words)
