"""`python -m etl held`: files that were refused, listed and settled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from etl.commands.load import MaturityOption, PeriodOption, PublishedOption, SourceOption, hints_of
from etl.commands.terminal import Database, console, end, opened_store, who

if TYPE_CHECKING:
    from db.domain.file import HeldFile
    from etl.pipeline.job import FileResult

held_commands = typer.Typer(
    name="held",
    help="Files that were refused and are held: list, retry, accept, reject.",
    no_args_is_help=True,
)

HeldFileId = Annotated[int, typer.Argument(metavar="ID", help="The number that `held list` shows.")]
HeldFileIds = Annotated[
    list[int], typer.Argument(metavar="ID...", help="The numbers that `held list` shows.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words that others will read.")]


@held_commands.command("list")
def list_held(
    *,
    every: Annotated[bool, typer.Option("--all", help="Settled files too.")] = False,
    database: Database = None,
) -> None:
    """Show the files that are held, with the reason of each."""
    from rich.table import Table

    from db.domain.file import HeldState
    from db.service.held_files import held_files

    with opened_store(database, to_read=True) as (store, _):
        with store.reading() as connection:
            files = held_files(connection, None if every else HeldState.HELD)
        if not files:
            console.print("No file is held.")
            return
        table = Table("ID", "State", "Held", "File", "Kind", "Reason")
        for file in files:
            table.add_row(*_cells(file))
        console.print(table)


def _cells(file: HeldFile) -> Iterator[str]:
    from db.domain.file import HeldState
    from db.domain.timing import TIME_ZONE

    yield str(file.id)
    yield file.state.value
    yield f"{file.held_at.astimezone(TIME_ZONE):%d %b %Y %H:%M}"
    yield file.name
    yield file.kind.value
    yield (
        file.reason
        if file.state is HeldState.HELD
        else f"{file.decision} ({file.decided_by or 'a later load'})"
    )


@held_commands.command("retry")
def retry_command(
    held_file_id: HeldFileId,
    *,
    source: SourceOption = None,
    period: PeriodOption = None,
    published_on: PublishedOption = None,
    maturity: MaturityOption = None,
    database: Database = None,
) -> None:
    """Load a held file again from its kept bytes: after a fix, or with what the file itself does not say."""
    from etl.pipeline import hold

    with opened_store(database) as (store, settings):
        given = hints_of(period, published_on, maturity)
        hints = given if given.text() else None
        _end(hold.retry(store, settings, held_file_id, by=who(), hints=hints, source_id=source))


@held_commands.command()
def accept(held_file_id: HeldFileId, reason: Reason, database: Database = None) -> None:
    """Load a held file although it surprises beside earlier periods: you say that its figures are true, and why."""
    from etl.pipeline import hold

    with opened_store(database) as (store, settings):
        _end(hold.retry(store, settings, held_file_id, by=who(), accept=True, reason=reason))


@held_commands.command("reject")
def reject_command(held_file_ids: HeldFileIds, reason: Reason, database: Database = None) -> None:
    """Settle that held files are not to be loaded, now or when a refresh meets them again."""
    from etl.pipeline import hold

    with opened_store(database) as (store, _):
        for held_file_id in held_file_ids:
            hold.reject(store, held_file_id, by=who(), reason=reason)
            console.print(f"Held file {held_file_id} is rejected.")


def _end(result: FileResult) -> None:
    from etl.pipeline.run import RunSummary

    end(RunSummary(0, (result,)))
