"""The composition root: the WSGI application `server`, and everything at once when run directly.

`gunicorn app:server` serves the site alone. `python app.py` fills an empty store with the demonstration edition,
runs the scheduler beside the site and stops it again at the end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from db.figures.data_version import data_version
from db.figures.replica import replica_of
from db.settings import Settings, SettingsError, load_settings
from db.store import Store, StoreError, open_store
from stp_dash.application import create_app
from stp_dash.pages.operations.parts import UPLOAD
from stp_dash.web.listening import bound_sockets, cannot_listen, listening_place
from stp_dash.web.single_machine import single_machine_server

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from types import FrameType

    from flask import Flask

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
        with ExitStack() as beside:
            if not _filled(store):
                _demonstrate(settings, beside)
            beside.enter_context(_beside_the_site(settings, "schedule"))
            _serve(store, settings, listening)
            _say("Stopping: what is at work has 15 seconds to finish.")
    except (SettingsError, StoreError) as error:
        sys.stderr.write(f"The site cannot start: {error}" + "\n")
        return 1
    except KeyboardInterrupt:
        pass
    _say("Stopped.")
    return 0


def _filled(store: Store) -> bool:
    with store.reading() as connection:
        return data_version(connection).number > 0


def _demonstrate(settings: Settings, beside: ExitStack) -> None:
    """Load the demonstration's newest figures now; what is older goes on loading beside the site."""
    _say(
        "The store is empty: loading the demonstration edition (invented numbers). This takes about a minute."
    )
    with _beside_the_site(settings, "demo", "--part", "newest") as newest:
        failed = newest.wait()
    if failed:
        _say("The demonstration edition could not be loaded; the site starts with an empty store.")
        return
    _say("Older demonstration figures go on loading while the site is up.")
    beside.enter_context(_beside_the_site(settings, "demo", "--part", "older"))


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


def _serve(store: Store, settings: Settings, listening: list[socket.socket]) -> None:
    site = settings.site
    server = create_app(store, settings, replica_of(store, settings.replica_url)).server
    try:
        most = settings.fetch.largest_file_megabytes * 1_000_000
        waiting = single_machine_server(server, listening, site.path + UPLOAD, most)
    except OSError as error:
        raise cannot_listen(site.host, site.port, error) from error
    place = listening_place(site.host, site.port)
    _say(f"The site is on http://{place}{site.path} (store {store.label}). Stop it with Ctrl+C.")
    waiting.run()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
