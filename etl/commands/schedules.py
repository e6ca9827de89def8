"""`python -m etl schedules`: when sources are refreshed, and who changed that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from etl.commands.terminal import Database, SourceArgument, console, local, opened_store, plain, who
from etl.registry import SOURCES, source_by_id
from etl.source import SourceError

if TYPE_CHECKING:
    from db.domain.timing import ScheduleDefinition
    from db.store import Store

SHOWN_TIMES = 5

schedule_commands = typer.Typer(
    name="schedules",
    help="When sources are refreshed: show, set, pause, resume, and what was changed by whom.",
    invoke_without_command=True,
)


@schedule_commands.callback()
def show(context: typer.Context, database: Database = None) -> None:
    """Show every schedule with its next times."""
    from rich.table import Table

    from db.service import schedules as stored

    if context.invoked_subcommand is not None:
        return
    with opened_store(database, to_read=True) as (store, settings):
        table = Table("Source", "Schedule", "Next", "Version", "Last changed")
        for item in stored.with_seeds(stored.schedules(store), settings.schedules):
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
    from db.service import schedules as stored

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
    from db.domain.timing import ScheduleError, read_definition
    from db.settings import SettingsError

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
    from db.domain.timing import TIME_ZONE, next_times
    from db.service.runs import last_found

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
    from db.service import schedules as stored

    with opened_store(database) as (store, settings):
        stored.seed_schedules(store, settings.schedules)
        item = stored.set_enabled(store, source, enabled=enabled, by=who())
        plain(console, f"{item.source}: {item.words}")


@schedule_commands.command("changes")
def changes_command(
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]")] = None, database: Database = None
) -> None:
    """Show who changed which schedule, when, from what and to what."""
    from db.service import schedules as stored

    with opened_store(database, to_read=True) as (store, _):
        if source is not None and source not in SOURCES:
            raise SourceError(f"wanted one of the sources {', '.join(SOURCES)}, found {source!r}")
        for item in stored.changes(store, source):
            words = f"from {item.before} to {item.after}" if item.before else item.after
            plain(console, f"{local(item.changed_at)}  {item.source}, by {item.changed_by}: {words}")
