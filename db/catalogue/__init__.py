"""The catalogue: reviewed reference data that lives beside the code and is loaded with it.

`indicators/<id>.toml` are written by hand (`docs/adding-an-indicator.md`). The CSV files of organisations are made
by `python -m etl organisations` from files of the Organisation Data Service and from `reviewed/`, which holds the
facts that those files lack, each with its source.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from db.catalogue.errors import CatalogueError
from db.catalogue.indicator_files import read_indicator, read_indicators
from db.catalogue.lineage import (
    BoundaryMove,
    LineageStep,
    boundary_moves,
    followers,
    lineage,
    lineage_start,
)
from db.catalogue.organisation_files import EarlierName, read_names, read_organisations
from db.domain import Catalogue

FOLDER = Path(__file__).resolve().parent
INDICATORS = FOLDER / "indicators"
REVIEWED = FOLDER / "reviewed"

__all__ = [
    "FOLDER",
    "INDICATORS",
    "REVIEWED",
    "BoundaryMove",
    "CatalogueError",
    "EarlierName",
    "LineageStep",
    "boundary_moves",
    "catalogue_version",
    "earlier_names",
    "followers",
    "lineage",
    "lineage_start",
    "load_catalogue",
    "read_indicator",
]


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The whole catalogue, read and checked once.

    Raises CatalogueError naming the file, the place, what was wanted and what was found.
    """
    organisations, successions = read_organisations(FOLDER)
    return Catalogue(read_indicators(INDICATORS), organisations, successions)


@lru_cache(maxsize=1)
def earlier_names() -> dict[str, tuple[EarlierName, ...]]:
    """Names that organisations no longer bear, by code, oldest first: 91Q was NHS Kent and Medway CCG.

    Raises CatalogueError as `load_catalogue` does.
    """
    return read_names(FOLDER, load_catalogue().organisations)


def catalogue_version() -> str:
    """The SHA-256 of the catalogue's files: it changes with any of them."""
    digest = sha256()
    for path in sorted([*FOLDER.glob("*.csv"), *FOLDER.glob("places/*.csv"), *INDICATORS.glob("*.toml")]):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
