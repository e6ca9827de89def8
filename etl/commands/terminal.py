"""What every command does alike: open the store, tell errors in plain words, print how a run ended.

Commands are imported all together, for their help; what they work with is imported when one of them runs.
"""

from __future__ import annotations

import getpass
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from etl.registry import SOURCES

if TYPE_CHECKING:
    from types import FrameType

    from db.settings import Settings
    from db.store import Store
    from etl.pipeline.run import RunSummary

_PIPED_WIDTH, _PIPED_HEIGHT = 250, 50
_STOPPED = 130
_GRACE_SECONDS, _LAST_SECONDS = 15, 5


def _console(*, stderr: bool = False) -> Console:
    """A terminal's own size; elsewhere (a pipe, a log, another program) wide enough that no word is cut."""
    if (sys.stderr if stderr else sys.stdout).isatty():
        return Console(stderr=stderr)
    return Console(stderr=stderr, width=_PIPED_WIDTH, height=_PIPED_HEIGHT)


console = _console()
error_console = _console(stderr=True)

Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Which store; DATABASE_URL or config.toml otherwise."),
]
UntilInputCloses = Annotated[
    bool, typer.Option("--until-input-closes", hidden=True, help="End with the process that began this one.")
]
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help=f"One of: {', '.join(SOURCES)}.")]


@contextmanager
def plainly() -> Iterator[None]:
    """Errors in plain words and exit status 1; Ctrl+C, or a SIGTERM, ends with status 130."""
    from db.catalogue import CatalogueError
    from db.figures.decisions.words import DecisionError
    from db.loading.demonstration import DemonstrationError
    from db.loading.undo.errors import UndoError
    from db.own.errors import OwnMeasureError
    from db.service.follow.teams import TeamError
    from db.service.operators import OperatorError
    from db.settings import SettingsError
    from db.store import DBAPIError, StoreError, store_fault
    from etl.source import SourceError

    try:
        with _terminated_as_interrupted():
            yield
    except (
        SourceError,
        SettingsError,
        StoreError,
        CatalogueError,
        DemonstrationError,
        UndoError,
        DecisionError,
        OperatorError,
        OwnMeasureError,
        TeamError,
    ) as error:
        _tell(str(error))
        raise typer.Exit(1) from error
    except DBAPIError as error:
        _tell(f"the store: {store_fault(error)}")
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        error_console.print("Stopped. What was not finished was not kept.")
        raise typer.Exit(_STOPPED) from None


def _tell(message: str) -> None:
    from db.redaction import without_secrets

    error_console.print(f"Error: {without_secrets(message)}", style="red", markup=False, highlight=False)


@contextmanager
def opened_store(database: str | None, *, to_read: bool = False) -> Iterator[tuple[Store, Settings]]:
    """The store at a URL, or else the one that the settings name, and the settings. Errors as `plainly` tells them.

    `to_read` for a command that changes nothing: no store is made or migrated, and one that may only be read will do.
    Runs that this process has begun and that are stopped by Ctrl+C are marked as cancelled.
    """
    from db.service.runs import cancel_own_runs
    from db.settings import load_settings
    from db.store import open_store, open_to_read

    with plainly():
        settings = load_settings()
        store = (open_to_read if to_read else open_store)(database or settings.database_url)
        try:
            yield store, settings
        except KeyboardInterrupt:
            if not to_read:
                cancel_own_runs(store, f"stopped at the terminal by {who()}")
            raise
        finally:
            store.close()


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let a SIGTERM end the command as Ctrl+C does, so that it leaves things in the same order."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def stop_when_input_closes() -> None:
    """Stop this process as by SIGTERM when its standard input closes: whoever began it is gone, however that came.

    A second signal follows where it has not ended soon, and the end at once where that does not help either.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        for seconds in (_GRACE_SECONDS, _LAST_SECONDS):
            signal.raise_signal(signal.SIGTERM)
            sleep(seconds)
        os._exit(_STOPPED)

    threading.Thread(target=watch, name="input watch", daemon=True).start()


def end(summary: RunSummary, *, checked: bool = False) -> None:
    """Print what a run did, and end with exit status 1 where it failed."""
    from etl.commands.report import print_summary

    print_summary(console, summary, checked=checked)
    if summary.failed:
        raise typer.Exit(1)


def who() -> str:
    """The name of the person at the terminal, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def plain(console: Console, text: str) -> None:
    """Print a line as it is, however long, but for secrets."""
    from db.redaction import without_secrets

    console.print(without_secrets(text), markup=False, highlight=False, soft_wrap=True)


def local(moment: datetime | None) -> str:
    """A moment in London time, "never" for none."""
    from db.domain.timing import TIME_ZONE

    return "never" if moment is None else moment.astimezone(TIME_ZONE).strftime("%d %b %Y %H:%M")
