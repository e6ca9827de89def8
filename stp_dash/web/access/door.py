"""Sign-in, sessions and protection of forms for a Flask application."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from db.domain.people.role import Person, Role, groups_in, role_of_groups
from db.service.operators import session_person
from db.settings import AccessSettings, Settings
from db.store import Store
from db.store.private import private_key
from stp_dash.elements.links import ACCOUNT, OPERATIONS, SIGN_IN, SIGN_OUT
from stp_dash.web.access.forms import PROVIDER, account_view, sign_in_view
from stp_dash.web.access.headers import EMBED_VIEW, safe_headers
from stp_dash.web.access.people import EXTENSION, Account, said_plainly
from stp_dash.web.access.provider import RETURN, begin_view, leave_view, return_view

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KEY_FILE = "session.key"
STALE = (
    "This form is too old, or was not sent from this site. Nothing was changed. "
    "Open the page again and repeat what you did."
)
_PEER = "stp.peer"
_COOKIE = "stp_session"
_LOG = logging.getLogger(__name__)


def secure(server: Flask, store: Store, settings: Settings, *, open_posts: Collection[str]) -> None:
    """Give a Flask application sign-in, sessions, protected forms and safe headers.

    `open_posts` are the addresses, by which Dash names its views too, that answer a POST without changing anything.
    """
    server.extensions[EXTENSION] = (store, settings)
    _configure(server, settings.access, settings.site.path)
    _accounts(server, store, settings.access)
    protection = CSRFProtect(server)
    for endpoint in open_posts:
        protection.exempt(server.view_functions[endpoint])
    server.add_url_rule(SIGN_IN, "sign_in", sign_in_view, methods=["GET", "POST"])
    server.add_url_rule(PROVIDER, "sign_in_provider", begin_view)
    server.add_url_rule(RETURN, "sign_in_return", return_view)
    server.add_url_rule(SIGN_OUT, "sign_out", leave_view, methods=["POST"])
    server.add_url_rule(ACCOUNT, "account", account_view, methods=["GET", "POST"])
    server.after_request(lambda response: _with_headers(response, settings.access))
    server.register_error_handler(CSRFError, _refused_form)
    outermost: Any = server
    outermost.wsgi_app = _Doorman(server, settings, open_posts)


def _configure(server: Flask, access: AccessSettings, path: str) -> None:
    server.config.update(
        SESSION_COOKIE_NAME=_COOKIE,
        SESSION_COOKIE_PATH=path or "/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=access.tls,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=access.session_hours),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
    )


def _accounts(server: Flask, store: Store, access: AccessSettings) -> None:
    manager = LoginManager(server)

    def by_session(token: str) -> Account | None:
        """Asked at every request, so that a session that has ended anywhere is over at once."""
        with store.reading() as connection:
            person = session_person(connection, token)
        return Account(person, token) if person else None

    def by_proxy(_asked: object) -> Account | None:
        name = request.headers.get(access.proxy_header, "").strip() if access.proxy_header else ""
        if not name or not _is_trusted(request.environ.get(_PEER, ""), access):
            return None
        role = Role.OPERATOR
        if access.proxy_groups_header:
            groups = groups_in(request.headers.get(access.proxy_groups_header, ""))
            role = role_of_groups(groups, access.group_roles)
        return Account(Person(name[:64], role, has_password=False))

    manager.user_loader(by_session)
    manager.request_loader(by_proxy)


def _is_trusted(peer: str, access: AccessSettings) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    return any(found in network for network in access.trusted_proxies)


def may_be_signed_in(environ: WSGIEnvironment, access: AccessSettings) -> bool:
    """Whether a request has a session's cookie or names somebody by a proxy's header, be they believed or not."""
    header = access.proxy_header
    proxied = bool(header) and f"HTTP_{header.upper().replace('-', '_')}" in environ
    return proxied or _COOKIE in str(environ.get("HTTP_COOKIE", ""))


class _Doorman:
    """Before a request is looked at: remembers who really sent it, believes what a trusted proxy says of the reader
    before it, and finds the key that sessions are signed with, the first time that one is needed."""

    def __init__(self, server: Flask, settings: Settings, open_posts: Collection[str]) -> None:
        self.server, self.settings, self.open_posts = server, settings, frozenset(open_posts)
        self.inner = server.wsgi_app
        self.forwarded = ProxyFix(self.inner, x_for=1, x_proto=1)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.server.secret_key is None and self._is_about_access(environ):
            self.server.secret_key = self._key()
        peer = str(environ.get("REMOTE_ADDR", ""))
        environ[_PEER] = peer
        known = _is_trusted(peer, self.settings.access)
        return (self.forwarded if known else self.inner)(environ, start_response)

    def _is_about_access(self, environ: WSGIEnvironment) -> bool:
        """Whether a session may be opened: readers have none, and their sites need no key."""
        path = str(environ.get("PATH_INFO", ""))
        changing = environ.get("REQUEST_METHOD") not in {"GET", "HEAD"} and path not in self.open_posts
        named = may_be_signed_in(environ, self.settings.access)
        return changing or named or path.startswith((SIGN_IN, OPERATIONS, ACCOUNT))

    def _key(self) -> str:
        given = self.settings.access.secret_key
        folder = self.settings.store.raw_folder.parent
        return given.get_secret_value() if given else session_key(folder)


def session_key(folder: Path) -> str:
    """The key beside the raw folder, made by the first worker that needs it; readable by its owner alone."""
    return private_key(folder / KEY_FILE)


def _with_headers(response: Response, access: AccessSettings) -> Response:
    for name, value in safe_headers(access, embedded=request.endpoint == EMBED_VIEW).items():
        response.headers.setdefault(name, value)
    return response


def _refused_form(error: CSRFError) -> Response:
    _LOG.warning("a form was refused: %s", error.description)
    return said_plainly(STALE, 400)
