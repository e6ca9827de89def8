"""Boundary files with made-up areas, in the portal's documented format: no outline here is that of any real area."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

Position = tuple[float, float]


def wobbly(start: Position, end: Position, points: int = 40) -> list[Position]:
    """A line between two points that swings to both sides by a twenty-fifth of its length; alike from either end."""
    if start > end:
        return list(reversed(wobbly(end, start, points)))
    (x0, y0), (x1, y1) = start, end
    line = []
    for place in range(points + 1):
        share = place / points
        swing = 0.04 * math.sin(3 * math.pi * share) + 0.004 * math.sin(31 * math.pi * share)
        line.append((x0 + (x1 - x0) * share - (y1 - y0) * swing, y0 + (y1 - y0) * share + (x1 - x0) * swing))
    return [start, *line[1:-1], end]


def ring(corners: Sequence[Position]) -> list[Position]:
    """A closed ring through corners, its sides wobbly: two areas with a side in common have its points in common."""
    points: list[Position] = []
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        points += wobbly(start, end)[:-1]
    return [*points, points[0]]


def cell(column: int, row: int, west: float, south: float, size: float) -> list[Position]:
    """The ring of one cell of a grid of areas."""
    x, y = west + column * size, south + row * size
    return ring([(x, y), (x + size, y), (x + size, y + size), (x, y + size)])


def feature(properties: Mapping[str, object], *rings: Sequence[Position]) -> dict[str, Any]:
    """An area: a Polygon of one ring, or a MultiPolygon of several islands."""
    if len(rings) == 1:
        geometry = {"type": "Polygon", "coordinates": [rings[0]]}
    else:
        geometry = {"type": "MultiPolygon", "coordinates": [[one] for one in rings]}
    return {"type": "Feature", "properties": dict(properties), "geometry": geometry}


def geojson(features: Sequence[Mapping[str, Any]], crs: str = "") -> bytes:
    document: dict[str, Any] = {"type": "FeatureCollection", "features": list(features)}
    if crs:
        document["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(document).encode()


def ccg(number: int, name: str, **more: object) -> dict[str, object]:
    """The properties of a CCG, as the portal's feature layers list them, with a code that no area has."""
    return {
        "FID": number,
        "CCG19CD": f"E389{number:05d}",
        "CCG19NM": name,
        "GlobalID": f"id-{number}",
        **more,
    }


def two_ccgs(*, degrees: bool = True) -> list[dict[str, Any]]:
    """Ashford and Thanet side by side, a border in common, Thanet with an island."""
    west, south, size = (0.6, 51.0, 0.3) if degrees else (590_000.0, 130_000.0, 20_000.0)
    island = [(x, y) for x, y in cell(5, 0, west, south, size / 2)]
    return [
        feature(ccg(1, "NHS Ashford CCG"), cell(0, 0, west, south, size)),
        feature(ccg(2, "NHS Thanet CCG"), cell(1, 0, west, south, size), island),
    ]
