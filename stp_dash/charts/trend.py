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
    SECONDARY,
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
    """One period, with or without a figure. `restarts`: it cannot be compared with the periods before it."""

    tick: str
    year: str
    value: float | None
    shown: str
    hover: str
    standard: float | None = None
    standard_text: str = ""
    interim: float | None = None
    interim_text: str = ""
    england: float | None = None
    england_text: str = ""
    provisional: bool = False
    restarts: str = ""


@dataclass(frozen=True)
class TrendChart:
    """A whole chart: a point for every period, in order. `suffix` follows numbers on the axis."""

    points: tuple[TrendPoint, ...]
    name: str
    suffix: str
    phone: bool = False


def trend_figure(chart: TrendChart) -> Figure:
    """The figure: standard stepped in plum, interim ambition and England dotted, provisional points hollow.

    Lines stop at a missing period and at a restart of the series.
    """
    low, high = _range(chart)
    height = PHONE_HEIGHT if chart.phone else HEIGHT
    per_pixel = (high - low) / (height - 24 - 56)
    annotations = [*_end_labels(chart, per_pixel), *_restart_labels(chart), *_ground_labels(chart)]
    if not chart.phone:
        annotations += [*_earlier_standard(chart), *_ended_interim(chart)]
    return {
        "data": [_missing(chart), *_levels(chart), _england(chart), _line(chart), *_marks(chart)],
        "layout": layout(
            height,
            margin={"l": 44, "r": _right_margin(chart), "t": 24, "b": 56},
            xaxis=_periods_axis(chart),
            yaxis=axis(range=[low, high], ticksuffix=chart.suffix, nticks=6, gridcolor=LINE, showgrid=True),
            yaxis2=axis(range=[0, 1], overlaying="y", visible=False),
            bargap=0,
            shapes=[*_grounds(chart), *_restart_rules(chart)],
            annotations=annotations,
        ),
    }


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
        v for p in chart.points for v in (p.value, p.standard, p.interim, p.england) if v is not None
    ] or [0.0, 100.0]
    padding = max(1.0, 0.08 * (max(values) - min(values)))
    foot = 0.1 * (max(values) - min(values)) if _restarts(chart) else 0.0
    high = max(values) + padding
    return min(values) - padding - foot, min(high, 101.0) if chart.suffix == "%" else high


def _periods_axis(chart: TrendChart) -> Figure:
    count = len(chart.points)
    step = 3 if count <= 60 else 6
    if chart.phone:
        step = max(step, 6)
    places = [i for i in range(count) if (count - 1 - i) % step == 0]
    words = []
    for order, place in enumerate(places):
        point = chart.points[place]
        new_year = order == 0 or chart.points[places[order - 1]].year != point.year
        words.append(f"{point.tick}<br><b>{point.year}</b>" if new_year else point.tick)
    return axis(range=[-0.6, count - 0.4], tickvals=places, ticktext=words, ticks="outside", showline=True)


def _missing(chart: TrendChart) -> Figure:
    places = [i for i, point in enumerate(chart.points) if point.value is None]
    return {
        "type": "bar",
        "name": "No figure",
        "x": places,
        "y": [1] * len(places),
        "yaxis": "y2",
        "width": 1,
        "marker": {
            "color": _CLEAR,
            "line": {"width": 0},
            "pattern": {"shape": "/", "fgcolor": LINE, "bgcolor": _CLEAR, "size": 6, "solidity": 0.2},
        },
        "text": [chart.points[i].hover for i in places],
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
    for place, point in enumerate(chart.points):
        value = level(point)
        x += [place - 0.5, place + 0.5] if value is not None else [None]
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


def _england(chart: TrendChart) -> Figure:
    x, y = _broken(chart.points, lambda point: point.england)
    line = {"color": SECONDARY, "width": 1.25, "dash": "dot"}
    return {
        "type": "scatter", "mode": "lines", "name": "England", "x": x, "y": y, "line": line, "hoverinfo": "skip"
    }  # fmt: skip


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
    for place, point in enumerate(points):
        if point.restarts:
            x.append(None)
            y.append(None)
        x.append(place)
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
    own = [(i, p) for i, p in enumerate(chart.points) if p.value is not None and p.provisional is provisional]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [place for place, _ in own],
        "y": [point.value for _, point in own],
        "marker": marker,
        "text": [point.hover for _, point in own],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
    }


