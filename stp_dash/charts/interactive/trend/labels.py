"""The words on a chart over time: names at the right end, what restarts, grounds and events."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from textwrap import wrap

import numpy as np

from stp_dash.charts.interactive.labels import LEADER, LineEnd, PlotArea, Writer
from stp_dash.charts.interactive.trend.lines import EVENT_HEIGHT, level_runs
from stp_dash.charts.interactive.trend.points import CONCERN, IMPROVEMENT, TrendChart, TrendPoint
from stp_dash.charts.lettering import shortened, text_width
from stp_dash.charts.placement.ground import OVER_END, Ground
from stp_dash.charts.placement.spots import (
    TYPE,
    NamedMark,
    about_mark,
    along_line,
    beside_mark,
    beside_rule,
    extent,
    led_to_mark,
)
from stp_dash.charts.theme import (
    BLUE,
    CONTROL,
    DARK,
    GREY,
    ORANGE,
    PLUM,
    SECONDARY,
    TEXT,
    Figure,
    label,
    rule,
)

LINE_PIXELS = 17
_WIDEST, _PHONE_WIDEST = 300, 16
SIDE = 0.1
"""Room at both ends of the axis of periods, in months."""
_NOTE_LETTERS, _TABLET_LETTERS, _PHONE_LETTERS = 30, 22, 17
_JOINT_LETTERS = 10
"""The least number of letters in a line of a joint's words."""
_LARGE = 14.0
"""The size of the notice, and of a telephone's latest figure."""
_REACHES = {False: 7.0, True: 6.5}
"""How far the marks of figures reach from their middles, on a telephone and else, in pixels."""
_LATEST = 0
_EVERY = 20.0
"""The words of a restart are tried at heights so far apart, in pixels."""
_OVER_RINGS = 22
"""How far over the plot words stand that rings must not cover, in pixels."""
_ROOM_BETWEEN = 44
"""Pixels between two lines in which the names of both have room."""


def labels(chart: TrendChart, area: PlotArea) -> list[Figure]:
    """Every label, where it covers neither figures nor other words; those of lines beside their right ends."""
    writer = Writer(area, _ground(chart, area))
    if chart.notice:
        spots = along_line(0.0, (0.0, 0.5, 1.0), over=False)
        writer.write([[chart.notice]], spots, colour=ORANGE, bold=1, size=_LARGE)
    _write_restarts(chart, writer)
    _write_joints(chart, writer)
    _write_ground(chart, writer)
    if chart.phone or chart.ahead or chart.projections:
        _write_latest(chart, writer)
    _write_behind(chart, writer)
    if chart.plan and (chart.phone or not _plan_ends_last(chart)):
        _write_plan(chart, writer)
    if chart.phone:
        _write_projections(chart, writer)
        _write_standard(chart, writer)
        _write_limits(chart, writer)
    else:
        _write_earlier(chart, writer)
        if chart.ahead:
            _write_limits(chart, writer)
    ends = [] if chart.phone else area.ends(_ends(chart))
    return [*_unit_label(chart), *writer.written, *ends, *_event_numbers(chart)]


def end_leaders(chart: TrendChart) -> list[Figure]:
    """Thin rules from the last figures to the right end, so that the names there are joined to them."""
    if chart.phone:
        return []
    thin = {"color": CONTROL, "width": 1}
    end = chart.last + SIDE
    return [rule(at, end, y, y, line=thin, layer="below") for at, y in _last_places(chart)]


def right_margin(chart: TrendChart) -> int:
    """Room for the longest name at the right end; a phone's labels stand inside the plot."""
    if chart.phone:
        return _PHONE_WIDEST
    ends = _ends(chart)
    longest = max((extent((_bare(end.words),), bold="<b>" in end.words).width for end in ends), default=0)
    return min(_WIDEST, round(LEADER + 6 + longest))


def _bare(text: str) -> str:
    return text.replace("<b>", "").replace("</b>", "")


