"""Invented numbers never stand beside real ones of the same source: the first real file removes them all."""

from __future__ import annotations

from sqlalchemy import Connection, delete, or_, select

from db.store.periods_held import note_periods_held
from db.store.schema import (
    filling,
    observation,
    observation_former,
    observation_revision,
    observation_unused,
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
    of_files = observation.c.source_file_id.in_(files)
    touched = (
        connection.execute(select(observation.c.indicator_id).where(of_files).distinct()).scalars().all()
    )
    connection.execute(delete(observation).where(of_files))
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
    note_periods_held(connection, touched)
    return len(files)
