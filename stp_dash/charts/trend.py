"""One organisation over time, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stp_dash.charts.theme import (
    GREY,
    LINE,
    PLUM,
    PROVISIONAL_GROUND,
    ROLLING,
    SECONDARY,
    SMALL_SPAN,
    TEXT,
    WHITE,
    Figure,
    axis,
    label,
    layout,
    rule,
)

HEIGHT, PHONE_HEIGHT = 480, 340
_LABEL_PIXELS = 17
_LETTER_PIXELS, _WIDEST = 7, 280
_CLEAR = "rgba(255,255,255,0)"


@dataclass(frozen=True)
class TrendPoint:
    """One period, with or without a figure. `restarts`: it cannot be compared with the periods before it.

    `at` is its place on the time axis and `length` its breadth, both in months. `rolling` is the figure of several
    periods together, up to this one.
    """

    at: float
    tick: str
    year: str
    value: float | None
    shown: str
    hover: str
    standard: float | None = None
    standard_text: str = ""
    interim: float | None = None
    interim_text: str = ""
    comparator: float | None = None
    comparator_text: str = ""
    rolling: float | None = None
    rolling_text: str = ""
    provisional: bool = False
    restarts: str = ""
    length: float = 1.0

    @property
    def start(self) -> float:
        return self.at - self.length / 2

    @property
    def end(self) -> float:
        return self.at + self.length / 2


@dataclass(frozen=True)
class TrendChart:
    """A whole chart: a point for every period, in order. `suffix` follows numbers on the axis, `unit` names them.

    `letters` are the words at whole numbers of an axis that has no numbers.
    """

    points: tuple[TrendPoint, ...]
    name: str
    suffix: str
    phone: bool = False
    unit: str = ""
    letters: tuple[tuple[float, str], ...] = ()

    @property
    def first(self) -> float:
        return self.points[0].start

    @property
    def last(self) -> float:
        return self.points[-1].end


def trend_figure(chart: TrendChart) -> Figure:
    """The figure: standard stepped in plum, ambitions and the comparator dotted, provisional points hollow.

    Lines stop at a missing period and at a restart of the series.
    """
    low, high = _range(chart)
    height = PHONE_HEIGHT if chart.phone else HEIGHT
    per_pixel = (high - low) / (height - 24 - 56)
    annotations = [*_end_labels(chart, per_pixel), *_restart_labels(chart), *_ground_labels(chart)]
    if not chart.phone:
        annotations += [*_earlier_standard(chart), *_ended_interim(chart)]
    lines = [_comparator(chart), *_rolling(chart), _line(chart)]
    return {
        "data": [_missing(chart), *_levels(chart), *lines, *_marks(chart)],
        "layout": layout(
            height,
            margin={"l": 44, "r": _right_margin(chart), "t": 24, "b": 56},
            xaxis=_periods_axis(chart),
            yaxis=_values_axis(chart, low, high),
            yaxis2=axis(range=[0, 1], overlaying="y", visible=False),
            bargap=0,
            shapes=[*_grounds(chart), *_restart_rules(chart)],
            annotations=[*annotations, *_unit_label(chart)],
        ),
    }


def _values_axis(chart: TrendChart, low: float, high: float) -> Figure:
    scale = axis(range=[low, high], ticksuffix=chart.suffix, nticks=6, gridcolor=LINE, showgrid=True)
    if chart.letters:
        places, words = zip(*chart.letters, strict=True)
        scale |= {"tickvals": list(places), "ticktext": list(words)}
    elif not chart.suffix and high - low < SMALL_SPAN:
        scale |= {"tickformat": ".1f"}
    return scale


def _unit_label(chart: TrendChart) -> list[Figure]:
    if not chart.unit:
        return []
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return [label(chart.unit, **place, font={"size": 12, "color": SECONDARY})]


def _right_margin(chart: TrendChart) -> int:
    """Room for the longest name at the right end; a phone's labels stand inside the plot."""
    if chart.phone:
        return 16
    longest = max((len(_bare(item[1])) for item in _ends(chart) if item is not None), default=0)
    return min(_WIDEST, 24 + _LETTER_PIXELS * longest)


def _bare(text: str) -> str:
    return text.replace("<b>", "").replace("</b>", "")


def _range(chart: TrendChart) -> tuple[float, float]:
    values = [
        v
        for p in chart.points
        for v in (p.value, p.standard, p.interim, p.comparator, p.rolling)
        if v is not None
    ] or [0.0, 100.0]
    if chart.letters:
        return chart.letters[0][0] - 0.5, chart.letters[-1][0] + 0.5
    span = max(values) - min(values)
    padding = max(1.0, 0.08 * span) if chart.suffix == "%" else 0.08 * (span or max(values) or 1.0)
    foot = 0.1 * span if _restarts(chart) else 0.0
    low, high = min(values) - padding - foot, max(values) + padding
    low = max(0.0, low) if min(values) >= 0 and not foot and chart.suffix != "%" else low
    return low, min(high, 101.0) if chart.suffix == "%" else high


