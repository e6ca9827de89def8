"""All organisations of a kind in one period, lowest first, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isnan, log10, nan

import numpy as np

from stp_dash.charts.interactive.labels import NamedPoint, Names, PlotArea, names_on
from stp_dash.charts.placement.ground import OVER_END, OVER_INTERVAL, Ground
from stp_dash.charts.placement.spots import NamedMark, along_line, extent
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
    opening,
    rule,
    tick_step,
)

HEIGHT, PHONE_HEIGHT, PAPER_HEIGHT = 490, 360, 320
_MARGIN = {"l": 44, "r": 16, "t": 20, "b": 32}
PEER_REACH, DOT_REACH, _CAP = 5.0, 3.0, 4.0
"""How far marks of peers and of others reach from their middles, and the ends of our intervals, in pixels."""
CROWD = 400
"""From so many organisations on, only a line of dots can be told apart."""
MOST_NAMES, MOST_PEERS = 12, 8
"""So many of ours, and so many peers, are named."""
SIMILAR, BETTER, WORSE, UNJUDGED = "similar", "better", "worse", "unjudged"
_PALE = "#C5CCD2"
_CROWD_STEPS = 300
_HEAD = 8.0
"""Arrow heads stand so many pixels apart at least, so that a row of them is none of dots."""
_TICKS = 7
_IN_FULL = 100_000.0
"""Below it an axis has room for whole numbers with all their figures."""
_INSET = 0.008
"""How far from the edge of the plot arrow heads stand, as a share of its height."""
_SYMBOLS = {SIMILAR: "circle", BETTER: "triangle-up", WORSE: "diamond", UNJUDGED: "circle"}
REACHES = {SIMILAR: 7.0, BETTER: 8.0, WORSE: 9.0, UNJUDGED: 7.0}
"""How far our marks reach from their middles, in pixels."""
_POINT, _BASE = 7.0, 4.5
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
    code: str = ""


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
    codes: Sequence[str] = ()


@dataclass(frozen=True)
class RankedChart:
    """`count` organisations in ascending order of value; `standard` and `comparator` as a level and its label.

    `peers` stand out from the others; `unit` names the numbers of the axis, `letters` are words at whole numbers.
    `ends` say what stands at the left and at the right: of places in an order the first and the last.
    `room` is the least and the greatest width that the figure is drawn in, in pixels. `opens` is the address that a
    point opens, with @ for its organisation's code.
    """

    count: int
    others: RankedOthers
    ours: tuple[RankedPoint, ...]
    standard: tuple[float, str] | None
    comparator: tuple[float, str] | None
    suffix: str
    kind: str
    phone: bool = False
    paper: bool = False
    unit: str = ""
    letters: tuple[tuple[float, str], ...] = ()
    peers: tuple[RankedPoint, ...] = ()
    room: tuple[float, float] = (544.0, 1326.0)
    opens: str = ""
    ends: tuple[str, str] = ("lowest", "highest")

    @property
    def height(self) -> int:
        """On paper it leaves room for the page's title on the same sheet, however the paper lies."""
        return PAPER_HEIGHT if self.paper else PHONE_HEIGHT if self.phone else HEIGHT

    @property
    def crowded(self) -> bool:
        """Too many for an interval, a name and a dot of its own each."""
        return self.count > CROWD


def ranked_figure(chart: RankedChart, names: Names) -> Figure:
    """The figure: others grey, ours on top with `names` (`ranked_names`); the standard plum, the comparator dashed."""
    scale = _range(chart)
    return {
        "data": [_others(chart), *_beyond(chart, scale), *_peers(chart), *_ours(chart.ours)],
        "layout": layout(
            chart.height,
            margin=_MARGIN,
            xaxis=axis(range=[-1.5, chart.count + 0.5], showticklabels=False, ticks="", showline=True),
            yaxis=values_axis(scale, suffix=chart.suffix, letters=chart.letters),
            shapes=_levels(chart),
            annotations=[*names.annotations, *_ends(chart)],
            **opening(chart.opens),
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
    """The ends of an axis that holds two values with some room; shares end at 0 and 100%, amounts at 0."""
    if suffix == "%":
        padding = max(1.0, 0.1 * (high - low))
        return max(-2.0, low - padding), min(102.0, high + padding)
    padding = 0.1 * ((high - low) or abs(high) or 1.0)
    return (low - padding if low < 0 else max(0.0, low - padding)), high + padding


def values_axis(
    scale: tuple[float, float], *, suffix: str, letters: Sequence[tuple[float, str]] = ()
) -> Figure:
    """A vertical axis of values: numbers with their suffix, or letters at whole numbers."""
    low, high = scale
    drawn = axis(range=[low, high], ticksuffix=suffix, nticks=_TICKS, showgrid=True, gridcolor=LINE)
    if letters:
        places, words = zip(*letters, strict=True)
        drawn |= {"tickvals": list(places), "ticktext": list(words)}
    elif (decimals := -floor(log10(tick_step(high - low, _TICKS)) + 1e-9)) > 0:
        drawn |= {"tickformat": f".{decimals}f"}
    elif max(abs(low), abs(high)) < _IN_FULL:
        drawn |= {"tickformat": ",d"}
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
        "customdata": list(others.codes),
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


def _beyond(chart: RankedChart, scale: tuple[float, float]) -> list[Figure]:
    """Arrow heads where intervals of others leave the plot."""
    others = chart.others
    if chart.phone or chart.crowded:
        return []
    found: list[Figure] = []
    for ends, symbol, edge in (
        (others.lower, "triangle-down", scale[0]),
        (others.upper, "triangle-up", scale[1]),
    ):
        below = symbol == "triangle-down"
        places = [
            at for at, end in zip(others.places, ends, strict=False) if (end < edge if below else end > edge)
        ]
        places = _apart(places, _HEAD * chart.count / chart.room[0])
        if places:
            inset = _INSET * (scale[1] - scale[0]) * (1 if below else -1)
            found.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": "Intervals that go further",
                    "x": places,
                    "y": [round(edge + inset, 4)] * len(places),
                    "marker": {"size": 6, "symbol": symbol, "color": CONTEXT},
                    "hoverinfo": "skip",
                }
            )
    return found


