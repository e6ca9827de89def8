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

from waitress import serve

from db.figures.data_version import data_version
from db.figures.replica import replica_of
from db.settings import Settings, SettingsError, load_settings
from db.store import Store, StoreError, open_store
from stp_dash.application import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from flask import Flask

ROOT = Path(__file__).resolve().parent
_STOP_SECONDS = 15
_THREADS = 8


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
        store = open_store(settings.database_url)
        with ExitStack() as beside:
            if not _filled(store):
                _demonstrate(settings, beside)
            scheduler = subprocess.Popen(
                [sys.executable, "-m", "etl", "schedule"], cwd=ROOT, env=_environment(settings)
            )
            beside.enter_context(_ended_with_the_site(scheduler))
            _serve(store, settings)
    except (SettingsError, StoreError) as error:
        sys.stderr.write(f"The site cannot start: {error}" + "\n")
        return 1
    except KeyboardInterrupt:
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
    newest = subprocess.run(
        [sys.executable, "-m", "etl", "demo", "--part", "newest"],
        cwd=ROOT,
        env=_environment(settings),
        check=False,
    )
    if newest.returncode:
        _say("The demonstration edition could not be loaded; the site starts with an empty store.")
        return
    _say("Older demonstration figures go on loading while the site is up.")
    older = subprocess.Popen(
        [sys.executable, "-m", "etl", "demo", "--part", "older"], cwd=ROOT, env=_environment(settings)
    )
    beside.enter_context(_ended_with_the_site(older))


def _environment(settings: Settings) -> dict[str, str]:
    """The child's environment: the same store, whatever the settings file says later."""
    return {**os.environ, "DATABASE_URL": settings.database_url}


@contextmanager
def _ended_with_the_site(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """A process beside this one: what is left of it stops when the site does."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _serve(store: Store, settings: Settings) -> None:
    site = settings.site
    _say(f"The site is on http://{site.host}:{site.port} (store {store.label}). Stop it with Ctrl+C.")
    server = create_app(store, settings, replica_of(store, settings.replica_url)).server
    serve(server, host=site.host, port=site.port, threads=_THREADS)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
