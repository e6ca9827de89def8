"""The funnel's figure: limits, shapes and names; the placing of names."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from stp_dash.charts.interactive.funnel import FunnelChart, FunnelLimits, FunnelPoint, funnel_figure
from stp_dash.charts.interactive.labels import LETTER, ROW, Mark, placed
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, WORSE
from stp_dash.charts.theme import PLUM
from tests.support.site.figures import trace

SIZES = (10.0, 100.0, 400.0)
LIMITS = FunnelLimits(SIZES, (45, 64, 68), (100, 82, 78), (30, 59, 66), (100, 87, 80))
OURS = (
    FunnelPoint("East Kent", 380, 66.5, "East Kent", WORSE, upward=False),
    FunnelPoint("Medway", 160, 89.0, "Medway", BETTER),
    FunnelPoint("Dartford", 114, 68.1, "Dartford", SIMILAR, upward=False),
)


def chart(*, phone: bool = False) -> FunnelChart:
    others = ([50.0, 90.0, 200.0], [70.0, 75.5, 73.0], ["one", "two", "three"])
    return FunnelChart(
        LIMITS, others, OURS, (73.1, "England"), (85.0, "85%"), "%", "Patients treated in August 2026", phone
    )


@pytest.mark.parametrize("phone", [False, True])
def test_plotly_takes_the_funnel(phone: bool) -> None:
    go.Figure(funnel_figure(chart(phone=phone)))


def test_inner_limits_are_dashed_and_outer_ones_solid() -> None:
    lines = [item for item in funnel_figure(chart())["data"] if item["mode"] == "lines"]
    found = {(item["name"], item["line"]["dash"], tuple(item["y"])) for item in lines}
    assert found == {
        ("99.8% limits", "solid", (30, 59, 66)),
        ("99.8% limits", "solid", (100, 87, 80)),
        ("95% limits", "dash", (45, 64, 68)),
        ("95% limits", "dash", (100, 82, 78)),
    }


def test_classes_of_ours_differ_by_shape() -> None:
    figure = funnel_figure(chart())
    shapes = {point.name: trace(figure, point.name)["marker"]["symbol"] for point in OURS}
    assert shapes == {"East Kent": "diamond", "Medway": "triangle-up", "Dartford": "circle"}


def test_a_better_figure_below_the_comparator_points_down() -> None:
    lower = replace(OURS[1], upward=False)
    figure = funnel_figure(replace(chart(), ours=(lower,)))
    assert trace(figure, "Medway")["marker"]["symbol"] == "triangle-down"


def test_comparator_is_dashed_and_the_standard_plum() -> None:
    lines = {shape["y0"]: shape["line"] for shape in funnel_figure(chart())["layout"]["shapes"]}
    assert lines[73.1]["dash"] == "dash"
    assert lines[85.0] == {"color": PLUM, "width": 2}


def test_lines_are_named_at_their_ends_one_above_the_other() -> None:
    figure = funnel_figure(chart())
    low, high = figure["layout"]["yaxis"]["range"]
    ends = [mark for mark in figure["layout"]["annotations"] if mark.get("xref") == "paper"]
    assert [mark["text"] for mark in ends] == ["<b>85%</b>", "99.8%", "95%", "<b>England</b>"]
    pixels = [mark["y"] / (high - low) * (420 - 64) for mark in ends]
    assert all(one - two >= ROW - 0.01 for one, two in pairwise(pixels))


def test_the_whole_name_of_a_long_comparator_has_room() -> None:
    long = funnel_figure(replace(chart(), comparator=(63.4, "SSNAP national")))
    assert long["layout"]["margin"]["r"] >= LETTER * len("SSNAP national")


def test_dots_of_a_crowd_that_hide_each_other_are_drawn_once() -> None:
    same: tuple[list[float], list[float], list[str]] = (
        [100.0] * 300 + [200.0] * 300,
        [70.0] * 300 + [75.0] * 300,
        [],
    )
    dots = trace(funnel_figure(replace(chart(), others=same)), "Others")
    assert sorted(zip(dots["x"], dots["y"], strict=True)) == [(100.0, 70.0), (200.0, 75.0)]
    assert "text" not in dots


def test_few_dots_are_all_drawn_with_their_words() -> None:
    dots = trace(funnel_figure(chart()), "Others")
    assert (dots["x"], dots["text"]) == ([50.0, 90.0, 200.0], ["one", "two", "three"])


def test_many_of_ours_are_plain_dots_without_names() -> None:
    ours = tuple(replace(OURS[0], name=f"Practice {i}", size=10.0 + i) for i in range(30))
    figure = funnel_figure(replace(chart(), ours=ours))
    assert len(trace(figure, "Ours")["x"]) == 30
    assert not any("Practice" in mark["text"] for mark in figure["layout"]["annotations"])


def _box(mark: Mark, width: float = 400) -> tuple[float, float, float, float]:
    place = placed([mark], width, 300)[0]
    length = LETTER * len(mark.words)
    left = mark.x + place.right - {"left": 0, "right": length}.get(place.side, length / 2)
    return left, left + length, mark.y + place.up - ROW / 2, mark.y + place.up + ROW / 2


@pytest.mark.parametrize("x", [5.0, 200.0, 395.0])
@pytest.mark.parametrize("y", [10.0, 290.0])
def test_a_name_stays_inside_the_plot(x: float, y: float) -> None:
    left, right, low, high = _box(Mark("East Kent", x, y))
    assert left >= 0
    assert right <= 400
    assert low >= 0
    assert high <= 300


def test_names_of_near_marks_do_not_lie_on_each_other() -> None:
    marks = [Mark("Ashford", 100 + 4 * i, 100 + 3 * i) for i in range(4)]
    areas = []
    for mark, place in zip(marks, placed(marks, 400, 300), strict=True):
        length = LETTER * len(mark.words)
        left = mark.x + place.right - {"left": 0, "right": length}.get(place.side, length / 2)
        areas.append((left, left + length, mark.y + place.up))
    for number, one in enumerate(areas):
        for two in areas[number + 1 :]:
            apart = one[1] <= two[0] or two[1] <= one[0] or abs(one[2] - two[2]) >= ROW
            assert apart, (one, two)
