"""`python -m etl boundaries` and `organisations`: outlines of areas, and the catalogue of organisations made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etl.commands.terminal import Database, console, error_console, opened_store, plainly, who
from etl.source import SourceError

if TYPE_CHECKING:
    from db.store import Store

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="GeoJSON of CCGs, sub-ICB locations or ICBs.")
]


def boundaries_command(files: Files, database: Database = None) -> None:
    """Load outlines of areas for the maps. A file is loaded whole, or refused with the reason."""
    from etl.commands.report import refused_line

    failed = False
    with opened_store(database) as (store, _):
        for path in files:
            try:
                lines = load_boundaries(store, path, by=who())
            except SourceError as error:
                error_console.print(
                    refused_line(path.name, str(error)), style="red", markup=False, highlight=False
                )
                failed = True
                continue
            for line in lines:
                console.print(line, markup=False, highlight=False)
    if failed:
        raise typer.Exit(1)


def load_boundaries(store: Store, path: Path, *, by: str) -> list[str]:
    """Load one boundary file and say what was loaded and what was left out. Raises SourceError."""
    from db.catalogue import earlier_names
    from db.figures.boundaries import keep_boundaries
    from db.store.audit import record
    from etl.pipeline.keep import read_file
    from etl.reference.outlines.boundary_file import read_boundaries
    from etl.reference.outlines.matching import match

    file = read_boundaries(read_file(path))
    matched = match(file, store.catalogue.organisations, earlier_names())
    with store.writing() as connection:
        keep_boundaries(connection, matched.outlines)
        record(
            connection, by, "boundaries loaded", file.name, f"{len(matched.outlines)} areas, {file.edition}"
        )
    points = sum(len(ring) for outline in matched.outlines for ring in outline.rings)
    loaded = f"loaded {file.name}: {len(matched.outlines)} of {len(file.areas)} areas"
    return [
        f"{loaded}, {file.type.value}, edition {file.edition}, {points} points",
        *(f"  {item.severity.value}: {item.message}" for item in matched.findings),
    ]


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
