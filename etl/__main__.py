"""The commands of `python -m etl`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from db.catalogue.former_ccgs import FORMER_CCGS
from db.catalogue.organisation_files import read_organisations
from db.domain import Maturity, Period
from etl.commands.backfill import backfill_command
from etl.commands.boundaries import boundaries
from etl.commands.decisions import add_decision_commands
from etl.commands.held import held_commands
from etl.commands.notify import notify
from etl.commands.operator import operator_commands
from etl.commands.report import print_summary
from etl.commands.service import add_commands
from etl.commands.store import store_commands
from etl.commands.terminal import Database, console, end, opened_store, plainly, who
from etl.demo import run_demonstration
from etl.demo.publication import Part, Size
from etl.pipeline.progress import ProgressBar
from etl.pipeline.run import check_files, load_files, refresh_source
from etl.reference import former_ccgs
from etl.reference.organisations import find_files, regenerate
from etl.registry import SOURCES, located_source
from etl.source import Hints, SourceError

application = typer.Typer(
    help="Load published NHS statistics into the store, on request or on schedule.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files, or folders of files.")]
SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="S", help=f"One of: {', '.join(SOURCES)}.")
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period", metavar="P", help="For a file that does not say: 2024-03, or 2024-04-30 for a snapshot."
    ),
]
PublishedOption = Annotated[
    datetime | None,
    typer.Option("--published-on", formats=["%Y-%m-%d"], help="The day the publisher released the file."),
]
MaturityOption = Annotated[
    str | None, typer.Option("--maturity", metavar="M", help="provisional, final or revised.")
]

for command in (backfill_command, held_commands, operator_commands, store_commands):
    application.add_typer(command)
add_commands(application)
add_decision_commands(application)
application.command()(boundaries)
application.command()(notify)


@application.command()
def load(
    files: Files,
    *,
    source: SourceOption = None,
    period: PeriodOption = None,
    published_on: PublishedOption = None,
    maturity: MaturityOption = None,
    database: Database = None,
) -> None:
    """Load files that someone holds. Each is recognised by its content."""
    with opened_store(database) as (store, settings):
        paths = _expand(files)
        hints = _hints(period, published_on, maturity)
        with ProgressBar(console, "Loading") as bar:
            summary = load_files(
                store, paths, settings, source_id=source, hints=hints, requested_by=who(), progress=bar
            )
        end(summary)


@application.command()
def check(
    files: Files,
    *,
    source: SourceOption = None,
    period: PeriodOption = None,
    published_on: PublishedOption = None,
    maturity: MaturityOption = None,
    database: Database = None,
) -> None:
    """Parse and validate files, and load nothing."""
    with opened_store(database) as (store, _):
        hints = _hints(period, published_on, maturity)
        end(check_files(store, _expand(files), source_id=source, hints=hints), checked=True)


@application.command()
def refresh(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="One source; all without.")] = None,
    database: Database = None,
) -> None:
    """Discover, fetch and load what is new."""
    with opened_store(database) as (store, settings):
        chosen = [located_source(name, settings) for name in ([source] if source else SOURCES)]
        failed = False
        for item in chosen:
            with ProgressBar(console, item.name) as bar:
                summary = refresh_source(
                    store, item, settings, trigger="command", requested_by=who(), progress=bar
                )
            print_summary(console, summary)
            failed = failed or summary.failed
        if failed:
            raise typer.Exit(1)


@application.command()
def demo(
    *,
    size: Annotated[
        Size, typer.Option(help="Kent and Medway with its neighbours, England, or ten years of England.")
    ] = Size.STANDARD,
    part: Annotated[
        Part, typer.Option(help="What every page needs first, what is older, or both.")
    ] = Part.ALL,
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day as at which figures are published."),
    ] = None,
    database: Database = None,
) -> None:
    """Fill a store that has no real figures with the demonstration edition: invented numbers, marked as such."""
    day = today.date() if today else None
    with opened_store(database) as (store, settings), ProgressBar(console, "Demonstration data") as bar:
        summary = run_demonstration(store, settings=settings, size=size, part=part, today=day, progress=bar)
    end(summary)


@application.command()
def organisations(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the ODS files.")],
    out: Annotated[Path, typer.Option(help="Where to write the catalogue's files.")] = Path("db/catalogue"),
) -> None:
    """Regenerate the catalogue of organisations from ODS files (etr, eccg, epraccur, successors), for review."""
    with plainly():
        for name, rows in regenerate(find_files(folder), out).items():
            console.print(f"{name}: {rows} rows")
        known, successions = read_organisations(out)
        placed = former_ccgs.regenerate(former_ccgs.find_practice_files(folder), out, known, successions)
        console.print(f"{FORMER_CCGS}: {placed} rows")


def _expand(files: list[Path]) -> list[Path]:
    """The files named, and those inside the folders named, in order."""
    return [
        path
        for named in files
        for path in (sorted(p for p in named.rglob("*") if p.is_file()) if named.is_dir() else [named])
    ]


def _hints(period: str | None, published_on: datetime | None, maturity: str | None) -> Hints:
    return Hints(
        period=_period(period) if period else None,
        published_on=published_on.date() if published_on else None,
        maturity=_maturity(maturity) if maturity else None,
    )


def _period(text: str) -> Period:
    try:
        if text.count("-") == 1:
            return Period.month(*map(int, text.split("-")))
        return Period.snapshot(date.fromisoformat(text))
    except ValueError:
        raise SourceError(f"--period: wanted 2024-03 or 2024-04-30, found {text!r}") from None


def _maturity(text: str) -> Maturity:
    try:
        return Maturity[text.upper()]
    except KeyError:
        raise SourceError(f"--maturity: wanted provisional, final or revised, found {text!r}") from None


if __name__ == "__main__":
    application()