def _periods_axis(chart: TrendChart) -> Figure:
    words = []
    places = _ticks(chart)
    for order, place in enumerate(places):
        point = chart.points[place]
        new_year = order == 0 or chart.points[places[order - 1]].year != point.year
        words.append(f"{point.tick}<br><b>{point.year}</b>" if new_year else point.tick)
    ends = [chart.first - 0.1, chart.last + 0.1]
    values = [chart.points[place].at for place in places]
    return axis(range=ends, tickvals=values, ticktext=words, ticks="outside", showline=True)


def _ticks(chart: TrendChart) -> list[int]:
    """Which points bear a label: the last, and those before it that are far enough apart."""
    span = chart.last - chart.first
    step = (span / 4 if span > 24 else 6.0) if chart.phone else max(3.0, span / 20)
    places: list[int] = []
    for place in range(len(chart.points) - 1, -1, -1):
        if not places or chart.points[places[-1]].at - chart.points[place].at >= step - 0.1:
            places.append(place)
    return places[::-1]


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


def _levels(chart: TrendChart) -> list[Figure]:
    return [
        _step_trace(chart, "Interim ambition", lambda p: p.interim, "dot", 1.5),
        _step_trace(chart, "Standard", lambda p: p.standard, "solid", 2),
    ]


def _step_trace(
    chart: TrendChart, name: str, level: Callable[[TrendPoint], float | None], dash: str, width: float
) -> Figure:
    x: list[float | None] = []
    y: list[float | None] = []
    for point in chart.points:
        value = level(point)
        x += [point.start, point.end] if value is not None else [None]
        y += [value, value] if value is not None else [None]
    line = {"color": PLUM, "width": width, "dash": dash}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": line,
        "hoverinfo": "skip",
    }


def _comparator(chart: TrendChart) -> Figure:
    x, y = _broken(chart.points, lambda point: point.comparator)
    line = {"color": SECONDARY, "width": 1.25, "dash": "dot"}
    return {
        "type": "scatter", "mode": "lines", "name": "Comparator", "x": x, "y": y, "line": line, "hoverinfo": "skip"
    }  # fmt: skip


def _rolling(chart: TrendChart) -> list[Figure]:
    """Several periods together, as a faint broad line under the figures."""
    if not any(point.rolling is not None for point in chart.points):
        return []
    x, y = _broken(chart.points, lambda point: point.rolling)
    line = {"color": ROLLING, "width": 4}
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Rolling",
            "x": x,
            "y": y,
            "line": line,
            "hoverinfo": "skip",
        }
    ]


def _line(chart: TrendChart) -> Figure:
    x, y = _broken(chart.points, lambda point: point.value)
    line = {"color": GREY, "width": 1.75}
    return {
        "type": "scatter", "mode": "lines", "name": chart.name, "x": x, "y": y, "line": line, "hoverinfo": "skip"
    }  # fmt: skip


def _broken(
    points: Sequence[TrendPoint], value: Callable[[TrendPoint], float | None]
) -> tuple[list[float | None], list[float | None]]:
    """A line's coordinates, with a hole at a restart and at a missing value."""
    x: list[float | None] = []
    y: list[float | None] = []
    for point in points:
        if point.restarts:
            x.append(None)
            y.append(None)
        x.append(point.at)
        y.append(value(point))
    return x, y


def _marks(chart: TrendChart) -> list[Figure]:
    final = {"symbol": "circle", "size": 8, "color": GREY, "line": {"color": WHITE, "width": 1.25}}
    hollow = {"symbol": "circle", "size": 8, "color": WHITE, "line": {"color": GREY, "width": 2}}
    return [
        _mark_trace(chart, "Final", final, provisional=False),
        _mark_trace(chart, "Provisional", hollow, provisional=True),
    ]


def _mark_trace(chart: TrendChart, name: str, marker: Figure, *, provisional: bool) -> Figure:
    own = [p for p in chart.points if p.value is not None and p.provisional is provisional]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [point.at for point in own],
        "y": [point.value for point in own],
        "marker": marker,
        "text": [point.hover for point in own],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _grounds(chart: TrendChart) -> list[Figure]:
    """A pale ground under every run of provisional figures."""
    ground = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}}
    return [
        {**ground, "x0": first.start, "x1": last.end, "fillcolor": PROVISIONAL_GROUND}
        for first, last in _provisional_runs(chart.points)
    ]


def _provisional_runs(points: Sequence[TrendPoint]) -> list[tuple[TrendPoint, TrendPoint]]:
    runs: list[list[TrendPoint]] = [[]]
    for point in points:
        if point.provisional:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [(run[0], run[-1]) for run in runs if run]


