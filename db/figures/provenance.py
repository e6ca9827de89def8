"""What stands behind an indicator's numbers: its files, and the values that later releases replaced."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from db.domain import ALL, Maturity, Period
from db.domain.changes import Revision
from db.domain.file import LoadedFile
from db.figures.keys import breakdown_id, id_of
from db.store.schema import indicator, observation, observation_revision, organisation, source_file


def loaded_files(connection: Connection, source: str) -> tuple[LoadedFile, ...]:
    """The files of a source that the store holds, the newest release first."""
    columns = [source_file.c[name] for name in LoadedFile.__slots__]
    statement = (
        select(*columns)
        .where(source_file.c.source == source)
        .order_by(source_file.c.published_on.desc(), source_file.c.id.desc())
    )
    return tuple(LoadedFile(*row) for row in connection.execute(statement))


def revisions(
    connection: Connection, *, indicator_code: str, organisations: Collection[str], breakdown_key: str = ALL
) -> tuple[Revision, ...]:
    """What later releases changed of an indicator for some organisations, the newest period first.

    Older releases that were loaded after newer ones are left out: they never stood.
    """
    found = connection.execute(_revisions(indicator_code, organisations, breakdown_key))
    return tuple(
        Revision(
            Period.from_key(row.period_id),
            row.code,
            row.name,
            row.value,
            row.numerator,
            row.denominator,
            row.value_now,
            row.numerator_now,
            row.denominator_now,
            row.reason,
            Maturity(row.maturity),
            row.file,
            row.replaced_by,
            row.published_on,
            bool(row.demonstration),
        )
        for row in found
    )


def _revisions(indicator_code: str, organisations: Collection[str], breakdown_key: str) -> Select[Any]:
    """Superseded values beside the current ones of the same key, and the files of both.

    Of a national indicator nearly every superseded value is someone else's: adding 0 keeps SQLite from walking them all
    by the primary key, so that it takes the index by organisation.
    """
    old = observation_revision
    former, later = source_file.alias("former"), source_file.alias("later")
    key = [column.name for column in observation.primary_key.columns]
    same_key = and_(*(old.c[name] == observation.c[name] for name in key))
    columns = (
        *(old.c[name] for name in ("period_id", "value", "numerator", "denominator", "reason", "maturity")),
        *(observation.c[name].label(f"{name}_now") for name in ("value", "numerator", "denominator")),
        *(organisation.c[name] for name in ("code", "name")),
        former.c.name.label("file"),
        former.c.demonstration,
        later.c.name.label("replaced_by"),
        later.c.published_on,
    )
    return (
        select(*columns)
        .join_from(old, organisation, organisation.c.id == old.c.organisation_id)
        .join(former, former.c.id == old.c.source_file_id)
        .join(later, later.c.id == old.c.superseded_by_file_id)
        .join(observation, same_key, isouter=True)
        .where(organisation.c.code.in_(sorted(organisations)))
        .where(old.c.indicator_id + 0 == id_of(indicator, indicator_code))
        .where(old.c.breakdown_id == breakdown_id(breakdown_key))
        .where(old.c.superseded_by_file_id > old.c.source_file_id)
        .order_by(old.c.period_id.desc(), organisation.c.code, old.c.source_file_id)
    )
