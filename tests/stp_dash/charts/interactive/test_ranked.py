"""Figures are plain dicts that Plotly takes, and hold the numbers and marks that they should."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
import pytest
from bs4 import BeautifulSoup

from stp_dash.charts.interactive.ranked import (
    BETTER,
    SIMILAR,
    WORSE,
    RankedChart,
    RankedOthers,
    RankedPoint,
    ranked_figure,
    ranked_names,
    values_axis,
    values_range,
)
from stp_dash.charts.static.plane import ticks
from stp_dash.charts.svg.sparkline import Sparkline, SparkPoint, Strip, data_address, sparkline_svg, strip_svg
from stp_dash.charts.theme import PLUM
from tests.support.site.figures import trace


def drawn(asked: RankedChart) -> dict[str, Any]:
    return ranked_figure(asked, ranked_names(asked))


OUR_POINTS = (
    RankedPoint(20, "East Kent", 60.1, "60.1%", "East Kent", 56, 64, mark=WORSE),
    RankedPoint(21, "Medway", 60.2, "60.2%", "Medway", 50, 70, mark=SIMILAR),
    RankedPoint(22, "Dartford and Gravesham", 60.3, "60.3%", "Dartford", 50, 70, mark=SIMILAR),
    RankedPoint(71, "Maidstone", 84.0, "84.0%", "Maidstone", 80, 88, mark=BETTER),
)


def ranked_chart(*, phone: bool = False) -> RankedChart:
    free = [place for place in range(84) if place not in {20, 21, 22, 71}]
    values = [50.0 + i / 2 for i in range(80)]
    others = RankedOthers(
        free, values, [v - 5 for v in values], [v + 5 for v in values], [f"Trust {i}" for i in range(80)]
    )
    levels = (85.0, "Standard 85%"), (68.0, "England 68.0%")
    return RankedChart(84, others, OUR_POINTS, *levels, "%", "trusts", phone)


@pytest.mark.parametrize("phone", [False, True])
def test_plotly_takes_the_ranking(phone: bool) -> None:
    go.Figure(drawn(ranked_chart(phone=phone)))


def test_ranking_holds_every_organisation_once() -> None:
    figure = drawn(ranked_chart())
    places = [x for item in figure["data"] if item["name"] != "Intervals that go further" for x in item["x"]]
    assert sorted(places) == list(range(84))


def test_ranking_tells_classes_apart_by_shape() -> None:
    figure = drawn(ranked_chart())
    shapes = {item["name"]: item["marker"]["symbol"] for item in figure["data"][1:]}
    assert shapes["East Kent"] == "diamond"
    assert shapes["Medway"] == "circle"
    assert shapes["Maidstone"] == "triangle-up"


def test_ranking_names_ours_with_their_values() -> None:
    texts = [mark["text"].replace("</b><br><b>", " ") for mark in ranked_names(ranked_chart()).annotations]
    assert texts[:2] == ["<b>Standard 85%</b>", "<b>England 68.0%</b>"]
    assert texts[2:] == [f"<b>{point.name} {point.shown}</b>" for point in OUR_POINTS]


def test_ranking_draws_standard_solid_and_england_dashed() -> None:
    lines = {shape["y0"]: shape["line"] for shape in drawn(ranked_chart())["layout"]["shapes"]}
    assert lines[85.0] == {"color": PLUM, "width": 2}
    assert lines[68.0]["dash"] == "dash"


def test_intervals_that_leave_the_plot_end_in_arrows() -> None:
    chart = ranked_chart()
    low = min([*chart.others.values, *(point.value for point in chart.ours)])
    far = replace(chart.others, lower=[low - 90.0, *chart.others.lower[1:]])
    beyond = trace(drawn(replace(chart, others=far)), "Intervals that go further")
    assert beyond["marker"]["symbol"] == "triangle-down"
    edge = drawn(replace(chart, others=far))["layout"]["yaxis"]["range"][0]
    gone = [at for at, end in zip(far.places, far.lower, strict=True) if end < edge]
    assert beyond["x"][0] == gone[0] == 0
    assert set(beyond["x"]) <= set(gone)
    apart = chart.room[0] / chart.count
    assert all((after - before) * apart >= 8 for before, after in pairwise(beyond["x"])), "a row of dots"
    assert all(min(abs(at - kept) for kept in beyond["x"]) * apart < 8 for at in gone)
    names = [item["name"] for item in drawn(ranked_chart(phone=True))["data"]]
    assert "Intervals that go further" not in names


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


def rates(count: int, ours: int) -> RankedChart:
    values = [3 + 2 * i / count for i in range(count)]
    own = tuple(RankedPoint(i, f"Area {i}", values[i], f"{values[i]:.2f}", "x") for i in range(10, 10 + ours))
    free = [i for i in range(count) if not 10 <= i < 10 + ours]
    others = RankedOthers(free, [values[i] for i in free], hover=["x" for _ in free])
    return RankedChart(
        count, others, own, None, (4.5, "England 4.50"), "", "areas", unit="per 10,000 patients"
    )


def test_a_ranking_of_rates_starts_near_its_lowest_and_names_its_unit() -> None:
    figure = drawn(rates(190, 1))
    go.Figure(figure)
    low, high = figure["layout"]["yaxis"]["range"]
    assert (low, high) == pytest.approx((2.8, 5.19), abs=0.02)
    assert figure["layout"]["yaxis"]["tickformat"] == ".1f"
    assert any(mark["text"] == "per 10,000 patients" for mark in figure["layout"]["annotations"])


def test_places_in_an_order_go_from_the_first_to_the_last_and_thousands_are_set_apart() -> None:
    chart = replace(rates(190, 1), ends=("first", "last"), comparator=(1400.0, "England 1,400"))
    layout = drawn(chart)["layout"]
    said = [mark["text"] for mark in layout["annotations"]]
    assert "← first of 190 areas" in said
    assert "last →" in said
    assert [words for _, words in ticks(layout["yaxis"])][-1] == "1,500"


def test_more_than_six_of_ours_bear_numbers_for_a_key_in_their_order() -> None:
    names = ranked_names(rates(190, 8))
    assert [point.name for point in names.key] == [f"Area {place}" for place in range(10, 18)]
    assert names.key[0].shown == "3.11"
    numbers = [mark["text"] for mark in names.annotations if mark["text"][3:-4].isdigit()]
    assert numbers == [f"<b>{number}</b>" for number in range(1, 9)]
    assert ranked_names(rates(190, 6)).key == ()


def test_a_crowd_is_a_line_of_few_points_and_ours_are_plain_dots() -> None:
    figure = drawn(rates(6000, 175))
    go.Figure(figure)
    others, ours = figure["data"]
    assert others["mode"] == "lines"
    assert "text" not in others
    assert "error_y" not in others
    assert len(others["x"]) < 400
    assert (others["x"][0], others["x"][-1]) == (0, 5999)
    assert others["y"] == sorted(others["y"])
    assert len(ours["x"]) == 175
    assert not any("Area" in mark["text"] for mark in figure["layout"]["annotations"])


def test_peers_stand_out_without_a_judgement_and_a_few_are_named() -> None:
    peers = tuple(RankedPoint(place, f"Peer {place}", 55.0, "55.0%", "x") for place in (3, 4))
    figure = drawn(replace(ranked_chart(), peers=peers))
    assert trace(figure, "Peers")["x"] == [3, 4]
    assert "symbol" not in trace(figure, "Peers")["marker"]
    texts = [mark["text"].replace("<br>", " ") for mark in figure["layout"]["annotations"]]
    assert {"Peer 3 55.0%", "Peer 4 55.0%"} <= set(texts)
    many = tuple(replace(peers[0], place=place) for place in range(9))
    figure = drawn(replace(ranked_chart(), peers=many))
    assert not any(mark["text"].startswith("Peer") for mark in figure["layout"]["annotations"])


def test_a_phone_has_numbers_and_names_in_its_key() -> None:
    chart = ranked_chart(phone=True)
    names = ranked_names(chart)
    assert [point.name for point in names.key] == [point.name for point in OUR_POINTS]
    assert not any(
        "East Kent" in mark["text"] for mark in ranked_figure(chart, names)["layout"]["annotations"]
    )


def test_a_name_that_cannot_be_told_apart_makes_numbers_of_all() -> None:
    longer = tuple(replace(p, name=f"{p.name}, a name of very many words that has no room at all in any place")
                   for p in OUR_POINTS)  # fmt: skip
    names = ranked_names(replace(ranked_chart(), ours=longer, room=(400.0, 420.0)))
    assert len(names.key) == 4


@pytest.mark.parametrize(
    ("value", "suffix"), [(-5.0, ""), (0.0, ""), (5.0, ""), (0.0, "%"), (5.0, "%"), (100.0, "%")]
)
def test_equal_values_have_an_axis_with_room_on_either_side(value: float, suffix: str) -> None:
    low, high = values_range(value, value, suffix=suffix)
    assert low <= value <= high and low < high
    said = [words for _, words in ticks(values_axis((low, high), suffix=suffix))]
    assert len(said) == len(set(said)) > 1
