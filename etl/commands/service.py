"""The commands of the refresh service: the scheduler, its queue and runs, and the schedules."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from db.domain import RunState
from db.domain.timing import TIME_ZONE, ScheduleDefinition, ScheduleError, next_times, read_definition
from db.service import schedules as stored
from db.service.queue import QueueError, request_cancel, request_run
from db.service.runs import findings_of, last_found, recent_runs, run_by_id, run_log_of
from db.settings import SettingsError, load_settings
from db.store import Store, open_store
from etl.commands.status import as_json, local, plain, print_run, print_status, read_status
from etl.commands.terminal import Database, console, opened_store, plainly, who
from etl.registry import SOURCES, source_by_id
from etl.service.scheduler import run_scheduler
from etl.service.worker import end_with_leader
from etl.service.worker import work as work_on
from etl.source import SourceError

SHOWN_TIMES = 5

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help=f"One of: {', '.join(SOURCES)}.")]
RunArgument = Annotated[int, typer.Argument(metavar="RUN", help="The number that `runs` shows.")]

schedule_commands = typer.Typer(
    name="schedules",
    help="When sources are refreshed: show, set, pause, resume, and what was changed by whom.",
    invoke_without_command=True,
)


def add_commands(application: typer.Typer) -> None:
    """Add the service's commands to `python -m etl`."""
    application.command()(schedule)
    application.command(hidden=True)(work)
    application.command()(request)
    application.command()(cancel)
    application.command()(runs)
    application.command()(status)
    application.add_typer(schedule_commands)


def schedule(database: Database = None) -> None:
    """Run the scheduler. Several may run on one store: one leads, the others wait and take over."""
    _log_to_stderr("%(asctime)s %(levelname)s %(message)s")
    with opened_store(database) as (store, settings):
        run_scheduler(store, settings)


def work(run_id: int, attempt: int) -> None:
    """Do one attempt of a run: the scheduler begins it, and it ends with the scheduler."""
    _log_to_stderr(f"%(asctime)s %(levelname)s run {run_id}: %(message)s")
    end_with_leader()
    with plainly():
        settings = load_settings()
        store = open_store(settings.database_url, prepare=False)
        try:
            outcome = work_on(store, settings, run_id, attempt)
        finally:
            store.close()
    raise typer.Exit(outcome)


