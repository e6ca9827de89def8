"""Signing in and out by name and password, and an account's own new password."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, current_app, flash, make_response, redirect, request, session
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import DBAPIError

from db.domain.people.role import Person, Role
from db.service.operators import (
    OperatorError,
    TooManyAttemptsError,
    change_password,
    end_session,
    open_session,
    sign_in,
    sign_out_everywhere,
)
from db.settings import Settings
from db.store import Store
from stp_dash.elements.links import ACCOUNT, OPERATIONS, SIGN_IN, search
from stp_dash.web.access.people import (
    HOW_TO_MAKE_ONE,
    KEPT_ELSEWHERE,
    Account,
    configured,
    current_person,
    installed_access,
    said_plainly,
)
from stp_dash.web.access.plain import plain_page

AWAY = (
    "The store cannot be read, so nobody can sign in at this moment. Try again later. "
    "Whoever runs this site finds the reason in its log."
)
PROVIDER = f"{SIGN_IN}/provider"
_DEVICE_COOKIE, _DEVICE_DAYS = "stp_device", 365
_LOG = logging.getLogger(__name__)


def sign_in_view() -> Response:
    """The form, and what was entered in it."""
    store, settings = installed_access()
    onward = same_site(request.values.get("next", ""))
    try:
        with store.reading() as connection:
            possible = configured(connection, settings)
    except DBAPIError:
        _LOG.exception("the store cannot be read for a sign-in")
        return sign_in_form(onward, AWAY, 503)
    if request.method == "GET" or not possible:
        status = 200 if possible or request.method == "GET" else 403
        return sign_in_form(
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
        return sign_in_form(onward, _wait(error), 429)
    except DBAPIError:
        _LOG.exception("the store cannot be written for a sign-in")
        return sign_in_form(onward, "The store cannot be written at this moment. Try again later.", 503)
    if not welcome:
        return sign_in_form(onward, "Name and password do not belong together.", 401)
    begin_session(store, settings, name)
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


def begin_session(store: Store, settings: Settings, name: str) -> None:
    """A new session, with nothing of what the browser had before: nobody can have prepared it.

    What the account may do is asked at the next request.
    """
    token = open_session(store, name, timedelta(hours=settings.access.session_hours))
    session.clear()
    session.permanent = True
    login_user(Account(Person(name, Role.VIEWER), token))


def _wait(error: TooManyAttemptsError) -> str:
    minutes = f"{error.minutes} minute{'' if error.minutes == 1 else 's'}"
    return f"Too many attempts from your address failed. Try again in {minutes}."


def same_site(address: str) -> str:
    """Where to go after signing in: a path of this site only."""
    parts = urlsplit(address.replace("\\", "/"))
    fine = address.startswith("/") and not address.startswith("//") and not parts.scheme and not parts.netloc
    return address if fine and address.isprintable() else OPERATIONS


def sign_out_view() -> Response:
    """End this session in every copy of its cookie or, with `everywhere`, all of the account's."""
    store, _ = installed_access()
    person = current_person()
    try:
        if person and request.form.get("everywhere"):
            sign_out_everywhere(store, person.name, by=person.name)
        elif person and current_user.token:
            end_session(store, current_user.token)
    except DBAPIError:
        _LOG.exception("the store cannot be written for a sign-out")
        return said_plainly("You are still signed in: the store cannot be written. Try again later.", 503)
    logout_user()
    session.clear()
    return make_response(redirect(OPERATIONS, 303))


def account_view() -> Response:
    """An account's own new password, for the old one."""
    store, settings = installed_access()
    person = current_person()
    if person is None:
        return make_response(redirect(SIGN_IN + search(next=ACCOUNT), 303))
    if not person.has_password:
        return said_plainly(KEPT_ELSEWHERE, 403)
    if request.method == "GET":
        return plain_page(_ACCOUNT, "Change your password", "", 200)
    said, status = _with_new_password(store, person.name)
    if status != 303:
        return plain_page(_ACCOUNT, "Change your password", f"Nothing was changed. {said}", status)
    begin_session(store, settings, person.name)
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


def sign_in_form(onward: str, said: str, status: int) -> Response:
    """The page to sign in on, with what went wrong; it offers the provider that the settings name."""
    _, settings = installed_access()
    host = urlsplit(settings.access.oidc_issuer).hostname or ""
    begin = PROVIDER + search(next=onward) if host else ""
    return plain_page(
        _FORM, "Sign in", said, status, onward=onward, action=SIGN_IN, provider=host, begin=begin
    )


_FORM = """<h1>Sign in</h1>
<p class="lede">Viewing needs no sign-in. Whoever has an account signs in to change something.</p>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
{% if begin %}<p><a class="btn primary" href="{{ root }}{{ begin }}">Sign in with {{ provider }}</a></p>
<p>Or with a name and a password of this site:</p>{% endif %}
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
