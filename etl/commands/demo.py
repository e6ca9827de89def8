"""`python -m etl demo`: the demonstration edition."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from etl.commands.terminal import (
    Database,
    UntilInputCloses,
    console,
    end,
    opened_store,
    stop_when_input_closes,
)
from etl.demo.publication import Part, Size


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
    until_input_closes: UntilInputCloses = False,
) -> None:
    """Fill a store that has no real figures with the demonstration edition: invented numbers, marked as such."""
    if until_input_closes:
        from db.service.processes import give_way

        stop_when_input_closes()
        give_way()
    from etl.demo.edition import run_demonstration
    from etl.pipeline.progress import ProgressBar

    day = today.date() if today else None
    with opened_store(database) as (store, settings), ProgressBar(console, "Demonstration data") as bar:
        summary = run_demonstration(store, settings=settings, size=size, part=part, today=day, progress=bar)
    end(summary)
