"""Which state of the data the store holds, and the days on which figures came out."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, select, union_all

from db.domain.holdings import DataVersion, MadeVersion, PublicationDay
from db.store.data_state import DATA_VERSION
from db.store.schema import (
    source_file,
    store_meta,
    undo,
)


def data_version(connection: Connection) -> DataVersion:
    """Which state of the data the store holds, and whether any of it is demonstration data: one query."""
    row = connection.execute(_VERSION).first()
    if row is None:
        return DataVersion(0, None, demonstration=False)
    demonstration = row.invented is not None
    mixed = demonstration and row.genuine is not None
    number, made_at = row.id, row.loaded_at
    if row.undo_id is not None and row.undo_id > row.id:
        number, made_at = row.undo_id, row.undone_at
    made_on = made_at.date() if made_at else None
    return DataVersion(number, made_on, demonstration, mixed, int(row.state or 0), row.undo_id or 0)


def publication_days(connection: Connection) -> tuple[PublicationDay, ...]:
    """The days on which figures came out, newest first: what `AsOf.published_by` can tell apart."""
    columns = (source_file.c.source, source_file.c.published_on, source_file.c.fetched_at)
    days = {
        PublicationDay(row.published_on or row.fetched_at.date(), row.source, row.published_on is not None)
        for row in connection.execute(select(*columns).where(source_file.c.undone_by.is_(None)))
    }
    return tuple(sorted(days, key=lambda item: (-item.on.toordinal(), item.source, not item.published)))


def loaded_on(connection: Connection, number: int) -> date | None:
    """The day (UTC) of a data version; None where the store has no such file or undo, or removed demonstration data."""
    moments = union_all(
        select(source_file.c.loaded_at).where(source_file.c.id == number),
        select(undo.c.at).where(undo.c.id == number),
    )
    moment = connection.execute(moments).scalar()
    return None if moment is None else moment.date()


def data_versions(connection: Connection) -> tuple[MadeVersion, ...]:
    """Every data version that a file, an undo or a putting back made, the newest first."""
    files = select(source_file.c.id, source_file.c.loaded_at, source_file.c.name)
    undos = select(undo.c.id, undo.c.at)
    made = [MadeVersion(id_, at.date() if at else None, name) for id_, at, name in connection.execute(files)]
    made += [
        MadeVersion(id_, at.date(), "an undo or its putting back") for id_, at in connection.execute(undos)
    ]
    return tuple(sorted(made, key=lambda item: -item.number))


def _version_statement() -> Select[Any]:
    newest = select(source_file.c.id).order_by(source_file.c.id.desc()).limit(1).scalar_subquery()
    last_undo = select(undo.c.id).order_by(undo.c.id.desc()).limit(1).scalar_subquery()
    undone_at = select(undo.c.at).order_by(undo.c.id.desc()).limit(1).scalar_subquery()
    state = select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION).scalar_subquery()
    invented = select(source_file.c.id).where(source_file.c.demonstration).limit(1).scalar_subquery()
    genuine = (
        select(source_file.c.id).where(source_file.c.demonstration.is_(False)).limit(1).scalar_subquery()
    )
    return select(
        source_file.c.id,
        source_file.c.loaded_at,
        last_undo.label("undo_id"),
        undone_at.label("undone_at"),
        state.label("state"),
        invented.label("invented"),
        genuine.label("genuine"),
    ).where(source_file.c.id == newest)


_VERSION = _version_statement()
"""Made once: every request begins with it."""
