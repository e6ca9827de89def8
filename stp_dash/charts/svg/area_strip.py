"""One figure of an area among those of all areas, as SVG text: bands of all, peers, England, the standard and ours."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from stp_dash.charts.svg.spine import ALL_BAND, MIDDLE_BAND
from stp_dash.charts.theme import DARK, GREY, PLUM, SECONDARY, WHITE

STRIP_ROOM, STRIP_HIGH = 300, 28
_EDGE, _MIDDLE = 9.0, 14.0


@dataclass(frozen=True)
class AreaStrip:
    """Places from 0, the lowest, to 1 on one scale; None for what is not drawn.

    `everyone` and `middle` are from the lowest to the highest of all and of the middle half. `beyond` says that the
    standard lies off the scale. `label` says it all in words.
    """

    ours: float | None
    everyone: tuple[float, float]
    middle: tuple[float, float] | None
    comparator: float | None
    standard: float | None
    beyond: bool
    peers: tuple[float, ...]
    hollow: bool
    label: str


def area_strip_svg(strip: AreaStrip, width: int = STRIP_ROOM) -> str:
    """The strip with its lowest at the left."""

    def x(place: float) -> float:
        return round(_EDGE + place * (width - 2 * _EDGE), 1)

    parts = [_band(x(strip.everyone[0]), x(strip.everyone[1]), ALL_BAND)]
    if strip.middle is not None:
        parts.append(_band(x(strip.middle[0]), x(strip.middle[1]), MIDDLE_BAND))
    if strip.comparator is not None:
        line = f'<path d="M{x(strip.comparator):g} 2V26" stroke="{SECONDARY}" stroke-width="1.5"'
        parts.append(f'{line} stroke-dasharray="3 2"/>')
    if strip.standard is not None:
        parts.append(_standard(x(strip.standard), strip))
    parts += [_peer(x(place), _MIDDLE) for place in strip.peers]
    if strip.ours is not None:
        fill, edge = (WHITE, DARK) if strip.hollow else (DARK, WHITE)
        parts.append(
            f'<circle cx="{x(strip.ours):g}" cy="{_MIDDLE:g}" r="7" fill="{fill}" stroke="{edge}" stroke-width="2"/>'
        )
    size = f'width="{width}" height="{STRIP_HIGH}" viewBox="0 0 {width} {STRIP_HIGH}"'
    title = f"<title>{escape(strip.label)}</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{title}{"".join(parts)}</svg>'


def _peer(x: float, y: float) -> str:
    """A peer: a grey dot in a dark ring."""
    ring = f'<circle cx="{x:g}" cy="{y:g}" r="6.5" fill="{WHITE}" stroke="{DARK}" stroke-width="1.5"/>'
    return f'{ring}<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="{GREY}"/>'


def _band(left: float, right: float, colour: str) -> str:
    return f'<rect x="{left:g}" y="7" width="{max(1.0, right - left):.1f}" height="14" fill="{colour}"/>'


def _standard(x: float, strip: AreaStrip) -> str:
    """A line; at the end of the scale, with an arrow head, where the standard lies beyond it."""
    drawn = f'<path d="M{x:g} 2V26" stroke="{PLUM}" stroke-width="2"/>'
    if not strip.beyond:
        return drawn
    way = 1 if (strip.standard or 0.0) > 0.5 else -1
    head = f'<path d="M{x + 2 * way:g} 10l{4 * way} 4l{-4 * way} 4" fill="none" stroke="{PLUM}" stroke-width="1.5"/>'
    return drawn + head
