"""Posts short or above by area: bars from a line that is level with England, as SVG text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from stp_dash.charts.theme import BLUE, CONTROL, FONT, LINE, ORANGE, SECONDARY, TEXT

WIDTH, PHONE_WIDTH = 496, 326
_NAMES, _ROW, _BAR, _TOP, _BOTTOM = 232, 44, 12, 8, 28
_PHONE_ROW = 64
_NUMBER = 60


@dataclass(frozen=True)
class Bar:
    """One area: `posts` above 0 are short of England's rate, below 0 above it."""

    name: str
    under: str
    posts: float
    shown: str


@dataclass(frozen=True)
class BarChart:
    """Bars below each other, with what a screen reader says of the whole."""

    bars: tuple[Bar, ...]
    label: str
    phone: bool = False
    width: int = WIDTH

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; a phone's width is one."""
        row = _PHONE_ROW if self.phone else _ROW
        return PHONE_WIDTH if self.phone else self.width, _TOP + row * len(self.bars) + _BOTTOM


def bar_boxes(chart: BarChart) -> list[tuple[float, float, float, float]]:
    """The row of each bar, with its words: left, top, width and height in pixels."""
    row = _PHONE_ROW if chart.phone else _ROW
    return [(0, _TOP + place * row - 3, chart.size[0], row) for place in range(len(chart.bars))]


def bars_svg(chart: BarChart) -> str:
    """Names and rates at the left, bars from zero: orange for short, blue for above, the number at the bar's end."""
    width, height = chart.size
    names = 0 if chart.phone else _NAMES
    low = min([0.0, *(bar.posts for bar in chart.bars)])
    high = max([0.0, *(bar.posts for bar in chart.bars)])
    left, right = names + (_NUMBER if low < 0 else 4), width - _NUMBER
    per_post = (right - left) / ((high - low) or 1.0)
    zero = left - low * per_post
    parts = [part for place, bar in enumerate(chart.bars) for part in _bar(chart, bar, place, zero, per_post)]
    parts += _zero_line(chart, zero)
    parts.append(_text(zero, height - 8, "Level with England", SECONDARY, anchor=_anchor(zero, width)))
    inside = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="{FONT}" font-size="12"><title>{escape(chart.label)}</title>{inside}</svg>'
    )


def _zero_line(chart: BarChart, zero: float) -> list[str]:
    """The line that is level with England: in one piece, on a phone beside the bars only, clear of the words."""
    if not chart.phone:
        return [_line(zero, _TOP, zero, chart.size[1] - _BOTTOM, TEXT)]
    tops = [_TOP + place * _PHONE_ROW for place in range(len(chart.bars))]
    return [_line(zero, top + 36, zero, top + 56, TEXT) for top in tops]


def _anchor(zero: float, width: float) -> str:
    return "start" if zero < width / 2 else "middle"


def _bar(chart: BarChart, bar: Bar, place: int, zero: float, per_post: float) -> list[str]:
    row = _PHONE_ROW if chart.phone else _ROW
    top = _TOP + place * row
    middle = top + (46 if chart.phone else row / 2 - 2)
    length = abs(bar.posts) * per_post
    start = zero if bar.posts >= 0 else zero - length
    colour = ORANGE if bar.posts > 0 else BLUE
    end = start + length + 6 if bar.posts >= 0 else start - 6
    return [
        _line(0, top + row - 3, chart.size[0], top + row - 3, LINE),
        _text(0, top + 14, bar.name, TEXT, weight=700),
        _text(0, top + 30, bar.under, SECONDARY),
        f'<rect x="{start:.1f}" y="{middle - _BAR / 2:.1f}" width="{max(length, 1):.1f}" height="{_BAR}" '
        f'fill="{colour}"/>',
        _text(end, middle + 4, bar.shown, TEXT, weight=700, anchor="start" if bar.posts >= 0 else "end"),
    ]


def _line(x0: float, y0: float, x1: float, y1: float, colour: str) -> str:
    width = 1 if colour != CONTROL else 1.5
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, words: str, colour: str, *, weight: int = 400, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )
