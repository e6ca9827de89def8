"""For which periods there are figures, and the newest of them: worked out from observations in the transaction that
changes them, so that no page need look through the rows for it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select

from db.store.schema import latest_period, observation, organisation, period, period_held


def note_periods_held(
    connection: Connection, indicators: Collection[int], periods: Collection[int] | None = None
) -> None:
    """Bring `period_held` and `latest_period` in line with the observations of some indicators, by their numbers.

    `periods` are the keys of those in which rows came or went; without them all of the indicators' are read again.
    """
    of_type = (
        select(
            observation.c.indicator_id,
            observation.c.breakdown_id,
            organisation.c.type,
            observation.c.period_id,
        )
        .join(organisation, organisation.c.id == observation.c.organisation_id)
        .where(*_of(observation, indicators, periods))
        .distinct()
    )
    connection.execute(delete(period_held).where(*_of(period_held, indicators, periods)))
    connection.execute(insert(period_held).from_select(period_held.columns.keys(), of_type))
    newest = (
        select(
            period_held.c.indicator_id,
            period_held.c.organisation_type,
            period.c.frequency,
            func.max(period_held.c.period_id),
        )
        .join(period, period.c.id == period_held.c.period_id)
        .where(period_held.c.indicator_id.in_(indicators))
        .group_by(period_held.c.indicator_id, period_held.c.organisation_type, period.c.frequency)
    )
    connection.execute(delete(latest_period).where(latest_period.c.indicator_id.in_(indicators)))
    connection.execute(insert(latest_period).from_select(latest_period.columns.keys(), newest))


def _of(
    table: Table, indicators: Collection[int], periods: Collection[int] | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [table.c.indicator_id.in_(indicators)]
    return found if periods is None else [*found, table.c.period_id.in_(periods)]
