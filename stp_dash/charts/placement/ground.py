"""What a chart's plot holds before its words, and what words in a place would cover.

A plot is drawn on screens of many widths. Places across are shares of the plot's width, and what stands at a place
keeps its size in pixels; so whether two things overlap anywhere between the least and the greatest width is settled
by these two widths alone, for places move apart evenly. Places down are pixels from the top.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from stp_dash.charts.placement.spots import Extent, NamedMark, Spot, Spots

Numbers = npt.NDArray[np.float64]

OVER_WORDS, OVER_MARK, OVER_END, OUTSIDE = 1000.0, 1000.0, 500.0, 2000.0
"""What it costs to cover words, a mark, an interval's end, or to leave the plot: each is an error of the chart."""
OVER_LINE, OVER_INTERVAL = 6.0, 2.0
"""What it costs to cross `SAMPLE` pixels of a line, or an interval of others: a halo keeps both legible."""
NEARER_NAMED, NEARER_OTHER = 200.0, 40.0
"""What it costs where another mark is nearer than a label's own: one with a name too, or one of many without."""
_CLEARLY = 1.5
"""By so many pixels a label's own mark is to be the nearest."""
_LED = 0.25
"""The same with a leader, as a part."""
ERROR = 150.0
"""A place that costs so much is wrong."""
_MOST_CROSSED = 120.0
"""What it costs at most that a leader runs over marks of others: in a dense crowd that is better than to cover one."""
SAMPLE = 12.0
NOBODY = -1
_AROUND = 14.0
"""Marks so near to words, in pixels, could be taken for the ones that they name."""
_STEPS = np.linspace(0.0, 0.92, 16)
"""Points along a leader, as parts of it, from its words towards its mark."""