def _ground(chart: TrendChart, area: PlotArea) -> Ground:
    """What words may not lie on, every figure and every restart, and the lines that they may cross."""
    ground = area.ground()
    known = [point for point in chart.points if point.value is not None]
    if known:
        places = area.share(np.array([point.at for point in known]))
        heights = area.down(np.array([point.value for point in known], dtype=float))
        owners = np.full(len(known), -1.0)
        owners[-1] = _LATEST
        ground.marks(places, heights, _REACHES[chart.phone], owners)
    for name in ("value", "comparator", "rolling"):
        _add_joined(chart, area, ground, name)
    for projected in chart.projections:
        ground.line(
            [area.share(at) for at, _ in projected.places],
            [area.down(value) for _, value in projected.places],
        )
    _add_plan(chart, area, ground)
    for point in known:
        if point.interval is not None:
            share, ends = area.share(point.at), [area.down(end) for end in point.interval]
            ground.line((share, share), ends)
    for name in ("standard", "interim", "upper", "mean", "lower"):
        for first, last, value in level_runs(chart, attrgetter(name), broken=True, ahead=name == "standard"):
            if value is not None:
                y = area.down(value)
                ground.line((area.share(first.start), area.share(last.end)), (y, y))
    for point in chart.drawn_restarts:
        ground.add(area.share(point.start), 0, area.height, left=-4, right=4, cost=OVER_END)
    for point in chart.joints:
        share = area.share(point.start)
        ground.line((share, share), (0, area.height))
    for share in (area.share(at) for event in chart.events for at in event.places):
        ground.line((share, share), (0, area.height))
    return ground


def _add_plan(chart: TrendChart, area: PlotArea, ground: Ground) -> None:
    """The plan's line, and the bracket between it and the latest figure."""
    if chart.plan:
        ground.line([area.share(at) for at, _ in chart.plan], [area.down(value) for _, value in chart.plan])
    if chart.behind is not None and chart.latest is not None and chart.latest.value is not None:
        share, ends = area.share(chart.latest.at), sorted((chart.behind[0], chart.latest.value))
        ground.line((share, share), [area.down(end) for end in ends])


def _add_joined(chart: TrendChart, area: PlotArea, ground: Ground, name: str) -> None:
    """A line from figure to figure, with its holes."""
    value = attrgetter(name)
    run: list[TrendPoint] = []
    for point in (*chart.points, None):
        if point is not None and value(point) is not None and not (point.restarts and not point.goes_on):
            run.append(point)
            continue
        if len(run) > 1:
            ground.line([area.share(p.at) for p in run], [area.down(value(p)) for p in run])
        run = [point] if point is not None and value(point) is not None else []


