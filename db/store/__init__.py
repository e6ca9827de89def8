"""The store itself: engine, schema, migrations, bulk paths, audit and data state. Only here is the dialect known."""

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.store.address import StoreError
from db.store.opening import Store, open_replica, open_store, open_to_read, stale_preparation, store_fault

__all__ = [
    "Connection",
    "DBAPIError",
    "IntegrityError",
    "Store",
    "StoreError",
    "open_replica",
    "open_store",
    "open_to_read",
    "stale_preparation",
    "store_fault",
]
