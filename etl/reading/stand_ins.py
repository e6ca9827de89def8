"""Web pages that stand in for another: a challenge to browsers, and a page that says there is none.

Both may come with the status of success. What a challenge looks like changes from one maker to the next; what they
have in common is that they are small, lead nowhere and need a script, or say in words what they are.
"""

from __future__ import annotations

import re
from enum import Enum

from bs4 import BeautifulSoup

_MOST_LINKS, _MOST_TEXT, _MOST_BARE_TEXT = 4, 2_000, 400
_CHALLENGE = re.compile(
    r"just a moment|checking your browser|verif\w+ (?:that )?you(?:'re| are)? (?:a |not a )?(?:human|robot)"
    r"|are you (?:a )?(?:human|robot)|not a robot|captcha|pardon our interruption|security (?:check|verification)"
    r"|enable javascript and cookies|unusual traffic|automated (?:access|requests|traffic)|request unsuccessful"
    r"|incapsula incident|access (?:is |has been )?(?:denied|blocked)|you have been blocked|request was rejected"
    r"|the requested url was rejected|ddos protection|human verification"
)
_NOT_FOUND = re.compile(
    r"\b404\b|not found\b|(?:can ?not|can't|could ?n[o']t|unable to) (?:be found|find)|(?:does not|doesn't) exist"
    r"|no longer (?:available|exists|here)|page (?:is )?missing|page unavailable"
)


class StandIn(Enum):
    """What a page is in place of the one asked for."""

    CHALLENGE = "a page that only browsers get past"
    NOT_FOUND = "a page that says there is none"


def stand_in(html: str) -> StandIn | None:
    """Whether a page stands in for another, and as what; None for a page in its own right."""
    page = BeautifulSoup(html, "html.parser")
    scripted = page.find(["script", "iframe"]) is not None or page.find(
        "meta", {"http-equiv": re.compile("(?i)refresh")}
    )
    titles = [tag.get_text(" ") for tag in page.find_all(["title", "h1"])]
    for tag in page.find_all(["script", "style"]):
        tag.decompose()
    text = _plain(page.get_text(" "))
    links = len({str(tag["href"]) for tag in page.find_all("a", href=True)})
    if links <= _MOST_LINKS and len(text) <= _MOST_TEXT and _CHALLENGE.search(text):
        return StandIn.CHALLENGE
    said = [_plain(title) for title in titles] or ([text] if len(text) <= _MOST_BARE_TEXT else [])
    if any(_NOT_FOUND.search(words) for words in said):
        return StandIn.NOT_FOUND
    return StandIn.CHALLENGE if scripted and not links and len(text) <= _MOST_BARE_TEXT else None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().replace("\u2019", "'")
