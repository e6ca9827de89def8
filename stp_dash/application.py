"""The Dash application: one router, which turns an address into a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson
from dash import ClientsideFunction, Dash, Input, Output, ctx, dcc, html
from flask import Response, g, request
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import InternalServerError

from db.domain.holdings import DataVersion
from db.figures.queries import data_version
from db.figures.replica import Replica
from db.settings import Settings, load_settings
from db.store import Store
from stp_dash.elements import Component
from stp_dash.elements.links import (
    ACCESSIBILITY,
    DATA,
    DOWNLOAD,
    GLOSSARY,
    LONGEST_VALUE,
    METHODS,
    OPERATIONS,
    ORGANISATION,
    OVERVIEW,
    STAFFING,
    TREND,
    VARIATION,
    read_search,
)
from stp_dash.frame import empty
from stp_dash.frame.download import CONTENT_TYPES, NoSheetError, download
from stp_dash.frame.memory import Recent
from stp_dash.frame.request import PageRequest, ParameterError, Site, Width
from stp_dash.frame.shell import SITE_TITLE, Page, framed
from stp_dash.pages.data import page as data
from stp_dash.pages.documents import page as document
from stp_dash.pages.operations import page as operations
from stp_dash.pages.operations.actions import register as register_actions
from stp_dash.pages.organisation import page as organisation
from stp_dash.pages.overview import page as overview
from stp_dash.pages.staffing import page as staffing
from stp_dash.pages.trend import page as trend
from stp_dash.pages.variation import page as variation
from stp_dash.web.access import secure
from stp_dash.web.assets import FrontEnd, MonitorDash
from stp_dash.web.document import Asked, FirstView
from stp_dash.web.metrics import observe

PAGES: dict[str, Callable[[PageRequest, Connection, DataVersion], Page]] = {
    OVERVIEW: overview.build,
    VARIATION: variation.build,
    TREND: trend.build,
    ORGANISATION: organisation.build,
    STAFFING: staffing.build,
    DATA: data.build,
    METHODS: document.build,
    GLOSSARY: document.build,
    ACCESSIBILITY: document.build,
    OPERATIONS: operations.build,
}
"""A page is a function of its address and of the store."""
SERIES = {(DATA, "series"): data.series}
"""The sheets that need not the whole of their page."""
WITHOUT_DATA = frozenset({OPERATIONS})
"""The pages that an empty store has, too."""
KEPT_VIEWS = 48
"""So many pages are kept by each process, at about half a megabyte each, for as long as the data stays as it is."""
KEPT_SERIES = 256
"""So many downloads of one series, at some ten kilobytes each."""
File = tuple[str, bytes]
"""A download's name and what it holds."""
LIVE = f"{OPERATIONS}/live"
"""What of the operations page has changed, for as long as something runs."""
PLOTTED = frozenset({VARIATION, TREND, STAFFING})
"""The pages whose charts plotly draws; the others never ask for it."""
_DOCUMENTS = frozenset({"/", "/<path:path>"})
"""The names of Dash's view of every address that nothing else answers."""
DASH_UPDATES = "/_dash-update-component"
"""Where Dash's pages ask for what they show: a POST that changes nothing."""
UNREADABLE = "The figures cannot be read at this moment. Try again later.\n"
_BLOCKS = ("title", "line", "tall", "tall")
_WIDTHS = ("phone", "tablet", "desktop")
_LOG = logging.getLogger(__name__)


