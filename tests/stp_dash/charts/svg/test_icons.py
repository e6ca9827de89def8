"""The variation and assurance icons: every state has its own shape, whatever its colour."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from stp_dash.charts.svg.icons import assurance_svg, point_svg, variation_svg

VARIATIONS = (
    "common_cause",
    "improvement_high",
    "improvement_low",
    "concern_high",
    "concern_low",
    "neither_high",
    "neither_low",
    None,
)
RINGS = ("pass", "fail", "hit_or_miss", "not_said", "no_standard")
BESIDE = ("below", "level", "above")


def shape(svg: str) -> str:
    """A drawing without its colours."""
    return re.sub(r"#[0-9A-F]{6}", "", svg)


def test_variation_icons_differ_by_shape_alone() -> None:
    assert len({shape(variation_svg(item)) for item in VARIATIONS}) == len(VARIATIONS)


def test_assurance_icons_differ_by_shape_alone() -> None:
    names = (*RINGS, *BESIDE)
    assert len({shape(assurance_svg(name)) for name in names}) == len(names)


@pytest.mark.parametrize("item", VARIATIONS)
def test_variation_is_a_rounded_square_and_sound_svg(item: str | None) -> None:
    root = BeautifulSoup(variation_svg(item), "html.parser")
    assert root.svg is not None
    assert root.svg["viewbox"] == "0 0 32 32"
    assert root.rect is not None
    assert root.rect["rx"] == "7"


def test_assurance_is_a_circle_and_dashed_without_a_standard() -> None:
    for name in RINGS:
        root = BeautifulSoup(assurance_svg(name), "html.parser")
        assert root.rect is not None
        assert root.rect["rx"] == "15"
        assert ("stroke-dasharray" in root.rect.attrs) is (name == "no_standard")


def test_beside_a_comparator_the_icon_is_a_tile_with_a_dot_on_the_side_of_the_figure() -> None:
    heights = []
    for name in BESIDE:
        root = BeautifulSoup(assurance_svg(name), "html.parser")
        assert root.rect is not None
        assert root.rect["rx"] == "3"
        assert root.circle is not None
        heights.append(float(str(root.circle["cy"])))
    assert heights[0] > heights[1] == 16 > heights[2]


def test_only_a_standard_is_plum() -> None:
    assert all("#7C2855" in assurance_svg(name) for name in RINGS[:-1])
    assert all("#7C2855" not in assurance_svg(name) for name in ("no_standard", *BESIDE))
    assert all("#7C2855" not in variation_svg(item) for item in VARIATIONS)


def test_passing_lies_above_its_standard_and_failing_below() -> None:
    for name, above in (("pass", True), ("fail", False)):
        root = BeautifulSoup(assurance_svg(name), "html.parser")
        block = root.find_all("rect")[1]
        standard = float(str(root.find_all("path")[-1]["d"]).split(" ")[1].split("H")[0])
        assert (float(str(block["y"])) < standard) is above


def test_points_differ_by_shape_and_hollow_is_white_inside() -> None:
    kinds = ("common_cause", "improvement", "concern", "neither")
    drawn = {shape(point_svg(kind, 10, 10, 4)) for kind in kinds}
    assert len(drawn) == len(kinds)
    assert all('fill="#FFFFFF"' in point_svg(kind, 10, 10, 4, hollow=True) for kind in kinds)


def test_a_triangle_points_to_its_side_of_the_mean() -> None:
    up, down = (point_svg("improvement", 10, 10, 4, side=side) for side in ("high", "low"))
    assert up.startswith('<path d="M10.0 4.8')
    assert down.startswith('<path d="M10.0 15.2')
