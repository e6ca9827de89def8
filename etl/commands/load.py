"""`python -m etl load`, `check`, `refresh`, `discover`: files in hand, and what a publisher has that is new."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from db.domain import Maturity, Period
from etl.commands.terminal import Database, console, end, error_console, opened_store, plain, plainly, who
from etl.registry import SOURCES, located_source
from etl.source import Hints, SourceError

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

_LEFT_BEHIND_STARTS = (".", "~$")
_LEFT_BEHIND = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r"})


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
    from etl.pipeline.progress import ProgressBar
    from etl.pipeline.run import load_files
    from etl.service.worker import limited_memory

    with opened_store(database) as (store, settings), limited_memory(settings.scheduler.memory_megabytes):
        paths = _expand(files)
        hints = hints_of(period, published_on, maturity)
        with ProgressBar(console, "Loading") as bar:
            summary = load_files(
                store, paths, settings, source_id=source, hints=hints, requested_by=who(), progress=bar
            )
        end(summary)


def check_command(
    files: Files,
    *,
    source: SourceOption = None,
    period: PeriodOption = None,
    published_on: PublishedOption = None,
    maturity: MaturityOption = None,
    database: Database = None,
) -> None:
    """Parse and validate files, and load nothing."""
    from etl.pipeline.run import check_files
    from etl.service.worker import limited_memory

    with opened_store(database) as (store, settings), limited_memory(settings.scheduler.memory_megabytes):
        hints = hints_of(period, published_on, maturity)
        paths = _expand(files)
        summary = check_files(store, paths, source_id=source, hints=hints, area=settings.own_area.codes)
        end(summary, checked=True)


def _expand(files: list[Path]) -> list[Path]:
    """The files named, and those inside the folders named, in order.

    What systems leave in folders is passed over there and said; named on its own it is a file like any other.
    """
    from db.reading.spreadsheets import listed

    paths: list[Path] = []
    left: list[str] = []
    for named in files:
        if not named.is_dir():
            paths.append(named)
            continue
        for path in sorted(path for path in named.rglob("*") if path.is_file()):
            is_left = any(map(_is_left_behind, path.relative_to(named).parts))
            if is_left:
                left.append(path.name)
            else:
                paths.append(path)
    if left:
        console.print(
            f"Passed over, for systems leave such files in folders: {listed(left)}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    return paths


def _is_left_behind(part: str) -> bool:
    """Whether a file's or folder's name is one that a system or an open program keeps beside people's files."""
    return part.startswith(_LEFT_BEHIND_STARTS) or part.casefold() in _LEFT_BEHIND


def hints_of(period: str | None, published_on: datetime | None, maturity: str | None) -> Hints:
    """What a person says of a file at the terminal. Raises SourceError for what is no period or no maturity."""
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


def refresh(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="One source; all without.")] = None,
    database: Database = None,
) -> None:
    """Discover, fetch and load what is new."""
    from etl.commands.report import print_summary
    from etl.pipeline.progress import ProgressBar
    from etl.pipeline.run import refresh_source

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


def discover_command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help=f"One of: {', '.join(SOURCES)}.")],
    *,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FOLDER", help="Write the pages there, to send or to keep."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Read pages saved there, by --save or with a browser."),
    ] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day as on which the pages are read.")
    ] = None,
) -> None:
    """Say what a publisher's pages offer now, and fetch and load nothing. Ends with 1 where something is amiss."""
    from db.settings import load_settings
    from etl.pipeline.offer import publisher_offer, saved_offer
    from etl.pipeline.pages import save_pages

    with plainly():
        settings = load_settings()
        known, day = located_source(source, settings), today.date() if today else None
        offer = saved_offer(known, folder, day) if folder else publisher_offer(known, settings, day)
        for line in offer.lines():
            plain(console, line)
        if save:
            paths = save_pages(offer.pages, save, offer.day)
            console.print(
                f"Saved: {len(paths) - 1} pages and their index in {save}", markup=False, highlight=False
            )
    if offer.failed:
        error_console.print("Not all is as it should be: see the errors above.")
        raise typer.Exit(1)
