"""The control chart as a dict: points by shape, limits that stop at restarts, labels that do not lie on each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest

from stp_dash.charts.interactive.labels import LEADER
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.interactive.trend.points import TrendChart, TrendEvent, TrendPoint
from stp_dash.charts.placement.spots import extent
from stp_dash.charts.static.picture import static_chart
from stp_dash.charts.svg.point_marks import point_mark
from stp_dash.charts.theme import DARK, ORANGE, PLUM
from tests.support.site.figures import trace

LETTERS = tuple(enumerate("EDCBA", 1))
UPPER, LOWER, MEAN = 84.0, 66.0, 75.0


def trend_points() -> tuple[TrendPoint, ...]:
    """Twelve months: a gap at 4, a restart at 6, a step of the standard at 9, provisional from 10."""
    points = [
        TrendPoint(
            at=float(i),
            tick="Jan",
            year=str(2024 + i // 6),
            value=70.0 + i,
            shown=f"{70 + i}.0%",
            hover=f"month {i}",
            standard=75.0 if i < 9 else 80.0,
            standard_text="Standard 75%" if i < 9 else "Standard 80%",
            comparator=72.0,
            comparator_text="England 72.0%",
            provisional=i > 9,
            mean=MEAN - 2 if i < 6 else MEAN,
            lower=LOWER - 2 if i < 6 else LOWER,
            upper=UPPER - 2 if i < 6 else UPPER,
        )
        for i in range(12)
    ]
    points[4] = replace(points[4], value=None)
    points[6] = replace(points[6], restarts="1 Oct 2023", restart_note="New guidance")
    return tuple(points)


def chart(**more: Any) -> TrendChart:
    names = {"mean_text": "Mean 75.0%", "upper_text": "Upper limit 84.0%", "lower_text": "Lower limit 66.0%"}
    return TrendChart(
        **{"points": trend_points(), "name": "Medway", "suffix": "%", "ceiling": 100.0, **names, **more}
    )


def pairs(line: dict[str, Any]) -> list[tuple[float | None, float | None]]:
    return list(zip(line["x"], line["y"], strict=True))


def texts(figure: dict[str, Any]) -> list[str]:
    return [mark["text"] for mark in figure["layout"]["annotations"]]


def upright(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for s in figure["layout"]["shapes"] if s["type"] == "line" and s["x0"] == s["x1"]]


EVENTS = (TrendEvent(1, 2.0, "January 2024: strike"), TrendEvent(2, 8.0, "July 2024: clinics"))


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("events", [(), EVENTS])
def test_plotly_takes_the_chart_and_it_is_of_the_basic_bundle(
    phone: bool, events: tuple[TrendEvent, ...]
) -> None:
    figure = trend_figure(chart(phone=phone, events=events, notice="Preview: not recorded"))
    go.Figure(figure)
    assert {item["type"] for item in figure["data"]} == {"scatter", "bar"}


def test_line_stops_at_a_missing_month_and_at_a_restart() -> None:
    line = trace(trend_figure(chart()), "Medway")
    assert pairs(line)[3:9] == [(3, 73.0), (4, None), (5, 75.0), (None, None), (6, 76.0), (7, 77.0)]


def test_what_is_compared_with_is_a_dot_where_it_has_no_neighbour_to_be_joined_to() -> None:
    gone = {1, 4, 8, 10}
    points = tuple(replace(p, comparator=None) if i in gone else p for i, p in enumerate(trend_points()))
    figure = trend_figure(chart(points=points))
    assert trace(figure, "Comparator, alone")["x"] == [0, 5, 9, 11], "month 5 stands before a restart"
    assert {item["name"] for item in trend_figure(chart())["data"]} & {"Comparator", "Comparator, alone"} == {
        "Comparator"
    }


def test_line_goes_on_where_only_limits_restart() -> None:
    points = tuple(replace(p, goes_on=bool(p.restarts)) for p in trend_points())
    figure = trend_figure(chart(points=points))
    assert (None, None) not in pairs(trace(figure, "Medway"))
    assert (None, None) in pairs(trace(figure, "Mean"))[1:]


def test_limits_and_mean_stop_at_a_restart_and_go_on_over_a_gap() -> None:
    figure = trend_figure(chart())
    upper = trace(figure, "Upper process limit")
    assert pairs(upper) == [
        (None, None), (-0.5, 82.0), (5.5, 82.0), (None, None), (5.5, 84.0), (11.5, 84.0)
    ]  # fmt: skip
    assert upper["line"]["dash"] == "6px,4px"
    assert "dash" not in trace(figure, "Mean")["line"]
    bands = [s for s in figure["layout"]["shapes"] if s["type"] == "rect" and "yref" not in s]
    assert [(s["x0"], s["x1"], s["y0"], s["y1"]) for s in bands] == [
        (-0.5, 5.5, 64.0, 82.0), (5.5, 11.5, 66.0, 84.0)
    ]  # fmt: skip


def test_a_chart_without_limits_has_neither_band_nor_mean() -> None:
    points = tuple(replace(p, mean=None, lower=None, upper=None) for p in trend_points())
    figure = trend_figure(chart(points=points, mean_text="", upper_text="", lower_text=""))
    assert not {"Mean", "Upper process limit"} & {item["name"] for item in figure["data"]}
    assert not any("imit" in text for text in texts(figure))


def test_published_intervals_are_bars_within_the_range_of_the_chart() -> None:
    points = list(trend_points())
    points[0] = replace(points[0], interval=(31.0, 99.5))
    figure = trend_figure(chart(points=tuple(points), phone=True))
    assert pairs(trace(figure, "95% interval")) == [(0.0, 31.0), (0.0, 99.5), (None, None)]
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 31.0
    assert high > 99.5
    assert "95% interval" not in {item["name"] for item in trend_figure(chart())["data"]}


def test_point_classes_differ_by_shape_and_hollow_is_provisional() -> None:
    kinds = {0: "improvement", 1: "concern", 2: "neither", 3: "improvement", 10: "concern"}
    points = tuple(
        replace(p, kind=kinds.get(i, "common_cause"), above=i != 3) for i, p in enumerate(trend_points())
    )
    figure = trend_figure(chart(points=points))
    marks = {
        item["name"]: (item["marker"]["symbol"], item["x"])
        for item in figure["data"]
        if item.get("mode") == "markers"
    }
    assert marks == {
        "Improvement signal, above the mean": ("triangle-up", [0]),
        "Concern signal": ("diamond", [1]),
        "Special cause": ("square", [2]),
        "Improvement signal, below the mean": ("triangle-down", [3]),
        "Common cause": ("circle", [5, 6, 7, 8, 9]),
        "Concern signal, provisional": ("diamond", [10]),
        "Common cause, provisional": ("circle", [11]),
    }
    filled, hollow = (
        trace(figure, name)["marker"] for name in ("Concern signal", "Concern signal, provisional")
    )
    assert (filled["color"], filled["line"]["color"]) == (hollow["line"]["color"], "#FFFFFF")
    assert hollow["color"] == "#FFFFFF"


def test_provisional_points_stand_on_their_own_ground() -> None:
    figure = trend_figure(chart())
    ground = next(s for s in figure["layout"]["shapes"] if s["type"] == "rect" and s.get("yref") == "paper")
    assert (ground["x0"], ground["x1"]) == (9.5, 11.5)
    assert "Provisional" in texts(figure)


def test_break_is_a_double_rule_with_date_and_reason() -> None:
    figure = trend_figure(chart())
    rules = upright(figure)
    assert len(rules) == 2
    assert sum(rule["x0"] for rule in rules) / 2 == pytest.approx(5.5)
    assert {rule["line"]["dash"] for rule in rules} == {"solid"}
    assert "<b>Series restarts</b><br>1 Oct 2023<br>New guidance" in texts(figure)


@pytest.mark.parametrize("phone", [False, True])
def test_a_joint_is_one_dashed_rule_with_its_codes_and_the_line_goes_on(phone: bool) -> None:
    points = tuple(replace(p, joint="91Q → QKS" if i == 8 else "") for i, p in enumerate(_unbroken()))
    figure = trend_figure(chart(points=points, phone=phone))
    (rule,) = upright(figure)
    assert (rule["x0"], rule["x1"], rule["line"]["dash"]) == (7.5, 7.5, "dash")
    assert any("91Q" in text and "QKS" in text for text in texts(figure))
    plain = trend_figure(chart(points=_unbroken(), phone=phone))
    assert trace(figure, "Medway") == trace(plain, "Medway")
    assert trace(figure, "Mean") == trace(plain, "Mean")


def test_a_joint_gives_way_to_a_restart() -> None:
    points = tuple(replace(p, joint="QNQ → QRL" if i == 6 else "") for i, p in enumerate(trend_points()))
    assert upright(trend_figure(chart(points=points))) == upright(trend_figure(chart()))


def test_a_preview_is_dashed_and_says_that_it_is_one() -> None:
    points = tuple(
        replace(p, preview=True, restart_head="Preview: limits restart", restart_note="not recorded")
        if p.restarts
        else p
        for p in trend_points()
    )
    figure = trend_figure(chart(points=points, notice="Preview: not recorded"))
    assert [rule["line"]["dash"] for rule in upright(figure)] == ["dash", "dash"]
    assert "<b>Preview: limits restart</b><br>1 Oct 2023<br>not recorded" in texts(figure)
    assert "<b>Preview: not recorded</b>" in texts(figure)


def test_the_words_of_a_restart_have_room_below_the_figures() -> None:
    with_words, without = (trend_figure(chart(points=p)) for p in (trend_points(), _unbroken()))
    assert with_words["layout"]["yaxis"]["range"][0] < without["layout"]["yaxis"]["range"][0]
    assert with_words["layout"]["yaxis"]["range"][1] == without["layout"]["yaxis"]["range"][1]


def _unbroken() -> tuple[TrendPoint, ...]:
    return tuple(replace(p, restarts="") for p in trend_points())


def test_standard_steps_on_its_own_month() -> None:
    line = trace(trend_figure(chart()), "Standard")
    assert pairs(line) == [(None, None), (-0.5, 75.0), (8.5, 75.0), (8.5, 80.0), (11.5, 80.0)]
    assert line["line"]["color"] == PLUM
    assert line["line"]["dash"] == "solid"


def test_an_interim_ambition_is_dotted_and_named_where_it_began() -> None:
    points = tuple(
        replace(p, interim=77.0 if 3 <= i < 8 else None, interim_text="Interim 77%")
        for i, p in enumerate(trend_points())
    )
    figure = trend_figure(chart(points=points))
    line = trace(figure, "Interim ambition")
    assert pairs(line) == [(None, None), (2.5, 77.0), (7.5, 77.0)]
    assert line["line"]["dash"] == "dot"
    named = next(mark for mark in figure["layout"]["annotations"] if mark["text"] == "Interim 77%")
    assert 2.5 <= named["x"] <= 7.5


def test_missing_month_is_hatched() -> None:
    missing = trace(trend_figure(chart()), "No figure")
    assert missing["x"] == [4]
    assert missing["marker"]["pattern"]["shape"] == "/"


def test_events_are_numbered_rings_on_dotted_stems() -> None:
    figure = trend_figure(chart(events=EVENTS))
    rings = trace(figure, "Events")
    assert rings["x"] == [2.0, 8.0]
    assert rings["text"] == ["January 2024: strike", "July 2024: clinics"]
    assert {"<b>1</b>", "<b>2</b>"} <= set(texts(figure))
    stems = [s for s in upright(figure) if s["line"]["dash"] == "dot"]
    assert [(s["x0"], s["x1"]) for s in stems] == [(2.0, 2.0), (8.0, 8.0)]
    assert figure["layout"]["margin"]["t"] > trend_figure(chart())["layout"]["margin"]["t"]


def test_labels_at_the_end_do_not_lie_on_each_other_and_are_led_to_their_lines() -> None:
    points = tuple(
        replace(p, standard=81.0, comparator=81.2, interim=81.1, interim_text="Interim")
        for p in trend_points()
    )
    figure = trend_figure(chart(points=points))
    low, high = figure["layout"]["yaxis"]["range"]
    marks = [m for m in figure["layout"]["annotations"] if m.get("x") == 11.6]
    plot = figure["layout"]["height"] - figure["layout"]["margin"]["t"] - figure["layout"]["margin"]["b"]
    ends = sorted(plot * (high - m["y"]) / (high - low) + m.get("ay", -m.get("yshift", 0)) for m in marks)
    assert len(ends) == 7
    assert min(b - a for a, b in pairwise(ends)) >= 15.8
    assert 0 <= ends[0] <= ends[-1] <= plot
    moved = {m["text"] for m in marks if m["showarrow"]}
    assert {"<b>Standard 81%</b>", "Lower limit 66.0%"} & moved <= {"<b>Standard 81%</b>"}
    assert "Lower limit 66.0%" not in moved
    assert len(moved) >= 2


def test_every_line_is_named_at_its_right_end() -> None:
    named = set(texts(trend_figure(chart())))
    assert {
        "<b>Standard 80%</b>", "Upper limit 84.0%", "Mean 75.0%", "Lower limit 66.0%", "England 72.0%",
        "<b>Medway 81.0%</b>",
    } <= named  # fmt: skip


def test_a_name_too_long_for_its_place_is_shortened_and_keeps_its_figure() -> None:
    name = "Sentinelhospitals of the whole northern coast and the islands Foundation Trust"
    figure = trend_figure(chart(name=name))
    last = next(text for text in texts(figure) if "81.0%" in text).removeprefix("<b>").removesuffix("</b>")
    assert last == "Sentinelhospitals of the whole nort… 81.0%"
    assert extent((last,), bold=True).width + LEADER < figure["layout"]["margin"]["r"] <= 300


def test_a_phone_names_the_standard_before_and_the_limits_inside_the_plot() -> None:
    figure = trend_figure(chart(phone=True))
    assert any("Standard 80%, 75% before" in text for text in texts(figure))
    inside = [m for m in figure["layout"]["annotations"] if "limit" in m["text"]]
    assert all(5.5 <= mark["x"] <= 11.5 for mark in inside)
    assert figure["layout"]["margin"]["r"] <= 16


def test_the_axis_has_round_numbers_within_what_can_occur() -> None:
    points = tuple(replace(p, value=94.0 + i / 2, upper=100.0, lower=88.0) for i, p in enumerate(_unbroken()))
    axis = trend_figure(chart(points=points))["layout"]["yaxis"]
    assert axis["tickvals"][-1] == 100
    assert axis["ticktext"][-1] == "100%"
    assert len(axis["tickvals"]) >= 4
    low = tuple(replace(p, value=1.0, standard=None, comparator=None, lower=0.0, upper=3.0, mean=1.0)
                for p in trend_points())  # fmt: skip
    assert trend_figure(chart(points=low))["layout"]["yaxis"]["tickvals"][0] == 0


def test_periods_are_placed_by_time() -> None:
    """Quarters, then four months: twice and a half as far apart as they are long would be wrong."""
    points = tuple(
        TrendPoint(at=at, tick="t", year="2016", value=60.0, shown="60%", hover="x", length=breadth)
        for at, breadth in ((1.0, 3.0), (4.5, 4.0), (8.5, 4.0))
    )
    points = (points[0], replace(points[1], value=None), points[2])
    figure = trend_figure(TrendChart(points, "Medway", "%"))
    missing = trace(figure, "No figure")
    assert (missing["x"], missing["width"]) == ([4.5], [4.0])
    assert figure["layout"]["xaxis"]["tickvals"] == [1.0, 4.5, 8.5]
    assert figure["layout"]["xaxis"]["range"] == pytest.approx([-0.6, 10.6])


def test_rolling_is_a_faint_line_named_at_its_end() -> None:
    points = tuple(
        replace(p, rolling=71.0 if i > 7 else None, rolling_text="Last four quarters 71.0%")
        for i, p in enumerate(trend_points())
    )
    figure = trend_figure(chart(points=points))
    line = trace(figure, "Rolling")
    assert [y for y in line["y"] if y is not None] == [71.0] * 4
    assert line["line"]["width"] == 4
    assert "Last four quarters 71.0%" in texts(figure)
    assert "Rolling" not in [item["name"] for item in trend_figure(chart())["data"]]


def test_a_rate_names_its_unit_and_keeps_its_decimals() -> None:
    points = tuple(
        replace(p, value=3.8 + i / 50, standard=None, comparator=4.5, mean=3.9, lower=3.7, upper=4.1)
        for i, p in enumerate(trend_points())
    )
    figure = trend_figure(chart(points=points, suffix="", unit="per 10,000 patients", ceiling=None))
    assert figure["layout"]["yaxis"]["ticktext"] == ["3.6", "3.8", "4.0", "4.2", "4.4"]
    assert "per 10,000 patients" in texts(figure)


def test_levels_are_letters() -> None:
    points = tuple(
        replace(p, value=3.0, standard=None, comparator=None, mean=None, lower=None, upper=None)
        for p in trend_points()
    )
    axis = trend_figure(TrendChart(points, "Team", "", letters=LETTERS))["layout"]["yaxis"]
    assert (axis["ticktext"], axis["range"]) == (["E", "D", "C", "B", "A"], [0.5, 5.5])


def test_marks_of_lists_differ_by_shape() -> None:
    kinds = ("common_cause", "improvement", "concern", "neither")
    drawn = {point_mark(kind) for kind in kinds} | {point_mark(kind, hollow=True) for kind in kinds}
    assert len(drawn | {point_mark("improvement", above=False)}) == 9


@pytest.mark.parametrize("phone", [False, True])
def test_each_of_a_few_periods_is_dated(phone: bool) -> None:
    axis = trend_figure(chart(points=trend_points()[:4], phone=phone))["layout"]["xaxis"]
    assert axis["tickvals"] == [point.at for point in trend_points()[:4]]


def test_a_span_has_a_bar_and_a_ring_of_what_is_expected_is_dashed() -> None:
    events = (TrendEvent(1, 2.0, "Refit", (2.0, 5.5), 5.5), TrendEvent(2, 8.0, "Rooms reopen", expected=True))
    figure = trend_figure(chart(events=events))
    shapes = figure["layout"]["shapes"]
    assert [s["x0"] for s in upright(figure) if s["line"].get("dash") == "dot"] == [2.0, 5.5, 8.0]
    assert (2.0, 5.5) in [(s["x0"], s["x1"]) for s in shapes if s.get("yref") == "y2" and s["y0"] == s["y1"]]
    (ring,) = [s for s in shapes if s["type"] == "circle"]
    assert (ring["xanchor"], ring["line"]["dash"]) == (8.0, "3px,2.5px")
    assert trace(figure, "Events")["x"] == [2.0]
    assert trace(figure, "Events expected")["x"] == [8.0]
    drawn = static_chart(figure)
    assert 'fill="none" stroke="#212B32" stroke-width="1.5" stroke-dasharray="3,2.5"' in drawn


def test_lines_of_figures_end_before_the_periods_that_have_none_and_the_standard_goes_on() -> None:
    ahead = tuple(
        TrendPoint(
            at=12.0 + n, tick="x", year="", value=None, shown="", hover="", standard=80.0, standard_text="S"
        )
        for n in range(3)
    )
    figure = trend_figure(chart(ahead=ahead))
    assert [x for x in trace(figure, "Standard")["x"] if x is not None][-1] == 14.5
    assert [x for x in trace(figure, "Mean")["x"] if x is not None][-1] == 11.5
    named = {mark["text"]: mark for mark in figure["layout"]["annotations"]}
    assert named["<b>S</b>"]["x"] > 14
    mean = next(mark for words, mark in named.items() if words.startswith("Mean"))
    assert mean["x"] <= 11.5


def test_a_plan_is_dash_dotted_over_white_past_the_last_figure_with_its_gap_in_orange() -> None:
    ahead = tuple(
        TrendPoint(at=12.0 + n, tick="x", year="", value=None, shown="", hover="") for n in range(2)
    )
    plan = tuple((float(place), 80.0 + place / 10) for place in range(9, 14))
    drawn = chart(ahead=ahead, plan=plan, plan_text="Plan 81.3% by March", behind=(74.0, "9 behind plan"))
    figure = trend_figure(drawn)
    assert trace(figure, "Plan")["line"] == {"color": DARK, "width": 2, "dash": "9px,3px,2px,3px"}
    assert trace(figure, "Edge of the plan")["line"]["width"] > 2
    assert pairs(trace(figure, "Plan"))[-1] == (13.0, 81.3)
    assert max(x for x in trace(figure, "Medway")["x"] if x is not None) == 11.0
    orange = [s for s in upright(figure) if s["line"]["color"] == ORANGE]
    assert [(s["x0"], s["y0"], s["y1"]) for s in orange] == [(11.0, 74.0, 81.0)]
    assert "<b>Plan 81.3% by March</b>" in texts(figure)
    assert any("behind plan" in text for text in texts(figure))
    assert any("Plan" in text for text in texts(trend_figure(replace(drawn, phone=True))))
