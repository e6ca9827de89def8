"""Who may change something: sign-in, sessions, protection of forms, and the headers of every answer.

Viewing is open. Whoever changes something is an operator: by name and password, or named by a reverse proxy that the
settings trust. With neither, nothing can be changed.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template_string,
    request,
    session,
)
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from werkzeug.middleware.proxy_fix import ProxyFix

from db.service.operators import (
    OperatorError,
    TooManyAttemptsError,
    any_operator,
    change_password,
    end_session,
    open_session,
    session_operator,
    sign_in,
    sign_out_everywhere,
)
from db.settings import AccessSettings, Settings
from db.store import Store
from db.store.private import private_folder
from stp_dash.elements.links import ACCOUNT, OPERATIONS, SIGN_IN, SIGN_OUT, search

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Arguments = ParamSpec("Arguments")
KEY_FILE = "session.key"
HOW_TO_MAKE_ONE = "python -m etl operator add NAME"
NOBODY = f"Whoever runs this site makes an operator with: {HOW_TO_MAKE_ONE}"
STALE = (
    "This form is too old, or was not sent from this site. Nothing was changed. "
    "Open the page again and repeat what you did."
)
AWAY = (
    "The store cannot be read, so nobody can sign in at this moment. Try again later. "
    "Whoever runs this site finds the reason in its log."
)
_EXTENSION = "stp_access"
_PEER = "stp.peer"
_COOKIE, _DEVICE_COOKIE = "stp_session", "stp_device"
_DEVICE_DAYS = 365
_LOG = logging.getLogger(__name__)

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # Plotly and Dash set style attributes, and plotly adds rules of its own to the page.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
EMBED_VIEW = "embed"
"""The view whose answers other sites may show in a frame: nothing of it runs, is sent or is kept."""
_EMBED_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        # The places and sizes of what is drawn.
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    )
)
_EMBED_HEADERS = {
    **{name: value for name, value in HEADERS.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": _EMBED_POLICY,
}
_A_YEAR = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True)
class Account:
    """Somebody who is signed in, as flask-login wants them. `id` is their name, `token` their session's.

    `token` is "" for whoever a proxy has named.
    """

    id: str
    token: str = ""
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token


def current_operator() -> str | None:
    """The name of who is signed in and may change something; None for everyone else."""
    return str(current_user.id) if current_user and current_user.is_authenticated else None


def csrf_token() -> str:
    """What every form of an operator carries, so that no other site can send it in their name."""
    token: str = generate_csrf()
    return token


def configured(connection: Connection, settings: Settings) -> bool:
    """Whether anybody could sign in: an operator was made, or a proxy's header is believed."""
    return bool(settings.access.proxy_header) or any_operator(connection)


