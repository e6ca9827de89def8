"""The Dash application: one router, which turns an address into a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.queries import DataVersion, data_version
from db.settings import Settings, load_settings
from db.store import Store
from stp_dash.links import OVERVIEW, TREND, VARIATION, read_search
from stp_dash.pages import empty, overview, trend, variation
from stp_dash.pages.page import SITE_TITLE
from stp_dash.pages.request import PageRequest, ParameterError, Site, Width

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PAGES: dict[str, Callable[[PageRequest, Connection, DataVersion], Component]] = {
    OVERVIEW: overview.layout,
    VARIATION: variation.layout,
    TREND: trend.layout,
}
_WIDTHS = ("phone", "tablet", "desktop")
_LOG = logging.getLogger(__name__)

_INDEX = """<!DOCTYPE html>
<html lang="en-GB">
<head>
{%metas%}
<title>{%title%}</title>
{%favicon%}
{%css%}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
{%app_entry%}
<div hidden>{%config%}{%scripts%}{%renderer%}</div>
</body>
</html>
"""


def create_app(store: Store, settings: Settings | None = None) -> Dash:
    """The site over an open store; `.server` is its WSGI application. Settings are loaded when not given.

    Raises SettingsError when settings must be loaded and are wrong.
    """
    site = Site(store, settings or load_settings())
    app = Dash(
        "performance_standards_monitor",
        assets_folder=str(ASSETS),
        compress=True,
        title=SITE_TITLE,
        update_title="",
        index_string=_INDEX,
        suppress_callback_exceptions=True,
        health_endpoint="health",
    )
    # Flask-Compress leaves a streamed file open until it is collected: assets (few and small) go out as they are.
    app.server.config["COMPRESS_STREAMS"] = False
    app.layout = _shell
    _register(app, site)
    return app


def page_at(site: Site, path: str, search: str, width: Width = "desktop") -> Component:
    """The page at an address. Any address gives a page: a wrong one gives a page that says so."""
    request = PageRequest(site, path.rstrip("/") or OVERVIEW, read_search(search), width)
    try:
        with site.store.reading() as connection:
            return _page(request, connection)
    except DBAPIError:
        _LOG.exception("the store cannot be read for %s", request.path)
        return empty.failed(request)


def _page(request: PageRequest, connection: Connection) -> Component:
    version = data_version(connection)
    page = PAGES.get(request.path)
    if page is None:
        return empty.unknown_page(request, version)
    if not version.number:
        return empty.no_data(request, version)
    try:
        return page(request, connection, version)
    except ParameterError as error:
        return empty.wrong_parameter(request, error, version)


def _register(app: Dash, site: Site) -> None:
    """The router, and the callbacks that run in the browser (`assets/site.js`)."""
    in_browser: Callable[..., None] = app.clientside_callback
    in_browser(
        ClientsideFunction("site", "request"),
        Output("request", "data"),
        Input("address", "pathname"),
        Input("address", "search"),
    )
    in_browser(ClientsideFunction("site", "arrive"), Output("arrived", "data"), Input("state", "data"))

    @app.callback(Output("page", "children"), Input("request", "data"), prevent_initial_call=True)
    def show(request: Mapping[str, Any] | None) -> Component:
        asked = request or {}
        width = cast("Width", asked.get("width") if asked.get("width") in _WIDTHS else "desktop")
        return page_at(site, str(asked.get("path") or "/"), str(asked.get("search") or ""), width)


def _shell() -> Component:
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="request"),
            dcc.Store(id="arrived"),
            html.Div(_skeleton(), id="page"),
        ]
    )


def _skeleton() -> Component:
    """Grey blocks at the size of the header, the title and the first cards."""
    blocks = [html.Div(className=f"block {name}") for name in ("title", "line", "tall", "tall")]
    return html.Div([html.Div(className="head"), html.Div(blocks, className="w")], className="skeleton")
