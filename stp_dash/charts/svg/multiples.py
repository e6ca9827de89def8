"""One small chart of many alike, as SVG text: an organisation's line over the deciles of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from itertools import groupby
from math import ceil, floor, log10

from stp_dash.charts.lettering import ROOM, text_width
from stp_dash.charts.svg.icons import point_svg
from stp_dash.charts.theme import CONTROL, DARK, HALO, PLUM, SECONDARY, TEXT, WHITE

HEIGHT = 152
_RING = 3.5
"""Half the width of a ring, in pixels."""
_LONE = 4.0
"""Half the width of deciles that no others join, in pixels."""
_LEFT, _TOP, _BOTTOM = 40.0, 8.0, 28.0
VALUE_ROOM, LONG_VALUE_ROOM = 52.0, 78.0
"""What the last value takes to the right of a panel: up to 999,999, and from a million on; in pixels."""
_TYPE, _BEFORE_AXIS = 12.0, 8.0
_FOR_EACH_MORE = 0.15
"""What a fourth and a fifth tick cost, against room that is left over: labels stay few."""
_BANDS = ("#EEF2F5", "#E1E7EB", "#D3DBE1", "#C4CED6")
"""From the outermost pair of decile lines to the innermost."""


@dataclass(frozen=True)
class PanelPoint:
    """One period. `at` is its place in months; `restarts` says that it cannot be compared with those before it, `joint`
    that those are of organisations that the present one was made from. `mean` and `limits` are those of its process,
    where the panel has them in the place of deciles, and `kind` its mark, "" for none.
    """

    at: float
    value: float | None
    standard: float | None = None
    restarts: bool = False
    joint: bool = False
    mean: float | None = None
    limits: tuple[float, float] | None = None
    kind: str = ""


@dataclass(frozen=True)
class Decile:
    """The nine decile lines in one period, lowest first."""

    at: float
    lines: tuple[float, ...]


@dataclass(frozen=True)
class PanelScale:
    """What all panels of a card share: the places and values at their edges, the labels of both axes, and the room of
    the last value."""

    first: float
    last: float
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    ends: tuple[str, str]
    width: int = 344
    room: float = VALUE_ROOM


@dataclass(frozen=True)
class Panel:
    """`kind`, `side` and `provisional` shape the last mark, `shown` is its value; `label` says the picture in words.
    `rings` are the places of what is noted.

    `spaced` deciles are further apart than the points, and are joined over those between.
    """

    points: tuple[PanelPoint, ...]
    deciles: tuple[Decile, ...]
    kind: str
    side: str
    provisional: bool
    shown: str
    label: str
    spaced: bool = False
    rings: tuple[float, ...] = ()


def panel_svg(panel: Panel, scale: PanelScale) -> str:
    """Deciles as bands from pale to darker, the standard plum and stepped, the line, and its last mark with value."""
    draw = _Place(scale)
    marks = [
        *_grid(scale, draw),
        *_bands(panel, draw),
        *_limits(panel, draw),
        *_rings(panel, draw),
        *_standard(panel, draw),
        *_line(panel, draw),
        *_restarts(panel, draw),
        *_marks(panel, draw),
        *_last(panel, draw),
        *_ends(scale, draw),
    ]
    size = f'width="{scale.width}" height="{HEIGHT}" viewBox="0 0 {scale.width} {HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Arial, sans-serif" font-size="{_TYPE:g}">'
        f"<title>{escape(panel.label)}</title>{''.join(marks)}</svg>"
    )


@dataclass(frozen=True)
class _Place:
    """Pixels of places and values."""

    scale: PanelScale

    @cached_property
    def left(self) -> float:
        """Where the axis stands, with room for the longest of its words."""
        widest = max((text_width(words, _TYPE) for _, words in self.scale.ticks), default=0.0)
        return max(_LEFT, ceil(ROOM * widest) + _BEFORE_AXIS)

    @property
    def right(self) -> float:
        return self.scale.width - self.scale.room

    def x(self, at: float) -> float:
        span = self.scale.last - self.scale.first
        share = (at - self.scale.first) / span if span else 1.0
        return round(self.left + (self.right - self.left) * share, 1)

    def y(self, value: float) -> float:
        share = (value - self.scale.low) / ((self.scale.high - self.scale.low) or 1.0)
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(1.0, max(0.0, share)), 1)


def _grid(scale: PanelScale, draw: _Place) -> list[str]:
    return [
        f'<text x="{draw.left - _BEFORE_AXIS}" y="{draw.y(value) + 4}" text-anchor="end" fill="{SECONDARY}">'
        f"{escape(words)}</text>"
        f'<path d="M{draw.left - 4} {draw.y(value)}H{draw.left}" stroke="{CONTROL}"/>'
        for value, words in scale.ticks
    ]


def _bands(panel: Panel, draw: _Place) -> list[str]:
    held = {item.at for item in panel.deciles}
    gaps = [] if panel.spaced else [point.at for point in panel.points if point.at not in held]
    restarts = [point.at for point in panel.points if point.restarts]
    return [_shaded(panel.deciles, tuple(sorted({*gaps, *restarts})), draw)]


@lru_cache(maxsize=16)
def _shaded(deciles: tuple[Decile, ...], breaks: tuple[float, ...], draw: _Place) -> str:
    """The areas between pairs of decile lines, and the median white on them; nothing across a restart or a gap.

    Deciles of one period alone are a narrow column. Kept, for the panels of a card share them.
    """
    marks: list[str] = []
    for run in _decile_runs(deciles, breaks):
        x = [draw.x(item.at) for item in run]
        lines = [[draw.y(item.lines[number]) for item in run] for number in range(9)]
        if len(run) == 1:
            x = [max(draw.left, x[0] - _LONE), min(draw.right, x[0] + _LONE)]
            lines = [level * 2 for level in lines]
        for number, colour in enumerate(_BANDS):
            over = [f"{across} {y}" for across, y in zip(x, lines[8 - number], strict=True)]
            under = [f"{across} {y}" for across, y in zip(x, lines[number], strict=True)]
            marks.append(f'<path d="M{"L".join(over + under[::-1])}z" fill="{colour}"/>')
        middle = "L".join(f"{across} {y}" for across, y in zip(x, lines[4], strict=True))
        marks.append(f'<path d="M{middle}" fill="none" stroke="{WHITE}" stroke-width="1.5"/>')
    return "".join(marks)


def _decile_runs(deciles: Sequence[Decile], breaks: Sequence[float]) -> list[list[Decile]]:
    runs: list[list[Decile]] = [[]]
    for item in deciles:
        before = runs[-1][-1].at if runs[-1] else item.at
        if any(before < at <= item.at for at in breaks):
            runs.append([])
        runs[-1].append(item)
    return [run for run in runs if run]


def _standard(panel: Panel, draw: _Place) -> list[str]:
    """Level from step to step, each from half a period before its first point."""
    points = panel.points
    half = (points[1].at - points[0].at) / 2 if len(points) > 1 else 0.5
    runs: list[list[str]] = [[]]
    for point in points:
        if point.standard is None:
            runs.append([])
            continue
        y = draw.y(point.standard)
        left = max(draw.left, draw.x(point.at - half))
        runs[-1] += [f"{left} {y}", f"{min(draw.right, draw.x(point.at + half))} {y}"]
    return [
        f'<path d="M{"L".join(run)}" fill="none" stroke="{PLUM}" stroke-width="1.75"/>' for run in runs if run
    ]


def _line(panel: Panel, draw: _Place) -> list[str]:
    """The figures, parted at what is missing and where a series restarts; a lone one is a dot."""
    runs: list[list[str]] = [[]]
    for point in panel.points:
        if point.value is None or point.restarts:
            runs.append([])
        if point.value is not None:
            runs[-1].append(f"{draw.x(point.at)} {draw.y(point.value)}")
    marks = [
        f'<path d="M{"L".join(run)}" fill="none" stroke="{DARK}" stroke-width="1.75" stroke-linejoin="round"/>'
        for run in runs
        if len(run) > 1
    ]
    for run in runs:
        if len(run) == 1:
            x, y = run[0].split(" ")
            marks.append(f'<circle cx="{x}" cy="{y}" r="2" fill="{DARK}"/>')
    return marks


def _restarts(panel: Panel, draw: _Place) -> list[str]:
    """Two rules where a line begins anew, one where it goes on under other codes."""
    marks = []
    for before, point in zip(panel.points, panel.points[1:], strict=False):
        if point.restarts or point.joint:
            x = round((draw.x(before.at) + draw.x(point.at)) / 2, 1)
            ends = f"{_TOP}V{HEIGHT - _BOTTOM}"
            rules = f"M{x - 1.5} {ends}M{x + 1.5} {ends}" if point.restarts else f"M{x} {ends}"
            marks.append(f'<path d="{rules}" stroke="{SECONDARY}" stroke-width=".75"/>')
    return marks


def _limits(panel: Panel, draw: _Place) -> list[str]:
    """The limits as a pale band with dashed edges and the mean, each stretch of one level."""
    points, marks = panel.points, []
    for (limits, mean), run in groupby(points, lambda point: (point.limits, point.mean)):
        held = list(run)
        half = (points[1].at - points[0].at) / 2 if len(points) > 1 else 0.5
        left, right = max(draw.left, draw.x(held[0].at - half)), min(draw.right, draw.x(held[-1].at + half))
        if limits is not None:
            low, high = draw.y(limits[0]), draw.y(limits[1])
            marks.append(f'<path d="M{left} {high}H{right}V{low}H{left}z" fill="{_BANDS[0]}"/>')
            edges = f"M{left} {high}H{right}M{left} {low}H{right}"
            marks.append(f'<path d="{edges}" stroke="{CONTROL}" stroke-dasharray="4 3"/>')
        if mean is not None:
            marks.append(f'<path d="M{left} {draw.y(mean)}H{right}" stroke="{SECONDARY}"/>')
    return marks


def _marks(panel: Panel, draw: _Place) -> list[str]:
    """The marks of earlier points that a rule marks."""
    return [
        point_svg(point.kind, draw.x(point.at), draw.y(point.value), 3.4, side=_side(point))
        for point in panel.points[:-1]
        if point.kind and point.value is not None
    ]


def _side(point: PanelPoint) -> str:
    return (
        "low" if point.mean is not None and point.value is not None and point.value < point.mean else "high"
    )


def _rings(panel: Panel, draw: _Place) -> list[str]:
    """A small ring on a dotted stem for what is noted; one that would touch the ring before it is left to that."""
    marks, before = [], -_RING * 4
    for x in (draw.x(at) for at in panel.rings):
        if x - before >= 2 * _RING + 2:
            marks.append(
                f'<path d="M{x} {_TOP}V{HEIGHT - _BOTTOM}" stroke="{TEXT}" stroke-width=".75" '
                f'stroke-dasharray="1.5 2"/><circle cx="{x}" cy="{_RING + 1}" r="{_RING}" fill="{WHITE}" '
                f'stroke="{TEXT}" stroke-width="1.25"/>'
            )
            before = x
    return marks


def _last(panel: Panel, draw: _Place) -> list[str]:
    """The latest figure: its mark as the rules say, hollow while provisional, and its value; or that there is none."""
    last = panel.points[-1]
    if last.value is None:
        across, y = draw.scale.width, (HEIGHT - _BOTTOM + _TOP) / 2
        return [
            f'<text x="{across}" y="{y}" text-anchor="end" fill="{SECONDARY}">{escape(panel.shown)}</text>'
        ]
    x, y = draw.x(last.at), draw.y(last.value)
    mark = point_svg(panel.kind, x, y, 4.2, hollow=panel.provisional, side=panel.side)
    value = f'x="{x + 9}" y="{y + 4}" font-weight="700" fill="{TEXT}" {HALO}'
    return [mark, f"<text {value}>{escape(panel.shown)}</text>"]


def _ends(scale: PanelScale, draw: _Place) -> list[str]:
    y = HEIGHT - 8
    first, last = (escape(words) for words in scale.ends)
    return [
        f'<text x="{draw.left}" y="{y}" fill="{SECONDARY}">{first}</text>',
        f'<text x="{draw.right}" y="{y}" text-anchor="end" fill="{SECONDARY}">{last}</text>',
    ]


def nice_ticks(low: float, high: float, *, most: float | None = None) -> tuple[float, ...]:
    """Three to five round numbers, evenly apart, that hold a range as closely as they can; none above `most`."""
    span = (high - low) or abs(high) or 1.0
    power = floor(log10(span))
    steps = [unit * 10.0**exponent for exponent in (power - 1, power, power + 1) for unit in (1, 2, 2.5, 5)]
    found: list[tuple[float, int, float, float]] = []
    for step in steps:
        start = step * floor(round(low / step, 9))
        for count in (3, 4, 5):
            end = start + (count - 1) * step
            if end >= high - 1e-9 and (most is None or end <= most + 1e-9):
                found.append(((end - start) * (1 + _FOR_EACH_MORE * (count - 3)), count, start, step))
    if not found:
        return (low, (low + high) / 2, high)
    _, count, start, step = min(found)
    return tuple(round(start + number * step, 6) for number in range(count))
