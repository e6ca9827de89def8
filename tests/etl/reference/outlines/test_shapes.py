"""Shapes made simpler together: fewer points, and neighbours that go on sharing their borders."""

from __future__ import annotations

import shapely

from etl.reference.outlines.shapes import SPECK, TOLERANCE, overlapping_shapes, rings_of, simplified
from tests.support.publications.boundary_files import cell, ring


def grid(columns: int = 3, rows: int = 3, size: float = 10_000.0) -> list[shapely.Polygon]:
    return [shapely.Polygon(cell(c, r, 0.0, 0.0, size)) for c in range(columns) for r in range(rows)]


def test_neighbours_share_their_borders_and_most_points_go() -> None:
    before = grid()
    after = simplified(before, 300.0)
    assert shapely.coverage_is_valid(after)
    assert shapely.get_num_coordinates(after).sum() < 0.6 * shapely.get_num_coordinates(before).sum()
    for one, other in zip(before, after, strict=True):
        assert abs(one.area - other.area) < 0.01 * one.area
        assert one.hausdorff_distance(other) < 300.0
    edges = [
        frozenset(pair)
        for shape in after
        for line in rings_of(shape)
        for pair in zip(line, (*line[1:], line[0]), strict=True)
    ]
    inner = [edge for edge in edges if edges.count(edge) == 2]
    union = shapely.union_all(after)
    assert isinstance(union, shapely.Polygon)
    assert not union.interiors
    assert len(inner) >= 24


def test_a_hole_and_the_area_that_fills_it_stay_alike() -> None:
    outer = ring([(0.0, 0.0), (9_000.0, 0.0), (9_000.0, 9_000.0), (0.0, 9_000.0)])
    inner = ring([(3_000.0, 3_000.0), (6_000.0, 3_000.0), (6_000.0, 6_000.0), (3_000.0, 6_000.0)])
    around, filling = simplified([shapely.Polygon(outer, [inner]), shapely.Polygon(inner[::-1])], 100.0)
    assert set(rings_of(around)[1]) == set(rings_of(filling)[0])
    assert len(rings_of(filling)[0]) < len(inner) - 1


def test_specks_are_left_out_unless_they_are_all_of_an_area() -> None:
    large, speck = shapely.box(0, 0, 5_000, 5_000), shapely.box(9_000, 0, 9_100, 100)
    assert speck.area < SPECK
    both, alone = simplified(
        [shapely.MultiPolygon([speck, large]), shapely.box(20_000, 0, 20_300, 300)], TOLERANCE
    )
    assert both.geom_type == "Polygon"
    assert both.area == large.area
    assert alone.area > 0


def test_what_is_left_is_bounded() -> None:
    before = grid()
    free = shapely.get_num_coordinates(simplified(before, 1.0)).sum()
    bounded = simplified(before, 1.0, most=200)
    assert free > 200 >= shapely.get_num_coordinates(bounded).sum() > 4 * len(before)
    assert shapely.coverage_is_valid(bounded)


def test_overlaps_of_more_than_a_speck_are_found() -> None:
    a, b, c = (
        shapely.box(0, 0, 5_000, 5_000),
        shapely.box(4_000, 0, 9_000, 5_000),
        shapely.box(9_000, 0, 10_000, 10),
    )
    assert overlapping_shapes([a, b, c]) == (0, 1)
    assert overlapping_shapes([a, c]) == ()