def _apart(places: Sequence[int], least: float) -> list[int]:
    """Of places in order those that are so far from the last one kept."""
    kept: list[int] = []
    for place in places:
        if not kept or place - kept[-1] >= least:
            kept.append(place)
    return kept


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
            "customdata": [point.code],
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
        "customdata": [point.code for point in points],
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


def reaches(mark: str, *, upward: bool) -> tuple[float, float]:
    """How far our marks reach over and under their middles: a triangle is lower on the side of its base."""
    if mark != BETTER:
        return REACHES[mark], REACHES[mark]
    return (_POINT, _BASE) if upward else (_BASE, _POINT)


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


def ranked_names(chart: RankedChart) -> Names:
    """The names of ours and of a few peers, and the words of the levels, where they cover nothing."""
    area = _area(chart)
    named = _named(chart, area)
    ground = _ground(chart, area, named)
    levels = []
    for level, colour in ((chart.standard, PLUM), (chart.comparator, SECONDARY)):
        if level is not None:
            size = extent((level[1],), bold=True)
            _, spot = ground.best(along_line(area.down(level[0])), size)
            ground.words(spot, size)
            levels.append(area.annotation(spot, f"<b>{level[1]}</b>", colour=colour))
    found = names_on(area, ground, named, phone=chart.phone)
    return Names((*levels, *found.annotations), found.key)


def _area(chart: RankedChart) -> PlotArea:
    least, most = chart.room
    sides = _MARGIN["l"] + _MARGIN["r"]
    height = chart.height - _MARGIN["t"] - _MARGIN["b"]
    return PlotArea((-1.5, chart.count + 0.5), _range(chart), height, (least - sides, most - sides))


def _named(chart: RankedChart, area: PlotArea) -> list[NamedPoint]:
    """Ours unless they are a crowd, then peers if they are few."""
    ours = chart.ours if len(chart.ours) <= MOST_NAMES else ()
    peers = chart.peers if len(chart.peers) <= MOST_PEERS else ()
    found = []
    for order, point in enumerate((*ours, *peers)):
        own = order < len(ours)
        y, reach = area.down(point.value), REACHES[point.mark] if own else PEER_REACH
        ends = [area.down(end) for end in (point.lower, point.upper) if end is not None and own]
        over, under = reaches(point.mark, upward=point.upward) if own else (reach, reach)
        mark = NamedMark(area.share(point.place), y, reach, min([y - over, *ends]), max([y + under, *ends]))
        found.append(
            NamedPoint(f"{point.name} {point.shown}", point.name, point.shown, mark, own, point.mark)
        )
    return found


def _ground(chart: RankedChart, area: PlotArea, named: Sequence[NamedPoint]) -> Ground:
    """What words may not lie on: every dot, the intervals of ours, the ends of all; and the lines they may cross."""
    ground = area.ground()
    for owner, point in enumerate(named):
        mark = point.mark
        ground.marks(mark.share, mark.y, mark.reach, owner)
        if point.ours:
            ground.bar(mark, _CAP, owner)
    unnamed = [*(() if len(chart.ours) <= MOST_NAMES else chart.ours)]
    unnamed += [*(() if len(chart.peers) <= MOST_PEERS else chart.peers)]
    others = chart.others
    kept = _thinned(len(others.places)) if chart.crowded else range(len(others.places))
    places = np.array([*(others.places[i] for i in kept), *(point.place for point in unnamed)])
    values = np.array([*(others.values[i] for i in kept), *(point.value for point in unnamed)])
    if len(places):
        ground.marks(area.share(places), area.down(values), DOT_REACH)
    if len(others.lower) and not chart.phone and not chart.crowded:
        _add_intervals(ground, area, others)
    for level in (chart.standard, chart.comparator):
        if level is not None:
            ground.line((0, 1), (area.down(level[0]), area.down(level[0])))
    return ground


def _add_intervals(ground: Ground, area: PlotArea, others: RankedOthers) -> None:
    """The grey intervals: their ends may not be covered, their length may be crossed."""
    drawn = ~np.isnan(np.array(others.lower, dtype=float))
    share = area.share(np.array(others.places)[drawn])
    top, foot = (area.down(np.array(ends)[drawn]) for ends in (others.upper, others.lower))
    ground.add(share, top, foot, left=-0.5, right=0.5, cost=OVER_INTERVAL)
    for end in (top, foot):
        ground.add(share, end - 1, end + 1, left=-1, right=1, cost=OVER_END)


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
    ends = (
        []
        if chart.count < 2
        else [
            label(f"← {chart.ends[0]} of {chart.count:,}{kind}", **low, font=grey),
            label(f"{chart.ends[1]} →", **high, font=grey),
        ]
    )
    if chart.unit:
        top = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
        ends.append(label(chart.unit, **top, font=grey))
    return ends
