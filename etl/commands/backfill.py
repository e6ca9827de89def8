"""`python -m etl backfill`: past months of a source, planned and loaded."""

from __future__ import annotations

from typing import Annotated

import typer

from etl.commands.terminal import Database, console, end, opened_store, who
from etl.registry import SOURCES

backfill_command = typer.Typer()


@backfill_command.command("backfill")
def run_backfill(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help=f"One of: {', '.join(SOURCES)}.")],
    *,
    first: Annotated[str, typer.Option("--from", metavar="MONTH", help="The first month, such as 2022-04.")],
    last: Annotated[str, typer.Option("--to", metavar="MONTH", help="The last month, such as 2026-08.")],
    every: Annotated[bool, typer.Option("--all", help="Files that are held too, if they changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be loaded.")] = False,
    database: Database = None,
) -> None:
    """Load what the publisher offers of past months. Stopped half-way, it goes on when it is asked for again."""
    from etl.pipeline import backfill
    from etl.pipeline.backfill import Mode
    from etl.pipeline.progress import ProgressBar

    with opened_store(database) as (store, settings):
        planned = backfill.plan(
            store,
            settings,
            source,
            backfill.parse_month(first),
            backfill.parse_month(last),
            mode=Mode.ALL if every else Mode.MISSING,
        )
        for line in planned.lines():
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        if dry_run:
            for finding in planned.findings:
                text = f"{finding.severity}: {finding.message}"
                console.print(text, markup=False, highlight=False, soft_wrap=True)
            return
        with ProgressBar(console, f"Backfill of {planned.source.name}") as bar:
            summary = backfill.run(store, settings, planned, bar, by=who())
    end(summary)
