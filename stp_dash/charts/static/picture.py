"""A figure that plotly draws, as a static chart: the same dict read by the server, for who has no script yet.

The picture is as wide as the place that it stands in. Places across are in per cent and places down in pixels, so
that words and marks keep their size at any width, as those of plotly do. Tests hold both beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from stp_dash.charts.static.marks import shapes, static_traces
from stp_dash.charts.static.plane import Plane, svg_number
from stp_dash.charts.static.words import axes, grid, static_labels
from stp_dash.charts.theme import Figure


def static_chart(figure: Figure, name: str = "still") -> str:
    """The picture as HTML, of the height that the figure has. `name` is not to occur twice in a document.

    Draws what our figures are made of: lines, markers with their intervals, hatched bars, rectangles, rules, words.
    Raises KeyError for a mark that it does not know.
    """
    layout = figure["layout"]
    plane = Plane(layout)
    margin = layout["margin"]
    room = " ".join(f"{margin[side]}px" for side in ("t", "r", "b", "l"))
    box = f'width="100%" height="{svg_number(plane.height)}" overflow="visible" aria-hidden="true"'
    inside = _drawn(plane, figure, name)
    return f'<div class="still" style="padding:{room}"><svg {box} {_type(layout)}>{inside}</svg></div>'


def paper_chart(figure: Figure, width: float) -> str:
    """The picture as an SVG of its own, so many pixels wide with its margins: for paper, which has one width.

    Raises KeyError for a mark that it does not know.
    """
    layout = figure["layout"]
    margin, high = layout["margin"], svg_number(layout["height"])
    plane = Plane(layout, width - margin["l"] - margin["r"])
    size = f'width="{svg_number(width)}" height="{high}" viewBox="0 0 {svg_number(width)} {high}"'
    place = f'x="{margin["l"]}" y="{margin["t"]}"'
    box = f'width="{svg_number(plane.width or 0.0)}" height="{svg_number(plane.height)}" overflow="visible"'
    inside = _drawn(plane, figure, "paper")
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {_type(layout)}>'
    return f"{start}<svg {place} {box}>{inside}</svg></svg>"


def _drawn(plane: Plane, figure: Figure, name: str) -> str:
    """What stands in the plot and around it, the grounds first and the words last."""
    layout = figure["layout"]
    below = [item for item in layout.get("shapes", ()) if item.get("layer") == "below"]
    above = [item for item in layout.get("shapes", ()) if item.get("layer") != "below"]
    parts = (
        shapes(plane, below),
        grid(plane),
        static_traces(plane, figure["data"], name),
        axes(plane),
        shapes(plane, above),
        static_labels(plane, layout.get("annotations", ())),
    )
    return "".join(parts)


def _type(layout: Mapping[str, Any]) -> str:
    font = layout["font"]
    return f'font-family="{escape(font["family"])}" font-size="{font["size"]}" fill="{font["color"]}"'
