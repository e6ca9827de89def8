"""Kept answers of the API, given before the framework is asked: the same bytes, headers and count of requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from db.settings import Settings
from stp_dash.api.answers import CSV, JSON, AnswerPlace
from stp_dash.api.resources import RESOURCES
from stp_dash.api.routes import CORS, ApiState, kept_headers
from stp_dash.elements.links import API_V1
from stp_dash.web.access import safe_headers
from stp_dash.web.kept.pages import KeptPages, best_encoding
from stp_dash.web.router import UNREADABLE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_FORMATS = {"": JSON, JSON: JSON, CSV: CSV}
_ANY_TYPE = frozenset({"", "*/*", "application/json"})


class ApiDoor:
    """A WSGI application before the site's own: it gives what is kept whole, and leaves all else to the site."""

    def __init__(self, inner: KeptPages, state: ApiState, settings: Settings) -> None:
        self.inner, self._state = inner, state
        self._headers = {**CORS, **safe_headers(settings.access)}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        place = self._place(environ)
        sent = self._state.kept.get(place) if place is not None else None
        if place is None or sent is None:
            return self.inner(environ, start_response)
        counted = self._state.limit.counted(str(environ.get("REMOTE_ADDR") or "127.0.0.1"))
        if counted is None:
            return self.inner(environ, start_response)
        headers: Mapping[str, str] = {**sent.headers, **kept_headers(place), **self._headers, **counted}
        start_response("200 OK", [*headers.items(), ("Content-Length", str(len(sent.packed)))])
        return [sent.packed]

    def _place(self, environ: WSGIEnvironment) -> AnswerPlace | None:
        """What an answer is found by; None for what only the site can answer."""
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(f"{API_V1}/") or environ["REQUEST_METHOD"] != "GET":
            return None
        name, _, ending = path.removeprefix(f"{API_V1}/").partition(".")
        plain = ending or environ.get("HTTP_ACCEPT", "") in _ANY_TYPE
        if name not in RESOURCES or ending not in _FORMATS or not plain or "HTTP_IF_NONE_MATCH" in environ:
            return None
        query = str(environ.get("QUERY_STRING", "")).encode("latin-1").decode("utf-8", "replace")
        try:
            counted = self.inner.state()
        except UNREADABLE:
            return None
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return AnswerPlace(counted, self._state.site.today(), name, _FORMATS[ending], query, encoding)
