"""`python -m etl own`: measures of one's own, defined, checked, added, withdrawn and put back."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from db.domain.own.figures import SubmissionMode
from etl.commands.terminal import Database, console, error_console, opened_store, who

if TYPE_CHECKING:
    from db.own.handing_in import HandedIn
    from db.reading.files import RawFile
    from db.store import Store

own_commands = typer.Typer(
    name="own",
    help="Measures of one's own, which no publisher prints: define, check, add, withdraw, restore, template, list.",
    no_args_is_help=True,
)
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A list as CSV UTF-8 or a workbook (xlsx).")
]
Measure = Annotated[str, typer.Argument(metavar="MEASURE", help="The id of a definition: local-...")]
Number = Annotated[int, typer.Argument(metavar="N", help="The submission's number.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="WORDS", help="Why, for whoever reads the list later.")
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace", help="Figures of the file's measures that the file does not have are withdrawn."
    ),
]
_ROLE = "command line"


@own_commands.command()
def define(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Definitions as TOML.")],
    *,
    change: Annotated[
        str, typer.Option("--change", metavar="WHAT", help="Of a measure that there is: wording or meaning.")
    ] = "wording",
    database: Database = None,
) -> None:
    """Define measures, or keep new versions of their definitions. See docs/own-measures.md."""
    from db.own.definitions import DefinitionChange, define_measure
    from db.own.written import read_written

    if change not in {DefinitionChange.WORDING, DefinitionChange.MEANING}:
        raise typer.BadParameter(f"wanted wording or meaning, found {change!r}", param_hint="--change")
    with opened_store(database) as (store, _):
        for path in files:
            written = read_written(path, store.catalogue)
            number = define_measure(store, written, who(), DefinitionChange(change))
            told = "unchanged" if number is None else f"version {number}"
            console.print(f"{written.id}: {told}.", highlight=False, markup=False)


@own_commands.command("check")
def check_own(
    file: FileArgument,
    *,
    replace: Replace = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program: the same as JSON.")] = False,
    definitions: Annotated[
        Path | None,
        typer.Option("--definitions", metavar="FOLDER", help="Definitions as TOML, in place of the store's."),
    ] = None,
    database: Database = None,
) -> None:
    """Check a file and say what adding it would change. Nothing is stored."""
    with opened_store(database) as (store, _):
        found = (
            _against_store(store, file, replace=replace)
            if definitions is None
            else _against_files(store, file, definitions)
        )
        _show(found, as_json=as_json)
        if not found.checked.accepted:
            raise typer.Exit(1)


def _against_store(store: Store, file: Path, *, replace: bool) -> HandedIn:
    from db.own.handing_in import hand_in

    with store.reading() as connection:
        return hand_in(
            connection, store.catalogue, _raw(file), today=date.today(), mode=_mode(replace=replace)
        )


def _against_files(store: Store, file: Path, folder: Path) -> HandedIn:
    from db.own.checking.file import check_own_file
    from db.own.checking.keys import Known
    from db.own.handing_in import HandedIn
    from db.own.written import read_written

    written = [read_written(path, store.catalogue) for path in sorted(folder.glob("*.toml"))]
    measures = {item.id: item.measure for item in written}
    checked = check_own_file(_raw(file), Known(store.catalogue, measures, date.today()), lambda _: {})
    return HandedIn(checked, {}, measures, "")


@own_commands.command("add")
def add_own(
    file: FileArgument,
    *,
    replace: Replace = False,
    reason: Reason = "",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="The warnings have been looked at, and the figures are right.")
    ] = False,
    database: Database = None,
) -> None:
    """Check a file and add it: all of it, or nothing."""
    from db.own.submissions import add_submission, count_of, counts_words

    with opened_store(database) as (store, _):
        found = _against_store(store, file, replace=replace)
        if not found.checked.accepted or (found.checked.findings.warnings and not confirm):
            _show(found)
            if found.checked.accepted:
                error_console.print("Nothing was added: look at the warnings, then add it with --confirm.")
            raise typer.Exit(1)
        added = add_submission(
            store,
            found.checked,
            found.measures,
            by=who(),
            role=_ROLE,
            mode=_mode(replace=replace),
            reason=reason,
            seen=found.state,
        )
        if added.number is None:
            console.print("Unchanged: the store has all of it already.")
            return
        parts = (f"{name}: {counts_words(count_of(item))}" for name, item in added.changes.items())
        console.print(f"Submission {added.number}. {'; '.join(parts)}.", highlight=False, markup=False)


@own_commands.command("withdraw")
def withdraw_own(number: Number, *, reason: Reason = "", database: Database = None) -> None:
    """Withdraw a submission: what stood before it stands again."""
    _turn(number, reason, database, puts_back=False)


@own_commands.command()
def restore(number: Number, *, reason: Reason = "", database: Database = None) -> None:
    """Put a withdrawn submission back."""
    _turn(number, reason, database, puts_back=True)


def _turn(number: int, reason: str, database: str | None, *, puts_back: bool) -> None:
    from db.own.submissions import turn_submission

    with opened_store(database) as (store, _):
        turn_submission(store, number, who(), reason, puts_back=puts_back)
    console.print(f"Submission {number} {'stands again' if puts_back else 'is withdrawn'}.", highlight=False)


@own_commands.command()
def template(
    measure: Measure,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="A .csv or .xlsx file; else the terminal."),
    ] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", metavar="CODE", help="Whose, for a measure without units.")
    ] = "",
    database: Database = None,
) -> None:
    """A file with the lines that a measure wants next, for its figures to be filled in."""
    from db.own.definitions import own_measures
    from db.own.errors import OwnMeasureError
    from db.own.submissions import standing_figures
    from db.own.templates import template_csv, template_workbook

    with opened_store(database, to_read=True) as (store, _):
        with store.reading() as connection:
            known = own_measures(connection)
            if measure not in known:
                raise OwnMeasureError(f"wanted one of {', '.join(known) or 'no measure'}, found {measure!r}")
            standing = standing_figures(connection, measure)
        form = template_workbook if output is not None and output.suffix.lower() == ".xlsx" else template_csv
        content = form(known[measure], standing, organisation, date.today())
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
        console.print(f"{output} is written.", highlight=False, markup=False)


@own_commands.command("list")
def list_own(database: Database = None) -> None:
    """Show measures with their figures, and submissions."""
    from rich.table import Table

    from db.domain.timing import TIME_ZONE
    from db.own.definitions import own_measures
    from db.own.submissions import counts_words, own_submissions, standing_figures

    with opened_store(database, to_read=True) as (store, _), store.reading() as connection:
        measures = own_measures(connection)
        if not measures:
            console.print("There is no own measure. Define one with: python -m etl own define FILE")
            return
        table = Table("Measure", "Kind", "Figures", "Up to", "Owner", "Seen by")
        for item in measures.values():
            figures = standing_figures(connection, item.id)
            last = max((key.period for key in figures), default=None)
            told = last.label if last else "none"
            table.add_row(item.id, item.kind, f"{len(figures):,}", told, item.owner, item.audience)
        console.print(table)
        handed = Table("Submission", "When", "Who", "File", "What it did", "Stands")
        for one in own_submissions(connection):
            did = "; ".join(f"{name}: {counts_words(counts)}" for name, counts in one.counts.items())
            when = f"{one.at.astimezone(TIME_ZONE):%d %b %Y %H:%M}"
            stands = "yes" if one.stands else "no"
            handed.add_row(str(one.number), when, one.by, one.name, did, stands)
        console.print(handed)


@own_commands.command()
def erase(
    measure: Measure,
    *,
    sure: Annotated[bool, typer.Option("--sure", help="It cannot be undone.")] = False,
    database: Database = None,
) -> None:
    """Erase a measure for good, with all its versions and figures. The audit keeps that it was erased."""
    from db.own.definitions import erase_measure

    if not sure:
        raise typer.BadParameter(
            "wanted --sure, because what is erased cannot be brought back", param_hint="erase"
        )
    with opened_store(database) as (store, _):
        count = erase_measure(store, measure, who())
    console.print(f"{measure} is erased, with {count:,} figures.", highlight=False, markup=False)


def _mode(*, replace: bool) -> SubmissionMode:
    return SubmissionMode.REPLACE if replace else SubmissionMode.ADD


def _raw(file: Path) -> RawFile:
    from db.reading.files import RawFile, UnreadableFileError
    from db.reading.lists import LARGEST_LIST

    try:
        if file.stat().st_size > LARGEST_LIST:
            raise UnreadableFileError(f"{file.name}: wanted at most {LARGEST_LIST:,} bytes")
        return RawFile(file.name, file.read_bytes())
    except OSError as error:
        raise UnreadableFileError(f"{file.name} cannot be read: {error.strerror or error}") from error


def _show(found: HandedIn, *, as_json: bool = False) -> None:
    from db.own.told import told_as_json, told_in_lines

    if as_json:
        sys.stdout.write(f"{told_as_json(found)}\n")
        return
    for line in told_in_lines(found):
        console.print(line, highlight=False, markup=False)
