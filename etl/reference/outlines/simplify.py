"""Fewer points to an outline, alike for neighbours: a border that two areas share stays one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from etl.reference.outlines.projection import Points

Point = tuple[float, float]
Ring = tuple[Point, ...]
"""A closed line without its last point, which is its first again."""


def simplified(areas: Sequence[Sequence[Ring]], tolerance: float) -> list[list[Ring]]:
    """Each area's rings with points left out that lie within `tolerance` metres of the line without them.

    Rings are cut where three or more areas meet, or where a shared border begins, and each piece is thinned by
    itself and in one direction: neighbours that had the same points still have. Douglas and Peucker, Algorithms for
    the reduction of the number of points required to represent a digitized line, Cartographica 10 (1973) 112-122.
    """
    corners = _corners(ring for rings in areas for ring in rings)
    return [[_thin_ring(ring, corners, tolerance) for ring in rings] for rings in areas]


def area_of(ring: Ring) -> float:
    """The area inside a ring in square metres (the shoelace formula)."""
    points = np.array(ring)
    x, y = points[:, 0], points[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def without_specks(rings: Sequence[Ring], smallest: float) -> list[Ring]:
    """The rings of an area, its largest first, without those that enclose less than `smallest` square metres."""
    ordered = sorted(rings, key=area_of, reverse=True)
    return [ring for place, ring in enumerate(ordered) if place == 0 or area_of(ring) >= smallest]


def _corners(rings: Iterable[Ring]) -> set[Point]:
    """Points where lines part: with neighbours, over all rings, other than one before and one after."""
    beside: dict[Point, set[Point]] = {}
    for ring in rings:
        for before, point, after in zip((ring[-1], *ring[:-1]), ring, (*ring[1:], ring[0]), strict=True):
            beside.setdefault(point, set()).update((before, after))
    return {point for point, neighbours in beside.items() if len(neighbours) != 2}


def _thin_ring(ring: Ring, corners: set[Point], tolerance: float) -> Ring:
    cuts = [place for place, point in enumerate(ring) if point in corners]
    if not cuts:
        cuts = [min(range(len(ring)), key=lambda place: ring[place])]
    if len(cuts) == 1:
        cuts.append(_farthest(ring, cuts[0]))
        cuts.sort()
    thin: list[Point] = []
    for start, stop in zip(cuts, [*cuts[1:], cuts[0] + len(ring)], strict=True):
        piece = [ring[place % len(ring)] for place in range(start, stop + 1)]
        thin += _thin_piece(piece, tolerance)[:-1]
    return tuple(thin) if len(thin) >= 3 else ring


def _farthest(ring: Ring, start: int) -> int:
    """Where a ring is farthest from one of its points; of several such places, that of the least point."""
    x, y = ring[start]
    return max(
        (place for place in range(len(ring)) if place != start),
        key=lambda place: ((ring[place][0] - x) ** 2 + (ring[place][1] - y) ** 2, ring[place]),
    )


def _thin_piece(piece: Sequence[Point], tolerance: float) -> list[Point]:
    """A piece from its lesser end to its greater, thinned, and turned back: both neighbours' ways alike."""
    turned = piece[0] > piece[-1]
    ordered = list(reversed(piece)) if turned else list(piece)
    kept = _kept(np.array(ordered, dtype=np.float64), tolerance)
    thin = [point for point, keep in zip(ordered, kept, strict=True) if keep]
    return thin[::-1] if turned else thin


def _kept(points: Points, tolerance: float) -> list[bool]:
    keep = [False] * len(points)
    keep[0] = keep[-1] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        distances = _distances(points[first + 1 : last], points[first], points[last])
        worst = int(np.argmax(distances))
        if distances[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return keep


def _distances(points: Points, start: Points, end: Points) -> Points:
    """How far each point lies from the straight line between two others."""
    along = end - start
    length = float(np.hypot(*along))
    offset = points - start
    if length == 0:
        return np.hypot(offset[:, 0], offset[:, 1])
    share = np.clip(offset @ along / length**2, 0.0, 1.0)
    nearest = offset - share[:, None] * along
    return np.hypot(nearest[:, 0], nearest[:, 1])
