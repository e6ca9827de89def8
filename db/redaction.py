"""Secrets stay out of what is said: the one place that messages, logs, findings and the store's words go through.

What settings hold in secret is registered here when they are read (`keep_secret`), and is then recognised wherever it
turns up, in any of its spellings. Addresses lose their user, password and tokens whether they are known or not.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, quote_plus, unquote

HIDDEN = "***"
SHORTEST = 4
"""A shorter secret cannot be told from a part of a word: the text around it would be hidden too."""

_PLAIN_WORD = re.compile(r"[a-z]{1,8}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>`|\\]+")
_PARAMETER = re.compile(r"([?&;#])([^=&;#?\s]+)=([^&;#\s]*)")
_SECRET_NAME = re.compile(
    r"auth|cred|jwt|key|pass|pwd|secret|session|sig|token|(^|[_-])(code|sas|se|sv|sp|st)$", re.IGNORECASE
)
_LONG_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{8,}|.{20,}")

_secrets: set[str] = set()


def keep_secret(*values: str) -> None:
    """Hide these values from here on, as they are and percent-encoded, in everything that `without_secrets` gives.

    A short plain word ("postgres") is not hidden: it stands in ordinary sentences, and its place would give it away.
    """
    for value in values:
        for form in (value, unquote(value), quote(value, safe=""), quote(value), quote_plus(value)):
            if len(form) >= SHORTEST and not _PLAIN_WORD.fullmatch(form):
                _secrets.add(form)


def keep_address_secret(address: str) -> None:
    """Hide what an address holds of secrets: its user and password, and parameters that may be tokens."""
    head, mark, query = address.partition("?")
    if "@" in head.partition("://")[2]:
        user, _, password = head.partition("://")[2].rpartition("@")[0].partition(":")
        keep_secret(user, password, *re.split(r"[@/:#]", password))
    if mark:
        pairs = parse_qsl(query)
        keep_secret(*(value for name, value in pairs if _SECRET_NAME.search(name) or _LONG_KEY.match(value)))
        keep_secret(*(part for part in query.split("&") if "=" not in part))


def without_secrets(text: str) -> str:
    """A text as others may read it: registered secrets, and users, passwords and tokens in addresses, are hidden."""
    shown = _ADDRESS.sub(lambda found: _public_address(found[0]), text)
    # The longest first: one secret may be a part of another.
    for secret in sorted(_secrets, key=len, reverse=True):
        shown = shown.replace(secret, HIDDEN)
    return shown


def _public_address(address: str) -> str:
    scheme, _, rest = address.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    port = authority.rpartition(":")[2]
    # A password may hold the characters that end an authority: then what stands for a port is none.
    if "@" in authority or (":" in authority and "@" in rest and not port.isdigit()):
        rest = rest.rpartition("@")[2]
    shown = f"{scheme}://{rest}"
    return _PARAMETER.sub(
        lambda found: (
            f"{found[1]}{found[2]}={HIDDEN if _SECRET_NAME.search(unquote(found[2])) else found[3]}"
        ),
        shown,
    )


def hide_in_logs() -> None:
    """Let every line that any library logs in this process go through `without_secrets`, tracebacks included."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, _HidingFactory):
        logging.setLogRecordFactory(_HidingFactory(make))


class _HidingFactory:
    """Makes log records as another factory does, with their secrets hidden."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: object, **named: object) -> logging.LogRecord:
        record = self._make(*args, **named)
        record.msg, record.args = without_secrets(record.getMessage()), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = without_secrets("".join(traceback.format_exception(*record.exc_info)).rstrip())
        return record
