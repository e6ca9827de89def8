"""Shapes of areas on the plane of the British National Grid: projected, mended, and made simpler together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from db.domain.outline import Ring

Points = NDArray[np.float64]
"""Rows of two numbers: longitude and latitude in degrees, or easting and northing in metres."""
Shape = shapely.Polygon | shapely.MultiPolygon
TOLERANCE = 120.0
"""Metres: corners that enclose less than a triangle of such a side go. Half a pixel of a map of a county."""
SPECK = 250_000.0
"""Square metres: islands and inlets smaller than this are left out, unless they are all of an area."""
MOST_POINTS = 60_000
"""Points of one file's outlines; where more are left, they are made simpler still."""
_GROWTH = 1.5


@lru_cache(maxsize=1)
def _to_grid() -> Transformer:
    return Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


def national_grid(degrees: Points) -> Points:
    """Eastings and northings (EPSG:27700) of longitudes and latitudes (WGS84), within a few metres."""
    return np.column_stack(_to_grid().transform(degrees[:, 0], degrees[:, 1]))


def shape_of(polygons: Sequence[Sequence[Points]]) -> tuple[Shape, bool]:
    """The shape of polygons in metres, each a shell and its holes, and whether it had to be mended.

    Raises ValueError where lines cross so that what is left, or was meant, is another area: where that is.
    """
    parts = [shapely.Polygon(shell, holes) for shell, *holes in polygons]
    shape: Shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if shapely.is_valid(shape):
        return shape, False
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    drawn = sum(part.area for part in parts)
    if not isinstance(mended, Shape) or abs(mended.area - drawn) > drawn / 100:
        raise ValueError(str(shapely.is_valid_reason(shape)).partition("[")[2].rstrip("]"))
    return mended, True


def simplified(shapes: Sequence[Shape], tolerance: float = TOLERANCE, most: int = MOST_POINTS) -> list[Shape]:
    """The shapes with fewer points; a border that two of them share stays one line.

    Specks are left out first. The tolerance grows until no more than `most` points are left. Visvalingam and Whyatt,
    Line generalisation by repeated elimination of points, Cartographic Journal 30 (1993) 46-51, by GEOS.
    """
    thin = shapely.coverage_simplify([_without_specks(shape) for shape in shapes], tolerance)
    while shapely.get_num_coordinates(thin).sum() > most:
        tolerance *= _GROWTH
        thin = shapely.coverage_simplify(thin, tolerance)
    return list(thin)


def overlapping_shapes(shapes: Sequence[Shape]) -> tuple[int, ...]:
    """The places of the shapes that cover a part of another one, of more than a speck."""
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    pairs = [(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True) if a < b]
    common = [(a, b) for a, b in pairs if shapes[a].intersection(shapes[b]).area > SPECK]
    return tuple(sorted({place for pair in common for place in pair}))


def rings_of(shape: Shape) -> tuple[Ring, ...]:
    """A shape's rings in whole metres, without their last points, its largest part first."""
    parts = sorted(_parts(shape), key=lambda part: -part.area)
    rings = (_whole(ring) for part in parts for ring in (part.exterior, *part.interiors))
    return tuple(ring for ring in rings if len(ring) > 2)


def _parts(shape: Shape) -> list[shapely.Polygon]:
    return list(shape.geoms) if isinstance(shape, shapely.MultiPolygon) else [shape]


def _without_specks(shape: Shape) -> Shape:
    parts = sorted(_parts(shape), key=lambda part: -part.area)
    kept = [
        shapely.Polygon(part.exterior, [r for r in part.interiors if shapely.Polygon(r).area >= SPECK])
        for place, part in enumerate(parts)
        if place == 0 or part.area >= SPECK
    ]
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _whole(line: shapely.LinearRing) -> Ring:
    ring: list[tuple[float, float]] = []
    for east, north in np.round(shapely.get_coordinates(line)[:-1]).tolist():
        if not ring or ring[-1] != (east, north):
            ring.append((east, north))
    return tuple(ring)
