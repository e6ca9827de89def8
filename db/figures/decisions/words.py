"""What people type, as it is kept: plain words on one line, whatever was typed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from unicodedata import category, normalize
from urllib.parse import urlsplit

from sqlalchemy import Connection, Table, select

LONGEST_REASON, LONGEST_EVENT, LONGEST_ROLE, LONGEST_LINK = 500, 160, 80, 500
"""Characters that a reason, an event, a role and a link may have."""
_MOST_MARKS = 2
"""Accents that may stand over one letter; more than any language has would cover the lines above."""


class DecisionError(ValueError):
    """What cannot be recorded or withdrawn: what was wanted and what was found."""


class LostChangeError(DecisionError):
    """Somebody else has changed or withdrawn what was to be changed since it was looked at."""


def plain_words(text: str) -> str:
    """Words on one line, without control characters, marks of direction and others that nobody sees.

    Signs that mean something to HTML or to a spreadsheet stay: whoever shows the words makes them harmless there.
    """
    seen = (" " if sign.isspace() else sign for sign in normalize("NFC", text))
    return " ".join("".join(_few_marks(sign for sign in seen if category(sign)[0] != "C")).split())


def _few_marks(signs: Iterable[str]) -> Iterable[str]:
    marks = 0
    for sign in signs:
        marks = marks + 1 if category(sign) in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            yield sign


def words_said(name: str, words: str, longest: int) -> str:
    """The plain words of a field. Raises DecisionError where it says nothing or too much."""
    found = plain_words(words)
    if not found:
        raise DecisionError(f"{name}: wanted some words, found none")
    if len(found) > longest:
        raise DecisionError(f"{name}: wanted at most {longest} characters, found {len(found)}")
    return found


def role_said(role: str) -> str:
    """What a person does. Raises DecisionError for nothing, too much, or an address."""
    found = words_said("role", role, LONGEST_ROLE)
    if "@" in found:
        raise DecisionError('role: wanted what a person does, as "Head of cancer services", found an address')
    return found


def safe_link(typed: str) -> str:
    """An address that a reader may be sent to; "" for none.

    Raises DecisionError for one that is no https address of a host, or that has a name and password in it.
    """
    found = typed.strip()
    if not found:
        return ""
    wanted = f"link: wanted an address that begins with https://, of at most {LONGEST_LINK} characters"
    try:
        parts = urlsplit(found)
        fine = parts.scheme == "https" and bool(parts.hostname) and "." in (parts.hostname or "")
        fine = fine and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        fine = False
    plain = found.isascii() and found.isprintable() and not set(found) & set(" \"'<>\\`{}|^")
    if not fine or not plain or len(found) > LONGEST_LINK:
        raise DecisionError(f"{wanted}, found {plain_words(found)[:60]!r}")
    return found


def span_said(on: date, until: date | None) -> date | None:
    """The last day of a span, None for a single day. Raises DecisionError where it comes before the first."""
    if until is not None and until < on:
        raise DecisionError(f"until: wanted a day after {on.isoformat()}, found {until.isoformat()}")
    return None if until == on else until


def row_id(connection: Connection, table: Table, code: str) -> int:
    """The number of an indicator or an organisation. Raises DecisionError for a code that the store does not know."""
    number = connection.execute(select(table.c.id).where(table.c.code == code)).scalar()
    if number is not None:
        return int(number)
    close = get_close_matches(code, connection.execute(select(table.c.code)).scalars(), n=3, cutoff=0.5)
    nearest = f"; the nearest are {', '.join(close)}" if close else ""
    raise DecisionError(f"wanted an {table.name} that the store knows, found {code!r}{nearest}")
