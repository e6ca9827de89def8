"""The store: one engine, brought to the current schema and catalogue when it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from db.catalogue import catalogue_version, load_catalogue
from db.domain import Catalogue
from db.store.catalogue_rows import synchronise_catalogue

if TYPE_CHECKING:
    import psycopg

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
CATALOGUE_VERSION = "catalogue_version"
_ADVISORY_LOCK = 782_016_17
_BUSY_SECONDS = 30
_CONNECT_SECONDS, _REPLICA_CONNECT_SECONDS = 10, 3
_READING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
}
"""How PostgreSQL is told to show one state of the store to all statements of a reader; SQLite always does."""


class StoreError(Exception):
    """The store cannot be opened: which one and why, in plain words."""


@dataclass(frozen=True)
class Store:
    """An open store. `catalogue` is the reference data that its rows refer to."""

    engine: Engine
    catalogue: Catalogue

    @property
    def label(self) -> str:
        """The store's address without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries: one consistent view of the store, however many statements read it."""
        options = _READING.get(self.engine.dialect.name, {})
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that writes: all of it is kept, or none."""
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str, *, prepare: bool = True) -> Store:
    """Open the store at a database URL (`sqlite:///file` or `postgresql://...`).

    With `prepare`, tables are created or migrated and the catalogue is written into them, where that is due;
    without it, nothing is written (a read replica).
    Raises StoreError when the store cannot be reached or is newer than this program.
    """
    engine = _engine(url)
    store = Store(engine, load_catalogue())
    try:
        if prepare:
            _prepare(store)
    except DBAPIError as error:
        raise StoreError(f"the store {store.label} cannot be opened: {error.orig}") from error
    return store


def open_replica(url: str) -> Store:
    """The read replica of a store on PostgreSQL. Nothing is asked of it yet: it may be down, and come back.

    Raises StoreError when the address is none of PostgreSQL.
    """
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise StoreError("store.replica_url cannot be read: wanted postgresql://user@host/name") from None
    if backend not in {"postgresql", "postgres"}:
        raise StoreError(f"store.replica_url: wanted the postgresql:// address of a replica, found {backend}")
    return Store(_engine(url, connect_seconds=_REPLICA_CONNECT_SECONDS), load_catalogue())


def stale_preparation(connection: Connection) -> str:
    """Why a store that this program may not prepare is not the one it needs; "" where it is."""
    try:
        if not _at_head(connection):
            return "its tables are of an older version of this program"
    except StoreError:
        return "its tables are of a newer version of this program"
    if _catalogue_version(connection) != catalogue_version():
        return "its catalogue is of another version of this program"
    return ""


def _engine(url: str, connect_seconds: int = _CONNECT_SECONDS) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise StoreError(f"the database URL {url!r} is neither sqlite nor postgresql")
        if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
            Path(str(parsed.database)).resolve().parent.mkdir(parents=True, exist_ok=True)
        if parsed.get_backend_name() == "postgresql":
            # A statement prepared on the server comes to be planned for no value in particular, which takes some of
            # the pages' queries from milliseconds to a second.
            given: dict[str, int | None] = {"prepare_threshold": None}
            if "connect_timeout" not in parsed.query:
                given["connect_timeout"] = connect_seconds
            engine = create_engine(parsed, pool_pre_ping=True, connect_args=given)
        else:
            engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, OSError) as error:
        raise StoreError(f"the database URL {url!r} cannot be used: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgresql)
    return engine


def _set_up_postgresql(connection: psycopg.Connection[Any], _record: ConnectionPoolEntry) -> None:
    # As on SQLite: who waits for another's lock says so in the end, rather than wait for ever.
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{_BUSY_SECONDS}s'")
    connection.autocommit = False


def _set_up_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling would leave DDL and reads outside transactions: BEGIN is ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _prepare(store: Store) -> None:
    wanted = catalogue_version()
    with store.reading() as connection:
        if _at_head(connection) and _catalogue_version(connection) == wanted:
            return
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            # Another process may be bringing the schema up to date: however long that takes, it is waited for.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        if not _at_head(connection):
            _migrate(connection)
        if _catalogue_version(connection) != wanted:
            synchronise_catalogue(connection, store.catalogue)
            connection.execute(text("DELETE FROM store_meta WHERE name = :name"), {"name": CATALOGUE_VERSION})
            connection.execute(
                text("INSERT INTO store_meta (name, value) VALUES (:name, :value)"),
                {"name": CATALOGUE_VERSION, "value": wanted},
            )


def schema_revisions() -> list[str]:
    """The schema's revisions, oldest first, by the names of the migrations' files (`0001_first_schema.py`)."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _at_head(connection: Connection) -> bool:
    current, known = None, schema_revisions()
    if inspect(connection).has_table("alembic_version"):
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current is not None and current not in known:
        raise StoreError(
            f"the store was made by a newer version of this program (its schema is {current}); "
            f"wanted {known[-1]} or earlier"
        )
    return bool(current == known[-1])


def _migrate(connection: Connection) -> None:
    # Alembic takes half a second to import, and is needed only once for each change of the schema.
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def _catalogue_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("store_meta"):
        return None
    row = connection.execute(
        text("SELECT value FROM store_meta WHERE name = :name"), {"name": CATALOGUE_VERSION}
    ).first()
    return str(row.value) if row else None
