"""Organisations by size within the limits of chance around a comparator, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stp_dash.charts.interactive.labels import LEADER, LineEnd, NamedPoint, Names, PlotArea, names_on
from stp_dash.charts.interactive.ranked import (
    DOT_REACH,
    MOST_NAMES,
    MOST_PEERS,
    PEER_REACH,
    REACHES,
    UNJUDGED,
    marker,
    reaches,
    values_axis,
    values_range,
)
from stp_dash.charts.placement.ground import Ground
from stp_dash.charts.placement.spots import NamedMark, extent
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
    opening,
    rule,
    tick_step,
)

HEIGHT, PHONE_HEIGHT = 420, 340
WIDTH, PHONE_WIDTH = 400, 210
"""Roughly how wide the plot is drawn, to thin a crowd."""
_LEFT, _TOP, _BOTTOM = 44, 16, 48
PIXEL = 3
"""Dots of a crowd that lie this near each other, in pixels, are drawn as one."""
CROWD = 400


@dataclass(frozen=True)
class FunnelPoint:
    """One of ours, or a chosen peer. `mark` says on which side of the limits it lies."""

    name: str
    size: float
    value: float
    shown: str
    hover: str
    mark: str = UNJUDGED
    upward: bool = True
    code: str = ""


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
    """`others` are sizes, values and hover words as columns; the comparator is what the limits are drawn around.
    `codes` are the others', and `opens` is the address that a point opens, with @ for its organisation's code.

    `room` is the least and the greatest width that the figure is drawn in, in pixels.
    """

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
    room: tuple[float, float] = (366.0, 524.0)
    codes: Sequence[str] = ()
    opens: str = ""

    @property
    def height(self) -> int:
        return PHONE_HEIGHT if self.phone else HEIGHT


def funnel_figure(chart: FunnelChart, names: Names) -> Figure:
    """The figure: 95% limits dashed, 99.8% limits solid, others grey, ours on top with `names` (`funnel_names`)."""
    scale = _range(chart)
    last = chart.limits.sizes[-1]
    across = (0.0, last)
    return {
        "data": [*_limit_lines(chart), _others(chart, scale, across), *_plain(chart), *_ours(chart)],
        "layout": layout(
            chart.height,
            margin={"l": _LEFT, "r": _label_room(chart), "t": _TOP, "b": _BOTTOM},
            xaxis=axis(
                range=list(across),
                showline=True,
                nticks=4 if chart.phone else 6,
                tickformat=",d",
                dtick=max(1.0, tick_step(last, 4 if chart.phone else 6)),
                title={"text": chart.size_label, "font": {"size": 12, "color": SECONDARY}, "standoff": 8},
            ),
            yaxis=values_axis(scale, suffix=chart.suffix),
            shapes=_levels(chart, last),
            annotations=[*names.annotations, *_unit(chart)],
            **opening(chart.opens),
        ),
    }


def _label_room(chart: FunnelChart) -> int:
    """Room at the right for the longest of the labels of the lines."""
    words = [chart.comparator[1], "99.8%", *((chart.standard[1],) if chart.standard else ())]
    return round(extent(words, bold=True).width) + LEADER + 6


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
    trace: Figure = {"type": "scatter", "mode": "markers", "name": "Others", "cliponaxis": False}
    marks = {"size": 5, "color": CONTEXT}
    if len(sizes) > CROWD:
        kept = _apart(chart, scale, across)
        dots = {"x": [sizes[i] for i in kept], "y": [values[i] for i in kept]}
        return trace | dots | {"marker": marks | {"size": 4, "opacity": 0.7}, "hoverinfo": "skip"}
    words = {"text": list(hover), "customdata": list(chart.codes), "hovertemplate": "%{text}<extra></extra>"}
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
            "cliponaxis": False,
            "x": [point.size for point in points],
            "y": [point.value for point in points],
            "marker": {"size": size, "color": colour, "line": {"color": WHITE, "width": 1}},
            "text": [point.hover for point in points],
            "customdata": [point.code for point in points],
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
            "cliponaxis": False,
            "x": [point.size],
            "y": [point.value],
            "marker": marker(point.mark, upward=point.upward),
            "text": [point.hover],
            "customdata": [point.code],
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


def funnel_names(chart: FunnelChart) -> Names:
    """The names of ours and of a few peers, where they cover nothing, and the words at the right ends of lines."""
    area = _area(chart)
    named = _named(chart, area)
    found = names_on(area, _ground(chart, area, named), named, phone=chart.phone)
    return Names((*found.annotations, *_ends(chart, area)), found.key)


def _area(chart: FunnelChart) -> PlotArea:
    least, most = chart.room
    sides = _LEFT + _label_room(chart)
    across = (0.0, chart.limits.sizes[-1])
    return PlotArea(across, _range(chart), chart.height - _TOP - _BOTTOM, (least - sides, most - sides))


def _named(chart: FunnelChart, area: PlotArea) -> list[NamedPoint]:
    ours = chart.ours if len(chart.ours) <= MOST_NAMES else ()
    peers = chart.peers if len(chart.peers) <= MOST_PEERS else ()
    found = []
    for order, point in enumerate((*ours, *peers)):
        y, reach = area.down(point.value), REACHES[point.mark] if order < len(ours) else PEER_REACH
        over, under = reaches(point.mark, upward=point.upward) if order < len(ours) else (reach, reach)
        mark = NamedMark(area.share(point.size), y, reach, y - over, y + under)
        found.append(NamedPoint(point.name, point.name, point.shown, mark, order < len(ours), point.mark))
    return found


def _ground(chart: FunnelChart, area: PlotArea, named: Sequence[NamedPoint]) -> Ground:
    """What words may not lie on, every dot, and the lines that they may cross."""
    ground = area.ground()
    for owner, point in enumerate(named):
        ground.marks(point.mark.share, point.mark.y, point.mark.reach, owner)
    unnamed = [*(() if len(chart.ours) <= MOST_NAMES else chart.ours)]
    unnamed += [*(() if len(chart.peers) <= MOST_PEERS else chart.peers)]
    sizes, values, _ = chart.others
    kept = _apart(chart, area.values, area.across) if len(sizes) > CROWD else range(len(sizes))
    across = np.array([*(sizes[i] for i in kept), *(point.size for point in unnamed)])
    down = np.array([*(values[i] for i in kept), *(point.value for point in unnamed)])
    if len(across):
        ground.marks(area.share(across), area.down(down), DOT_REACH)
    limits = chart.limits
    shares = area.share(np.array(limits.sizes, dtype=float))
    for line in (limits.lower_95, limits.upper_95, limits.lower_998, limits.upper_998):
        ground.line(shares, area.down(np.array(line, dtype=float)))
    for level in (chart.comparator, chart.standard):
        if level is not None:
            ground.line((0, float(shares[-1])), (area.down(level[0]), area.down(level[0])))
    return ground


def _ends(chart: FunnelChart, area: PlotArea) -> list[Figure]:
    """What the lines are, beside their right ends: moved apart where they meet, and then with leaders."""
    limits = chart.limits
    lines = [
        (limits.upper_998[-1], "99.8%", SECONDARY),
        (limits.upper_95[-1], "95%", SECONDARY),
        (chart.comparator[0], f"<b>{chart.comparator[1]}</b>", TEXT),
    ]
    if chart.standard is not None:
        lines.append((chart.standard[0], f"<b>{chart.standard[1]}</b>", PLUM))
    return area.ends([LineEnd(*line) for line in lines])


def _unit(chart: FunnelChart) -> list[Figure]:
    if not chart.unit:
        return []
    top = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return [label(chart.unit, **top, font={"size": 12, "color": SECONDARY})]
