"""The outbox: a letter is noted whole, sent, and then noted as sent.

At least once: what is ended between a mail server's answer and the note of it is sent again, under the same Message-ID,
by which mail systems know that they have it. Nothing is noted as sent that no server has taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, exists, insert, select, update

from db.service.follow.subscribers import Subscriber
from db.service.follow.waiting import NOTED, may_be_tried, next_attempt
from db.store.schema import letter, subscriber

SENT, REFUSED = "sent", "refused"
DIGEST = "digest"


@dataclass(frozen=True)
class Letter:
    """One e-mail. slot: what it is for, once for each subscriber. message_id: its name in every attempt. refused: how
    often it was not taken."""

    subscriber_id: int
    slot: str
    message_id: str
    subject: str
    text: str
    html: str
    address_sealed: str = ""
    address_hash: str = ""
    id: int = 0
    refused: int = 0


def note_letter(connection: Connection, item: Letter, now: datetime) -> None:
    """Put a letter into the outbox. Raises IntegrityError for a second one of its slot."""
    values = {
        name: getattr(item, name)
        for name in ("subscriber_id", "slot", "message_id", "subject", "text", "html")
    }
    connection.execute(insert(letter).values(**values, state=NOTED, noted_at=now, answer=""))


def has_letter(connection: Connection, who: Subscriber, slot: str) -> bool:
    """Whether a subscriber has, or had, a letter of a slot."""
    found = select(letter.c.id).where(letter.c.subscriber_id == who.id, letter.c.slot == slot)
    return bool(connection.scalar(select(exists(found))))


def digest_slot(day: date) -> str:
    """The slot of a day's digest: at most one a day."""
    return f"{DIGEST} {day.isoformat()}"


def letters_waiting(connection: Connection, now: datetime) -> list[Letter]:
    """The letters that are still to be sent and may be tried at a moment, the oldest first."""
    statement = (
        select(letter, subscriber.c.address_sealed, subscriber.c.address_hash)
        .join_from(letter, subscriber)
        .where(letter.c.state == NOTED, may_be_tried(letter.c.not_before, now))
        .order_by(letter.c.id)
    )
    return [
        Letter(**{name: getattr(row, name) for name in Letter.__dataclass_fields__})
        for row in connection.execute(statement)
    ]


def note_sent(connection: Connection, item: Letter, answer: str, now: datetime) -> None:
    """Note that a server has taken a letter. What it said is kept, what it was is not."""
    values = {"state": SENT, "sent_at": now, "answer": answer[:300], "text": "", "html": ""}
    connection.execute(update(letter).where(letter.c.id == item.id).values(**values))


def note_answer(connection: Connection, item: Letter, answer: str, now: datetime, *, refused: bool) -> None:
    """Note why a letter was not taken: for good, or for now, after which it waits longer each time."""
    values: dict[str, object] = {"answer": answer[:300], "refused": item.refused + 1}
    if refused:
        values |= {"state": REFUSED, "text": "", "html": ""}
    else:
        values["not_before"] = next_attempt(item.refused + 1, now)
    connection.execute(update(letter).where(letter.c.id == item.id).values(**values))
