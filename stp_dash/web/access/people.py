"""Who asks: their name and role at this request, and views that only some may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

from flask import Response, current_app, make_response, redirect, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Connection

from db.domain.people.role import Person, Role
from db.service.operators import any_operator
from db.settings import Settings
from db.store import Store
from stp_dash.elements.links import OPERATIONS, SIGN_IN, search

Arguments = ParamSpec("Arguments")
HOW_TO_MAKE_ONE = "python -m etl operator add NAME"
NOBODY = f"Whoever runs this site makes an operator with: {HOW_TO_MAKE_ONE}"
KEPT_ELSEWHERE = "Your password is kept by the provider that signs you in: change it there."
EXTENSION = "stp_access"
"""The name of the store and the settings among the extensions of a Flask application."""


@dataclass(frozen=True)
class Account:
    """Somebody who is signed in, as flask-login wants them. `token` is their session's, "" for whom a proxy named."""

    person: Person
    token: str = ""
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token


def current_person() -> Person | None:
    """Who is signed in, in whatever role; None for a reader."""
    return current_user.person if current_user and current_user.is_authenticated else None


def current_role() -> Role:
    """What whoever asks may do: a viewer where nobody is signed in."""
    person = current_person()
    return person.role if person is not None else Role.VIEWER


def current_operator() -> str | None:
    """The name of who is signed in and may refresh and load; None for everyone else."""
    person = current_person()
    return person.name if person is not None and person.role >= Role.OPERATOR else None


def csrf_token() -> str:
    """What every form that changes something carries, so that no other site can send it in their name."""
    token: str = generate_csrf()
    return token


def configured(connection: Connection, settings: Settings) -> bool:
    """Whether anybody could sign in: an account was made, a proxy's header is believed, or there is a provider."""
    return bool(settings.access.proxy_header or settings.access.oidc_issuer) or any_operator(connection)


def role_required(
    role: Role,
) -> Callable[[Callable[Arguments, Response]], Callable[Arguments, Response]]:
    """A Flask view that only whoever has a role, or a higher one, may call.

    Readers are sent to sign in, or told how an account is made; others are told which role it wants.
    """

    def guard(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
            return view(*args, **kwargs) if current_role() >= role else _refused(role)

        return guarded

    return guard


def operator_required(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """A Flask view that only an operator may call: others are sent to sign in, or told what is wanted."""
    return role_required(Role.OPERATOR)(view)


def _refused(role: Role) -> Response:
    person = current_person()
    if person is not None:
        words = f"wanted the role {role.word}, found {person.role.word}"
        return said_plainly(f"Nothing was changed: {words}. Whoever runs this site gives roles.", 403)
    store, settings = installed_access()
    with store.reading() as connection:
        possible = configured(connection, settings)
    if not possible:
        return said_plainly(f"Actions are off: nobody can sign in. {NOBODY}", 403)
    if request.accept_mimetypes.accept_html:
        return make_response(redirect(SIGN_IN + search(next=OPERATIONS), 303))
    return said_plainly("Sign in first.", 401)


def installed_access() -> tuple[Store, Settings]:
    """The store and the settings of the application that answers."""
    found: tuple[Store, Settings] = current_app.extensions[EXTENSION]
    return found


def said_plainly(words: str, status: int) -> Response:
    """An answer of one sentence."""
    return Response(f"{words}\n", status=status, mimetype="text/plain")
