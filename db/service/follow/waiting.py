"""Whether there is anything to tell or to send: asked often, and so answered by a few short queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, exists, or_, select

from db.domain import RunState
from db.service.follow.news import marks_of
from db.store.data_state import DATA_VERSION
from db.store.schema import filling, letter, load_run, store_meta, team, team_message

NOTED = "noted"
"""The state of a letter that is still to be sent."""
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=1))
"""How long after the first refusal, the second and so on, something is tried again; then as after the last of these."""


def next_attempt(refused: int, now: datetime) -> datetime:
    """When to try again what has just been refused, `refused` times in all."""
    return now + _WAITS[min(max(refused, 1), len(_WAITS)) - 1]


def may_be_tried(not_before: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """Whether what was refused may be tried again at a moment; what never was may be at any."""
    return or_(not_before.is_(None), not_before <= now)


def work_waits(
    connection: Connection, organisation: str, today: date, now: datetime, *, mailing: bool
) -> bool:
    """Whether an area's news are to be told, by its organisation, or something waits to be sent; letters only where a
    mail server is set (`mailing`), and nothing that was refused before its time.

    Nothing is told while a load is under way or the store is being filled: half a release says something else.
    """
    letters = select(letter.c.id).where(letter.c.state == NOTED, may_be_tried(letter.c.not_before, now))
    if mailing and connection.scalar(select(exists(letters))):
        return True
    unsent = select(team_message.c.id).join(team).where(team_message.c.sent_at.is_(None))
    if connection.scalar(select(exists(unsent.where(may_be_tried(team.c.not_before, now))))):
        return True
    loading = select(load_run.c.id).where(load_run.c.state == RunState.RUNNING.value)
    if connection.scalar(select(exists(loading))) or connection.scalar(select(exists(select(filling.c.id)))):
        return False
    state = connection.scalar(select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION))
    if state is None:
        return False
    mark = marks_of(connection, [organisation]).get(organisation)
    return mark is None or mark.data_state != int(state) or mark.told_on < today
