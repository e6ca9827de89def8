"""Organisations by size within the limits of chance around a comparator, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stp_dash.charts.interactive.labels import LETTER, Mark, placed
from stp_dash.charts.interactive.ranked import (
    MOST_NAMES,
    MOST_PEERS,
    UNJUDGED,
    marker,
    values_axis,
    values_range,
)
from stp_dash.charts.theme import (
    CONTEXT,
    CONTROL,
    DARK,
    PLUM,
    SECONDARY,
    TEXT,
    WHITE,
    Figure,
    axis,
    label,
    layout,
    rule,
)

HEIGHT, PHONE_HEIGHT = 420, 340
WIDTH, PHONE_WIDTH = 400, 210
"""Roughly how wide the plot is drawn, to keep labels apart."""
_TOP, _BOTTOM, _ROW = 16, 48, 16.0
PIXEL = 3
"""Dots of a crowd that lie this near each other, in pixels, are drawn as one."""
CROWD = 400


@dataclass(frozen=True)
class FunnelPoint:
    """One of ours, or a chosen peer. `mark` says on which side of the limits it lies."""

    name: str
    size: float
    value: float
    hover: str
    mark: str = UNJUDGED
    upward: bool = True


@dataclass(frozen=True)
class FunnelLimits:
    """The limits as columns at growing sizes, in the unit of the values."""

    sizes: Sequence[float]
    lower_95: Sequence[float]
    upper_95: Sequence[float]
    lower_998: Sequence[float]
    upper_998: Sequence[float]


@dataclass(frozen=True)
class FunnelChart:
    """`others` are sizes, values and hover words as columns; the comparator is what the limits are drawn around."""

    limits: FunnelLimits
    others: tuple[Sequence[float], Sequence[float], Sequence[str]]
    ours: tuple[FunnelPoint, ...]
    comparator: tuple[float, str]
    standard: tuple[float, str] | None
    suffix: str
    size_label: str
    phone: bool = False
    unit: str = ""
    peers: tuple[FunnelPoint, ...] = ()

    @property
    def height(self) -> int:
        return PHONE_HEIGHT if self.phone else HEIGHT


def funnel_figure(chart: FunnelChart) -> Figure:
    """The figure: 95% limits dashed, 99.8% limits solid, others grey, ours on top by name."""
    scale = _range(chart)
    last = chart.limits.sizes[-1]
    across = (0.0, last * 1.04)
    names = _names(chart, scale, across)
    return {
        "data": [*_limit_lines(chart), _others(chart, scale, across), *_plain(chart), *_ours(chart)],
        "layout": layout(
            chart.height,
            margin={"l": 44, "r": _label_room(chart), "t": _TOP, "b": _BOTTOM},
            xaxis=axis(
                range=list(across),
                showline=True,
                nticks=4 if chart.phone else 6,
                tickformat=",d",
                title={"text": chart.size_label, "font": {"size": 12, "color": SECONDARY}, "standoff": 8},
            ),
            yaxis=values_axis(scale, suffix=chart.suffix),
            shapes=_levels(chart, last),
            annotations=[*names, *_ends(chart, scale), *_unit(chart)],
        ),
    }


def _label_room(chart: FunnelChart) -> int:
    """Room at the right for the longest of the labels of the lines."""
    return max(52, round(LETTER * max(len(chart.comparator[1]), len("99.8%"))) + 16)


def _range(chart: FunnelChart) -> tuple[float, float]:
    """Every figure, and the limits from a tenth of the largest size on: at the very left they reach everything."""
    limits = chart.limits
    wide = [place for place, size in enumerate(limits.sizes) if size >= 0.1 * limits.sizes[-1]]
    values = [*chart.others[1], *(point.value for point in (*chart.ours, *chart.peers)), chart.comparator[0]]
    values += [limits.lower_998[wide[0]], limits.upper_998[wide[0]]]
    if chart.standard is not None:
        values.append(chart.standard[0])
    return values_range(min(values), max(values), suffix=chart.suffix)


def _limit_lines(chart: FunnelChart) -> list[Figure]:
    limits = chart.limits
    lines = (
        ("99.8% limits", limits.lower_998, "solid"),
        ("99.8% limits", limits.upper_998, "solid"),
        ("95% limits", limits.lower_95, "dash"),
        ("95% limits", limits.upper_95, "dash"),
    )
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": list(limits.sizes),
            "y": list(values),
            "line": {"color": CONTROL, "width": 1.25, "dash": dash},
            "hoverinfo": "skip",
        }
        for name, values, dash in lines
    ]


def _others(chart: FunnelChart, scale: tuple[float, float], across: tuple[float, float]) -> Figure:
    sizes, values, hover = chart.others
    trace: Figure = {"type": "scatter", "mode": "markers", "name": "Others"}
    marks = {"size": 5, "color": CONTEXT}
    if len(sizes) > CROWD:
        kept = _apart(chart, scale, across)
        dots = {"x": [sizes[i] for i in kept], "y": [values[i] for i in kept]}
        return trace | dots | {"marker": marks | {"size": 4, "opacity": 0.7}, "hoverinfo": "skip"}
    words = {"text": list(hover), "hovertemplate": "%{text}<extra></extra>"}
    return trace | {"x": list(sizes), "y": list(values), "marker": marks} | words


def _apart(chart: FunnelChart, scale: tuple[float, float], across: tuple[float, float]) -> list[int]:
    """The first dot of each small square of the screen: those under it would not be seen."""
    sizes, values, _ = chart.others
    wide = across[1] / ((PHONE_WIDTH if chart.phone else WIDTH) / PIXEL)
    high = (scale[1] - scale[0]) / (chart.height / PIXEL)
    columns, rows = np.floor(np.array(sizes) / wide), np.floor(np.array(values) / high)
    _, first = np.unique(columns * 10_000 + rows, return_index=True)
    kept: list[int] = np.sort(first).tolist()
    return kept


def _plain(chart: FunnelChart) -> list[Figure]:
    """Peers, and ours where there are too many to name, as dots without a judgement."""
    crowd = chart.ours if len(chart.ours) > MOST_NAMES else ()
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [point.size for point in points],
            "y": [point.value for point in points],
            "marker": {"size": size, "color": colour, "line": {"color": WHITE, "width": 1}},
            "text": [point.hover for point in points],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for name, points, size, colour in (("Peers", chart.peers, 8, SECONDARY), ("Ours", crowd, 7, DARK))
        if points
    ]


def _ours(chart: FunnelChart) -> list[Figure]:
    if len(chart.ours) > MOST_NAMES:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": point.name,
            "x": [point.size],
            "y": [point.value],
            "marker": marker(point.mark, upward=point.upward),
            "text": [point.hover],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for point in chart.ours
    ]


def _levels(chart: FunnelChart, last: float) -> list[Figure]:
    dashed = {"color": SECONDARY, "width": 1.5, "dash": "dash"}
    shapes = [rule(0, last, chart.comparator[0], chart.comparator[0], line=dashed)]
    if chart.standard is not None:
        line = {"color": PLUM, "width": 2}
        shapes.append(rule(0, last, chart.standard[0], chart.standard[0], line=line))
    return shapes


def _names(chart: FunnelChart, scale: tuple[float, float], across: tuple[float, float]) -> list[Figure]:
    peers = () if chart.phone or len(chart.peers) > MOST_PEERS else chart.peers
    named = [*(chart.ours if len(chart.ours) <= MOST_NAMES else ()), *peers]
    width, height = (PHONE_WIDTH if chart.phone else WIDTH), chart.height - _TOP - _BOTTOM
    marks = [
        Mark(
            point.name,
            point.size / across[1] * width,
            (point.value - scale[0]) / (scale[1] - scale[0]) * height,
        )
        for point in named
    ]
    ours = len(named) - len(peers)
    return [
        label(
            f"<b>{point.name}</b>" if number < ours else point.name,
            x=point.size,
            y=point.value,
            xanchor=place.side,
            yanchor="middle",
            xshift=place.right,
            yshift=place.up,
            font={"size": 12, "color": DARK if number < ours else SECONDARY},
            bgcolor="rgba(255,255,255,0.8)",
        )
        for number, (point, place) in enumerate(zip(named, placed(marks, width, height), strict=True))
    ]


def _ends(chart: FunnelChart, scale: tuple[float, float]) -> list[Figure]:
    """What the lines are, at their right ends, one above the other where they meet."""
    limits = chart.limits
    lines = [
        (limits.upper_998[-1], "99.8%", SECONDARY),
        (limits.upper_95[-1], "95%", SECONDARY),
        (chart.comparator[0], f"<b>{chart.comparator[1]}</b>", TEXT),
    ]
    if chart.standard is not None:
        lines.append((chart.standard[0], f"<b>{chart.standard[1]}</b>", PLUM))
    high = chart.height - _TOP - _BOTTOM
    step = (scale[1] - scale[0]) / high * _ROW
    labels: list[Figure] = []
    above: float | None = None
    for value, words, colour in sorted(lines, key=lambda line: -line[0]):
        y = value if above is None else min(value, above - step)
        above = y
        place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4, "yanchor": "middle"}
        labels.append(label(words, y=y, **place, font={"size": 12, "color": colour}))
    return labels


def _unit(chart: FunnelChart) -> list[Figure]:
    if not chart.unit:
        return []
    top = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return [label(chart.unit, **top, font={"size": 12, "color": SECONDARY})]
