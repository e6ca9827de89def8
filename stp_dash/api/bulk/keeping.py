"""The folder of the files: a folder for the store, in it one for each data version, there whole or not at all.

Data versions of two stores have the same numbers: without a folder of its own a store would pass on another's files.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import duckdb
from flask import Flask

from db.figures.data_version import data_version, store_mark
from db.store import Connection
from stp_dash.api.bulk.package import SUMS, describe
from stp_dash.api.bulk.writing import write_tables
from stp_dash.frame.request import Site
from stp_dash.frame.shell import SITE_TITLE
from stp_dash.web.kept.pages import KEPT_PAGES, KeptPages
from stp_dash.web.router import UNREADABLE

KEPT_VERSIONS = 2
"""So many data versions' files stay: who fetches the older ones' may end."""
_MAKING, _LOCK, _TURN = ".making", ".lock", "bulk"
_MARK = re.compile(r"[0-9a-f]{12}")
_ROOT = Path(__file__).resolve().parents[3]
_LOOK_SECONDS, _QUIET_SECONDS, _LONGEST_SECONDS = 5.0, 60.0, 3600.0
_LOG = logging.getLogger(__name__)


class NoFilesError(Exception):
    """The files cannot be made; the words are for whoever asked for them."""


def versions_kept(folder: Path) -> list[int]:
    """The data versions whose files are in a store's folder, the newest first."""
    found = [item.name for item in folder.iterdir()] if folder.is_dir() else []
    return sorted(
        (int(name) for name in found if name.isdigit() and (folder / name / SUMS).is_file()), reverse=True
    )


def keep_files(site: Site, folder: Path) -> Path:
    """The files of the data as they are now, made if they are not there yet; the folder that holds them.

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
    own, making = folder / store_mark(connection), folder / _MAKING
    made = own / str(version.number)
    if not (made / SUMS).is_file():
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        try:
            describe(making, version, write_tables(site, connection, version, making), SITE_TITLE)
            own.mkdir(exist_ok=True)
            making.rename(made)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    others = [item for item in folder.iterdir() if _MARK.fullmatch(item.name) and item != own]
    for old in (*others, *(own / str(number) for number in versions_kept(own)[KEPT_VERSIONS:])):
        shutil.rmtree(old)
    return made


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
        self._seen, self._since, self._tried = -1, 0.0, 0
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
        if not settled or version.number in {0, self._tried, *versions_kept(self._folder / mark)}:
            return False
        with self._makers.turn(_TURN, 0) as given:
            if given:
                self._tried = version.number
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
    """Have a site's files made after each change of the data, where its settings name a folder for them."""
    site: Site = server.extensions["api"].site
    if site.settings.bulk.folder is not None:
        BulkMaker(server, site, site.settings.bulk.folder).begin()
