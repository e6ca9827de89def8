"""The words on a chart over time: names at the right end, what restarts, grounds and events."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from stp_dash.charts.interactive.trend.lines import EVENT_HEIGHT
from stp_dash.charts.interactive.trend.points import CONCERN, IMPROVEMENT, TrendChart, TrendPoint
from stp_dash.charts.theme import BLUE, GREY, ORANGE, PLUM, SECONDARY, TEXT, Figure, label

LINE_PIXELS = 17
_LETTER_PIXELS, _WIDEST, _PHONE_WIDEST = 6.6, 280, 16
_NOTE_LETTERS = 30
_PALE = "rgba(255,255,255,0.85)"
End = tuple[float, str, str]
"""A name at the right end: its height, its words and its colour."""


def labels(chart: TrendChart, per_pixel: float, low: float, high: float) -> list[Figure]:
    """Every label; `per_pixel` is how much of the axis one pixel covers between `low` and `high`."""
    marks = [*restart_labels(chart), *_ground_labels(chart), *_unit_label(chart), *_notice(chart)]
    marks += _event_numbers(chart)
    if chart.phone:
        return [*marks, *_phone_labels(chart)]
    ends = _end_labels(chart, per_pixel, low, high)
    return [*marks, *ends, *_earlier_standard(chart), *_ended_interim(chart)]


def right_margin(chart: TrendChart) -> int:
    """Room for the longest name at the right end; a phone's labels stand inside the plot."""
    if chart.phone:
        return _PHONE_WIDEST
    longest = max((len(_bare(words)) for _, words, _ in _ends(chart)), default=0)
    return min(_WIDEST, round(24 + _LETTER_PIXELS * longest))


def _bare(text: str) -> str:
    return text.replace("<b>", "").replace("</b>", "")


def restart_labels(chart: TrendChart) -> list[Figure]:
    """The labels of the points from which a series starts again, at the foot of the chart."""
    late = chart.first + (chart.last - chart.first) * (0.45 if chart.phone else 0.7)
    return [
        label(
            f"<b>{point.restart_head}</b><br>" + "<br>".join(restart_lines(point)),
            x=point.start,
            y=0,
            yref="paper",
            xanchor="right" if point.start > late else "left",
            yanchor="bottom",
            xshift=-8 if point.start > late else 8,
            align="left",
            bgcolor=_PALE,
        )
        for point in chart.drawn_restarts
    ]


def restart_lines(point: TrendPoint) -> list[str]:
    """The day and the reason, in lines of a few words."""
    return [point.restarts, *wrap(point.restart_note, _NOTE_LETTERS)]


def _ground_labels(chart: TrendChart) -> list[Figure]:
    """ "Provisional" at the top of the last ground; a phone has no room for it, and the key says it as well."""
    runs = provisional_runs(chart.points)
    if not runs or chart.phone:
        return []
    first, last = runs[-1]
    late = (last.end - chart.first) > 0.9 * (chart.last - chart.first)
    place = {"x": last.end if late else (first.at + last.at) / 2, "y": 1, "yref": "paper", "yanchor": "top"}
    anchor = "right" if late else "center"
    return [label("Provisional", **place, xanchor=anchor, font={"size": 12, "color": PLUM})]


def _event_numbers(chart: TrendChart) -> list[Figure]:
    place = {"y": EVENT_HEIGHT, "yref": "paper", "xanchor": "center", "yanchor": "middle"}
    return [label(f"<b>{event.number}</b>", x=event.at, **place) for event in chart.events]


def provisional_runs(points: Sequence[TrendPoint]) -> list[tuple[TrendPoint, TrendPoint]]:
    """The first and last of each run of provisional figures."""
    runs: list[list[TrendPoint]] = [[]]
    for point in points:
        if point.provisional:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [(run[0], run[-1]) for run in runs if run]


def _unit_label(chart: TrendChart) -> list[Figure]:
    if not chart.unit:
        return []
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    return [label(chart.unit, **place, font={"size": 12, "color": SECONDARY})]


def _notice(chart: TrendChart) -> list[Figure]:
    if not chart.notice:
        return []
    place = {"x": 0.01, "xref": "paper", "xanchor": "left", "y": 0.98, "yref": "paper", "yanchor": "top"}
    return [label(f"<b>{chart.notice}</b>", **place, font={"size": 14, "color": ORANGE}, bgcolor=_PALE)]


