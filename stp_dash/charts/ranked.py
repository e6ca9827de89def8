"""All organisations of a kind in one period, lowest first, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stp_dash.charts.theme import (
    BLUE,
    CONTEXT,
    DARK,
    GREY,
    LINE,
    ORANGE,
    PLUM,
    SECONDARY,
    WHITE,
    Figure,
    axis,
    label,
    layout,
    rule,
)

HEIGHT, PHONE_HEIGHT = 420, 360
WIDTH, PHONE_WIDTH = 780, 250
"""Roughly how wide the plot is drawn, to keep labels apart."""
_LETTER, _ROW = 6.8, 16.0
SIMILAR, BETTER, WORSE, UNJUDGED = "similar", "better", "worse", "unjudged"
_PALE = "#C5CCD2"
_SYMBOLS = {SIMILAR: "circle", BETTER: "triangle-up", WORSE: "diamond", UNJUDGED: "circle"}
_COLOURS = {SIMILAR: GREY, BETTER: BLUE, WORSE: ORANGE, UNJUDGED: DARK}


@dataclass(frozen=True)
class RankedPoint:
    """One organisation. `lower` and `upper` are its interval, None where there is none.

    `mark` says how it compares with England: better, worse, similar, or unjudged.
    """

    name: str
    value: float
    shown: str
    hover: str
    lower: float | None = None
    upper: float | None = None
    ours: bool = False
    mark: str = UNJUDGED
    upward: bool = True


@dataclass(frozen=True)
class RankedChart:
    """`points` in ascending order of value; `standard` and `england` as a level and its label."""

    points: tuple[RankedPoint, ...]
    standard: tuple[float, str] | None
    england: tuple[float, str] | None
    suffix: str
    kind: str
    phone: bool = False


def ranked_figure(chart: RankedChart) -> Figure:
    """The figure: others grey, ours on top with names and values; the standard solid plum, England dashed."""
    numbered = list(enumerate(chart.points))
    others = [(i, p) for i, p in numbered if not p.ours]
    ours = [(i, p) for i, p in numbered if p.ours]
    low, high = _range(chart)
    return {
        "data": [_others(chart, others), *_ours(ours)],
        "layout": layout(
            PHONE_HEIGHT if chart.phone else HEIGHT,
            margin={"l": 44, "r": 16, "t": 16, "b": 32},
            xaxis=axis(range=[-1.5, len(chart.points) + 0.5], showticklabels=False, ticks="", showline=True),
            yaxis=axis(range=[low, high], ticksuffix=chart.suffix, nticks=7, showgrid=True, gridcolor=LINE),
            shapes=_levels(chart),
            annotations=[*_level_labels(chart), *_names(chart, ours, high - low), *_ends(chart)],
        ),
    }


def _range(chart: RankedChart) -> tuple[float, float]:
    values = [p.value for p in chart.points]
    values += [v for p in chart.points if p.ours for v in (p.lower, p.upper) if v is not None]
    values += [level[0] for level in (chart.standard, chart.england) if level is not None]
    padding = max(1.0, 0.1 * (max(values) - min(values)))
    low, high = min(values) - padding, max(values) + padding
    return (max(-2.0, low), min(102.0, high)) if chart.suffix == "%" else (low, high)


def _others(chart: RankedChart, others: Sequence[tuple[int, RankedPoint]]) -> Figure:
    trace: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": "Others in England",
        "x": [place for place, _ in others],
        "y": [point.value for _, point in others],
        "marker": {"size": 5, "color": CONTEXT},
        "text": [point.hover for _, point in others],
        "hovertemplate": "%{text}<extra></extra>",
    }
    if not chart.phone:
        trace["error_y"] = _intervals([point for _, point in others], _PALE, 1, 0)
    return trace


def _ours(ours: Sequence[tuple[int, RankedPoint]]) -> list[Figure]:
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": point.name,
            "x": [place],
            "y": [point.value],
            "marker": {
                "size": 13,
                "symbol": _symbol(point),
                "color": _COLOURS[point.mark],
                "line": {"color": WHITE, "width": 1.25},
            },
            "error_y": _intervals([point], DARK, 2, 4),
            "text": [point.hover],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for place, point in ours
    ]


def _symbol(point: RankedPoint) -> str:
    """A triangle points to the side of England on which the figure lies."""
    return "triangle-down" if point.mark == BETTER and not point.upward else _SYMBOLS[point.mark]


def _intervals(points: Sequence[RankedPoint], colour: str, thickness: float, width: float) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [(p.upper if p.upper is not None else p.value) - p.value for p in points],
        "arrayminus": [p.value - (p.lower if p.lower is not None else p.value) for p in points],
        "color": colour,
        "thickness": thickness,
        "width": width,
    }


def _levels(chart: RankedChart) -> list[Figure]:
    shapes = []
    if chart.england is not None:
        line = {"color": SECONDARY, "width": 1.5, "dash": "dash"}
        shapes.append(rule(0, 1, chart.england[0], chart.england[0], xref="paper", line=line))
    if chart.standard is not None:
        line = {"color": PLUM, "width": 2}
        shapes.append(rule(0, 1, chart.standard[0], chart.standard[0], xref="paper", line=line))
    return shapes


def _level_labels(chart: RankedChart) -> list[Figure]:
    england_below = (
        chart.standard is not None and chart.england is not None and chart.england[0] < chart.standard[0]
    )
    labels = []
    for level, colour, below in ((chart.standard, PLUM, False), (chart.england, SECONDARY, england_below)):
        if level is not None:
            place = {"x": 0, "xref": "paper", "xanchor": "left", "y": level[0]}
            anchor = "top" if below else "bottom"
            words = f"<b>{level[1]}</b>"
            labels.append(label(words, **place, yanchor=anchor, font={"size": 12, "color": colour}))
    return labels


def _names(chart: RankedChart, ours: Sequence[tuple[int, RankedPoint]], span: float) -> list[Figure]:
    """Ours by name and value, under or over their intervals, moved away where they would lie on each other."""
    height = (PHONE_HEIGHT if chart.phone else HEIGHT) - 48
    width = PHONE_WIDTH if chart.phone else WIDTH
    labels: list[Figure] = []
    taken: list[_Box] = []
    for order, (place, point) in enumerate(ours):
        share = (place + 1.5) / (len(chart.points) + 2)
        side = "left" if share < 0.2 else ("right" if share > 0.8 else "center")
        below = order % 2 == 0
        edge = point.lower if below else point.upper
        y = point.value if edge is None else edge
        words = f"{point.name} {point.shown}"
        box = _free(_Box.of(words, share * width, y / span * height, side), taken, down=below)
        taken.append(box)
        labels.append(_name(words, place, y, side, box, below=below))
    return labels


@dataclass(frozen=True)
class _Box:
    """A label's place in pixels, from the bottom left."""

    left: float
    right: float
    y: float
    moved: float = 0.0

    @classmethod
    def of(cls, words: str, x: float, y: float, side: str) -> _Box:
        length = _LETTER * len(words)
        left = {"left": x, "right": x - length, "center": x - length / 2}[side]
        return cls(left, left + length, y)

    def touches(self, other: _Box) -> bool:
        return self.left < other.right and other.left < self.right and abs(self.y - other.y) < _ROW


def _free(box: _Box, taken: Sequence[_Box], *, down: bool) -> _Box:
    step = -_ROW if down else _ROW
    while any(box.touches(other) for other in taken):
        box = replace(box, y=box.y + step, moved=box.moved + step)
    return box


def _name(words: str, place: int, y: float, side: str, box: _Box, *, below: bool) -> Figure:
    return label(
        f"<b>{words}</b>",
        x=place,
        y=y,
        xanchor=side,
        yanchor="top" if below else "bottom",
        yshift=box.moved + (-4 if below else 4),
        font={"size": 12, "color": DARK},
        bgcolor="rgba(255,255,255,0.8)",
    )


def _ends(chart: RankedChart) -> list[Figure]:
    low = {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -6,
    }
    high = {**low, "x": 1, "xanchor": "right"}
    grey = {"size": 12, "color": SECONDARY}
    return [
        label(f"← lowest of {len(chart.points)} {chart.kind}", **low, font=grey),
        label("highest →", **high, font=grey),
    ]
