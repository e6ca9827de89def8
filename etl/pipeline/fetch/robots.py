"""What a site's robots.txt asks of programs (RFC 9309): which paths to leave alone, and how slowly to go."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

LONGEST_TEXT = 500_000
"""A robots.txt is read no further than this (RFC 9309, section 2.5 asks for at least 500 KiB)."""

LONGEST_DELAY = 30.0
"""Seconds between requests, at most: a site that asks for more is told from a mistake by nobody."""


@dataclass(frozen=True)
class RobotsRules:
    """The rules for one program on one site: path patterns with whether they allow, and seconds between requests."""

    patterns: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0

    def allow(self, url: str) -> bool:
        """Whether an address may be read: the longest pattern that fits it decides, and of equals one that allows."""
        parts = urlsplit(url)
        path = _plain(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        fitting = [(len(pattern), allows) for pattern, allows in self.patterns if _fits(pattern, path)]
        return max(fitting, default=(0, True))[1]


class RobotsFiles:
    """The rules of each site for the program `agent`, read once with `read`, which is given robots.txt's address."""

    def __init__(self, agent: str, read: Callable[[str], str]) -> None:
        self._product, self._read = agent.partition("/")[0].strip().casefold(), read
        self._known: dict[str, RobotsRules] = {}

    def of(self, url: str) -> RobotsRules:
        """The rules of an address's site. Raises what `read` raises."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._known:
            text = self._read(urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", "")))
            self._known[site] = rules_in(text[:LONGEST_TEXT], self._product)
        return self._known[site]


def rules_in(text: str, product: str) -> RobotsRules:
    """The rules for a program by its name in small letters: those of its own groups, else those for all (`*`)."""
    groups: dict[str, list[tuple[str, str]]] = {}
    agents: list[str] = []
    in_rules = True
    for name, value in _lines(text):
        if name == "user-agent":
            agents = [value.casefold()] if in_rules else [*agents, value.casefold()]
            groups.setdefault(agents[-1], [])
            in_rules = False
        elif name in {"allow", "disallow", "crawl-delay"}:
            in_rules = True
            for agent in agents:
                groups[agent].append((name, value))
    own = groups.get(product, groups.get("*", []))
    patterns = tuple(
        (_plain(value), name == "allow") for name, value in own if name != "crawl-delay" and value
    )
    delays = [
        float(value) for name, value in own if name == "crawl-delay" and re.fullmatch(r"\d+(\.\d+)?", value)
    ]
    return RobotsRules(patterns, min(max(delays, default=0.0), LONGEST_DELAY))


def _lines(text: str) -> list[tuple[str, str]]:
    pairs = (line.partition("#")[0].partition(":") for line in text.lstrip("\ufeff").splitlines())
    return [(name.strip().casefold(), value.strip()) for name, _, value in pairs]


def _plain(path: str) -> str:
    """A path with its percent signs in one spelling."""
    return quote(unquote(path), safe="/*$?&=:;,+@!~()'-._")


def _fits(pattern: str, path: str) -> bool:
    body, end = (pattern[:-1], "$") if pattern.endswith("$") else (pattern, "")
    return re.match(".*".join(map(re.escape, body.split("*"))) + end, path) is not None
