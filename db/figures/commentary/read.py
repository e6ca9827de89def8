"""What readers see of commentaries, and the whole history of one for whoever writes it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from db.domain.people.commentary import (
    ActionState,
    Commentary,
    CommentaryAbout,
    CommentaryRevision,
    CommentaryStep,
    PlannedAction,
    Remarks,
)
from db.domain.period import Period
from db.store.schema import commentary_revision, indicator


def commentary_of(connection: Connection, about: CommentaryAbout) -> Commentary | None:
    """What is shown about an indicator, a place and a period; None where nothing is."""
    found = commentaries(connection, indicators=[about.indicator], places=[about.place])
    return next((item for item in found if item.about == about), None)


def commentaries(
    connection: Connection,
    *,
    indicators: Collection[str] | None = None,
    places: Collection[str] | None = None,
    until: datetime | None = None,
    revision: int | None = None,
) -> tuple[Commentary, ...]:
    """What is shown of some indicators and places (of all where None), the newest period first: one query.

    With `until`, what was shown at that moment; with `revision`, when that was the store's newest.
    """
    rows = commentary_revision
    statement = _revisions().where(rows.c.step.in_([CommentaryStep.SHOWN, CommentaryStep.WITHDRAWN]))
    if indicators is not None:
        statement = statement.where(indicator.c.code.in_(sorted(indicators)))
    if places is not None:
        statement = statement.where(rows.c.place.in_(sorted(places)))
    if until is not None:
        statement = statement.where(rows.c.at <= until)
    if revision is not None:
        statement = statement.where(rows.c.id <= revision)
    found = [_revision(row) for row in connection.execute(statement)]
    return tuple(sorted(_standing(found), key=_newest_first))


def newest_revision(connection: Connection) -> int:
    """The number, counted in the whole store, of the last revision that readers see or that took words from them; 0
    for none. Rows are never changed, so that it says of all commentary as of when it is."""
    rows = commentary_revision
    changed = rows.c.step.in_([CommentaryStep.SHOWN, CommentaryStep.WITHDRAWN])
    return connection.execute(select(func.max(rows.c.id)).where(changed)).scalar() or 0


def _newest_first(item: Commentary) -> tuple[int, str, str]:
    return -item.about.period.key, item.about.indicator, item.about.place


def _standing(found: Collection[CommentaryRevision]) -> Iterator[Commentary]:
    for about, revisions in groupby(found, key=lambda item: item.about):
        steps = list(revisions)
        last = steps[-1]
        if last.step is CommentaryStep.SHOWN:
            first = next(item for item in steps if item.step is CommentaryStep.SHOWN)
            yield Commentary(about, last.number, last.remarks, first.at, last.at)


def history_of_commentary(connection: Connection, about: CommentaryAbout) -> tuple[CommentaryRevision, ...]:
    """Every revision of a commentary, the first one first."""
    rows = commentary_revision
    statement = _revisions().where(
        indicator.c.code == about.indicator,
        rows.c.place == about.place,
        rows.c.period_id == about.period.key,
    )
    return tuple(_revision(row) for row in connection.execute(statement))


def last_role_of(connection: Connection, name: str) -> str:
    """What somebody wrote under last, by the name that they sign in with; "" where they have written nothing."""
    rows = commentary_revision
    newest = select(rows.c.role).where(rows.c.by == name).order_by(rows.c.id.desc()).limit(1)
    return connection.execute(newest).scalar() or ""


def _revisions() -> Select[Any]:
    rows = commentary_revision
    order = (indicator.c.code, rows.c.place, rows.c.period_id, rows.c.number)
    joined = rows.join(indicator, rows.c.indicator_id == indicator.c.id)
    return select(indicator.c.code, *rows.c).select_from(joined).order_by(*order)


def _revision(row: Row[Any]) -> CommentaryRevision:
    actions = tuple(
        PlannedAction(what, owner, by, ActionState(state))
        for what, owner, by, state in json.loads(row.actions)
    )
    return CommentaryRevision(
        CommentaryAbout(row.code, row.place, Period.from_key(row.period_id)),
        row.number,
        CommentaryStep(row.step),
        Remarks(row.happened, actions, row.assurance, row.role),
        row.at,
        row.by,
        row.reason,
    )
