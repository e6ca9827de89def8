"""Areas' outlines, as the site was given them, for maps."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, tuple_

from db.domain import OrganisationType
from db.store.data_state import raise_data_version
from db.store.schema import boundary

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


def boundaries(connection: Connection, codes: Collection[str]) -> tuple[Outline, ...]:
    """The outlines of some organisations, the newest edition first, then by code."""
    rows = connection.execute(
        select(boundary)
        .where(boundary.c.organisation_code.in_(sorted(codes)))
        .order_by(boundary.c.edition.desc(), boundary.c.organisation_code)
    )
    return tuple(
        Outline(
            row.organisation_code,
            row.name,
            OrganisationType(row.organisation_type),
            row.edition,
            tuple(tuple((x, y) for x, y in ring) for ring in json.loads(row.rings)),
            row.file_name,
        )
        for row in rows
    )


def of_one_edition(outlines: Sequence[Outline], codes: Collection[str]) -> tuple[Outline, ...]:
    """The outlines of the newest edition that has every one of the codes; none where no edition has them all.

    Borders of two editions do not fit together, so one map takes one edition.
    """
    for edition in sorted({outline.edition for outline in outlines}, reverse=True):
        found = tuple(item for item in outlines if item.edition == edition and item.code in codes)
        if {item.code for item in found} == set(codes):
            return found
    return ()


def keep_boundaries(connection: Connection, outlines: Sequence[Outline]) -> None:
    """Write outlines, in place of those of the same organisation and edition."""
    keys = [(item.code, item.edition) for item in outlines]
    connection.execute(
        delete(boundary).where(tuple_(boundary.c.organisation_code, boundary.c.edition).in_(keys))
    )
    now = datetime.now(UTC)
    connection.execute(
        insert(boundary),
        [
            {
                "organisation_code": item.code,
                "edition": item.edition,
                "name": item.name,
                "organisation_type": item.type.value,
                "rings": json.dumps([[_plain(point) for point in ring] for ring in item.rings]),
                "file_name": item.file_name,
                "loaded_at": now,
            }
            for item in outlines
        ],
    )
    raise_data_version(connection)


def _plain(point: tuple[float, float]) -> list[float]:
    return [int(value) if value == int(value) else value for value in point]