def create_app(store: Store, settings: Settings | None = None, replica: Replica | None = None) -> Dash:
    """The site over an open store; `.server` is its WSGI application. Settings are loaded when not given.

    Figures are read from the replica, if there is one; what operators see and do is in the store itself.
    Raises SettingsError when settings must be loaded and are wrong.
    """
    site = Site(store, settings or load_settings(), replica=replica)
    app = MonitorDash(
        "performance_standards_monitor",
        assets_ignore=".*",
        compress=True,
        title=SITE_TITLE,
        update_title="",
        suppress_callback_exceptions=True,
        health_endpoint="health",
    )
    # Flask-Compress would leave a streamed file open until it is collected.
    app.server.config["COMPRESS_STREAMS"] = False
    app.front = FrontEnd(PLOTTED, _skeleton_html())
    app.front.serve(app.server)
    app.layout = _shell
    views = Recent[FirstView](KEPT_VIEWS)
    _documents(app, site, views)
    _register(app, site, views)
    _serve_downloads(app, site)
    app.server.add_url_rule(LIVE, "live", lambda: _live(site))
    register_actions(app.server, store, site.settings)
    app.server.config["STP_STYLE"] = app.front.files["site.css"].address
    observe(app.server, store, replica)
    secure(app.server, store, site.settings, open_posts=(DASH_UPDATES,))
    return app


def page_at(site: Site, path: str, search: str, width: Width = "desktop", origin: str = "") -> Component:
    """The page at an address, made now. Any address gives a page: a wrong one gives a page that says so."""
    return _view(site, Asked(path, search, width, origin), Recent(0)).page


def _view(site: Site, asked: Asked, views: Recent[FirstView]) -> FirstView:
    """The page that is asked for: a kept one if the data, the day and what is asked are the same."""
    path = asked.path.rstrip("/") or OVERVIEW
    request = PageRequest(site, path, read_search(asked.search), asked.width, asked.origin)

    def read(connection: Connection) -> FirstView:
        version = data_version(connection)

        def make() -> FirstView:
            return FirstView(asked, _page(request, connection, version))

        if path not in PAGES or path in WITHOUT_DATA:
            return make()
        return views.get((version, site.today(), asked), make)

    try:
        return site.read(read, current=_is_current(request))
    except DBAPIError:
        _LOG.exception("the store cannot be read for %s", path)
        return FirstView(asked, empty.failed(request))


def _is_current(request: PageRequest) -> bool:
    """Whether only the store itself can answer: what operators do, and links to a state that a replica may lack."""
    return request.path == OPERATIONS or "version" in request.parameters


def _page(request: PageRequest, connection: Connection, version: DataVersion) -> Component:
    page = PAGES.get(request.path)
    if page is None:
        return empty.unknown_page(request, version)
    if not version.number and request.path not in WITHOUT_DATA:
        return empty.no_data(request, version)
    try:
        return framed(request, page(request, connection, version), version)
    except ParameterError as error:
        return empty.wrong_parameter(request, error, version)


def download_at(site: Site, path: str, search: str, kind: str) -> File | None:
    """A chart's numbers as a file: its name and its bytes; None where the address leads to no chart."""
    return _file(site, path, search, kind, Recent(0))


def _file(site: Site, path: str, search: str, kind: str, files: Recent[File | None]) -> File | None:
    """A chart's numbers, made now; of one series a kept file if the data and what is asked are the same."""
    asked = PageRequest(site, path, read_search(search))
    alone = SERIES.get((path, asked.parameters.get("sheet", "")))
    build = alone or PAGES.get(path)
    if build is None:
        return None

    def read(connection: Connection) -> File | None:
        version = data_version(connection)

        def make() -> File | None:
            try:
                return download(build(asked, connection, version), asked, version, kind)
            except (ParameterError, NoSheetError):
                return None

        if not version.number:
            return None
        return files.get((version, path, search, kind), make) if alone else make()

    return site.read(read, current=_is_current(asked))


def _serve_downloads(app: Dash, site: Site) -> None:
    files = Recent[File | None](KEPT_SERIES)

    def serve(page: str, kind: str) -> Response:
        path = OVERVIEW if page == "overview" else f"/{page}"
        try:
            found = _file(site, path, request.query_string.decode("utf-8", "replace"), kind, files)
        except DBAPIError:
            _LOG.exception("the store cannot be read for a download of %s", path)
            return Response(UNREADABLE, status=503, mimetype="text/plain")
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


