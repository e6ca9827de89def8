"""Which set of control chart rules people chose for a series: recorded, replaced and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from db.domain.decision import RULE_PROFILES, RecordedRules
from db.figures.decisions.words import (
    LONGEST_REASON,
    DecisionError,
    LostChangeError,
    plain_words,
    role_said,
    row_id,
    words_said,
)
from db.store.audit import record
from db.store.data_state import raise_data_version
from db.store.schema import indicator, organisation, rule_choice


def standing_rules(connection: Connection, *, withdrawn: bool = False) -> tuple[RecordedRules, ...]:
    """The choices that stand, the earliest first; with `withdrawn` those that no longer do as well."""
    rows = rule_choice
    statement = (
        select(
            rows.c.id,
            indicator.c.code,
            organisation.c.code.label("organisation"),
            rows.c.profile,
            rows.c.reason,
            rows.c.role,
            rows.c.recorded_at,
            rows.c.withdrawn_at,
        )
        .join(indicator, rows.c.indicator_id == indicator.c.id)
        .join(organisation, rows.c.organisation_id == organisation.c.id)
        .order_by(rows.c.id)
    )
    if not withdrawn:
        statement = statement.where(rows.c.withdrawn_at.is_(None))
    return tuple(RecordedRules(*row) for row in connection.execute(statement))


def record_rules(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str,
    profile: str,
    reason: str,
    role: str,
    by: str = "",
    seen: int | None = None,
) -> int:
    """Record which rules a series is judged by, and give the choice's number; the one before it stands no longer.

    `seen` is the number of the choice that its writer has seen, 0 for none, None for whichever. `by` is kept in the
    audit; the role without it. Raises LostChangeError where another stands by now, and DecisionError for an unknown
    indicator, organisation or profile, a choice that stands already, and where the reason or the role says nothing or
    too much.
    """
    if profile not in RULE_PROFILES:
        wanted = " or ".join(RULE_PROFILES)
        raise DecisionError(f"rules: wanted {wanted}, found {plain_words(profile)[:20]!r}")
    reason, role = words_said("reason", reason, LONGEST_REASON), role_said(role)
    place = _series(connection, indicator_code, organisation_code)
    raise_data_version(connection)
    before = _standing(connection, place, seen)
    if before is not None and before[1] == profile:
        raise DecisionError(
            f"{indicator_code} is judged by the {profile} rules for {organisation_code} already"
        )
    if before is not None:
        _end(connection, before[0])
    values = {**place, "profile": profile, "reason": reason, "role": role, "recorded_at": datetime.now(UTC)}
    number = connection.execute(insert(rule_choice).values(values).returning(rule_choice.c.id)).scalar_one()
    record(
        connection, by or role, "rules recorded", f"{indicator_code} {organisation_code} {profile}", reason
    )
    return int(number)


def withdraw_rules(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str,
    reason: str,
    role: str,
    by: str = "",
    seen: int | None = None,
) -> None:
    """Withdraw a series' choice: it is judged by the usual rules again. The reason is kept in the audit.

    Raises LostChangeError where another than the one `seen` stands, DecisionError where none does.
    """
    reason, role = words_said("reason", reason, LONGEST_REASON), role_said(role)
    place = _series(connection, indicator_code, organisation_code)
    raise_data_version(connection)
    found = _standing(connection, place, seen)
    if found is None:
        raise DecisionError(
            f"wanted a choice of rules for {indicator_code} and {organisation_code}, found none"
        )
    _end(connection, found[0])
    record(
        connection, by or role, "rules withdrawn", f"{indicator_code} {organisation_code} {found[1]}", reason
    )


def _series(connection: Connection, indicator_code: str, organisation_code: str) -> dict[str, int]:
    return {
        "indicator_id": row_id(connection, indicator, indicator_code),
        "organisation_id": row_id(connection, organisation, organisation_code),
    }


def _standing(connection: Connection, place: dict[str, int], seen: int | None) -> tuple[int, str] | None:
    """The number and the rules of the choice that stands. Raises LostChangeError where it is not the one seen."""
    rows = rule_choice
    own = (rows.c[name] == value for name, value in place.items())
    row = connection.execute(
        select(rows.c.id, rows.c.profile).where(*own, rows.c.withdrawn_at.is_(None))
    ).first()
    if seen is not None and seen != (row.id if row else 0):
        raise LostChangeError(
            "somebody else has chosen rules for this series meanwhile: look at what stands now"
        )
    return (row.id, row.profile) if row else None


def _end(connection: Connection, number: int) -> None:
    ended = update(rule_choice).where(rule_choice.c.id == number)
    connection.execute(ended.values(withdrawn_at=datetime.now(UTC)))
