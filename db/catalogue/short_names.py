"""Names of organisations where space is short, written and reviewed by hand.

`short_names.csv` names each sub-ICB location by the place of its former clinical commissioning group (CCG): the
service's own names repeat the ICB's, so that several bear the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from db.catalogue.organisation_files import read_organisations, read_rows
from db.domain import OrganisationType

SHORT_NAMES: Final = "short_names.csv"
MOST_LETTERS: Final = 28
_FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def short_names() -> Mapping[str, str]:
    """Short names by code. Raises CatalogueError as `read_short_names` does."""
    return read_short_names(_FOLDER)


def read_short_names(folder: Path) -> Mapping[str, str]:
    """As `short_names`, from a folder.

    Raises CatalogueError for a malformed row, an unknown code, a name of more than MOST_LETTERS letters, and one that
    two organisations of a kind would bear.
    """
    organisations, _ = read_organisations(folder)
    found: dict[str, str] = {}
    taken: set[tuple[OrganisationType, str]] = set()
    for row in read_rows(folder / SHORT_NAMES, ("code", "name")):
        code, name = row.known("code", organisations), row.text("name")
        if len(name) > MOST_LETTERS:
            raise row.fault("name", f"at most {MOST_LETTERS} letters")
        if code in found or (organisations[code].type, name) in taken:
            raise row.fault("name", "each name once among organisations of a kind")
        taken.add((organisations[code].type, name))
        found[code] = name
    return MappingProxyType(found)
