"""`python -m etl boundaries`: outlines of areas, from files of the ONS Open Geography portal that someone holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.catalogue import earlier_names
from db.figures.boundaries import keep_boundaries
from db.store import Store
from db.store.audit import record
from etl.commands.terminal import Database, console, error_console, opened_store, who
from etl.pipeline.file import read_file
from etl.reference.outlines.boundary_file import read_boundaries
from etl.reference.outlines.matching import match
from etl.source import SourceError

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="GeoJSON of CCGs, sub-ICB locations or ICBs.")
]


def boundaries(files: Files, database: Database = None) -> None:
    """Load outlines of areas for the maps. A file is loaded whole, or refused with the reason."""
    failed = False
    with opened_store(database) as (store, _):
        for path in files:
            try:
                lines = load_boundaries(store, path, by=who())
            except SourceError as error:
                error_console.print(
                    f"REFUSED {path.name}: {error}", style="red", markup=False, highlight=False
                )
                failed = True
                continue
            for line in lines:
                console.print(line, markup=False, highlight=False)
    if failed:
        raise typer.Exit(1)


def load_boundaries(store: Store, path: Path, *, by: str) -> list[str]:
    """Load one boundary file and say what was loaded and what was left out. Raises SourceError."""
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
