"""Reviewed facts that the publishers' lists of organisations lack, each row with its source.

`trust_kinds.csv`: each trust's kind, and how large an acute one is; none for those that serve no place.
`ambulance_areas.csv`: the boards whose areas an ambulance trust serves: its own parent is only the board that pays it.
`council_areas.csv`: the upper-tier authorities of a board's area, where whole ones make it up.
`divided_locations.csv`: the former CCGs that lie whole in one of the parts of a sub-ICB location that was divided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from db.catalogue.organisation_files import CsvRow, read_rows
from db.domain.organisation import TrustKind

TRUST_KINDS, AMBULANCE_AREAS, COUNCIL_AREAS = "trust_kinds.csv", "ambulance_areas.csv", "council_areas.csv"
DIVIDED_LOCATIONS = "divided_locations.csv"
_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class AreaFacts:
    """kinds: trusts' kinds. patients: of cancer pathways in a month, 0 where not known. ambulances and councils: by
    board, in the order of their files. ccgs: those that lie in a part of a divided location, by that location."""

    kinds: Mapping[str, TrustKind]
    patients: Mapping[str, int]
    ambulances: Mapping[str, tuple[str, ...]]
    councils: Mapping[str, tuple[str, ...]]
    ccgs: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def area_facts() -> AreaFacts:
    """The facts of the catalogue. Raises CatalogueError for a malformed row."""
    trusts = list(read_rows(_FOLDER / TRUST_KINDS, ("code", "kind", "patients", "source")))
    ambulances = read_rows(_FOLDER / AMBULANCE_AREAS, ("trust", "area", "source"))
    councils = read_rows(_FOLDER / COUNCIL_AREAS, ("area", "council", "source"))
    divided = read_rows(_FOLDER / DIVIDED_LOCATIONS, ("location", "ccg", "source"))
    return AreaFacts(
        {row.code("code"): row.word("kind", TrustKind) for row in trusts if row.cells["kind"]},
        {row.code("code"): int(row.text("patients")) for row in trusts if row.cells["patients"]},
        _listed(ambulances, "area", "trust"),
        _listed(councils, "area", "council"),
        _listed(divided, "location", "ccg"),
    )


def _listed(rows: Iterable[CsvRow], place: str, column: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.code(place)].append(row.code(column))
    return {code: tuple(listed) for code, listed in found.items()}
