"""The small chart of many alike: bands, line, last mark and labels."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from stp_dash.charts.lettering import text_width
from stp_dash.charts.svg.multiples import Decile, Panel, PanelPoint, PanelScale, nice_ticks, panel_svg
from stp_dash.charts.theme import DARK, PLUM

SCALE = PanelScale(0, 5, 50, 100, ((50, "50%"), (75, "75%"), (100, "100%")), ("Mar 2026", "Aug 2026"))
POINTS = tuple(PanelPoint(float(i), 60.0 + i, 85.0) for i in range(6))
DECILES = tuple(Decile(float(i), tuple(60.0 + 3 * n + i for n in range(9))) for i in range(6))
PANEL = Panel(POINTS, DECILES, "concern", "low", provisional=True, shown="65.0", label="East Kent & <others>")


def picture(panel: Panel = PANEL) -> BeautifulSoup:
    return BeautifulSoup(panel_svg(panel, SCALE), "html.parser")


def paths(panel: Panel, colour: str, attribute: str = "stroke") -> list[str]:
    return [str(item["d"]) for item in picture(panel).find_all("path") if item.get(attribute) == colour]


def test_the_picture_is_sound_and_says_what_it_shows() -> None:
    assert len(picture().find_all("svg")) == 1
    assert panel_svg(PANEL, SCALE).count("<others>") == 0
    title = picture().title
    assert title is not None
    assert title.text == "East Kent & <others>"


def test_four_bands_darken_towards_the_median() -> None:
    fills = [item["fill"] for item in picture().find_all("path") if str(item["d"]).endswith("z")]
    bands = [fill for fill in fills if fill != "#FFFFFF"]
    assert len(set(bands)) == 4
    shades = [int(str(fill)[1:3], 16) for fill in bands]
    assert shades == sorted(shades, reverse=True)


def test_the_outer_band_reaches_from_the_first_to_the_ninth_decile_line() -> None:
    svg = picture()
    outer = next(str(item["d"]) for item in svg.find_all("path") if item.get("fill") == "#EEF2F5")
    heights = [float(pair.split(" ")[1]) for pair in outer[1:-1].split("L")]
    span = (152 - 8 - 28) / 50
    assert max(heights) == pytest.approx(124 - (60 - 50) * span, abs=0.1)
    assert min(heights) == pytest.approx(124 - (60 + 24 + 5 - 50) * span, abs=0.1)


def test_deciles_of_one_period_alone_are_a_narrow_column() -> None:
    lone = replace(PANEL, deciles=PANEL.deciles[-1:])
    bands = re.findall(r'd="M([^"]+)z" fill', panel_svg(lone, SCALE))
    assert len(bands) == 5, "four bands and the mark of the last figure"
    places = {float(point.split()[0]) for point in bands[0].split("L")}
    assert 4 <= max(places) - min(places) <= 8


def test_the_last_mark_is_a_hollow_diamond_with_the_value() -> None:
    svg = picture()
    mark = svg.find_all("path")[-1]
    assert mark["fill"] == "#FFFFFF"
    assert str(mark["d"]).count("l") == 3
    assert any(item.text == "65.0" for item in svg.find_all("text"))
    filled = picture(replace(PANEL, provisional=False)).find_all("path")[-1]
    assert filled["fill"] != "#FFFFFF"


def test_a_missing_period_parts_the_line() -> None:
    gap = replace(PANEL, points=(*POINTS[:2], replace(POINTS[2], value=None), *POINTS[3:]))
    assert len(paths(PANEL, DARK)) == 1
    assert len(paths(gap, DARK)) == 2


def test_a_restart_parts_line_and_bands_and_is_ruled_twice() -> None:
    points = tuple(replace(point, restarts=index == 3) for index, point in enumerate(POINTS))
    restarted = replace(PANEL, points=points)
    assert len(paths(restarted, DARK)) == 2
    bands = [item for item in picture(restarted).find_all("path") if item.get("fill") == "#EEF2F5"]
    assert len(bands) == 2
    assert str(picture(restarted)).count('stroke-width=".75"') == 1


def test_where_codes_change_the_line_goes_on_and_is_ruled_once() -> None:
    joined = replace(PANEL, points=tuple(replace(p, joint=index == 3) for index, p in enumerate(POINTS)))
    (rule,) = [str(item["d"]) for item in picture(joined).find_all("path", attrs={"stroke-width": ".75"})]
    assert rule.count("M") == 1
    assert float(rule[1:].partition(" ")[0]) == pytest.approx(40 + (344 - 52 - 40) * 2.5 / 5, abs=0.1)
    assert (
        panel_svg(joined, SCALE).replace(rule, "").count("<path")
        == panel_svg(PANEL, SCALE).count("<path") + 1
    )
    assert paths(joined, DARK) == paths(PANEL, DARK)


def test_the_standard_steps_half_a_period_before_its_first_point() -> None:
    points = tuple(replace(p, standard=75.0 if i < 3 else 80.0) for i, p in enumerate(POINTS))
    (line,) = paths(replace(PANEL, points=points), PLUM)
    places = [tuple(float(part) for part in pair.split(" ")) for pair in line[1:].split("L")]
    step = next(after for before, after in pairwise(places) if before[1] != after[1])
    right = 344 - 52
    assert step[0] == pytest.approx(40 + (right - 40) * 2.5 / 5, abs=0.1)


def test_without_a_figure_the_panel_says_so() -> None:
    empty = replace(PANEL, points=tuple(replace(p, value=None) for p in POINTS), shown="No figure")
    assert any(item.text == "No figure" for item in picture(empty).find_all("text"))
    assert paths(empty, DARK) == []


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (57, 90, 100, (50, 75, 100)),
        (48, 90, 100, (40, 60, 80, 100)),
        (3.3, 5.1, None, (3, 4, 5, 6)),
        (20, 100, 100, (0, 50, 100)),
        (49, 51, None, (49, 50, 51)),
    ],
)
def test_ticks_are_round_and_hold_the_range(
    low: float, high: float, most: float | None, ticks: tuple[float, ...]
) -> None:
    assert nice_ticks(low, high, most=most) == ticks


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (5.0, 5.0), (-3.0, 7.0), (0.001, 0.002), (1e5, 3e6)])
def test_ticks_of_any_range_are_even_and_hold_it(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    steps = {round(two - one, 6) for one, two in pairwise(ticks)}
    assert len(steps) == 1
    assert ticks[0] <= low
    assert ticks[-1] >= high


@pytest.mark.parametrize("words", ["100.0%", "80.0%", "1,250", "A"])
def test_no_word_of_the_axis_is_cut_off_on_the_left(words: str) -> None:
    wide = replace(SCALE, ticks=((50, "50%"), (100, words)))
    ticks = BeautifulSoup(panel_svg(PANEL, wide), "html.parser").find_all("text", {"text-anchor": "end"})
    named = [item for item in ticks if item.text == words]
    assert [float(str(item["x"])) - text_width(words, 12) >= 0 for item in named] == [True]


def test_what_is_noted_is_a_small_ring_without_words_and_none_touches_another() -> None:
    ringed = replace(PANEL, rings=(1.0, 1.1, 4.0))
    circles = [item for item in picture(ringed).find_all("circle") if item.get("fill") == "#FFFFFF"]
    assert len(circles) == 2
    apart = float(str(circles[1]["cx"])) - float(str(circles[0]["cx"]))
    assert apart >= 2 * float(str(circles[0]["r"]))
    assert [item.text for item in picture(ringed).find_all("text")] == [
        item.text for item in picture().find_all("text")
    ]
    stems = [item for item in picture(ringed).find_all("path") if item.get("stroke-dasharray") == "1.5 2"]
    assert len(stems) == 2
