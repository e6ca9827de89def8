"""One organisation over time under process limits, as a plain dict that Plotly draws."""

from __future__ import annotations

from math import ceil, floor, log10

from stp_dash.charts.interactive.labels import PlotArea
from stp_dash.charts.interactive.trend.labels import (
    LINE_PIXELS,
    SIDE,
    end_leaders,
    labels,
    provisional_runs,
    restart_lines,
    right_margin,
)
from stp_dash.charts.interactive.trend.lines import EVENT_HEIGHT, RING, level_runs, traces
from stp_dash.charts.interactive.trend.points import TrendChart, TrendEvent, TrendPoint
from stp_dash.charts.lettering import text_width
from stp_dash.charts.theme import (
    BAND,
    CONTROL,
    LINE,
    ORANGE,
    PROVISIONAL_GROUND,
    SIZE,
    TEXT,
    Figure,
    axis,
    layout,
    opening,
    rule,
)

__all__ = ["HEIGHT", "PHONE_HEIGHT", "TrendChart", "TrendEvent", "TrendPoint", "trend_figure"]

HEIGHT, PHONE_HEIGHT = 520, 380
_LEFT, _TOP, _TOP_WITH_EVENTS, _BOTTOM = 44, 24, 44, 56
_BEFORE_AXIS = 10
"""From the words of an axis to the axis, in pixels."""
_BAR = 0.995
"""Where the bars of spans lie, as a share of the plot's height."""


def trend_figure(chart: TrendChart) -> Figure:
    """The figure. Points are told apart by shape: circle common cause, triangle on the better side and pointing to
    the side of the mean, diamond on the worse side, square neither; hollow where provisional.

    The mean is solid, limits are dashed over a pale band; the standard is stepped in plum, ambitions and the
    comparator are dotted, projections dashed. Lines of figures and limits stop at a missing period and at a restart.
    """
    height = chart.height or (PHONE_HEIGHT if chart.phone else HEIGHT)
    top = _TOP_WITH_EVENTS if chart.events else _TOP
    pixels = height - top - _BOTTOM
    low, high = _range(chart, pixels)
    right = right_margin(chart)
    scale = _values_axis(chart, low, high)
    left = _left_margin(scale)
    least, most = (room - left - right for room in chart.room)
    area = PlotArea((chart.first - SIDE, chart.last + SIDE), (low, high), pixels, (least, most))
    return {
        "data": traces(chart),
        "layout": layout(
            height,
            margin={"l": left, "r": right, "t": top, "b": _BOTTOM},
            xaxis=_periods_axis(chart),
            yaxis=scale,
            yaxis2=axis(range=[0, 1], overlaying="y", visible=False),
            bargap=0,
            shapes=[
                *_grounds(chart),
                *_bands(chart),
                *_restart_rules(chart),
                *_joint_rules(chart),
                *_stems(chart),
                *_expected_rings(chart),
                *_brackets(chart),
                *end_leaders(chart),
            ],
            annotations=labels(chart, area),
            **opening(chart.opens),
        ),
    }


def _range(chart: TrendChart, pixels: int) -> tuple[float, float]:
    """From the lowest to the highest that is drawn, with room for the words of a restart below."""
    if chart.letters:
        return chart.letters[0][0] - 0.5, chart.letters[-1][0] + 0.5
    values = [
        v
        for p in chart.points
        for v in (
            p.value,
            p.standard,
            p.interim,
            p.comparator,
            p.rolling,
            p.lower,
            p.upper,
            *(p.interval or ()),
        )
        if v is not None
    ]
    values += [value for _, value in chart.plan]
    values += [point.standard for point in chart.ahead if point.standard is not None]
    values += [value for line in chart.projections for _, value in line.places]
    values = values or [0.0, 100.0]
    span = max(values) - min(values) or abs(max(values)) or 1.0
    padding = max(1.0, 0.06 * span) if chart.suffix == "%" else 0.06 * span
    lines = max((len(restart_lines(chart, point)) + 1 for point in chart.drawn_restarts), default=0)
    room = lines * LINE_PIXELS + 8 if lines else 0
    foot = (span + 2 * padding) * room / (pixels - room)
    return min(values) - padding - foot, max(values) + padding


def _values_axis(chart: TrendChart, low: float, high: float) -> Figure:
    """An axis of round numbers with their unit, none of them beyond what can occur."""
    scale = axis(range=[low, high], gridcolor=LINE, showgrid=bool(chart.letters))
    if chart.letters:
        places, words = zip(*chart.letters, strict=True)
        return scale | {"tickvals": list(places), "ticktext": list(words)}
    step = _step(high - low)
    bottom = max(low, chart.floor)
    top = high if chart.ceiling is None else min(high, chart.ceiling)
    first, last = ceil(bottom / step - 1e-9), floor(top / step + 1e-9)
    values = [round(step * place, 6) for place in range(first, last + 1)]
    decimals = max(0, -floor(log10(step)))
    shown = [f"{value:,.{decimals}f}{chart.suffix}" for value in values]
    return scale | {"tickvals": values, "ticktext": shown, "ticks": "outside"}


