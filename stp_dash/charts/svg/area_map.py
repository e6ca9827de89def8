"""A map of areas as SVG text, drawn from outlines or, without them, from tiles.

Shape and pattern carry the meaning, colour repeats it: hatched orange with a diamond is worse, plain with a circle
similar, dotted blue with a triangle better. Every area bears its name and its figure, or a number that a list beside
the map explains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import ceil, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from stp_dash.charts.lettering import in_lines, text_width, two_lines
from stp_dash.charts.svg.icons import point_svg
from stp_dash.charts.svg.map_numbers import (
    LIST_ROW,
    NUMBER_SIZE,
    NumberedArea,
    in_reading_order,
    list_room,
    list_svg,
    number_room,
    numbers_svg,
)
from stp_dash.charts.theme import BAND, BLUE, FONT, ORANGE, SECONDARY, TEXT, WHITE

WORSE, SIMILAR, BETTER, UNJUDGED = "worse", "similar", "better", "unjudged"
MORE, LESS, MISSING = "more", "less", "missing"
"""What an area's fill says: against the comparator, or how much of something there is, or that no figure is."""
ORANGE_TINT, BLUE_TINT, FAINT_ORANGE = "#FCF0E6", "#E8F1FA", "#FDF6F0"
NAME_SIZE, FIGURE_SIZE, LINE_HEIGHT = 12, 14, 15
TALLEST = 460.0
"""Pixels: a map that would be taller is drawn narrower."""
MANY_AREAS = 12
"""A map of more areas may need a list of them; its borders are drawn to half a pixel."""
MOST_NUMBERED = 110
"""More areas without room for words are only drawn: so many numbers could not be read either."""
_MARGIN = 4.0
_TILE_GAP = 4.0
_WIDEST_TILE, _TILE_HEIGHT, _LOWEST_TILE = 112.0, 72.0, 42.0
_DIRECTIONS = frozenset({"North", "South", "East", "West", "Mid", "Central"})
_MARKS = {WORSE: "concern", SIMILAR: "common_cause", BETTER: "improvement"}
_PLAIN = {SIMILAR: BAND, UNJUDGED: BAND, LESS: FAINT_ORANGE, MISSING: WHITE}
_STEPS, _ROUNDS, _COARSE = 9, 3, 48
_LEAST_FOR_WORDS = 26.0
_MARK_ROOM = 15.0
_NOTHING = "–"
"""In a narrow tile for no figure, as its dashed edge says."""
_AIR = 6.0
"""What a name leaves free beside it in a tile, if it can, in pixels."""

Coordinates = NDArray[np.float64]
Ring = Sequence[tuple[float, float]]
Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
MapPlace = tuple[str, str, tuple[float, float, float, float], tuple[tuple[float, float], ...]]
"""An area's code and name, and where it stands: left, top, width and height of its tile, or the corners of its largest
part, a few dozen of them; in pixels."""


@dataclass(frozen=True)
class MapArea:
    """One area: its name and figure as shown, what its fill says, and its outline in metres east and north.

    `rings` are closed without a repeated last point; what lies inside an odd number of them is the area. Tiles need
    none. `hover` is what a reader is told who rests on the area. Hollow marks are provisional. `ours` is outlined.
    """

    code: str
    name: str
    shown: str
    fill: str = UNJUDGED
    rings: Sequence[Ring] = ()
    hollow: bool = False
    hover: str = ""
    ours: bool = False


@dataclass(frozen=True)
class Key:
    """One entry of the key under a map: a fill, or a hollow mark, and the words for it."""

    fill: str
    words: str
    hollow: bool = False


@dataclass(frozen=True)
class MapPlane:
    """From metres on the plane to pixels of the picture: one scale both ways, north up."""

    left: float
    top: float
    scale: float
    width: float
    height: float

    @classmethod
    def of(cls, areas: Sequence[MapArea], width: float, tallest: float = TALLEST) -> MapPlane:
        """The largest picture of all areas that is no wider and no taller than this: in its middle, or of many areas
        to its left, so that the list of their numbers has room."""
        points = np.array([point for area in areas for ring in area.rings for point in ring])
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        spans = (max(east - west, 1.0), max(north - south, 1.0))
        scale = min((width - 2 * _MARGIN) / spans[0], (tallest - 2 * _MARGIN) / spans[1])
        aside = _MARGIN if len(areas) > MANY_AREAS else (width - scale * spans[0]) / 2
        return cls(
            west - aside / scale, north + _MARGIN / scale, scale, width, scale * spans[1] + 2 * _MARGIN
        )

    def place(self, points: Ring) -> Coordinates:
        """Pixels from the left and from the top."""
        metres = np.array(points, dtype=np.float64)
        pixels = np.empty_like(metres)
        pixels[:, 0] = (metres[:, 0] - self.left) * self.scale
        pixels[:, 1] = (self.top - metres[:, 1]) * self.scale
        return pixels


