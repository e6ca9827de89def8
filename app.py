"""The composition root: the WSGI application `server`, and everything at once when run directly.

`gunicorn app:server` serves the site alone. `python app.py` runs the scheduler beside the site, fills an empty store
with the demonstration edition meanwhile, and stops both again at the end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from db.catalogue.source_files import publications
from db.figures.data_version import data_version
from db.figures.replica import replica_of
from db.service.filling import begin_filling, filling_of
from db.settings import Settings, SettingsError, load_settings
from db.store import Store, StoreError, open_store
from stp_dash.api.bulk.keeping import keep_bulk
from stp_dash.application import create_app
from stp_dash.pages.operations.parts import UPLOAD
from stp_dash.web.kept.warming import keep_warm
from stp_dash.web.listening import bound_sockets, cannot_listen, listening_place
from stp_dash.web.single_machine import single_machine_server

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from types import FrameType

    from flask import Flask
    from waitress.server import BaseWSGIServer

ROOT = Path(__file__).resolve().parent
_STOP_SECONDS = 25


def __getattr__(name: str) -> Flask:
    """`server`, made when a WSGI server first asks for it, so that importing this module does nothing."""
    if name != "server":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    settings = load_settings()
    store = open_store(settings.database_url)
    replica = replica_of(store, settings.replica_url)
    flask: Flask = create_app(store, settings, replica).server
    _warm(flask)
    # Workers may be copies of this process: none may go on with a connection of another's.
    store.close()
    if replica is not None:
        replica.replica.close()
    globals()["server"] = flask
    return flask


def _warm(server: Flask) -> None:
    """Ask for one page, so that what every page needs is there before the first reader asks."""
    server.test_client().get("/")


def main() -> int:
    """Serve the site with its scheduler until told to stop. Returns the exit status."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        settings = load_settings()
        listening = bound_sockets(settings.site.host, settings.site.port)
        store = open_store(settings.database_url)
        coming = _to_be_filled(store)
        if coming:
            begin_filling(store, dict.fromkeys(coming, 0))
        site = _site(store, settings, listening)
        # What works beside the site begins once that is ready: whoever looks is greeted first.
        with ExitStack() as beside:
            if coming:
                _say(
                    "The demonstration edition (invented numbers) is being loaded: the site shows how far it is."
                )
                beside.enter_context(_beside_the_site(settings, "demo"))
            beside.enter_context(_beside_the_site(settings, "schedule"))
            site.run()
            _say("Stopping: what is at work has 15 seconds to finish.")
    except (SettingsError, StoreError) as error:
        sys.stderr.write(f"The site cannot start: {error}" + "\n")
        return 1
    except KeyboardInterrupt:
        pass
    _say("Stopped.")
    return 0


def _to_be_filled(store: Store) -> list[str]:
    """The sources that an empty store is filled from, or that are left of a filling that was stopped; else none."""
    with store.reading() as connection:
        left = filling_of(connection).coming
        empty = not data_version(connection).number
    return sorted(left or (publications() if empty else ()))


@contextmanager
def _beside_the_site(settings: Settings, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a process beside this one, on the same store, which ends when the site does.

    It ends by itself when its standard input closes: at the end of the site, however that comes about. A signal from
    the terminal is the site's.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "etl", *command, "--until-input-closes"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": settings.database_url},
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _site(store: Store, settings: Settings, listening: list[socket.socket]) -> BaseWSGIServer:
    """The site, ready to be run. Raises SettingsError where it cannot listen."""
    site = settings.site
    server = create_app(store, settings, replica_of(store, settings.replica_url)).server
    keep_warm(server)
    keep_bulk(server)
    try:
        most = settings.fetch.largest_file_megabytes * 1_000_000
        waiting = single_machine_server(server, listening, site.path + UPLOAD, most)
    except OSError as error:
        raise cannot_listen(site.host, site.port, error) from error
    place = listening_place(site.host, site.port)
    _say(f"The site is on http://{place}{site.path} (store {store.label}). Stop it with Ctrl+C.")
    return waiting


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
