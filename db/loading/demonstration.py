"""Invented numbers never stand beside real ones of the same source: the first real file removes them all."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, or_, select

from db.store.schema import (
    filling,
    indicator,
    latest_period,
    observation,
    observation_former,
    observation_revision,
    observation_unused,
    organisation,
    period,
    published_table,
    source_file,
    stated_figure,
    undone_file,
    value_details,
)


class DemonstrationError(ValueError):
    """Invented numbers would mix with real ones."""


def admit_demonstration(connection: Connection, source_id: str) -> None:
    """Raise DemonstrationError where the store already holds real figures of this source."""
    real = select(source_file.c.name).where(
        source_file.c.source == source_id, source_file.c.demonstration.is_(False)
    )
    name = connection.execute(real.limit(1)).scalar()
    if name is not None:
        raise DemonstrationError(
            f"the store holds real figures of this source ({name}); demonstration data cannot be added to them"
        )


def remove_demonstration(connection: Connection, source_id: str) -> int:
    """Delete every demonstration row of a source, with its files, and expect no more of them.

    Returns how many files there were.
    """
    connection.execute(delete(filling).where(filling.c.source == source_id))
    files = list(
        connection.execute(
            select(source_file.c.id).where(
                source_file.c.source == source_id, source_file.c.demonstration.is_(True)
            )
        ).scalars()
    )
    if not files:
        return 0
    connection.execute(delete(observation).where(observation.c.source_file_id.in_(files)))
    connection.execute(
        delete(observation_revision).where(
            or_(
                observation_revision.c.source_file_id.in_(files),
                observation_revision.c.superseded_by_file_id.in_(files),
            )
        )
    )
    for table in (observation_unused, observation_former, undone_file, value_details, stated_figure):
        connection.execute(delete(table).where(table.c.source_file_id.in_(files)))
    connection.execute(delete(published_table).where(published_table.c.source_file_id.in_(files)))
    connection.execute(delete(source_file).where(source_file.c.id.in_(files)))
    rebuild_latest_periods(connection, source_id)
    return len(files)


def rebuild_latest_periods(connection: Connection, source_id: str) -> None:
    """Compute the newest periods of a source's indicators again from its observations."""
    ids = select(indicator.c.id).where(indicator.c.source == source_id)
    connection.execute(delete(latest_period).where(latest_period.c.indicator_id.in_(ids)))
    newest = (
        select(
            observation.c.indicator_id,
            organisation.c.type,
            period.c.frequency,
            func.max(observation.c.period_id),
        )
        .join(organisation, organisation.c.id == observation.c.organisation_id)
        .join(period, period.c.id == observation.c.period_id)
        .where(observation.c.indicator_id.in_(ids))
        .group_by(observation.c.indicator_id, organisation.c.type, period.c.frequency)
    )
    columns = ["indicator_id", "organisation_type", "frequency", "period_id"]
    connection.execute(insert(latest_period).from_select(columns, newest))
