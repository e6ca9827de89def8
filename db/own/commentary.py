"""What people say of own figures: written in the words of commentary on published ones, kept in a table of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from db.domain import Period
from db.domain.own.figures import FigureKey
from db.domain.people.commentary import (
    ActionState,
    Commentary,
    CommentaryAbout,
    CommentaryStep,
    PlannedAction,
    Remarks,
)
from db.figures.commentary.write import CommentaryError, plain_remarks, problems_of_remarks
from db.own.definitions import OWN_TURN
from db.own.errors import OwnMeasureError
from db.store import Store, audit
from db.store.schema import own_commentary
from db.store.turns import wait_for_other_loads


def write_own_commentary(
    store: Store, key: FigureKey, typed: Remarks, *, seen: int, by: str, reason: str = ""
) -> None:
    """Show what somebody typed about a figure; with a `reason`, withdraw what is shown.

    `seen` is what `newest_own_commentary` said when it was typed: where somebody else has written since, nothing is
    kept. Raises OwnMeasureError for that, and for words that cannot be shown.
    """
    try:
        remarks = plain_remarks(typed)
    except CommentaryError as error:
        raise OwnMeasureError(str(error)) from error
    problems = {} if reason else problems_of_remarks(remarks)
    if problems:
        raise OwnMeasureError("; ".join(f"{name}: {words}" for name, words in problems.items()))
    step = CommentaryStep.WITHDRAWN if reason else CommentaryStep.SHOWN
    with store.writing() as connection:
        wait_for_other_loads(connection, OWN_TURN)
        if newest_own_commentary(connection, key.measure) != seen:
            raise OwnMeasureError("somebody else has written meanwhile: nothing was kept, look again")
        row = {
            "measure": key.measure,
            "organisation": key.organisation,
            "unit": key.unit,
            "period_id": key.period.key,
            "step": step.value,
            "happened": remarks.happened,
            "actions": json.dumps(
                [[item.what, item.owner, item.by, item.state.value] for item in remarks.actions]
            ),
            "assurance": remarks.assurance,
            "role": remarks.role,
            "at": datetime.now(UTC),
            "by": by,
            "reason": reason,
        }
        connection.execute(insert(own_commentary).values(row))
        audit.record(connection, by, f"own commentary {step.value}", key.measure, key.period.label)


def newest_own_commentary(connection: Connection, measure: str) -> int:
    """The number of the last thing that was written about a measure, 0 for none."""
    rows = own_commentary.c
    return connection.execute(select(func.max(rows.id)).where(rows.measure == measure)).scalar() or 0


def own_commentaries(
    connection: Connection, measure: str, organisation: str, unit: str
) -> tuple[Commentary, ...]:
    """What is shown about a place of a measure, the newest period first."""
    rows = own_commentary.c
    statement = (
        select(own_commentary)
        .where(rows.measure == measure, rows.organisation == organisation, rows.unit == unit)
        .order_by(rows.id)
    )
    found: dict[int, Commentary] = {}
    first: dict[int, datetime] = {}
    for row in connection.execute(statement):
        first.setdefault(row.period_id, row.at)
        if row.step == CommentaryStep.WITHDRAWN:
            found.pop(row.period_id, None)
            continue
        about = CommentaryAbout(measure, f"{organisation} {unit}".strip(), Period.from_key(row.period_id))
        actions = tuple(
            PlannedAction(what, owner, by, ActionState(state))
            for what, owner, by, state in json.loads(row.actions)
        )
        remarks = Remarks(row.happened, actions, row.assurance, row.role)
        found[row.period_id] = Commentary(about, row.id, remarks, first[row.period_id], row.at)
    return tuple(sorted(found.values(), key=lambda item: item.about.period.start, reverse=True))