def _grounds(chart: TrendChart) -> list[Figure]:
    """A pale ground under every run of provisional figures."""
    ground = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}}
    return [
        {**ground, "x0": first - 0.5, "x1": last + 0.5, "fillcolor": PROVISIONAL_GROUND}
        for first, last in _provisional_runs(chart.points)
    ]


def _provisional_runs(points: Sequence[TrendPoint]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for place, point in enumerate(points):
        if not point.provisional:
            continue
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def _ground_labels(chart: TrendChart) -> list[Figure]:
    runs = _provisional_runs(chart.points)
    if not runs:
        return []
    first, last = runs[-1]
    place = {"x": (first + last) / 2, "y": 1, "yref": "paper", "yanchor": "bottom"}
    return [label("Provisional", **place, font={"size": 12, "color": PLUM})]


def _restarts(chart: TrendChart) -> list[tuple[float, str]]:
    return [(i - 0.5, p.restarts) for i, p in enumerate(chart.points) if p.restarts and i > 0]


def _restart_rules(chart: TrendChart) -> list[Figure]:
    gap = 0.0016 * len(chart.points) + 0.02
    return [
        rule(x + shift, x + shift, 0, 1, yref="paper", line={"color": TEXT, "width": 1.25})
        for x, _ in _restarts(chart)
        for shift in (-gap, gap)
    ]


def _restart_labels(chart: TrendChart) -> list[Figure]:
    late = len(chart.points) * 0.7
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
    x = len(chart.points) - 0.4
    return [
        label(text, x=x, y=y, xanchor="left", font={"size": 12, "color": colour}, align="left")
        for y, (_, text, colour) in zip(placed, ordered, strict=True)
    ]


def _ends(chart: TrendChart) -> list[tuple[float, str, str] | None]:
    last = chart.points[-1]
    known = [p for p in chart.points if p.value is not None]
    english = [p for p in chart.points if p.england is not None]
    return [
        (last.standard, f"<b>{last.standard_text}</b>", PLUM) if last.standard is not None else None,
        (last.interim, last.interim_text, PLUM) if last.interim is not None else None,
        (english[-1].england or 0.0, english[-1].england_text, SECONDARY) if english else None,
        (known[-1].value or 0.0, f"<b>{chart.name} {known[-1].shown}</b>", TEXT) if known else None,
    ]


def _phone_labels(chart: TrendChart) -> list[Figure]:
    marks = []
    last = chart.points[-1]
    if last.standard is not None:
        place = {"x": len(chart.points) - 0.5, "y": last.standard, "xanchor": "right", "yanchor": "bottom"}
        words = f"<b>{last.standard_text}{_before(chart)}</b>"
        marks.append(label(words, **place, font={"size": 12, "color": PLUM}))
    known = [(i, p) for i, p in enumerate(chart.points) if p.value is not None]
    if known:
        i, point = known[-1]
        place = {"x": i, "y": point.value, "xanchor": "right", "yanchor": "top", "yshift": -6}
        marks.append(label(f"<b>{point.shown}</b>", **place, bgcolor="rgba(255,255,255,0.8)"))
    return marks


def _earlier_standard(chart: TrendChart) -> list[Figure]:
    """The level at the left end, where it is not the one at the right end."""
    first = next((i for i, p in enumerate(chart.points) if p.standard is not None), None)
    if first is None or chart.points[first].standard == chart.points[-1].standard:
        return []
    point = chart.points[first]
    place: dict[str, Any] = {"x": first - 0.4, "y": point.standard, "xanchor": "left", "yanchor": "bottom"}
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
    place: dict[str, Any] = {"x": held[-1] + 0.5, "y": point.interim, "xanchor": "right", "yanchor": "bottom"}
    return [label(point.interim_text, **place, font={"size": 12, "color": PLUM})]
