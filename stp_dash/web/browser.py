"""What runs between the browser's scripts and the router: the callbacks, the document, and what stands there first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, ctx, dcc, html
from flask import Response, g, request
from werkzeug.exceptions import InternalServerError

from stp_dash.elements import Component
from stp_dash.web.access import current_person
from stp_dash.web.assets import MonitorDash
from stp_dash.web.document import BrowserRequest, FirstView
from stp_dash.web.endpoints import sentence
from stp_dash.web.router import Router

_DOCUMENTS = frozenset({"/", "/<path:path>"})
"""The names of Dash's view of every address that nothing else answers."""
_BLOCKS = ("title", "line", "tall", "tall")
_LOG = logging.getLogger(__name__)


def serve_documents(app: MonitorDash, router: Router) -> None:
    """Let each address's document hold its page; where that cannot be made, it says so."""

    def first() -> FirstView:
        asked = BrowserRequest.of(request)
        return router.broken(asked) if "fault" in g else router.page(asked, person=current_person())

    def broken(_: InternalServerError) -> Response:
        """A fault of ours, which Flask has logged."""
        if request.endpoint not in _DOCUMENTS or "fault" in g:
            return sentence(500)
        g.fault = True
        document: Callable[[], str] = app.index
        return Response(document(), status=500)

    app.first = first
    app.server.register_error_handler(InternalServerError, broken)


def register_callbacks(app: Dash, router: Router) -> None:
    """The callback that asks the router, and those that run in the browser (`assets/site.js`)."""
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
        return router.broken(BrowserRequest.from_data(ctx.inputs.get("request.data"))).page

    @app.callback(
        Output("page", "children"), Input("request", "data"), prevent_initial_call=True, on_error=broken
    )
    def show(data: Mapping[str, Any] | None) -> orjson.Fragment:
        """A page as JSON at once. Dash walks and copies the whole tree first, which takes a third of its time."""
        return orjson.Fragment(router.page(BrowserRequest.from_data(data), person=current_person()).json)


def page_layout() -> html.Div:
    """What Dash's scripts put into the document before they have a page."""
    blocks = [html.Div(className=f"block {name}") for name in _BLOCKS]
    skeleton = html.Div([html.Div(className="head"), html.Div(blocks, className="w")], className="skeleton")
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Store(id="request"),
            dcc.Store(id="arrived"),
            html.Div(skeleton, id="page"),
        ]
    )


def skeleton_html() -> str:
    """Grey blocks at the size of the header, the title and the first cards: in the document before any script."""
    blocks = "".join(f'<div class="block {name}"></div>' for name in _BLOCKS)
    return f'<div class="skeleton"><div class="head"></div><div class="w">{blocks}</div></div>'
