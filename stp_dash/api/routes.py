"""The API's addresses: which format is wanted, what is kept, what is wrong, and the headers of every answer."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import ClassVar

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestedRangeNotSatisfiable

from db.figures.data_version import data_version
from db.store import Connection
from stp_dash.api.answers import (
    CSV,
    JSON,
    TYPES_SENT,
    AnswerPlace,
    KeptAnswers,
    PageOfTable,
    SentTable,
    sent_table,
    start_of,
)
from stp_dash.api.bulk.routes import add_bulk
from stp_dash.api.description import description
from stp_dash.api.limits import RequestLimit, limit_requests
from stp_dash.api.problems import ProblemError, no_such_thing, unreadable_query
from stp_dash.api.queries import Asked
from stp_dash.api.resources import RESOURCES, Resource
from stp_dash.api.table import Table
from stp_dash.elements.links import API, API_V1, BULK, LONGEST_SEARCH
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader, check_time
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.web.endpoints import error_sentence
from stp_dash.web.kept.pages import KEPT_PAGES, best_encoding
from stp_dash.web.router import UNREADABLE, WAIT_SECONDS

NAME = "api"
ENDINGS = {"": "", ".json": JSON, ".csv": CSV}
METHODS = ["GET", "HEAD", "OPTIONS"]
CHANGING = ["POST", "PUT", "PATCH", "DELETE", "TRACE"]
_PAGE_ONLY = frozenset({"limit", "cursor"})
_EXPOSED = (
    "ETag, Link, Data-Version, Data-Published, Total-Rows, Retry-After, "
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
)
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": _EXPOSED,
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_FILE = re.compile(r"bulk/(?:latest|notes|[0-9]+)/[^/]+")
"""Where files may be: what is there, or that there is none such, those addresses say themselves."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class TableKey(CacheKey[Table]):
    """A table of an area, for those who read it page by page."""

    day: date
    name: str
    area: str
    parameters: tuple[tuple[str, str], ...]
    most: ClassVar[int] = 60_000

    def weight(self, value: Table) -> int:
        """Rows, and some for the key."""
        return 100 + len(value.rows)


@dataclass(frozen=True)
class ApiState:
    """What one application answers from."""

    site: Site
    limit: RequestLimit
    kept: KeptAnswers = field(default_factory=KeptAnswers)


def serve_api(server: Flask, site: Site) -> tuple[Blueprint, ApiState]:
    """Answer what is asked below /api/v1. Raises SettingsError where its settings are wrong."""
    blueprint = _blueprint()
    server.register_blueprint(blueprint)
    server.register_error_handler(MethodNotAllowed, _method_unknown)
    state = server.extensions[NAME] = ApiState(site, limit_requests(server, blueprint, site.settings.api))
    return blueprint, state


@cache
def _blueprint() -> Blueprint:
    blueprint = Blueprint(NAME, __name__, url_prefix=API_V1)
    add = partial(blueprint.add_url_rule, methods=["GET"], provide_automatic_options=False)
    add("", "root", _root)
    add("/openapi.json", "description", _description)
    for name in RESOURCES:
        for ending, kind in ENDINGS.items():
            add(f"/{name}{ending}", f"{name}-{kind or 'any'}", _answer, defaults={"name": name, "kind": kind})
    add_bulk(blueprint)
    for path in ("", "/", "/<path:rest>"):
        add(path, "elsewhere", _elsewhere, methods=[*(METHODS if path else ["OPTIONS"]), *CHANGING])
    blueprint.register_error_handler(ProblemError, ProblemError.response)
    blueprint.register_error_handler(HTTPException, _refused)
    for unreadable in UNREADABLE:
        blueprint.register_error_handler(unreadable, _away)
    blueprint.register_error_handler(Exception, _broken)
    blueprint.after_request(_with_headers)
    return blueprint


def _root() -> Response:
    """Where everything is."""
    state = _state()
    version = state.site.read(data_version)
    root = state.site.settings.site.path
    told = {
        "version": version.number,
        "demonstration": version.demonstration,
        "description": f"{root}{API_V1}/openapi.json",
        "documentation": f"{root}{API}",
        "bulk": f"{root}{BULK}",
        "tables": {name: f"{root}{API_V1}/{name}" for name in RESOURCES},
    }
    return Response(orjson.dumps(told), mimetype=TYPES_SENT[JSON], headers={"Cache-Control": "no-cache"})


def _description() -> Response:
    """The description of the API (OpenAPI 3.1)."""
    told = orjson.dumps(description(_state().site.settings.site.path))
    return Response(told, mimetype=TYPES_SENT[JSON], headers={"Cache-Control": "no-cache"})


def _answer(name: str, kind: str) -> Response:
    """Some rows of a table, in the format that the address ends with or the Accept header wants."""
    state, query = _state(), request.query_string.decode("utf-8", "replace")
    kind, resource = kind or _kind_wanted(), RESOURCES[name]
    encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
    counted = current_app.extensions[KEPT_PAGES].state()
    place = AnswerPlace(counted, state.site.today(), name, kind, query, encoding)
    headers = kept_headers(place)
    sent = state.kept.get(place)
    if sent is None:
        asked = _asked(resource, query)
        if _is_known(place):
            return Response(status=304, headers=headers)
        sent, lasting = _made(state, resource, asked, place)
        if not lasting:
            return Response(sent.packed, headers={**sent.headers, "Cache-Control": "no-store"})
        state.kept.put(place, sent)
    if _is_known(place) or _is_any_known():
        return Response(status=304, headers=headers)
    return Response(sent.packed, headers={**sent.headers, **headers})


