"""The loading page: it also stands in the place of every page of figures while a store that is filling has none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from db.catalogue.source_files import publications
from db.domain import Indicator, Period
from db.domain.holdings import DataVersion, Filling, SourceFilling
from db.figures.holdings import latest_periods
from db.service.filling import filling_of
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria, card, card_head
from stp_dash.elements.links import DATA, LOADING, OPERATIONS, OVERVIEW, TREND, VARIATION, href
from stp_dash.frame.empty import how_to_load
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.loading.words import (
    AGAIN_SECONDS,
    INVENTED,
    files_words,
    filling_words,
    held_words,
    loading_lede,
    loading_title,
)


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page at this moment: how far each source is, and links to what is there of it."""
    filling, empty = filling_of(connection), not version.number
    body: list[Component] = []
    if filling.sources:
        held = _held(request, connection)
        body = [_whole_card(filling)]
        body += [_source_card(item, held.get(item.source, {})) for item in filling.sources]
    return Page(
        loading_title(filling, empty=empty),
        [html.Div([*body, _after(filling, empty=empty)], className="grid")],
        loading_lede(filling, empty=empty),
        again=AGAIN_SECONDS if filling.sources and not filling.stopped else 0,
    )


def _held(request: PageRequest, connection: Connection) -> dict[str, dict[Indicator, Period]]:
    """The indicators of each source that have figures, in the catalogue's order, with their last period."""
    found: dict[str, Period] = {}
    for item in latest_periods(connection):
        found[item.indicator] = max(
            found.get(item.indicator, item.period), item.period, key=lambda period: period.end
        )
    held: dict[str, dict[Indicator, Period]] = {}
    for indicator in request.site.store.catalogue.indicators.values():
        if indicator.id in found:
            held.setdefault(indicator.source_id, {})[indicator] = found[indicator.id]
    return held


def _whole_card(filling: Filling) -> Component:
    told = files_words(filling.done, filling.files) if filling.files else "being prepared"
    return card(
        card_head("How far it is"),
        _bar("All files", filling.done, filling.files, told),
        html.P(INVENTED, className="small sec"),
    )


def _source_card(filling: SourceFilling, held: dict[Indicator, Period]) -> Component:
    name = publications()[filling.source].name
    newest = max(held.values(), key=lambda period: period.end).label if held else ""
    links: list[Any] = []
    for indicator in list(held)[:3]:
        links.append(
            html.Li(
                [
                    html.A(indicator.short_name, href=href(TREND, indicator=indicator.id)),
                    " · ",
                    html.A("all organisations", href=href(VARIATION, indicator=indicator.id)),
                ]
            )
        )
    return card(
        card_head(name),
        _bar(name, filling.done, filling.files, filling_words(filling)),
        html.P(held_words(len(held), newest), className="small"),
        html.Ul(links, className="sig") if links else None,
        span=4,
    )


def _bar(label: str, done: int, files: int, told: str) -> Component:
    """A bar with its numbers in words; without numbers it only says that something goes on."""
    amount: dict[str, Any] = {"value": str(done), "max": str(files)} if files else {}
    return html.Div(
        [html.Progress(**amount, **aria(label=f"{label}: {told}")), html.B(told)], className="progress"
    )


def _after(filling: Filling, *, empty: bool) -> Component:
    """Where to go from here: to the overview once a source of it is whole."""
    if empty and not filling.sources:
        return how_to_load()
    items = [html.Li(dcc.Link("Operations: runs, files and schedules", href=OPERATIONS))]
    if not empty:
        items.insert(0, html.Li(dcc.Link("Data and methods: what is held, and from which files", href=DATA)))
    if not empty and len(filling.coming) < max(len(filling.sources), 1):
        items.insert(0, html.Li(dcc.Link("The overview", href=OVERVIEW)))
    return card(card_head("More"), html.Ul(items, className="sig"))


PAGE = PageSpec(LOADING, "Loading", build, needs_data=False, parameters=())