@dataclass(frozen=True)
class Label:
    """An area's words around the middle of a box: its name in one or two lines, then mark and figure, and `under` them
    what the figure is of where the line has no room for it."""

    lines: tuple[str, ...]
    shown: str
    mark: bool
    size: tuple[float, float]
    x: float = 0.0
    y: float = 0.0
    under: str = ""

    @classmethod
    def of(
        cls, area: MapArea, lines: tuple[str, ...], x: float = 0.0, y: float = 0.0, room: float = inf
    ) -> Label:
        mark = _MARK_ROOM if area.fill in _MARKS else 0.0
        shown, under = area.shown, ""
        if text_width(shown, FIGURE_SIZE, bold=True) + mark > room:
            shown, _, under = shown.partition(" ")
        figure = text_width(shown, FIGURE_SIZE, bold=True) + mark
        widest = max([figure, *(text_width(line, NAME_SIZE) for line in (*lines, under))])
        height = LINE_HEIGHT * (len(lines) + bool(under)) + FIGURE_SIZE + 3.0
        return cls(lines, shown, mark > 0, (widest, height), x, y, under)

    @property
    def box(self) -> Box:
        width, height = self.size
        return (self.x - width / 2, self.y - height / 2, self.x + width / 2, self.y + height / 2)


def map_svg(
    areas: Sequence[MapArea],
    *,
    label: str,
    width: float = 510.0,
    key: Sequence[Key] = (),
    ident: str = "map",
) -> str:
    """Outlines with names and figures, at most `width` pixels wide; `label` says in words what the picture shows.

    `ident` starts the ids of its patterns, so that two maps can stand in one document. Raises ValueError for areas
    without an outline.
    """
    bare = [area.name for area in areas if not area.rings]
    if bare or not areas:
        raise ValueError(f"wanted outlines of every area, found none of {', '.join(bare) or 'any'}")
    plane = MapPlane.of(areas, width)
    placed = {area.code: [plane.place(ring) for ring in area.rings] for area in areas}
    shapes = [
        _shape(area, placed[area.code], ident, fine=len(areas) <= MANY_AREAS) for area in _ours_last(areas)
    ]
    labels = labels_of(areas, placed, plane) if len(areas) <= MANY_AREAS else {}
    if labels and not _any_overlap([item.box for item in labels.values()]):
        words = [_words(labels[area.code], area) for area in areas]
        return _svg(label, (width, plane.height), [*shapes, *words], key, ident)
    found, left_over = _labels_inside(areas, placed)
    words = [_words(found[area.code], area) for area in areas if area.code in found]
    listed = in_reading_order(left_over) if len(left_over) <= MOST_NUMBERED else []
    own_width = max(float(ring[:, 0].max()) for rings in placed.values() for ring in rings) + _MARGIN
    words.append(numbers_svg(listed, (width, plane.height), [item.box for item in found.values()]))
    lines, height = _listed(listed, (own_width, width), plane.height)
    return _svg(label, (width, height), [*shapes, *words, lines], key, ident)


def tile_map_svg(
    areas: Sequence[MapArea],
    *,
    label: str,
    tiles: Mapping[str, tuple[int, int]] | None = None,
    width: float = 510.0,
    key: Sequence[Key] = (),
    ident: str = "tiles",
) -> str:
    """A tile for each area, at its column and row in `tiles` if every area has one there, else in a grid by name."""
    spots = tile_spots(areas, tiles or {})
    rows = max((row for _, row in spots.values()), default=0) + 1
    grid = _TileGrid.of(areas, spots, width)
    nameless = sorted(
        (area for area in areas if not _fitting(area, grid.across)), key=lambda area: spots[area.code][::-1]
    )
    if len(nameless) > MOST_NUMBERED:
        nameless = []
    numbers = {area.code: place for place, area in enumerate(nameless, 1)}
    marks = [
        _tile(area, grid.corner(spots[area.code]), grid, ident, numbers.get(area.code, 0))
        for area in _ours_last(areas)
    ]
    height = rows * (grid.height + _TILE_GAP) - _TILE_GAP + 2 * _MARGIN
    listed = [
        NumberedArea(a.name, a.shown, 0.0, 0.0, True, _MARKS.get(a.fill, ""), a.hollow) for a in nameless
    ]
    lines, height = _listed(listed, (width, width), height)
    return _svg(label, (width, height), [*marks, lines], key, ident)


