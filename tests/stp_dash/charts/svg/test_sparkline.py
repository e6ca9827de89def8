"""The small charts: limits, marks of the last run, standards far away, the worst at the left."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from stp_dash.charts.svg.sparkline import Sparkline, SparkPoint, Strip, sparkline_svg, strip_svg

BAND = "#EEF2F5"


def drawn(points: list[SparkPoint], level: str = "") -> BeautifulSoup:
    return BeautifulSoup(sparkline_svg(Sparkline(tuple(points), "Words", level)), "html.parser")


def limited(value: float | None, *, mean: float = 70.0, half: float = 5.0, mark: str = "") -> SparkPoint:
    return SparkPoint(value, mean=mean, limits=(mean - half, mean + half), mark=mark)


def bands(root: BeautifulSoup) -> list[tuple[float, float]]:
    return [
        (float(str(item["x"])), float(str(item["x"])) + float(str(item["width"])))
        for item in root.find_all("rect", fill=BAND)
    ]


def test_one_band_for_each_phase_and_none_crosses_a_restart() -> None:
    points = [limited(70), limited(71), limited(69), *(limited(v, mean=80) for v in (80, 81, 79))]
    points[3] = SparkPoint(80, mean=80, limits=(75, 85), restarts=True)
    found = bands(drawn(points))
    assert len(found) == 2
    assert found[0][1] < found[1][0]


def test_one_rule_stands_where_codes_change_and_two_where_the_series_restarts() -> None:
    def rules(third: SparkPoint) -> list[float]:
        points = [SparkPoint(70), SparkPoint(71), third, SparkPoint(70)]
        ends = [re.findall(r"[\d.]+", str(item["d"])) for item in drawn(points).find_all("path")]
        return sorted(float(path[0]) for path in ends if len(path) == 4 and path[0] == path[2])

    assert rules(SparkPoint(69)) == []
    (joint,), (left, right) = rules(SparkPoint(69, joint=True)), rules(SparkPoint(69, restarts=True))
    assert left < joint < right and joint == (left + right) / 2


def test_without_limits_there_is_no_band() -> None:
    assert bands(drawn([SparkPoint(70), SparkPoint(71)])) == []


def test_marks_stand_only_where_a_point_has_one_and_on_the_last() -> None:
    points = [limited(70), limited(66, mark="concern"), limited(65, mark="concern")]
    diamonds = [item for item in drawn(points).find_all("path") if "z" in str(item["d"])]
    assert len(diamonds) == 2
    circles = drawn([limited(70), limited(71), limited(70)]).find_all("circle")
    assert [item["r"] for item in circles] == ["3.8"]


def test_a_gap_at_the_end_marks_the_last_known_point() -> None:
    root = drawn([limited(70), limited(71), limited(None)])
    place = float(str(root.find_all("circle")[-1]["cx"]))
    assert 90 < place < 110


def test_a_standard_far_above_lies_clear_of_the_line_with_its_words() -> None:
    points = [SparkPoint(value, standard=99.0) for value in (70, 71, 70, 69)]
    root = drawn(points, "99%")
    assert "99% ↑" in root.get_text()
    line = next(item for item in root.find_all("path") if item["stroke"] == "#5B6B7A")
    heights = [float(pair.split(" ")[1]) for pair in str(line["d"])[1:].split("L")]
    assert min(heights) >= 16


def test_a_standard_near_by_is_drawn_where_it_is() -> None:
    assert "↑" not in drawn([SparkPoint(v, standard=72.0) for v in (70, 71, 70)], "72%").get_text()


def places(strip: Strip) -> list[float]:
    root = BeautifulSoup(strip_svg(strip), "html.parser")
    return [float(str(item["cx"])) for item in root.find_all("circle")]


def test_the_worst_is_left_whether_more_or_less_is_better() -> None:
    low, high = places(Strip((60.0, 90.0), None, None, "two"))
    assert low < high
    low, high = places(Strip((60.0, 90.0), None, None, "two", rising=False))
    assert high < low


def test_one_dot_and_equal_dots_are_still_drawn() -> None:
    assert len(places(Strip((70.0,), None, None, "one"))) == 1
    assert len(set(places(Strip((70.0, 70.0), None, None, "two")))) == 1
