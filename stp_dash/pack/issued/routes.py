"""What the page of issued packs answers besides its own address: documents as they were issued, and its forms."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError

from db.service.packs.issued import PackError, issued_bytes, issued_pack_by_id, withdraw_pack
from db.service.packs.orders import end_order, make_order
from stp_dash.elements.links import ISSUED, PACK, href, read_search
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.frame.state import AS_OF
from stp_dash.frame.turns import BusyError
from stp_dash.pack.issued.issuing import issue
from stp_dash.pack.making import NotMadeError, version_of_pack
from stp_dash.pack.page import BUSY, KINDS
from stp_dash.pack.read import PackReader
from stp_dash.pack.state import WITHOUT
from stp_dash.web.access import operator_required
from stp_dash.web.acting.forms import ActionError, done, operator_name, typed_number, typed_text
from stp_dash.web.downloads import NOT_NOW
from stp_dash.web.router import UNREADABLE

CANCER = "cancer_waiting_times"
"""The source whose new month most boards wait for."""
ISSUE, WITHDRAW = f"{ISSUED}/issue", f"{ISSUED}/withdraw"
ORDER, END_ORDER = f"{ISSUED}/order", f"{ISSUED}/end-order"
LONGEST_TITLE = 120
_A_YEAR = "public, max-age=31536000, immutable"
_LOG = logging.getLogger(__name__)


def register_issued(server: Flask, site: Site) -> None:
    """Add the routes. To be called before `access.secure`, whose protection reads forms."""

    def document(number: int, kind: str) -> Response:
        return _document(site, number, kind)

    server.add_url_rule(
        f"{ISSUED}/<int:number>/board-pack.<any({','.join(KINDS)}):kind>", "issued_document", document
    )
    actions = {ISSUE: _issue, WITHDRAW: _withdraw, ORDER: _order, END_ORDER: _end_order}
    for address, action in actions.items():
        name = address.strip("/").replace("/", "-")
        server.add_url_rule(address, name, operator_required(_told(site, action)), methods=["POST"])


def _document(site: Site, number: int, kind: str) -> Response:
    try:
        with site.store.reading() as connection:
            found = issued_pack_by_id(connection, number) if number < 10**9 else None
        document = next((item for item in found.documents if item.kind == kind), None) if found else None
        if document is None:
            return _words("There is no such document of an issued pack.", 404)
        content = issued_bytes(site.settings.packs_folder, document)
    except PackError:
        _LOG.exception("an issued pack cannot be opened")
        return _words(
            "The document cannot be opened. Whoever runs this site finds the reason in its log.", 503
        )
    except UNREADABLE:
        _LOG.exception("the store cannot be read for an issued pack")
        return _words(NOT_NOW.strip(), 503)
    heads = {
        "Content-Disposition": f'attachment; filename="{document.name}"',
        "Cache-Control": _A_YEAR,
        "ETag": f'"{document.sha256}"',
    }
    if request.if_none_match.contains(document.sha256):
        return Response(status=304, headers=heads)
    return Response(content, mimetype=KINDS[kind].media_type, headers=heads)


def _words(words: str, status: int) -> Response:
    return Response(f"{words}\n", status=status, mimetype="text/plain")


def _told(site: Site, action: Callable[[Site], Response]) -> Callable[[], Response]:
    """An action whose refusal is said on the page."""

    def answer() -> Response:
        try:
            return action(site)
        except (ActionError, PackError) as error:
            return done(f"Nothing was changed: {error}.", ISSUED)
        except ParameterError as error:
            return done(f"Nothing was issued. {error.told}", ISSUED)
        except (BusyError, NotMadeError) as error:
            return done(f"Nothing was issued. {str(error) or BUSY}", ISSUED)
        except DBAPIError:
            _LOG.exception("the store cannot be written for %s", request.path)
            return done("Nothing was changed: the store cannot be written at this moment.", ISSUED)

    return answer


def asked_by(site: Site, address: str) -> PageRequest:
    """The pack of an address, as it stands in a form or an order. Raises ActionError for one of another page."""
    path, _, query = address.partition("?")
    if path != PACK:
        raise ActionError(f"wanted the address of a board pack, found {address[:80]!r}")
    return PageRequest(site, PACK, read_search(query))


def _issue(site: Site) -> Response:
    number = issue(
        asked_by(site, request.form.get("address", "")),
        title=typed_text("title")[:LONGEST_TITLE],
        by=operator_name(),
    )
    return done("The pack is issued.", href(ISSUED, pack=str(number)))


def _withdraw(site: Site) -> Response:
    number = typed_number("pack")
    withdraw_pack(site.store, number, by=operator_name(), reason=typed_text("reason"))
    return done("The pack is withdrawn.", href(ISSUED, pack=str(number)))


def _order(site: Site) -> Response:
    asked = asked_by(site, request.form.get("address", ""))
    latest = {name: value for name, value in asked.parameters.items() if name not in {"period", *AS_OF}}
    if latest.get("commentary") != WITHOUT:
        latest.pop("commentary", None)
    asked = PageRequest(site, PACK, latest)
    known = {item.source_id for item in site.store.catalogue.indicators.values()}
    source = typed_text("source")
    if source not in known:
        raise ActionError(f"wanted a source, found {source[:50]!r}")
    with site.store.reading() as connection:
        state = PackReader.of(asked, connection, version_of_pack(asked, connection)).state
    title = typed_text("title")[:LONGEST_TITLE] or asked.area.name
    make_order(
        site.store,
        title=title,
        area=asked.area.code,
        address=state.address(),
        source=source,
        by=operator_name(),
    )
    return done("The pack is issued by itself from the next period on.", ISSUED)


def _end_order(site: Site) -> Response:
    end_order(site.store, typed_number("order"), by=operator_name())
    return done("The order has ended. What it issued stays.", ISSUED)
