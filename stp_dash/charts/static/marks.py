"""The traces and shapes of a static chart: lines, marks, bars, intervals, grounds and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

from stp_dash.charts.static.plane import ACROSS, Plane, is_number, stroke, svg_number

Trace = Mapping[str, Any]
_CLIPPED = '<svg width="100%" height="{height}">{inside}</svg>'
_STRETCHED = '<svg width="100%" height="{height}" viewBox="0 0 1000 {height}" preserveAspectRatio="none">{inside}</svg>'
_DIAMOND = 1.3
_BAR = 0.8


def shapes(plane: Plane, given: Iterable[Trace]) -> str:
    """Grounds and rules. Those of a figure that lie under its traces are to be given first."""
    every = list(given)
    drawn = "".join(_shape(plane, item) for item in every if item["type"] != "circle")
    rings = "".join(_ring(plane, item) for item in every if item["type"] == "circle")
    return (_CLIPPED.format(height=svg_number(plane.height), inside=drawn) if drawn else "") + rings


def _ring(plane: Plane, item: Trace) -> str:
    """A circle of so many pixels about its anchor; it may stand beyond the plot."""
    x, y = plane.across(item["xanchor"]), plane.down(item["yanchor"], item["yref"])
    radius = (item["x1"] - item["x0"]) / 2
    place = f'cx="{svg_number(x)}%" cy="{svg_number(y)}" r="{svg_number(radius)}"'
    return f'<circle {place} fill="none" {stroke(item["line"])}/>'


def _shape(plane: Plane, item: Trace) -> str:
    left, right = sorted(plane.across(item[end], item.get("xref", "x")) for end in ("x0", "x1"))
    top, foot = (plane.down(item[end], item.get("yref", "y")) for end in ("y0", "y1"))
    faint = f' opacity="{item["opacity"]}"' if "opacity" in item else ""
    if item["type"] == "rect":
        size = f'width="{svg_number(right - left)}%" height="{svg_number(abs(foot - top))}"'
        place = f'x="{svg_number(left)}%" y="{svg_number(min(top, foot))}"'
        return f'<rect {place} {size} fill="{item["fillcolor"]}"{faint}/>'
    ends = (
        f'x1="{svg_number(left)}%" x2="{svg_number(right)}%" y1="{svg_number(top)}" y2="{svg_number(foot)}"'
    )
    return f"<line {ends} {stroke(item['line'])}{faint}/>"


def static_traces(plane: Plane, given: Sequence[Trace], name: str) -> str:
    """All traces, those of an axis that lies over another on top. `name` begins the names of what is used twice."""
    numbered = list(enumerate(given))
    ordered = sorted(numbered, key=lambda item: item[1].get("yaxis", "y"))
    return "".join(_trace(plane, trace, f"{name}-{place}") for place, trace in ordered)


def _trace(plane: Plane, trace: Trace, name: str) -> str:
    if trace["type"] == "bar":
        return _bars(plane, trace, name)
    if trace["mode"] == "lines":
        return _line(plane, trace)
    drawn = _intervals(plane, trace) + _marks(plane, trace, name)
    if not drawn or not trace.get("cliponaxis", True):
        return drawn
    return _CLIPPED.format(height=svg_number(plane.height), inside=drawn)


def points(trace: Trace) -> Iterator[tuple[float, float] | None]:
    """The points of a trace in order; None where one is missing."""
    for x, y in zip(trace["x"], trace["y"], strict=True):
        yield (float(x), float(y)) if is_number(x) and is_number(y) else None


def _line(plane: Plane, trace: Trace) -> str:
    axis = trace.get("yaxis", "y")
    parts: list[str] = []
    joined = False
    for point in points(trace):
        if point is not None:
            x, y = plane.across(point[0]) * (plane.width or ACROSS) / 100, plane.down(point[1], axis)
            parts.append(f"{'L' if joined else 'M'}{svg_number(x)} {svg_number(y)}")
        joined = point is not None
    if not parts:
        return ""
    look = 'fill="none" stroke-linejoin="round" vector-effect="non-scaling-stroke"'
    inside = f'<path d="{"".join(parts)}" {look} {stroke(trace["line"])}/>'
    held = _STRETCHED if plane.width is None else _CLIPPED
    return held.format(height=svg_number(plane.height), inside=inside)


def _marks(plane: Plane, trace: Trace, name: str) -> str:
    axis, marker = trace.get("yaxis", "y"), trace["marker"]
    clipped = trace.get("cliponaxis", True)
    places = [
        (plane.across(point[0]), plane.down(point[1], axis))
        for point in points(trace)
        if point is not None
        and (not clipped or (plane.inside(point[0], "x") and plane.inside(point[1], axis)))
    ]
    symbol, half = marker.get("symbol", "circle"), marker["size"] / 2
    if symbol == "circle":
        return _group(_look(marker), _circles(places, half))
    path = f'<path id="{name}" d="{_outline(symbol, half)}"/>'
    used = "".join(f'<use href="#{name}" x="{svg_number(x)}%" y="{svg_number(y)}"/>' for x, y in places)
    return _group(_look(marker), f"<defs>{path}</defs>{used}") if places else ""


def _circles(places: Sequence[tuple[float, float]], radius: float) -> str:
    size = svg_number(radius)
    return "".join(f'<circle cx="{svg_number(x)}%" cy="{svg_number(y)}" r="{size}"/>' for x, y in places)


def _group(look: str, inside: str) -> str:
    return f"<g {look}>{inside}</g>" if inside else ""


def _look(marker: Mapping[str, Any]) -> str:
    """Fill and edge; an open mark has its colour on the edge."""
    edge = marker.get("line", {})
    opened = "open" in str(marker.get("symbol", ""))
    parts = [f'fill="{"none" if opened else marker["color"]}"']
    if edge.get("width") or opened:
        colour = marker["color"] if opened else edge["color"]
        parts.append(f'stroke="{colour}" stroke-width="{svg_number(edge.get("width") or 1)}"')
    if marker.get("opacity", 1) != 1:
        parts.append(f'opacity="{marker["opacity"]}"')
    return " ".join(parts)


def _outline(symbol: str, half: float) -> str:
    """The outline of a mark about its middle, as plotly.js has them: areas alike rather than widths."""
    wide, low = 2 * half / sqrt(3), half / 2
    reach = half * _DIAMOND
    corners = {
        "triangle-up": ((-wide, low), (wide, low), (0.0, -half)),
        "triangle-down": ((-wide, -low), (wide, -low), (0.0, half)),
        "square": ((-half, -half), (half, -half), (half, half), (-half, half)),
        "diamond": ((reach, 0.0), (0.0, reach), (-reach, 0.0), (0.0, -reach)),
    }
    found = corners[symbol.partition("-open")[0]]
    outline = "L".join(f"{svg_number(x)} {svg_number(y)}" for x, y in found)
    dot = "M0 .5L.5 0L0-.5L-.5 0Z" if symbol.endswith("-dot") else ""
    return f"M{outline}Z{dot}"


def _intervals(plane: Plane, trace: Trace) -> str:
    """Upright bars from the lower to the upper limit, with their ends where they have a width."""
    given = trace.get("error_y")
    if not given:
        return ""
    axis, cap = trace.get("yaxis", "y"), float(given["width"])
    drawn = []
    for point, more, less in zip(points(trace), given["array"], given["arrayminus"], strict=True):
        if point is None or not (more or less):
            continue
        top, foot = plane.down(point[1] + more, axis), plane.down(point[1] - less, axis)
        ends = (
            "".join(f"M{svg_number(-cap)} {svg_number(y)}h{svg_number(2 * cap)}" for y in (top, foot))
            if cap
            else ""
        )
        path = f'<path d="M0 {svg_number(top)}V{svg_number(foot)}{ends}"/>'
        drawn.append(f'<svg x="{svg_number(plane.across(point[0]))}%" overflow="visible">{path}</svg>')
    look = f'fill="none" stroke="{given["color"]}" stroke-width="{svg_number(given["thickness"])}"'
    return _group(look, "".join(drawn))


def _bars(plane: Plane, trace: Trace, name: str) -> str:
    """Bars from the axis up, hatched where their marker has a pattern."""
    axis = trace.get("yaxis", "y")
    widths = trace.get("width") or _even(trace)
    drawn = []
    for point, width in zip(points(trace), widths, strict=True):
        if point is None:
            continue
        left, right = (plane.across(point[0] + end * width / 2) for end in (-1, 1))
        top, foot = plane.down(point[1], axis), plane.down(0.0, axis)
        place = f'x="{svg_number(left)}%" y="{svg_number(top)}"'
        size = f'width="{svg_number(right - left)}%" height="{svg_number(foot - top)}"'
        drawn.append(f'<rect {place} {size} fill="url(#{name})"/>')
    if not drawn:
        return ""
    return _hatching(trace["marker"]["pattern"], name) + _CLIPPED.format(
        height=svg_number(plane.height), inside="".join(drawn)
    )


def _even(trace: Trace) -> list[float]:
    places = sorted(float(x) for x in trace["x"])
    apart = min((after - before for before, after in pairwise(places)), default=1.0)
    return [_BAR * apart] * len(places)


def _hatching(pattern: Mapping[str, Any], name: str) -> str:
    """Strokes that rise to the right, as plotly.js draws the pattern `/`."""
    size = float(pattern["size"])
    quarter = size / 4
    strokes = (
        f"M{svg_number(-quarter)} {svg_number(quarter)}l{svg_number(2 * quarter)} {svg_number(-2 * quarter)}"
        f"M0 {svg_number(size)}L{svg_number(size)} 0"
        f"M{svg_number(3 * quarter)} {svg_number(5 * quarter)}l{svg_number(2 * quarter)} {svg_number(-2 * quarter)}"
    )
    box = f'width="{svg_number(size)}" height="{svg_number(size)}" patternUnits="userSpaceOnUse"'
    width = svg_number(size * float(pattern["solidity"]))
    line = f'<path d="{strokes}" stroke="{pattern["fgcolor"]}" stroke-width="{width}"/>'
    return f'<defs><pattern id="{name}" {box}>{line}</pattern></defs>'