def kept_headers(place: AnswerPlace) -> dict[str, str]:
    """The headers of an answer that may be kept, here and by readers, as long as its tag is the same."""
    return {"ETag": place.etag, "Cache-Control": "public, no-cache", "Vary": "Accept, Accept-Encoding"}


def _is_known(place: AnswerPlace) -> bool:
    """Whether the asker has this answer already: names its tag, not any."""
    return not _is_any_known() and request.if_none_match.contains_weak(place.etag[3:-1])


def _is_any_known() -> bool:
    """Whether the asker wants no answer where there is one, whichever it is: to be asked when one is known to be."""
    return request.if_none_match.star_tag


def _kind_wanted() -> str:
    """The format that is wanted by the Accept header, JSON where any will do. Raises ProblemError for others."""
    if "Accept" not in request.headers:
        return JSON
    offered = {"application/json": JSON, "text/csv": CSV}
    best = request.accept_mimetypes.best_match(offered)
    if best is None:
        told = f"“Accept” is “{request.headers['Accept'][:200]}”. Wanted: {' or '.join(offered)}."
        raise ProblemError(406, told)
    return offered[best]


def _asked(resource: Resource, query: str) -> Asked:
    """What is asked, checked against the table's parameters. Raises ProblemError."""
    if len(query) > LONGEST_SEARCH:
        raise ProblemError(400, f"This address has more than {LONGEST_SEARCH:,} characters.")
    doubled = next((name for name, values in request.args.lists() if len(values) > 1), None)
    if doubled is not None:
        raise ProblemError(400, f"“{doubled[:40]}” stands twice in this address.", parameter=doubled[:40])
    try:
        return resource.query.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise unreadable_query(error, resource.query) from None


def _made(state: ApiState, resource: Resource, asked: Asked, place: AnswerPlace) -> tuple[SentTable, bool]:
    """The answer made now, and whether it may be kept under its place."""
    site, given = state.site, list(request.args.items())
    parameters = {name: value for name, value in given if name not in _PAGE_ONLY}
    page = PageRequest(site, f"{API_V1}/{resource.name}", parameters)

    def read(connection: Connection) -> tuple[SentTable, bool]:
        version = data_version(connection)
        check_time(page, connection, version)
        others = sorted((name, value) for name, value in parameters.items() if name != "area")
        key = TableKey(place.day, resource.name, page.area.code, tuple(others))
        table = site.cache.get(version, key, lambda: resource.read(page, connection, version))
        number = asked.version or version.number
        files = StoreReader(page, connection, version).code_lists.files.values()
        known = (f.published_on for f in files if f.id <= number and f.published_on is not None)
        published = max(
            (on for on in known if asked.published is None or on <= asked.published), default=None
        )
        start = start_of(asked.cursor, version.state)
        found = PageOfTable(
            resource, table, version, number, published, start, asked.limit, given, site.settings.site.path
        )
        lasting = not version.filling and version.state >= place.state and site.today() == place.day
        return sent_table(found, place), lasting

    try:
        return site.read(read, current=asked.version is not None)
    except ParameterError as error:
        raise no_such_thing(error) from None


def _state() -> ApiState:
    found: ApiState = current_app.extensions[NAME]
    return found


def _elsewhere(rest: str = "") -> Response:
    """What is asked of an address that has nothing, or with another method than reading."""
    name, allowed = rest.partition(".")[0], ", ".join(METHODS)
    reading = request.method in {"GET", "HEAD"}
    if request.path.endswith("/") or (
        (reading or not _FILE.fullmatch(rest))
        and rest
        not in {
            "",
            "openapi.json",
            "bulk",
            *(f"{name}{ending}" for ending in ENDINGS if name in RESOURCES),
        }
    ):
        told = (
            f"There is nothing at this address. There are {', '.join(RESOURCES)}, each as .json and .csv too."
        )
        raise ProblemError(404, told)
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": allowed, **_PREFLIGHT})
    told = f"The method is {request.method}. Wanted: GET, HEAD or OPTIONS."
    raise ProblemError(405, told, headers={"Allow": allowed})


def _refused(error: HTTPException) -> Response:
    """An error of the web server or of the limit, as a problem."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_body(), status, error.get_headers())
    told, headers = "This request cannot be read.", dict[str, str]()
    if status == 429:
        told = f"More requests than {error.description} came from your address. Wait as long as Retry-After says."
    if isinstance(error, RequestedRangeNotSatisfiable):
        told = f"The range of bytes is “{request.headers['Range'][:80]}”. Wanted: a part of {error.length:,} bytes."
        headers = {"Content-Range": f"bytes */{error.length}"}
    return ProblemError(status, told, headers=headers).response()


def _method_unknown(error: MethodNotAllowed) -> Response | HTTPException:
    """A method that no address has, as a problem below /api/v1: the framework finds no view there that could say so."""
    if request.path != API_V1 and not request.path.startswith(f"{API_V1}/"):
        return error_sentence(error)
    try:
        return _elsewhere(request.path.removeprefix(API_V1).removeprefix("/"))
    except ProblemError as problem:
        return _with_headers(problem.response())


def _away(error: Exception) -> Response:
    _LOG.error("the store cannot be read for %s", request.path, exc_info=error)
    told = "The figures cannot be read at this moment. Try again later."
    return ProblemError(503, told, headers={"Retry-After": str(WAIT_SECONDS)}).response()


def _broken(error: Exception) -> Response:
    _LOG.error("an answer could not be made: %s", request.full_path, exc_info=error)
    return ProblemError(500, "Whoever runs the site finds the reason in its log.").response()


def _with_headers(response: Response) -> Response:
    response.headers.update(CORS)
    return response
