"""Names beside the marks of a figure, moved apart where they would lie on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LETTER, ROW = 6.8, 16.0
"""Roughly how wide a bold letter of chart text is, and how high its line."""
_BESIDE = 10.0


@dataclass(frozen=True)
class Mark:
    """A mark to be named. `x` and `y` are its middle in pixels from the bottom left of the plot."""

    words: str
    x: float
    y: float


@dataclass(frozen=True)
class Placed:
    """Where a name goes: `side` is the end of the words at the mark (Plotly's xanchor), shifts are in pixels."""

    side: str
    right: float
    up: float


@dataclass(frozen=True)
class _Area:
    left: float
    right: float
    low: float
    high: float

    def shared(self, other: _Area) -> float:
        """The area that two have in common."""
        across = min(self.right, other.right) - max(self.left, other.left)
        along = min(self.high, other.high) - max(self.low, other.low)
        return max(0.0, across) * max(0.0, along)


def placed(marks: Sequence[Mark], width: float, height: float) -> list[Placed]:
    """A place for the name of each mark: beside, over or under it, where it covers least and stays inside."""
    taken = [_Area(item.x - 8, item.x + 8, item.y - 8, item.y + 8) for item in marks]
    found: list[Placed] = []
    for item in marks:
        tried = [(_cost(area, taken, width, height), place) for place, area in _candidates(item)]
        best = min(range(len(tried)), key=lambda number: (tried[number][0], number))
        found.append(tried[best][1])
        taken.append(_area(item, tried[best][1]))
    return found


def _candidates(item: Mark) -> list[tuple[Placed, _Area]]:
    places = [
        Placed(side, shift, up)
        for up in (0.0, ROW, -ROW, 1.5 * ROW, -1.5 * ROW, 2.5 * ROW, -2.5 * ROW)
        for side, shift in (("left", _BESIDE), ("right", -_BESIDE), ("center", 0.0))
        if side != "center" or up
    ]
    return [(place, _area(item, place)) for place in places]


def _area(item: Mark, place: Placed) -> _Area:
    length = LETTER * len(item.words)
    left = item.x + place.right - {"left": 0.0, "right": length}.get(place.side, length / 2)
    middle = item.y + place.up
    return _Area(left, left + length, middle - ROW / 2, middle + ROW / 2)


def _cost(area: _Area, taken: Sequence[_Area], width: float, height: float) -> float:
    """What a name covers of other names and marks, and far more for what leaves the plot."""
    outside = max(0.0, -area.left) + max(0.0, area.right - width)
    outside += max(0.0, -area.low) + max(0.0, area.high - height)
    return sum(area.shared(other) for other in taken) + 1000 * outside
