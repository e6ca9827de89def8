"""The Dash application: one router, which turns an address into a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from flask import Response, request
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.queries import DataVersion, data_version
from db.settings import Settings, load_settings
from db.store import Store
from stp_dash.links import (
    ACCESSIBILITY,
    DATA,
    DOWNLOAD,
    GLOSSARY,
    METHODS,
    OVERVIEW,
    TREND,
    VARIATION,
    read_search,
)
from stp_dash.pages import data, document, empty, overview, trend, variation
from stp_dash.pages.download import CONTENT_TYPES, NoSheetError, download
from stp_dash.pages.page import SITE_TITLE, Page, framed
from stp_dash.pages.request import PageRequest, ParameterError, Site, Width

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PAGES: dict[str, Callable[[PageRequest, Connection, DataVersion], Page]] = {
    OVERVIEW: overview.build,
    VARIATION: variation.build,
    TREND: trend.build,
    DATA: data.build,
    METHODS: document.build,
    GLOSSARY: document.build,
    ACCESSIBILITY: document.build,
}
"""A page is a function of its address and of the store."""
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
    _serve_downloads(app, site)
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
        return framed(request, page(request, connection, version), version)
    except ParameterError as error:
        return empty.wrong_parameter(request, error, version)


def download_at(site: Site, path: str, search: str, kind: str) -> tuple[str, bytes] | None:
    """A chart's numbers as a file: its name and its bytes; None where the address leads to no chart."""
    asked = PageRequest(site, path, read_search(search))
    build = PAGES.get(path)
    with site.store.reading() as connection:
        version = data_version(connection)
        if build is None or not version.number:
            return None
        try:
            return download(build(asked, connection, version), asked, version, kind)
        except (ParameterError, NoSheetError):
            return None


def _serve_downloads(app: Dash, site: Site) -> None:
    def serve(page: str, kind: str) -> Response:
        path = OVERVIEW if page == "overview" else f"/{page}"
        found = download_at(site, path, request.query_string.decode("utf-8", "replace"), kind)
        if found is None:
            words = (
                "This address leads to no table. Open the page it was copied from and download it there.\n"
            )
            return Response(words, status=404, mimetype="text/plain")
        name, content = found
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, mimetype=CONTENT_TYPES[kind], headers=headers)

    kinds = ",".join(CONTENT_TYPES)
    app.server.add_url_rule(f"{DOWNLOAD}/<page>.<any({kinds}):kind>", "download", serve)


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