@dataclass
class Ground:
    """A plot that is at least `least` and at most `most` pixels wide, and `height` high."""

    least: float
    most: float
    height: float
    _parts: list[Numbers] = field(default_factory=list)
    _all: Numbers | None = None

    def copy(self) -> Ground:
        """The same ground, to try words on."""
        return Ground(self.least, self.most, self.height, [self._obstacles()])

    def add(
        self,
        share: npt.ArrayLike,
        top: npt.ArrayLike,
        foot: npt.ArrayLike,
        *,
        left: npt.ArrayLike,
        right: npt.ArrayLike,
        cost: float,
        owner: npt.ArrayLike = NOBODY,
        mark: bool = False,
    ) -> None:
        """Boxes about places: `left` and `right` in pixels from the place, `top` and `foot` from the top of the plot.

        `mark`: a label may not be nearer to it than to its own mark, that of the same `owner`.
        """
        columns = (share, left, right, top, foot, cost, owner, float(mark))
        sizes = [np.size(column) for column in columns]
        if 0 in sizes:
            return
        part = np.empty((len(columns), max(sizes)))
        for place, column in enumerate(columns):
            part[place] = column
        self._parts.append(part)
        self._all = None

    def marks(
        self, share: npt.ArrayLike, y: npt.ArrayLike, reach: float, owner: npt.ArrayLike = NOBODY
    ) -> None:
        """Marks that reach so many pixels to each side of their places."""
        down = np.asarray(y, dtype=np.float64)
        self.add(
            share,
            down - reach,
            down + reach,
            left=-reach,
            right=reach,
            cost=OVER_MARK,
            owner=owner,
            mark=True,
        )

    def bar(self, mark: NamedMark, reach: float, owner: npt.ArrayLike = NOBODY) -> None:
        """The interval of a mark, whose ends are so broad to each side: part of the mark."""
        self.add(mark.share, mark.top, mark.foot, left=-1, right=1, cost=OVER_MARK, owner=owner, mark=True)
        for end in (mark.top, mark.foot):
            self.add(
                mark.share, end - 1, end + 1, left=-reach, right=reach, cost=OVER_MARK, owner=owner, mark=True
            )

    def line(self, share: npt.ArrayLike, y: npt.ArrayLike, cost: float = OVER_LINE) -> None:
        """A line through places in order, which words may cross at a cost."""
        across, down = np.asarray(share, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if len(across) < 2:
            return
        wide, high = np.diff(across), np.diff(down)
        # A level line counts as all but level; of a steep one only what is on the plot or near it is taken.
        sides = (np.array([[-SAMPLE], [self.height + SAMPLE]]) - down[:-1]) / np.where(high == 0, 1e-9, high)
        first, last = np.clip(np.sort(sides, axis=0), 0, 1)
        counts = np.ceil((last - first) * np.hypot(wide * self.most, high) / SAMPLE).astype(int)
        order = np.repeat(np.arange(len(counts)), counts)
        step = (np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[order]
        part = first[order] + step * (last - first)[order]
        xs, ys = across[order] + part * wide[order], down[order] + part * high[order]
        self.add(xs, ys - 1, ys + 1, left=-1, right=1, cost=cost)

    def words(self, spot: Spot, size: Extent) -> None:
        """Words that stand somewhere, with their leader."""
        left, right, top, foot = _boxes(np.array(spot), size)
        self.add(spot.share, top, foot, left=left - 2, right=right + 2, cost=OVER_WORDS)
        if spot.led:
            x, y = _leader(np.array(spot))
            self.add(spot.share, y - 2, y + 2, left=x - 2, right=x + 2, cost=OVER_END)

    def best(self, spots: Spots, size: Extent, owner: float = NOBODY) -> tuple[float, Spot]:
        """Of the places for words of a size the one that costs least, and what it costs."""
        shares = dict.fromkeys(spots[0].tolist())
        groups = [spots] if len(shares) == 1 else [spots[:, spots[0] == share] for share in shares]
        found = (self.seen_from(float(group[0, 0]), owner).judged(group, size).best() for group in groups)
        return min(found, key=itemgetter(0))

    def seen_from(self, share: float, owner: float = NOBODY) -> Surroundings:
        """What is on the plot, from the mark of an owner at a share of the width."""
        known = self._obstacles()
        across = known[0] - share
        least, most = across * self.least, across * self.most
        first, last = np.minimum(least, most) + known[1], np.maximum(least, most) + known[2]
        return Surroundings(self, share, owner, np.array([first, last, least, most, *known[1:]]))

    def outside(self, share: float, boxes: Numbers) -> Numbers:
        """What it costs that words in boxes about a share of the width leave the plot."""
        left, right, top, foot = boxes
        down = np.maximum(0, -top) + np.maximum(0, foot - self.height)
        low, high = (
            np.maximum(0, -(share * room + left)) + np.maximum(0, right - (1 - share) * room)
            for room in (self.least, self.most)
        )
        found: Numbers = down + np.maximum(low, high)
        return np.where(found > 0.01, OUTSIDE + found, 0.0)

    def _obstacles(self) -> Numbers:
        if self._all is None:
            self._all = np.concatenate([np.zeros((8, 0)), *self._parts], axis=1)
            self._parts = [self._all]
        return self._all


@dataclass(frozen=True)
class Surroundings:
    """What is on a ground, seen from a share of its width: in pixels from there, or from the top of the plot.

    The rows of `columns`: where each thing starts and ends at any width, its place at the least and the greatest, how
    far it reaches to the left and right of it, its top and foot, its cost, its owner, and whether it is a mark.
    """

    ground: Ground
    share: float
    owner: float
    columns: Numbers

    def judged(self, spots: Spots, size: Extent) -> Candidates:
        """Places for words of a size about this share, and what they cost."""
        boxes = _boxes(spots, size)
        near = self._around(boxes)
        costs = near.covered(boxes) + self.ground.outside(self.share, boxes) + spots[6]
        return Candidates(spots, boxes, costs, near)

    def _around(self, boxes: Numbers) -> Surroundings:
        """What words in some places could touch, and the marks that could be taken for their own."""
        left, top = boxes[0].min() - _AROUND, boxes[2].min() - _AROUND
        right, foot = boxes[1].max() + _AROUND, boxes[3].max() + _AROUND
        return self._of(
            (self.columns[7] > top)
            & (self.columns[6] < foot)
            & (self.columns[0] < right)
            & (self.columns[1] > left)
        )

    def _of(self, kept: npt.NDArray[np.bool_]) -> Surroundings:
        return Surroundings(self.ground, self.share, self.owner, self.columns.take(kept.nonzero()[0], axis=1))

    def covered(self, boxes: Numbers) -> Numbers:
        """What it costs that words in boxes lie on it at any width."""
        found: Numbers = self._under(*boxes[:, :, None]) @ self.columns[8]
        return found

    def _under(self, left: Numbers, right: Numbers, top: Numbers, foot: Numbers) -> npt.NDArray[np.bool_]:
        """What lies under boxes: neither to one side of them at both widths, nor higher or lower."""
        found: npt.NDArray[np.bool_] = right > self.columns[0]
        found &= left < self.columns[1]
        found &= foot > self.columns[6]
        found &= top < self.columns[7]
        return found

    @cached_property
    def _marks(self) -> Surroundings:
        return self._of(self.columns[10] > 0)

    @cached_property
    def _walls(self) -> Surroundings:
        """What a leader should not run over: others' marks, and words."""
        return self._of((self.columns[8] >= OVER_END) & (self.columns[9] != self.owner))

    def nearer(self, box: Numbers) -> float:
        """What it costs that a mark is nearer to words in a box than their own, at either width."""
        if self.owner == NOBODY:
            return 0.0
        _, _, _, _, before, after, high, low, _, owners, _ = self._marks.columns
        left, right, top, foot = box.tolist()
        own, down = owners == self.owner, np.maximum(0, np.maximum(high - foot, top - low))
        places = self._marks.columns[2:4]
        away = np.hypot(np.maximum(0, np.maximum(places + (before - right), (left - after) - places)), down)
        nearest = away[:, own].min(axis=1, initial=_AROUND, keepdims=True) + _CLEARLY
        nearer = (away < nearest).any(axis=0) & ~own
        if not nearer.any():
            return 0.0
        return NEARER_NAMED if (owners[nearer] != NOBODY).any() else NEARER_OTHER

    def crossed(self, spot: Numbers) -> float:
        """What it costs that the leader of a place runs over others' marks and over words."""
        x, y = _leader(spot)[:, :, None]
        return float(self._walls.columns[8, self._walls._under(x, x, y, y).any(axis=0)].sum()) / 10


class Candidates:
    """Places for words, with what they cost: what words lie on at once, the rest as far as it is asked for."""

    def __init__(self, spots: Spots, boxes: Numbers, costs: Numbers, near: Surroundings) -> None:
        self._spots, self._boxes, self._costs, self._near = spots, boxes, costs, near
        self._known_nearer: dict[int, float] = {}
        self._known_crossed: dict[int, float] = {}

    def best(self, words: Surroundings | None = None) -> tuple[float, Spot]:
        """The place that costs least, and what it costs; `words` have been written since."""
        costs = self._costs if words is None else self._costs + words.covered(self._boxes)
        least, best = np.inf, 0
        for place in np.argsort(costs, kind="stable").tolist():
            cost = float(costs[place])
            if cost >= least:
                break
            if cost < ERROR:
                cost += self._nearer(place)
                if cost < min(least, ERROR) and self._spots[7, place]:
                    cost += self._crossed(place)
                    if cost < least and words is not None:
                        cost += words.crossed(self._spots[:, place])
            if cost < least:
                least, best = cost, place
        return least, Spot._make((*self._spots[:7, best].tolist(), bool(self._spots[7, best])))

    def _nearer(self, place: int) -> float:
        """What it costs that marks of others are nearer than the words' own."""
        if place not in self._known_nearer:
            nearer = self._near.nearer(self._boxes[:, place])
            self._known_nearer[place] = nearer * (_LED if self._spots[7, place] else 1.0)
        return self._known_nearer[place]

    def _crossed(self, place: int) -> float:
        """What it costs that marks of others are in a leader's way."""
        if place not in self._known_crossed:
            self._known_crossed[place] = min(_MOST_CROSSED, self._near.crossed(self._spots[:, place]))
        return self._known_crossed[place]


def _boxes(spots: Spots, size: Extent) -> Numbers:
    """Left and right of words in pixels from the spots' places, top and foot from the top of the plot."""
    left, top = spots[2] - spots[4] * size.width, spots[1] + spots[3] - spots[5] * size.height
    return np.array([left, left + size.width, top, top + size.height])


def _leader(spot: Numbers) -> Numbers:
    """Points along a leader, from its words to where it ends at the mark: across from the place, down from the top."""
    return np.array([spot[2] * (1 - _STEPS), spot[1] + spot[3] * (1 - _STEPS)])
