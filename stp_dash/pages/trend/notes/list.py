"""The list beside the chart of its events, under the numbers of their rings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from db.catalogue.national_events import EventDay
from stp_dash.analysis.noted.events import ChartEvent, EventRing, days_text
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, html
from stp_dash.elements.components import disclosure

EXPLAINS_NOTHING = "An event explains nothing by itself and changes no limit."


def events_texts(rings: Sequence[EventRing]) -> list[str]:
    """The words of the list, one for each event: by them its height is guessed."""
    return [f"{item.when}. {item.text}" for ring in rings for item in ring.events]


def events_list(rings: Sequence[EventRing]) -> list[Component]:
    """Each ring with what it stands for: when, what, who says so, and where more is to be read."""
    items = [
        html.Li(
            [
                html.Span(str(ring.number), className="ring expected" if _expected(ring) else "ring"),
                html.Div([_event(item) for item in ring.events]),
            ]
        )
        for ring in rings
    ]
    dashed = "Dashed ring: expected, not yet happened. " if any(map(_expected, rings)) else ""
    told = html.P(dashed + EXPLAINS_NOTHING, className="small sec")
    return [html.Ul(items, className="why events"), told]


def _expected(ring: EventRing) -> bool:
    return ring.events[0].expected


def _event(item: ChartEvent) -> Component:
    by = f"{item.role} · {date_text(item.noted_on)}" if item.role else ""
    more: list[Any] = [html.Span(by, className="small sec")] if by else []
    if item.link:
        more.append(outside_link(item.link))
    if item.days:
        alone = len(item.days) == 1
        more.append(outside_link(item.days[0].addresses[0]) if alone else _days(item.days))
    exact = [] if item.until is None or item.days else [f" ({days_text(item.on, item.until)})"]
    return html.Div([html.B(f"{item.when}. "), item.text, *exact, *more], className="noted")


def _days(days: Sequence[EventDay]) -> Component:
    """Day after day, each with its sources."""
    items = [
        html.Li(
            [
                f"{days_text(day.on, day.until)}: {day.who[:1].lower()}{day.who[1:]}",
                *[part for address in day.addresses for part in (" ", outside_link(address))],
            ]
        )
        for day in days
    ]
    return disclosure(
        "Which days, and by which sources", html.Ul(items, className="days"), class_name="source"
    )


def outside_link(address: str) -> Component:
    """An address of another site, named by its host: readers see where it leads, and that site nothing of this one."""
    host = (urlsplit(address).hostname or address).removeprefix("www.")
    return html.A(host, href=address, rel="noopener noreferrer nofollow", className="small")
