"""Still pictures hold the numbers of the figures that they are drawn from: their places are read back as values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from db.settings import load_settings
from stp_dash.charts.static.picture import static_chart
from stp_dash.charts.static.plane import Plane, ticks
from stp_dash.charts.theme import axis, label, layout
from stp_dash.frame.request import Site, Width
from tests.support.browser.states import STAFFING, TREND, VARIATION
from tests.support.seed import seeded_store, three_subjects
from tests.support.site.pages import page_at

Figure = dict[str, Any]
_PLACE = re.compile(r"([ML])([-\d.]+) ([-\d.]+)")
_WIDTHS: tuple[Width, ...] = ("phone", "tablet", "desktop")


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Figure]]:
    """Every figure of the pages that draw with plotly, in all their states and at all widths."""
    store = seeded_store(tmp_path_factory.mktemp("still") / "store.sqlite", three_subjects())
    site = Site(store, load_settings())
    found: list[Figure] = []
    for address in (*TREND, *VARIATION, *STAFFING):
        path, _, query = address.partition("?")
        for width in _WIDTHS:
            found += _within(page_at(site, path, f"?{query}", width))
    yield found
    store.close()


def _within(part: object) -> Iterator[Figure]:
    if isinstance(part, dict):
        if part.get("type") == "Graph":
            yield part["props"]["figure"]
        for value in part.values():
            yield from _within(value)
    elif isinstance(part, list):
        for value in part:
            yield from _within(value)


@dataclass
class Part:
    """An element of a drawing. Names of attributes are in small letters."""

    tag: str
    attributes: dict[str, str]
    within: list[Part] = field(default_factory=list)
    words: str = ""

    def get(self, name: str, other: str = "") -> str:
        return self.attributes.get(name, other)

    def number(self, *names: str) -> float:
        """The first of some attributes that is there, without its unit."""
        return float(next(self.attributes[name] for name in names if name in self.attributes).rstrip("%"))


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[Part] = []
        self.open: list[Part] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        part = Part(tag, {name: value or "" for name, value in attrs})
        if self.open:
            self.open[-1].within.append(part)
        self.parts.append(part)
        self.open.append(part)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for part in self.open:
            part.words += data


def _drawing(figure: Figure) -> list[Part]:
    """All parts of the picture, in the order in which they are drawn."""
    reader = _Read()
    reader.feed(static_chart(figure))
    reader.close()
    assert reader.open == []
    return reader.parts


def _span(figure: Figure, name: str) -> tuple[float, float]:
    low, high = figure["layout"][f"{name[0]}axis{name[1:]}"]["range"]
    return float(low), float(high)


def _height(figure: Figure) -> float:
    margin = figure["layout"]["margin"]
    return float(figure["layout"]["height"] - margin["t"] - margin["b"])


def _values(figure: Figure, across: float, down: float, name: str) -> tuple[float, float]:
    """The numbers at a place: a share of the width, and pixels from the top."""
    (left, right), (low, high) = _span(figure, "x"), _span(figure, name)
    return left + across * (right - left), high - down / _height(figure) * (high - low)


def _close(figure: Figure, name: str) -> tuple[float, float]:
    """A hundredth of a pixel in a plot of 1,000, as numbers of both axes."""
    (left, right), (low, high) = _span(figure, "x"), _span(figure, name)
    return 1e-5 * (right - left), 0.01 / _height(figure) * (high - low)


def _traces(figure: Figure, mode: str) -> list[Figure]:
    """In the order in which they are drawn: what lies over another axis last."""
    chosen = [trace for trace in figure["data"] if trace.get("mode") == mode]
    return sorted(chosen, key=lambda trace: str(trace.get("yaxis", "y")))


def _points(trace: Figure) -> list[tuple[float, float] | None]:
    return [
        None if x is None or y is None else (float(x), float(y))
        for x, y in zip(trace["x"], trace["y"], strict=True)
    ]


def test_every_kind_of_figure_is_there(figures: list[Figure]) -> None:
    drawn = {trace.get("name") for figure in figures for trace in figure["data"]}
    assert {"Mean", "Standard", "No figure", "99.8% limits", "Quoted claims", "Others"} <= drawn
    assert any("error_y" in trace for figure in figures for trace in figure["data"])
    assert len(figures) > 60


def test_marks_stand_at_their_numbers(figures: list[Figure]) -> None:
    held = 0
    for figure in figures:
        marks = [part for part in _drawing(figure) if part.tag in {"circle", "use"}]
        places = [(part.number("cx", "x") / 100, part.number("cy", "y")) for part in marks]
        wanted = [
            (trace.get("yaxis", "y"), point)
            for trace in _traces(figure, "markers")
            for point in _points(trace)
            if point is not None and _seen(figure, trace, point)
        ]
        assert len(places) == len(wanted)
        for (across, down), (name, point) in zip(places, wanted, strict=True):
            x, y = _values(figure, across, down, name)
            near_x, near_y = _close(figure, name)
            assert abs(x - point[0]) <= near_x and abs(y - point[1]) <= near_y
            held += 1
    assert held > 900


def _seen(figure: Figure, trace: Figure, point: tuple[float, float]) -> bool:
    if not trace.get("cliponaxis", True):
        return True
    (left, right), (low, high) = _span(figure, "x"), _span(figure, trace.get("yaxis", "y"))
    return left <= point[0] <= right and low <= point[1] <= high


def test_lines_run_through_their_numbers_and_stop_where_one_is_missing(figures: list[Figure]) -> None:
    broken = 0
    for figure in figures:
        stretched = [part for part in _drawing(figure) if part.get("preserveaspectratio") == "none"]
        drawn = [_PLACE.findall(part.within[0].get("d")) for part in stretched]
        wanted = [_points(trace) for trace in _traces(figure, "lines") if any(_points(trace))]
        assert len(drawn) == len(wanted)
        for path, points in zip(drawn, wanted, strict=True):
            kept = [point for point in points if point is not None]
            near_x, near_y = _close(figure, "y")
            assert len(path) == len(kept)
            for (_, x, y), point in zip(path, kept, strict=True):
                at, value = _values(figure, float(x) / 1000, float(y), "y")
                assert abs(at - point[0]) <= near_x and abs(value - point[1]) <= near_y
            steps = "".join("L" if before else "M" for before, point in pairwise([None, *points]) if point)
            assert "".join(step for step, _, _ in path) == steps
            broken += steps.count("M") > 1
    assert broken > 0


def test_intervals_reach_from_limit_to_limit(figures: list[Figure]) -> None:
    held = 0
    for figure in figures:
        held_at = [part.within[0].get("d") for part in _drawing(figure) if _is_interval(part)]
        ends = [[float(y) for y in re.findall(r"[V ]([-\d.]+)", path)[:2]] for path in held_at]
        wanted = [
            (point[1] + more, point[1] - less)
            for trace in figure["data"]
            if "error_y" in trace
            for point, more, less in zip(
                _points(trace), trace["error_y"]["array"], trace["error_y"]["arrayminus"], strict=True
            )
            if point is not None and (more or less)
        ]
        assert len(ends) == len(wanted)
        for (top, foot), (upper, lower) in zip(ends, wanted, strict=True):
            near = _close(figure, "y")[1]
            assert abs(_values(figure, 0, top, "y")[1] - upper) <= near
            assert abs(_values(figure, 0, foot, "y")[1] - lower) <= near
            held += 1
    assert held > 50


def _is_interval(part: Part) -> bool:
    within = part.within
    return part.tag == "svg" and len(within) == 1 and within[0].get("d").startswith("M0 ")


def test_all_words_of_a_figure_are_in_its_picture(figures: list[Figure]) -> None:
    for figure in figures:
        drawing = _drawing(figure)
        said = "\n".join(part.words for part in drawing if part.tag == "text")
        for item in figure["layout"]["annotations"]:
            for line in re.sub(r"</?b>", "", item["text"]).split("<br>"):
                assert line in said
        assert not {"nan", "inf", "None"} & {value for part in drawing for value in part.attributes.values()}


def test_missing_periods_are_hatched_over_their_breadth(figures: list[Figure]) -> None:
    held = 0
    for figure in figures:
        bars = [trace for trace in figure["data"] if trace["type"] == "bar" and len(trace["x"])]
        drawn = [part for part in _drawing(figure) if part.tag == "rect" and "url(" in part.get("fill")]
        wanted = [
            (x - width / 2, x + width / 2)
            for trace in bars
            for x, width in zip(trace["x"], trace["width"], strict=True)
        ]
        assert len(drawn) == len(wanted)
        left, right = _span(figure, "x")
        for part, (start, end) in zip(drawn, wanted, strict=True):
            at, width = (part.number(name) / 100 * (right - left) for name in ("x", "width"))
            assert (left + at, left + at + width) == pytest.approx((start, end), abs=1e-4 * (right - left))
            held += 1
    assert held > 0


@pytest.mark.parametrize(
    ("low", "high", "more", "words"),
    (
        (59.4, 86.1, {"nticks": 7, "ticksuffix": "%"}, ["60%", "65%", "70%", "75%", "80%", "85%"]),
        (3.0, 4.6, {"nticks": 7, "tickformat": ".1f"}, ["3.0", "3.5", "4.0", "4.5"]),
        (0.0, 4500.0, {"nticks": 6, "tickformat": ",d"}, ["0", "1,000", "2,000", "3,000", "4,000"]),
        (-46.0, 276.0, {"nticks": 6}, ["0", "100", "200"]),
        (-120.0, 120.0, {"nticks": 6}, ["\u2212100", "\u221250", "0", "50", "100"]),
        (2016.9, 2026.9, {"dtick": 4, "tickformat": "d"}, ["2020", "2024"]),
        (0.0, 25000.0, {"nticks": 6}, ["0", "5k", "10k", "15k", "20k", "25k"]),
        (1.0, 2.2, {"nticks": 7, "tickvals": [1, 2, 3], "ticktext": ["A", "B", "C"]}, ["A", "B"]),
    ),
)
def test_round_numbers_on_an_axis(low: float, high: float, more: Figure, words: list[str]) -> None:
    assert [shown for _, shown in ticks(axis(range=[low, high], **more))] == words


def test_words_cannot_break_out_of_a_picture() -> None:
    figure = {
        "data": [],
        "layout": layout(
            200,
            xaxis=axis(range=[0, 1], tickvals=[0], ticktext=["<i>&"]),
            yaxis=axis(range=[0, 1], tickvals=[], ticktext=[]),
            annotations=[label("<b>A & B</b> </text><script>", x=0, y=0, xanchor="left")],
        ),
    }
    drawing = _drawing(figure)
    assert [part.words for part in drawing if part.tag == "text"] == ["<i>&", "A & B </text><script>"]
    assert [part.get("font-weight") for part in drawing if part.tag == "tspan"] == ["700"]


def test_places_across_are_shares_and_places_down_are_pixels() -> None:
    plane = Plane(layout(160, xaxis=axis(range=[10, 20]), yaxis=axis(range=[0, 50])))
    assert plane.height == 96
    assert plane.across(12.5) == 25
    assert plane.across(0.25, "paper") == 25
    assert plane.down(25) == 48
    assert plane.down(1, "paper") == 0