def operator_required(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """A Flask view that only an operator may call: others are sent to sign in, or told how an operator is made."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        if current_operator() is not None:
            return view(*args, **kwargs)
        store, settings = _installed()
        with store.reading() as connection:
            possible = configured(connection, settings)
        if not possible:
            return _plain(f"Actions are off: nobody can sign in. {NOBODY}", 403)
        if request.accept_mimetypes.accept_html:
            return make_response(redirect(SIGN_IN + search(next=OPERATIONS), 303))
        return _plain("Sign in first.", 401)

    return guarded


def secure(server: Flask, store: Store, settings: Settings, *, open_posts: Collection[str]) -> None:
    """Give a Flask application sign-in, sessions, protected forms and safe headers.

    `open_posts` are the addresses, by which Dash names its views too, that answer a POST without changing anything.
    """
    server.extensions[_EXTENSION] = (store, settings)
    _configure(server, settings.access, settings.site.path)
    _accounts(server, store, settings.access)
    protection = CSRFProtect(server)
    for endpoint in open_posts:
        protection.exempt(server.view_functions[endpoint])
    server.add_url_rule(SIGN_IN, "sign_in", _sign_in, methods=["GET", "POST"])
    server.add_url_rule(SIGN_OUT, "sign_out", _sign_out, methods=["POST"])
    server.add_url_rule(ACCOUNT, "account", _account, methods=["GET", "POST"])
    server.after_request(lambda response: _with_headers(response, settings.access))
    server.register_error_handler(CSRFError, _refused_form)
    outermost: Any = server
    outermost.wsgi_app = _Doorman(server, settings, open_posts)


def _installed() -> tuple[Store, Settings]:
    found: tuple[Store, Settings] = current_app.extensions[_EXTENSION]
    return found


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
            name = session_operator(connection, token)
        return Account(name, token) if name else None

    def by_proxy(_asked: object) -> Account | None:
        name = request.headers.get(access.proxy_header, "").strip() if access.proxy_header else ""
        return Account(name[:64]) if name and _is_trusted(request.environ.get(_PEER, ""), access) else None

    manager.user_loader(by_session)
    manager.request_loader(by_proxy)


def _is_trusted(peer: str, access: AccessSettings) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    return any(found in network for network in access.trusted_proxies)


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
        header = self.settings.access.proxy_header
        proxied = bool(header) and f"HTTP_{header.upper().replace('-', '_')}" in environ
        return (
            changing
            or proxied
            or path.startswith((SIGN_IN, OPERATIONS, ACCOUNT))
            or _COOKIE in str(environ.get("HTTP_COOKIE", ""))
        )

    def _key(self) -> str:
        given = self.settings.access.secret_key
        folder = self.settings.store.raw_folder.parent
        return given.get_secret_value() if given else session_key(folder)


def session_key(folder: Path) -> str:
    """The key beside the raw folder, made by the first worker that needs it; readable by its owner alone."""
    path = folder / KEY_FILE
    private_folder(folder)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def safe_headers(access: AccessSettings, *, embedded: bool = False) -> dict[str, str]:
    """The headers of every answer, or of a card that other sites may show."""
    headers = _EMBED_HEADERS if embedded else HEADERS
    return headers | ({"Strict-Transport-Security": _A_YEAR} if access.tls else {})


def _with_headers(response: Response, access: AccessSettings) -> Response:
    for name, value in safe_headers(access, embedded=request.endpoint == EMBED_VIEW).items():
        response.headers.setdefault(name, value)
    return response


def _plain(words: str, status: int) -> Response:
    return Response(f"{words}\n", status=status, mimetype="text/plain")


def _refused_form(error: CSRFError) -> Response:
    _LOG.warning("a form was refused: %s", error.description)
    return _plain(STALE, 400)


def _sign_in() -> Response:
    """The form, and what was entered in it."""
    store, settings = _installed()
    onward = _same_site(request.values.get("next", ""))
    try:
        with store.reading() as connection:
            possible = configured(connection, settings)
    except DBAPIError:
        _LOG.exception("the store cannot be read for a sign-in")
        return _form(onward, AWAY, 503)
    if request.method == "GET" or not possible:
        status = 200 if possible or request.method == "GET" else 403
        return _form(
            onward,
            "" if possible else f"Nobody can sign in yet. Make an operator with: {HOW_TO_MAKE_ONE}",
            status,
        )
    name = request.form.get("name", "").strip().lower()
    try:
        welcome = sign_in(
            store, name, request.form.get("password", ""), request.remote_addr or "", device=_device_of(name)
        )
    except TooManyAttemptsError as error:
        return _form(onward, _wait(error), 429)
    except DBAPIError:
        _LOG.exception("the store cannot be written for a sign-in")
        return _form(onward, "The store cannot be written at this moment. Try again later.", 503)
    if not welcome:
        return _form(onward, "Name and password do not belong together.", 401)
    _open(store, settings, name)
    return _known_device(make_response(redirect(onward, 303)), settings, name)


def _device_of(name: str) -> str:
    """The browser as one in which an operator of this name has signed in within the year; "" for any other.

    Its cookie lets nobody in: wrong passwords are counted by it in place of its address (OWASP, Authentication Cheat
    Sheet and *Slow Down Online Guessing Attacks with Device Cookies*), so that others there keep no operator out.
    """
    try:
        known, device = _signer().loads(
            request.cookies.get(_DEVICE_COOKIE, ""), max_age=_DEVICE_DAYS * 24 * 3600
        )
    except (BadSignature, ValueError, TypeError):
        return ""
    return f"device {device}" if known == name else ""


def _known_device(response: Response, settings: Settings, name: str) -> Response:
    value = _signer().dumps([name, secrets.token_urlsafe(12)])
    response.set_cookie(
        _DEVICE_COOKIE,
        value,
        max_age=timedelta(days=_DEVICE_DAYS),
        path=settings.site.path or "/",
        httponly=True,
        samesite="Strict",
        secure=settings.access.tls,
    )
    return response


def _signer() -> URLSafeTimedSerializer:
    key = current_app.secret_key
    if not key:
        raise BadSignature("there is no key yet")
    return URLSafeTimedSerializer(key, salt=_DEVICE_COOKIE)


def _open(store: Store, settings: Settings, name: str) -> None:
    """A new session, with nothing of what the browser had before: nobody can have prepared it."""
    token = open_session(store, name, timedelta(hours=settings.access.session_hours))
    session.clear()
    session.permanent = True
    login_user(Account(name, token))


def _wait(error: TooManyAttemptsError) -> str:
    minutes = f"{error.minutes} minute{'' if error.minutes == 1 else 's'}"
    return f"Too many attempts from your address failed. Try again in {minutes}."


def _same_site(address: str) -> str:
    """Where to go after signing in: a path of this site only."""
    parts = urlsplit(address.replace("\\", "/"))
    fine = address.startswith("/") and not address.startswith("//") and not parts.scheme and not parts.netloc
    return address if fine and address.isprintable() else OPERATIONS


def _sign_out() -> Response:
    """End this session in every copy of its cookie or, with `everywhere`, all of the operator's."""
    store, _ = _installed()
    name = current_operator()
    try:
        if name and request.form.get("everywhere"):
            sign_out_everywhere(store, name, by=name)
        elif name and current_user.token:
            end_session(store, current_user.token)
    except DBAPIError:
        _LOG.exception("the store cannot be written for a sign-out")
        return _plain("You are still signed in: the store cannot be written. Try again later.", 503)
    logout_user()
    session.clear()
    return make_response(redirect(OPERATIONS, 303))


def _account() -> Response:
    """An operator's own new password, for the old one."""
    store, settings = _installed()
    name = current_operator()
    if name is None:
        return make_response(redirect(SIGN_IN + search(next=ACCOUNT), 303))
    if not current_user.token:
        return _plain("Whoever signs you in, a proxy before this site, keeps your password.", 403)
    if request.method == "GET":
        return plain_page(_ACCOUNT, "Change your password", "", 200)
    said, status = _with_new_password(store, name)
    if status != 303:
        return plain_page(_ACCOUNT, "Change your password", f"Nothing was changed. {said}", status)
    _open(store, settings, name)
    flash("Your password is changed, and you are signed out everywhere else.")
    return make_response(redirect(OPERATIONS, 303))


def _with_new_password(store: Store, name: str) -> tuple[str, int]:
    """Why a new password could not be set, with the answer's status; "" and 303 where it is."""
    old, new, again = (request.form.get(field, "") for field in ("old", "new", "again"))
    if new != again:
        return "New password: wanted the same twice, found two.", 400
    try:
        change_password(store, name, old, new, request.remote_addr or "", device=_device_of(name))
    except OperatorError as error:
        return f"{str(error).capitalize()}.", 400
    except TooManyAttemptsError as error:
        return _wait(error), 429
    except DBAPIError:
        _LOG.exception("the store cannot be written for a new password")
        return "The store cannot be written at this moment. Try again later.", 503
    return "", 303


def _form(onward: str, said: str, status: int) -> Response:
    return plain_page(_FORM, "Sign in", said, status, onward=onward, action=SIGN_IN)


def plain_page(template: str, title: str, said: str, status: int, **words: object) -> Response:
    """A page without scripts: a template of Flask's inside the site's own head and foot; `said` is what went wrong."""
    _, settings = _installed()
    common = {
        "area": settings.own_area.name,
        "style": _style(),
        "title": title,
        "said": said,
        "back": OPERATIONS,
    }
    common["root"] = settings.site.path
    page = render_template_string(_HEAD + template + _FOOT, **common, **words)
    return Response(page, status=status, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _style() -> str:
    """The address of the site's style sheet, which the front end has."""
    return str(current_app.config.get("STP_STYLE", ""))


_HEAD = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} – Performance standards monitor</title>
<link rel="stylesheet" href="{{ style }}">
</head>
<body>
<header><div class="w">
<a class="brand" href="{{ root }}/"><b>Performance standards monitor</b><span>{{ area }}</span></a>
</div></header>
<main id="main" class="w sign-in">
"""
_FORM = """<h1>Sign in</h1>
<p class="lede">Viewing needs no sign-in. Operators sign in to change something.</p>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
<form method="post" action="{{ root }}{{ action }}" class="card">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input type="hidden" name="next" value="{{ onward }}">
<label for="name">Name</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit" class="btn primary">Sign in</button>
</form>
"""
_ACCOUNT = """<h1>Change your password</h1>
<p class="lede">A new password ends your sessions in every other browser.</p>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
<form method="post" class="card">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<label for="old">Old password</label>
<input id="old" name="old" type="password" autocomplete="current-password" required>
<label for="new">New password, 12 characters or more</label>
<input id="new" name="new" type="password" autocomplete="new-password" required minlength="12">
<label for="again">New password again</label>
<input id="again" name="again" type="password" autocomplete="new-password" required minlength="12">
<button type="submit" class="btn primary">Change password</button>
</form>
"""
_FOOT = """<p><a href="{{ root }}{{ back }}">Back to operations</a></p>
</main>
</body>
</html>
"""
