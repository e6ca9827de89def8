"""What stands of people's decisions and events, read in one query."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)

from db.domain.decision import Recorded, RecordedDecision, RecordedEvent
from db.store.schema import chart_event, indicator, organisation, rebase_decision

_ONLY_EVENTS = ("of_area", "until", "link", "replaces")


def recorded_for(
    connection: Connection,
    *,
    indicators: Collection[str] | None = None,
    organisations: Collection[str] | None = None,
    areas: Collection[str] = (),
    withdrawn: bool = False,
) -> Recorded:
    """Decisions and events of some indicators and organisations (all of them when None), in one query.

    Events of every indicator or organisation are among them, and those of whole areas for `areas`: the codes of what
    the organisations belong to. With `withdrawn`, those that no longer stand too.
    """
    of_area = and_(organisation.c.code.in_(sorted(areas)), chart_event.c.of_area) if areas else None
    events = _rows(chart_event.c.text, indicators, organisations, of_area)
    decisions = _rows(rebase_decision.c.reason, indicators, organisations)
    if not withdrawn:
        events = events.where(chart_event.c.withdrawn_at.is_(None))
        decisions = decisions.where(rebase_decision.c.withdrawn_at.is_(None))
    rows = sorted(connection.execute(union_all(events, decisions)), key=lambda row: (row.on, row.id))
    return Recorded(
        tuple(
            RecordedDecision(
                row.id,
                row.indicator,
                row.organisation,
                row.on,
                row.words,
                row.role,
                row.recorded_at,
                row.withdrawn_at,
            )
            for row in rows
            if row.kind == rebase_decision.name
        ),
        tuple(
            RecordedEvent(
                id=row.id,
                indicator=row.indicator,
                organisation=row.organisation,
                on=row.on,
                text=row.words,
                role=row.role,
                recorded_at=row.recorded_at,
                withdrawn_at=row.withdrawn_at,
                of_area=bool(row.of_area),
                until=row.until,
                link=row.link or "",
                replaces=row.replaces,
            )
            for row in rows
            if row.kind == chart_event.name
        ),
    )


def _rows(
    words: Column[str],
    indicators: Collection[str] | None,
    organisations: Collection[str] | None,
    also: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """Rows of one table in the columns of both. One without an indicator or an organisation belongs to every one."""
    rows = words.table
    only = [chart_event.c[name] for name in _ONLY_EVENTS]
    nothing = [cast(null(), column.type).label(column.name) for column in only]
    found = select(
        literal(rows.name).label("kind"),
        rows.c.id,
        indicator.c.code.label("indicator"),
        organisation.c.code.label("organisation"),
        rows.c.on,
        words.label("words"),
        rows.c.role,
        rows.c.recorded_at,
        rows.c.withdrawn_at,
        *(only if rows is chart_event else nothing),
    ).select_from(
        rows.join(indicator, rows.c.indicator_id == indicator.c.id, isouter=True).join(
            organisation, rows.c.organisation_id == organisation.c.id, isouter=True
        )
    )
    if indicators is not None:
        found = found.where(or_(indicator.c.code.in_(sorted(indicators)), indicator.c.code.is_(None)))
    if organisations is not None:
        own = [organisation.c.code.in_(sorted(organisations)), organisation.c.code.is_(None)]
        found = found.where(or_(*own, *([] if also is None else [also])))
    return found
