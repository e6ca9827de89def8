"""Figures are plain dicts that Plotly takes, and hold the numbers and marks that they should."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest
from bs4 import BeautifulSoup

from stp_dash.charts.ranked import BETTER, SIMILAR, WORSE, RankedChart, RankedPoint, ranked_figure
from stp_dash.charts.sparkline import Sparkline, SparkPoint, Strip, data_address, sparkline_svg, strip_svg
from stp_dash.charts.theme import PLUM
from stp_dash.charts.trend import TrendChart, TrendPoint, trend_figure


def trend_points() -> tuple[TrendPoint, ...]:
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
        )
        for i in range(12)
    ]
    points[4] = replace(points[4], value=None)
    points[6] = replace(points[6], restarts="1 Oct 2023")
    return tuple(points)


def trace(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in figure["data"] if item["name"] == name)


@pytest.mark.parametrize("phone", [False, True])
def test_plotly_takes_the_trend(phone: bool) -> None:
    go.Figure(trend_figure(TrendChart(trend_points(), "Medway", "%", phone)))


def test_trend_line_stops_at_a_missing_month_and_at_a_restart() -> None:
    line = trace(trend_figure(TrendChart(trend_points(), "Medway", "%")), "Medway")
    assert list(zip(line["x"], line["y"], strict=True))[3:9] == [
        (3, 73.0), (4, None), (5, 75.0), (None, None), (6, 76.0), (7, 77.0),
    ]  # fmt: skip


def test_trend_break_is_a_double_rule_before_the_month() -> None:
    figure = trend_figure(TrendChart(trend_points(), "Medway", "%"))
    rules = [shape["x0"] for shape in figure["layout"]["shapes"] if shape["type"] == "line"]
    assert len(rules) == 2
    assert sum(rules) / 2 == pytest.approx(5.5)
    assert any("Series restarts" in mark["text"] for mark in figure["layout"]["annotations"])


def test_trend_standard_steps_on_its_own_month() -> None:
    line = trace(trend_figure(TrendChart(trend_points(), "Medway", "%")), "Standard")
    pairs = list(zip(line["x"], line["y"], strict=True))
    assert (8.5, 75.0) in pairs
    assert (8.5, 80.0) in pairs
    assert line["line"]["color"] == PLUM


def test_trend_provisional_points_are_hollow_on_their_own_ground() -> None:
    figure = trend_figure(TrendChart(trend_points(), "Medway", "%"))
    assert trace(figure, "Provisional")["x"] == [10, 11]
    assert trace(figure, "Provisional")["marker"]["color"] == "#FFFFFF"
    assert trace(figure, "Final")["x"] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    ground = next(shape for shape in figure["layout"]["shapes"] if shape["type"] == "rect")
    assert (ground["x0"], ground["x1"]) == (9.5, 11.5)


def test_trend_missing_month_is_hatched() -> None:
    missing = trace(trend_figure(TrendChart(trend_points(), "Medway", "%")), "No figure")
    assert missing["x"] == [4]
    assert missing["marker"]["pattern"]["shape"] == "/"


def test_trend_labels_at_the_end_do_not_lie_on_each_other() -> None:
    points = tuple(
        replace(p, standard=81.0, comparator=81.2, interim=81.1, interim_text="Interim")
        for p in trend_points()
    )
    figure = trend_figure(TrendChart(points, "Medway", "%"))
    low, high = figure["layout"]["yaxis"]["range"]
    ends = sorted(m["y"] for m in figure["layout"]["annotations"] if m.get("x") == 11.6)
    pixels = [(b - a) / (high - low) * 400 for a, b in pairwise(ends)]
    assert len(ends) == 4
    assert min(pixels) >= 16


def test_phone_trend_names_the_standard_before() -> None:
    figure = trend_figure(TrendChart(trend_points(), "Medway", "%", phone=True))
    assert any("Standard 80%, 75% before" in mark["text"] for mark in figure["layout"]["annotations"])


def ranked_chart(*, phone: bool = False) -> RankedChart:
    others = [
        RankedPoint(f"Trust {i}", 50.0 + i / 2, f"{50 + i / 2}%", "x", 45 + i / 2, 55 + i / 2)
        for i in range(80)
    ]
    ours = [
        RankedPoint("East Kent", 60.1, "60.1%", "East Kent", 56, 64, ours=True, mark=WORSE),
        RankedPoint("Medway", 60.2, "60.2%", "Medway", 50, 70, ours=True, mark=SIMILAR),
        RankedPoint("Dartford and Gravesham", 60.3, "60.3%", "Dartford", 50, 70, ours=True, mark=SIMILAR),
        RankedPoint("Maidstone", 84.0, "84.0%", "Maidstone", 80, 88, ours=True, mark=BETTER),
    ]
    points = tuple(sorted([*others, *ours], key=lambda point: point.value))
    return RankedChart(points, (85.0, "Standard 85%"), (68.0, "England 68.0%"), "%", "trusts", phone)


@pytest.mark.parametrize("phone", [False, True])
def test_plotly_takes_the_ranking(phone: bool) -> None:
    go.Figure(ranked_figure(ranked_chart(phone=phone)))


def test_ranking_holds_every_organisation_once() -> None:
    figure = ranked_figure(ranked_chart())
    places = [x for item in figure["data"] for x in item["x"]]
    assert sorted(places) == list(range(84))


def test_ranking_tells_classes_apart_by_shape() -> None:
    figure = ranked_figure(ranked_chart())
    shapes = {item["name"]: item["marker"]["symbol"] for item in figure["data"][1:]}
    assert shapes["East Kent"] == "diamond"
    assert shapes["Medway"] == "circle"
    assert shapes["Maidstone"] == "triangle-up"


def test_ranking_names_ours_with_their_values_apart() -> None:
    figure = ranked_figure(ranked_chart())
    texts = [mark["text"] for mark in figure["layout"]["annotations"]]
    assert "<b>East Kent 60.1%</b>" in texts
    below = [m for m in figure["layout"]["annotations"] if m.get("yanchor") == "top" and "60." in m["text"]]
    assert len({round(m["yshift"]) + round(m["y"]) for m in below}) == len(below)


def test_ranking_draws_standard_solid_and_england_dashed() -> None:
    lines = {shape["y0"]: shape["line"] for shape in ranked_figure(ranked_chart())["layout"]["shapes"]}
    assert lines[85.0] == {"color": PLUM, "width": 2}
    assert lines[68.0]["dash"] == "dash"


def spark(*values: float | None, **more: Any) -> str:
    return sparkline_svg(Sparkline(tuple(SparkPoint(v, **more) for v in values), "Words & <marks>"))


def test_sparkline_is_sound_svg_with_escaped_words() -> None:
    root = BeautifulSoup(spark(70, 71, None, 73, standard=75.0), "html.parser")
    assert root.svg is not None
    assert root.title is not None
    assert root.title.text == "Words & <marks>"
    assert root.find("marks") is None


def test_sparkline_gap_parts_the_line() -> None:
    assert spark(70, 71, 72, 73).count('stroke="#5B6B7A" stroke-width="1.75"') == 1
    assert spark(70, 71, None, 72, 73).count('stroke="#5B6B7A" stroke-width="1.75"') == 2


def test_sparkline_last_point_is_hollow_when_provisional() -> None:
    assert 'fill="#FFFFFF" stroke="#5B6B7A"' in spark(70, 71, provisional=True)
    assert 'fill="#FFFFFF" stroke="#5B6B7A"' not in spark(70, 71)


def test_sparkline_says_the_value_of_a_standard_far_away() -> None:
    assert "95 ↑" in spark(70, 71, 70, standard=95.0)
    assert "72 ↑" not in spark(70, 71, 70, standard=72.0)


def test_sparkline_without_figures_is_still_a_picture() -> None:
    for svg in (spark(), spark(None, None)):
        assert svg.endswith("</svg>")
        assert "circle" not in svg


def test_strip_has_one_dot_for_each_value_in_order() -> None:
    svg = strip_svg(Strip((80.0, 60.0, 70.0), 85.0, 68.0, "three"))
    dots = [float(str(item["cx"])) for item in BeautifulSoup(svg, "html.parser").find_all("circle")]
    assert len(dots) == 3
    assert dots[1] < dots[2] < dots[0]


def test_pictures_are_addresses() -> None:
    assert data_address("<svg/>") == "data:image/svg+xml;base64,PHN2Zy8+"


def test_trend_places_periods_by_time() -> None:
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


def test_trend_rolling_is_a_faint_line_named_at_its_end() -> None:
    points = tuple(
        replace(p, rolling=71.0 if i > 7 else None, rolling_text="Last four quarters 71.0%")
        for i, p in enumerate(trend_points())
    )
    figure = trend_figure(TrendChart(points, "Medway", "%"))
    go.Figure(figure)
    line = trace(figure, "Rolling")
    assert [y for y in line["y"] if y is not None] == [71.0] * 4
    assert line["line"]["width"] == 4
    assert any(mark["text"] == "Last four quarters 71.0%" for mark in figure["layout"]["annotations"])
    assert all(
        item["name"] != "Rolling" for item in trend_figure(TrendChart(trend_points(), "M", "%"))["data"]
    )


def test_trend_of_a_rate_names_its_unit_and_keeps_its_decimals() -> None:
    points = tuple(
        replace(p, value=3.8 + i / 50, standard=None, comparator=4.5) for i, p in enumerate(trend_points())
    )
    figure = trend_figure(TrendChart(points, "Kent", "", unit="per 10,000 patients"))
    go.Figure(figure)
    low, high = figure["layout"]["yaxis"]["range"]
    assert 3.5 < low < 3.8
    assert 4.5 < high < 4.7
    assert figure["layout"]["yaxis"]["tickformat"] == ".1f"
    assert any(mark["text"] == "per 10,000 patients" for mark in figure["layout"]["annotations"])


LETTERS = tuple(enumerate("EDCBA", 1))


def test_levels_are_letters() -> None:
    points = tuple(replace(p, value=3.0, standard=None, comparator=None) for p in trend_points())
    axis = trend_figure(TrendChart(points, "Team", "", letters=LETTERS))["layout"]["yaxis"]
    assert (axis["ticktext"], axis["range"]) == (["E", "D", "C", "B", "A"], [0.5, 5.5])


def rates(count: int, ours: int) -> RankedChart:
    points = tuple(
        RankedPoint(f"Area {i}", 3 + 2 * i / count, f"{3 + 2 * i / count:.2f}", "x", ours=10 <= i < 10 + ours)
        for i in range(count)
    )
    return RankedChart(points, None, (4.5, "England 4.50"), "", "areas", unit="per 10,000 patients")


def test_a_ranking_of_rates_starts_near_its_lowest_and_names_its_unit() -> None:
    figure = ranked_figure(rates(190, 1))
    go.Figure(figure)
    low, high = figure["layout"]["yaxis"]["range"]
    assert (low, high) == pytest.approx((2.8, 5.19), abs=0.02)
    assert any(mark["text"] == "per 10,000 patients" for mark in figure["layout"]["annotations"])


def test_eight_of_ours_are_named_apart_with_a_line_to_each() -> None:
    figure = ranked_figure(rates(190, 8))
    led = [mark for mark in figure["layout"]["annotations"] if mark["showarrow"]]
    assert {mark["x"] for mark in led} == set(range(10, 18))
    low, high = figure["layout"]["yaxis"]["range"]
    heights = sorted((mark["y"] - low) / (high - low) * 368 - mark["ay"] for mark in led)
    assert min(b - a for a, b in pairwise(heights)) >= 15.9
    assert heights[0] >= 0


def test_a_crowd_is_a_line_and_ours_are_plain_dots() -> None:
    figure = ranked_figure(rates(6000, 175))
    go.Figure(figure)
    others, ours = figure["data"]
    assert others["mode"] == "lines"
    assert "text" not in others
    assert "error_y" not in others
    assert len(ours["x"]) == 175
    assert not any(mark["showarrow"] for mark in figure["layout"]["annotations"])


def test_a_phone_names_only_the_ends_of_many() -> None:
    chart = replace(rates(190, 8), phone=True)
    texts = [mark["text"] for mark in ranked_figure(chart)["layout"]["annotations"]]
    assert len([text for text in texts if text.startswith("<b>Area")]) == 2


def test_a_phone_leaves_out_a_name_that_does_not_fit() -> None:
    chart = rates(50, 2)
    longer = tuple(replace(p, name="A team with a name of many words indeed") if i == 11 else p
                   for i, p in enumerate(chart.points))  # fmt: skip
    texts = [
        m["text"] for m in ranked_figure(replace(chart, points=longer, phone=True))["layout"]["annotations"]
    ]
    assert any(text.startswith("<b>Area 10 ") for text in texts)
    assert not any("many words" in text for text in texts)
