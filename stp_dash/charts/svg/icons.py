"""The variation and assurance icons as SVG text, and the shapes of points that icons and small charts share.

Shape carries the meaning, colour repeats it: circle common cause, triangle better side, diamond worse side, square
changed without a better side. Words always stand beside an icon.
"""

from __future__ import annotations

from functools import lru_cache

from stp_dash.charts.theme import BLUE, CONTROL, DARK, GREY, ORANGE, PLUM, SECONDARY, WHITE

SIZE = 32
PURPLE = "#5A2A82"
BLUE_TINT, ORANGE_TINT, GREY_TINT, PURPLE_TINT = "#E8F1FA", "#FCF0E6", "#F4F6F8", "#F1EAF6"
_COLOURS = {
    "improvement": (BLUE, BLUE_TINT),
    "concern": (ORANGE, ORANGE_TINT),
    "neither": (PURPLE, PURPLE_TINT),
    "common": (GREY, GREY_TINT),
}
_BESIDE = {"above": 9.5, "level": 16.0, "below": 22.5}
"""How far down the dot lies beside the comparator's line."""
_MEAN = f'<path d="M5 16H27" stroke="{SECONDARY}" stroke-dasharray="2 2"/>'
_CLIMB = ((6, 21), (11, 18), (17, 19), (24, 10))
_WANDER = ((6, 18), (12, 12), (18, 20), (25, 14))


def point_svg(
    kind: str, x: float, y: float, radius: float, *, hollow: bool = False, side: str = "high"
) -> str:
    """A point of a chart, by its kind: `common_cause`, `improvement`, `concern` or `neither`.

    Triangles point to the side of the mean that the point is on, `high` or `low`. Hollow is provisional.
    """
    colour = _COLOURS[kind.split("_", maxsplit=1)[0]][0]
    fill, edge, width = (WHITE, colour, 1.75) if hollow else (colour, WHITE, 1.25)
    paint = f'fill="{fill}" stroke="{edge}" stroke-width="{width}"'
    if kind == "common_cause":
        return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" {paint}/>'
    return f'<path d="{_outline(kind, x, y, radius, side)}" {paint}/>'


def _outline(kind: str, x: float, y: float, radius: float, side: str) -> str:
    """Shapes of about the area of a circle of this radius."""
    if kind == "neither":
        half = 0.9 * radius
        return f"M{x - half:.1f} {y - half:.1f}h{2 * half:.1f}v{2 * half:.1f}h{-2 * half:.1f}z"
    reach = 1.3 * radius
    if kind == "concern":
        return f"M{x:.1f} {y - reach:.1f}l{reach:.1f} {reach:.1f}l{-reach:.1f} {reach:.1f}l{-reach:.1f} {-reach:.1f}z"
    up = -1 if side == "high" else 1
    return (
        f"M{x:.1f} {y + up * reach:.1f}L{x + 1.2 * radius:.1f} {y - up * 0.75 * radius:.1f}"
        f"H{x - 1.2 * radius:.1f}z"
    )


@lru_cache
def variation_svg(variation: str | None) -> str:
    """The variation icon of `AnalysedSeries.variation`; None is an empty, dashed one: too few values to say.

    A rounded square with the mean dashed and a short path that ends in the chart's own last mark.
    """
    if variation is None:
        inside = f'<path d="M11 16H21" stroke="{CONTROL}" stroke-width="2"/>'
        return _icon(7, WHITE, CONTROL, inside, dashed=True)
    kind, _, side = variation.rpartition("_")
    if kind == "common":
        return _icon(7, GREY_TINT, GREY, _MEAN + _trace(_WANDER, "common_cause", "high", 3.6))
    colour, tint = _COLOURS[kind]
    path = _CLIMB if side == "high" else tuple((x, 32 - y) for x, y in _CLIMB)
    return _icon(7, tint, colour, _MEAN + _trace(path, kind, side, 4.4))


def _trace(path: tuple[tuple[int, int], ...], kind: str, side: str, radius: float) -> str:
    colour = _COLOURS[kind.split("_", maxsplit=1)[0]][0]
    line = "L".join(f"{x} {y}" for x, y in path)
    drawn = f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    return drawn + point_svg(kind, *path[-1], radius, side=side)


@lru_cache
def assurance_svg(assurance: str) -> str:
    """The icon in the place of assurance, by its name.

    `pass`, `fail`, `hit_or_miss`, `not_said`: a circle with the standard as a plum line and the range of the process
    as a block: above it with a tick, below it with a cross, or half filled across it; dots where it cannot be said.
    `below`, `level`, `above`: a square tile with the comparator as a dashed line, as in charts, and a dot beside it:
    no verdict. `no_standard`: a dashed ring.
    """
    if assurance in _BESIDE:
        dot = f'<circle cx="16" cy="{_BESIDE[assurance]:g}" r="4" fill="{DARK}" stroke="{WHITE}"/>'
        line = f'<path d="M4 16H28" stroke="{SECONDARY}" stroke-width="2" stroke-dasharray="4 2"/>'
        return _icon(3, WHITE, SECONDARY, line + dot)
    if assurance == "no_standard":
        dash = f'<path d="M10 16H22" stroke="{CONTROL}" stroke-width="2"/>'
        return _icon(15, WHITE, CONTROL, dash, dashed=True)
    if assurance == "pass":
        tick = f'<path d="M12.5 12.5l2.5 2.5 4.5-5" fill="none" stroke="{WHITE}" stroke-width="2"/>'
        return _icon(15, BLUE_TINT, BLUE, _block(5, BLUE) + tick + _standard(25))
    if assurance == "fail":
        cross = f'<path d="M13 17l6 6m0-6l-6 6" stroke="{WHITE}" stroke-width="2"/>'
        return _icon(15, ORANGE_TINT, ORANGE, _block(12.5, ORANGE) + cross + _standard(7))
    if assurance == "hit_or_miss":
        box = f'<rect x="11" y="6.5" width="10" height="19" rx="2" fill="{WHITE}" stroke="{GREY}" stroke-width="2"/>'
        half = f'<path d="M11 16V8.5q0-2 2-2h6q2 0 2 2V16z" fill="{GREY}"/>'
        return _icon(15, GREY_TINT, GREY, box + half + _standard(16))
    dots = "".join(f'<circle cx="{x}" cy="21" r="1.5" fill="{GREY}"/>' for x in (11, 16, 21))
    return _icon(15, WHITE, GREY, dots + _standard(13))


def _block(top: float, colour: str) -> str:
    return f'<rect x="10" y="{top:g}" width="12" height="14.5" rx="3" fill="{colour}"/>'


def _standard(y: float) -> str:
    return f'<path d="M5 {y:g}H27" stroke="{PLUM}" stroke-width="2"/>'


def _icon(corner: int, ground: str, edge: str, inside: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="3 3"' if dashed else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">'
        f'<rect x="1" y="1" width="30" height="30" rx="{corner}" fill="{ground}" stroke="{edge}" stroke-width="2"'
        f"{dash}/>{inside}</svg>"
    )
