"""`python -m etl operator`: who may sign in to change something."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from etl.commands.terminal import Database, console, opened_store, who

operator_commands = typer.Typer(
    name="operator",
    help="Operators, who may sign in on the site to change something: add, disable, sign out, list.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the operator signs in with: small letters.")]


@operator_commands.command()
def add(
    name: Name,
    *,
    from_input: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    database: Database = None,
) -> None:
    """Make an operator, or give one a new password. It is asked for twice and never shown."""
    from db.service.operators import add_operator

    password = sys.stdin.readline().rstrip("\r\n") if from_input else _asked()
    with opened_store(database) as (store, _):
        add_operator(store, name, password, by=who())
    console.print(f"{name} may sign in.")


def _asked() -> str:
    password: str = typer.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    return password


@operator_commands.command()
def disable(name: Name, database: Database = None) -> None:
    """Let an operator in no more, from their next click on."""
    from db.service.operators import disable_operator

    with opened_store(database) as (store, _):
        disable_operator(store, name, by=who())
    console.print(f"{name} may no longer sign in.")


@operator_commands.command("sign-out")
def sign_out_command(name: Name, database: Database = None) -> None:
    """End an operator's sessions in every browser. They may sign in again."""
    from db.service.operators import sign_out_everywhere

    with opened_store(database) as (store, _):
        ended = sign_out_everywhere(store, name, by=who())
    console.print(f"{name} is signed out of {ended} browser{'' if ended == 1 else 's'}.", highlight=False)


@operator_commands.command("list")
def list_operators(database: Database = None) -> None:
    """Show who may sign in, and who no longer may."""
    from rich.table import Table

    from db.domain.timing import TIME_ZONE
    from db.service.operators import operators

    with opened_store(database, to_read=True) as (store, _):
        with store.reading() as connection:
            known = operators(connection)
        if not known:
            console.print("There is no operator. Make one with: python -m etl operator add NAME")
            return
        table = Table("Name", "Made", "May sign in")
        for item in known:
            made = f"{item.created_at.astimezone(TIME_ZONE):%d %b %Y}"
            table.add_row(item.name, made, "no" if item.disabled_at else "yes")
        console.print(table)
