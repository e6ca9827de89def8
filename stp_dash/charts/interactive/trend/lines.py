"""The traces of a chart over time: marks told apart by shape, lines that stop where figures cannot be joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stp_dash.charts.interactive.trend.points import (
    COMMON_CAUSE,
    CONCERN,
    IMPROVEMENT,
    NEITHER,
    TrendChart,
    TrendPoint,
)
from stp_dash.charts.svg.icons import PURPLE
from stp_dash.charts.theme import (
    BLUE,
    CONTROL,
    DARK,
    GREY,
    LINE,
    ORANGE,
    PLUM,
    ROLLING,
    SECONDARY,
    TEXT,
    WHITE,
    Figure,
)

Level = Callable[[TrendPoint], float | None]

EVENT_HEIGHT = 1.03
"""Where the rings of events stand, as a share of the plot's height."""
RING = 21
"""How wide a ring is, in pixels."""
_OWN: Figure = {"color": GREY, "width": 1.75}
_PROJECTED: Figure = {"color": DARK, "width": 1.75, "dash": "9px,5px"}
_PLAN: Figure = {"color": DARK, "width": 2, "dash": "9px,3px,2px,3px"}
_EDGE: Figure = {"color": WHITE, "width": 5}
_CLEAR = "rgba(255,255,255,0)"
_SHAPES = {
    (COMMON_CAUSE, True): ("Common cause", "circle", GREY, 8),
    (COMMON_CAUSE, False): ("Common cause", "circle", GREY, 8),
    (IMPROVEMENT, True): ("Improvement signal, above the mean", "triangle-up", BLUE, 12),
    (IMPROVEMENT, False): ("Improvement signal, below the mean", "triangle-down", BLUE, 12),
    (CONCERN, True): ("Concern signal", "diamond", ORANGE, 11),
    (CONCERN, False): ("Concern signal", "diamond", ORANGE, 11),
    (NEITHER, True): ("Special cause", "square", PURPLE, 9),
    (NEITHER, False): ("Special cause", "square", PURPLE, 9),
}


def traces(chart: TrendChart) -> list[Figure]:
    """Everything that is drawn from numbers, the figures last and so on top."""
    return [
        _missing(chart),
        *_limits(chart),
        *_standards(chart),
        *_comparator(chart),
        *_rolling(chart),
        *_intervals(chart),
        *_projections(chart),
        *_plan(chart),
        _joined(chart, chart.name, lambda p: p.value, _PROJECTED if chart.projected else _OWN),
        *_marks(chart),
        *_events(chart),
    ]


