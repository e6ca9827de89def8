"""`python -m etl team`: which teams are told what is new, and how the last messages went."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from etl.commands.terminal import Database, console, opened_store, who

team_commands = typer.Typer(
    name="team", help="Teams that are told what is new: add, remove, list.", no_args_is_help=True
)

TeamName = Annotated[str, typer.Argument(metavar="NAME", help="What the team is called.")]


@team_commands.command("add")
def add_team_command(
    name: TeamName,
    address: Annotated[
        str,
        typer.Argument(metavar="URL", help="Where to write to, as apprise writes it; - reads it from input."),
    ],
    database: Database = None,
) -> None:
    """Tell a team from now on; of one that is there the address is changed. The address is kept encrypted."""
    import sys

    from apprise import Apprise

    from db.service.follow.addresses import address_key
    from db.service.follow.teams import TeamError, add_team

    given = sys.stdin.readline().strip() if address == "-" else address
    with opened_store(database) as (store, settings):
        key = address_key(settings)
        if not Apprise().add(given):
            raise TeamError("URL: wanted an address that apprise knows, found another")
        with store.writing() as connection:
            add_team(connection, key, name, given, by=who(), now=datetime.now(UTC))
    console.print(f"{name} is told what is new from now on.")


@team_commands.command("remove")
def remove_team_command(name: TeamName, database: Database = None) -> None:
    """Tell a team no more, and forget its address."""
    from db.service.follow.teams import remove_team

    with opened_store(database) as (store, _), store.writing() as connection:
        remove_team(connection, name, by=who())
    console.print(f"{name} is told no more.")


@team_commands.command("list")
def list_teams_command(database: Database = None) -> None:
    """The teams, when each was last told, and how often it has refused since. Addresses are not shown."""
    from db.service.follow.teams import teams

    with opened_store(database) as (store, _), store.reading() as connection:
        found = teams(connection)
    for item in found:
        last = (
            f"last sent {item.last_sent_at:%d %B %Y, %H:%M} UTC" if item.last_sent_at else "nothing sent yet"
        )
        console.print(f"{item.name}: {last}{f', refused {item.refused} times' if item.refused else ''}")
    if not found:
        console.print("No team is told.")
