"""What stands in the document itself, before any script has run: the page, and the same for the scripts to take over.

The address does not say how wide the reader's screen is. Telephones say that they are; of the others a desktop is
assumed. Where that is wrong, the style sheet shows the waiting blocks instead, until the scripts have asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import orjson
from werkzeug.wrappers import Request

from db.domain.holdings import DataVersion
from stp_dash.elements import Component
from stp_dash.elements.links import LONGEST_VALUE, OVERVIEW
from stp_dash.frame.request import Width, width_of
from stp_dash.frame.shell import SITE_TITLE, version_words
from stp_dash.web.html import html_of, parts_of_dash

DOCUMENT_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "private, no-cache"),
    ("Vary", "User-Agent, Sec-CH-UA-Mobile, Accept-Encoding"),
)
"""A document holds figures and suits the reader's screen: it is asked for anew each time."""
NO_VERSION = DataVersion(0, None, demonstration=False)
UNSTAMPED = DataVersion(1_999_999_973, None, demonstration=False)
"""Stands on a page for a data version that is to be put in. No store has so many, and no figure of any is as large."""


@dataclass(frozen=True)
class BrowserRequest:
    """What the scripts ask a page by (`assets/site.js`)."""

    path: str
    search: str
    width: Width
    origin: str

    @classmethod
    def of(cls, request: Request) -> BrowserRequest:
        """What the scripts in the reader's browser will ask, as far as its request for the document tells."""
        query = request.query_string.decode("utf-8", "replace")
        origin = request.root_url.rstrip("/")
        return cls(request.path, f"?{query}" if query else "", _width(request), origin)

    @classmethod
    def from_data(cls, data: object) -> BrowserRequest:
        """What the browser sent, whatever it is."""
        found = data if isinstance(data, dict) else {}
        search = found.get("search")
        return cls(
            path=str(found.get("path") or OVERVIEW),
            search=search if isinstance(search, str) else "",
            width=width_of(found.get("width")),
            origin=str(found.get("origin") or "")[:LONGEST_VALUE],
        )


def _width(request: Request) -> Width:
    if request.args.get("print") == "1":
        return "tablet"
    agent = request.headers.get("User-Agent", "")
    phone = request.headers.get("Sec-CH-UA-Mobile") == "?1" or "Mobi" in agent
    return "phone" if phone and "iPad" not in agent else "desktop"


@dataclass(frozen=True)
class FirstView:
    """A page for the document that is sent for its address."""

    asked: BrowserRequest
    page: Component
    status: int = 200
    description: str = ""
    shared_as: str = ""
    """The page's address for links that are shared; "" where the site does not know its own."""
    state: int = 0
    """The count of changes of the data that the page was made from; 0 where it was made of none."""
    site: str = ""
    """The site's own address, without a slash at its end; "" where it does not know it."""
    again: int = 0
    """After how many seconds a reader without scripts is shown the page anew; 0 for never."""
    version: DataVersion = NO_VERSION
    """The data version that the page was made from."""

    @property
    def tags(self) -> str:
        """What search results and programs that show shared links read of the page."""
        named = [("og:type", "website"), ("og:site_name", SITE_TITLE), ("og:title", self.title)]
        named += [("og:description", self.description), ("og:url", self.shared_as)]
        lines = [f'<meta property="{name}" content="{escape(words)}">' for name, words in named if words]
        lines += [
            f'<link rel="alternate" type="{kind}" href="{escape(address)}" title="{escape(words)}">'
            for kind, address, words in self._state.get("feeds", ())
        ]
        if self.again:
            lines.append(f'<noscript><meta http-equiv="refresh" content="{self.again}"></noscript>')
        return "\n".join([f'<meta name="description" content="{escape(self.description)}">', *lines])

    @property
    def title(self) -> str:
        """The document's title, which the page has for the scripts."""
        return str(self._state["title"])

    @property
    def _state(self) -> Mapping[str, Any]:
        """What the page says of itself to the scripts."""
        found = (part["props"] for part in self.page["props"]["children"] if part["type"] == "Store")
        data: Mapping[str, Any] = next(found)["data"]
        return data

    @cached_property
    def html(self) -> str:
        """The page to read, without scripts too."""
        return f'<div id="first" class="first {self.asked.width}">{html_of(self.page)}</div>'

    @cached_property
    def json(self) -> bytes:
        """The page for the scripts."""
        return orjson.dumps(self.page, option=orjson.OPT_SERIALIZE_NUMPY)

    @property
    def answer(self) -> bytes:
        """What the scripts are answered when they ask for the page: Dash's own answer to its one callback."""
        return b'{"multi":true,"response":{"page":{"children":%b}}}' % self.json

    @cached_property
    def data_script(self) -> str:
        """What the scripts need besides the HTML to have the page, and so need not ask for it: what it answers, and
        what HTML does not hold whole (`assets/first_view.js`). Data: a browser does not run it."""
        beside = parts_of_dash(self.page)
        held = {
            "asked": self.asked,
            "beside": [part for part in beside if part["type"] != "Store"],
            "stores": [part for part in beside if part["type"] == "Store"],
        }
        written = orjson.dumps(held, option=orjson.OPT_SERIALIZE_NUMPY).decode().replace("<", "\\u003c")
        return f'<script id="given" type="application/json">{written}</script>'


def stamped(answer: bytes, version: DataVersion) -> bytes:
    """An answer to the scripts that was made with UNSTAMPED, of a data version."""
    number = str(UNSTAMPED.number)
    words = answer.replace(
        f"Data version {number}".encode(), f"Data version {version_words(version)}".encode()
    )
    return words.replace(number.encode(), str(version.number).encode())
