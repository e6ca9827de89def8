"""Forms as actions read them, and how an action answers."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request

from stp_dash.web.access import current_operator

_LONGEST_WORDS = 600


class ActionError(Exception):
    """What was asked cannot be done: why, in plain words. Nothing was changed."""


def done(words: str, address: str) -> Response:
    """The page again, where it says what came of the action. A script is told where: it would fetch the page itself,
    and what is said there once would be said to nobody."""
    flash(words[:_LONGEST_WORDS])
    by_script = "X-Requested-With" in request.headers
    return make_response(redirect(address, 201 if by_script else 303))


def operator_name() -> str:
    """Who is signed in. Raises ActionError for nobody."""
    name = current_operator()
    if name is None:
        raise ActionError("nobody is signed in")
    return name


def typed_text(name: str) -> str:
    """What was typed into a field of the form."""
    return request.form.get(name, "").strip()[:_LONGEST_WORDS]


def typed_number(name: str) -> int:
    """A field of the form that is a number. Raises ActionError."""
    return number_from(name, typed_text(name))


def typed_numbers(name: str) -> list[int]:
    """All fields of one name, each a number. Raises ActionError."""
    return [number_from(name, typed.strip()) for typed in request.form.getlist(name)[:1000]]


def number_from(name: str, typed: str) -> int:
    """A number as it stands in a form. Raises ActionError."""
    if typed.isascii() and typed.isdigit() and len(typed) < 10:
        return int(typed)
    raise ActionError(f"{name}: wanted a number, found {typed[:50]!r}")


def already(run_id: int, what: str) -> str:
    """What is said where a run that was asked for waits or is at work."""
    return f"Run {run_id} does this already ({what}); nothing more was filed."