def _log_to_stderr(form: str) -> None:
    logging.basicConfig(level=logging.INFO, format=form, stream=sys.stderr)
    for name in ("alembic", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def request(source: SourceArgument, database: Database = None) -> None:
    """Ask the scheduler for a refresh of a source, and do not wait for it."""
    with opened_store(database) as (store, _):
        run_id = request_run(store, source_by_id(source).id, trigger="command", by=who())
        console.print(f"Run {run_id} is in the queue.", highlight=False)


def cancel(run: RunArgument, database: Database = None) -> None:
    """Cancel a run: a waiting one at once, a running one as soon as the scheduler has stopped it."""
    with opened_store(database) as (store, _):
        state = request_cancel(store, run, by=who())
        done = "is cancelled" if state is RunState.CANCELLED else "will be stopped"
        console.print(f"Run {run} {done}.", highlight=False)


def runs(
    run: Annotated[int | None, typer.Argument(metavar="[RUN]", help="One run with its log.")] = None,
    *,
    source: Annotated[str | None, typer.Option("--source", metavar="S", help="Of one source.")] = None,
    state: Annotated[RunState | None, typer.Option("--state", help="In one state.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many.")] = 20,
    database: Database = None,
) -> None:
    """Show the last runs, or one with its log and findings."""
    with opened_store(database) as (store, _):
        if run is not None:
            _show_run(store, run)
            return
        with store.reading() as connection:
            found = recent_runs(connection, limit, state=state, source=source)
        if not found:
            console.print("No such run.")
        for item in found:
            print_run(console, item)


def _show_run(store: Store, run_id: int) -> None:
    with store.reading() as connection:
        run = run_by_id(connection, run_id)
        lines, findings = run_log_of(connection, run_id), findings_of(connection, run_id)
    if run is None:
        raise QueueError(f"there is no run {run_id}")
    print_run(console, run)
    for line in lines:
        plain(console, f"     {line.at.astimezone(TIME_ZONE):%H:%M:%S} {line.level.lower():7} {line.message}")
    for item in findings:
        about = f"{item.file_name}: " if item.file_name else ""
        plain(console, f"     {item.finding.severity}: {about}{item.finding.check}: {item.finding.message}")


def status(
    *,
    json_output: Annotated[bool, typer.Option("--json", help="For a monitoring system.")] = False,
    database: Database = None,
) -> None:
    """Show who leads, what waits, how fresh each source is and how the last runs ended."""
    with opened_store(database) as (store, settings):
        stored.seed_schedules(store, settings.schedules)
        found = read_status(store)
        if json_output:
            typer.echo(json.dumps(as_json(found), indent=2))
        else:
            print_status(console, found)


# Schedules


@schedule_commands.callback()
def show(context: typer.Context, database: Database = None) -> None:
    """Show every schedule with its next times."""
    if context.invoked_subcommand is not None:
        return
    with opened_store(database) as (store, settings):
        stored.seed_schedules(store, settings.schedules)
        table = Table("Source", "Schedule", "Next", "Version", "Last changed")
        for item in stored.schedules(store):
            known = item.source if item.source in SOURCES else f"{item.source} (no such source)"
            following = _next_times(store, item.source, item.definition)[:1] if item.definition else []
            changed = f"{local(item.changed_at)} by {item.changed_by}"
            shown = following[0] if following and item.enabled else "none"
            table.add_row(known, item.words, shown, str(item.version), changed)
        console.print(table)


@schedule_commands.command("set")
def set_schedule(
    source: SourceArgument,
    *,
    cron: Annotated[str | None, typer.Option(help="A cron line, in London time.")] = None,
    week: Annotated[int | None, typer.Option(help="Usual day: 1 to 4, or 5 for the month's last.")] = None,
    weekday: Annotated[str | None, typer.Option(help="Usual day: Monday to Sunday.")] = None,
    time: Annotated[str | None, typer.Option(help="Usual day: HH:MM.")] = None,
    then_every_hours: Annotated[float | None, typer.Option(help="Usual day: look again.")] = None,
    until_found_days: Annotated[float | None, typer.Option(help="Usual day: for how long.")] = None,
    grace_hours: Annotated[float | None, typer.Option(help="How late a missed time may be run.")] = None,
    catch_up: Annotated[str | None, typer.Option(help="latest, all or none of the missed times.")] = None,
    timeout_minutes: Annotated[float | None, typer.Option(help="When a run is stopped.")] = None,
    attempts: Annotated[int | None, typer.Option(help="For faults that pass by themselves.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the next times; save nothing.")] = False,
    database: Database = None,
) -> None:
    """Change a source's schedule. What is not given stays as it is."""
    given: dict[str, object] = {
        "cron": cron,
        "week": week,
        "weekday": weekday.capitalize() if weekday else None,
        "time": time,
        "then_every_hours": then_every_hours,
        "until_found_days": until_found_days,
        "grace_hours": grace_hours,
        "catch_up": catch_up,
        "timeout_minutes": timeout_minutes,
        "attempts": attempts,
    }
    edits = {name: value for name, value in given.items() if value is not None}
    with opened_store(database) as (store, settings):
        stored.seed_schedules(store, settings.schedules)
        known = source_by_id(source).id
        with store.reading() as connection:
            before = stored.schedule_of(connection, known)
        definition = _edited(before.definition if before else None, edits)
        if not dry_run:
            version = before.version if before else 0
            stored.save_schedule(store, known, definition, by=who(), version=version)
        plain(console, f"{known}: {definition.words}" + (" (not saved)" if dry_run else ""))
        for line in _next_times(store, known, definition):
            plain(console, f"  {line}")


def _edited(before: ScheduleDefinition | None, edits: dict[str, object]) -> ScheduleDefinition:
    """A definition with some fields changed; a cron line and a usual day's fields say which kind it becomes."""
    fields: dict[str, object] = before.model_dump(mode="json") if before else {}
    if "cron" in edits:
        usual = ("week", "weekday", "time", "then_every_hours", "until_found_days")
        fields = {name: value for name, value in fields.items() if name not in usual} | {"kind": "cron"}
    elif edits.keys() & {"week", "weekday", "time"}:
        fields = {name: value for name, value in fields.items() if name != "cron"} | {"kind": "usual day"}
    try:
        return read_definition(fields | edits)
    except ScheduleError as error:
        raise SettingsError(str(error)) from error


def _next_times(store: Store, source: str, definition: ScheduleDefinition) -> list[str]:
    with store.reading() as connection:
        found_at = last_found(connection, source)
    times = next_times(definition, SHOWN_TIMES, datetime.now(UTC), found_at=found_at)
    return [f"{moment.astimezone(TIME_ZONE):%a %d %b %Y %H:%M %Z}" for moment in times]


@schedule_commands.command()
def pause(source: str, database: Database = None) -> None:
    """Stop a schedule until it is resumed. What it misses meanwhile is not caught up."""
    _switch(source, database, enabled=False)


@schedule_commands.command()
def resume(source: str, database: Database = None) -> None:
    """Let a paused schedule run again from now on."""
    _switch(source, database, enabled=True)


def _switch(source: str, database: str | None, *, enabled: bool) -> None:
    with opened_store(database) as (store, settings):
        stored.seed_schedules(store, settings.schedules)
        item = stored.set_enabled(store, source, enabled=enabled, by=who())
        plain(console, f"{item.source}: {item.words}")


@schedule_commands.command()
def changes(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]")] = None, database: Database = None
) -> None:
    """Show who changed which schedule, when, from what and to what."""
    with opened_store(database) as (store, _):
        if source is not None and source not in SOURCES:
            raise SourceError(f"wanted one of the sources {', '.join(SOURCES)}, found {source!r}")
        for item in stored.changes(store, source):
            words = f"from {item.before} to {item.after}" if item.before else item.after
            plain(console, f"{local(item.changed_at)}  {item.source}, by {item.changed_by}: {words}")
