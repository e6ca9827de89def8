"""Cells of small tables as SVG text: a share with its interval on a scale that all rows have, and a bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from stp_dash.charts.lettering import text_width
from stp_dash.charts.svg.spine import arrow_head, mark_colour, mark_svg
from stp_dash.charts.theme import DARK, FONT, LINE, PLUM, SECONDARY

DOT_WIDTH, DOT_HEIGHT = 256, 32
AXIS_HEIGHT = 20
BAR_HEIGHT = 20
_PAD = 8.0
_TYPE = 12.0


@dataclass(frozen=True)
class Scale:
    """The levels at both ends of a drawing, and the ones that its axis names with their words."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()

    def x(self, level: float, width: float) -> float:
        share = (level - self.low) / ((self.high - self.low) or 1.0)
        return round(_PAD + (width - 2 * _PAD) * max(0.0, min(1.0, share)), 1)


@dataclass(frozen=True)
class Dot:
    """One figure: its mark as on the spine (`stp_dash.charts.svg.spine`), its interval, and a level beside it."""

    value: float | None
    interval: tuple[float, float] | None = None
    level: float | None = None
    mark: str = "similar"
    hollow: bool = False
    label: str = ""


def dot_svg(dot: Dot, scale: Scale, width: int = DOT_WIDTH) -> str:
    """A row: faint grid, the level's line from top to bottom so that rows join, the interval, the mark.

    An interval that goes beyond the scale ends in an arrow head.
    """
    marks = [_stroke(scale.x(tick, width), 0, DOT_HEIGHT, LINE, 1) for tick, _ in scale.ticks]
    if dot.level is not None:
        marks.append(_stroke(scale.x(dot.level, width), 0, DOT_HEIGHT, PLUM, 2))
    if dot.interval is not None:
        low, high = (scale.x(end, width) for end in dot.interval)
        heads = arrow_head(low, -1) if dot.interval[0] < scale.low else ""
        heads += arrow_head(high, 1) if dot.interval[1] > scale.high else ""
        pen = f'fill="none" stroke="{mark_colour(dot.mark)}" stroke-width="2"'
        marks.append(f'<path d="M{low:g} 16H{high:g}{heads}" {pen}/>')
    if dot.value is not None:
        marks.append(mark_svg(dot.mark, scale.x(dot.value, width), 16, hollow=dot.hollow))
    return _svg(dot.label, width, DOT_HEIGHT, marks)


def axis_svg(scale: Scale, width: int = DOT_WIDTH) -> str:
    """The words of the scale, under rows that `dot_svg` draws."""
    marks = []
    for tick, words in scale.ticks:
        room = text_width(words, _TYPE) / 2 + 1
        x = min(max(scale.x(tick, width), room), width - room)
        marks.append(f'<text x="{x:g}" y="14" text-anchor="middle" fill="{SECONDARY}">{escape(words)}</text>')
    return _svg("", width, AXIS_HEIGHT, marks)


def bar_svg(share: float, colour: str = DARK, width: int = DOT_WIDTH) -> str:
    """A bar that fills a share (0 to 1) of its room, however wide that is. The number stands beside it as text."""
    length = max(1.0, width * max(0.0, min(1.0, share)))
    bar = f'<rect width="{length:.1f}" height="{BAR_HEIGHT}" fill="{colour}"/>'
    return _svg("", width, BAR_HEIGHT, [bar]).replace("<svg ", '<svg preserveAspectRatio="none" ', 1)


def _stroke(x: float, top: float, foot: float, colour: str, width: float) -> str:
    return f'<path d="M{x:g} {top:g}V{foot:g}" stroke="{colour}" stroke-width="{width:g}"/>'


def _svg(words: str, width: int, height: int, marks: Iterable[str]) -> str:
    title = f"<title>{escape(words)}</title>" if words else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONT}" font-size="12">{title}{"".join(marks)}</svg>'
    )
