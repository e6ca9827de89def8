"""Whether there is anything to tell or to send: asked often, and so answered by a few short queries."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, exists, select

from db.domain import RunState
from db.service.follow.news import marks_of
from db.store.data_state import DATA_VERSION
from db.store.schema import filling, letter, load_run, store_meta, team_message

NOTED = "noted"
"""The state of a letter that is still to be sent."""


def work_waits(connection: Connection, organisation: str, today: date, *, mailing: bool) -> bool:
    """Whether an area's news are to be told, by its organisation, or something waits to be sent; letters only where a
    mail server is set (`mailing`).

    Nothing is told while a load is under way or the store is being filled: half a release says something else.
    """
    if mailing and connection.scalar(select(exists(select(letter.c.id).where(letter.c.state == NOTED)))):
        return True
    if connection.scalar(select(exists(select(team_message.c.id).where(team_message.c.sent_at.is_(None))))):
        return True
    loading = select(load_run.c.id).where(load_run.c.state == RunState.RUNNING.value)
    if connection.scalar(select(exists(loading))) or connection.scalar(select(exists(select(filling.c.id)))):
        return False
    state = connection.scalar(select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION))
    if state is None:
        return False
    mark = marks_of(connection, [organisation]).get(organisation)
    return mark is None or mark.data_state != int(state) or mark.told_on < today