def _write_restarts(chart: TrendChart, writer: Writer) -> None:
    """What restarts, when and why, beside its rule: at the foot, where room is kept for it, or higher."""
    area = writer.area
    late = chart.first + (chart.last - chart.first) * (0.45 if chart.phone else 0.7)
    for point in chart.drawn_restarts:
        lines = [point.restart_head, *restart_lines(chart, point)]
        heights = [area.height - 2 - _EVERY * step for step in range(int(area.height // _EVERY) - 1)]
        spots = beside_rule(area.share(point.start), heights, right=point.start <= late)
        writer.write([lines, lines[:2]], spots, colour=TEXT, bold=1)


def _write_joints(chart: TrendChart, writer: Writer) -> None:
    """From which codes to which a line goes on, beside its rule, as far down as there is room; notes say it too."""
    area = writer.area
    heights = [area.height - 2 - _EVERY * step for step in range(int(area.height // _EVERY))]
    for point in chart.joints:
        spots = beside_rule(area.share(point.start), heights, right=True)
        forms = [wrap(point.joint, letters) for letters in (_NOTE_LETTERS, _PHONE_LETTERS, _JOINT_LETTERS)]
        writer.write(forms, spots, colour=SECONDARY, needed=False)


def restart_lines(chart: TrendChart, point: TrendPoint) -> list[str]:
    """The day and the reason, in lines of a few words."""
    letters = _PHONE_LETTERS if chart.phone else _TABLET_LETTERS if chart.tablet else _NOTE_LETTERS
    return [point.restarts, *wrap(point.restart_note, letters)]


def _write_ground(chart: TrendChart, writer: Writer) -> None:
    """ "Provisional" at the top or the foot of the last ground; a phone has no room for it, and the key says it too."""
    runs = provisional_runs(chart.points)
    if not runs or chart.phone:
        return
    area, (first, last) = writer.area, runs[-1]
    stretch = area.share(first.start), area.share(last.end)
    spots = [
        along_line(y, (0.5, 1.0, 0.0), stretch=stretch, over=over)
        for y, over in ((0.0, False), (area.height, True))
    ]
    writer.write([["Provisional"]], np.hstack(spots), colour=PLUM, needed=False)


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
    """What values are of, over the axis; over the rings of events, which may stand at its beginning."""
    if not chart.unit:
        return []
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom"}
    if chart.events:
        place["yshift"] = _OVER_RINGS
    return [label(chart.unit, **place, font={"size": 12, "color": SECONDARY})]


def _last_places(chart: TrendChart) -> list[tuple[float, float]]:
    """Where the figures, what they are compared with, and several periods together end."""
    found = []
    own = () if chart.projections or chart.ahead else ("value",)
    for name in (*own, "comparator", "rolling"):
        known = [(p.at, value) for p in chart.points if (value := attrgetter(name)(p)) is not None]
        found += known[-1:]
    return [*found, *(line.places[-1] for line in chart.projections)]


def _ends(chart: TrendChart) -> list[LineEnd]:
    last, end, latest = chart.points[-1], chart.every_point[-1], chart.latest
    compared = [p for p in chart.points if p.comparator is not None]
    rolled = [p for p in chart.points if p.rolling is not None]
    found: list[tuple[float | None, str, str]] = [
        (end.standard, f"<b>{end.standard_text}</b>", PLUM),
        (last.interim, last.interim_text, PLUM),
    ]
    if not chart.ahead:
        found += [
            (last.upper, chart.upper_text, SECONDARY),
            (last.mean, chart.mean_text, TEXT),
            (last.lower, chart.lower_text, SECONDARY),
        ]
    if compared:
        found.append((compared[-1].comparator, compared[-1].comparator_text, SECONDARY))
    if rolled:
        found.append((rolled[-1].rolling, rolled[-1].rolling_text, GREY))
    found += [(line.places[-1][1], line.words, DARK) for line in chart.projections]
    if chart.plan and _plan_ends_last(chart):
        found.append((chart.plan[-1][1], f"<b>{chart.plan_text}</b>", DARK))
    if latest and not (chart.projections or chart.ahead):
        found.append((latest.value, f"<b>{chart.name} {latest.shown}</b>", _colour(latest)))
    return [
        LineEnd(height, _fitting(words), colour)
        for height, words, colour in found
        if height is not None and words
    ]


def _fitting(words: str) -> str:
    """A name and its figure in the room that there can be beside a plot: a name that is too long ends in "…"."""
    bold, room = "<b>" in words, float(_WIDEST - LEADER - 6)
    wide = extent((_bare(words),), bold=bold).width
    if wide <= room:
        return words
    name, _, figure = _bare(words).rpartition(" ")
    share = text_width(name, TYPE) / wide
    kept = f"{shortened(name, share * (room - extent((figure,), bold=bold).width), TYPE)} {figure}"
    return f"<b>{kept}</b>" if bold else kept


def _colour(point: TrendPoint) -> str:
    return {CONCERN: ORANGE, IMPROVEMENT: BLUE}.get(point.kind, TEXT)


def _write_latest(chart: TrendChart, writer: Writer) -> None:
    """The last figure beside its mark: on a phone, and where lines go on beyond it."""
    area, point = writer.area, chart.latest
    if point is None or point.value is None:
        return
    y, reach = area.down(point.value), _REACHES[chart.phone]
    mark = NamedMark(area.share(point.at), y, reach, y - reach, y + reach)
    spots = np.hstack([beside_mark(mark), led_to_mark(mark), about_mark(mark)])
    colour, size = _colour(point), _LARGE if chart.phone else TYPE
    words = point.shown if chart.phone else f"{chart.name} {point.shown}"
    writer.write([[words]], spots, colour=colour, bold=1, size=size, owner=_LATEST, reach=reach)


def _write_projections(chart: TrendChart, writer: Writer) -> None:
    """What each dashed line is, about its end."""
    area = writer.area
    for line in chart.projections:
        at, value = line.places[-1]
        y = area.down(value)
        mark = NamedMark(area.share(at), y, 2.0, y - 2, y + 2)
        spots = np.hstack([beside_mark(mark), led_to_mark(mark), about_mark(mark)])
        writer.write([[line.words], [line.name]], spots, colour=DARK, needed=False)


def _plan_ends_last(chart: TrendChart) -> bool:
    """Whether the plan reaches the right end of the plot, beside which its name then stands."""
    return chart.plan[-1][0] >= chart.every_point[-1].at


def _write_plan(chart: TrendChart, writer: Writer) -> None:
    """The plan's name about the end of its line."""
    area, (at, value) = writer.area, chart.plan[-1]
    y = area.down(value)
    mark = NamedMark(area.share(at), y, 2.0, y - 2, y + 2)
    spots = np.hstack([beside_mark(mark), led_to_mark(mark), about_mark(mark)])
    writer.write([[chart.plan_text], ["Plan"]], spots, colour=DARK, bold=1)


def _write_behind(chart: TrendChart, writer: Writer) -> None:
    """How far the latest figure is behind the plan, beside the bracket between them."""
    if chart.behind is None or chart.latest is None or chart.latest.value is None:
        return
    area = writer.area
    ends = sorted((area.down(chart.behind[0]), area.down(chart.latest.value)))
    heights = [ends[0] + (ends[1] - ends[0]) * part for part in (0.5, 0.3, 0.75, 0.1, 1.0)]
    spots = beside_rule(area.share(chart.latest.at), heights, right=True)
    words = chart.behind[1]
    writer.write([[words], words.rsplit(" ", 1)], spots, colour=ORANGE, bold=2, needed=False)


def _write_standard(chart: TrendChart, writer: Writer) -> None:
    """A phone's one label for the standard."""
    area, last = writer.area, chart.every_point[-1]
    if last.standard is not None:
        spots = along_line(area.down(last.standard), (1.0, 0.0, 0.5))
        before = _before(chart)
        forms = [[last.standard_text + before]]
        if before:
            forms += [[f"{last.standard_text},", before.removeprefix(", ")], [last.standard_text]]
        writer.write(forms, spots, colour=PLUM, bold=2)


def _write_limits(chart: TrendChart, writer: Writer) -> None:
    """Within the plot, on a phone and where the axis goes on beyond them: the limits, and the mean if wider.

    Between limits that lie close together there is no room: each is named outside, so that neither stands beyond the
    other's name.
    """
    area, last = writer.area, chart.points[-1]
    close = (
        last.upper is not None
        and last.lower is not None
        and area.down(last.lower) - area.down(last.upper) < _ROOM_BETWEEN
    )
    named = [("upper", chart.upper_text, True), ("lower", chart.lower_text, False)]
    if not chart.phone:
        named.insert(1, ("mean", chart.mean_text, True))
    for name, words, over in named:
        runs = level_runs(chart, attrgetter(name), broken=True)
        first, end, height = runs[-1]
        if height is not None and words:
            stretch = area.share(first.start), area.share(end.end)
            allowed = (over,) if close else (over, not over)
            sides = [along_line(area.down(height), stretch=stretch, over=side) for side in allowed]
            writer.write([[words]], np.hstack(sides), colour=SECONDARY, needed=False)


def _write_earlier(chart: TrendChart, writer: Writer) -> None:
    """The first level of the standard, where it is not the last one; and an interim ambition that has ended."""
    area = writer.area
    runs = [run for run in level_runs(chart, attrgetter("standard"), ahead=True) if run[2] is not None]
    if len(runs) > 1 and runs[0][2] != chart.every_point[-1].standard:
        first, end, height = runs[0]
        stretch = area.share(first.start), area.share(end.end)
        spots = along_line(area.down(height or 0.0), (0.0, 0.5, 1.0), stretch=stretch)
        writer.write([[first.standard_text]], spots, colour=PLUM, bold=1)
    wished = [run for run in level_runs(chart, attrgetter("interim")) if run[2] is not None]
    if wished and wished[-1][1] is not chart.points[-1]:
        first, end, height = wished[-1]
        stretch = area.share(first.start), area.share(end.end)
        spots = along_line(area.down(height or 0.0), (0.0, 0.5, 1.0), stretch=stretch)
        writer.write([[first.interim_text]], spots, colour=PLUM)


def _before(chart: TrendChart) -> str:
    """The level of the standard before the present one, for the one label that a phone has room for."""
    last = chart.every_point[-1].standard
    levels = [p.standard for p in chart.points if p.standard is not None and p.standard != last]
    return f", {levels[-1]:g}{chart.suffix} before" if levels else ""