def _end_labels(chart: TrendChart, per_pixel: float, low: float, high: float) -> list[Figure]:
    """Names at the right end, moved apart where they would lie on each other, as little as can be."""
    ordered = sorted(_ends(chart), key=lambda item: item[0])
    heights = spread([height for height, _, _ in ordered], LINE_PIXELS * per_pixel, low, high)
    x = chart.last + 0.1
    return [
        label(text, x=x, y=y, xanchor="left", font={"size": 12, "color": colour}, align="left")
        for y, (_, text, colour) in zip(heights, ordered, strict=True)
    ]


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights in order, at least `apart` and as near as can be to those wanted, within `low` and `high`.

    Heights that would touch are laid evenly about their mean.
    """
    groups: list[list[float]] = []
    for height in wanted:
        groups.append([height])
        while len(groups) > 1 and _bottom(groups[-1], apart) < _top(groups[-2], apart) + apart:
            groups[-2:] = [[*groups[-2], *groups[-1]]]
    placed = [_bottom(group, apart) + apart * step for group in groups for step in range(len(group))]
    for place in range(len(placed) - 1, -1, -1):
        ceiling = high if place == len(placed) - 1 else placed[place + 1] - apart
        placed[place] = min(placed[place], ceiling)
    for place, height in enumerate(placed):
        floor = low if place == 0 else placed[place - 1] + apart
        placed[place] = max(height, floor)
    return placed


def _bottom(group: Sequence[float], apart: float) -> float:
    return sum(group) / len(group) - apart * (len(group) - 1) / 2


def _top(group: Sequence[float], apart: float) -> float:
    return _bottom(group, apart) + apart * (len(group) - 1)


def _ends(chart: TrendChart) -> list[End]:
    last, latest = chart.points[-1], chart.latest
    compared = [p for p in chart.points if p.comparator is not None]
    rolled = [p for p in chart.points if p.rolling is not None]
    found: list[tuple[float | None, str, str]] = [
        (last.standard, f"<b>{last.standard_text}</b>", PLUM),
        (last.interim, last.interim_text, PLUM),
        (last.upper, chart.upper_text, SECONDARY),
        (last.mean, chart.mean_text, TEXT),
        (last.lower, chart.lower_text, SECONDARY),
    ]
    if compared:
        found.append((compared[-1].comparator, compared[-1].comparator_text, SECONDARY))
    if rolled:
        found.append((rolled[-1].rolling, rolled[-1].rolling_text, GREY))
    if latest:
        colour = {CONCERN: ORANGE, IMPROVEMENT: BLUE}.get(latest.kind, TEXT)
        found.append((latest.value, f"<b>{chart.name} {latest.shown}</b>", colour))
    return [(height, words, colour) for height, words, colour in found if height is not None and words]


def _phone_labels(chart: TrendChart) -> list[Figure]:
    """One label for the standard, one for the last figure, and the limits named inside the plot."""
    marks = []
    last = chart.points[-1]
    small: dict[str, Any] = {"font": {"size": 12, "color": SECONDARY}, "bgcolor": _PALE}
    for height, words, anchor in (
        (last.upper, chart.upper_text, "bottom"),
        (last.lower, chart.lower_text, "top"),
    ):
        if height is not None and words:
            x = next(p.start for p in chart.points if p.upper == last.upper) + 0.2
            marks.append(label(words, x=x, y=height, xanchor="left", yanchor=anchor, **small))
    if last.standard is not None:
        place = {"x": chart.last, "y": last.standard, "xanchor": "right", "yanchor": "bottom"}
        words = f"<b>{last.standard_text}{_before(chart)}</b>"
        marks.append(label(words, **place, font={"size": 12, "color": PLUM}))
    if chart.latest:
        point = chart.latest
        colour = {CONCERN: ORANGE, IMPROVEMENT: BLUE}.get(point.kind, TEXT)
        place = {"x": point.at, "y": point.value, "xanchor": "right", "yanchor": "top", "yshift": -8}
        marks.append(
            label(f"<b>{point.shown}</b>", **place, bgcolor=_PALE, font={"size": 14, "color": colour})
        )
    return marks


def _earlier_standard(chart: TrendChart) -> list[Figure]:
    """The level at the left end, where it is not the one at the right end."""
    point = next((p for p in chart.points if p.standard is not None), None)
    if point is None or point.standard == chart.points[-1].standard:
        return []
    place = {"x": point.start + 0.1, "y": point.standard, "xanchor": "left", "yanchor": "bottom"}
    return [label(f"<b>{point.standard_text}</b>", **place, font={"size": 12, "color": PLUM}, bgcolor=_PALE)]


def _before(chart: TrendChart) -> str:
    """The level of the standard before the present one, for the one label that a phone has room for."""
    last = chart.points[-1].standard
    levels = [p.standard for p in chart.points if p.standard is not None and p.standard != last]
    return f", {levels[-1]:g}{chart.suffix} before" if levels else ""


def _ended_interim(chart: TrendChart) -> list[Figure]:
    """Names an interim ambition that has ended, where its last level begins."""
    held = [i for i, p in enumerate(chart.points) if p.interim is not None]
    if not held or held[-1] == len(chart.points) - 1:
        return []
    level = chart.points[held[-1]].interim
    point = next(chart.points[i] for i in held if chart.points[i].interim == level)
    place = {"x": point.start + 0.1, "y": level, "xanchor": "left", "yanchor": "bottom"}
    return [label(point.interim_text, **place, font={"size": 12, "color": PLUM})]