def map_places(
    areas: Sequence[MapArea], tiles: Mapping[str, tuple[int, int]], width: float
) -> tuple[MapPlace, ...]:
    """Where each area stands in the picture of `map_svg` if all have an outline, else of `tile_map_svg`."""
    if areas and all(area.rings for area in areas):
        plane = MapPlane.of(areas, width)
        rings = [max((plane.place(ring) for ring in area.rings), key=_extent) for area in areas]
        corners = [tuple((float(x), float(y)) for x, y in _coarse(ring)) for ring in rings]
        return tuple(
            (area.code, area.name, (0.0, 0.0, 0.0, 0.0), ends)
            for area, ends in zip(areas, corners, strict=True)
        )
    spots = tile_spots(areas, tiles)
    grid = _TileGrid.of(areas, spots, width)
    return tuple(
        (area.code, area.name, (*grid.corner(spots[area.code]), grid.across, grid.height), ())
        for area in areas
    )


@dataclass(frozen=True)
class _TileGrid:
    """How wide and how high the tiles of a map are: lower where some have room for a number only, and as high as the
    words of the others are."""

    across: float
    height: float

    @classmethod
    def of(cls, areas: Sequence[MapArea], spots: Mapping[str, tuple[int, int]], width: float) -> _TileGrid:
        columns = max((column for column, _ in spots.values()), default=0) + 1
        across = min(_WIDEST_TILE, (width - 2 * _MARGIN + _TILE_GAP) / columns - _TILE_GAP)
        named = [(area, lines) for area in areas if (lines := _fitting(area, across))]
        nameless = len(areas) - len(named)
        if not nameless:
            return cls(across, _TILE_HEIGHT)
        lowest = _LOWEST_TILE if nameless <= MOST_NUMBERED else _MARK_ROOM
        words = (Label.of(area, lines, room=across - 2.0).size[1] + 2.0 for area, lines in named)
        return cls(across, min(_TILE_HEIGHT, max(lowest, across, *words)))

    def corner(self, spot: tuple[int, int]) -> tuple[float, float]:
        column, row = spot
        return _MARGIN + column * (self.across + _TILE_GAP), _MARGIN + row * (self.height + _TILE_GAP)


