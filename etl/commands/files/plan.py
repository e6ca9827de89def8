"""`python -m etl plan`: plans by month, checked, added and withdrawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etl.commands.terminal import Database, console, error_console, opened_store, who

if TYPE_CHECKING:
    from db.domain import Catalogue
    from db.own.plan_files import CheckedPlan

plan_commands = typer.Typer(
    name="plan",
    help="Plans by month, for an indicator and an organisation: check, add, withdraw.",
    no_args_is_help=True,
)
PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="A list as CSV UTF-8 or a workbook (xlsx).")]
PlanRole = Annotated[
    str, typer.Option("--role", help='What the person whose plan it is does, as "Planning lead": no name.')
]


@plan_commands.command("check")
def check_plan(file: PlanFile, *, database: Database = None) -> None:
    """Check a plan's file and say what it would change. Nothing is stored."""
    from db.figures.decisions.plans import plan_changes

    with opened_store(database) as (store, _):
        checked = _checked(file, store.catalogue)
        with store.reading() as connection:
            changes = plan_changes(connection, checked.values)
    for before, item in changes.changed[:20]:
        console.print(
            f"{item.indicator} {item.organisation} {item.month:%Y-%m}: {before:g} to {item.value:g}",
            highlight=False,
        )
    console.print(f"Fit to be added: {changes.words}.", highlight=False)


@plan_commands.command("add")
def add_plan_file(
    file: PlanFile,
    *,
    name: Annotated[
        str, typer.Option("--name", help='What the plan is called, as "Operating plan 2026/27".')
    ],
    role: PlanRole,
    database: Database = None,
) -> None:
    """Check a plan's file and add it: all of it, or nothing."""
    from db.figures.decisions.plans import add_plan

    with opened_store(database) as (store, _):
        checked = _checked(file, store.catalogue)
        with store.writing() as connection:
            number = add_plan(
                connection, checked.values, name=name, role=role, by=who(), file_name=checked.name
            )
    console.print(f"Plan {number} is added: {len(checked.values)} months.", highlight=False)


@plan_commands.command("withdraw")
def withdraw_added(
    number: Annotated[int, typer.Argument(metavar="N", help="The plan's number.")],
    *,
    role: PlanRole,
    database: Database = None,
) -> None:
    """Withdraw a plan: what stood before it stands again."""
    from db.figures.decisions.plans import withdraw_plan

    with opened_store(database) as (store, _), store.writing() as connection:
        withdraw_plan(connection, number, role=role, by=who())
    console.print(f"Plan {number} is withdrawn.", highlight=False)


def _checked(file: Path, catalogue: Catalogue) -> CheckedPlan:
    """What a file holds, its findings told; ends with status 1 where one of them is an error."""
    from db.own.plan_files import check_plan_file
    from db.reading.files import RawFile

    try:
        content = file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILE") from error
    checked = check_plan_file(RawFile(file.name, content), catalogue)
    for item in checked.findings.told():
        console.print(f"{item.level}: {item.where}: {item.message}", highlight=False, markup=False)
    if checked.findings.untold:
        console.print(f"... and {checked.findings.untold:,} more.", highlight=False)
    if not checked.accepted:
        errors = checked.findings.errors
        error_console.print(f"Refused: {errors:,} error{'' if errors == 1 else 's'}. Nothing is stored.")
        raise typer.Exit(1)
    return checked
