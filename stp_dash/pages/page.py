"""The frame that every page stands in: banner, header, filters, content, foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from db.queries import DataVersion
from stp_dash.components import Control, aria, current_link, filter_bar
from stp_dash.links import (
    ACCESSIBILITY,
    DATA,
    GLOSSARY,
    METHODS,
    OPERATIONS,
    ORGANISATION,
    OVERVIEW,
    STAFFING,
    TREND,
    VARIATION,
)
from stp_dash.pages.request import PageRequest
from stp_dash.views.sheet import Sheet
from stp_dash.views.wording import date_text

SITE_TITLE = "Performance standards monitor"
NAVIGATION = (
    ("Overview", OVERVIEW),
    ("Variation", VARIATION),
    ("Trend", TREND),
    ("Organisations", ORGANISATION),
    ("Staffing", STAFFING),
    ("Data and methods", DATA),
    ("Operations", OPERATIONS),
)
FOOT_LINKS = (("Glossary", GLOSSARY), ("Methods", METHODS), ("Accessibility statement", ACCESSIBILITY))
OPEN_GOVERNMENT = "NHS England"
LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    f"Source: {OPEN_GOVERNMENT}."
)
DISCLAIMER = "This site is not an NHS England product. NHS England did not check what it shows."


@dataclass(frozen=True)
class Page:
    """A page's own part. `title` is the finding in words, `owners` whose figures it shows.

    `state` is the page's own address; `sheets` are the numbers of its charts, for downloads.
    """

    title: str
    body: Sequence[Component]
    lede: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    controls: Sequence[Control] = field(default_factory=tuple)
    state: str = ""
    owners: Sequence[str] = ()
    sheets: Sequence[Sheet] = ()


def framed(request: PageRequest, page: Page, version: DataVersion) -> Component:
    """A whole page. `data-title` is the document's title for the browser."""
    parts: list[Any] = [
        _banner(version) if version.demonstration else None,
        _header(request),
        filter_bar(page.controls, folded=request.width == "phone"),
        html.Main(_main(page), id="main", tabIndex=-1, className="w"),
        _footer(version, page.owners),
        dcc.Store(id="state", data={"address": page.state, "title": f"{page.title} – {SITE_TITLE}"}),
    ]
    return html.Div([part for part in parts if part is not None], className=f"page {request.width}")


def _main(page: Page) -> list[Component]:
    crumbs = [_crumbs(page.crumbs)] if page.crumbs else []
    lede = [html.P(page.lede, className="lede")] if page.lede else []
    return [*crumbs, html.H1(page.title), *lede, *page.body]


def _crumbs(crumbs: Sequence[tuple[str, str]]) -> Component:
    parts: list[Any] = []
    for text, address in crumbs:
        parts += [dcc.Link(text, href=address) if address else html.Span(text), " › "]
    return html.Nav(parts[:-1], className="crumb", **aria(label="Where this page stands"))


def _banner(version: DataVersion) -> Component:
    words = "Every number on this page is invented. Do not use it for decisions."
    if version.mixed:
        words = "Numbers marked as demonstration data are invented. Do not use them for decisions."
    inside = html.Div([html.B("Demonstration data"), html.Span(words)], className="w")
    return html.Aside(inside, className="demo", **aria(label="Demonstration data"))


def _header(request: PageRequest) -> Component:
    brand = dcc.Link(
        [html.B(SITE_TITLE), html.Span(request.site.settings.area.name)], href=OVERVIEW, className="brand"
    )
    links = [current_link(text, path, current=path == request.path) for text, path in NAVIGATION]
    nav = html.Nav(links, **aria(label="Main"))
    return html.Header(html.Div([brand, nav], className="w"))


def _footer(version: DataVersion, owners: Sequence[str]) -> Component:
    demonstration = " · Demonstration data" if version.demonstration else ""
    loaded = f", loaded {date_text(version.loaded_on)}" if version.loaded_on else ""
    state = f"Data version {version.number}{loaded}{demonstration}" if version.number else "No data loaded"
    others = [owner for owner in owners if not owner.startswith(OPEN_GOVERNMENT)]
    sources = [LICENCE, *(f"Source: {owner}." for owner in others), DISCLAIMER]
    return html.Footer(
        html.Div([html.Div([html.P(words) for words in sources]), html.P(state)], className="w")
    )