def svg_size(svg: str) -> tuple[int, int]:
    """The width and height, in pixels, of a picture made here."""
    found = re.search(r'width="(\d+)[^"]*" height="(\d+)', svg)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def tile_spots(areas: Sequence[MapArea], tiles: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The column and row of each area, from nought: as laid by hand, or row by row in the order of names."""
    if areas and all(area.code in tiles for area in areas):
        chosen = {area.code: tiles[area.code] for area in areas}
        if len(set(chosen.values())) == len(areas):
            return chosen
    across = min(max(ceil(sqrt(len(areas))), 1), 5)
    ordered = sorted(areas, key=lambda area: (area.name, area.code))
    return {area.code: (place % across, place // across) for place, area in enumerate(ordered)}


def labels_of(
    areas: Sequence[MapArea], placed: Mapping[str, Sequence[Coordinates]], plane: MapPlane
) -> dict[str, Label]:
    """Where each area's words stand: where its outline gives them most room, inside the picture, clear of others."""
    found: dict[str, Label] = {}
    for area in sorted(areas, key=lambda item: -sum(_extent(ring) for ring in placed[item.code])):
        label, _ = _best_label(area, placed[area.code])
        found[area.code] = _clear_of(label, [other.box for other in found.values()], plane)
    return found


def _labels_inside(
    areas: Sequence[MapArea], placed: Mapping[str, Sequence[Coordinates]]
) -> tuple[dict[str, Label], list[NumberedArea]]:
    """The words that have room within their own area and touch no others', and the areas that get a number."""
    found: dict[str, Label] = {}
    left_over: list[NumberedArea] = []
    for area in sorted(areas, key=lambda item: -sum(_extent(ring) for ring in placed[item.code])):
        rings = [max(placed[area.code], key=_extent)]
        low, high = rings[0].min(axis=0), rings[0].max(axis=0)
        label, room = _best_label(area, rings) if (high - low).min() > _LEAST_FOR_WORDS else (None, 0.0)
        if label is not None and room >= 1.0 and not any(_overlap(label.box, o.box) for o in found.values()):
            found[area.code] = label
            continue
        middle, room = _roomiest(Label((), "", False, number_room(MOST_NUMBERED)), rings)
        mark = _MARKS.get(area.fill, "")
        numbered = NumberedArea(area.name, area.shown, middle.x, middle.y, room >= 1.0, mark, area.hollow)
        left_over.append(numbered)
    return found, left_over


def _listed(areas: Sequence[NumberedArea], edges: tuple[float, float], height: float) -> tuple[str, float]:
    """The list of numbered areas, and how high the picture is with it: to the right of the map, whose own right edge
    and the picture's are given, if there is room, else under it."""
    left, width = edges
    beside = list_room(areas, width - left - _MARGIN)
    if not areas or (beside.across <= width - left and beside.height <= height):
        return list_svg(areas, beside, left, (height - beside.height) / 2), height
    under = list_room(areas, width - 2 * _MARGIN)
    return list_svg(areas, under, _MARGIN, height + LIST_ROW), height + under.height + 2 * LIST_ROW


def _any_overlap(boxes: Sequence[Box]) -> bool:
    return any(_overlap(one, other) for place, one in enumerate(boxes) for other in boxes[:place])


def _ours_last(areas: Sequence[MapArea]) -> list[MapArea]:
    """The areas in order, ours over the others: so its outline is whole."""
    return sorted(areas, key=lambda area: area.ours)


def _best_label(area: MapArea, rings: Sequence[Coordinates]) -> tuple[Label, float]:
    """In one line if that has room, else in two, with how much room it has."""
    name = " ".join(area.name.split())
    single = _roomiest(Label.of(area, (name,)), rings)
    if single[1] >= 1.0 or " " not in name:
        return single
    return max(
        (single, _roomiest(Label.of(area, two_lines(name, NAME_SIZE)), rings)), key=lambda item: item[1]
    )


def _roomiest(label: Label, rings: Sequence[Coordinates]) -> tuple[Label, float]:
    """The label where the ellipse around its words has most room, and that room as a multiple of the ellipse."""
    squeeze = np.array([2.0, 2.0]) / np.array(label.size)
    squeezed = [_coarse(ring) * squeeze for ring in rings]
    largest = max(squeezed, key=_extent)
    low, high = largest.min(axis=0), largest.max(axis=0)
    best, room = (low + high) / 2, -np.inf
    for _ in range(_ROUNDS):
        grid = np.stack(
            np.meshgrid(*(np.linspace(a, b, _STEPS) for a, b in zip(low, high, strict=True))), axis=-1
        ).reshape(-1, 2)
        rooms = _room(grid, squeezed)
        place = int(np.argmax(rooms))
        if rooms[place] > room:
            best, room = grid[place], float(rooms[place])
        step = (high - low) / (_STEPS - 1)
        low, high = best - step, best + step
    x, y = best / squeeze
    return replace(label, x=float(x), y=float(y)), room


def _coarse(ring: Coordinates) -> Coordinates:
    """A ring of few points: where words have room does not hang on a bay or a brook."""
    return ring[:: max(1, len(ring) // _COARSE)]


def _room(points: Coordinates, rings: Sequence[Coordinates]) -> Coordinates:
    """How far points lie from the nearest side of an area: above nought inside, below nought outside."""
    starts = np.vstack(rings)
    ends = np.vstack([np.roll(ring, -1, axis=0) for ring in rings])
    along = ends - starts
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    offset = points[:, None, :] - starts[None]
    share = np.clip((offset * along).sum(axis=2) / length, 0.0, 1.0)
    nearest = offset - share[..., None] * along
    distance = np.sqrt((nearest**2).sum(axis=2)).min(axis=1)
    above = (starts[None, :, 1] > points[:, None, 1]) != (ends[None, :, 1] > points[:, None, 1])
    run = np.where(along[:, 1] == 0, 1e-12, along[:, 1])
    crossing = starts[:, 0] + (points[:, None, 1] - starts[:, 1]) / run * along[:, 0]
    inside = (above & (points[:, None, 0] < crossing)).sum(axis=1) % 2 == 1
    return np.asarray(np.where(inside, distance, -distance), dtype=np.float64)


def _extent(ring: Coordinates) -> float:
    """Twice the area inside a ring."""
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))


def _clear_of(label: Label, taken: Sequence[Box], plane: MapPlane) -> Label:
    """The label, moved as little as it takes to stand inside the picture and clear of those placed before."""
    width, height = label.size
    shifts = sorted(
        ((dx * width / 4, dy * height / 4) for dx in range(-3, 4) for dy in range(-5, 6)),
        key=lambda shift: shift[0] ** 2 + shift[1] ** 2,
    )
    for shift in shifts:
        moved = _inside(label, shift, plane)
        box = moved.box
        if not any(_overlap(box, other) for other in taken):
            return moved
    return _inside(label, (0.0, 0.0), plane)


def _inside(label: Label, shift: tuple[float, float], plane: MapPlane) -> Label:
    width, height = label.size
    x = min(max(label.x + shift[0], width / 2), plane.width - width / 2)
    y = min(max(label.y + shift[1], height / 2), plane.height - height / 2)
    return replace(label, x=x, y=y)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _shape(area: MapArea, rings: Sequence[Coordinates], ident: str, *, fine: bool = True) -> str:
    path = "".join(
        f"M{'L'.join(f'{x:.1f} {y:.1f}' for x, y in ring)}Z"
        for ring in (rings if fine else map(_to_half, rings))
    )
    title = f"<title>{escape(area.hover or f'{area.name} {area.shown}')}</title>"
    return (
        f'<path d="{path}" fill-rule="evenodd" {_paint(area, ident)} stroke-linejoin="round">{title}</path>'
    )


def _to_half(ring: Coordinates) -> Coordinates:
    """A ring to half a pixel, alike for neighbours, without points that then repeat the one before."""
    rounded = np.round(ring * 2) / 2
    moved = (rounded != np.roll(rounded, 1, axis=0)).any(axis=1)
    return rounded[moved] if moved.sum() > 2 else rounded[:1]


def _words(label: Label, area: MapArea) -> str:
    """The name over mark and figure, with a white edge so that borders and patterns do not run through them."""
    top = label.y - label.size[1] / 2
    names = [
        _text(line, label.x, top + NAME_SIZE - 1 + number * LINE_HEIGHT, NAME_SIZE)
        for number, line in enumerate(label.lines)
    ]
    baseline = top + len(label.lines) * LINE_HEIGHT + FIGURE_SIZE - 1
    mark = _MARK_ROOM if label.mark else 0.0
    figure = _text(label.shown, label.x + mark / 2, baseline, FIGURE_SIZE, weight=700)
    if label.under:
        names.append(_text(label.under, label.x, baseline + LINE_HEIGHT - 1, NAME_SIZE))
    if not label.mark:
        return "".join([*names, figure])
    left = label.x - (text_width(label.shown, FIGURE_SIZE, bold=True) + mark) / 2
    return "".join([*names, figure, _mark(area, left + 5.0, baseline - 5.0)])


def _mark(area: MapArea, x: float, y: float) -> str:
    return point_svg(_MARKS[area.fill], x, y, 4.5, hollow=area.hollow)


def _tile(area: MapArea, corner: tuple[float, float], grid: _TileGrid, ident: str, number: int) -> str:
    """A tile with name and figure, or with the number by which the list has its name."""
    x, y = corner
    across, high = grid.across, grid.height
    title = f"<title>{escape(area.hover or f'{area.name} {area.shown}')}</title>"
    frame = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{across:.1f}" height="{high:g}" rx="3" '
        f"{_paint(area, ident)}>{title}</rect>"
    )
    middle = (x + across / 2, y + high / 2)
    if area.fill == MISSING and text_width(area.shown, FIGURE_SIZE, bold=True) > across - 2 * _AIR:
        area = replace(area, shown=_NOTHING)
    lines = _fitting(area, across)
    if lines:
        return frame + _words(Label.of(area, lines, *middle, room=across - 2.0), area)
    sizes = (FIGURE_SIZE, NAME_SIZE, NUMBER_SIZE)
    shown = area.shown if area.fill == MISSING else area.shown.partition(" ")[0]
    size = next((size for size in sizes if text_width(shown, size, bold=True) <= across - 2.0), 0)
    aside = 8.0 if area.fill in _MARKS and number else 0.0
    mark = _mark(area, middle[0] + aside, y + high / 2 - 6.0) if area.fill in _MARKS else ""
    head = _text(str(number), middle[0] - aside, y + high / 2 - 2.0, NAME_SIZE) if number else ""
    figure = _text(shown, middle[0], y + high / 2 + 14.0, size, weight=700) if size else ""
    return frame + head + mark + figure


