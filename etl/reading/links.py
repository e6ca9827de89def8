"""The links of a web page, each with the heading that it stands under."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class Link:
    """A link as it stands on a page: absolute address without fragment, tidy text, nearest heading above.

    `heading` is "" where no heading stands above the link.
    """

    url: str
    text: str
    heading: str

    @property
    def name(self) -> str:
        """The last part of the address: a file's published name."""
        return unquote(urlsplit(self.url).path.rstrip("/").rsplit("/", 1)[-1])

    @property
    def suffix(self) -> str:
        """The name's ending in lower case, with the dot, "" if it has none."""
        name = self.name.casefold()
        return name[name.rfind(".") :] if "." in name else ""


def links(html: str, page_url: str) -> tuple[Link, ...]:
    """Every link of a page to the web, in order; repeats of one address, text and heading count once."""
    found: dict[Link, None] = {}
    heading = ""
    for tag in BeautifulSoup(html, "html.parser").find_all([*_HEADINGS, "a"]):
        if tag.name in _HEADINGS:
            heading = _text(tag)
        elif tag.get("href"):
            url = urldefrag(urljoin(page_url, str(tag["href"]).strip())).url
            if urlsplit(url).scheme in {"http", "https"}:
                found[Link(url, _text(tag), heading)] = None
    return tuple(found)


def outline(tag: Tag) -> tuple[str, ...]:
    """The headings that a part of a page stands under: the nearest before it, then each of a higher level above."""
    found: list[str] = []
    wanted: tuple[str, ...] = _HEADINGS
    above = tag.find_previous([*wanted])
    while isinstance(above, Tag):
        found.append(_text(above))
        wanted = _HEADINGS[: _HEADINGS.index(above.name)]
        above = above.find_previous([*wanted]) if wanted else None
    return tuple(found)


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())
