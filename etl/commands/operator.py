"""`python -m etl operator`: who may sign in to change something, and what."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from db.domain.people.role import Role
from etl.commands.terminal import Database, console, opened_store, who

operator_commands = typer.Typer(
    name="operator",
    help="Who may sign in on the site to change something, and in which role: add, role, disable, sign out, list.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with: small letters.")]
_ROLES = ", ".join(role.word for role in Role)
Organisations = Annotated[
    list[str] | None,
    typer.Option(
        "--organisation",
        metavar="CODE",
        help="An organisation or area that they may write about; repeat for several. Without: all of them.",
    ),
]


@operator_commands.command()
def add(
    name: Name,
    *,
    role: Annotated[
        str | None, typer.Option("--role", help=f"One of: {_ROLES}. A new account is an operator's without.")
    ] = None,
    organisation: Organisations = None,
    from_input: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    database: Database = None,
) -> None:
    """Make an account, or give one a new password. It is asked for twice and never shown."""
    from db.service.operators import add_operator

    given = _role(role) if role is not None else None
    password = sys.stdin.readline().rstrip("\r\n") if from_input else _asked()
    with opened_store(database) as (store, _):
        add_operator(store, name, password, by=who(), role=given, organisations=organisation or ())
    console.print(f"{name} may sign in.")


@operator_commands.command("role")
def role_command(
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"One of: {_ROLES}.")],
    organisation: Organisations = None,
    database: Database = None,
) -> None:
    """Give somebody another role, from their next click on, and say which organisations they may write about."""
    from db.service.operators import set_role

    given, about = _role(role), organisation or []
    with opened_store(database) as (store, _):
        set_role(store, name, given, about, by=who())
    told = f" for {', '.join(sorted(about))}" if about else ""
    console.print(f"{name} has the role {given.word}{told}.", highlight=False)


def _role(word: str) -> Role:
    try:
        return Role.of_word(word)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _asked() -> str:
    password: str = typer.prompt(
        "Password (12 characters or more)", hide_input=True, confirmation_prompt=True
    )
    return password


@operator_commands.command()
def disable(name: Name, database: Database = None) -> None:
    """Let somebody in no more, from their next click on."""
    from db.service.operators import disable_operator

    with opened_store(database) as (store, _):
        disable_operator(store, name, by=who())
    console.print(f"{name} may no longer sign in.")


@operator_commands.command("sign-out")
def sign_out_command(name: Name, database: Database = None) -> None:
    """End somebody's sessions in every browser. They may sign in again."""
    from db.service.operators import sign_out_everywhere

    with opened_store(database) as (store, _):
        ended = sign_out_everywhere(store, name, by=who())
    console.print(f"{name} is signed out of {ended} browser{'' if ended == 1 else 's'}.", highlight=False)


@operator_commands.command("list")
def list_operators(database: Database = None) -> None:
    """Show who may sign in, in which role, and who no longer may."""
    from rich.table import Table

    from db.domain.timing import TIME_ZONE
    from db.service.operators import operators

    with opened_store(database, to_read=True) as (store, _):
        with store.reading() as connection:
            known = operators(connection)
        if not known:
            console.print("There is no operator. Make one with: python -m etl operator add NAME")
            return
        table = Table("Name", "Role", "Writes about", "Made", "May sign in")
        for item in known:
            made = f"{item.created_at.astimezone(TIME_ZONE):%d %b %Y}"
            about = ", ".join(sorted(item.organisations)) or "all"
            writes = about if item.role >= Role.EDITOR else "nothing"
            table.add_row(item.name, item.role.word, writes, made, "no" if item.disabled_at else "yes")
        console.print(table)
