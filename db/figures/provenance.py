"""What stands behind an indicator's numbers: its files, and the values that later releases replaced."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select

from db.domain import ALL, Maturity, Period
from db.domain.changes import RevisedFigure, Revision, RevisionKind
from db.domain.file import LoadedFile
from db.domain.observation import basis_of
from db.figures.keys import breakdown_id, id_of
from db.store.schema import indicator, observation, observation_revision, organisation, source_file


def loaded_files(connection: Connection, source: str) -> tuple[LoadedFile, ...]:
    """The files of a source that the store holds, the newest release first; those that are undone as well."""
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

    Each figure stands beside the one that replaced it. Older releases that were loaded after newer ones are left
    out: they never stood. So are releases that repeated a figure and its status: they changed nothing.
    """
    rows = connection.execute(_revisions(indicator_code, organisations, breakdown_key))
    found = (
        Revision(
            period=Period.from_key(row.period_id),
            organisation=row.code,
            organisation_name=row.name,
            before=_figure(row, "before"),
            after=_later(row),
            file=row.file,
            replaced_by=row.replaced_by,
            replaced_on=row.published_on,
            demonstration=bool(row.demonstration),
        )
        for row in rows
    )
    return tuple(item for item in found if item.kind is not None)


_FIGURE = ("value", "numerator", "denominator", "missing_reason", "maturity", "basis", "derived")


def _figure(row: Row[Any], which: str) -> RevisedFigure:
    value, numerator, denominator, missing, maturity, basis, derived = (
        getattr(row, f"{name}_{which}") for name in _FIGURE
    )
    return RevisedFigure(
        value, numerator, denominator, missing, Maturity(maturity), basis_of(basis), bool(derived)
    )


def _later(row: Row[Any]) -> RevisedFigure | None:
    """The figure of the file that replaced one: in between until a third came, else the one that stands."""
    if row.reason == RevisionKind.WITHDRAWN:
        return None
    which = "between" if row.maturity_between is not None else "now"
    return None if getattr(row, f"maturity_{which}") is None else _figure(row, which)


def _revisions(indicator_code: str, organisations: Collection[str], breakdown_key: str) -> Select[Any]:
    """Superseded figures beside the ones that replaced them, and the files of both.

    Of a national indicator nearly every superseded value is someone else's: adding 0 keeps SQLite from walking them all
    by the primary key, so that it takes the index by organisation.
    """
    old, between = observation_revision, observation_revision.alias("between")
    former, later = source_file.alias("former"), source_file.alias("later")
    key = [column.name for column in observation.primary_key.columns]
    same_key = and_(*(old.c[name] == observation.c[name] for name in key))
    replaced = and_(
        *(old.c[name] == between.c[name] for name in key),
        between.c.source_file_id == old.c.superseded_by_file_id,
    )
    columns = (
        old.c.period_id,
        old.c.reason,
        *(old.c[name].label(f"{name}_before") for name in _FIGURE),
        *(between.c[name].label(f"{name}_between") for name in _FIGURE),
        *(observation.c[name].label(f"{name}_now") for name in _FIGURE),
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
        .join(between, replaced, isouter=True)
        .where(organisation.c.code.in_(sorted(organisations)))
        .where(old.c.indicator_id + 0 == id_of(indicator, indicator_code))
        .where(old.c.breakdown_id == breakdown_id(breakdown_key))
        .where(old.c.superseded_by_file_id > old.c.source_file_id)
        .order_by(old.c.period_id.desc(), organisation.c.code, old.c.source_file_id)
    )
