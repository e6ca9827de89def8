"""Whether the words of a chart's SVG tell the truth, read from its own elements: slow, plain, apart from the product.

Boxes of words, marks and interval ends are computed for one width of the plot. The product places words for a range of
widths with arrays; nothing of that is used here but the widths of letters, which a browser confirms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import hypot
from typing import Any
from xml.etree import ElementTree as ET

from stp_dash.charts.lettering import text_width

HIGH, ASCENT = 14.0, 11.0
"""How high a line of 12 px is, and its letters above their baseline."""
TOUCH = 0.25
"""Boxes that overlap by less, in pixels, do not."""
CLEAR_OF_LEADER = 6.0
RING = 10.0
Pair = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels from the top left of the plot."""

    left: float
    top: float
    right: float
    foot: float

    def overlaps(self, other: Box) -> bool:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.foot, other.foot) - max(self.top, other.top)
        return across > TOUCH and down > TOUCH

    def away(self, other: Box) -> float:
        across = max(self.left - other.right, other.left - self.right, 0.0)
        down = max(self.top - other.foot, other.top - self.foot, 0.0)
        return hypot(across, down)


@dataclass
class Words:
    """A label: its text, its lines' boxes, and its leader's end if it has one."""

    text: str = ""
    boxes: list[Box] = field(default_factory=list)
    led: Pair | None = None


@dataclass(frozen=True)
class Mark:
    """A mark's box; `end`: that of an interval's end, `ring`: one that holds a number."""

    box: Box
    end: bool = False
    ring: bool = False


@dataclass
class Picture:
    """What stands on a plot of a width: labels, the words of its axes, and marks."""

    width: float
    height: float
    margins: tuple[float, float, float, float]
    labels: list[Words] = field(default_factory=list)
    axes: list[Words] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def add(self, mark: Mark) -> None:
        """A mark; what lies over or under the plot is clipped."""
        if -1 <= (mark.box.top + mark.box.foot) / 2 <= self.height + 1 or mark.ring:
            self.marks.append(mark)


def picture(html: str, width: float) -> Picture:
    """The static chart as it is drawn with a plot of a width."""
    root = ET.fromstring(html)  # noqa: S314
    padding = re.findall(r"([\d.]+)px", root.attrib["style"])
    top, right, foot, left = (float(size) for size in padding)
    drawing = root[0]
    found = Picture(width, float(drawing.attrib["height"]), (top, right, foot, left))
    outlines = {
        item.attrib["id"]: _outline(item.attrib["d"]) for item in root.iter("path") if "id" in item.attrib
    }
    _Reader(found, outlines).read(drawing, 0.0, 0.0, halo=False)
    return found


class _Reader:
    def __init__(self, found: Picture, outlines: Mapping[str, Box]) -> None:
        self.found, self.outlines = found, outlines

    def read(self, parent: ET.Element, x: float, y: float, *, halo: bool) -> None:
        for item in parent:
            inside = halo or "paint-order" in item.attrib
            if item.tag == "svg" and inside:
                self._label(item)
            elif item.tag == "svg" and item.attrib.get("preserveAspectRatio") != "none":
                self._interval(item, x + self._length(item.attrib.get("x", "0")))
            if item.tag in {"g", "svg"} and not (item.tag == "svg" and inside):
                self.read(item, x, y, halo=inside)
            elif item.tag == "text" and not halo:
                self.found.axes.append(Words("".join(item.itertext()), [self._text(item, x, y, parent)]))
            elif item.tag == "circle":
                self._mark(item, "cx", "cy", float(item.attrib["r"]))
            elif item.tag == "use":
                shape = self.outlines[item.attrib["href"][1:]]
                across, down = self._length(item.attrib["x"]), float(item.attrib["y"])
                box = Box(across + shape.left, down + shape.top, across + shape.right, down + shape.foot)
                self.found.add(Mark(box))

    def _length(self, value: str) -> float:
        return float(value[:-1]) / 100 * self.found.width if value.endswith("%") else float(value)

    def _mark(self, item: ET.Element, x: str, y: str, reach: float) -> None:
        across, down = self._length(item.attrib[x]), float(item.attrib[y])
        box = Box(across - reach, down - reach, across + reach, down + reach)
        self.found.add(Mark(box, ring=reach > RING))

    def _interval(self, item: ET.Element, x: float) -> None:
        """The ends of an upright interval: `M0 top V foot` and, with ends that have a breadth, their strokes."""
        for path in item.findall("path"):
            ends = re.fullmatch(r"M0 ([-\d.]+)V([-\d.]+)(?:M-([\d.]+) .*)?", path.attrib["d"])
            if ends:
                broad = float(ends[3] or 0.5)
                for end in (float(ends[1]), float(ends[2])):
                    self.found.add(Mark(Box(x - broad, end - 0.5, x + broad, end + 0.5), end=True))

    def _label(self, item: ET.Element) -> None:
        x, y = self._length(item.attrib["x"]), float(item.attrib["y"])
        words = Words()
        for part in item:
            if part.tag == "path":
                numbers = [float(number) for number in re.findall(r"-?[\d.]+", part.attrib["d"])]
                words.led = (x + numbers[2], y + numbers[3])
            else:
                for line in part.findall("text"):
                    words.boxes.append(self._text(line, x, y, part))
                    words.text += "".join(line.itertext()) + " "
        words.text = words.text.strip()
        self.found.labels.append(words)

    def _text(self, item: ET.Element, x: float, y: float, parent: ET.Element) -> Box:
        size = float(item.attrib.get("font-size") or parent.attrib.get("font-size") or 12)
        anchor = item.attrib.get("text-anchor") or parent.attrib.get("text-anchor") or "start"
        width = text_width(item.text or "", size)
        width += sum(
            text_width(part.text or "", size, bold=True) + text_width(part.tail or "", size) for part in item
        )
        left = (
            x
            + self._length(item.attrib.get("x", "0"))
            - width * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        )
        top = y + float(item.attrib["y"]) - ASCENT * size / 12
        return Box(left, top, left + width, top + round(HIGH * size / 12))


