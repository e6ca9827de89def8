"""Teams that are told what is new, each by an address that apprise knows, and the messages that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.service.follow.addresses import AddressKey
from db.service.follow.news import newest_news
from db.service.follow.waiting import may_be_tried, next_attempt
from db.store.audit import record
from db.store.schema import team, team_message

LONGEST_NAME = 64


class TeamError(Exception):
    """What was asked of a team cannot be done: why, in plain words. Nothing was changed."""


@dataclass(frozen=True)
class Team:
    """A team; its address is a secret and is shown nowhere. `refused`: how often in a row since it last took one."""

    name: str
    address_sealed: str
    news_id: int
    last_sent_at: datetime | None
    refused: int


@dataclass(frozen=True)
class TeamMessage:
    """A message that is noted for a team and not sent yet."""

    id: int
    team: str
    title: str
    body: str


def add_team(
    connection: Connection, key: AddressKey, name: str, address: str, *, by: str, now: datetime
) -> None:
    """Tell a team from now on; of one that is there the address is changed. Raises TeamError."""
    if not name.isprintable() or not 0 < len(name.strip()) <= LONGEST_NAME or name != name.strip():
        raise TeamError(f"team: wanted a name of 1 to {LONGEST_NAME} letters, found another")
    values = {"address_sealed": key.seal(address), "refused": 0, "not_before": None}
    known = connection.execute(update(team).where(team.c.name == name).values(**values)).rowcount
    if not known:
        newest = newest_news(connection)
        connection.execute(insert(team).values(name=name, added_at=now, news_id=newest, **values))
    record(connection, by, "change team" if known else "add team", name)


def remove_team(connection: Connection, name: str, *, by: str) -> None:
    """Tell a team no more, and forget its address. Raises TeamError for one that there is not."""
    connection.execute(delete(team_message).where(team_message.c.team == name))
    if not connection.execute(delete(team).where(team.c.name == name)).rowcount:
        raise TeamError(f"there is no team {name!r}")
    record(connection, by, "remove team", name)


def teams(connection: Connection) -> list[Team]:
    """The teams by name."""
    rows = connection.execute(select(team).order_by(team.c.name))
    return [Team(row.name, row.address_sealed, row.news_id, row.last_sent_at, row.refused) for row in rows]


def note_message(connection: Connection, to: Team, news_id: int, words: tuple[str, str] | None) -> None:
    """Note what a team is to be told, up to a piece of news: title and text; None where there is nothing."""
    connection.execute(update(team).where(team.c.name == to.name).values(news_id=news_id))
    if words is not None:
        title, body = words
        connection.execute(insert(team_message).values(team=to.name, news_id=news_id, title=title, body=body))


def messages_waiting(connection: Connection, name: str, now: datetime) -> Sequence[TeamMessage]:
    """A team's messages that are still to be sent, the oldest first; none while its channel is left alone."""
    waiting = select(team_message).join(team).where(team.c.name == name, team_message.c.sent_at.is_(None))
    rows = connection.execute(waiting.where(may_be_tried(team.c.not_before, now)).order_by(team_message.c.id))
    return [TeamMessage(row.id, row.team, row.title, row.body) for row in rows]


def note_delivery(connection: Connection, item: TeamMessage, now: datetime, *, taken: bool) -> None:
    """Note that a team's channel has taken a message, or that it has not and is left alone, longer each time."""
    to = team.c.name == item.team
    if not taken:
        refused = connection.execute(select(team.c.refused).where(to)).scalar_one() + 1
        again = next_attempt(refused, now)
        connection.execute(update(team).where(to).values(refused=refused, not_before=again))
        return
    connection.execute(update(team_message).where(team_message.c.id == item.id).values(sent_at=now))
    connection.execute(update(team).where(to).values(last_sent_at=now, refused=0, not_before=None))
