"""All organisations of a kind in one period, lowest first, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stp_dash.charts.theme import (
    BLUE,
    CONTEXT,
    CONTROL,
    DARK,
    GREY,
    LINE,
    ORANGE,
    PLUM,
    SECONDARY,
    SMALL_SPAN,
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
_LETTER, _ROW, _LEAD = 6.8, 16.0, 64.0
CROWD = 400
"""From so many organisations on, only a line of dots can be told apart."""
MOST_NAMES, PHONE_NAMES = 12, 4
SIMILAR, BETTER, WORSE, UNJUDGED = "similar", "better", "worse", "unjudged"
_PALE = "#C5CCD2"
_SYMBOLS = {SIMILAR: "circle", BETTER: "triangle-up", WORSE: "diamond", UNJUDGED: "circle"}
_COLOURS = {SIMILAR: GREY, BETTER: BLUE, WORSE: ORANGE, UNJUDGED: DARK}


@dataclass(frozen=True)
class RankedPoint:
    """One organisation. `lower` and `upper` are its interval, None where there is none.

    `mark` says how it compares with the comparator: better, worse, similar, or unjudged.
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
    """`points` in ascending order of value; `standard` and `comparator` as a level and its label.

    `unit` names the numbers of the axis, `letters` are words at whole numbers instead of numbers.
    """

    points: tuple[RankedPoint, ...]
    standard: tuple[float, str] | None
    comparator: tuple[float, str] | None
    suffix: str
    kind: str
    phone: bool = False
    unit: str = ""
    letters: tuple[tuple[float, str], ...] = ()

    @property
    def crowded(self) -> bool:
        """Too many for an interval, a name and a dot of its own each."""
        return len(self.points) > CROWD


def ranked_figure(chart: RankedChart) -> Figure:
    """The figure: others grey, ours on top with names and values; the standard solid plum, the comparator dashed."""
    numbered = list(enumerate(chart.points))
    others = [(i, p) for i, p in numbered if not p.ours]
    ours = [(i, p) for i, p in numbered if p.ours]
    low, high = _range(chart)
    named = _to_name(chart, ours)
    return {
        "data": [_others(chart, others), *_ours(ours)],
        "layout": layout(
            PHONE_HEIGHT if chart.phone else HEIGHT,
            margin={"l": 44, "r": 16, "t": 20, "b": 32},
            xaxis=axis(range=[-1.5, len(chart.points) + 0.5], showticklabels=False, ticks="", showline=True),
            yaxis=_values_axis(chart, low, high),
            shapes=_levels(chart),
            annotations=[*_level_labels(chart), *_names(chart, named, (low, high)), *_ends(chart)],
        ),
    }


def _range(chart: RankedChart) -> tuple[float, float]:
    values = [p.value for p in chart.points]
    values += [v for p in chart.points if p.ours for v in (p.lower, p.upper) if v is not None]
    values += [level[0] for level in (chart.standard, chart.comparator) if level is not None]
    span = max(values) - min(values)
    if chart.letters:
        return chart.letters[0][0] - 0.5, chart.letters[-1][0] + 0.5
    if chart.suffix == "%":
        padding = max(1.0, 0.1 * span)
        return max(-2.0, min(values) - padding), min(102.0, max(values) + padding)
    padding = 0.1 * (span or max(values) or 1.0)
    return max(min(0.0, *values), min(values) - padding), max(values) + padding


def _values_axis(chart: RankedChart, low: float, high: float) -> Figure:
    scale = axis(range=[low, high], ticksuffix=chart.suffix, nticks=7, showgrid=True, gridcolor=LINE)
    if chart.letters:
        places, words = zip(*chart.letters, strict=True)
        scale |= {"tickvals": list(places), "ticktext": list(words)}
    elif not chart.suffix and high - low < SMALL_SPAN:
        scale |= {"tickformat": ".1f"}
    return scale


