"""The folder of the files: a folder for the store, in it one for each data version, there whole or not at all.

What people wrote has a folder of its own beside them, by the count of changes that it was made at: only the newest is
given, so that nothing withdrawn is. Data versions of two stores have the same numbers: without a folder of its own a
store would pass on another's files.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import duckdb
from flask import Flask

from db.figures.data_version import data_version, store_mark
from db.store import Connection
from stp_dash.api.bulk.package import SUMS, describe, figures_package, notes_package
from stp_dash.api.bulk.tables import NOTED_TABLES, TABLES
from stp_dash.api.bulk.writing import write_tables
from stp_dash.frame.request import Site
from stp_dash.frame.shell import SITE_TITLE
from stp_dash.web.kept.pages import KEPT_PAGES, KeptPages
from stp_dash.web.router import UNREADABLE

KEPT_EDITIONS = 2
"""So many data versions' files stay: who fetches the older ones' may end."""
_BEING_MADE, _LOCK, _TURN, _NOTES = ".making", ".lock", "bulk", "notes-"
_MARK = re.compile(r"[0-9a-f]{12}")
_ROOT = Path(__file__).resolve().parents[3]
_LOOK_SECONDS, _QUIET_SECONDS, _LONGEST_SECONDS = 5.0, 60.0, 3600.0
_LOG = logging.getLogger(__name__)


class NoFilesError(Exception):
    """The files cannot be made; the words are for whoever asked for them."""


def versions_kept(folder: Path) -> list[int]:
    """The data versions whose files are in a store's folder, the newest first."""
    return _whole(folder, "")


def notes_kept(folder: Path) -> list[int]:
    """The counts of changes at which files of what people wrote were made that are in a store's folder, the newest
    first. Only those of the newest may be given to anyone."""
    return _whole(folder, _NOTES)


def notes_folder(folder: Path, state: int) -> Path:
    """Where in a store's folder the files of what people wrote are, as it was at a count of changes."""
    return folder / f"{_NOTES}{state}"


def _whole(folder: Path, prefix: str) -> list[int]:
    found = [item.name for item in folder.iterdir()] if folder.is_dir() else []
    numbers = (name.removeprefix(prefix) for name in found if name.startswith(prefix))
    return sorted(
        (
            int(number)
            for number in numbers
            if number.isdigit() and (folder / f"{prefix}{number}" / SUMS).is_file()
        ),
        reverse=True,
    )


def keep_files(site: Site, folder: Path) -> Path:
    """The files of the data as they are now, and of what people wrote, made if they are not there yet; the folder that
    holds those of the data.

    Older versions' files go, but for the last, and other stores'. Raises NoFilesError where there is nothing to hold,
    the folder cannot be written, or another process is at it; and what the router calls UNREADABLE.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return site.read(lambda connection: _kept(site, connection, folder))
    except OSError as error:
        raise NoFilesError(f"{folder}: the files cannot be written: {error.strerror or error}") from error
    except duckdb.Error as error:
        raise NoFilesError(f"{folder}: the files cannot be written: {str(error).splitlines()[0]}") from error


def _kept(site: Site, connection: Connection, folder: Path) -> Path:
    version = data_version(connection)
    if version.filling:
        raise NoFilesError("The store is being filled: the files can be made when that is done.")
    if not version.number:
        raise NoFilesError("No data is loaded yet, so that there is nothing for the files.")
    own = folder / store_mark(connection)
    made, notes = own / str(version.number), notes_folder(own, version.state)
    if not (made / SUMS).is_file():
        with _making(folder, made) as making:
            counts = write_tables(site, connection, version, making, TABLES)
            describe(making, figures_package(SITE_TITLE, version), TABLES, counts)
    if not (notes / SUMS).is_file():
        with _making(folder, notes) as making:
            counts = write_tables(site, connection, version, making, NOTED_TABLES)
            describe(making, notes_package(SITE_TITLE, version), NOTED_TABLES, counts)
    old = [item for item in folder.iterdir() if _MARK.fullmatch(item.name) and item != own]
    old += [own / str(number) for number in _outdated(versions_kept(own), version.number)]
    old += [notes_folder(own, state) for state in _outdated(notes_kept(own), version.state)]
    for item in old:
        shutil.rmtree(item)
    return made


def _outdated(kept: Sequence[int], newest: int) -> list[int]:
    """What goes: all but the newest and the one before; and what a store that was put back has not come to yet."""
    staying = [number for number in kept if number <= newest][:KEPT_EDITIONS]
    return [number for number in kept if number not in staying]


@contextmanager
def _making(folder: Path, place: Path) -> Iterator[Path]:
    """An empty folder that takes a place once it is filled, and goes where it could not be."""
    making = folder / _BEING_MADE
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    try:
        yield making
        place.parent.mkdir(exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """As long as this lasts no other process writes in a folder, on whichever machine. Raises NoFilesError."""
    with (folder / _LOCK).open("wb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoFilesError(f"{folder}: another process is making the files already.") from None
        yield


class BulkMaker:
    """Has the files made in a process of its own when the data have been the same for a while: a thread of the site."""

    def __init__(self, server: Flask, site: Site, folder: Path) -> None:
        kept: KeptPages = server.extensions[KEPT_PAGES]
        self._makers, self._site, self._folder = kept.makers, site, folder
        self._seen, self._since, self._tried = -1, 0.0, -1
        self._ended = Event()

    def begin(self) -> None:
        """Look from now on, for as long as the process lives."""
        Thread(target=self._watch, name="bulk", daemon=True).start()

    def look(self, now: float) -> bool:
        """Make the files if the data have not changed for a minute and have none; whether that was tried."""
        version, mark = self._site.read(lambda connection: (data_version(connection), store_mark(connection)))
        if version.state != self._seen:
            self._seen, self._since = version.state, now
        settled = now - self._since >= _QUIET_SECONDS and not version.filling
        if not settled or not version.number or version.state == self._tried:
            return False
        own = self._folder / mark
        if version.number in versions_kept(own) and version.state in notes_kept(own):
            return False
        with self._makers.turn(_TURN, 0) as given:
            if given:
                self._tried = version.state
                self._make()
        return given

    def _make(self) -> None:
        command = [sys.executable, "-m", "stp_dash", "bulk", "--gently"]
        # The settings' paths are as this process sees them; the program itself may lie elsewhere.
        found = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        }
        done = subprocess.run(
            command, env=found, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
        if done.returncode:
            _LOG.error("the bulk files could not be made: %s", done.stderr.strip().splitlines()[-1:])

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            try:
                self.look(monotonic())
            except (*UNREADABLE, OSError, subprocess.TimeoutExpired) as error:
                _LOG.error("the bulk files could not be made", exc_info=error)


def keep_bulk(server: Flask) -> None:
    """Have a site's files made after each change of the data, where its settings name a folder for them.

    An application without the API, which benchmarks serve beside the site, has none.
    """
    site: Site | None = server.extensions["api"].site if "api" in server.extensions else None
    if site is not None and site.settings.bulk.folder is not None:
        BulkMaker(server, site, site.settings.bulk.folder).begin()
