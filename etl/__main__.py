"""`python -m etl`: the commands, composed."""

from __future__ import annotations

import typer

from etl.commands.backfill import backfill_command
from etl.commands.boundaries import boundaries_command
from etl.commands.decisions import add_decision_commands
from etl.commands.demo import demo
from etl.commands.files.held import held_commands
from etl.commands.files.own import own_commands
from etl.commands.files.plan import plan_commands
from etl.commands.files.undo import files_command, put_back_command, undo_command
from etl.commands.follow.team import team_commands
from etl.commands.load import check_command, discover_command, load, refresh
from etl.commands.operator import operator_commands
from etl.commands.reference import organisations_command
from etl.commands.runs import cancel, request, runs_command, status_command
from etl.commands.scheduler import notify, schedule, work_command
from etl.commands.schedules import schedule_commands
from etl.commands.store import prune, store_commands

application = typer.Typer(
    help="Load published NHS statistics into the store, on request or on schedule.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (
    backfill_command,
    held_commands,
    operator_commands,
    own_commands,
    plan_commands,
    store_commands,
    team_commands,
):
    application.add_typer(group)
application.command()(schedule)
application.command("work", hidden=True)(work_command)
application.command()(request)
application.command()(cancel)
application.command("runs")(runs_command)
application.command("status")(status_command)
application.add_typer(schedule_commands)
add_decision_commands(application)
application.command("boundaries")(boundaries_command)
application.command()(notify)
application.command()(prune)
application.command()(load)
application.command("files")(files_command)
application.command("undo")(undo_command)
application.command("put-back")(put_back_command)
application.command("check")(check_command)
application.command()(refresh)
application.command("discover")(discover_command)
application.command()(demo)
application.command("organisations")(organisations_command)


if __name__ == "__main__":
    application()
