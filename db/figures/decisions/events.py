"""Events that people put on charts: recorded, changed and withdrawn. Every version of each is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.domain.decision import EventWords
from db.figures.decisions.words import (
    LONGEST_EVENT,
    DecisionError,
    LostChangeError,
    role_said,
    row_id,
    safe_link,
    span_said,
    words_said,
)
from db.store.audit import record
from db.store.data_state import raise_data_version
from db.store.schema import chart_event, indicator, organisation


def record_event(connection: Connection, given: EventWords, *, by: str = "") -> int:
    """Record an event, and give its number. `by` is kept in the audit; the role without it.

    Raises DecisionError for an unknown indicator or organisation, a span that ends before it begins, a link that is
    no https address, and where the text or the role says nothing or too much.
    """
    values = _values(connection, given)
    raise_data_version(connection)
    number = connection.execute(insert(chart_event).values(values).returning(chart_event.c.id)).scalar_one()
    _note(connection, "event recorded", int(number), values, by)
    return int(number)


def change_event(connection: Connection, number: int, given: EventWords, *, by: str = "") -> int:
    """Put another version in an event's place, and give the number of that. The one before is kept, withdrawn.

    Raises LostChangeError where somebody has changed or withdrawn it before, DecisionError as `record_event` does.
    """
    values = _values(connection, given)
    _end(connection, number)
    values["replaces"] = number
    new = connection.execute(insert(chart_event).values(values).returning(chart_event.c.id)).scalar_one()
    _note(connection, f"event {number} changed", int(new), values, by)
    return int(new)


def withdraw_event(connection: Connection, number: int, *, role: str, by: str = "") -> None:
    """Withdraw an event by its number. Raises DecisionError where none stands under it."""
    role = role_said(role)
    row = _end(connection, number)
    values = {"on": row.on, "text": row.text, "role": role}
    _note(connection, "event withdrawn", number, values, by)


def organisation_of(connection: Connection, number: int) -> str | None:
    """The code of the organisation whose charts an event stands on; None for every one's, or for no such event."""
    of = select(organisation.c.code).join(chart_event, chart_event.c.organisation_id == organisation.c.id)
    code: str | None = connection.execute(of.where(chart_event.c.id == number)).scalar()
    return code


def _end(connection: Connection, number: int) -> Row[Any]:
    """End what stands under a number, in the row itself: of two who do so at once, the second finds it ended."""
    raise_data_version(connection)
    standing = update(chart_event).where(chart_event.c.id == number, chart_event.c.withdrawn_at.is_(None))
    ended = connection.execute(standing.values(withdrawn_at=datetime.now(UTC)))
    row = connection.execute(select(chart_event).where(chart_event.c.id == number)).first()
    if row is None:
        raise DecisionError(f"wanted an event that stands, found none with the number {number}")
    if not ended.rowcount:
        raise LostChangeError(
            f"event {number}: somebody has changed or withdrawn it since, so none with the number {number} stands"
        )
    return row


def _values(connection: Connection, given: EventWords) -> dict[str, Any]:
    if given.of_area and given.organisation is None:
        raise DecisionError("scope: wanted an area, found none")
    return {
        "indicator_id": None if given.indicator is None else row_id(connection, indicator, given.indicator),
        "organisation_id": None
        if given.organisation is None
        else row_id(connection, organisation, given.organisation),
        "of_area": given.of_area or None,
        "on": given.on,
        "until": span_said(given.on, given.until),
        "text": words_said("text", given.text, LONGEST_EVENT),
        "link": safe_link(given.link) or None,
        "role": role_said(given.role),
        "recorded_at": datetime.now(UTC),
    }


def _note(connection: Connection, action: str, number: int, values: dict[str, Any], by: str) -> None:
    subject = f"event {number} {values['on'].isoformat()}"
    record(connection, by or values["role"], action, subject, values["text"])
