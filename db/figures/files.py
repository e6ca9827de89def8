"""Files by themselves: all that were loaded, and what a person undid or put back."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select, tuple_

from db.domain import Finding, Period, Severity
from db.domain.file import FileContent, FileRelation, LoadedFile, Undo
from db.store.schema import (
    finding,
    indicator,
    observation,
    observation_revision,
    published_table,
    source_file,
    undo,
    undone_file,
)


def all_files(connection: Connection) -> tuple[LoadedFile, ...]:
    """Every file that the store holds, of all sources, the one that was loaded last first; the undone as well."""
    columns = [source_file.c[name] for name in LoadedFile.__slots__]
    rows = connection.execute(select(*columns).order_by(source_file.c.id.desc()))
    return tuple(LoadedFile(*row) for row in rows)


def undos(connection: Connection) -> dict[int, Undo]:
    """What people undid or put back, by the number of the data version that it made."""
    rows = connection.execute(select(undo).order_by(undo.c.id))
    return {row.id: Undo(row.id, row.at, row.by, row.reason, bool(row.puts_back)) for row in rows}


def undos_of(connection: Connection, file_id: int) -> tuple[Undo, ...]:
    """What people did with one file, the newest first."""
    numbers = connection.execute(select(undone_file.c.undo_id).where(undone_file.c.source_file_id == file_id))
    known = undos(connection)
    return tuple(known[number] for number in sorted(numbers.scalars(), reverse=True))


def file_by_id(connection: Connection, number: int) -> LoadedFile | None:
    """One file; None where the store holds none of that number."""
    columns = [source_file.c[name] for name in LoadedFile.__slots__]
    row = connection.execute(select(*columns).where(source_file.c.id == number)).first()
    return None if row is None else LoadedFile(*row)


def loaded_together(connection: Connection, file: LoadedFile) -> tuple[LoadedFile, ...]:
    """The files of one load that count, or that are undone, as the given one: it alone where no run is known."""
    if file.load_run_id is None:
        return (file,)
    columns = [source_file.c[name] for name in LoadedFile.__slots__]
    rows = connection.execute(
        select(*columns).where(source_file.c.load_run_id == file.load_run_id).order_by(source_file.c.id)
    )
    found = (LoadedFile(*row) for row in rows)
    return tuple(item for item in found if (item.undone_by is None) is (file.undone_by is None))


def findings_of_file(connection: Connection, file: LoadedFile) -> tuple[Finding, ...]:
    """What the checks said of a file when it was loaded."""
    rows = connection.execute(
        select(finding)
        .where(finding.c.load_run_id == file.load_run_id, finding.c.file_name == file.name)
        .order_by(finding.c.id)
    )
    return tuple(
        Finding(Severity(row.severity), row.check, row.message, row._mapping["count"]) for row in rows
    )


def contents_of(connection: Connection, file: LoadedFile) -> tuple[FileContent, ...]:
    """What stands of a file's figures, by indicator."""
    own = _own(connection, file, observation)
    rows = connection.execute(
        select(
            indicator.c.code,
            func.count().label("rows"),
            func.count(observation.c.period_id.distinct()).label("periods"),
            func.min(observation.c.period_id).label("first"),
            func.max(observation.c.period_id).label("last"),
        )
        .join(indicator, indicator.c.id == observation.c.indicator_id)
        .where(own, observation.c.source_file_id == file.id)
        .group_by(indicator.c.code)
        .order_by(indicator.c.code)
    )
    return tuple(
        FileContent(row.code, row.rows, row.periods, Period.from_key(row.first), Period.from_key(row.last))
        for row in rows
    )


def relations_of(connection: Connection, file: LoadedFile) -> tuple[FileRelation, ...]:
    """What a file did to others' figures, and others to its own: how many, and how."""
    held = observation_revision
    own, names = _own(connection, file, held), {item.id: item.name for item in all_files(connection)}
    found = []
    for mine, other, is_winner in (
        (held.c.superseded_by_file_id, held.c.source_file_id, True),
        (held.c.source_file_id, held.c.superseded_by_file_id, False),
    ):
        rows = connection.execute(
            select(other.label("other"), held.c.reason, func.count().label("rows"))
            .where(own, mine == file.id)
            .group_by(other, held.c.reason)
            .order_by(other, held.c.reason)
        )
        found += [
            FileRelation(row.other, names.get(row.other, ""), row.reason, row.rows, wins=is_winner)
            for row in rows
        ]
    return tuple(found)


def _own(connection: Connection, file: LoadedFile, table: Table) -> ColumnElement[bool]:
    """The slices that a file printed whole or, where it printed none whole, all of its source's indicators."""
    printed = select(published_table.c.indicator_id, published_table.c.period_id).where(
        published_table.c.source_file_id == file.id
    )
    if connection.execute(printed.limit(1)).first() is not None:
        return tuple_(table.c.indicator_id, table.c.period_id).in_(printed.distinct())
    of_source = select(indicator.c.id).where(indicator.c.source == file.source)
    return and_(table.c.indicator_id.in_(of_source))
