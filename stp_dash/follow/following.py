"""What somebody follows: an area, an organisation, an indicator or a topic, and its news."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from db.domain import Indicator
from db.service.follow.news import News, NewsKind, marks_of, read_news
from stp_dash.analysis.wording import listing
from stp_dash.elements.links import ORGANISATION, OVERVIEW, TREND, href
from stp_dash.follow.feeds import FEED_ENTRIES
from stp_dash.follow.read import followed
from stp_dash.follow.replay import earlier_news
from stp_dash.follow.words import Telling
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import ParameterError

_READ = 2000
_OF_THE_AREA = frozenset({NewsKind.NEW_DATA, NewsKind.REVISED, NewsKind.OVERDUE})
"""What an area is told of itself alone: its organisations' own feeds have theirs."""


@dataclass(frozen=True)
class Following:
    """What is followed: organisations, the first of them before all, and of which indicators; of all without any.

    title: in words. path: the page that shows it. query: how its feed is asked for.
    """

    title: str
    path: str
    query: str
    organisations: tuple[str, ...]
    indicators: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()

    def takes(self, item: News) -> bool:
        """Whether a piece of news is of it."""
        of_source = not item.indicator and item.source in self.sources
        if self.indicators and item.indicator not in self.indicators and not of_source:
            return False
        return item.organisation == self.organisations[0] or item.kind not in _OF_THE_AREA


def following_of(reader: StoreReader) -> Following:
    """What the address asks for: `area`, `organisation`, `indicator` and `topic`. Raises ParameterError."""
    request, given = reader.request, reader.request.parameters
    area, catalogue = request.area, request.site.store.catalogue
    names, path = [area.name], href(OVERVIEW, area=given.get("area"))
    organisations = followed(area)
    if asked := given.get("organisation"):
        choice = reader.code_lists.organisation(asked)
        if choice is None:
            raise ParameterError("organisation", asked, "the code of an organisation that has figures", ())
        names, organisations = [reader.names.get(asked) or choice.name], (asked,)
        path = href(ORGANISATION, organisation=asked, area=given.get("area"))
    wanted: list[Indicator] = []
    if "indicator" in given:
        wanted = [request.indicator()]
        names.append(wanted[0].short_name)
        own = given.get("organisation")
        path = href(TREND, indicator=wanted[0].id, organisation=own, area=given.get("area"))
    elif "topic" in given:
        topics = topics_by_name(catalogue.indicators.values())
        topic = request.one_of("topic", topics, "a topic") or ""
        wanted = [item for item in catalogue.indicators.values() if item.topic == topics[topic]]
        names.append(topics[topic])
    query = href("", **{name: given.get(name) for name in FEED_PARAMETERS})
    return Following(
        listing(names) if len(names) < 2 else ": ".join(names),
        path,
        query,
        organisations,
        frozenset(item.id for item in wanted),
        frozenset(item.source_id for item in wanted),
    )


FEED_PARAMETERS = ("area", "organisation", "indicator", "topic")


def topics_by_name(indicators: Iterable[Indicator]) -> dict[str, str]:
    """The topics by how addresses name them: `cancer`, `gp-and-nurse-staffing`."""
    found = {}
    for item in sorted(indicators, key=lambda item: item.topic_order):
        found[re.sub(r"[^a-z0-9]+", "-", item.topic.lower()).strip("-")] = item.topic
    return found


def news_of(reader: StoreReader, following: Following, *, after: int = 0) -> list[News]:
    """The news of what is followed, the newest first; those of an area that nobody follows are worked out now."""
    organisations = following.organisations
    if organisations[0] in marks_of(reader.connection, organisations[:1]):
        found: Iterable[News] = read_news(reader.connection, organisations, after=after, most=_READ)
    else:
        area = reader.request.parameters.get("area", "")
        telling = Telling(reader.names, area, reader.version.number, datetime.now(UTC), earlier=True)
        found = reversed(earlier_news(reader, organisations, telling))
    return [item for item in found if following.takes(item)][:FEED_ENTRIES]
