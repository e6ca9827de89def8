"""What a chart's plot holds before its words, and what words in a place would cover.

A plot is drawn on screens of many widths. Places across are shares of the plot's width, and what stands at a place
keeps its size in pixels; so whether two things overlap anywhere between the least and the greatest width is settled
by these two widths alone, for places move apart evenly. Places down are pixels from the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from stp_dash.charts.placement.spots import Extent, NamedMark, Spot

Numbers = npt.NDArray[np.float64]

OVER_WORDS, OVER_MARK, OVER_END, OUTSIDE = 1000.0, 1000.0, 500.0, 2000.0
"""What it costs to cover words, a mark, an interval's end, or to leave the plot: each is an error of the chart."""
OVER_LINE, OVER_INTERVAL = 3.0, 2.0
"""What it costs to cross `SAMPLE` pixels of a line, or an interval of others: a halo keeps both legible."""
NEARER_NAMED, NEARER_OTHER = 200.0, 40.0
"""What it costs where another mark is nearer than a label's own: one with a name too, or one of many without."""
_CLEARLY = 1.5
"""By so many pixels a label's own mark is to be the nearest."""
_LED = 0.25
"""The same with a leader, as a part."""
ERROR = 150.0
"""A place that costs so much is wrong."""
SAMPLE = 6.0
NOBODY = -1
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
        return Ground(self.least, self.most, self.height, list(self._parts))

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
        columns = np.broadcast_arrays(share, left, right, top, foot, cost, owner, float(mark))
        self._parts.append(np.stack([np.asarray(column, dtype=np.float64).ravel() for column in columns]))
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
        inside = (down >= -self.height) & (down <= 2 * self.height) & np.isfinite(across) & np.isfinite(down)
        across, down = across[inside], down[inside]
        if len(across) < 2:
            return
        lengths = np.hypot(np.diff(across) * self.most, np.diff(down))
        counts = np.maximum(1, np.ceil(lengths / SAMPLE)).astype(int)
        order = np.repeat(np.arange(len(counts)), counts)
        part = (np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[order]
        xs = across[order] + part * np.diff(across)[order]
        ys = down[order] + part * np.diff(down)[order]
        self.add(xs, ys - 1, ys + 1, left=-1, right=1, cost=cost)

    def words(self, spot: Spot, size: Extent) -> None:
        """Words that stand somewhere, with their leader."""
        left, right, top, foot = _box(spot, size)
        self.add(spot.share, top, foot, left=left - 2, right=right + 2, cost=OVER_WORDS)
        if spot.led:
            x, y = _leader(spot)
            self.add(spot.share, y - 2, y + 2, left=x - 2, right=x + 2, cost=OVER_END)

    def best(self, spots: Sequence[Spot], size: Extent, owner: float = NOBODY) -> tuple[float, Spot]:
        """Of the places for words of a size the one that costs least, and what it costs."""
        costs = self._costs(spots, size, owner)
        least: tuple[float, Spot] | None = None
        for place in np.argsort(costs, kind="stable").tolist():
            spot, cost = spots[place], float(costs[place])
            if least is not None and cost >= least[0]:
                break
            cost += self._leader_cost(spot, owner) if spot.led else 0.0
            if least is None or cost < least[0]:
                least = cost, spot
        if least is None:
            raise ValueError("words need at least one place to stand")
        return least

    def _obstacles(self) -> Numbers:
        if self._all is None:
            self._all = np.concatenate([np.zeros((8, 0)), *self._parts], axis=1)
        return self._all

    def _costs(self, spots: Sequence[Spot], size: Extent, owner: float) -> Numbers:
        boxes = np.array([_box(spot, size) for spot in spots])
        left, right, top, foot = (boxes[:, [place]] for place in range(4))
        share = np.array([[spot.share] for spot in spots])
        led = np.array([spot.led for spot in spots])
        near = self._nearby(float(top.min()), float(foot.max()))
        gaps = [self._gap(near, share, left, right, width) for width in (self.least, self.most)]
        down = np.maximum(near[3] - foot, top - near[4])
        apart = ((gaps[0][0] > 0) & (gaps[1][0] > 0)) | ((gaps[0][1] > 0) & (gaps[1][1] > 0)) | (down > 0)
        costs: Numbers = np.array([spot.cost for spot in spots]) + (~apart) @ near[5]
        for width in (self.least, self.most):
            beyond = np.maximum(0, -(share * width + left)) + np.maximum(0, share * width + right - width)
            costs += np.where(beyond[:, 0] > 0.01, OUTSIDE + beyond[:, 0], 0)
        over = np.maximum(0, -top) + np.maximum(0, foot - self.height)
        costs += np.where(over[:, 0] > 0.01, OUTSIDE + over[:, 0], 0)
        if owner != NOBODY:
            costs += np.where(led, _LED, 1.0) * self._nearer(near, gaps, down, owner)
        return costs

    def _nearby(self, top: float, foot: float) -> Numbers:
        """What lies at the heights that the words could take, and marks a little beyond."""
        known = self._obstacles()
        kept: Numbers = known[:, (known[4] > top - 40) & (known[3] < foot + 40)]
        return kept

    @staticmethod
    def _gap(
        near: Numbers, share: Numbers, left: Numbers, right: Numbers, width: float
    ) -> tuple[Numbers, Numbers]:
        """How far words are to the right of everything, and everything to the right of them, at a width."""
        apart = (share - near[0]) * width
        return apart + left - near[2], near[1] - apart - right

    def _nearer(
        self, near: Numbers, gaps: Sequence[tuple[Numbers, Numbers]], down: Numbers, owner: float
    ) -> Numbers:
        """What it costs that another mark is nearer than the label's own, at either width."""
        marks = near[7] > 0
        own, named = marks & (near[6] == owner), marks & (near[6] != owner) & (near[6] != NOBODY)
        other = marks & (near[6] == NOBODY)
        found = np.zeros(len(down))
        if not own.any():
            return found
        for after, before in gaps:
            across = np.maximum(0, np.maximum(after, before))
            away = np.hypot(across, np.maximum(0, down))
            mine = away[:, own].min(axis=1)
            for group, cost in ((named, NEARER_NAMED), (other, NEARER_OTHER)):
                if group.any():
                    found = np.maximum(found, np.where(away[:, group].min(axis=1) < mine + _CLEARLY, cost, 0))
        return found

    def _leader_cost(self, spot: Spot, owner: float) -> float:
        """What a leader runs over on its way: marks of others and words."""
        x, y = (part[:, None] for part in _leader(spot))
        known = self._obstacles()
        known = known[:, (known[5] >= OVER_END) & (known[6] != owner)]
        if not known.shape[1]:
            return 0.0
        gaps = [self._gap(known, np.array([[spot.share]]), x, x, width) for width in (self.least, self.most)]
        down = np.maximum(known[3] - y, y - known[4])
        apart = ((gaps[0][0] > 0) & (gaps[1][0] > 0)) | ((gaps[0][1] > 0) & (gaps[1][1] > 0)) | (down > 0)
        return float(((~apart).any(axis=0) * known[5]).sum()) / 10


def _box(spot: Spot, size: Extent) -> tuple[float, float, float, float]:
    """Left and right in pixels from the spot's place, top and foot from the top of the plot."""
    left, top = spot.dx - spot.beside * size.width, spot.y + spot.dy - spot.above * size.height
    return left, left + size.width, top, top + size.height


def _leader(spot: Spot) -> tuple[Numbers, Numbers]:
    """Points along a leader, from its words to where it ends at the mark: across from the place, down from the top."""
    left: Numbers = spot.dx * (1 - _STEPS)
    down: Numbers = spot.y + spot.dy * (1 - _STEPS)
    return left, down
