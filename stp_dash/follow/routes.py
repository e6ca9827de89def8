"""The addresses of feeds and of the calendar: what is asked for, and what is answered."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, request

from db.figures.data_version import data_version
from db.store import Connection
from stp_dash.elements.links import CALENDAR, FEEDS
from stp_dash.follow.feeds import ATOM, DEMONSTRATION, JSON_FEED, Feed, atom_feed, json_feed
from stp_dash.follow.following import FEED_PARAMETERS, following_of, news_of
from stp_dash.follow.published import publication_calendar, publication_dates
from stp_dash.frame.address import AddressError, read_parameters
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.web.downloads import NOT_NOW
from stp_dash.web.router import UNREADABLE

BACK_DAYS = 120
"""So far back the calendar says what came."""
_KINDS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": (ATOM, atom_feed),
    "json": (JSON_FEED, json_feed),
}
_LOG = logging.getLogger(__name__)
Maker = Callable[[StoreReader], bytes]


def serve_feeds(server: Flask, site: Site) -> None:
    """Answer `/feeds/changes.atom`, `.json` and `/feeds/publications.ics`, each with what pages are asked by."""

    def changes(kind: str) -> Response:
        content_type, write = _KINDS[kind]
        return _answered(site, FEEDS, FEED_PARAMETERS, content_type, lambda reader: write(feed_of(reader)))

    server.add_url_rule(f"{FEEDS}.<any({','.join(_KINDS)}):kind>", "feed", changes)

    def calendar() -> Response:
        return _answered(site, CALENDAR, ("area",), "text/calendar", _calendar)

    server.add_url_rule(CALENDAR, "publications", calendar)


def feed_of(reader: StoreReader) -> Feed:
    """The feed of what the request asks for. Raises ParameterError."""
    following = following_of(reader)
    entries = news_of(reader, following) if reader.version.number else []
    base = site_address(reader.request.site)
    mark = DEMONSTRATION if reader.version.demonstration and not reader.version.mixed else ""
    return Feed(
        f"{mark}{following.title}: what changed",
        base,
        authority(reader.request.site),
        following.path,
        following.query,
        entries,
    )


def site_address(site: Site) -> str:
    """The site's own address without a slash at its end: that of the settings, else the one that was asked."""
    given = site.settings.notify.site.rstrip("/")
    return given or request.root_url.rstrip("/")


def authority(site: Site) -> str:
    """What names of entries begin with: the site's host by the settings, the same however it is reached."""
    return urlsplit(site.settings.notify.site).hostname or "localhost"


def _calendar(reader: StoreReader) -> bytes:
    version, area = reader.version, reader.request.area
    since = reader.request.site.today() - timedelta(days=BACK_DAYS)
    return publication_calendar(
        publication_dates(reader, since) if version.number else (),
        f"Figures of {area.name}: what is published when",
        site=site_address(reader.request.site),
        authority=authority(reader.request.site),
        stamp=version.loaded_on or since,
        mark=DEMONSTRATION if version.demonstration and not version.mixed else "",
    )


def _answered(site: Site, path: str, names: tuple[str, ...], content_type: str, make: Maker) -> Response:
    """What is made of an address, under a tag of its content; what is wrong with the address, in a sentence."""
    try:
        text = request.query_string.decode("utf-8", "replace")
        asked = PageRequest(site, path, read_parameters(path, text, names, ()))

        def read(connection: Connection) -> bytes:
            return make(StoreReader(asked, connection, data_version(connection)))

        content = site.read(read)
    except ParameterError as error:
        status = 400 if isinstance(error, AddressError) else error.status
        return Response(f"{error.told}\n", status=status, mimetype="text/plain")
    except UNREADABLE:
        _LOG.exception("the store cannot be read for %s", request.path)
        return Response(NOT_NOW, status=503, mimetype="text/plain")
    heads = {"Cache-Control": "public, no-cache", "Access-Control-Allow-Origin": "*"}
    found = Response(content, content_type=f"{content_type}; charset=utf-8", headers=heads)
    found.set_etag(hashlib.sha256(content).hexdigest()[:32])
    found.make_conditional(request)
    return found
