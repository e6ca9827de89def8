"""`python -m etl`: the commands, composed."""

from __future__ import annotations

import typer

from etl.commands.backfill import backfill_command
from etl.commands.decisions import add_decision_commands
from etl.commands.demo import demo
from etl.commands.held import held_commands
from etl.commands.load import check, discover, load, refresh
from etl.commands.operator import operator_commands
from etl.commands.reference import boundaries, organisations
from etl.commands.runs import cancel, request, runs, status
from etl.commands.scheduler import notify, schedule, work
from etl.commands.schedules import schedule_commands
from etl.commands.store import store_commands

application = typer.Typer(
    help="Load published NHS statistics into the store, on request or on schedule.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (backfill_command, held_commands, operator_commands, store_commands):
    application.add_typer(group)
application.command()(schedule)
application.command(hidden=True)(work)
application.command()(request)
application.command()(cancel)
application.command()(runs)
application.command()(status)
application.add_typer(schedule_commands)
add_decision_commands(application)
application.command()(boundaries)
application.command()(notify)
application.command()(load)
application.command()(check)
application.command()(refresh)
application.command()(discover)
application.command()(demo)
application.command()(organisations)


if __name__ == "__main__":
    application()
