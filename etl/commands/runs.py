"""`python -m etl request`, `cancel`, `runs` and `status`: the refresh service from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from db.domain import RunState
from etl.commands.terminal import Database, SourceArgument, console, opened_store, plain, who
from etl.registry import source_by_id

if TYPE_CHECKING:
    from db.store import Store

RunArgument = Annotated[int, typer.Argument(metavar="RUN", help="The number that `runs` shows.")]


def request(source: SourceArgument, database: Database = None) -> None:
    """Ask the scheduler for a refresh of a source, and do not wait for it."""
    from db.service.queue import request_run

    with opened_store(database) as (store, _):
        run_id = request_run(store, source_by_id(source).id, trigger="command", by=who())
        console.print(f"Run {run_id} is in the queue.", highlight=False)


def cancel(run: RunArgument, database: Database = None) -> None:
    """Cancel a run: a waiting one at once, a running one as soon as the scheduler has stopped it."""
    from db.service.queue import request_cancel

    with opened_store(database) as (store, _):
        state = request_cancel(store, run, by=who())
        done = "is cancelled" if state is RunState.CANCELLED else "will be stopped"
        console.print(f"Run {run} {done}.", highlight=False)


def runs_command(
    run: Annotated[int | None, typer.Argument(metavar="[RUN]", help="One run with its log.")] = None,
    *,
    source: Annotated[str | None, typer.Option("--source", metavar="S", help="Of one source.")] = None,
    state: Annotated[RunState | None, typer.Option("--state", help="In one state.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many.")] = 20,
    database: Database = None,
) -> None:
    """Show the last runs, or one with its log and findings."""
    from db.service.queue import places
    from db.service.runs import queue, recent_runs
    from etl.commands.status import print_run

    with opened_store(database, to_read=True) as (store, _):
        if run is not None:
            _show_run(store, run)
            return
        with store.reading() as connection:
            found = recent_runs(connection, limit, state=state, source=source)
            waiting = places(queue(connection))
        if not found:
            console.print("No such run.")
        for item in found:
            print_run(console, item, waiting.get(item.id))


def _show_run(store: Store, run_id: int) -> None:
    from db.domain.timing import TIME_ZONE
    from db.service.queue import QueueError, places
    from db.service.runs import findings_of, queue, run_by_id, run_log_of
    from etl.commands.status import print_run

    with store.reading() as connection:
        run, waiting = run_by_id(connection, run_id), places(queue(connection))
        lines, findings = run_log_of(connection, run_id), findings_of(connection, run_id)
    if run is None:
        raise QueueError(f"there is no run {run_id}")
    print_run(console, run, waiting.get(run.id))
    for line in lines:
        plain(console, f"     {line.at.astimezone(TIME_ZONE):%H:%M:%S} {line.level.lower():7} {line.message}")
    for item in findings:
        about = f"{item.file_name}: " if item.file_name else ""
        plain(console, f"     {item.finding.severity}: {about}{item.finding.check}: {item.finding.message}")


def status_command(
    *,
    json_output: Annotated[bool, typer.Option("--json", help="For a monitoring system.")] = False,
    database: Database = None,
) -> None:
    """Show who leads, what waits, how fresh each source is and how the last runs ended."""
    from etl.commands.status import as_json, print_status, read_service_status

    with opened_store(database, to_read=True) as (store, settings):
        found = read_service_status(store, settings)
        if json_output:
            typer.echo(json.dumps(as_json(found), indent=2))
        else:
            print_status(console, found)
