"""The folded list of commentary on the area and its trusts: a line each, which leads to the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from db.domain.people.commentary import Commentary
from db.figures.commentary.read import commentaries
from stp_dash.analysis.noted.commentary import WRITTEN_BY_PEOPLE, byline, first_sentence, stale_words
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import card, disclosure
from stp_dash.elements.links import TREND
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.said.revised import revised_since
from stp_dash.pages.overview.read import AreaHoldings
from stp_dash.pages.overview.state import OverviewState


@dataclass(frozen=True)
class AreaCommentaryKey(CacheKey[tuple[Commentary, ...]]):
    """What is said of some places."""

    places: tuple[str, ...]
    most: ClassVar[int] = 50


def commentary_list(reader: StoreReader, held: AreaHoldings, state: OverviewState) -> list[Component]:
    """The newest commentary on each indicator of the area and of each trust; nothing where there is none, and on a
    page of another time."""
    if not state.as_of.now or state.requested is not None:
        return []
    area = reader.request.area
    places = (area.commissioner, *area.trusts)
    found = reader.cached(AreaCommentaryKey(places), lambda: commentaries(reader.connection, places=places))
    newest = {(item.about.indicator, item.about.place): item for item in reversed(found)}
    known = reader.request.site.store.catalogue.indicators
    shown = sorted(
        (item for item in newest.values() if item.about.indicator in known),
        key=lambda item: (known[item.about.indicator].order, places.index(item.about.place)),
    )
    if not shown:
        return []
    revised = revised_since(reader, shown)
    lines = [_line(reader, held, state, item, revised.get(item.about, "")) for item in shown]
    items = html.Ul(lines, className="sig")
    told = html.P(WRITTEN_BY_PEOPLE, className="small sec")
    summary = html.B(f"What those responsible say ({len(shown)})")
    return [card(disclosure(summary, told, items, class_name="said-of"))]


def _line(
    reader: StoreReader, held: AreaHoldings, state: OverviewState, item: Commentary, revised: str
) -> Component:
    about, area = item.about, reader.request.area
    indicator = reader.request.site.store.catalogue.indicators[about.indicator]
    name = area.name if about.place == area.commissioner else reader.names[about.place]
    address = state.elsewhere(TREND, indicator=about.indicator, organisation=about.place)
    held_of = held.own if about.place == area.commissioner else held.trusts
    periods = held_of.periods.get(about.indicator, ())
    stale = stale_words(item, max(periods)) if periods else ""
    words: Sequence[Content] = [
        dcc.Link(f"{indicator.short_name}, {name}", href=f"{address}#card-commentary"),
        html.Span(f" {item.remarks.role} · {byline(item)}", className="small sec"),
        html.Div(first_sentence(item.remarks.happened)),
        *[html.Div(said, className="bad small") for said in (revised, stale) if said],
    ]
    return html.Li(list(words))
