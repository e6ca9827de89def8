"""News as feeds: Atom (RFC 4287) and JSON Feed 1.1, both of the same entries under the same lasting names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree

import orjson

from db.reading.characters import plain_text
from db.service.follow.news import News
from stp_dash.elements.links import FEEDS
from stp_dash.frame.shell import LICENCE, SITE_TITLE

FEED_ENTRIES = 100
"""No feed has more entries: the newest."""
ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
DEMONSTRATION = "Demonstration: "


@dataclass(frozen=True)
class Feed:
    """What a feed is of. `site` is the site's address without a slash at its end, `path` the page that it is of, and
    `authority` what names of entries begin with: they outlast a move of the site's address."""

    title: str
    site: str
    authority: str
    path: str
    query: str
    entries: Sequence[News]

    @property
    def updated(self) -> datetime:
        return max((item.told_at for item in self.entries), default=_BEGUN)

    def address(self, ending: str) -> str:
        """Where the feed itself is."""
        return f"{self.site}{FEEDS}.{ending}{self.query}"

    def name_of(self, item: News) -> str:
        """A tag URI (RFC 4151): what happened has one name for ever."""
        return f"tag:{self.authority},2026:news/{quote(item.key, safe='')}"


def entry_title(item: News) -> str:
    """The heading, which says first that numbers are invented."""
    return plain_text(f"{DEMONSTRATION if item.demonstration else ''}{item.heading}")


def atom_feed(feed: Feed) -> bytes:
    """The feed as Atom."""
    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.Element(_tag("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": "en-GB"})
    _text(root, "id", f"tag:{feed.authority},2026:feed{quote(feed.query, safe='=&')}")
    _text(root, "title", plain_text(feed.title))
    _text(root, "updated", _moment(feed.updated))
    _text(root, "rights", LICENCE)
    author = ElementTree.SubElement(root, _tag("author"))
    _text(author, "name", SITE_TITLE)
    _link(root, "self", feed.address("atom"), ATOM)
    _link(root, "alternate", feed.site + feed.path, "text/html")
    for item in feed.entries:
        entry = ElementTree.SubElement(root, _tag("entry"))
        _text(entry, "id", feed.name_of(item))
        _text(entry, "title", entry_title(item))
        _text(entry, "updated", _moment(item.told_at))
        _text(entry, "published", _moment(item.told_at))
        _link(entry, "alternate", feed.site + item.path, "text/html")
        ElementTree.SubElement(entry, _tag("category"), {"term": item.kind.value})
        _text(entry, "content", plain_text(item.words)).set("type", "text")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1."""
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": plain_text(feed.title),
            "home_page_url": feed.site + feed.path,
            "feed_url": feed.address("json"),
            "description": LICENCE,
            "language": "en-GB",
            "authors": [{"name": SITE_TITLE}],
            "items": [
                {
                    "id": feed.name_of(item),
                    "url": feed.site + item.path,
                    "title": entry_title(item),
                    "content_text": plain_text(item.words),
                    "date_published": _moment(item.told_at),
                    "date_modified": _moment(item.told_at),
                    "tags": [item.kind.value],
                }
                for item in feed.entries
            ],
        }
    )


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def _text(parent: ElementTree.Element, name: str, words: str) -> ElementTree.Element:
    found = ElementTree.SubElement(parent, _tag(name))
    found.text = words
    return found


def _link(parent: ElementTree.Element, relation: str, address: str, kind: str) -> None:
    ElementTree.SubElement(parent, _tag("link"), {"rel": relation, "href": address, "type": kind})


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
