"""The store itself: engine, schema, migrations, bulk paths, audit and data state. Only here is the dialect known."""

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from db.store.opening import Store, StoreError, open_replica, open_store, stale_preparation

__all__ = [
    "Connection",
    "DBAPIError",
    "IntegrityError",
    "Store",
    "StoreError",
    "open_replica",
    "open_store",
    "stale_preparation",
]
