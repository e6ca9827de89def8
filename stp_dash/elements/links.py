"""Addresses: a page's state is its URL, and this is where it is written and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

OVERVIEW = "/"
CHALLENGES = "/challenges"
VARIATION = "/variation"
AREAS = "/areas"
TREND = "/trend"
NOTES = "/notes"
"""What people note on a trend, and the forms for it."""
ORGANISATION = "/organisation"
STAFFING = "/staffing"
DATA = "/data"
COMPARE = "/compare"
PACK = "/pack"
ISSUED = "/pack/issued"
METHODS = "/methods"
GLOSSARY = "/glossary"
QUESTIONS = "/questions"
ACCESSIBILITY = "/accessibility"
DOWNLOADS = "/downloads"
"""What the columns of downloads mean; the downloads themselves are below DOWNLOAD."""
USING_THE_DATA = "/using-the-data"
API = "/api"
API_V1 = "/api/v1"
BULK = f"{API_V1}/bulk"
FOLLOW = "/follow"
FEEDS = "/feeds/changes"
"""What changed: `.atom` and `.json`."""
CALENDAR = "/feeds/publications.ics"
OPERATIONS = "/operations"
OWN = "/own"
"""Measures of one's own, for who is signed in; its forms are below it."""
LOADING = "/loading"
SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
ACCOUNT = "/account"
DOWNLOAD = "/download"
EMBED = "/embed"
"""Cards for other sites, each at /embed/<page>?...&sheet=<card>."""

FIND = "find"
"""The parameter of the search for an organisation."""
LONGEST_SEARCH = 4_000
LONGEST_VALUE = 200
LISTS = frozenset({"include", "columns"})
"""Parameters that are lists: as long as an address may be, and joined by commas where they stand more than once."""


def href(path: str, **parameters: str | None) -> str:
    """The address of a page in a state. Parameters without a value are left out; order is as given."""
    return path + search(**parameters)


def kept(address: str, parameters: Mapping[str, str], names: Iterable[str]) -> str:
    """An address with some of another's parameters added, those that it does not set itself."""
    query = address.partition("?")[2]
    own = {item.partition("=")[0] for item in query.split("&")}
    added = search(**{name: parameters[name] for name in names if name in parameters and name not in own})
    return f"{address}&{added.removeprefix('?')}" if added and query else address + added


def issued_document(number: int, kind: str) -> str:
    """Where a document of an issued pack is."""
    return f"{ISSUED}/{number}/board-pack.{kind}"


def page_name(path: str) -> str:
    """What a page's downloads are called by: its path without the slash, `overview` for the first page."""
    return path.strip("/") or "overview"


def download_address(address: str, sheet: str, kind: str) -> str:
    """Where a sheet of the page at an address is to be had as a file of a kind: `csv` or `xlsx`."""
    path, _, query = address.partition("?")
    return f"{DOWNLOAD}/{page_name(path)}.{kind}{search(**{**read_search(query), 'sheet': sheet})}"


def embed_address(address: str, sheet: str) -> str:
    """Where other sites find a card of the page at an address."""
    path, _, query = address.partition("?")
    return f"{EMBED}/{page_name(path)}{search(**{**read_search(query), 'sheet': sheet})}"


def search(**parameters: str | None) -> str:
    """The part of an address from `?`, "" without parameters."""
    given = tuple((name, value) for name, value in parameters.items() if value)
    return _search(given) if given else ""


@lru_cache(maxsize=8192)
def _search(given: tuple[tuple[str, str], ...]) -> str:
    """Each written once: a page repeats the same few hundred addresses."""
    return "?" + urlencode(given)


def read_search(text: str | None) -> Mapping[str, str]:
    """The parameters of the part from `?`, each cut to a sane length; the first of a repeated one counts.

    A parameter without a value is none, except for a search without words, which asks for its form.
    """
    found: dict[str, str] = {}
    for name, value in parse_qsl((text or "")[:LONGEST_SEARCH].removeprefix("?"), keep_blank_values=True):
        if value or name == FIND:
            found.setdefault(name, cut_value(name, value))
    return found


def cut_value(name: str, value: str) -> str:
    """The value of a parameter, cut to a sane length; a list is as long as an address may be."""
    return value[: LONGEST_SEARCH if name in LISTS else LONGEST_VALUE]
