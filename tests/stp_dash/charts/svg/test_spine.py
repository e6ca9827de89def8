"""The rows of the spine chart and of small tables: what is drawn, where, and in which shape."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from stp_dash.charts.svg.bars import Dot, Scale, axis_svg, bar_svg, dot_svg
from stp_dash.charts.svg.spine import (
    BETTER,
    HEIGHT,
    SIMILAR,
    UNJUDGED,
    WIDTH,
    WORSE,
    Spine,
    mark_colour,
    spine_svg,
)
from stp_dash.charts.theme import BLUE, DARK, GREY, ORANGE, PLUM, WHITE


def parsed(svg: str) -> BeautifulSoup:
    return BeautifulSoup(svg, "html.parser")


def place(share: float, width: int = WIDTH) -> float:
    """Where a position from -1 to 1 lies."""
    return round(width / 2 + share * (width - 20) / 2, 1)


def test_the_one_compared_with_stands_in_the_middle_and_bands_left_to_right() -> None:
    drawn = parsed(spine_svg(Spine(0.4, everyone=(-0.8, 0.9), middle=(-0.2, 0.3), label="East Kent 64%")))
    assert drawn.svg is not None
    assert (drawn.svg["width"], drawn.svg["height"]) == (str(WIDTH), str(HEIGHT))
    every, half = drawn.find_all("rect")
    assert float(str(every["x"])) == place(-0.8)
    assert float(str(every["width"])) == round(place(0.9) - place(-0.8), 1)
    assert float(str(half["x"])) == place(-0.2)
    assert f"M{WIDTH / 2:g} 2V30" in str(drawn)
    assert drawn.title is not None
    assert drawn.title.text == "East Kent 64%"


def test_each_comparison_has_a_shape_of_its_own() -> None:
    shapes = {}
    for mark in (BETTER, WORSE, SIMILAR, UNJUDGED):
        last = parsed(spine_svg(Spine(0.1, mark=mark))).find_all(["circle", "path"])[-1]
        shapes[mark] = (last.name, len(re.findall("[lLH]", str(last.get("d", "")))), last["fill"])
    assert shapes[BETTER] == ("path", 2, BLUE)
    assert shapes[WORSE] == ("path", 3, ORANGE)
    assert shapes[SIMILAR] == ("circle", 0, GREY)
    assert shapes[UNJUDGED] == ("circle", 0, DARK)
    assert mark_colour(WORSE) == ORANGE


def test_provisional_is_hollow_whatever_the_shape() -> None:
    for mark in (BETTER, WORSE, SIMILAR, UNJUDGED):
        last = parsed(spine_svg(Spine(0.1, mark=mark, hollow=True))).find_all(["circle", "path"])[-1]
        assert last["fill"] == WHITE


def test_a_standard_beyond_the_end_is_drawn_there_with_an_arrow() -> None:
    inside = parsed(spine_svg(Spine(0.0, standard=0.5))).find_all("path", stroke=PLUM)
    beyond = parsed(spine_svg(Spine(0.0, standard=2.0))).find_all("path", stroke=PLUM)
    assert [path["d"] for path in inside] == [f"M{place(0.5):g} 5V27"]
    assert beyond[0]["d"] == f"M{place(1.0):g} 5V27"
    assert len(beyond) == 2


def test_an_interval_that_runs_out_of_the_picture_has_no_bar_there() -> None:
    drawn = str(parsed(spine_svg(Spine(0.5, interval=(-1.4, 0.8), mark=WORSE))))
    assert f"M{place(-1):g} 16H{place(0.8):g}" in drawn
    assert drawn.count("11V21") == 1


def test_words_are_escaped() -> None:
    assert "<script>" not in spine_svg(Spine(None, label="<script>alert(1)</script>"))


SCALE = Scale(20.0, 100.0, ((20.0, "20%"), (60.0, "60%"), (100.0, "100%")))


def test_dots_of_a_table_share_one_scale() -> None:
    drawn = parsed(dot_svg(Dot(60.0, (40.0, 80.0), 85.0, WORSE, label="Lung 60%"), SCALE, 216))
    assert f"M{SCALE.x(40, 216):g} 16H{SCALE.x(80, 216):g}" in str(drawn)
    assert SCALE.x(20, 216) == 8.0
    assert SCALE.x(60, 216) == 108.0
    assert SCALE.x(100, 216) == 208.0
    assert SCALE.x(120, 216) == 208.0
    assert [path["d"] for path in drawn.find_all("path", stroke=PLUM)] == [f"M{SCALE.x(85, 216):g} 0V32"]


def test_the_axis_names_the_ticks_within_its_width() -> None:
    words = [(text.text, float(str(text["x"]))) for text in parsed(axis_svg(SCALE, 216)).find_all("text")]
    assert [word for word, _ in words] == ["20%", "60%", "100%"]
    assert all(0 < x < 216 for _, x in words)


def test_a_bar_fills_its_share_and_never_more() -> None:
    def width(share: float) -> float:
        rect = parsed(bar_svg(share, BLUE, 200)).rect
        assert rect is not None
        return float(str(rect["width"]))

    assert (width(0.5), width(1.0), width(1.7)) == (100.0, 200.0, 200.0)
    assert width(0.0) == 1.0
    assert 'preserveaspectratio="none"' in str(parsed(bar_svg(0.5))).lower()


def test_an_interval_that_leaves_the_drawing_ends_in_an_arrow() -> None:
    within = spine_svg(Spine(0.1, interval=(-0.5, 0.5), mark="similar"))
    beyond = spine_svg(Spine(0.1, interval=(-1.5, 0.5), mark="similar"))
    assert "l-5 5l5 5" not in within
    assert "M11.5 11l-5 5l5 5" in beyond
    share = Scale(0.5, 0.9)
    assert "l5 5l-5 5" in dot_svg(Dot(0.85, interval=(0.7, 0.95)), share)
    assert "l5 5l-5 5" not in dot_svg(Dot(0.85, interval=(0.7, 0.89)), share)
