"""Each practice's clinical commissioning group (CCG) at 31 March 2020, the day before the mergers of that April.

`practice_former_ccgs.csv` is made by `etl.reference.former_ccgs` from files of the Organisation Data Service.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from db.catalogue.organisation_files import read_rows

FORMER_CCGS: Final = "practice_former_ccgs.csv"
FORMER_CCG_COLUMNS: Final = ("practice", "ccg", "placed_by")
_FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def practice_former_ccgs() -> Mapping[str, str]:
    """The CCG at 31 March 2020 by practice code. A practice that cannot be placed is not there.

    Raises CatalogueError as `read_former_ccgs` does.
    """
    return read_former_ccgs(_FOLDER)


def read_former_ccgs(folder: Path) -> Mapping[str, str]:
    """As `practice_former_ccgs`, from a folder. Raises CatalogueError for a malformed row or a practice twice."""
    found: dict[str, str] = {}
    for row in read_rows(folder / FORMER_CCGS, FORMER_CCG_COLUMNS):
        if row.code("practice") in found:
            raise row.fault("practice", "each practice once")
        row.text("placed_by")
        found[row.code("practice")] = row.code("ccg")
    return MappingProxyType(found)
