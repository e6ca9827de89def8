"""Axes and words of a static chart, at the places where plotly.js puts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from math import hypot
from typing import Any

from stp_dash.charts.lettering import text_width
from stp_dash.charts.static.plane import Axis, Plane, svg_number, ticks
from stp_dash.charts.theme import HALO

_TICK, _TICK_ROOM = 5, 8.4
_BASELINE = 0.35
"""How far under the middle of a line its letters stand, in parts of the type size."""
_UNDER_AXIS = 8.4
_TITLE_UNDER = 39.3
_LEAD = 1.3
"""From line to line, in parts of the type size."""
_PAD, _ASCENT, _LETTERS = 2.0, 11 / 12, 7 / 6
"""The room around a label, and how high letters are above their line and altogether, in parts of the type size."""
_SHARES = {"left": 0.0, "top": 0.0, "center": 0.5, "middle": 0.5, "right": 1.0, "bottom": 1.0}
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_BOLD = re.compile(r"<b>(.*?)</b>")


def grid(plane: Plane) -> str:
    """Level lines at the marked values, where the figure asks for them."""
    axis = plane.axis("y")
    if not axis.get("showgrid"):
        return ""
    level = [svg_number(plane.down(value)) for value, _ in ticks(axis)]
    lines = "".join(f'<line x2="100%" y1="{y}" y2="{y}"/>' for y in level)
    return f'<g stroke="{axis["gridcolor"]}">{lines}</g>'


def axes(plane: Plane) -> str:
    """Both axes with their marks and words, and the name of the lower one."""
    return _upright(plane) + _level(plane)


def _upright(plane: Plane) -> str:
    axis = plane.axis("y")
    size = axis["tickfont"]["size"]
    parts = [f'<line x1="-.5" x2="-.5" y1="0" y2="{svg_number(plane.height)}" stroke="{axis["linecolor"]}"/>']
    for value, words in ticks(axis):
        y = plane.down(value)
        place = f'x1="{-_TICK - 1}" x2="-1" y1="{svg_number(y)}" y2="{svg_number(y)}"'
        parts.append(f'<line {place} stroke="{axis["tickcolor"]}"/>')
        parts.append(_tick_words(axis, words, f'x="{-_TICK_ROOM}" text-anchor="end"', y + _BASELINE * size))
    return "".join(parts)


def _level(plane: Plane) -> str:
    axis, foot = plane.axis("x"), plane.height
    y, size = foot + 0.5, axis["tickfont"]["size"]
    parts = [
        f'<line x1="-1" x2="100%" y1="{svg_number(y)}" y2="{svg_number(y)}" stroke="{axis["linecolor"]}"/>'
    ]
    if axis.get("showticklabels", True):
        for value, words in ticks(axis):
            x = svg_number(plane.across(value))
            place = f'x1="{x}%" x2="{x}%" y1="{svg_number(foot + 1)}" y2="{svg_number(foot + 1 + _TICK)}"'
            parts.append(f'<line {place} stroke="{axis["tickcolor"]}"/>')
            parts.append(
                _tick_words(axis, words, f'x="{x}%" text-anchor="middle"', foot + _UNDER_AXIS + size)
            )
    title = axis.get("title")
    if title:
        font, low = title["font"], svg_number(foot + _TITLE_UNDER)
        place = f'x="50%" y="{low}" text-anchor="middle" font-size="{font["size"]}" fill="{font["color"]}"'
        parts.append(f"<text {place}>{escape(title['text'])}</text>")
    return "".join(parts)


def _tick_words(axis: Axis, words: str, place: str, y: float) -> str:
    font = axis["tickfont"]
    look = f'font-size="{font["size"]}" fill="{font["color"]}"'
    return "".join(
        f'<text {place} y="{svg_number(y + order * _LEAD * font["size"])}" {look}>{_inline(line)}</text>'
        for order, line in enumerate(words.split("<br>"))
    )


def static_labels(plane: Plane, given: Iterable[Mapping[str, Any]]) -> str:
    """The words on the plot, with a white edge under their letters, and leaders to their points."""
    drawn = "".join(_label(plane, item) for item in given)
    return f"<g {HALO}>{drawn}</g>" if drawn else ""


def _label(plane: Plane, item: Mapping[str, Any]) -> str:
    x = plane.across(item["x"], item.get("xref", "x"))
    y = plane.down(item["y"], item.get("yref", "y"))
    led = bool(item.get("showarrow"))
    right = float(item.get("ax", 0) if led else item.get("xshift", 0) or 0)
    low = float(item.get("ay", 0) if led else -(item.get("yshift", 0) or 0))
    leader = _leader(item, right, low) if led else ""
    lines = str(item["text"]).split("<br>")
    words = _lines(item, lines, right, low, _upward(item))
    return f'<svg x="{svg_number(x)}%" y="{svg_number(y)}" overflow="visible">{leader}{words}</svg>'


def _upward(item: Mapping[str, Any]) -> float:
    """Which part of a label is above its place: by `yanchor`, else by thirds of the paper, as plotly.js has it."""
    anchor = str(item.get("yanchor", "auto"))
    if anchor != "auto":
        return _SHARES[anchor]
    if item.get("yref") != "paper":
        return 0.5
    return 1.0 if item["y"] < 1 / 3 else 0.0 if item["y"] > 2 / 3 else 0.5


def _lines(item: Mapping[str, Any], lines: list[str], right: float, low: float, upward: float) -> str:
    font = item["font"]
    size = float(font["size"])
    high = round(_LETTERS * size) + _LEAD * size * (len(lines) - 1) + 2 * _PAD
    top = low - upward * high + _PAD + _ASCENT * size
    side, align = str(item["xanchor"]), str(item.get("align", "center"))
    side, x = (side, right) if len(lines) == 1 else _aligned(lines, size, side, align, right)
    x += {"left": _PAD, "right": -_PAD}.get(side, 0.0)
    look = f'font-size="{svg_number(size)}" fill="{font["color"]}" text-anchor="{_ANCHORS[side]}"'
    rows = "".join(
        f'<text x="{svg_number(x)}" y="{svg_number(top + order * _LEAD * size)}">{_inline(line)}</text>'
        for order, line in enumerate(lines)
    )
    return f"<g {look}>{rows}</g>"


def _aligned(lines: list[str], size: float, side: str, align: str, x: float) -> tuple[str, float]:
    """Where several lines stand: their common edge within the room that the longest of them takes."""
    widest = max(text_width(_BOLD.sub(r"\1", line), size, bold="<b>" in line) for line in lines) + 2 * _PAD
    return align, x + widest * (_SHARES[align] - _SHARES[side])


def _leader(item: Mapping[str, Any], right: float, low: float) -> str:
    """A line from the words to their point, ended a little before it."""
    length = hypot(right, low)
    share = min(1.0, float(item.get("standoff", 0)) / length) if length else 1.0
    if share >= 1:
        return ""
    path = f"M{svg_number(right)} {svg_number(low)}L{svg_number(right * share)} {svg_number(low * share)}"
    width = svg_number(float(item["arrowwidth"]))
    return f'<path d="{path}" fill="none" stroke="{item["arrowcolor"]}" stroke-width="{width}"/>'


def _inline(words: str) -> str:
    """One line of a label: text, and what stands in bold."""
    parts = _BOLD.split(words)
    return "".join(
        f'<tspan font-weight="700">{escape(part, quote=False)}</tspan>'
        if order % 2
        else escape(part, quote=False)
        for order, part in enumerate(parts)
        if part
    )