def _live(site: Site) -> Response:
    """The parts of the operations page that change while something runs, as Dash's components in JSON."""
    parameters = read_search(request.query_string.decode("utf-8", "replace"))
    asked = PageRequest(site, OPERATIONS, parameters, _width(parameters.get("width")))
    try:
        with site.store.reading() as connection:
            parts = operations.live(asked, connection, data_version(connection))
    except (ParameterError, DBAPIError) as error:
        _LOG.warning("the operations page could not be brought up to date: %s", error)
        return Response(UNREADABLE, status=503, mimetype="text/plain")
    answer = orjson.dumps(parts, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(answer, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _documents(app: MonitorDash, site: Site, views: Recent[FirstView]) -> None:
    """What each address's document holds; where that cannot be made, it says so."""

    def first() -> FirstView:
        asked = Asked.by(request)
        if "fault" in g:
            return FirstView(asked, empty.broken(PageRequest(site, asked.path, {}, asked.width)))
        return _view(site, asked, views)

    def broken(error: InternalServerError) -> InternalServerError | Response:
        """A fault of ours, which Flask has logged."""
        if request.endpoint not in _DOCUMENTS or "fault" in g:
            return error
        g.fault = True
        document: Callable[[], str] = app.index
        return Response(document(), status=500)

    app.first = first
    app.server.register_error_handler(InternalServerError, broken)


def _register(app: Dash, site: Site, views: Recent[FirstView]) -> None:
    """The router, and the callbacks that run in the browser (`assets/site.js`)."""
    in_browser: Callable[..., None] = app.clientside_callback
    in_browser(
        ClientsideFunction("site", "request"),
        Output("request", "data"),
        Output("page", "children", allow_duplicate=True),
        Input("address", "pathname"),
        Input("address", "search"),
        prevent_initial_call="initial_duplicate",
    )
    in_browser(ClientsideFunction("site", "arrive"), Output("arrived", "data"), Input("state", "data"))

    def broken(error: Exception) -> Component:
        """A fault of ours: it goes to the log, and the reader is told instead of left with the page before."""
        _LOG.error("a page could not be made: %s", ctx.inputs, exc_info=error)
        path, search, width, _ = _asked(ctx.inputs.get("request.data"))
        return empty.broken(PageRequest(site, path, read_search(search), width))

    @app.callback(
        Output("page", "children"), Input("request", "data"), prevent_initial_call=True, on_error=broken
    )
    def show(request: Mapping[str, Any] | None) -> orjson.Fragment:
        return _written(_view(site, Asked(*_asked(request)), views).page)


def _written(page: Component) -> orjson.Fragment:
    """A page as JSON at once. Dash walks and copies the whole tree first, which takes a third of a page's time."""
    return orjson.Fragment(orjson.dumps(page, option=orjson.OPT_SERIALIZE_NUMPY))


def _asked(data: object) -> tuple[str, str, Width, str]:
    """What the browser sent, whatever it is: path, search, width and origin."""
    found = data if isinstance(data, dict) else {}
    width = _width(found.get("width"))
    origin = str(found.get("origin") or "")[:LONGEST_VALUE]
    return str(found.get("path") or OVERVIEW), str(found.get("search") or ""), width, origin


def _width(asked: object) -> Width:
    return cast("Width", asked if asked in _WIDTHS else "desktop")


def _shell() -> html.Div:
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="request"),
            dcc.Store(id="arrived"),
            html.Div(_skeleton(), id="page"),
        ]
    )


def _skeleton() -> html.Div:
    """Grey blocks at the size of the header, the title and the first cards."""
    blocks = [html.Div(className=f"block {name}") for name in _BLOCKS]
    return html.Div([html.Div(className="head"), html.Div(blocks, className="w")], className="skeleton")


def _skeleton_html() -> str:
    """The same in the document itself, there before any script."""
    blocks = "".join(f'<div class="block {name}"></div>' for name in _BLOCKS)
    return f'<div class="skeleton"><div class="head"></div><div class="w">{blocks}</div></div>'