def _outline(path: str) -> Box:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.partition("Z")[0])]
    across, down = numbers[::2], numbers[1::2]
    return Box(min(across), min(down), max(across), max(down))


def faults(found: Picture, named: Mapping[str, Pair] | None = None) -> list[str]:
    """What is wrong with the words, in sentences; nothing where nothing is.

    `named`: where the marks are that labels of these words name (share of the width, pixels down).
    """
    said = [*_outside(found), *_on_each_other(found), *_on_marks(found)]
    return [*said, *_strange(found, named or {})]


def _outside(found: Picture) -> Iterator[str]:
    top, right, foot, left = found.margins
    whole = Box(-left, -top, found.width + right, found.height + foot)
    for words in found.labels:
        for box in words.boxes:
            if not _within(box, whole):
                yield f"{words.text!r} is cut off: {box}"
            beside = box.left >= found.width - 1 or box.foot <= 1 or box.top >= found.height - 1
            over = box.top < 0 and re.fullmatch(r"\d+", words.text)
            if not beside and not over and not _within(box, Box(0, 0, found.width, found.height)):
                yield f"{words.text!r} leaves the plot: {box}"


def _within(box: Box, room: Box) -> bool:
    return (
        box.left >= room.left - TOUCH
        and box.top >= room.top - TOUCH
        and box.right <= room.right + TOUCH
        and box.foot <= room.foot + TOUCH
    )


def _on_each_other(found: Picture) -> Iterator[str]:
    every = [(place, words) for place, words in enumerate([*found.labels, *found.axes])]
    for place, one in every[: len(found.labels)]:
        for other_place, other in every[place + 1 :]:
            if any(a.overlaps(b) for a in one.boxes for b in other.boxes):
                yield f"{one.text!r} lies on {other.text!r} ({place}, {other_place})"


def _on_marks(found: Picture) -> Iterator[str]:
    for words in found.labels:
        for mark in found.marks:
            if not mark.ring and any(box.overlaps(mark.box) for box in words.boxes):
                yield f"{words.text!r} covers {'the end of an interval' if mark.end else 'a mark'} at {mark.box}"


def _strange(found: Picture, named: Mapping[str, Pair]) -> Iterator[str]:
    """Names that stand nearer to another mark than to their own, or whose leader does not reach it."""
    own = {text: _at(found, share * found.width, y) for text, (share, y) in named.items()}
    every = {text: _parts(found, mark) for text, mark in own.items() if mark is not None}
    for words in found.labels:
        parts = every.get(words.text)
        if parts is None:
            continue
        mine_away = min(box.away(part.box) for box in words.boxes for part in parts)
        for text, others in every.items():
            if text == words.text or words.led:
                continue
            away = min(box.away(part.box) for box in words.boxes for part in others)
            if away < mine_away - TOUCH:
                yield f"{words.text!r} is nearer to the mark of {text!r} ({away:.1f} against {mine_away:.1f})"
        if words.led is None and mine_away > CLEAR_OF_LEADER:
            yield f"{words.text!r} is {mine_away:.1f} from its mark, without a leader"
        point = Box(*(words.led or (0, 0)), *(words.led or (0, 0)))
        if words.led and min(point.away(part.box) for part in parts) > CLEAR_OF_LEADER:
            yield f"the leader of {words.text!r} ends at {words.led}, away from its mark at {parts[0].box}"


def _at(found: Picture, x: float, y: float) -> Mark | None:
    """The largest mark whose place is a point, of several alike the nearest: marks are even to their left and right."""
    point = Box(x, y, x, y)
    marks = [
        mark
        for mark in found.marks
        if not mark.end
        and not mark.ring
        and mark.box.away(point) < 1
        and abs((mark.box.left + mark.box.right) / 2 - x) < 0.02
    ]

    def fit(mark: Mark) -> tuple[float, float]:
        box = mark.box
        return round(box.right - box.left, 1), -abs((box.top + box.foot) / 2 - y)

    return max(marks, key=fit, default=None)


def _parts(found: Picture, mark: Mark) -> list[Mark]:
    """A mark and the ends of its interval, which stand over and under it."""
    middle = (mark.box.left + mark.box.right) / 2
    ends = [
        item for item in found.marks if item.end and abs((item.box.left + item.box.right) / 2 - middle) < 0.3
    ]
    return [mark, *ends]


def named_marks(figure: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Pair]:
    """Where the marks of traces with one point are, by the words that name them (`words`: the name of each trace)."""
    layout = figure["layout"]
    height = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    (x0, x1), (low, high) = layout["xaxis"]["range"], layout["yaxis"]["range"]
    places = {
        item["name"]: ((item["x"][0] - x0) / (x1 - x0), height * (high - item["y"][0]) / (high - low))
        for item in figure["data"]
        if item.get("mode") == "markers" and len(item["x"]) == 1 and "name" in item
    }
    return {text: places[name] for text, name in words.items() if name in places}
