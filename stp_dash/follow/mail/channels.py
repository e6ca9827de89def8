"""Messages to teams: what is new of the site's area, by an address that apprise knows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from apprise import Apprise

from db.reading.characters import plain_text
from db.service.follow.addresses import AddressKey, SealError, address_key
from db.service.follow.news import News, newest_news, read_news
from db.service.follow.teams import Team, messages_waiting, note_delivery, note_message, teams
from stp_dash.elements.links import OVERVIEW
from stp_dash.follow.feeds import entry_title
from stp_dash.follow.following import Following
from stp_dash.follow.mail.content import MARKS
from stp_dash.follow.read import followed
from stp_dash.frame.request import Site

_LINES = 8
_LOG = logging.getLogger(__name__)


def tell_teams(site: Site, now: datetime) -> int:
    """Note what each team is to be told, and send what waits; how many messages were taken."""
    with site.store.reading() as connection:
        known = teams(connection)
    if not known:
        return 0
    key = address_key(site.settings)
    for item in known:
        _note(site, item)
    return sum(_send(site, key, item, now) for item in known)


def _note(site: Site, to: Team) -> None:
    area = site.settings.own_area
    following = Following(area.name, OVERVIEW, "", followed(area))
    with site.store.writing() as connection:
        newest = newest_news(connection)
        found = read_news(connection, following.organisations, after=to.news_id)
        told = [item for item in found if not item.earlier and following.takes(item)]
        if newest > to.news_id:
            note_message(connection, to, newest, _message(told, site) if told else None)


def _message(found: Sequence[News], site: Site) -> tuple[str, str]:
    """`28-day faster diagnosis, ...: misses its 80% standard`, and a line for each thing."""
    order = ("worse", "better", "neither", "changed")
    ranked = sorted(found, key=lambda item: order.index(item.tone.value))
    more = len(ranked) - _LINES
    lines = [plain_text(f"{MARKS[item.tone]} {item.heading}. {item.words}") for item in ranked[:_LINES]]
    lines += [f"And {more} more."] if more > 0 else []
    address = site.settings.notify.site.rstrip("/")
    lines += [f"{address}{OVERVIEW}"] if address else []
    return entry_title(ranked[0])[:200], "\n".join(lines)


def _send(site: Site, key: AddressKey, to: Team, now: datetime) -> int:
    """Send a team's messages in order, up to the first that is not taken: that is tried again later."""
    with site.store.reading() as connection:
        waiting = messages_waiting(connection, to.name, now)
    sent = 0
    for item in waiting:
        taken = _taken(key, to, item.title, item.body)
        with site.store.writing() as connection:
            note_delivery(connection, item, now, taken=taken)
        if not taken:
            break
        sent += 1
    return sent


def _taken(key: AddressKey, to: Team, title: str, body: str) -> bool:
    channel = Apprise()
    try:
        known = channel.add(key.opened(to.address_sealed))
    except SealError as error:
        _LOG.error("team %s: %s", to.name, error)
        return False
    return bool(known and channel.notify(title=title, body=body))
