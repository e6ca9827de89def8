"""Words at the places that geometry found for them (`stp_dash.charts.placement`), as annotations of a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from stp_dash.charts.lettering import two_lines
from stp_dash.charts.placement.arrange import MarkName, arrange, column
from stp_dash.charts.placement.ground import ERROR, NOBODY, Ground
from stp_dash.charts.placement.spots import TYPE, NamedMark, Spot, Spots, extent
from stp_dash.charts.theme import CONTROL, DARK, SECONDARY, Figure, label

Place = TypeVar("Place", float, npt.NDArray[np.float64])

FEW = 6
"""So many marks are named on the plot; more of them, and those of a telephone, bear numbers with a key beneath."""
LEADER = 14
"""From the end of a line to the words about it, in pixels: a leader has this room to slant in."""
ROW, BESIDE = 16.0, 4.0
"""From row to row of a column of words, and how far words may be moved without a leader, in pixels."""
_PAD = 2.0
"""The room that plotly leaves around the words of an annotation, in pixels."""
_SIDES = {0.0: "left", 0.5: "center", 1.0: "right"}
_EDGES = {0.0: "top", 0.5: "middle", 1.0: "bottom"}


class LineEnd(NamedTuple):
    """The end of a line: its height on the axis of values, its words and their colour."""

    value: float
    words: str
    colour: str


@dataclass(frozen=True)
class PlotArea:
    """A plot: what its axes span, its height in pixels, and the least and the greatest width that it is drawn in."""

    across: tuple[float, float]
    values: tuple[float, float]
    height: float
    widths: tuple[float, float]

    def share(self, x: Place) -> Place:
        """Where a place on the lower axis is, as a share of the plot's width."""
        return (x - self.across[0]) / (self.across[1] - self.across[0])

    def down(self, value: Place) -> Place:
        """How far a value is from the top of the plot, in pixels."""
        return self.height * (self.values[1] - value) / (self.values[1] - self.values[0])

    def ground(self) -> Ground:
        """The plot, with nothing on it yet."""
        return Ground(*self.widths, self.height)

    def annotation(
        self, spot: Spot, words: str, *, colour: str, reach: float = 0.0, size: float = TYPE
    ) -> Figure:
        """Words in a place, with a leader where the place has one; it ends `reach` pixels before the mark's middle."""
        low, high = self.values
        right = round(spot.dx - _PAD * (1 - 2 * spot.beside), 1)
        down = round(spot.dy - _PAD * (1 - 2 * spot.above), 1)
        place = {
            "x": _inside(self.across[0] + spot.share * (self.across[1] - self.across[0]), self.across),
            "y": _inside(high - spot.y / self.height * (high - low), self.values),
            "xanchor": _SIDES[spot.beside],
            "yanchor": _EDGES[spot.above],
            "font": {"size": size, "color": colour},
        }
        if "<br>" in words:
            place["align"] = _SIDES[spot.beside]
        if spot.led:
            return label(words, **place, **leader_to(right, down, reach))
        return label(words, **place, xshift=right, yshift=-down)

    def ends(self, lines: Sequence[LineEnd], rows: int = 1) -> list[Figure]:
        """What lines that reach the right end of the plot are, in a column beside it, of so many rows of words each.

        Words that had to be moved up or down are led to the ends of their lines.
        """
        ordered = sorted(lines, key=lambda line: self.down(line.value))
        wanted = [self.down(line.value) for line in ordered]
        high = ROW * rows
        heights = column(wanted, high, high / 2, self.height - high / 2)
        return [
            self._end(line, height - at) for line, at, height in zip(ordered, wanted, heights, strict=True)
        ]

    def _end(self, line: LineEnd, moved: float) -> Figure:
        place = {
            "x": self.across[1],
            "y": line.value,
            "xanchor": "left",
            "yanchor": "middle",
            "align": "left",
        }
        font = {"size": TYPE, "color": line.colour}
        if abs(moved) <= BESIDE:
            return label(line.words, **place, xshift=LEADER - _PAD, yshift=round(-moved, 1), font=font)
        return label(line.words, **place, **leader_to(LEADER - _PAD, round(moved, 1), 1.0), font=font)