def _fitting(area: MapArea, across: float) -> tuple[str, ...]:
    """An area's name in the room of a tile: where it is too long, the first of the places that it lists. It touches
    the sides only where it would have no room otherwise. None if that is too long as well, or only a direction, or if
    the figure with its mark has no room."""
    mark = _MARK_ROOM if area.fill in _MARKS else 0.0
    if text_width(area.shown.partition(" ")[0], FIGURE_SIZE, bold=True) + mark > across:
        return ()
    first = area.name.split(",", 1)[0]
    shorter = (area.name, first, first.split(" and ", 1)[0])
    rooms = [
        (words, room) for words in shorter if words not in _DIRECTIONS for room in (across - _AIR, across)
    ]
    tried = (in_lines(words, room, NAME_SIZE) for words, room in rooms)
    return next((lines for lines in tried if not any(line.endswith("…") for line in lines)), ())


def _paint(area: MapArea | Key, ident: str) -> str:
    fill, ours = area.fill, isinstance(area, MapArea) and area.ours
    patterned = {WORSE: f"url(#{ident}-hatch)", MORE: f"url(#{ident}-hatch)", BETTER: f"url(#{ident}-dots)"}
    dashes = ' stroke-dasharray="4 3"' if fill == MISSING else ""
    return (
        f'fill="{patterned.get(fill) or _PLAIN[fill]}" stroke="{TEXT if ours else SECONDARY}" '
        f'stroke-width="{2 if ours else 1}"{dashes}'
    )


