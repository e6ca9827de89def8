"""All organisations of a kind in one period, lowest first, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

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

HEIGHT, PHONE_HEIGHT = 490, 360
WIDTH, PHONE_WIDTH = 780, 250
"""Roughly how wide the plot is drawn, to keep labels apart."""
_LETTER, _ROW, _LEAD = 6.8, 16.0, 64.0
CROWD = 400
"""From so many organisations on, only a line of dots can be told apart."""
MOST_NAMES, PHONE_NAMES = 12, 4
MOST_PEERS = 8
"""So many peers are named."""
SIMILAR, BETTER, WORSE, UNJUDGED = "similar", "better", "worse", "unjudged"
_PALE = "#C5CCD2"
_CROWD_STEPS = 300
_SYMBOLS = {SIMILAR: "circle", BETTER: "triangle-up", WORSE: "diamond", UNJUDGED: "circle"}
_COLOURS = {SIMILAR: GREY, BETTER: BLUE, WORSE: ORANGE, UNJUDGED: DARK}


@dataclass(frozen=True)
class RankedPoint:
    """One organisation of ours, or a chosen peer. `place` counts from 0 at the lowest of all that are drawn.

    `lower` and `upper` are its interval, None where there is none. `mark` says how it compares with the comparator:
    better, worse, similar, or unjudged.
    """

    place: int
    name: str
    value: float
    shown: str
    hover: str
    lower: float | None = None
    upper: float | None = None
    mark: str = UNJUDGED
    upward: bool = True


@dataclass(frozen=True)
class RankedOthers:
    """The other organisations as columns, lowest first; intervals are NaN where there are none.

    `hover` is empty for a crowd: its table holds the names.
    """

    places: Sequence[int] = ()
    values: Sequence[float] = ()
    lower: Sequence[float] = ()
    upper: Sequence[float] = ()
    hover: Sequence[str] = ()


@dataclass(frozen=True)
class RankedChart:
    """`count` organisations in ascending order of value; `standard` and `comparator` as a level and its label.

    `peers` stand out from the others; `unit` names the numbers of the axis, `letters` are words at whole numbers.
    """

    count: int
    others: RankedOthers
    ours: tuple[RankedPoint, ...]
    standard: tuple[float, str] | None
    comparator: tuple[float, str] | None
    suffix: str
    kind: str
    phone: bool = False
    unit: str = ""
    letters: tuple[tuple[float, str], ...] = ()
    peers: tuple[RankedPoint, ...] = ()

    @property
    def crowded(self) -> bool:
        """Too many for an interval, a name and a dot of its own each."""
        return self.count > CROWD


def ranked_figure(chart: RankedChart) -> Figure:
    """The figure: others grey, ours on top with names and values; the standard solid plum, the comparator dashed."""
    scale = _range(chart)
    names = [*_names(chart, _to_name(chart), scale), *_peer_names(chart)]
    return {
        "data": [_others(chart), *_peers(chart), *_ours(chart.ours)],
        "layout": layout(
            PHONE_HEIGHT if chart.phone else HEIGHT,
            margin={"l": 44, "r": 16, "t": 20, "b": 32},
            xaxis=axis(range=[-1.5, chart.count + 0.5], showticklabels=False, ticks="", showline=True),
            yaxis=values_axis(scale, suffix=chart.suffix, letters=chart.letters),
            shapes=_levels(chart),
            annotations=[*_level_labels(chart), *names, *_ends(chart)],
        ),
    }


def _range(chart: RankedChart) -> tuple[float, float]:
    values = [*chart.others.values, *(point.value for point in (*chart.ours, *chart.peers))]
    values += [v for p in chart.ours for v in (p.lower, p.upper) if v is not None]
    values += [level[0] for level in (chart.standard, chart.comparator) if level is not None]
    if chart.letters:
        return chart.letters[0][0] - 0.5, chart.letters[-1][0] + 0.5
    return values_range(min(values), max(values), suffix=chart.suffix)


def values_range(low: float, high: float, *, suffix: str) -> tuple[float, float]:
    """The ends of an axis that holds two values with some room; shares end at 0 and 100%."""
    if suffix == "%":
        padding = max(1.0, 0.1 * (high - low))
        return max(-2.0, low - padding), min(102.0, high + padding)
    padding = 0.1 * ((high - low) or high or 1.0)
    return max(min(0.0, low), low - padding), high + padding


def values_axis(
    scale: tuple[float, float], *, suffix: str, letters: Sequence[tuple[float, str]] = ()
) -> Figure:
    """A vertical axis of values: numbers with their suffix, or letters at whole numbers."""
    low, high = scale
    drawn = axis(range=[low, high], ticksuffix=suffix, nticks=7, showgrid=True, gridcolor=LINE)
    if letters:
        places, words = zip(*letters, strict=True)
        drawn |= {"tickvals": list(places), "ticktext": list(words)}
    elif not suffix and high - low < SMALL_SPAN:
        drawn |= {"tickformat": ".1f"}
    return drawn


def _others(chart: RankedChart) -> Figure:
    others = chart.others
    trace: Figure = {"type": "scatter", "mode": "markers", "name": "Others"}
    if chart.crowded:
        # Thousands of dots one beside another are a line, and a few hundred of them draw it.
        kept = _thinned(len(others.places))
        places, values = [others.places[i] for i in kept], [round(others.values[i], 3) for i in kept]
        line = {"color": CONTEXT, "width": 3}
        return trace | {"x": places, "y": values, "mode": "lines", "line": line, "hoverinfo": "skip"}
    trace |= {
        "x": list(others.places),
        "y": list(others.values),
        "marker": {"size": 5, "color": CONTEXT},
        "text": list(others.hover),
        "hovertemplate": "%{text}<extra></extra>",
    }
    if not chart.phone and len(others.lower):
        trace["error_y"] = _intervals(
            [(v, low, high) for v, low, high in zip(others.values, others.lower, others.upper, strict=True)],
            _PALE,
            1,
            0,
        )
    return trace


def _thinned(count: int) -> list[int]:
    """The places of a line's points: its ends, and of what lies between as many as a screen can show."""
    step = max(1, count // _CROWD_STEPS)
    ends = [*range(min(count, 12)), *range(max(0, count - 12), count)]
    return sorted({*ends, *range(0, count, step)})


def _peers(chart: RankedChart) -> list[Figure]:
    return [_plain_dots("Peers", chart.peers, 8, SECONDARY)] if chart.peers else []


def _ours(ours: Sequence[RankedPoint]) -> list[Figure]:
    if len(ours) > MOST_NAMES:
        return [_plain_dots("Ours", ours, 7, DARK)]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": point.name,
            "x": [point.place],
            "y": [point.value],
            "marker": marker(point.mark, upward=point.upward),
            "error_y": _intervals([(point.value, _or_nan(point.lower), _or_nan(point.upper))], DARK, 2, 4),
            "text": [point.hover],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for point in ours
    ]


