"""Small pictures in tables, as SVG text: a line over time with its limits, and a strip of organisations."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from stp_dash.charts.svg.icons import point_svg
from stp_dash.charts.theme import BAND, CONTROL, DARK, GREY, HALO, PLUM, SECONDARY, WHITE

WIDTH, HEIGHT = 208, 48
STRIP_WIDTH, STRIP_HEIGHT = 184, 24
_LEFT, _MARGIN, _TOP, _BOTTOM = 4.0, 10.0, 6.0, 42.0
_FAR = 1.5
"""A standard this many times the figures' range away from them is drawn at the edge, broken."""
_EDGE = 10.0


@dataclass(frozen=True)
class SparkPoint:
    """One period. `restarts` says that its figure cannot be compared with those before it, `joint` that those are of
    organisations that the present one was made from.

    mark: the kind of point where one is drawn, `common_cause`, `improvement`, `concern` or `neither`, on the `side`
    (`high`, `low`) of the mean; "" for the line alone.
    """

    value: float | None
    standard: float | None = None
    comparator: float | None = None
    provisional: bool = False
    restarts: bool = False
    joint: bool = False
    mean: float | None = None
    limits: tuple[float, float] | None = None
    mark: str = ""
    side: str = "high"


@dataclass(frozen=True)
class Sparkline:
    """`label` says in words what the picture shows, `level` writes a standard that lies beyond the edge.

    at: where on the time axis each point lies, from 0 at its start to 1 at its end; points without lie evenly.
    """

    points: tuple[SparkPoint, ...]
    label: str
    level: str = ""
    at: tuple[float, ...] = ()


@dataclass(frozen=True)
class Strip:
    """One dot for each organisation, the worst at the left; the standard solid, the comparator dashed.

    rising: more is better, so that low values stand at the left.
    """

    values: tuple[float, ...]
    standard: float | None
    comparator: float | None
    label: str
    rising: bool = True


def data_address(svg: str) -> str:
    """An SVG as the address of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def sparkline_svg(chart: Sparkline, width: int = WIDTH) -> str:
    """A line of some periods over its limits, with the stepped standard; a gap stays a gap.

    Limits and line never cross a restart. Marks are only where a point has one, and on the last point.
    """
    points, right = chart.points, width - _MARGIN
    scale = _Scale.of(points, right)
    shares = chart.at or [place / max(1, len(points) - 1) for place in range(len(points))]
    x = [_LEFT + (right - _LEFT) * share for share in shares]
    marks = [
        *_limits(points, x, scale),
        *_standard_marks(points, x, scale, chart.level),
        *_path(_runs(x, [p.comparator for p in points], points, scale), SECONDARY, 1, "1 3"),
        *_restarts(points, x),
        *_path(_runs(x, [p.value for p in points], points, scale), GREY, 1.75),
        *_lone_points(points, x, scale),
        *_points(points, x, scale),
    ]
    return _svg(chart.label, width, HEIGHT, marks)


def strip_svg(chart: Strip, width: int = STRIP_WIDTH) -> str:
    """Dots on a line, from the worst value to the best."""
    ends = [*chart.values, *(v for v in (chart.standard, chart.comparator) if v is not None)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        share = (value - low) / span if chart.rising else (high - value) / span
        return round(10 + (width - 20) * share, 1)

    marks = [_line(2, 12, width - 2, 12, pen=(CONTROL, 1, ""))]
    if chart.comparator is not None:
        marks.append(
            _line(place(chart.comparator), 2, place(chart.comparator), 22, pen=(SECONDARY, 1.5, "3 2"))
        )
    if chart.standard is not None:
        marks.append(_line(place(chart.standard), 2, place(chart.standard), 22, pen=(PLUM, 2, "")))
    marks += [_dot(place(value), 12, 5, DARK, WHITE) for value in chart.values]
    return _svg(chart.label, width, STRIP_HEIGHT, marks)


@dataclass(frozen=True)
class _Scale:
    """What values the picture spans, between which heights. A standard beyond them lies at the edge, clear of them."""

    low: float
    high: float
    right: float
    top: float = _TOP
    bottom: float = _BOTTOM

    @classmethod
    def of(cls, points: Sequence[SparkPoint], right: float) -> _Scale:
        figures = [v for p in points for v in (p.value, p.comparator, *(p.limits or ())) if v is not None]
        levels = {p.standard for p in points if p.standard is not None}
        low, high = (min(figures), max(figures)) if figures else (0.0, 1.0)
        span = (high - low) or 1.0
        near = [v for v in levels if low - _FAR * span <= v <= high + _FAR * span]
        low, high = min([low, *near]), max([high, *near])
        padding = 0.08 * ((high - low) or 1.0)
        low, high = low - padding, high + padding
        above, below = any(v > high for v in levels), any(v < low for v in levels)
        return cls(low, high, right, _TOP + _EDGE if above else _TOP, _BOTTOM - _EDGE if below else _BOTTOM)

    def y(self, value: float) -> float:
        if not self.holds(value):
            return _TOP if value > self.high else _BOTTOM
        share = (value - self.low) / (self.high - self.low)
        return round(self.bottom - (self.bottom - self.top) * share, 1)

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


def _limits(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale) -> list[str]:
    """Of each stretch of one mean and one pair of limits the pale band, the dashed limits and the mean."""
    half = (x[1] - x[0]) / 2 if len(x) > 1 else 4.0
    marks = []
    for first, last in _stretches(points):
        left = x[first] if first == 0 else x[first] - half + 1.5
        right = x[last] if last == len(x) - 1 else x[last] + half - 1.5
        marks += _one_stretch(points[first], round(left, 1), round(right, 1), scale)
    return marks


def _stretches(points: Sequence[SparkPoint]) -> list[tuple[int, int]]:
    """The first and last place of each stretch whose mean and limits are one."""
    found: list[tuple[int, int]] = []
    for place, point in enumerate(points):
        if point.mean is None:
            continue
        before = points[found[-1][1]] if found and found[-1][1] == place - 1 else None
        if before is not None and (before.mean, before.limits) == (point.mean, point.limits):
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found


def _one_stretch(point: SparkPoint, left: float, right: float, scale: _Scale) -> list[str]:
    marks = []
    if point.limits is not None:
        low, high = (scale.y(limit) for limit in point.limits)
        size = f'width="{right - left:.1f}" height="{max(0.0, low - high):.1f}"'
        marks.append(f'<rect x="{left}" y="{high}" {size} fill="{BAND}"/>')
        marks += [_line(left, y, right, y, pen=(CONTROL, 1, "3 3")) for y in (low, high)]
    mean = scale.y(point.mean or 0.0)
    return [*marks, _line(left, mean, right, mean, pen=(SECONDARY, 1, ""))]


def _standard_marks(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale, level: str) -> list[str]:
    half = (x[1] - x[0]) / 2 if len(x) > 1 else 4.0
    runs: list[Run] = [[]]
    for place, point in zip(x, points, strict=True):
        if point.standard is None:
            runs.append([])
            continue
        y = scale.y(point.standard)
        runs[-1] += [(round(max(_LEFT, place - half), 1), y), (round(min(scale.right, place + half), 1), y)]
    far = [p.standard for p in points if p.standard is not None and not scale.holds(p.standard)]
    lines = _path([_corners(run) for run in runs if run], PLUM, 1.75)
    return [*lines, *(_far_mark(far[-1], scale, level) if far else ())]


def _corners(run: Run) -> Run:
    """A stepped line's ends and the points where it turns."""
    inner = [
        point
        for before, point, after in zip(run, run[1:], run[2:], strict=False)
        if not before[1] == point[1] == after[1]
    ]
    return [run[0], *inner, run[-1]]


