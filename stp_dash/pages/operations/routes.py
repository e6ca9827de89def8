"""What the operations page answers besides its own address: its parts that change by themselves, and its forms."""

from __future__ import annotations

import logging

import orjson
from flask import Flask, Response, request

from db.domain.run import RunKind
from db.figures.data_version import data_version
from db.service.runs import findings_of, run_log_of
from stp_dash.elements.links import OPERATIONS, read_search
from stp_dash.frame.request import PageRequest, ParameterError, Site, width_of
from stp_dash.pages.operations.actions import register_actions
from stp_dash.pages.operations.live import live, run_asked_for
from stp_dash.pages.operations.log_file import log_file
from stp_dash.pages.operations.parts import LIVE, LOG_FILE, UPLOAD
from stp_dash.pages.operations.read import names_hidden, source_names
from stp_dash.pages.operations.uploads.plain import upload_page
from stp_dash.web.access import current_operator, operator_required
from stp_dash.web.below_path import below
from stp_dash.web.downloads import NOT_NOW
from stp_dash.web.router import UNREADABLE

_LOG = logging.getLogger(__name__)


def register_routes(server: Flask, site: Site) -> None:
    """Add the page's routes. To be called before `access.secure`, whose protection reads forms."""
    server.add_url_rule(LIVE, "live", lambda: _live(site))
    server.add_url_rule(LOG_FILE, "log_file", lambda: _log_file(site))

    def without_scripts() -> Response:
        return upload_page(source_names(_asked(site)))

    server.add_url_rule(UPLOAD, "upload_page", operator_required(without_scripts))
    register_actions(server, site.store, site.settings)


def _live(site: Site) -> Response:
    """The parts of the page that change while something runs, as Dash's components in JSON."""
    asked = _asked(site)
    try:
        with site.store.reading() as connection:
            parts = names_hidden(connection, live(asked, connection, data_version(connection)))
    except ParameterError as error:
        return Response(f"{error.told}\n", status=error.status, mimetype="text/plain")
    except UNREADABLE as error:
        _LOG.warning("the operations page could not be brought up to date: %s", error)
        return Response(NOT_NOW, status=503, mimetype="text/plain")
    parts = {name: below(part, site.settings.site.path) for name, part in parts.items()}
    answer = orjson.dumps(parts, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(answer, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _log_file(site: Site) -> Response:
    """A run's log as a text file: `?run=12`."""
    asked = _asked(site)
    try:
        with site.store.reading() as connection:
            run = run_asked_for(asked, connection)
            if run.kind is RunKind.CHECK and current_operator() is None:
                return Response("Sign in to see what a check found.\n", status=401, mimetype="text/plain")
            told = log_file(run, run_log_of(connection, run.id), findings_of(connection, run.id))
            text = str(names_hidden(connection, told))
    except ParameterError as error:
        return Response(f"{error.told}\n", status=404, mimetype="text/plain")
    except UNREADABLE as error:
        _LOG.warning("a log could not be read: %s", error)
        return Response(NOT_NOW, status=503, mimetype="text/plain")
    name = f'attachment; filename="run-{run.id}-log.txt"'
    return Response(
        text, mimetype="text/plain", headers={"Content-Disposition": name, "Cache-Control": "no-store"}
    )


def _asked(site: Site) -> PageRequest:
    parameters = read_search(request.query_string.decode("utf-8", "replace"))
    return PageRequest(site, OPERATIONS, parameters, width_of(parameters.get("width")))
