"""Numbers where a map has no room for words, and the list beside or under it that says what they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from math import ceil

from stp_dash.charts.lettering import text_width
from stp_dash.charts.placement.arrange import MarkName, arrange
from stp_dash.charts.placement.ground import OVER_WORDS, Ground
from stp_dash.charts.placement.spots import Extent, NamedMark
from stp_dash.charts.svg.icons import point_svg
from stp_dash.charts.theme import SECONDARY, TEXT, WHITE

NUMBER_SIZE, LIST_SIZE, LIST_ROW = 10, 11, 15.0
"""Pixels: the type of a number on the map and of a line of the list, and from line to line."""
MOST_LED = 24
"""Where more numbers would need a leader, they are not on the map: leaders in such a crowd lead nowhere."""
_GAP, _MARK_ROOM = 14.0, 13.0
_DOT = 1.5


@dataclass(frozen=True)
class NumberedArea:
    """An area whose words stand in the list: where its middle is, whether its number has room there, and its mark
    ("" for none)."""

    name: str
    shown: str
    x: float
    y: float
    roomy: bool
    mark: str = ""
    hollow: bool = False
    numbered: bool = True


@dataclass(frozen=True)
class ListRoom:
    """How the list stands in some width: its columns, each so wide, and the height of all its rows."""

    columns: int
    across: float
    height: float


def number_room(number: int) -> Extent:
    """The room that a number takes on the map."""
    return Extent(text_width(str(number), NUMBER_SIZE, bold=True) + 1.0, NUMBER_SIZE + 1.0)


def list_room(areas: Sequence[NumberedArea], width: float) -> ListRoom:
    """How the list of areas stands in a width, each on a line of its own."""
    across = max((_entry_width(area) for area in areas), default=0.0) + _GAP
    columns = max(1, int((width + _GAP) // across))
    return ListRoom(columns, across, ceil(len(areas) / columns) * LIST_ROW)


def in_reading_order(areas: Sequence[NumberedArea]) -> list[NumberedArea]:
    """The areas from the top left, so that a number is found near those before and after it; those too small for one,
    where there are more than MOST_LED, behind them and by name."""
    without = sum(not area.roomy for area in areas) > MOST_LED
    placed = sorted(
        (area for area in areas if area.roomy or not without),
        key=lambda area: (area.y // (2 * LIST_ROW), area.x),
    )
    small = sorted((area for area in areas if not area.roomy and without), key=lambda area: area.name)
    return [*placed, *(replace(area, numbered=False) for area in small)]


def numbers_svg(
    areas: Sequence[NumberedArea],
    size: tuple[float, float],
    taken: Sequence[tuple[float, float, float, float]] = (),
) -> str:
    """The number of each area at its middle, or beside it with a leader where that has no room.

    `size` is the map's, in pixels; `taken` are the boxes of words that stand on it.
    """
    width, height = size
    ground = Ground(width, width, height)
    for left, top, right, foot in taken:
        middle = (left + right) / 2
        ground.add(middle / width, top, foot, left=left - middle, right=right - middle, cost=OVER_WORDS)
    parts, outside = [], []
    for number, area in enumerate(areas, 1):
        if not area.numbered:
            continue
        if not area.roomy:
            outside.append((number, area))
            continue
        wide, high = number_room(number)
        ground.add(
            area.x / width,
            area.y - high / 2,
            area.y + high / 2,
            left=-wide / 2,
            right=wide / 2,
            cost=OVER_WORDS,
        )
        parts.append(_number(number, area.x, area.y))
    names = [
        MarkName(
            (number_room(number),),
            NamedMark(area.x / width, area.y, _DOT, area.y - _DOT, area.y + _DOT),
            number,
        )
        for number, area in outside
    ]
    for number, area in outside:
        ground.marks([area.x / width], [area.y], _DOT, owner=[number])
    for (number, area), spot in zip(outside, arrange(ground, names).spots, strict=True):
        wide, high = number_room(number)
        x, y = area.x + spot.dx, spot.y + spot.dy
        parts.append(f'<circle cx="{area.x:.1f}" cy="{area.y:.1f}" r="{_DOT}" fill="{TEXT}"/>')
        if spot.led:
            parts.append(
                f'<path d="M{area.x:.1f} {area.y:.1f}L{x:.1f} {y:.1f}" stroke="{SECONDARY}" stroke-width="0.7"/>'
            )
        parts.append(_number(number, x + wide * (0.5 - spot.beside), y + high * (0.5 - spot.above)))
    return "".join(parts)


def list_svg(areas: Sequence[NumberedArea], room: ListRoom, left: float, top: float) -> str:
    """The lines of the list, column by column: number, mark, name and figure."""
    rows = ceil(len(areas) / room.columns)
    parts = []
    for place, area in enumerate(areas):
        x, y = left + place // rows * room.across, top + place % rows * LIST_ROW + LIST_SIZE
        if area.numbered:
            parts.append(_text(str(place + 1), x + _NUMBER_ROOM - 4.0, y, anchor="end", bold=True))
        x += _NUMBER_ROOM
        if area.mark:
            parts.append(point_svg(area.mark, x + 4.0, y - 4.0, 3.8, hollow=area.hollow))
            x += _MARK_ROOM
        parts.append(_text(area.name, x, y))
        parts.append(_text(area.shown, x + text_width(area.name, LIST_SIZE) + 5.0, y, bold=True))
    return "".join(parts)


_NUMBER_ROOM = 4.0 + text_width("000", LIST_SIZE, bold=True)


def _entry_width(area: NumberedArea) -> float:
    mark = _MARK_ROOM if area.mark else 0.0
    words = text_width(area.name, LIST_SIZE) + 5.0 + text_width(area.shown, LIST_SIZE, bold=True)
    return _NUMBER_ROOM + mark + words


def _number(number: int, x: float, y: float) -> str:
    return (
        f'<text x="{x:.1f}" y="{y + 3.6:.1f}" font-size="{NUMBER_SIZE}" font-weight="700" text-anchor="middle" '
        f'fill="{TEXT}" stroke="{WHITE}" stroke-width="2.5" stroke-linejoin="round" paint-order="stroke">'
        f"{number}</text>"
    )


def _text(words: str, x: float, y: float, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{LIST_SIZE}"{weight} text-anchor="{anchor}" fill="{TEXT}">'
        f"{escape(words)}</text>"
    )
