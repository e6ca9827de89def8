"""A figure that plotly draws, as a static chart: the same dict read by the server, for who has no script yet.

The picture is as wide as the place that it stands in. Places across are in per cent and places down in pixels, so
that words and marks keep their size at any width, as those of plotly do. Tests hold both beside each other.
"""

from __future__ import annotations

from html import escape

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
    font, margin = layout["font"], layout["margin"]
    room = " ".join(f"{margin[side]}px" for side in ("t", "r", "b", "l"))
    type_ = f'font-family="{escape(font["family"])}" font-size="{font["size"]}" fill="{font["color"]}"'
    box = f'width="100%" height="{svg_number(plane.height)}" overflow="visible" aria-hidden="true"'
    return f'<div class="still" style="padding:{room}"><svg {box} {type_}>{"".join(parts)}</svg></div>'