def _missing(chart: TrendChart) -> Figure:
    gone = [point for point in chart.points if point.value is None]
    return {
        "type": "bar",
        "name": "No figure",
        "x": [point.at for point in gone],
        "y": [1] * len(gone),
        "yaxis": "y2",
        "width": [point.length for point in gone],
        "marker": {
            "color": _CLEAR,
            "line": {"width": 0},
            "pattern": {"shape": "/", "fgcolor": LINE, "bgcolor": _CLEAR, "size": 6, "solidity": 0.2},
        },
        "text": [point.hover for point in gone],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _limits(chart: TrendChart) -> list[Figure]:
    """The mean solid and the limits dashed; none of them crosses a restart."""
    if all(point.mean is None for point in chart.points):
        return []
    dashed = {"color": CONTROL, "width": 1.25, "dash": "6px,4px"}
    return [
        _stepped(chart, "Upper process limit", lambda p: p.upper, dashed, broken=True),
        _stepped(chart, "Lower process limit", lambda p: p.lower, dashed, broken=True),
        _stepped(chart, "Mean", lambda p: p.mean, {"color": SECONDARY, "width": 1.25}, broken=True),
    ]


def _standards(chart: TrendChart) -> list[Figure]:
    return [
        _stepped(
            chart, "Interim ambition", lambda p: p.interim, {"color": PLUM, "width": 1.5, "dash": "dot"}
        ),
        _stepped(
            chart, "Standard", lambda p: p.standard, {"color": PLUM, "width": 2, "dash": "solid"}, ahead=True
        ),
    ]


def _stepped(
    chart: TrendChart, name: str, level: Level, line: Figure, *, broken: bool = False, ahead: bool = False
) -> Figure:
    """A level over the breadth of its periods, stepping on the day; `broken` where the series restarts."""
    x: list[float | None] = []
    y: list[float | None] = []
    joined = False
    for first, last, value in level_runs(chart, level, broken=broken, ahead=ahead):
        if value is None:
            joined = False
            continue
        if not joined or (broken and first.restarts):
            x.append(None)
            y.append(None)
        x += [first.start, last.end]
        y += [value, value]
        joined = True
    return _line(name, x, y, line)


def level_runs(
    chart: TrendChart, level: Level, *, broken: bool = False, ahead: bool = False
) -> list[tuple[TrendPoint, TrendPoint, float | None]]:
    """The first and last period of each stretch with one level, and the level; `broken` at restarts as well.

    `ahead`: of the periods too that have no figures yet.
    """
    found: list[tuple[TrendPoint, TrendPoint, float | None]] = []
    for point in chart.every_point if ahead else chart.points:
        value = level(point)
        if found and found[-1][2] == value and not (broken and point.restarts):
            found[-1] = (found[-1][0], point, value)
        else:
            found.append((point, point, value))
    return found


def _rolling(chart: TrendChart) -> list[Figure]:
    """Several periods together, as a faint broad line under the figures."""
    if not any(point.rolling is not None for point in chart.points):
        return []
    return [_joined(chart, "Rolling", lambda p: p.rolling, {"color": ROLLING, "width": 4})]


def _projections(chart: TrendChart) -> list[Figure]:
    """A dashed line for each, joined neither to the figures nor to each other."""
    return [
        _line(item.name, [at for at, _ in item.places], [value for _, value in item.places], _PROJECTED)
        for item in chart.projections
    ]


def _plan(chart: TrendChart) -> list[Figure]:
    """What is planned, dark and dash-dotted over a white edge, through the months that have no figures yet."""
    x, y = [at for at, _ in chart.plan], [value for _, value in chart.plan]
    return [_line(name, x, y, line) for name, line in (("Edge of the plan", _EDGE), ("Plan", _PLAN)) if x]


def _intervals(chart: TrendChart) -> list[Figure]:
    """A bar from end to end of each published interval."""
    known = [(point.at, point.interval) for point in chart.points if point.interval is not None]
    if not known:
        return []
    x = [place for at, _ in known for place in (at, at, None)]
    y = [end for _, (low, high) in known for end in (low, high, None)]
    return [_line("95% interval", x, y, {"color": CONTROL, "width": 2})]


def _joined(chart: TrendChart, name: str, value: Level, line: Figure) -> Figure:
    """A line from figure to figure, with a hole at a restart of the series and at a missing value.

    Where only limits restart the figures go on.
    """
    x: list[float | None] = []
    y: list[float | None] = []
    for point in chart.points:
        if point.restarts and not point.goes_on:
            x.append(None)
            y.append(None)
        x.append(point.at)
        y.append(value(point))
    return _line(name, x, y, line)


def _comparator(chart: TrendChart) -> list[Figure]:
    """What it is compared with, dotted; a figure without neighbours to be joined to is a dot."""
    line = _joined(
        chart, "Comparator", lambda p: p.comparator, {"color": SECONDARY, "width": 1.25, "dash": "dot"}
    )
    x, y = line["x"], [None, *line["y"], None]
    lone = [i for i in range(len(x)) if y[i] is None and y[i + 1] is not None and y[i + 2] is None]
    if not lone:
        return [line]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "Comparator, alone",
        "x": [x[i] for i in lone],
        "y": [y[i + 1] for i in lone],
        "marker": {"symbol": "circle", "size": 5, "color": SECONDARY},
        "hoverinfo": "skip",
    }
    return [line, dots]


def _line(name: str, x: Sequence[float | None], y: Sequence[float | None], line: Figure) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": line,
        "hoverinfo": "skip",
    }


def _marks(chart: TrendChart) -> list[Figure]:
    """The figures by kind, each with its own shape, filled where final and hollow where provisional."""
    groups: dict[tuple[str, str, str, int, bool], list[TrendPoint]] = {}
    for point in chart.points:
        if point.value is not None:
            groups.setdefault((*_SHAPES[point.kind, point.above], point.provisional), []).append(point)
    return [_mark_trace(key, points, small=chart.phone) for key, points in groups.items()]


def _mark_trace(key: tuple[str, str, str, int, bool], points: Sequence[TrendPoint], *, small: bool) -> Figure:
    name, symbol, colour, size, provisional = key
    fill, edge, width = (WHITE, colour, 2) if provisional else (colour, WHITE, 1.25)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, provisional" if provisional else name,
        "x": [point.at for point in points],
        "y": [point.value for point in points],
        "marker": {
            "symbol": symbol,
            "size": size - 1 if small else size,
            "color": fill,
            "line": {"color": edge, "width": width},
            "opacity": 1,
        },
        "text": [point.hover for point in points],
        "customdata": [point.code for point in points],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _events(chart: TrendChart) -> list[Figure]:
    """Rings above the plot; stems, and the dashes of those still expected, are shapes, their numbers annotations."""
    kinds = (("Events", TEXT, False), ("Events expected", WHITE, True))
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [event.at for event in events],
            "y": [EVENT_HEIGHT] * len(events),
            "yaxis": "y2",
            "marker": {
                "symbol": "circle",
                "size": RING,
                "color": WHITE,
                "line": {"color": edge, "width": 1.5},
                "opacity": 1,
            },
            "text": [event.words for event in events],
            "hovertemplate": "%{text}<extra></extra>",
            "cliponaxis": False,
        }
        for name, edge, expected in kinds
        if (events := [event for event in chart.events if event.expected is expected])
    ]
