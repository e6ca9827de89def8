"""Where words may stand: beside, over and under a mark, further off with a leader, or along a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stp_dash.charts.lettering import ROOM, text_width

Spots = npt.NDArray[np.float64]
"""Places for words as columns: a row for each field of `Spot`, in its order."""

TYPE, LEAD = 12.0, 1.3
"""The size of chart text in pixels, and the step from line to line as its multiple."""
_HIGH = 14.0
"""How high a line of chart text is, from the top of its ascenders to the foot of its descenders."""
_BESIDE, _OFF_LINE, _FROM_AXIS, _FROM_RULE = 3.0, 1.5, 4.0, 8.0
DISTANCES = (14.0, 26.0, 40.0, 56.0, 74.0, 96.0, 120.0, 150.0)
"""How far words with a leader may stand from their mark."""
_LED = 8.0
"""What it costs that words need a leader."""
_DIRECTIONS = np.array(
    [
        *(
            (way, 0, 0, 2 - 4 * beside, beside, 0.5 - 0.5 * way, 1 / 4)
            for way in (-1, 1)
            for beside in (0.5, 0, 1)
        ),
        *(
            (0, way, slope, 0, 0.5 - 0.5 * way, 0.5, 1 / 3)
            for way in (1, -1)
            for slope in (-0.5, 0.5, -1.2, 1.2, 0)
        ),
    ]
).T
"""Where words with a leader may stand: over (-1) or under (1) a mark or its interval, else to its left (-1) or right
and so much down for each pixel aside; their shift to the right, their parts to the left of the anchor and over it,
and what each pixel of distance costs."""


class Extent(NamedTuple):
    """The room that words take, in pixels."""

    width: float
    height: float


class Spot(NamedTuple):
    """A place for words. `share` (of the plot's width) and `y` (pixels from the top) are where their mark or leader is.

    The words' anchor is `dx` to the right and `dy` down of it; `beside` and `above` say which part of the words is to
    the left of the anchor and over it, 0 to 1. `led`: a leader joins anchor and place.
    """

    share: float
    y: float
    dx: float
    dy: float
    beside: float
    above: float
    cost: float = 0.0
    led: bool = False


@dataclass(frozen=True)
class NamedMark:
    """A mark to be named: its middle, how far it reaches to each side, and the heights of its interval's ends."""

    share: float
    y: float
    reach: float
    top: float
    foot: float


def extent(lines: Sequence[str], size: float = TYPE, *, bold: bool = False) -> Extent:
    """The room of words in lines, wide enough for faces that are a little wider than Arial."""
    widest = max(text_width(line, size, bold=bold) for line in lines)
    return Extent(ROOM * widest + 1, round(size / TYPE * _HIGH) + LEAD * size * (len(lines) - 1))


def beside_mark(mark: NamedMark) -> Spots:
    """The places that touch a mark: no leader is needed."""
    away, slant = mark.reach + _BESIDE, 0.7 * mark.reach + 2
    share, y = mark.share, mark.y
    over, under = mark.top - y - _BESIDE, mark.foot - y + _BESIDE
    spots = [
        Spot(share, y, away, 0, 0, 0.5),
        Spot(share, y, -away, 0, 1, 0.5, 0.5),
        Spot(share, y, 0, over, 0.5, 1, 0.5),
        Spot(share, y, 0, under, 0.5, 0, 0.5),
        *(Spot(share, y, way * slant, -slant, 0.5 - 0.5 * way, 1, 1.5) for way in (1, -1)),
        *(Spot(share, y, way * slant, slant, 0.5 - 0.5 * way, 0, 1.5) for way in (1, -1)),
        *(Spot(share, y, -way * mark.reach, over, 0.5 - 0.5 * way, 1, 1) for way in (1, -1)),
        *(Spot(share, y, -way * mark.reach, under, 0.5 - 0.5 * way, 0, 1) for way in (1, -1)),
    ]
    return np.array(spots).T


def led_to_mark(mark: NamedMark, distances: Sequence[float] = DISTANCES) -> Spots:
    """Places further off: straight over and under the ends of a mark, aslant and to its sides."""
    far = np.repeat(distances, len(_DIRECTIONS.T))
    straight, across, slope, nudge, beside, above, share_of_far = np.tile(_DIRECTIONS, len(distances))
    aside = far + 0.7 * mark.reach
    level = straight == 0
    spots = np.empty((len(Spot._fields), len(far)))
    spots[0] = mark.share
    spots[1] = np.where(level, mark.y, np.where(straight < 0, mark.top, mark.foot))
    spots[2] = across * aside + nudge
    spots[3] = np.where(level, slope * aside, straight * far)
    spots[4:] = beside, above, _LED + far * share_of_far, np.ones(len(far))
    return spots


def about_mark(mark: NamedMark) -> Spots:
    """Places with a leader in every direction, up to half a plot away: for a mark in a crowd that has no other."""
    angles, distances = np.meshgrid(np.arange(16) * (np.pi / 8), np.arange(20.0, 180.0, 14.0))
    across, down, far = np.cos(angles).ravel(), np.sin(angles).ravel(), distances.ravel()
    spots = np.zeros((len(Spot._fields), len(far)))
    spots[0], spots[1] = mark.share, mark.y
    spots[2], spots[3] = np.round(across * far, 1), np.round(down * far, 1)
    spots[4], spots[5] = 0.5 - 0.5 * np.sign(np.round(across)), 0.5 - 0.5 * np.sign(np.round(down))
    spots[6], spots[7] = _LED + far / 2, 1.0
    return spots


def along_line(
    y: float,
    parts: Sequence[float] = (0.0, 1.0, 0.5),
    *,
    stretch: tuple[float, float] = (0.0, 1.0),
    over: bool | None = None,
) -> Spots:
    """Places on a level line, over it and under it, or on one side alone; further off with a leader.

    `stretch` is from which share of the plot's width to which the line runs; `parts` of it are 0, 0.5 and 1, its start,
    middle and end, in order of preference.
    """
    first, last = stretch
    ways = (-1, 1) if over is None else (-1,) if over else (1,)
    spots = [
        Spot(
            first + (last - first) * part,
            y,
            _FROM_AXIS * (1 - 2 * part),
            way * (far or _OFF_LINE),
            part,
            0.5 - 0.5 * way,
            4.0 * order + (0.5 + 0.5 * way) + (_LED + far / 4 if far else 0),
            far > 0,
        )
        for order, part in enumerate(parts)
        for way in ways
        for far in (0.0, *DISTANCES)
    ]
    return np.array(spots).T


def beside_rule(share: float, heights: Sequence[float], *, right: bool) -> Spots:
    """Places to the right and to the left of an upright line, the foot of the words at the heights in order.

    `right`: the right is preferred.
    """
    spots = [
        Spot(
            share,
            height,
            way * _FROM_RULE,
            0,
            0.5 - 0.5 * way,
            1,
            2.0 * order + (0 if (way > 0) is right else 1),
        )
        for order, height in enumerate(heights)
        for way in (1, -1)
    ]
    return np.array(spots).T
