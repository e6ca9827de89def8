"""Where limits start again by a person's decision, and its withdrawal."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert, select, update

from db.domain import ALL
from db.figures.decisions.words import LONGEST_REASON, DecisionError, role_said, row_id, words_said
from db.figures.keys import breakdown_id
from db.store.audit import record
from db.store.data_state import raise_data_version
from db.store.schema import indicator, observation, organisation, period, rebase_decision


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
    reason, role = words_said("reason", reason, LONGEST_REASON), role_said(role)
    place = _series(connection, indicator_code, organisation_code)
    if _standing(connection, place, on) is not None:
        raise DecisionError(
            f"limits of {indicator_code} already start again for {organisation_code} on {on.isoformat()}"
        )
    values = {**place, "on": on, "reason": reason, "role": role, "recorded_at": datetime.now(UTC)}
    raise_data_version(connection)
    number = connection.execute(insert(rebase_decision).values(values).returning(rebase_decision.c.id))
    subject = f"{indicator_code} {organisation_code} {on.isoformat()}"
    record(connection, by or role, "rebase recorded", subject, reason)
    return int(number.scalar_one())


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
    reason, role = words_said("reason", reason, LONGEST_REASON), role_said(role)
    number = _standing(connection, _series(connection, indicator_code, organisation_code), on)
    if number is None:
        raise DecisionError(
            f"wanted a decision on {indicator_code} for {organisation_code} on {on.isoformat()}, found none"
        )
    raise_data_version(connection)
    withdrawn = update(rebase_decision).where(rebase_decision.c.id == number)
    connection.execute(withdrawn.values(withdrawn_at=datetime.now(UTC)))
    subject = f"{indicator_code} {organisation_code} {on.isoformat()}"
    record(connection, by or role, "rebase withdrawn", subject, reason)


def _series(connection: Connection, indicator_code: str, organisation_code: str) -> dict[str, int]:
    return {
        "indicator_id": row_id(connection, indicator, indicator_code),
        "organisation_id": row_id(connection, organisation, organisation_code),
    }


def _standing(connection: Connection, place: dict[str, int], on: date) -> int | None:
    rows = rebase_decision
    return connection.execute(
        select(rows.c.id).where(
            *(rows.c[name] == value for name, value in place.items()),
            rows.c.on == on,
            rows.c.withdrawn_at.is_(None),
        )
    ).scalar()
