"""Areas' outlines, as the site was given them, for maps."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, tuple_

from db.domain import OrganisationType
from db.domain.outline import Outline
from db.store.data_state import raise_data_version
from db.store.schema import boundary


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
