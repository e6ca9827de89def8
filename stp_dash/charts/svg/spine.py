"""One organisation beside all of its kind, as SVG text: the one compared with in the middle, better to the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

from stp_dash.charts.svg.icons import point_svg
from stp_dash.charts.theme import BLUE, DARK, GREY, ORANGE, PLUM, SECONDARY, WHITE

WIDTH, HEIGHT = 376, 32
BETTER, WORSE, SIMILAR, UNJUDGED = "better", "worse", "similar", "unjudged"
ALL_BAND, MIDDLE_BAND = "#E6EBEF", "#C6D0D9"
_KINDS = {BETTER: "improvement", WORSE: "concern", SIMILAR: "common_cause"}
_COLOURS = {BETTER: BLUE, WORSE: ORANGE, SIMILAR: GREY, UNJUDGED: DARK}
_RADIUS = 6.0
_MARGIN = 10.0

Span = tuple[float, float]
_Place = Callable[[float], float]


@dataclass(frozen=True)
class Spine:
    """Positions from -1, the worst end, to 1, the best; 0 is the one compared with. Beyond is drawn at the end.

    `everyone` and `middle` are from the worst to the best of all and of the middle half; `mark` is better, worse,
    similar or unjudged; hollow is provisional. `label` says it all in words.
    """

    value: float | None
    interval: Span | None = None
    everyone: Span | None = None
    middle: Span | None = None
    standard: float | None = None
    mark: str = UNJUDGED
    hollow: bool = False
    label: str = ""


def spine_svg(chart: Spine, width: int = WIDTH) -> str:
    """A row of the spine chart. Shape tells how the figure compares: diamond worse, triangle better, circle neither."""

    def x(position: float) -> float:
        room = (width - 2 * _MARGIN) / 2
        return round(width / 2 + room * max(-1.0, min(1.0, position)), 1)

    marks = [
        *_band(chart.everyone, x, ALL_BAND),
        *_band(chart.middle, x, MIDDLE_BAND),
        f'<path d="M{x(0):g} 2V30" stroke="{SECONDARY}" stroke-width="1.5"/>',
        *_standard(chart.standard, x),
        *_interval(chart, x),
        *_mark(chart, x),
    ]
    return _svg(chart.label, width, marks)


def mark_svg(mark: str, x: float, y: float, radius: float = _RADIUS, *, hollow: bool = False) -> str:
    """The mark of a figure by how it compares."""
    if mark in _KINDS:
        return point_svg(_KINDS[mark], x, y, radius, hollow=hollow)
    fill, edge = (WHITE, DARK) if hollow else (DARK, WHITE)
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius - 0.5:g}" fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'


def mark_colour(mark: str) -> str:
    """The colour of a mark, `better` for one; raises KeyError for a mark that there is not."""
    return _COLOURS[mark]


def _band(span: Span | None, x: _Place, colour: str) -> list[str]:
    if span is None:
        return []
    left, right = x(span[0]), x(span[1])
    return [f'<rect x="{left:g}" y="9" width="{max(1.0, right - left):.1f}" height="14" fill="{colour}"/>']


def _standard(position: float | None, x: _Place) -> list[str]:
    """A tick; at the end, with an arrow head, where the standard lies beyond it."""
    if position is None:
        return []
    place = x(position)
    drawn = [f'<path d="M{place:g} 5V27" stroke="{PLUM}" stroke-width="2.5"/>']
    if abs(position) > 1:
        way = 1 if position > 0 else -1
        drawn.append(
            f'<path d="M{place + 2 * way:g} 12l{5 * way} 4l{-5 * way} 4" fill="none" stroke="{PLUM}" '
            'stroke-width="1.75"/>'
        )
    return drawn


def _interval(chart: Spine, x: _Place) -> list[str]:
    """A line with a bar at each end that lies within the drawing, and an arrow head at one beyond it."""
    if chart.interval is None:
        return []
    pen = f'fill="none" stroke="{_COLOURS[chart.mark]}" stroke-width="2"'
    ends = "".join(
        f"M{x(end):g} 11V21" if abs(end) <= 1 else arrow_head(x(end), 1 if end > 0 else -1)
        for end in chart.interval
    )
    return [f'<path d="M{x(chart.interval[0]):g} 16H{x(chart.interval[1]):g}{ends}" {pen}/>']


def arrow_head(x: float, way: int) -> str:
    """A path at a row's middle of what goes on beyond the drawing; `way` is 1 to the right and -1 to the left."""
    return f"M{x - 1.5 * way:g} 11l{5 * way} 5l{-5 * way} 5"


def _mark(chart: Spine, x: _Place) -> list[str]:
    if chart.value is None:
        return []
    return [mark_svg(chart.mark, x(chart.value), 16, hollow=chart.hollow)]


def _svg(words: str, width: int, marks: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}"><title>{escape(words)}</title>{"".join(marks)}</svg>'
    )
