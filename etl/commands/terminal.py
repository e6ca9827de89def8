"""What every command does alike: open the store, tell errors in plain words, print how a run ended."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from db.catalogue import CatalogueError
from db.figures.decisions import DecisionError
from db.loading.demonstration import DemonstrationError
from db.service.operators import OperatorError
from db.settings import Settings, SettingsError, load_settings
from db.store import Store, StoreError, open_store
from etl.commands.report import print_summary
from etl.pipeline.run import RunSummary
from etl.source import SourceError

_PIPED_WIDTH, _PIPED_HEIGHT = 250, 50


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

_PLAIN = (
    SourceError,
    SettingsError,
    StoreError,
    CatalogueError,
    DemonstrationError,
    DecisionError,
    OperatorError,
)


@contextmanager
def plainly() -> Iterator[None]:
    """Errors in plain words and exit status 1; Ctrl-C ends with status 130."""
    try:
        yield
    except _PLAIN as error:
        error_console.print(f"Error: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    except DBAPIError as error:
        error_console.print(f"Error: the store: {error.orig}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        error_console.print("Stopped. What was not finished was not kept.")
        raise typer.Exit(130) from None


@contextmanager
def opened_store(database: str | None) -> Iterator[tuple[Store, Settings]]:
    """The store at a URL, or else the one that the settings name, and the settings. Errors as `plainly` tells them."""
    with plainly():
        settings = load_settings()
        store = open_store(database or settings.database_url)
        try:
            yield store, settings
        finally:
            store.close()


def end(summary: RunSummary, *, checked: bool = False) -> None:
    """Print what a run did, and end with exit status 1 where it failed."""
    print_summary(console, summary, checked=checked)
    if summary.failed:
        raise typer.Exit(1)


def who() -> str:
    """The name of the person at the terminal, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
