"""Asking for e-mails, confirming and stopping: what the forms of the page send, and what is answered.

Whether an address is known is never told: whoever asks is answered alike, and the rest goes by mail.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, request

from db.service.follow.addresses import AddressKey, address_key, plain_address
from db.service.follow.outbox import note_letter
from db.service.follow.subscribers import (
    HowOften,
    Subscriber,
    Wishes,
    asked,
    confirm,
    erase_subscriber,
    found_by,
    may_ask,
)
from db.settings import Settings
from db.store import Connection, DBAPIError
from stp_dash.elements.links import FOLLOW, href
from stp_dash.follow.mail.content import Mail
from stp_dash.follow.mail.digest import Postbox, letter_of
from stp_dash.follow.mail.signed import confirm_token, confirmed, stopped
from stp_dash.follow.read import followed
from stp_dash.follow.state import SAID
from stp_dash.frame.request import PageRequest, ParameterError, Site

MAIL = "follow_mail"
_MOST_CHOSEN = 40
_LOG = logging.getLogger(__name__)


def postbox_of(settings: Settings) -> Postbox | None:
    """What mails are made with; None where the settings name no mail server."""
    if not settings.mail.host:
        return None
    return Postbox(settings.notify.site.rstrip("/"), settings.mail.sender, address_key(settings))


def mail_blueprint(site: Site) -> Blueprint:
    """The addresses that the page's forms, and the links and heads of mails, send to."""
    found = Blueprint(MAIL, __name__)

    def ask() -> Response:
        return _ask(site)

    def confirmation() -> Response:
        return _with_token(site, "confirm")

    def stop() -> Response:
        return _with_token(site, "stop")

    found.add_url_rule(f"{FOLLOW}/ask", "ask", ask, methods=["POST"])
    found.add_url_rule(f"{FOLLOW}/confirm", "confirm", confirmation, methods=["GET", "POST"])
    found.add_url_rule(f"{FOLLOW}/stop", "stop", stop, methods=["GET", "POST"])
    return found


def _to(said: str, **parameters: str | None) -> Response:
    return make_response(redirect(href(FOLLOW, said=said or None, **parameters), 303))


def _refused(said: str, status: int) -> Response:
    """A sentence in the page's place, for what nothing is done of."""
    heading, words = SAID[said]
    return Response(f"{heading}. {words}\n", status=status, mimetype="text/plain")


def _ask(site: Site) -> Response:
    """Note what was asked, and answer alike whoever asks and whatever is known."""
    box = postbox_of(site.settings)
    if box is None:
        return _refused("off", 403)
    area, address = request.form.get("area") or None, plain_address(request.form.get("address", ""))
    try:
        wishes = _wishes(site, area)
    except (ParameterError, ValueError):
        return _to("unclear")
    if address is None:
        return _to("address", area=area)
    place = box.key.find_by(request.remote_addr or "")
    now = datetime.now(UTC)
    try:
        with site.store.writing() as connection:
            if may_ask(connection, box.key.find_by(address), place, now):
                _note_question(
                    connection, site, box, asked(connection, box.key, address, wishes, now), wishes
                )
    except DBAPIError:
        _LOG.exception("the store cannot be written for a question for e-mails")
        return _to("later", area=area)
    return _to("asked", area=area)


def _wishes(site: Site, area: str | None) -> Wishes:
    """What the form says. Raises ParameterError and ValueError for what there is not."""
    found = PageRequest(site, FOLLOW, {"area": area} if area else {}).area
    topics = {item.topic for item in site.store.catalogue.indicators.values()}
    chosen, places = (
        request.form.getlist("topic")[:_MOST_CHOSEN],
        request.form.getlist("organisation")[:_MOST_CHOSEN],
    )
    if not topics.issuperset(chosen) or not set(followed(found)).issuperset(places):
        raise ValueError("wanted topics and organisations of the page, found others")
    return Wishes(found.code, HowOften(request.form.get("how_often", "")), tuple(chosen), tuple(places))


def _note_question(connection: Connection, site: Site, box: Postbox, who: Subscriber, wishes: Wishes) -> None:
    """Put the mail that asks whether the address is theirs into the outbox."""
    area = PageRequest(site, FOLLOW, {"area": wishes.area}).area
    mail = Mail(
        subject="Please confirm that you want e-mails",
        area=area.name,
        heading="Please confirm that you want e-mails",
        lede="Somebody, probably you, asked this site to write to this address when the numbers change. "
        "Nothing more is sent unless you confirm within two days.",
        button=("Confirm", box.site + href(f"{FOLLOW}/confirm", t=confirm_token(box.key, who, wishes))),
        source="If it was not you, do nothing: what was asked is erased after two days.",
        stop=box.stop_address(who),
    )
    slot = f"question {datetime.now(UTC).isoformat()}"
    note_letter(connection, letter_of(mail, who, slot, box), datetime.now(UTC))


def _with_token(site: Site, what: str) -> Response:
    """A link of a mail: it shows the page with one button, for mail programs open links by themselves; sent by that
    button, or by a mail program at one click (RFC 8058), it does what it says."""
    token = request.values.get("t", "")
    if request.method == "GET":
        return _to("", **{what: token[:1000]})
    if not token:
        return _refused("link", 400)
    try:
        with site.store.writing() as connection:
            said = _done(connection, address_key(site.settings), token, what)
    except DBAPIError:
        _LOG.exception("the store cannot be written for a link of a mail")
        return _to("later")
    return _refused(said, 400) if said == "link" else _to(said)


def _done(connection: Connection, key: AddressKey, token: str, what: str) -> str:
    if what == "stop":
        address_hash = stopped(key, token)
        if address_hash is None:
            return "link"
        who = found_by(connection, address_hash)
        if who is not None:
            erase_subscriber(connection, who)
        return "stopped"
    found = confirmed(key, token)
    who = found_by(connection, found[0]) if found else None
    if found is None or who is None:
        return "link"
    confirm(connection, who, found[1], datetime.now(UTC))
    return "confirmed"