def _plain_dots(name: str, points: Sequence[RankedPoint], size: float, colour: str) -> Figure:
    """Dots without a judgement: peers, and ours where there are too many to name."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [point.place for point in points],
        "y": [point.value for point in points],
        "marker": {"size": size, "color": colour, "line": {"color": WHITE, "width": 1}},
        "text": [point.hover for point in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def marker(mark: str, *, upward: bool, size: float = 13) -> Figure:
    """The mark of one of ours. A triangle points to the side of the comparator on which the figure lies."""
    symbol = "triangle-down" if mark == BETTER and not upward else _SYMBOLS[mark]
    return {
        "size": size,
        "symbol": symbol,
        "color": _COLOURS[mark],
        "line": {"color": WHITE, "width": 1.25},
    }


def _or_nan(value: float | None) -> float:
    return nan if value is None else value


def _intervals(
    points: Sequence[tuple[float, float, float]], colour: str, thickness: float, width: float
) -> Figure:
    """Bars from the lower to the upper limit around each value; none where a limit is NaN."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if isnan(high) else round(high - value, 4) for value, _, high in points],
        "arrayminus": [0.0 if isnan(low) else round(value - low, 4) for value, low, _ in points],
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
    labels = []
    for level, colour, below in (
        (chart.standard, PLUM, False),
        (chart.comparator, SECONDARY, _comparator_below(chart)),
    ):
        if level is not None:
            place = {"x": 0, "xref": "paper", "xanchor": "left", "y": level[0]}
            anchor = "top" if below else "bottom"
            words = f"<b>{level[1]}</b>"
            ground = "rgba(255,255,255,0.8)"
            labels.append(
                label(words, **place, yanchor=anchor, font={"size": 12, "color": colour}, bgcolor=ground)
            )
    return labels


