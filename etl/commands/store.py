"""`python -m etl store`: the store as a whole, copied or kept in parts; `prune`: what is past its time."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from etl.commands.terminal import Database, console, opened_store, plain, who

if TYPE_CHECKING:
    from rich.table import Table

    from db.service.retention import RetainedAmount, RetentionPlan
    from db.store.partitions import PartitionStatus

store_commands = typer.Typer(
    name="store", help="The store as a whole: copy it, keep it in parts.", no_args_is_help=True
)


@store_commands.command("partition")
def partition_command(
    *,
    anyway: Annotated[bool, typer.Option("--anyway", help="Whatever the table's size.")] = False,
    database: Database = None,
) -> None:
    """Keep observations in parts, one for each source (PostgreSQL, from 50 million rows on). Loads and pages go on."""
    from db.store.partitions import WORTH_IT_ROWS, partition, read_layout

    with opened_store(database) as (store, _):
        before = read_layout(store)
        if before.done:
            console.print(f"The table is in parts already: {_parts(before)}. Nothing was changed.")
        elif before.rows < WORTH_IT_ROWS and not anyway:
            console.print(
                f"The table holds about {before.rows:,} rows. Parts pay from {WORTH_IT_ROWS:,} on. "
                "Nothing was changed; --anyway does it all the same.",
                highlight=False,
            )
        else:
            if before.parts:
                new = ", ".join(before.unplaced)
                console.print(f"Without a part of their own so far: {new}.")
            console.print(f"The table is in parts: {_parts(partition(store, by=who()))}.")


@store_commands.command("copy")
def copy_command(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="An empty PostgreSQL database.")],
    database: Database = None,
) -> None:
    """Copy the whole store into an empty PostgreSQL database: the way from SQLite to several machines."""
    from db.store import open_store
    from db.store.copying import copy_store

    with opened_store(database) as (store, _), closing(open_store(to)) as target:
        count = copy_store(store, target)
        console.print(f"{count:,} observations, and all else that the store holds, are in {target.label}.")


def prune(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without, only say what would go.")] = False,
    database: Database = None,
) -> None:
    """Say what is older than the settings keep it, and with --yes remove it. The scheduler does so once a night."""
    from datetime import UTC, datetime

    from db.service.retention import clear, retention_plan

    with opened_store(database, to_read=not yes) as (store, settings):
        now = datetime.now(UTC)
        if yes:
            plan = clear(store, settings, by=who(), at=now)
        else:
            with store.reading() as connection:
                plan = retention_plan(connection, settings, now)
    console.print(_retention_table(plan, removed=yes))
    for path in (*plan.files, *plan.uploads):
        plain(console, f"  {path}")
    if plan.empty:
        console.print("Nothing is past its time.")
    elif not yes:
        console.print("Nothing was removed. Remove it with: python -m etl prune --yes")


def _retention_table(plan: RetentionPlan, *, removed: bool) -> Table:
    from rich.table import Table

    table = Table("What", "Kept", "Now", "Removed" if removed else "Would go")
    for item in plan.kinds:
        kept = f"{item.days} day{'' if item.days == 1 else 's'}" if item.days else "for ever"
        table.add_row(item.kind.value, kept, _amount_words(item.now), _amount_words(item.goes))
    return table


def _amount_words(amount: RetainedAmount) -> str:
    size = f", {amount.size / 1e6:,.1f} MB" if amount.size else ""
    return f"{amount.count:,}{size}"


def _parts(layout: PartitionStatus) -> str:
    return ", ".join(sorted(layout.parts))
