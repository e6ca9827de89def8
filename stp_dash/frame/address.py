"""The names in an address: which a page knows, which others have added to it, and which are only half understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from urllib.parse import parse_qsl

from stp_dash.analysis.wording import listing
from stp_dash.elements import html
from stp_dash.elements.links import FIND, LISTS, LONGEST_SEARCH, cut_value, href, read_search
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.frame.state import CHOSEN, KEPT

COMMON = (*KEPT, CHOSEN, "table", "rows", "print", "sheet")
"""The names that every page knows."""
_MOST_NAMED = 3
LONGEST_NAME = 40
_ESCAPED = re.compile(r"^(?:&?(?:amp|#38|#x26);)+", re.IGNORECASE)
"""What a mail or chat program leaves of `&` where it writes an address as HTML."""
_TRACKER_PREFIXES = (
    *(
        "utm_",
        "mtm_",
        "pk_",
        "piwik_",
        "matomo_",
        "hsa_",
        "mc_",
        "at_",
        "ns_",
        "vero_",
        "oly_",
        "trk_",
        "elq",
    ),
    *("_hs", "__hs", "_ga", "_gl", "_ke", "_kx", "_bta", "ga_", "gad_", "ref_", "share_"),
)
_TRACKERS = frozenset(
    [
        *(
            "fbclid",
            "gclid",
            "gclsrc",
            "dclid",
            "gbraid",
            "wbraid",
            "msclkid",
            "ttclid",
            "twclid",
            "yclid",
            "ysclid",
        ),
        *(
            "li_fat_id",
            "igshid",
            "igsh",
            "mkt_tok",
            "s_cid",
            "s_kwcid",
            "ef_id",
            "epik",
            "srsltid",
            "rdt_cid",
        ),
        *(
            "sccid",
            "irclickid",
            "cmpid",
            "cjevent",
            "wickedid",
            "ck_subscriber_id",
            "bbeml",
            "et_rid",
            "dm_i",
        ),
        *("hsctatracking", "_openstat", "_branch_match_id", "ref", "referrer", "trk", "cid", "campaignid"),
        *("campaign_id", "zanpid", "mkwid", "_"),
    ]
)
"""What newsletters, advertisers and social networks add to links, and `_`, with which scripts get round caches."""


_A_TIME = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


class AddressError(ParameterError):
    """An address has a part that is only half understood: nothing is shown for the other half."""

    def __init__(self, name: str, told: str, nearest: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(name, "", "", nearest, told=told)


def read_parameters(
    path: str, search: str, known: Collection[str] | None, things: Container[str]
) -> Mapping[str, str]:
    """The parameters of an address, by the names that are known besides COMMON; where known is None, all of them.

    A name behind an `&` that was written as `&amp;` is meant without the rest of it, and what trackers add is left
    out. Raises AddressError for a name that is nearly a known one; for another whose value is a time or one of the
    `things` that figures are of; for one that stands twice with different values; and for an address that is too long
    to be read whole. What else is unknown is handed on, so that the page can say so.
    """
    if known is None:
        return read_search(search)
    if len(search) > LONGEST_SEARCH:
        raise AddressError("address", f"This address has more than {LONGEST_SEARCH:,} characters.")
    names = (*known, *COMMON)
    given = _given(search, names)
    odd = [
        name
        for name, value in given
        if name not in names and (_nearest(name, names) or value in things or _A_TIME.fullmatch(value))
    ]
    if odd:
        raise _half_understood(path, given, list(dict.fromkeys(odd)), names)
    found: dict[str, str] = {}
    for name, value in given:
        kept = cut_value(name, value)
        if name in LISTS and name in found:
            found[name] = f"{found[name]},{kept}"
            continue
        if (value or name == FIND) and found.setdefault(name, kept) != kept:
            raise _doubled(path, found, name, kept)
    return found


def with_unused(request: PageRequest, page: Page, own: Collection[str] | None) -> Page:
    """A page that says which parts of its address change nothing on it: another page's, or nobody's."""
    names = [] if own is None else [name for name in request.parameters if name not in (*own, *COMMON)]
    if not names:
        return page
    shown = [f"“{name[:LONGEST_NAME]}”" for name in names[:_MOST_NAMED]]
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    told = (
        f"This page has no choice of {listing(shown)}{more}: that part of its address changes nothing here."
    )
    return replace(page, body=[html.P(told, className="asof"), *page.body])


def _given(search: str, names: Collection[str]) -> list[tuple[str, str]]:
    """The names and values of an address in order, each by the name that is meant, trackers left out."""
    found: list[tuple[str, str]] = []
    for name, value in parse_qsl(search.removeprefix("?"), keep_blank_values=True):
        plain = _ESCAPED.sub("", name)
        lower = plain.lower()
        tracker = plain not in names and (lower in _TRACKERS or lower.startswith(_TRACKER_PREFIXES))
        if name and not tracker:
            found.append((plain if plain in names else name, value))
    return found


def _half_understood(
    path: str, given: Sequence[tuple[str, str]], odd: Sequence[str], names: Collection[str]
) -> AddressError:
    """The error of names that the site does not know, with the address that was probably meant."""
    shown = [f"“{name[:LONGEST_NAME]}”" for name in odd[:_MOST_NAMED]]
    more = f", and {len(odd) - _MOST_NAMED} more" if len(odd) > _MOST_NAMED else ""
    told = f"The address has {listing(shown)}{more}, which this site does not know."
    near = {name: _nearest(name, names) for name in odd if _nearest(name, names)}
    if not near:
        return AddressError(odd[0], told)
    first = next(iter(near.values()))
    meant = {near.get(name, name): value for name, value in given}
    return AddressError(
        odd[0], f"{told} It knows “{first}”.", ((f"The same with “{first}”", href(path, **meant)),)
    )


def _nearest(name: str, names: Collection[str]) -> str:
    """The known name that another is nearly, "" where there is none."""
    letters = re.sub(r"[^a-z]", "", _ESCAPED.sub("", name).lower())
    return next(iter(get_close_matches(letters[:LONGEST_NAME], names, n=1, cutoff=0.7)), "")


def _doubled(path: str, found: Mapping[str, str], name: str, other: str) -> AddressError:
    told = f"“{name[:LONGEST_NAME]}” stands twice in this address: as “{found[name]}” and as “{other}”."
    links = tuple(
        (f"With “{value}”", href(path, **{**found, name: value})) for value in (found[name], other) if value
    )
    return AddressError(name, told, links)
