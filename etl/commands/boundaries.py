"""`python -m etl boundaries`: outlines of areas for the maps, from files in hand or from the ONS's own site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from etl.commands.terminal import Database, console, error_console, opened_store, plainly, who
from etl.source import RawFile, SourceError

if TYPE_CHECKING:
    from db.settings import Settings
    from db.store import Store
    from etl.pipeline.fetch import Fetcher
    from etl.reference.outlines.portal import BoundaryLayer

LARGEST_BOUNDARY_FILE = 100_000_000
"""Bytes. The ONS's files in full detail are larger; on a page they look like those generalised to 20 metres."""
NEWEST = "newest"
PORTAL = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
"""The list of the ONS's feature services."""
_NEEDED = ("pyproj", "shapely")

BoundaryFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...", help="GeoJSON of CCGs, sub-ICB locations, ICBs or upper-tier authorities."
    ),
]
Fetched = Annotated[
    list[str] | None,
    typer.Option(
        "--fetch",
        metavar="LAYER",
        help="Fetch a layer from the ONS by its name, or `newest`: the last edition of each kind of area.",
    ),
]
Offered = Annotated[
    bool, typer.Option("--offered", help="List the layers that the ONS offers; load nothing.")
]
Services = Annotated[
    str, typer.Option("--services", metavar="URL", help="The ONS's list of services, where it has moved to.")
]


def boundaries_command(
    files: BoundaryFiles = None,
    fetch: Fetched = None,
    *,
    offered: Offered = False,
    services: Services = PORTAL,
    database: Database = None,
) -> None:
    """Load outlines of areas for the maps. A file is loaded whole, or refused with the reason."""
    from etl.commands.report import refused_line

    if not (files or fetch or offered):
        raise typer.BadParameter("wanted files of boundaries, --fetch or --offered, found none")
    failed = False
    with plainly():
        check_installed()
    with opened_store(database) as (store, settings):
        held: list[tuple[str, Callable[[], RawFile]]] = [
            (path.name, partial(_held_file, path)) for path in files or ()
        ]
        for name, read in chain(held, _on_the_portal(settings, services, fetch or (), offered=offered)):
            try:
                lines = load_boundaries(store, read(), by=who())
            except SourceError as error:
                error_console.print(
                    refused_line(name, str(error)), style="red", markup=False, highlight=False
                )
                failed = True
                continue
            for line in lines:
                console.print(line, markup=False, highlight=False)
    if failed:
        raise typer.Exit(1)


def check_installed() -> None:
    """Raise SourceError, with what to do, where a package that reads boundaries is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise SourceError(
            f"boundaries are read with {' and '.join(missing)}, which this installation does not have. Install what "
            "maps need by `make maps`, or by `python -m pip install --require-hashes -r requirements-maps.lock`"
        )


def load_boundaries(store: Store, raw: RawFile, *, by: str) -> list[str]:
    """Load one boundary file and say what was loaded and what was left out. Raises SourceError."""
    from db.catalogue import earlier_names
    from db.figures.boundaries import keep_boundaries
    from db.store.audit import record
    from etl.reference.outlines.boundary_file import read_boundaries
    from etl.reference.outlines.matching import match

    file = read_boundaries(raw)
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


def _held_file(path: Path) -> RawFile:
    """A file in hand. Raises SourceError where it cannot be read, or is larger than LARGEST_BOUNDARY_FILE."""
    from etl.pipeline.keep import read_file

    size = path.stat().st_size if path.is_file() else 0
    if size > LARGEST_BOUNDARY_FILE:
        raise SourceError(_too_large(path.name, size))
    return read_file(path)


def _too_large(name: str, size: int) -> str:
    return (
        f"{name}: wanted at most {LARGEST_BOUNDARY_FILE // 1_000_000} MB, found {size // 1_000_000} MB. The ONS has "
        "the same areas generalised to 20, 200 or 500 metres (BGC, BSC, BUC), which are smaller"
    )


def _on_the_portal(
    settings: Settings, services: str, asked: Sequence[str], *, offered: bool
) -> Iterator[tuple[str, Callable[[], RawFile]]]:
    """The layers asked for, each with what reads it; with `offered` what there is, as lines. Raises SourceError."""
    from etl.pipeline.fetch import Fetcher
    from etl.reference.outlines.portal import layers_in, newest_of_each

    if not (asked or offered):
        return
    with Fetcher(settings.fetch, (urlsplit(services).hostname or "",)) as fetcher:
        layers = layers_in(fetcher.document(f"{services}?f=json"), services)
        if offered:
            for layer in layers:
                console.print(
                    f"{layer.edition} {layer.geography:6}{layer.service}", markup=False, highlight=False
                )
        named = {layer.service: layer for layer in layers}
        chosen = [layer for name in asked for layer in (newest_of_each(layers) if name == NEWEST else ())]
        unknown = [name for name in asked if name not in named and name != NEWEST]
        if unknown:
            raise SourceError(
                f"wanted a layer that --offered lists, or {NEWEST}, found {', '.join(sorted(unknown))}"
            )
        for layer in (*chosen, *(named[name] for name in asked if name in named)):
            yield layer.service, partial(_fetched, fetcher, services, layer)


def _fetched(fetcher: Fetcher, services: str, layer: BoundaryLayer) -> RawFile:
    """A layer's areas as one file, asked for a few at a time. Raises SourceError."""
    from etl.reference.outlines.portal import areas_in

    areas: list[Any] = []
    size, more = 0, True
    while more:
        address = layer.query(services, len(areas))
        text = fetcher.document(address)
        found, more = areas_in(text, address)
        areas += found
        size += len(text)
        if size > LARGEST_BOUNDARY_FILE:
            raise SourceError(_too_large(layer.service, size))
    document = {"type": "FeatureCollection", "features": areas}
    return RawFile(f"{layer.service}.geojson", json.dumps(document).encode())
