"""How far the first filling of a store has come, source by source: written file by file, and gone at its end.

What is left of a filling that was stopped says that the store is not whole: the next start goes on with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from db.domain.holdings import Filling, SourceFilling
from db.service.processes import is_gone, process_name
from db.store import Store
from db.store.data_state import raise_data_version
from db.store.schema import filling


def filling_of(connection: Connection) -> Filling:
    """The filling that is under way, or that was stopped before its end."""
    rows = connection.execute(select(filling).order_by(filling.c.id)).all()
    sources = tuple(SourceFilling(row.source, row.files, row.done) for row in rows)
    return Filling(sources, any(is_gone(row.process, row.seen_at) for row in rows))


def begin_filling(store: Store, files: Mapping[str, int]) -> None:
    """Note how many files each source is to be filled from by this process, 0 where that is still to be counted.

    Sources that are whole stay so. What pages are kept by changes, for none of them said that more is to come.
    """
    sign = {"process": process_name(), "seen_at": datetime.now(UTC)}
    with store.writing() as connection:
        connection.execute(delete(filling).where(or_(filling.c.done < filling.c.files, filling.c.files == 0)))
        whole = set(connection.execute(select(filling.c.source)).scalars())
        rows = [
            {"source": source, "files": number, "done": 0, **sign}
            for source, number in files.items()
            if source not in whole
        ]
        if rows:
            connection.execute(insert(filling), rows)
        connection.execute(update(filling).values(sign))
        raise_data_version(connection)


def count_filled(store: Store, source: str) -> None:
    """One more file of a source is done, whatever became of it."""
    with store.writing() as connection:
        connection.execute(
            update(filling)
            .where(filling.c.source == source, filling.c.done < filling.c.files)
            .values(done=filling.c.done + 1)
        )


def end_filling(store: Store) -> None:
    """The store is filled, or will not be: pages no longer say that figures are still to come."""
    with store.writing() as connection:
        if connection.execute(delete(filling)).rowcount:
            raise_data_version(connection)
