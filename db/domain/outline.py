"""Areas' outlines, for maps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from db.domain.organisation import OrganisationType

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One area of one edition: closed rings (without the repeated last point) of metres east and north.

    What lies inside an odd number of its rings is the area. `edition` sorts by time: 2021-04, or 2021.
    """

    code: str
    name: str
    type: OrganisationType
    edition: str
    rings: tuple[Ring, ...]
    file_name: str


def of_one_edition(outlines: Sequence[Outline], codes: Collection[str]) -> tuple[Outline, ...]:
    """The outlines of the newest edition that has every one of the codes; none where no edition has them all.

    Borders of two editions do not fit together, so one map takes one edition.
    """
    for edition in sorted({outline.edition for outline in outlines}, reverse=True):
        found = tuple(item for item in outlines if item.edition == edition and item.code in codes)
        if {item.code for item in found} == set(codes):
            return found
    return ()
