"""`python -m etl files`, `undo`, `put-back`: what was loaded, taken out of the figures, or taken in again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from etl.commands.terminal import Database, console, local, opened_store, plain, who

if TYPE_CHECKING:
    from db.domain.file import LoadedFile
    from db.store import Connection

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FILE]...", help="Numbers that `files` shows, or names of files."),
]
Run = Annotated[int | None, typer.Option("--run", metavar="N", help="Every file that a run loaded.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in words that others will read.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking; for scripts.")]


def files_command(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="One source; all without.")] = None,
    *,
    undone: Annotated[bool, typer.Option("--undone", help="Only those that are undone.")] = False,
    database: Database = None,
) -> None:
    """Show the files that were loaded, newest first, and which of them are undone."""
    from rich.table import Table

    from db.figures.files import all_files, undos

    with opened_store(database, to_read=True) as (store, _):
        with store.reading() as connection:
            found = [item for item in all_files(connection) if source in {None, item.source}]
            by_number = undos(connection)
        table = Table("File", "Source", "Name", "Published", "Loaded", "State")
        for file in found:
            undo = by_number.get(file.undone_by or 0)
            if undone and undo is None:
                continue
            state = f"undone {local(undo.at)} by {undo.by}: {undo.reason}" if undo else "counts"
            table.add_row(
                str(file.id),
                file.source,
                file.name,
                str(file.published_on or ""),
                local(file.loaded_at),
                state,
            )
        console.print(table)


def undo_command(
    files: Files = None,
    *,
    run: Run = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Take files, or all that a run loaded, out of the figures: earlier files' figures stand again.

    Says first what would change, then asks. It makes a data version; earlier versions stay as they are. Files are put
    back with `put-back`.
    """
    _change(files or [], run, reason, puts_back=False, dry_run=dry_run, yes=yes, database=database)


def put_back_command(
    files: Files = None,
    *,
    run: Run = None,
    reason: Reason = "",
    dry_run: DryRun = False,
    yes: Yes = False,
    database: Database = None,
) -> None:
    """Take undone files into the figures again. Says first what would change, then asks."""
    _change(files or [], run, reason, puts_back=True, dry_run=dry_run, yes=yes, database=database)


def _change(
    files: Sequence[str],
    run: int | None,
    reason: str,
    *,
    puts_back: bool,
    dry_run: bool,
    yes: bool,
    database: str | None,
) -> None:
    from db.figures.code_lists import read_code_lists
    from db.loading.undo.errors import UndoError
    from db.loading.undo.undo import undo_effect, undo_files
    from etl.pipeline.undo import effect_lines

    with opened_store(database, to_read=dry_run) as (store, settings):
        if not dry_run and not reason.strip():
            raise UndoError("wanted --reason, which stays with the record, found none (--dry-run needs none)")
        headline = settings.own_area.headline_codes
        with store.reading() as connection:
            chosen = _chosen(connection, files, run, puts_back=puts_back)
            effect = undo_effect(
                connection,
                read_code_lists(connection),
                [item.id for item in chosen],
                puts_back=puts_back,
                headline=headline,
            )
        for line in effect_lines(store, chosen, effect, puts_back=puts_back):
            plain(console, line)
        if dry_run or not _agreed(puts_back=puts_back, yes=yes):
            plain(console, "Nothing was changed.")
            return
        with store.writing() as connection:
            done = undo_files(
                connection,
                read_code_lists(connection),
                [item.id for item in chosen],
                by=who(),
                reason=reason,
                puts_back=puts_back,
                headline=headline,
            )
        verb = "undo" if puts_back else "put-back"
        numbers = " ".join(str(item.id) for item in chosen)
        plain(
            console,
            f"Done: data version {done.version}. The way back: python -m etl {verb} {numbers} --reason ...",
        )


def _chosen(
    connection: Connection, files: Sequence[str], run: int | None, *, puts_back: bool
) -> list[LoadedFile]:
    """The files that the arguments name. Raises UndoError for none, for a name that several bear, and for no file."""
    from db.figures.files import all_files
    from db.loading.undo.errors import UndoError
    from db.loading.undo.undo import files_of_run

    known = all_files(connection)
    numbers = list(files_of_run(connection, run, undone=puts_back)) if run is not None else []
    for asked in files:
        if asked.isdigit():
            numbers.append(int(asked))
            continue
        named = [
            item.id for item in known if item.name == asked and (item.undone_by is not None) == puts_back
        ]
        if len(named) != 1:
            which = (
                f"{len(named)} of that name: give its number" if named else "none: see python -m etl files"
            )
            raise UndoError(f"wanted one file named {asked}, found {which}")
        numbers += named
    by_number = {item.id: item for item in known}
    if missing := [number for number in numbers if number not in by_number]:
        raise UndoError(f"the store holds no file {missing[0]}")
    if not numbers:
        raise UndoError("wanted a file, or --run and the number of a run, found neither")
    return [by_number[number] for number in dict.fromkeys(numbers)]


def _agreed(*, puts_back: bool, yes: bool) -> bool:
    from db.loading.undo.errors import UndoError

    if yes:
        return True
    if not sys.stdin.isatty():
        raise UndoError("nobody can be asked here: add --yes to do it, or --dry-run to look only")
    return typer.confirm("Put them back?" if puts_back else "Undo this?")
