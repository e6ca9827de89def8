"""Whether the refresh service is well: what should have run and has not."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from db.domain import RunState
from db.domain.refresh import OverdueSlot
from db.domain.timing import PROMPT
from db.service.schedules import all_due
from db.store.schema import load_run


def oldest_overdue(connection: Connection, *, now: datetime | None = None) -> OverdueSlot | None:
    """The oldest slot that was due over a minute ago and has no run that ended, if any.

    Either its run waits or is at work, or no scheduler was there to file it. Paused schedules have none.
    """
    moment = now or datetime.now(UTC)
    slots = [*_unended(connection), *all_due(connection, moment)]
    late = [OverdueSlot(source, slot, moment - slot) for source, slot in slots if moment - slot > PROMPT]
    return max(late, key=lambda overdue: overdue.late, default=None)


def _unended(connection: Connection) -> list[tuple[str, datetime]]:
    statement = select(load_run.c.source, load_run.c.slot).where(
        load_run.c.state.in_((RunState.QUEUED.value, RunState.RUNNING.value)), load_run.c.slot.is_not(None)
    )
    return [(row.source, row.slot) for row in connection.execute(statement)]