def _left_margin(scale: Figure) -> int:
    """Room for the longest of the axis's words."""
    widest = max((text_width(words, SIZE) for words in scale["ticktext"]), default=0.0)
    return max(_LEFT, ceil(widest) + _BEFORE_AXIS)


def _step(span: float) -> float:
    """One, two or five times a power of ten: at most seven of them go into a span."""
    rough = span / 7
    size: float = 10.0 ** floor(log10(rough))
    return next(size * many for many in (1, 2, 5, 10) if size * many >= rough)


def _periods_axis(chart: TrendChart) -> Figure:
    words = []
    places = _ticks(chart)
    points = chart.every_point
    for order, place in enumerate(places):
        point = points[place]
        new_year = order == 0 or points[places[order - 1]].year != point.year
        words.append(f"{point.tick}<br><b>{point.year}</b>" if new_year and point.year else point.tick)
    ends = [chart.first - SIDE, chart.last + SIDE]
    values = [points[place].at for place in places]
    return axis(range=ends, tickvals=values, ticktext=words, ticks="outside", showline=True, tickangle=0)


def _ticks(chart: TrendChart) -> list[int]:
    """Which points bear a label: the last, and those before it that are far enough apart."""
    span = chart.last - chart.first
    few = 5 if chart.phone else 10
    step = max(3.0, span / (10 if chart.tablet else 20))
    if chart.phone:
        step = span / 4 if span > 24 else 6.0
    if span <= few:
        step = 1.0
    places: list[int] = []
    points = chart.every_point
    for place in range(len(points) - 1, -1, -1):
        if not places or points[places[-1]].at - points[place].at >= step - 0.1:
            places.append(place)
    return places[::-1]


def _grounds(chart: TrendChart) -> list[Figure]:
    """A pale ground under every run of provisional figures."""
    ground = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}}
    return [
        {**ground, "x0": first.start, "x1": last.end, "fillcolor": PROVISIONAL_GROUND}
        for first, last in provisional_runs(chart.points)
    ]


def _bands(chart: TrendChart) -> list[Figure]:
    """The pale band between the limits, one for each phase."""
    band = {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": BAND, "opacity": 0.9}
    return [
        {**band, "x0": first.start, "x1": last.end, "y0": first.lower, "y1": upper}
        for first, last, upper in level_runs(chart, lambda point: point.upper, broken=True)
        if upper is not None
    ]


def _restart_rules(chart: TrendChart) -> list[Figure]:
    """A double rule where the series restarts; dashed where it is a preview that nobody has recorded."""
    gap = 0.0016 * (chart.last - chart.first) + 0.02
    return [
        rule(
            point.start + shift,
            point.start + shift,
            0,
            1,
            yref="paper",
            line={"color": TEXT, "width": 1.25, "dash": "dash" if point.preview else "solid"},
        )
        for point in chart.drawn_restarts
        for shift in (-gap, gap)
    ]


def _joint_rules(chart: TrendChart) -> list[Figure]:
    """A thin rule where the line goes on under other codes: nothing restarts."""
    line = {"color": CONTROL, "width": 1, "dash": "dash"}
    return [
        rule(point.start, point.start, 0, 1, yref="paper", layer="below", line=line) for point in chart.joints
    ]


def _stems(chart: TrendChart) -> list[Figure]:
    """Dotted, under each ring; where it stands for more than a day, a bar joins them over the plot."""
    dotted, bar = {"color": TEXT, "width": 1, "dash": "dot"}, {"color": TEXT, "width": 2}
    stems = [
        rule(at, at, 0, 1, yref="y2", layer="below", line=dotted)
        for event in chart.events
        for at in event.places
    ]
    bars = [
        rule(event.at, event.last, _BAR, _BAR, yref="y2", layer="below", line=bar)
        for event in chart.events
        if event.last is not None and event.last > event.at
    ]
    return [*stems, *bars]


def _brackets(chart: TrendChart) -> list[Figure]:
    """From the plan down, or up, to the latest figure, where that is behind it."""
    latest = chart.latest
    if chart.behind is None or latest is None or latest.value is None:
        return []
    line = {"color": ORANGE, "width": 1.5}
    return [rule(latest.at, latest.at, chart.behind[0], latest.value, line=line)]


def _expected_rings(chart: TrendChart) -> list[Figure]:
    """The dashed edges of the rings of what has not happened yet."""
    reach = (RING - 1.5) / 2
    size = {"xsizemode": "pixel", "ysizemode": "pixel", "x0": -reach, "x1": reach, "y0": -reach, "y1": reach}
    line = {"color": TEXT, "width": 1.5, "dash": "3px,2.5px"}
    return [
        {
            "type": "circle",
            **size,
            "xanchor": event.at,
            "yanchor": EVENT_HEIGHT,
            "yref": "paper",
            "line": line,
        }
        for event in chart.events
        if event.expected
    ]
