"""The count of changes to what pages read, loads and recorded decisions alike, and the numbers of data versions."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from db.store.schema import source_file, store_meta, undo

DATA_VERSION = "data_version"
"""The name in `store_meta` of the count."""


def raise_data_version(connection: Connection) -> None:
    """Count a change: whatever is kept from one state of the data is stale in the next."""
    held = data_state(connection)
    if not held:
        connection.execute(insert(store_meta).values(name=DATA_VERSION, value="1"))
    else:
        following = str(held + 1)
        connection.execute(
            update(store_meta).where(store_meta.c.name == DATA_VERSION).values(value=following)
        )


def data_state(connection: Connection) -> int:
    """How many changes there have been; 0 in a store without any."""
    held = connection.execute(select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION)).scalar()
    return int(held or 0)


def next_data_version(connection: Connection) -> int:
    """The number of the data version that comes next: files and undos are counted together."""
    if connection.dialect.name == "postgresql":
        following = select(func.nextval(func.pg_get_serial_sequence(source_file.name, "id")))
        return int(connection.execute(following).scalar_one())
    newest = [connection.execute(select(func.max(table.c.id))).scalar() or 0 for table in (source_file, undo)]
    return max(newest) + 1
