"""What a chart's plot holds before its words, and what words in a place would cover.

A plot is drawn on screens of many widths. Places across are shares of the plot's width, and what stands at a place
keeps its size in pixels; so whether two things overlap anywhere between the least and the greatest width is settled
by these two widths alone, for places move apart evenly. Places down are pixels from the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stp_dash.charts.placement.spots import Extent, NamedMark, Spot

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
SAMPLE = 12.0
NOBODY = -1
_AROUND = 14.0
"""Marks so near to words, in pixels, could be taken for the ones that they name."""
_STEPS = np.array([0.0, 0.2, 0.4, 0.6, 0.8])


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
        lengths = np.hypot(np.diff(across) * self.most, np.diff(down))
        counts = np.maximum(1, np.ceil(lengths / SAMPLE)).astype(int)
        order = np.repeat(np.arange(len(counts)), counts)
        part = (np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[order]
        xs = across[order] + part * np.diff(across)[order]
        ys = down[order] + part * np.diff(down)[order]
        inside = (ys > -SAMPLE) & (ys < self.height + SAMPLE)
        self.add(xs[inside], ys[inside] - 1, ys[inside] + 1, left=-1, right=1, cost=cost)

    def words(self, spot: Spot, size: Extent) -> None:
        """Words that stand somewhere, with their leader."""
        left, right, top, foot = _box(spot, size)
        self.add(spot.share, top, foot, left=left - 2, right=right + 2, cost=OVER_WORDS)
        if spot.led:
            x, y = _leader(spot)
            self.add(spot.share, y - 2, y + 2, left=x - 2, right=x + 2, cost=OVER_END)

    def best(self, spots: Sequence[Spot], size: Extent, owner: float = NOBODY) -> tuple[float, Spot]:
        """Of the places for words of a size the one that costs least, and what it costs."""
        if spots[0].share == spots[-1].share:
            return self._best_at(spots[0].share, spots, size, owner)
        shares: dict[float, list[Spot]] = {}
        for spot in spots:
            shares.setdefault(spot.share, []).append(spot)
        return min((self._best_at(share, group, size, owner) for share, group in shares.items()), key=_cost)

    def _best_at(self, share: float, spots: Sequence[Spot], size: Extent, owner: float) -> tuple[float, Spot]:
        """The same of places about one share of the width."""
        boxes = np.array([_box(spot, size) for spot in spots]).T
        near = self._near(share, boxes)
        costs = self._costs(share, boxes, near) + np.array([spot.cost for spot in spots])
        found: tuple[float, Spot] | None = None
        for place in np.argsort(costs, kind="stable").tolist():
            spot, cost = spots[place], float(costs[place])
            if found is not None and cost >= found[0]:
                break
            if owner != NOBODY and cost < ERROR:
                cost += self._nearer(share, boxes[:, place], near, owner) * (_LED if spot.led else 1.0)
            if spot.led and cost < ERROR:
                cost += self._leader_cost(spot, near, owner)
            if found is None or cost < found[0]:
                found = cost, spot
        if found is None:
            raise ValueError("words need at least one place to stand")
        return found

    def _obstacles(self) -> Numbers:
        if self._all is None:
            self._all = np.concatenate([np.zeros((8, 0)), *self._parts], axis=1)
            self._parts = [self._all]
        return self._all

    def _near(self, share: float, boxes: Numbers) -> _Near:
        """What words in some places could touch at any width, and the marks around."""
        left, right, top, foot = boxes
        known = self._obstacles()
        known = known[:, (known[4] > top.min() - _AROUND) & (known[3] < foot.max() + _AROUND)]
        across = known[0] - share
        least, most = across * self.least, across * self.most
        first, last = np.minimum(least, most) + known[1], np.maximum(least, most) + known[2]
        kept = (first < right.max() + _AROUND) & (last > left.min() - _AROUND)
        known, places = known[:, kept], np.array([least[kept], most[kept]])
        return _Near(first[kept], last[kept], places + known[1], places + known[2], known)

    def _costs(self, share: float, boxes: Numbers, near: _Near) -> Numbers:
        """What words in each place would cover, and by how much they would leave the plot."""
        left, right, top, foot = boxes
        costs: Numbers = _over(boxes, near) @ near.known[5]
        room = np.array([self.least, self.most])[:, None]
        beyond = np.maximum(0, -(share * room + left)) + np.maximum(0, share * room + right - room)
        outside = beyond.max(axis=0) + np.maximum(0, -top) + np.maximum(0, foot - self.height)
        costs += np.where(outside > 0.01, OUTSIDE + outside, 0)
        return costs

    @staticmethod
    def _nearer(share: float, box: Numbers, near: _Near, owner: float) -> float:
        """What it costs that another mark is nearer to words than their own, at either width."""
        left, right, top, foot = box
        marks = near.known[7] > 0
        owners = near.known[6, marks]
        across = np.maximum(0, np.maximum(near.starts[:, marks] - right, left - near.ends[:, marks]))
        down = np.maximum(0, np.maximum(near.known[3, marks] - foot, top - near.known[4, marks]))
        away = np.hypot(across, down)
        mine = away[:, owners == owner].min(axis=1, initial=_AROUND)
        nearer = (away < mine[:, None] + _CLEARLY).any(axis=0) & (owners != owner)
        if not nearer.any():
            return 0.0
        return NEARER_NAMED if (owners[nearer] != NOBODY).any() else NEARER_OTHER

    @staticmethod
    def _leader_cost(spot: Spot, near: _Near, owner: float) -> float:
        """What a leader runs over on its way: marks of others and words."""
        x, y = _leader(spot)
        walls = (near.known[5] >= OVER_END) & (near.known[6] != owner)
        over = _over(np.stack([x, x, y, y]), near).any(axis=0) & walls
        return float(near.known[5, over].sum()) / 10


class _Near(NamedTuple):
    """Obstacles: where they start and end at any width and at both, in pixels from a share, and their columns."""

    first: Numbers
    last: Numbers
    starts: Numbers
    ends: Numbers
    known: Numbers


def _over(boxes: Numbers, near: _Near) -> npt.NDArray[np.bool_]:
    """Which boxes lie on which obstacles at any width: not on one side of them at both widths, nor over or under."""
    left, right, top, foot = boxes[:, :, None]
    across = (right > near.first) & (left < near.last)
    lies: npt.NDArray[np.bool_] = across & (foot > near.known[3]) & (top < near.known[4])
    return lies


def _cost(found: tuple[float, Spot]) -> float:
    return found[0]


def _box(spot: Spot, size: Extent) -> tuple[float, float, float, float]:
    """Left and right in pixels from the spot's place, top and foot from the top of the plot."""
    left, top = spot.dx - spot.beside * size.width, spot.y + spot.dy - spot.above * size.height
    return left, left + size.width, top, top + size.height


def _leader(spot: Spot) -> tuple[Numbers, Numbers]:
    """Points along a leader, from its words to where it ends at the mark: across from the place, down from the top."""
    left: Numbers = spot.dx * (1 - _STEPS)
    down: Numbers = spot.y + spot.dy * (1 - _STEPS)
    return left, down
