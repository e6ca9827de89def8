"""The store: one engine, brought to the current schema and catalogue when it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from db.catalogue import catalogue_version, load_catalogue
from db.domain import Catalogue
from db.redaction import without_secrets
from db.store.address import (
    StoreError,
    address_for_reading,
    address_label,
    makes_files,
    read_address,
    sqlite_file,
)
from db.store.catalogue_rows import synchronise_catalogue
from db.store.private import private_file, private_folder

if TYPE_CHECKING:
    import psycopg

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
CATALOGUE_VERSION = "catalogue_version"
_HOW_TO_MAKE_ONE = "`python -m etl load FILE` makes one, and so does the site (`python app.py`)"
_ADVISORY_LOCK = 782_016_17
_BUSY_SECONDS = 30
_CONNECT_SECONDS, _REPLICA_CONNECT_SECONDS = 10, 3
_READING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
}
"""How PostgreSQL is told to show one state of the store to all statements of a reader; SQLite always does."""


@dataclass(frozen=True)
class Store:
    """An open store. `catalogue` is the reference data that its rows refer to."""

    engine: Engine
    catalogue: Catalogue

    @property
    def label(self) -> str:
        """The store's address as others may read it: without user, password and options."""
        return address_label(self.engine.url)

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

    With `prepare`, tables are created or migrated and the catalogue is written into them, where that is due. A new
    SQLite file, and a new folder for it, are its owner's alone.
    Raises StoreError when the store cannot be reached or is newer than this program.
    """
    address = read_address(url)
    path = sqlite_file(address)
    store = Store(_engine(address), load_catalogue())
    try:
        if path is not None and makes_files(address):
            private_folder(path.resolve().parent)
            private_file(path)
        if prepare:
            _prepare(store)
    except OSError as error:
        raise StoreError(f"the store {store.label} cannot be made: {error.strerror or error}") from error
    except DBAPIError as error:
        raise StoreError(f"the store {store.label} cannot be opened: {store_fault(error)}") from error
    return store


def open_to_read(url: str) -> Store:
    """Open the store at a database URL for reading alone: nothing is made, migrated or written.

    Raises StoreError when there is no store, when it cannot be reached, and when its tables are not those of this
    version of the program.
    """
    address = read_address(url)
    path, label = sqlite_file(address), address_label(address)
    if path is not None:
        if not path.exists():
            raise StoreError(f"there is no store at {label}: {_HOW_TO_MAKE_ONE}")
        address = address_for_reading(path)
    store = Store(_engine(address), load_catalogue())
    try:
        with store.reading() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only = ON")
            if not inspect(connection).has_table("alembic_version"):
                raise StoreError(f"there is no store at {label}: {_HOW_TO_MAKE_ONE}")
            if not _at_head(connection):
                raise StoreError(
                    f"the tables of the store {label} are of an older version of this program: a command that "
                    "writes, or the scheduler, brings them up to date; nothing was changed"
                )
    except StoreError:
        store.close()
        raise
    except DBAPIError as error:
        store.close()
        raise StoreError(f"the store {label} cannot be opened: {store_fault(error)}") from error
    return store


def store_fault(error: DBAPIError) -> str:
    """What a driver says of its failure, on one line and without secrets."""
    if getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_READONLY"):
        return "this store may only be read; to change it, its file and the file's folder must be writable"
    return without_secrets(" ".join(str(error.orig).split()))


def open_replica(url: str) -> Store:
    """The read replica of a store on PostgreSQL. Nothing is asked of it yet: it may be down, and come back.

    Raises StoreError when the address is none of PostgreSQL.
    """
    where = "the replica's address (store.replica_url)"
    address = read_address(url, where)
    if address.get_backend_name() != "postgresql":
        raise StoreError(f"{where}: wanted the postgresql:// address of a replica, found a file's")
    return Store(_engine(address, connect_seconds=_REPLICA_CONNECT_SECONDS), load_catalogue())


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


def _engine(address: URL, connect_seconds: int = _CONNECT_SECONDS) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A statement prepared on the server comes to be planned for no value in particular, which takes some of
    # the pages' queries from milliseconds to a second. A pooler would not find it again either.
    given: dict[str, int | None] = {"prepare_threshold": None}
    if "connect_timeout" not in address.query:
        given["connect_timeout"] = connect_seconds
    try:
        engine = create_engine(address, pool_pre_ping=True, connect_args=given, hide_parameters=True)
    except ArgumentError as error:
        raise StoreError(f"the store {address_label(address)} cannot be used") from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


_ALONE = "; SET LOCAL max_parallel_workers_per_gather = 0"
"""A page's query takes two milliseconds, and ten where the server begins processes for it beside its own."""


def _begin_postgresql(connection: Connection) -> None:
    # As on SQLite: who waits for another's lock says so in the end, rather than wait for ever. In the transaction,
    # since behind a pooler the next one may be on another of the server's connections.
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    if not driver.autocommit:
        alone = _ALONE if connection.get_execution_options().get("postgresql_readonly") else ""
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'{alone}")


def _set_up_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling would leave DDL and reads outside transactions: BEGIN is ours.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "cache_size = -32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # A store that may only be read is read as it is.
            if not error.sqlite_errorname.startswith("SQLITE_READONLY"):
                raise
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
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def _catalogue_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("store_meta"):
        return None
    row = connection.execute(
        text("SELECT value FROM store_meta WHERE name = :name"), {"name": CATALOGUE_VERSION}
    ).first()
    return str(row.value) if row else None