def _far_mark(value: float, scale: _Scale, level: str) -> list[str]:
    """A break in the line, and the level that lies beyond the edge."""
    above, y = value > scale.high, scale.y(value)
    broken = (
        f'<path d="M{scale.right / 2} {y + 4}l4 -8m4 8l4 -8" fill="none" stroke="{PLUM}" stroke-width="1"/>'
    )
    words = f"{level or f'{value:g}'} {'↑' if above else '↓'}"
    text = f'<text x="{scale.right + 6}" y="{y + 4}" text-anchor="end" fill="{PLUM}" {HALO}>{escape(words)}</text>'
    return [broken, text]


def _lone_points(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale) -> list[str]:
    runs = _runs(x, [p.value for p in points], points, scale)
    return [_dot(run[0][0], run[0][1], 2.8, GREY, WHITE) for run in runs if len(run) == 1]


def _points(points: Sequence[SparkPoint], x: Sequence[float], scale: _Scale) -> list[str]:
    """The marked points, and the last one larger, whatever it is."""
    known = [(place, p) for place, p in zip(x, points, strict=True) if p.value is not None]
    marks = []
    for number, (place, point) in enumerate(known, 1):
        last = number == len(known)
        if point.mark or last:
            radius = 3.8 if last else 2.8
            kind = point.mark or "common_cause"
            where = (round(place, 1), scale.y(point.value or 0.0))
            marks.append(point_svg(kind, *where, radius, hollow=point.provisional, side=point.side))
    return marks


def _restarts(points: Sequence[SparkPoint], x: Sequence[float]) -> list[str]:
    marks = []
    for before, place, point in zip(x, x[1:], points[1:], strict=False):
        if point.restarts:
            middle = round((before + place) / 2, 1)
            marks += [
                _line(middle + shift, 2, middle + shift, 46, pen=(SECONDARY, 0.75, ""))
                for shift in (-1.5, 1.5)
            ]
        elif point.joint:
            middle = round((before + place) / 2, 1)
            marks.append(_line(middle, 2, middle, 46, pen=(SECONDARY, 0.75, "")))
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
