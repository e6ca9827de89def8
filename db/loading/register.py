"""What rows refer to, entered before them: files, organisations and where they belong, periods, breakdowns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pandas as pd
from sqlalchemy import Connection, exists, func, insert, select

from db.domain import (
    Catalogue,
    Organisation,
    OrganisationType,
    Period,
    SourceFile,
    breakdown_dimensions,
)
from db.domain.file import UndoneFile
from db.store.bulk import delete_rows, insert_rows
from db.store.catalogue_rows import ids_by_code
from db.store.data_state import next_data_version
from db.store.schema import (
    breakdown,
    filling,
    latest_period,
    organisation,
    organisation_parent,
    period,
    source_file,
    undo,
)

_ORGANISATION_COLUMNS = ("code", "name", "type", "opened_on", "closed_on")
_PARENT_COLUMNS = ("organisation_id", "parent_id", "effective_from", "effective_to")


def loaded_as(connection: Connection, sha256: str, name: str, hints: str) -> list[tuple[str, int]]:
    """The sources, and versions of their parsers, by which these bytes count under this name and these hints."""
    rows = connection.execute(
        select(source_file.c.source, source_file.c.parser_version).where(
            source_file.c.sha256 == sha256,
            source_file.c.name == name,
            source_file.c.hints == hints,
            source_file.c.undone_by.is_(None),
        )
    )
    return [(row.source, row.parser_version) for row in rows]


def undone_as(connection: Connection, sha256: str, hints: str) -> list[UndoneFile]:
    """The files of these bytes and hints that are undone, under whatever name, the newest first."""
    columns = ("id", "name", "source", "parser_version")
    of_undo = (undo.c.at, undo.c.by, undo.c.reason)
    rows = connection.execute(
        select(*(source_file.c[name] for name in columns), *of_undo)
        .join_from(source_file, undo, undo.c.id == source_file.c.undone_by)
        .where(source_file.c.sha256 == sha256, source_file.c.hints == hints)
        .order_by(source_file.c.id.desc())
    )
    return [
        UndoneFile(row.id, row.name, row.source, row.parser_version, row.at, row.by, row.reason)
        for row in rows
    ]


def register_file(connection: Connection, file: SourceFile, load_run_id: int | None) -> int:
    """Enter a file whose rows are about to be loaded, and return its id."""
    now = datetime.now(UTC)
    row = {
        "id": next_data_version(connection),
        "load_run_id": load_run_id,
        "source": file.source_id,
        "sha256": file.sha256,
        "parser_version": file.parser_version,
        "hints": file.hints,
        "name": file.name,
        "url": file.url,
        "title": file.title,
        "layout": file.layout,
        "size": file.size,
        "path": file.path,
        "etag": file.etag,
        "last_modified": file.last_modified,
        "published_on": file.published_on,
        "latest_period_end": file.latest_period_end,
        "fetched_at": file.fetched_at or now,
        "loaded_at": now,
        "demonstration": file.demonstration,
    }
    return int(connection.execute(insert(source_file).values(row).returning(source_file.c.id)).scalar_one())


def register_organisations(
    connection: Connection, frame: pd.DataFrame, given: Sequence[Organisation]
) -> dict[str, int]:
    """The ids of all organisations by code, with those added that the store lacked.

    Those that the source vouches for come as it says, other codes as of no known kind.
    """
    known = ids_by_code(connection, organisation)
    rows = {
        item.code: (item.name, item.type.value, item.opened_on, item.closed_on)
        for item in given
        if item.code not in known
    }
    names = frame[["organisation", "organisation_name"]].drop_duplicates("organisation")
    for code, name in names.itertuples(index=False):
        if code not in known and code not in rows:
            rows[code] = (name or code, OrganisationType.UNKNOWN.value, None, None)
    if not rows:
        return known
    insert_rows(
        connection, organisation, _ORGANISATION_COLUMNS, ((code, *values) for code, values in rows.items())
    )
    return ids_by_code(connection, organisation)


def register_parents(
    connection: Connection,
    file: SourceFile,
    catalogue: Catalogue,
    given: Sequence[Organisation],
    ids: dict[str, int],
) -> int:
    """Where the newest file of a source says that an organisation of its own belongs. Returns how many have moved."""
    theirs = [item for item in given if item.code not in catalogue.organisations and item.parents]
    if not theirs or _is_older(connection, file):
        return 0
    wanted = {
        ids[item.code]: [
            (ids[parent.code], parent.effective_from, parent.effective_to)
            for parent in item.parents
            if parent.code in ids
        ]
        for item in theirs
    }
    held = _held_parents(connection)
    changed = {member: own for member, own in wanted.items() if set(own) != held.get(member, set())}
    delete_rows(connection, organisation_parent, ("organisation_id",), ((member,) for member in changed))
    rows = ((member, *place) for member, own in changed.items() for place in own)
    insert_rows(connection, organisation_parent, _PARENT_COLUMNS, rows)
    return len(changed)


def names_held(connection: Connection) -> tuple[int, int]:
    """How many organisations and breakdowns the store has. A load adds some; it renames and removes none."""
    counts = [
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (organisation, breakdown)
    ]
    return int(counts[0]), int(counts[1])


def shape_held(connection: Connection) -> tuple[frozenset[tuple[int, str, str]], frozenset[bool], bool]:
    """What pages of a source say of the others: of which indicators there are figures, for which types of organisations
    and lengths of period; whether any file is invented, and whether any is not; whether more files are coming."""
    columns = (latest_period.c.indicator_id, latest_period.c.organisation_type, latest_period.c.frequency)
    kinds = frozenset((id_, kind, length) for id_, kind, length in connection.execute(select(*columns)))
    invented = connection.execute(select(source_file.c.demonstration).distinct()).scalars()
    return kinds, frozenset(invented), bool(connection.execute(select(exists(select(filling.c.id)))).scalar())


def _held_parents(connection: Connection) -> dict[int, set[tuple[int, date | None, date | None]]]:
    held: dict[int, set[tuple[int, date | None, date | None]]] = {}
    columns = (organisation_parent.c[name] for name in _PARENT_COLUMNS)
    for member, parent, start, end in connection.execute(select(*columns)):
        held.setdefault(member, set()).add((parent, start, end))
    return held


def _is_older(connection: Connection, file: SourceFile) -> bool:
    newest = connection.execute(
        select(func.max(source_file.c.latest_period_end)).where(source_file.c.source == file.source_id)
    ).scalar()
    return newest is not None and file.latest_period_end is not None and file.latest_period_end < newest


def register_periods(connection: Connection, frame: pd.DataFrame) -> None:
    """Enter the periods of a frame that the store lacks."""
    known = set(connection.execute(select(period.c.id)).scalars())
    new = [Period.from_key(int(key)) for key in frame["period"].unique() if int(key) not in known]
    if new:
        connection.execute(
            insert(period),
            [
                {"id": item.key, "start": item.start, "end": item.end, "frequency": item.frequency.value}
                for item in new
            ],
        )


def register_breakdowns(connection: Connection, frame: pd.DataFrame) -> dict[str, int]:
    """The ids of all breakdowns by key, with those of a frame entered that the store lacked."""
    known = _breakdown_ids(connection)
    new = [str(key) for key in frame["breakdown"].unique() if key not in known]
    if new:
        connection.execute(
            insert(breakdown), [{"key": key, "dimensions": breakdown_dimensions(key)} for key in new]
        )
        known = _breakdown_ids(connection)
    return known


def _breakdown_ids(connection: Connection) -> dict[str, int]:
    return {row.key: row.id for row in connection.execute(select(breakdown.c.key, breakdown.c.id))}


def dimensions_by_breakdown(connection: Connection) -> dict[int, str]:
    """The names of each breakdown's dimensions, by its id."""
    columns = (breakdown.c.id, breakdown.c.dimensions)
    return {row.id: row.dimensions for row in connection.execute(select(*columns))}