def _ground_labels(chart: TrendChart) -> list[Figure]:
    runs = _provisional_runs(chart.points)
    if not runs:
        return []
    first, last = runs[-1]
    late = (last.end - chart.first) > 0.9 * (chart.last - chart.first)
    place = {
        "x": last.end if late else (first.at + last.at) / 2,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
    }
    anchor = "right" if late else "center"
    return [label("Provisional", **place, xanchor=anchor, font={"size": 12, "color": PLUM})]


def _restarts(chart: TrendChart) -> list[tuple[float, str]]:
    return [(p.start, p.restarts) for i, p in enumerate(chart.points) if p.restarts and i > 0]


def _restart_rules(chart: TrendChart) -> list[Figure]:
    gap = 0.0016 * (chart.last - chart.first) + 0.02
    return [
        rule(x + shift, x + shift, 0, 1, yref="paper", line={"color": TEXT, "width": 1.25})
        for x, _ in _restarts(chart)
        for shift in (-gap, gap)
    ]


def _restart_labels(chart: TrendChart) -> list[Figure]:
    late = chart.first + (chart.last - chart.first) * 0.7
    return [
        label(
            f"<b>Series restarts</b><br>{words}",
            x=x,
            y=0,
            yref="paper",
            xanchor="right" if x > late else "left",
            yanchor="bottom",
            xshift=-8 if x > late else 8,
            align="left",
            bgcolor=WHITE,
        )
        for x, words in _restarts(chart)
    ]


def _end_labels(chart: TrendChart, per_pixel: float) -> list[Figure]:
    """Names at the right end, pushed apart where they would lie on each other."""
    if chart.phone:
        return _phone_labels(chart)
    wanted = [item for item in _ends(chart) if item is not None]
    ordered = sorted(wanted, key=lambda item: item[0])
    placed: list[float] = []
    for value, _, _ in ordered:
        floor = placed[-1] + _LABEL_PIXELS * per_pixel if placed else value
        placed.append(max(value, floor))
    x = chart.last + 0.1
    return [
        label(text, x=x, y=y, xanchor="left", font={"size": 12, "color": colour}, align="left")
        for y, (_, text, colour) in zip(placed, ordered, strict=True)
    ]


def _ends(chart: TrendChart) -> list[tuple[float, str, str] | None]:
    last = chart.points[-1]
    known = [p for p in chart.points if p.value is not None]
    compared = [p for p in chart.points if p.comparator is not None]
    rolled = [p for p in chart.points if p.rolling is not None]
    return [
        (last.standard, f"<b>{last.standard_text}</b>", PLUM) if last.standard is not None else None,
        (last.interim, last.interim_text, PLUM) if last.interim is not None else None,
        (compared[-1].comparator or 0.0, compared[-1].comparator_text, SECONDARY) if compared else None,
        (rolled[-1].rolling or 0.0, rolled[-1].rolling_text, GREY) if rolled else None,
        (known[-1].value or 0.0, f"<b>{chart.name} {known[-1].shown}</b>", TEXT) if known else None,
    ]


def _phone_labels(chart: TrendChart) -> list[Figure]:
    marks = []
    last = chart.points[-1]
    if last.standard is not None:
        place = {"x": chart.last, "y": last.standard, "xanchor": "right", "yanchor": "bottom"}
        words = f"<b>{last.standard_text}{_before(chart)}</b>"
        marks.append(label(words, **place, font={"size": 12, "color": PLUM}))
    known = [p for p in chart.points if p.value is not None]
    if known:
        point = known[-1]
        place = {"x": point.at, "y": point.value, "xanchor": "right", "yanchor": "top", "yshift": -6}
        marks.append(label(f"<b>{point.shown}</b>", **place, bgcolor="rgba(255,255,255,0.8)"))
    return marks


def _earlier_standard(chart: TrendChart) -> list[Figure]:
    """The level at the left end, where it is not the one at the right end."""
    first = next((i for i, p in enumerate(chart.points) if p.standard is not None), None)
    if first is None or chart.points[first].standard == chart.points[-1].standard:
        return []
    point = chart.points[first]
    place: dict[str, Any] = {
        "x": point.start + 0.1,
        "y": point.standard,
        "xanchor": "left",
        "yanchor": "bottom",
    }
    return [label(f"<b>{point.standard_text}</b>", **place, font={"size": 12, "color": PLUM})]


def _before(chart: TrendChart) -> str:
    """The level of the standard before the present one, for the one label that a phone has room for."""
    last = chart.points[-1].standard
    levels = [p.standard for p in chart.points if p.standard is not None and p.standard != last]
    return f", {levels[-1]:g}{chart.suffix} before" if levels else ""


def _ended_interim(chart: TrendChart) -> list[Figure]:
    """Names an interim ambition that has ended, over its last period."""
    held = [i for i, p in enumerate(chart.points) if p.interim is not None]
    if not held or held[-1] == len(chart.points) - 1:
        return []
    point = chart.points[held[-1]]
    place: dict[str, Any] = {"x": point.end, "y": point.interim, "xanchor": "right", "yanchor": "bottom"}
    return [label(point.interim_text, **place, font={"size": 12, "color": PLUM})]
