"""What people record beside the figures: where limits start again, and events worth remembering on a chart.

Each stands under the role of who decided, never under a name. Nothing is deleted: a decision is withdrawn, and says
when.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from db.domain import ALL
from db.domain.decision import Recorded, RecordedDecision, RecordedEvent
from db.figures.keys import breakdown_id
from db.store.audit import record
from db.store.data_state import raise_data_version
from db.store.schema import chart_event, indicator, observation, organisation, period, rebase_decision

LONGEST_TEXT = 500
LONGEST_ROLE = 80


class DecisionError(ValueError):
    """What cannot be recorded or withdrawn: what was wanted and what was found."""


def record_rebase(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str,
    on: date,
    reason: str,
    role: str,
    by: str = "",
) -> int:
    """Record that limits start again, and give the decision's number. `by` is kept in the audit; the role without it.

    Raises DecisionError for an unknown indicator or organisation, for a decision that stands already, and where the
    reason or the role says nothing or too much.
    """
    reason, role = _said("reason", reason, LONGEST_TEXT), _role(role)
    place = _series(connection, indicator_code, organisation_code)
    if _standing(connection, place, on) is not None:
        raise DecisionError(
            f"limits of {indicator_code} already start again for {organisation_code} on {on.isoformat()}"
        )
    values = {**place, "on": on, "reason": reason, "role": role, "recorded_at": datetime.now(UTC)}
    number = _inserted(connection, rebase_decision, values)
    subject = f"{indicator_code} {organisation_code} {on.isoformat()}"
    record(connection, by or role, "rebase recorded", subject, reason)
    return number


def waits_for_a_figure(
    connection: Connection, *, indicator_code: str, organisation_code: str, on: date
) -> bool:
    """Whether a series has no figure yet of a period that begins on a day or later, so that a restart has no effect."""
    place = _series(connection, indicator_code, organisation_code)
    later = (
        select(observation.c.value)
        .join(period, observation.c.period_id == period.c.id)
        .where(
            *(observation.c[name] == value for name, value in place.items()),
            observation.c.breakdown_id == breakdown_id(ALL),
            observation.c.value.is_not(None),
            period.c.start >= on,
        )
    )
    return connection.execute(later.limit(1)).first() is None


def withdraw_rebase(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str,
    on: date,
    reason: str,
    role: str,
    by: str = "",
) -> None:
    """Withdraw a decision: the chart stands as before it. The reason is kept in the audit.

    Raises DecisionError where none stands.
    """
    reason, role = _said("reason", reason, LONGEST_TEXT), _role(role)
    number = _standing(connection, _series(connection, indicator_code, organisation_code), on)
    if number is None:
        raise DecisionError(
            f"wanted a decision on {indicator_code} for {organisation_code} on {on.isoformat()}, found none"
        )
    _withdraw(connection, rebase_decision, number)
    subject = f"{indicator_code} {organisation_code} {on.isoformat()}"
    record(connection, by or role, "rebase withdrawn", subject, reason)


def record_event(
    connection: Connection,
    *,
    on: date,
    words: str,
    role: str,
    indicator_code: str | None = None,
    organisation_code: str | None = None,
    by: str = "",
) -> int:
    """Record an event, and give its number. Without an indicator or an organisation it stands on every one.

    Raises DecisionError as `record_rebase` does.
    """
    words, role = _said("text", words, LONGEST_TEXT), _role(role)
    values = {
        "indicator_id": None if indicator_code is None else _id(connection, indicator, indicator_code),
        "organisation_id": None
        if organisation_code is None
        else _id(connection, organisation, organisation_code),
        "on": on,
        "text": words,
        "role": role,
        "recorded_at": datetime.now(UTC),
    }
    number = _inserted(connection, chart_event, values)
    record(connection, by or role, "event recorded", f"event {number} {on.isoformat()}", words)
    return number


def withdraw_event(connection: Connection, number: int, *, role: str, by: str = "") -> None:
    """Withdraw an event by its number. Raises DecisionError where none stands under it."""
    role = _role(role)
    event = connection.execute(select(chart_event).where(chart_event.c.id == number)).first()
    if event is None or event.withdrawn_at is not None:
        raise DecisionError(f"wanted an event that stands, found none with the number {number}")
    _withdraw(connection, chart_event, number)
    record(connection, by or role, "event withdrawn", f"event {number} {event.on.isoformat()}", event.text)


def recorded_for(
    connection: Connection,
    *,
    indicators: Collection[str] | None = None,
    organisations: Collection[str] | None = None,
    withdrawn: bool = False,
) -> Recorded:
    """Decisions and events of some indicators and organisations (all of them when None), in one query.

    Events of every indicator or organisation are among them. With `withdrawn`, those that no longer stand too.
    """
    statement = union_all(
        _rows_of(rebase_decision, "reason", indicators, organisations, withdrawn=withdrawn),
        _rows_of(chart_event, "text", indicators, organisations, withdrawn=withdrawn),
    )
    rows = sorted(connection.execute(statement), key=lambda row: (row.on, row.id))
    return Recorded(
        tuple(RecordedDecision(*_fields(row)) for row in rows if row.kind == rebase_decision.name),
        tuple(RecordedEvent(*_fields(row)) for row in rows if row.kind == chart_event.name),
    )


def _rows_of(
    rows: Table,
    words: str,
    indicators: Collection[str] | None,
    organisations: Collection[str] | None,
    *,
    withdrawn: bool,
) -> Select[Any]:
    """Rows of one table in the columns of both. One without an indicator or an organisation belongs to every one."""
    statement = select(
        literal(rows.name).label("kind"),
        rows.c.id,
        indicator.c.code.label("indicator"),
        organisation.c.code.label("organisation"),
        rows.c.on,
        rows.c[words].label("words"),
        rows.c.role,
        rows.c.recorded_at,
        rows.c.withdrawn_at,
    ).select_from(
        rows.join(indicator, rows.c.indicator_id == indicator.c.id, isouter=True).join(
            organisation, rows.c.organisation_id == organisation.c.id, isouter=True
        )
    )
    where: list[ColumnElement[bool]] = [] if withdrawn else [rows.c.withdrawn_at.is_(None)]
    for table, codes in ((indicator, indicators), (organisation, organisations)):
        if codes is not None:
            where.append(or_(table.c.code.in_(sorted(codes)), table.c.code.is_(None)))
    return statement.where(*where)


def _fields(row: Row[Any]) -> tuple[Any, ...]:
    moments = (row.recorded_at, row.withdrawn_at)
    return (row.id, row.indicator, row.organisation, row.on, row.words, row.role, *moments)


def _said(name: str, words: str, longest: int) -> str:
    found = " ".join(words.split())
    if not found:
        raise DecisionError(f"{name}: wanted some words, found none")
    if len(found) > longest:
        raise DecisionError(f"{name}: wanted at most {longest} characters, found {len(found)}")
    return found


def _role(role: str) -> str:
    found = _said("role", role, LONGEST_ROLE)
    if "@" in found:
        raise DecisionError('role: wanted what a person does, as "Head of cancer services", found an address')
    return found


def _series(connection: Connection, indicator_code: str, organisation_code: str) -> dict[str, int]:
    return {
        "indicator_id": _id(connection, indicator, indicator_code),
        "organisation_id": _id(connection, organisation, organisation_code),
    }


def _id(connection: Connection, table: Table, code: str) -> int:
    number = connection.execute(select(table.c.id).where(table.c.code == code)).scalar()
    if number is not None:
        return int(number)
    close = get_close_matches(code, connection.execute(select(table.c.code)).scalars(), n=3, cutoff=0.5)
    nearest = f"; the nearest are {', '.join(close)}" if close else ""
    raise DecisionError(f"wanted an {table.name} that the store knows, found {code!r}{nearest}")


def _standing(connection: Connection, place: dict[str, int], on: date) -> int | None:
    rows = rebase_decision
    return connection.execute(
        select(rows.c.id).where(
            *(rows.c[name] == value for name, value in place.items()),
            rows.c.on == on,
            rows.c.withdrawn_at.is_(None),
        )
    ).scalar()


def _inserted(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    raise_data_version(connection)
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def _withdraw(connection: Connection, table: Table, number: int) -> None:
    raise_data_version(connection)
    connection.execute(update(table).where(table.c.id == number).values(withdrawn_at=datetime.now(UTC)))
