"""A store's address: read, told without its secrets, and refused in plain words that quote nothing of it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from db.redaction import keep_secret

WANTED = "sqlite:///FILE or postgresql://HOST/NAME"
WHERE = "the store's address (DATABASE_URL, store.database_url or --database)"
_FILE = re.compile(r"sqlite(?:\+pysqlite)?://(?:/(?P<path>.*))?", re.DOTALL)
_OPTIONS = re.compile(
    r"(?P<path>.*?)\?(?P<query>(?:(?:mode|uri|cache|immutable|vfs|timeout)=[^&/]*)(?:&|$))+", re.DOTALL
)
_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})


class StoreError(Exception):
    """The store cannot be opened: which one and why, in plain words."""


def read_address(text: str, where: str = WHERE) -> URL:
    """A store's address as SQLAlchemy has it. Raises StoreError, which names where the address stands.

    A SQLite file's path is taken as it is: `%`, `#`, `?` and spaces are part of it. Only options that SQLite knows
    (`?mode=ro&uri=true`) end it. A percent-encoded path is decoded where its folder is there under that name alone.
    """
    text = text.strip()
    if found := _FILE.fullmatch(text):
        return _sqlite(found["path"] or "", where)
    try:
        address = make_url(text)
    except (ArgumentError, NoSuchModuleError):
        raise StoreError(f"{where} cannot be read: wanted {WANTED}, found a text of another form") from None
    except ValueError:
        raise StoreError(
            f"{where} cannot be read: wanted a number after the host's colon, found something else (in a password "
            "the characters @ : / ? # % are written as %40 %3A %2F %3F %23 %25)"
        ) from None
    if address.drivername not in _POSTGRESQL:
        raise StoreError(f"{where}: wanted {WANTED}, found the address of another kind of store")
    keep_secret(*(str(part) for part in (address.password, *address.query.values()) if part))
    if any(mark in (address.host or "") + (address.database or "") for mark in "@/?#"):
        raise StoreError(
            f"{where} cannot be read: wanted one @, between password and host, found more (in a password the "
            "characters @ : / ? # % are written as %40 %3A %2F %3F %23 %25)"
        )
    return address.set(drivername="postgresql+psycopg")


def _sqlite(path: str, where: str) -> URL:
    found = _OPTIONS.fullmatch(path)
    query = dict(part.split("=", 1) for part in path[len(found["path"]) + 1 :].split("&")) if found else {}
    database = found["path"] if found else path
    if "\0" in database:
        raise StoreError(
            f"{where}: wanted the path of a file, found one with a character that no path may have"
        )
    if database.startswith("file:"):
        query["uri"] = "true"
    elif not Path(database).parent.is_dir() and Path(unquote(database)).parent.is_dir():
        database = unquote(database)
    return URL.create("sqlite", database=database or None, query=query)


def address_label(address: URL) -> str:
    """An address as others may read it: without user, password and options."""
    if address.get_backend_name() == "sqlite":
        return f"sqlite:///{sqlite_file(address) or ''}"
    port = f":{address.port}" if address.port else ""
    return f"postgresql://{address.host or ''}{port}/{address.database or ''}"


def address_text(address: URL) -> str:
    """An address in full, as `read_address` reads it: for a process of our own, never to be shown."""
    if address.get_backend_name() != "sqlite":
        return address.render_as_string(hide_password=False)
    options = "&".join(f"{name}={value}" for name, value in address.query.items())
    return f"sqlite:///{address.database or ''}" + (f"?{options}" if options else "")


def sqlite_file(address: URL) -> Path | None:
    """The file of a store on SQLite, named by its path or by a `file:` address; None in memory and elsewhere."""
    name = address.database or ":memory:"
    if address.get_backend_name() != "sqlite" or ":memory:" in name or address.query.get("mode") == "memory":
        return None
    return Path(unquote(name.removeprefix("file:")) if name.startswith("file:") else name)


def makes_files(address: URL) -> bool:
    """Whether SQLite makes the file where there is none."""
    return address.query.get("mode", "rwc") == "rwc"


def address_for_reading(path: Path) -> URL:
    """The address under which SQLite opens a file that is there and makes nothing.

    Where SQLite may keep its notes (`-wal`, `-shm`) it clears them away at the end. Where it may not, and nobody has
    the store open, it is told that the file does not change (`immutable`): it then needs none.
    """
    if os.access(path, os.W_OK) and os.access(path.resolve().parent, os.W_OK):
        options = {"mode": "rw", "uri": "true"}
    else:
        options = {"mode": "ro", "uri": "true"}
        if not Path(f"{path}-wal").exists():
            options["immutable"] = "1"
    return URL.create("sqlite", database=f"file:{quote(path.resolve().as_posix())}", query=options)
