"""What machines ask for and forge: Dash's own addresses, robots.txt, the icon, and errors in one sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import wraps

import orjson
from dash import Dash
from dash.exceptions import DashException
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from stp_dash.elements.links import API_V1, DOWNLOAD, OPERATIONS, PACK, SIGN_IN
from stp_dash.web.assets import FrontFile
from stp_dash.web.document import BrowserRequest
from stp_dash.web.downloads import NOT_NOW
from stp_dash.web.router import UNREADABLE

DASH_UPDATES = "/_dash-update-component"
"""Where Dash's pages ask for what they show: a POST that changes nothing."""
SUITE = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"
LARGEST_UPDATE = 64_000
"""Bytes. The site's own scripts send an address and a width."""
_ARGUMENTS = frozenset({"endId"})
"""What Dash's renderer writes behind the address; others are of callbacks that this site does not have."""
_OUTPUT = {"id": "page", "property": "children"}
_DEEPEST, _MOST_CHANGED = 8, 20
_ROBOTS = "".join(
    [
        "User-agent: *\n",
        *(f"Disallow: {path}\n" for path in (f"{DOWNLOAD}/", f"{PACK}/", f"{API_V1}/", OPERATIONS, SIGN_IN)),
    ]
)
_NOT_OURS = "This is not what the pages of this site ask."
_SENTENCES = {
    400: "This request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not answer this kind of request.",
    413: "What was sent is larger than this address takes.",
    415: "What was sent is of a kind that this address does not take.",
    500: "The fault is the site's, not yours. Whoever runs it finds the reason in its log.",
}
_LOG = logging.getLogger(__name__)


def guard_dash(app: Dash) -> None:
    """Let Dash's own addresses refuse what their scripts do not send. To be called when all callbacks are there."""
    views = app.server.view_functions
    views[DASH_UPDATES] = _only_ours(views[DASH_UPDATES])
    views[SUITE] = _only_scripts(views[SUITE])


def _only_ours(dispatch: Callable[..., ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    @wraps(dispatch)
    def answer() -> ResponseReturnValue:
        if (request.content_length or 0) > LARGEST_UPDATE:
            return sentence(413)
        if page_asked_for(request, request.get_data()) is None:
            return sentence(400, _NOT_OURS)
        return dispatch()

    return answer


def page_asked_for(request: Request, body: bytes) -> BrowserRequest | None:
    """What a POST of the site's scripts asks for; None for one that is not theirs."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not request.is_json or not _ARGUMENTS.issuperset(request.args) or not _is_a_question(read):
        return None
    return BrowserRequest.from_data(read["inputs"][0].get("value"))


def _is_a_question(body: object) -> bool:
    """Whether a body asks for the page, as Dash's renderer writes it."""
    if not isinstance(body, Mapping) or not _is_shallow(body):
        return False
    inputs, changed = body.get("inputs"), body.get("changedPropIds", [])
    return (
        body.get("output") == "page.children"
        and body.get("outputs") == _OUTPUT
        and isinstance(inputs, list)
        and len(inputs) == 1
        and isinstance(inputs[0], Mapping)
        and {"id": "request", "property": "data"}.items() <= inputs[0].items()
        and not body.get("state")
        and isinstance(changed, list)
        and len(changed) <= _MOST_CHANGED
        and all(isinstance(name, str) and "." in name for name in changed)
    )


def _is_shallow(body: object) -> bool:
    """Whether what is nested is nested no deeper than anything that the scripts send."""
    level: list[object] = [body]
    for _ in range(_DEEPEST):
        level = [
            part
            for item in level
            for part in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
    return not level


def _only_scripts(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    @wraps(view)
    def answer(**parts: str) -> ResponseReturnValue:
        try:
            return view(**parts)
        except (DashException, OSError, LookupError, ValueError, AttributeError):
            return sentence(404)

    return answer


def serve_machines(server: Flask, icon: FrontFile) -> None:
    """Answer robots.txt and the icon that browsers ask for by themselves; tell errors in one sentence."""

    def favicon() -> Response:
        return Response(icon.content, mimetype=icon.kind, headers={"Cache-Control": "max-age=86400"})

    def robots() -> Response:
        return Response(_ROBOTS, mimetype="text/plain")

    server.add_url_rule("/robots.txt", "robots", robots)
    server.add_url_rule("/favicon.ico", "favicon", favicon)
    server.register_error_handler(HTTPException, error_sentence)
    for kind in UNREADABLE:
        server.register_error_handler(kind, _away)


def sentence(status: int, words: str = "") -> Response:
    """An answer of one sentence; without words the usual one of the status."""
    told = words or _SENTENCES.get(status) or _SENTENCES[400 if status < 500 else 500]
    return Response(f"{told}\n", status=status, mimetype="text/plain")


def error_sentence(error: HTTPException) -> HTTPException | Response:
    """An error of the web server, in our words and with its own headers; a redirect stays what it is."""
    if error.code is None or error.code < 400:
        return error
    answer = sentence(error.code)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            answer.headers.setdefault(name, value)
    return answer


def _away(error: Exception) -> Response:
    """The store is away, and nothing nearer to the request has said so."""
    _LOG.error("the store cannot be used for %s", request.path, exc_info=error)
    return sentence(503, NOT_NOW.strip())