def _comparator_below(chart: RankedChart) -> bool:
    """Whether the comparator's label stands under its line: where the standard is above it."""
    if chart.standard is None or chart.comparator is None:
        return False
    return chart.comparator[0] < chart.standard[0]


def _to_name(chart: RankedChart) -> Sequence[RankedPoint]:
    """All of a few, none of a crowd; on a phone the ends of many, and only names that fit."""
    ours = chart.ours
    if len(ours) > MOST_NAMES:
        return []
    if not chart.phone:
        return ours
    shown = [ours[0], ours[-1]] if len(ours) > PHONE_NAMES else ours
    return [p for p in shown if _LETTER * len(f"{p.name} {p.shown}") < PHONE_WIDTH]


def _peer_names(chart: RankedChart) -> list[Figure]:
    """A few peers by name, over their dots, smaller in weight than ours."""
    if chart.phone or len(chart.peers) > MOST_PEERS:
        return []
    return [
        label(
            point.name,
            x=point.place,
            y=point.value,
            xanchor="left",
            yanchor="top",
            yshift=-4 - 12 * (order % 3),
            font={"size": 12, "color": SECONDARY},
        )
        for order, point in enumerate(chart.peers)
    ]


def _names(chart: RankedChart, ours: Sequence[RankedPoint], scale: tuple[float, float]) -> list[Figure]:
    """Ours by name and value, under or over their intervals, moved away where they would lie on each other."""
    if len(ours) > PHONE_NAMES:
        return _led_names(chart, ours, scale)
    labels: list[Figure] = []
    taken = _level_boxes(chart, scale)
    for order, point in enumerate(ours):
        tried = [_candidate(chart, point, scale, taken, below=b) for b in (order % 2 == 0, order % 2 == 1)]
        box = min(tried, key=lambda item: (item.outside(_plot_height(chart)), abs(item.moved)))
        taken.append(box)
        labels.append(_name(f"{point.name} {point.shown}", point.place, _edge(point, below=box.below), box))
    return labels


def _level_boxes(chart: RankedChart, scale: tuple[float, float]) -> list[_Box]:
    """The room that the labels of the standard and the comparator take at the left end."""
    low, high = scale
    boxes = []
    for level, below in ((chart.standard, False), (chart.comparator, _comparator_below(chart))):
        if level is not None:
            y = (level[0] - low) / (high - low) * _plot_height(chart)
            boxes.append(_Box.of(level[1], 0, y, "left", below=below))
    return boxes


def _plot_height(chart: RankedChart) -> float:
    return (PHONE_HEIGHT if chart.phone else HEIGHT) - 52


def _edge(point: RankedPoint, *, below: bool) -> float:
    edge = point.lower if below else point.upper
    return point.value if edge is None else edge


def _candidate(
    chart: RankedChart,
    point: RankedPoint,
    scale: tuple[float, float],
    taken: Sequence[_Box],
    *,
    below: bool,
) -> _Box:
    """A place below to the right or above to the left of a point, where a rising row of dots leaves room."""
    low, high = scale
    width = PHONE_WIDTH if chart.phone else WIDTH
    x = (point.place + 1.5) / (chart.count + 2) * width
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


def _led_names(chart: RankedChart, ours: Sequence[RankedPoint], scale: tuple[float, float]) -> list[Figure]:
    """Names of many, in the room under the rising row of dots, each with a line to its point."""
    low, high = scale
    height = _plot_height(chart)
    labels: list[Figure] = []
    last = height
    for point in reversed(ours):
        y = (point.value - low) / (high - low) * height
        last = min(y - _ROW, last - _ROW)
        labels.append(_led(chart, point, y - last))
    lifted = max(0.0, _ROW / 2 - last)
    return [{**item, "ay": item["ay"] - lifted} for item in labels]


def _led(chart: RankedChart, point: RankedPoint, down: float) -> Figure:
    words = f"{point.name} {point.shown}"
    x = (point.place + 1.5) / (chart.count + 2) * WIDTH
    right = x + _LEAD + _LETTER * len(words) < WIDTH
    return {
        "text": f"<b>{words}</b>",
        "x": point.place,
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
        label(f"← lowest of {chart.count:,}{kind}", **low, font=grey),
        label("highest →", **high, font=grey),
    ]
    if chart.unit:
        top = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
        ends.append(label(chart.unit, **top, font=grey))
    return ends
