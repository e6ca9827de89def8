"""Small pictures in tables, as SVG text: a line over time, and a strip of organisations."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from stp_dash.charts.theme import CONTROL, DARK, GREY, PLUM, SECONDARY, WHITE

WIDTH, HEIGHT = 208, 48
STRIP_HEIGHT = 24
_LEFT, _RIGHT, _TOP, _BOTTOM = 4.0, 198.0, 6.0, 42.0
_FAR = 1.5
"""A standard this many times the figures' range away from them is drawn at the edge, broken."""


@dataclass(frozen=True)
class SparkPoint:
    """One period. `restarts` says that its figure cannot be compared with those before it."""

    value: float | None
    standard: float | None = None
    comparator: float | None = None
    provisional: bool = False
    restarts: bool = False


@dataclass(frozen=True)
class Sparkline:
    """`label` says in words what the picture shows."""

    points: tuple[SparkPoint, ...]
    label: str


@dataclass(frozen=True)
class Strip:
    """One dot for each organisation, lowest at the left; the standard solid, the comparator dashed."""

    values: tuple[float, ...]
    standard: float | None
    comparator: float | None
    label: str


def data_address(svg: str) -> str:
    """An SVG as the address of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def sparkline_svg(chart: Sparkline) -> str:
    """A line of 24 or so periods with the stepped standard and the comparator dotted; a gap stays a gap."""
    points = chart.points
    scale = _Scale.of(points)
    x = [_LEFT + (_RIGHT - _LEFT) * i / max(1, len(points) - 1) for i in range(len(points))]
    marks = [
        *_standard_marks(points, x, scale),
        *_path(_runs(x, [p.comparator for p in points], points, scale), SECONDARY, 1, "1 3"),
        *_restarts(points, x),
        *_path(_runs(x, [p.value for p in points], points, scale), GREY, 1.75),
        *_lone_points(points, x, scale),
        *_last_point(points, x, scale),
    ]
    return _svg(chart.label, WIDTH, HEIGHT, marks)


def strip_svg(chart: Strip) -> str:
    """Dots on a line, from the lowest value to the highest."""
    ends = [*chart.values, *(v for v in (chart.standard, chart.comparator) if v is not None)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(_LEFT + 8 + (_RIGHT - _LEFT - 16) * (value - low) / span, 1)

    marks = [_line(_LEFT, 12, _RIGHT, 12, pen=(CONTROL, 1, ""))]
    if chart.standard is not None:
        marks.append(_line(place(chart.standard), 2, place(chart.standard), 22, pen=(PLUM, 2, "")))
    if chart.comparator is not None:
        marks.append(
            _line(place(chart.comparator), 2, place(chart.comparator), 22, pen=(SECONDARY, 1.5, "3 2"))
        )
    marks += [_dot(place(value), 12, 5, DARK, WHITE) for value in chart.values]
    return _svg(chart.label, WIDTH, STRIP_HEIGHT, marks)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def of(cls, points: Sequence[SparkPoint]) -> _Scale:
        figures = [v for p in points for v in (p.value, p.comparator) if v is not None]
        levels = {p.standard for p in points if p.standard is not None}
        low, high = (min(figures), max(figures)) if figures else (0.0, 1.0)
        span = (high - low) or 1.0
        near = [v for v in levels if low - _FAR * span <= v <= high + _FAR * span]
        low, high = min([low, *near]), max([high, *near])
        padding = 0.08 * ((high - low) or 1.0)
        return cls(low - padding, high + padding)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(_BOTTOM - (_BOTTOM - _TOP) * min(1.0, max(0.0, share)), 1)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


Run = list[tuple[float, float]]
Pen = tuple[str, float, str]
"""Colour, width and dashes of a line."""


def _runs(
    x: Sequence[float], values: Sequence[float | None], points: Sequence[SparkPoint], scale: _Scale
) -> list[Run]:
    """Stretches without a gap or a restart."""
    runs: list[Run] = [[]]
    for place, value, point in zip(x, values, points, strict=True):
        if value is None or point.restarts:
            runs.append([])
        if value is not None:
            runs[-1].append((round(place, 1), scale.y(value)))
    return [run for run in runs if run]


def _standard_marks(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale) -> list[str]:
    half = (x[1] - x[0]) / 2 if len(x) > 1 else 4.0
    runs: list[Run] = [[]]
    for place, point in zip(x, points, strict=True):
        if point.standard is None:
            runs.append([])
            continue
        y = scale.y(point.standard)
        runs[-1] += [(round(max(_LEFT, place - half), 1), y), (round(min(_RIGHT, place + half), 1), y)]
    far = [p.standard for p in points if p.standard is not None and not scale.holds(p.standard)]
    return [*_path([run for run in runs if run], PLUM, 1.75), *(_far_mark(far[-1], scale) if far else ())]


def _far_mark(value: float, scale: _Scale) -> list[str]:
    y = scale.y(value)
    broken = f'<path d="M98 {y + 4}l4 -8m4 8l4 -8" fill="none" stroke="{PLUM}" stroke-width="1"/>'
    arrow = "↑" if value > scale.high else "↓"
    text_y = y + 14 if value > scale.high else y - 5
    words = f'<text x="204" y="{text_y}" text-anchor="end" fill="{PLUM}">{value:g} {arrow}</text>'
    return [broken, words]


def _lone_points(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale) -> list[str]:
    runs = _runs(x, [p.value for p in points], points, scale)
    return [_dot(run[0][0], run[0][1], 2.8, GREY, WHITE) for run in runs if len(run) == 1]


def _last_point(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale) -> list[str]:
    known = [(place, p) for place, p in zip(x, points, strict=True) if p.value is not None]
    if not known:
        return []
    place, point = known[-1]
    fill, edge = (WHITE, GREY) if point.provisional else (GREY, WHITE)
    return [_dot(round(place, 1), scale.y(point.value or 0.0), 3.6, fill, edge)]


def _restarts(points: Sequence[SparkPoint], x: Sequence[float]) -> list[str]:
    marks = []
    for before, place, point in zip(x, x[1:], points[1:], strict=False):
        if point.restarts:
            middle = round((before + place) / 2, 1)
            marks += [
                _line(middle + shift, 2, middle + shift, 46, pen=(SECONDARY, 0.75, ""))
                for shift in (-1.5, 1.5)
            ]
    return marks


def _path(runs: Iterable[Run], colour: str, width: float, dashes: str = "") -> list[str]:
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return [
        f'<path d="M{"L".join(f"{px} {py}" for px, py in run)}" fill="none" stroke="{colour}" '
        f'stroke-width="{width}"{dash}/>'
        for run in runs
        if len(run) > 1
    ]


def _line(x0: float, y0: float, x1: float, y1: float, *, pen: Pen) -> str:
    return _path([[(x0, y0), (x1, y1)]], *pen)[0]


def _dot(x: float, y: float, radius: float, fill: str, edge: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{edge}" stroke-width="1.25"/>'


def _svg(words: str, width: int, height: int, marks: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="Arial, sans-serif" font-size="12">'
        f"<title>{escape(words)}</title>{''.join(marks)}</svg>"
    )
