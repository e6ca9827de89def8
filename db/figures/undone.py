"""What undos of files changed since each source's newest release: the figures before them, and those that stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, or_, select

from db.domain import ALL
from db.domain.changes import Release, SourceUndo
from db.domain.holdings import CodeLists
from db.figures.as_of import stood_before_undo, winners
from db.figures.keys import breakdown_id, ids_of
from db.figures.observations import dated_rows, reading_of
from db.store.schema import (
    indicator,
    observation,
    observation_former,
    organisation,
    source_file,
    undo,
    undone_file,
)


def changes_by_undo(
    connection: Connection,
    code_lists: CodeLists,
    releases: Iterable[Release],
    *,
    organisations: Collection[str],
) -> tuple[SourceUndo, ...]:
    """Headline figures of some organisations that undos changed, by source.

    Of a source only the undos after its newest release count, all of them where no file of it is left.
    """
    newest = {release.source: max(file.id for file in release.files) for release in releases}
    made: dict[str, list[tuple[int, datetime]]] = {}
    for row in connection.execute(_undos()):
        if row.id > newest.get(row.source, 0):
            made.setdefault(row.source, []).append((row.id, row.at))
    return tuple(
        _undone(connection, code_lists, source, undos, organisations)
        for source, undos in sorted(made.items())
    )


def _undos() -> Select[tuple[str, int, datetime]]:
    return (
        select(source_file.c.source, undo.c.id, undo.c.at)
        .join_from(undo, undone_file, undone_file.c.undo_id == undo.c.id)
        .join(source_file, source_file.c.id == undone_file.c.source_file_id)
        .distinct()
    )


def _undone(
    connection: Connection,
    code_lists: CodeLists,
    source: str,
    undos: Sequence[tuple[int, datetime]],
    organisations: Collection[str],
) -> SourceUndo:
    version = min(undos)[0] - 1
    own = _of_series(source, organisations)
    stood = connection.execute(
        dated_rows(observation_former).where(*own(observation_former), *stood_before_undo(version))
    ).all()
    since = or_(observation.c.stands_from > version, observation.c.source_file_id > version)
    now = connection.execute(
        dated_rows(observation)
        .add_columns((observation.c.stands_from > version).label("by_undo"))
        .where(*own(observation), since)
    ).all()
    before = {_key(row): row for row in winners(stood)}
    after = [row for row in now if row.by_undo or _key(row) in before]
    return SourceUndo(
        source,
        version,
        max(at for _, at in undos).date(),
        tuple(reading_of(code_lists, row) for row in before.values()),
        tuple(reading_of(code_lists, row) for row in after),
    )


def _of_series(source: str, organisations: Collection[str]) -> Callable[[Table], list[ColumnElement[bool]]]:
    indicators = select(indicator.c.id).where(indicator.c.source == source)

    def conditions(rows: Table) -> list[ColumnElement[bool]]:
        return [
            rows.c.organisation_id.in_(ids_of(organisation, organisations)),
            rows.c.indicator_id.in_(indicators),
            rows.c.breakdown_id == breakdown_id(ALL),
        ]

    return conditions


def _key(row: Row[Any]) -> tuple[int, int, int]:
    return (row.indicator_id, row.organisation_id, row.period_id)
