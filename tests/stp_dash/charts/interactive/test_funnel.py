"""The funnel's figure: limits, shapes, names and the words of its lines."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest

from stp_dash.charts.interactive.funnel import (
    FunnelChart,
    FunnelLimits,
    FunnelPoint,
    funnel_figure,
    funnel_names,
)
from stp_dash.charts.interactive.labels import ROW
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, WORSE
from stp_dash.charts.lettering import text_width
from stp_dash.charts.theme import PLUM
from tests.support.site.figures import trace

SIZES = (10.0, 100.0, 400.0)
LIMITS = FunnelLimits(SIZES, (45, 64, 68), (100, 82, 78), (30, 59, 66), (100, 87, 80))
OURS = (
    FunnelPoint("East Kent", 380, 66.5, "66.5%", "East Kent", WORSE, upward=False),
    FunnelPoint("Medway", 160, 89.0, "89.0%", "Medway", BETTER),
    FunnelPoint("Dartford", 114, 68.1, "68.1%", "Dartford", SIMILAR, upward=False),
)


def chart(*, phone: bool = False) -> FunnelChart:
    others = ([50.0, 90.0, 200.0], [70.0, 75.5, 73.0], ["one", "two", "three"])
    return FunnelChart(
        LIMITS, others, OURS, (73.1, "England"), (85.0, "85%"), "%", "Patients treated in August 2026", phone
    )


def drawn(asked: FunnelChart) -> dict[str, Any]:
    return funnel_figure(asked, funnel_names(asked))


@pytest.mark.parametrize("phone", [False, True])
def test_plotly_takes_the_funnel(phone: bool) -> None:
    go.Figure(drawn(chart(phone=phone)))


def test_inner_limits_are_dashed_and_outer_ones_solid() -> None:
    lines = [item for item in drawn(chart())["data"] if item["mode"] == "lines"]
    found = {(item["name"], item["line"]["dash"], tuple(item["y"])) for item in lines}
    assert found == {
        ("99.8% limits", "solid", (30, 59, 66)),
        ("99.8% limits", "solid", (100, 87, 80)),
        ("95% limits", "dash", (45, 64, 68)),
        ("95% limits", "dash", (100, 82, 78)),
    }


def test_classes_of_ours_differ_by_shape() -> None:
    figure = drawn(chart())
    shapes = {point.name: trace(figure, point.name)["marker"]["symbol"] for point in OURS}
    assert shapes == {"East Kent": "diamond", "Medway": "triangle-up", "Dartford": "circle"}


def test_a_better_figure_below_the_comparator_points_down() -> None:
    lower = replace(OURS[1], upward=False)
    figure = drawn(replace(chart(), ours=(lower,)))
    assert trace(figure, "Medway")["marker"]["symbol"] == "triangle-down"


def test_comparator_is_dashed_and_the_standard_plum() -> None:
    lines = {shape["y0"]: shape["line"] for shape in drawn(chart())["layout"]["shapes"]}
    assert lines[73.1]["dash"] == "dash"
    assert lines[85.0] == {"color": PLUM, "width": 2}


def test_lines_are_named_beside_their_ends_one_above_the_other() -> None:
    figure = drawn(chart())
    low, high = figure["layout"]["yaxis"]["range"]
    ends = [mark for mark in figure["layout"]["annotations"] if mark["x"] == SIZES[-1]]
    assert [mark["text"] for mark in ends] == ["<b>85%</b>", "99.8%", "95%", "<b>England</b>"]
    pixels = [
        (high - mark["y"]) / (high - low) * (420 - 64) + mark.get("ay", -mark.get("yshift", 0))
        for mark in ends
    ]
    assert all(two - one >= ROW - 0.2 for one, two in pairwise(pixels))
    moved = [abs(mark.get("ay", mark.get("yshift", 0))) for mark in ends]
    assert [mark["showarrow"] for mark in ends] == [by > 4 for by in moved]


def test_the_whole_name_of_a_long_comparator_has_room() -> None:
    long = drawn(replace(chart(), comparator=(63.4, "SSNAP national")))
    assert long["layout"]["margin"]["r"] >= text_width("SSNAP national", 12, bold=True) + 14


def test_ours_are_named_in_words_and_on_a_phone_by_numbers_with_a_key() -> None:
    names, numbers = funnel_names(chart()), funnel_names(chart(phone=True))
    assert names.key == ()
    assert {"<b>East Kent</b>", "<b>Medway</b>", "<b>Dartford</b>"} <= {m["text"] for m in names.annotations}
    assert [(point.name, point.shown) for point in numbers.key] == [
        ("East Kent", "66.5%"),
        ("Medway", "89.0%"),
        ("Dartford", "68.1%"),
    ]
    assert {"<b>1</b>", "<b>2</b>", "<b>3</b>"} <= {mark["text"] for mark in numbers.annotations}


def test_dots_of_a_crowd_that_hide_each_other_are_drawn_once() -> None:
    same: tuple[list[float], list[float], list[str]] = (
        [100.0] * 300 + [200.0] * 300,
        [70.0] * 300 + [75.0] * 300,
        [],
    )
    dots = trace(drawn(replace(chart(), others=same)), "Others")
    assert sorted(zip(dots["x"], dots["y"], strict=True)) == [(100.0, 70.0), (200.0, 75.0)]
    assert "text" not in dots


def test_few_dots_are_all_drawn_with_their_words() -> None:
    dots = trace(drawn(chart()), "Others")
    assert (dots["x"], dots["text"]) == ([50.0, 90.0, 200.0], ["one", "two", "three"])


def test_many_of_ours_are_plain_dots_without_names() -> None:
    ours = tuple(replace(OURS[0], name=f"Practice {i}", size=10.0 + i) for i in range(30))
    figure = drawn(replace(chart(), ours=ours))
    assert len(trace(figure, "Ours")["x"]) == 30
    assert not any("Practice" in mark["text"] for mark in figure["layout"]["annotations"])