def _patterns(ident: str) -> str:
    """Hatching and dots, each on its tint."""
    return (
        f'<defs><pattern id="{ident}-hatch" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0H7V7H0Z" fill="{ORANGE_TINT}"/>'
        f'<path d="M-1 1L1 -1M0 7L7 0M6 8L8 6" stroke="{ORANGE}" stroke-opacity="0.55" stroke-width="1"/></pattern>'
        f'<pattern id="{ident}-dots" width="7" height="7" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0H7V7H0Z" fill="{BLUE_TINT}"/>'
        f'<circle cx="2" cy="2" r="0.9" fill="{BLUE}" fill-opacity="0.6"/>'
        f'<circle cx="5.5" cy="5.5" r="0.9" fill="{BLUE}" fill-opacity="0.6"/></pattern></defs>'
    )


def _key_marks(key: Sequence[Key], width: float, top: float, ident: str) -> tuple[list[str], float]:
    """Swatch, mark and words of each entry, in as many rows as they need, and the height of them all."""
    marks: list[str] = []
    x, y = _MARGIN, top + 10.0
    for entry in key:
        mark = 16.0 if entry.fill in _MARKS and not entry.hollow else 0.0
        room = 28.0 + mark + text_width(entry.words, NAME_SIZE)
        if x > _MARGIN and x + room > width:
            x, y = _MARGIN, y + 22.0
        if entry.hollow:
            marks.append(point_svg(_MARKS[entry.fill], x + 12.0, y + 7.0, 4.5, hollow=True))
        else:
            marks.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="20" height="14" {_paint(entry, ident)}/>')
        if mark:
            marks.append(point_svg(_MARKS[entry.fill], x + 32.0, y + 7.0, 4.5))
        marks.append(
            _text(entry.words, x + 26.0 + mark, y + 11.0, NAME_SIZE, anchor="start", colour=SECONDARY)
        )
        x += room + 20.0
    return marks, (y + 22.0 - top if key else 0.0)


def _text(
    words: str,
    x: float,
    y: float,
    size: int,
    *,
    weight: int = 400,
    anchor: str = "middle",
    colour: str = TEXT,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{colour}" stroke="{WHITE}" stroke-width="3" stroke-linejoin="round" paint-order="stroke">'
        f"{escape(words)}</text>"
    )


def _svg(label: str, size: tuple[float, float], marks: Iterable[str], key: Sequence[Key], ident: str) -> str:
    width, height = size
    entries, below = _key_marks(key, width, height, ident)
    total = height + below
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{total:.0f}" '
        f'viewBox="0 0 {width:g} {total:.0f}" role="img" font-family="{FONT}">'
        f"<title>{escape(label)}</title>{_patterns(ident)}{''.join(marks)}{''.join(entries)}</svg>"
    )