def _inside(value: float, ends: tuple[float, float]) -> float:
    """A place on an axis to four decimals, not beyond its ends: there plotly draws no words."""
    return min(max(round(value, 4), ends[0]), ends[1])


class Writer:
    """Words written on a plot one after another, so that none lies on those before it."""

    def __init__(self, area: PlotArea, ground: Ground) -> None:
        self.area, self.ground = area, ground
        self.written: list[Figure] = []

    def write(
        self,
        forms: Sequence[Sequence[str]],
        spots: Spots,
        *,
        colour: str,
        bold: int = 0,
        size: float = TYPE,
        owner: float = NOBODY,
        reach: float = 1.0,
        needed: bool = True,
    ) -> None:
        """Words in the best of some places, in the first of their forms (lines) that covers nothing.

        The first `bold` lines are so. Where every form would cover something they stand only if `needed`. A leader to
        the mark of the `owner` ends `reach` pixels before its middle.
        """
        tried = []
        for lines in forms:
            room = extent(lines, size, bold=bold > 0)
            tried.append((*self.ground.best(spots, room, owner), room, lines))
            if tried[-1][0] < ERROR:
                break
        cost, spot, room, lines = min(tried, key=itemgetter(0))
        if cost >= ERROR and not needed:
            return
        self.ground.words(spot, room)
        words = "<br>".join(f"<b>{line}</b>" if place < bold else line for place, line in enumerate(lines))
        self.written.append(self.area.annotation(spot, words, colour=colour, reach=reach, size=size))


def leader_to(right: float, down: float, reach: float = 0.0) -> Figure:
    """A line from words to what they name, which is so many pixels to the left of them and above."""
    arrow = {"showarrow": True, "arrowhead": 0, "arrowwidth": 1, "arrowcolor": CONTROL}
    return {**arrow, "ax": right, "ay": down, "standoff": reach}


@dataclass(frozen=True)
class NamedPoint:
    """A point to be named: its words on the plot, and its name, figure and kind of mark (`ours` or not) in a key."""

    words: str
    name: str
    shown: str
    mark: NamedMark
    ours: bool
    kind: str


@dataclass(frozen=True)
class Names:
    """The names of a figure's points. `key`: those that bear a number instead, in order."""

    annotations: tuple[Figure, ...] = ()
    key: tuple[NamedPoint, ...] = ()


def names_on(area: PlotArea, ground: Ground, points: Sequence[NamedPoint], *, phone: bool) -> Names:
    """Each of a few points by name where its name covers nothing; else all of them by numbers, for a key beneath.

    The ground knows the points' marks by their order.
    """
    if not points:
        return Names()
    if not phone and len(points) <= FEW:
        forms = [((point.words,), two_lines(point.words, TYPE)) for point in points]
        found = _annotations(area, ground.copy(), points, forms)
        if found is not None:
            return Names(found)
    numbers = [((str(number),),) for number in range(1, len(points) + 1)]
    return Names(_annotations(area, ground, points, numbers, whatever=True) or (), tuple(points))


def _annotations(
    area: PlotArea,
    ground: Ground,
    points: Sequence[NamedPoint],
    words: Sequence[tuple[tuple[str, ...], ...]],
    *,
    whatever: bool = False,
) -> tuple[Figure, ...] | None:
    """Words, each in one form or several, in their places; None where some cover something, unless `whatever`."""
    names = [
        MarkName(tuple(extent(lines, bold=point.ours) for lines in forms), point.mark, owner)
        for owner, (point, forms) in enumerate(zip(points, words, strict=True))
    ]
    found = arrange(ground, names, whatever=whatever)
    if found.wrong and not whatever:
        return None
    return tuple(
        area.annotation(
            spot,
            "<br>".join(f"<b>{line}</b>" if point.ours else line for line in forms[form]),
            colour=DARK if point.ours else SECONDARY,
            reach=point.mark.reach if spot.y == point.mark.y else 1.0,
        )
        for point, spot, form, forms in zip(points, found.spots, found.forms, words, strict=True)
    )
