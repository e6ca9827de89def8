"""Where a figure's numbers lie in its static chart: per cent across, which any width has, and pixels down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from typing import Any

from stp_dash.charts.theme import tick_step

Axis = Mapping[str, Any]
ACROSS = 1000.0
"""The width of the stretched drawing that holds lines, in its own units."""
_DASHES = {"dot": (1, 1), "dash": (3, 3), "longdash": (5, 5), "dashdot": (3, 1, 1, 1)}
_LEAST_DASH = 3.0
_THOUSANDS_FROM = 10**3.99


@dataclass(frozen=True)
class Plane:
    """The plot of a figure. `height` is that of the plot without its margins, in pixels.

    width: how wide the plot is drawn, in pixels; None where it is as wide as the place that it stands in.
    """

    layout: Mapping[str, Any]
    width: float | None = None

    @property
    def height(self) -> float:
        margin = self.layout["margin"]
        return float(self.layout["height"] - margin["t"] - margin["b"])

    def axis(self, name: str) -> Axis:
        """The axis of a trace or a shape: `x`, `y` or `y2`."""
        found: Axis = self.layout[f"{name[0]}axis{name[1:]}"]
        return found

    def across(self, value: float, axis: str = "x") -> float:
        """Per cent of the plot's width, from the left. `axis` may be `paper`, whose values go from 0 to 1."""
        return 100 * self._share(value, axis, "x")

    def down(self, value: float, axis: str = "y") -> float:
        """Pixels from the top of the plot."""
        return self.height * (1 - self._share(value, axis, "y"))

    def inside(self, value: float, axis: str) -> bool:
        return 0 <= self._share(value, axis, axis[0]) <= 1

    def _share(self, value: float, axis: str, default: str) -> float:
        if axis == "paper":
            return float(value)
        low, high = self.axis(axis or default)["range"]
        return float((value - low) / (high - low))


def svg_number(value: float) -> str:
    """A coordinate: to a thousandth, without noughts that say nothing."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def is_number(value: object) -> bool:
    """Whether a value of a column can be drawn: there, and not NaN."""
    return value is not None and isfinite(float(str(value)))


def stroke(line: Mapping[str, Any]) -> str:
    """The attributes of a line: colour, width and dashes, which for a name are so many widths long."""
    width = float(line.get("width", 2))
    parts = [f'stroke="{line["color"]}" stroke-width="{svg_number(width)}"']
    dash = str(line.get("dash", "solid"))
    if dash in _DASHES:
        unit = max(_LEAST_DASH, width)
        parts.append(f'stroke-dasharray="{" ".join(svg_number(unit * many) for many in _DASHES[dash])}"')
    elif dash != "solid":
        parts.append(f'stroke-dasharray="{escape(dash.replace("px", ""))}"')
    return " ".join(parts)


def ticks(axis: Axis) -> list[tuple[float, str]]:
    """The places of an axis that are marked, and their words: those that the figure names, else round numbers.

    Round numbers are those of plotly.js: at most `nticks` of them, two, five or ten times a power of ten apart.
    """
    low, high = axis["range"]
    room = 1e-9 * (high - low)
    if "tickvals" in axis:
        named = zip(axis["tickvals"], axis["ticktext"], strict=True)
        return [(at, words) for at, words in named if low - room <= at <= high + room]
    step = float(axis.get("dtick") or tick_step(high - low, int(axis["nticks"])))
    first, last = ceil((low - room) / step), floor((high + room) / step)
    values = [place * step for place in range(first, last + 1)]
    return list(zip(values, _words(values, step, axis), strict=True))


def _words(values: Sequence[float], step: float, axis: Axis) -> list[str]:
    style = str(axis.get("tickformat", ""))
    suffix = str(axis.get("ticksuffix", ""))
    if style:
        pattern = {"d": ".0f", ",d": ",.0f"}.get(style, style)
        return [_signed(f"{value:{pattern}}") + suffix for value in values]
    low, high = axis["range"]
    if max(abs(low), abs(high)) >= _THOUSANDS_FROM:
        return [_signed(f"{value / 1000:g}") + ("k" if value else "") + suffix for value in values]
    decimals = max(0, 2 - floor(log10(step) + 0.01))
    shown = [f"{value:.{decimals}f}" for value in values]
    return [_signed(words.rstrip("0").rstrip(".") if decimals else words) + suffix for words in shown]


def _signed(words: str) -> str:
    """With the sign of minus that plotly.js writes, and none before nought."""
    return words.replace("-", "\u2212") if float(words.replace(",", "")) else words.lstrip("-")
