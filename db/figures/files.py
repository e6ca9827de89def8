"""Files by themselves: all that were loaded, and what a person undid or put back."""

from __future__ import annotations

from sqlalchemy import Connection, select

from db.domain.file import LoadedFile, Undo
from db.store.schema import source_file, undo


def all_files(connection: Connection) -> tuple[LoadedFile, ...]:
    """Every file that the store holds, of all sources, the one that was loaded last first; the undone as well."""
    columns = [source_file.c[name] for name in LoadedFile.__slots__]
    rows = connection.execute(select(*columns).order_by(source_file.c.id.desc()))
    return tuple(LoadedFile(*row) for row in rows)


def undos(connection: Connection) -> dict[int, Undo]:
    """What people undid or put back, by the number of the data version that it made."""
    rows = connection.execute(select(undo).order_by(undo.c.id))
    return {row.id: Undo(row.id, row.at, row.by, row.reason, bool(row.puts_back)) for row in rows}