def _others(chart: RankedChart, others: Sequence[tuple[int, RankedPoint]]) -> Figure:
    trace: Figure = {
        "type": "scatter",
        "mode": "markers",
        "name": "Others in England",
        "x": [place for place, _ in others],
        "y": [point.value for _, point in others],
        "marker": {"size": 5, "color": CONTEXT},
    }
    if chart.crowded:
        # Thousands of dots one beside another are a line, and a line is drawn at once.
        line = {"color": CONTEXT, "width": 3}
        return trace | {"mode": "lines", "line": line, "hoverinfo": "skip"}
    trace |= {"text": [point.hover for _, point in others], "hovertemplate": "%{text}<extra></extra>"}
    if not chart.phone:
        trace["error_y"] = _intervals([point for _, point in others], _PALE, 1, 0)
    return trace


def _ours(ours: Sequence[tuple[int, RankedPoint]]) -> list[Figure]:
    if len(ours) > MOST_NAMES:
        return [_our_crowd(ours)]
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


def _our_crowd(ours: Sequence[tuple[int, RankedPoint]]) -> Figure:
    """Ours as plain dots, where there are too many to name."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Ours",
        "x": [place for place, _ in ours],
        "y": [point.value for _, point in ours],
        "marker": {"size": 7, "color": DARK, "line": {"color": WHITE, "width": 1}},
        "text": [point.hover for _, point in ours],
        "hovertemplate": "%{text}<extra></extra>",
    }


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
    if chart.comparator is not None:
        line = {"color": SECONDARY, "width": 1.5, "dash": "dash"}
        shapes.append(rule(0, 1, chart.comparator[0], chart.comparator[0], xref="paper", line=line))
    if chart.standard is not None:
        line = {"color": PLUM, "width": 2}
        shapes.append(rule(0, 1, chart.standard[0], chart.standard[0], xref="paper", line=line))
    return shapes


def _level_labels(chart: RankedChart) -> list[Figure]:
    comparator_below = (
        chart.standard is not None
        and chart.comparator is not None
        and chart.comparator[0] < chart.standard[0]
    )
    labels = []
    for level, colour, below in (
        (chart.standard, PLUM, False),
        (chart.comparator, SECONDARY, comparator_below),
    ):
        if level is not None:
            place = {"x": 0, "xref": "paper", "xanchor": "left", "y": level[0]}
            anchor = "top" if below else "bottom"
            words = f"<b>{level[1]}</b>"
            labels.append(label(words, **place, yanchor=anchor, font={"size": 12, "color": colour}))
    return labels


def _to_name(
    chart: RankedChart, ours: Sequence[tuple[int, RankedPoint]]
) -> Sequence[tuple[int, RankedPoint]]:
    """All of a few, none of a crowd; on a phone the ends of many, and only names that fit."""
    if len(ours) > MOST_NAMES:
        return []
    if not chart.phone:
        return ours
    shown = [ours[0], ours[-1]] if len(ours) > PHONE_NAMES else ours
    return [(i, p) for i, p in shown if _LETTER * len(f"{p.name} {p.shown}") < PHONE_WIDTH]


def _names(
    chart: RankedChart, ours: Sequence[tuple[int, RankedPoint]], scale: tuple[float, float]
) -> list[Figure]:
    """Ours by name and value, under or over their intervals, moved away where they would lie on each other."""
    if len(ours) > PHONE_NAMES:
        return _led_names(chart, ours, scale)
    labels: list[Figure] = []
    taken: list[_Box] = []
    for order, (place, point) in enumerate(ours):
        tried = [
            _candidate(chart, place, point, scale, taken, below=b) for b in (order % 2 == 0, order % 2 == 1)
        ]
        box = min(tried, key=lambda item: (item.outside(_plot_height(chart)), abs(item.moved)))
        taken.append(box)
        labels.append(_name(f"{point.name} {point.shown}", place, _edge(point, below=box.below), box))
    return labels


def _plot_height(chart: RankedChart) -> float:
    return (PHONE_HEIGHT if chart.phone else HEIGHT) - 52


def _edge(point: RankedPoint, *, below: bool) -> float:
    edge = point.lower if below else point.upper
    return point.value if edge is None else edge


def _candidate(
    chart: RankedChart,
    place: int,
    point: RankedPoint,
    scale: tuple[float, float],
    taken: Sequence[_Box],
    *,
    below: bool,
) -> _Box:
    """A place below to the right or above to the left of a point, where a rising row of dots leaves room."""
    low, high = scale
    width = PHONE_WIDTH if chart.phone else WIDTH
    x = (place + 1.5) / (len(chart.points) + 2) * width
    y = (_edge(point, below=below) - low) / (high - low) * _plot_height(chart)
    words = f"{point.name} {point.shown}"
    side = _side(point, below=below)
    room = {"left": width - x, "right": x}.get(side, 2 * min(x, width - x))
    if room < _LETTER * len(words):
        side = "left" if x < width / 2 else "right"
    return _free(_Box.of(words, x, y, side, below=below), taken)


def _side(point: RankedPoint, *, below: bool) -> str:
    """Which end of a label is at its point: over an interval its middle, else the end away from the dots."""
    if point.lower is not None:
        return "center"
    return "left" if below else "right"


def _led_names(
    chart: RankedChart, ours: Sequence[tuple[int, RankedPoint]], scale: tuple[float, float]
) -> list[Figure]:
    """Names of many, in the room under the rising row of dots, each with a line to its point."""
    low, high = scale
    height = _plot_height(chart)
    labels: list[Figure] = []
    last = height
    for place, point in reversed(ours):
        y = (point.value - low) / (high - low) * height
        last = min(y - _ROW, last - _ROW)
        labels.append(_led(chart, place, point, y - last))
    lifted = max(0.0, _ROW / 2 - last)
    return [{**item, "ay": item["ay"] - lifted} for item in labels]


def _led(chart: RankedChart, place: int, point: RankedPoint, down: float) -> Figure:
    words = f"{point.name} {point.shown}"
    x = (place + 1.5) / (len(chart.points) + 2) * WIDTH
    right = x + _LEAD + _LETTER * len(words) < WIDTH
    return {
        "text": f"<b>{words}</b>",
        "x": place,
        "y": point.value,
        "ax": _LEAD if right else -_LEAD,
        "ay": down if right else -_ROW,
        "xanchor": "left" if right else "right",
        "yanchor": "middle",
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": CONTROL,
        "standoff": 7,
        "font": {"size": 12, "color": DARK},
    }


@dataclass(frozen=True)
class _Box:
    """A label's place in pixels, from the bottom left; `y` is the side that is next to its point."""

    left: float
    right: float
    y: float
    side: str
    below: bool
    moved: float = 0.0

    @classmethod
    def of(cls, words: str, x: float, y: float, side: str, *, below: bool) -> _Box:
        length = _LETTER * len(words)
        left = {"left": x, "right": x - length}.get(side, x - length / 2)
        return cls(left, left + length, y, side, below)

    @property
    def middle(self) -> float:
        return self.y + (-_ROW / 2 if self.below else _ROW / 2)

    def touches(self, other: _Box) -> bool:
        return self.left < other.right and other.left < self.right and abs(self.middle - other.middle) < _ROW

    def outside(self, height: float) -> bool:
        return not _ROW / 2 <= self.middle <= height - _ROW / 2


def _free(box: _Box, taken: Sequence[_Box]) -> _Box:
    step = -_ROW / 2 if box.below else _ROW / 2
    while any(box.touches(other) for other in taken):
        box = replace(box, y=box.y + step, moved=box.moved + step)
    return box


def _name(words: str, place: int, y: float, box: _Box) -> Figure:
    return label(
        f"<b>{words}</b>",
        x=place,
        y=y,
        xanchor=box.side,
        yanchor="top" if box.below else "bottom",
        yshift=box.moved + (-6 if box.below else 6),
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
    kind = "" if chart.phone else f" {chart.kind}"
    ends = [
        label(f"← lowest of {len(chart.points):,}{kind}", **low, font=grey),
        label("highest →", **high, font=grey),
    ]
    if chart.unit:
        top = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
        ends.append(label(chart.unit, **top, font=grey))
    return ends
