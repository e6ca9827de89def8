"""Who asked for e-mails: asked, confirmed, paused where an address refuses, and erased when they stop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select, update

from db.service.follow.addresses import AddressKey
from db.service.follow.news import newest_news
from db.store.schema import letter, opt_in_attempt, subscriber

UNCONFIRMED_DAYS = 2
"""So long a link to confirm holds, and what was asked is kept without it."""
MOST_OF_AN_ADDRESS, MOST_OF_A_PLACE, MOST_TOGETHER = 3, 20, 500
"""So many may ask in a day: for one address, from one place, and altogether."""
_A_DAY = timedelta(days=1)


class HowOften(StrEnum):
    """When somebody wants to be written to."""

    RELEASE = "release"
    MONTHLY = "monthly"
    RULES = "rules"


class SubscriberState(StrEnum):
    """How far a subscription is."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    PAUSED = "paused"


@dataclass(frozen=True)
class Wishes:
    """What somebody wants to hear of. topics: of the catalogue, all where there are none; organisations: the area and
    all of it where there are none."""

    area: str
    how_often: HowOften
    topics: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subscriber:
    """Somebody who asked. `news_id` is the last piece of news that they were written to of, or that there was."""

    id: int
    address_hash: str
    address_sealed: str
    wishes: Wishes
    state: SubscriberState
    asked_at: datetime
    news_id: int


def may_ask(connection: Connection, address_hash: str, place_hash: str, now: datetime) -> bool:
    """Whether one more may be asked for: too many of one address or from one place are not. Notes that it was."""
    connection.execute(delete(opt_in_attempt).where(opt_in_attempt.c.at < now - _A_DAY))
    columns = opt_in_attempt.c
    counts = [
        connection.scalar(select(func.count()).select_from(opt_in_attempt).where(*conditions)) or 0
        for conditions in ([columns.address_hash == address_hash], [columns.place_hash == place_hash], [])
    ]
    limits = (MOST_OF_AN_ADDRESS, MOST_OF_A_PLACE, MOST_TOGETHER)
    if any(count >= most for count, most in zip(counts, limits, strict=True)):
        return False
    connection.execute(
        insert(opt_in_attempt).values(at=now, address_hash=address_hash, place_hash=place_hash)
    )
    return True


def asked(connection: Connection, key: AddressKey, address: str, wishes: Wishes, now: datetime) -> Subscriber:
    """Who has an address: as they are where they are known, else noted as asking."""
    known = found_by(connection, key.find_by(address))
    if known is not None:
        return known
    values = {
        "address_hash": key.find_by(address),
        "address_sealed": key.seal(address),
        "state": SubscriberState.ASKED.value,
        "asked_at": now,
        "paused_for": "",
        "news_id": 0,
        **_written(wishes),
    }
    made = connection.execute(insert(subscriber).values(**values)).inserted_primary_key
    return Subscriber(
        int(made[0]) if made else 0,
        str(values["address_hash"]),
        str(values["address_sealed"]),
        wishes,
        SubscriberState.ASKED,
        now,
        0,
    )


def found_by(connection: Connection, address_hash: str) -> Subscriber | None:
    """The subscriber of an address, by its keyed hash."""
    row = connection.execute(select(subscriber).where(subscriber.c.address_hash == address_hash)).first()
    return None if row is None else _subscriber(row)


def confirm(connection: Connection, who: Subscriber, wishes: Wishes, now: datetime) -> None:
    """Write to somebody from now on of what they want; of nothing that was told before."""
    first = who.state is not SubscriberState.CONFIRMED
    values = {
        "state": SubscriberState.CONFIRMED.value,
        "confirmed_at": now,
        "paused_for": "",
        **_written(wishes),
    }
    if first:
        values["news_id"] = newest_news(connection)
    connection.execute(update(subscriber).where(subscriber.c.id == who.id).values(**values))


def erase_subscriber(connection: Connection, who: Subscriber) -> None:
    """Forget somebody, with all that was or was to be sent to them."""
    connection.execute(delete(letter).where(letter.c.subscriber_id == who.id))
    connection.execute(delete(subscriber).where(subscriber.c.id == who.id))


def erase_unconfirmed(connection: Connection, now: datetime) -> None:
    """Forget who asked and did not confirm in time."""
    late = select(subscriber).where(
        subscriber.c.state == SubscriberState.ASKED.value,
        subscriber.c.asked_at < now - timedelta(days=UNCONFIRMED_DAYS),
    )
    for row in connection.execute(late).all():
        erase_subscriber(connection, _subscriber(row))


def subscribers(connection: Connection) -> list[Subscriber]:
    """Those who are written to."""
    confirmed = select(subscriber).where(subscriber.c.state == SubscriberState.CONFIRMED.value)
    return [_subscriber(row) for row in connection.execute(confirmed.order_by(subscriber.c.id))]


def told_up_to(connection: Connection, who: Subscriber, news_id: int) -> None:
    """Note the last piece of news that somebody need not be told of any more."""
    connection.execute(update(subscriber).where(subscriber.c.id == who.id).values(news_id=news_id))


def pause_address(connection: Connection, subscriber_id: int, answer: str) -> None:
    """Write to an address no more that its server refuses, and note what it said."""
    values = {"state": SubscriberState.PAUSED.value, "paused_for": answer[:300]}
    connection.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(**values))


def _written(wishes: Wishes) -> dict[str, object]:
    return {
        "area": wishes.area,
        "how_often": wishes.how_often.value,
        "topics": _list(wishes.topics),
        "organisations": _list(wishes.organisations),
    }


def _list(items: Sequence[str]) -> str:
    return json.dumps(list(items))


def _subscriber(row: object) -> Subscriber:
    found = {
        name: getattr(row, name) for name in ("id", "address_hash", "address_sealed", "asked_at", "news_id")
    }
    columns = {name: getattr(row, name) for name in ("area", "how_often", "topics", "organisations", "state")}
    wishes = Wishes(
        columns["area"],
        HowOften(columns["how_often"]),
        tuple(json.loads(columns["topics"])),
        tuple(json.loads(columns["organisations"])),
    )
    return Subscriber(**found, wishes=wishes, state=SubscriberState(columns["state"]))
