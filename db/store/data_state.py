"""The count of changes to what pages read: loads and recorded decisions alike."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from db.store.schema import store_meta

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
