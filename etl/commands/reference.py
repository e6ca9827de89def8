"""`python -m etl organisations`: the catalogue of organisations made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etl.commands.terminal import console, plainly


def organisations_command(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the ODS files.")],
    out: Annotated[Path, typer.Option(help="Where to write the catalogue's files.")] = Path("db/catalogue"),
    *,
    disagreements: Annotated[
        bool,
        typer.Option(
            "--disagreements", help="Write nothing: list the trusts whose vintages of etr disagree."
        ),
    ] = False,
) -> None:
    """Regenerate the catalogue of organisations from ODS files (etr, eccg, epraccur, successors), for review."""
    if disagreements:
        _list_disagreements(folder)
        return
    from db.catalogue.former_ccgs import FORMER_CCGS
    from db.catalogue.organisation_files import read_organisations
    from etl.reference import former_ccgs
    from etl.reference.ods import find_files
    from etl.reference.organisations import regenerate_organisations

    with plainly():
        for name, rows in regenerate_organisations(find_files(folder), out).items():
            console.print(f"{name}: {rows} rows")
        known, successions = read_organisations(out)
        placed = former_ccgs.regenerate_former_ccgs(
            former_ccgs.find_practice_files(folder), out, known, successions
        )
        console.print(f"{FORMER_CCGS}: {placed} rows")


def _list_disagreements(folder: Path) -> None:
    """Print each trust that a person has to look at; the command fails where one has not been reviewed."""
    from db.catalogue import load_catalogue
    from etl.reference.disagreements import disagreements
    from etl.reference.ods import find_files

    with plainly():
        found = disagreements(find_files(folder), load_catalogue().successions)
    for item in found:
        told = f"reviewed: {', '.join(item.reviewed)}" if item.reviewed else "NOT REVIEWED"
        places = (
            f"{'/'.join(place)} in {day:%B %Y}"
            for place, day in ((item.earlier, item.earlier_day), (item.later, item.later_day))
        )
        console.print(f"{item.code} {item.name}: {', '.join(places)}; {told}", markup=False, highlight=False)
    console.print(f"{len(found)} trusts whose vintages disagree")
    if not all(item.reviewed for item in found):
        raise typer.Exit(1)
