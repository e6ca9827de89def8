"""A series under its limits as a chart of PowerPoint's own: lines and markers that can be edited, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor

from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.chart.series import LineSeries
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.slide import Slide
from pptx.util import Emu, Pt

from stp_dash.charts.svg.icons import PURPLE
from stp_dash.charts.theme import BLUE, CONTROL, GREY, LINE, ORANGE, PLUM, SECONDARY, TEXT, tick_step
from stp_dash.pack.model import PackPoint, PackSeries

Level = Callable[[PackPoint], float | None]
_MARKERS = {
    "common_cause": (XL_MARKER_STYLE.CIRCLE, GREY, 7),
    "improvement": (XL_MARKER_STYLE.TRIANGLE, BLUE, 9),
    "concern": (XL_MARKER_STYLE.DIAMOND, ORANGE, 9),
    "neither": (XL_MARKER_STYLE.SQUARE, PURPLE, 8),
}
_CHART_TEXT = Pt(12)
_LABELS = 9
"""About so many periods are named along the axis."""
_MARKS = 8


@dataclass(frozen=True)
class SlideLine:
    """A line of the chart: its name, colour, width in points and dashes. An earlier stretch is not in the legend."""

    name: str
    values: tuple[float | None, ...]
    colour: str
    width: float
    dash: MSO_LINE | None = None
    earlier: bool = False


@dataclass(frozen=True)
class SlideMarks:
    """The markers of one type of point, filled or hollow; None where a period has another."""

    name: str
    values: tuple[float | None, ...]
    kind: str
    hollow: bool


def rgb(colour: str) -> RGBColor:
    """A colour of the theme as PowerPoint writes it."""
    return RGBColor.from_string(colour.lstrip("#"))


def add_chart(slide: Slide, series: PackSeries, name: str, unit: str, box: tuple[Emu, Emu, Emu, Emu]) -> None:
    """The chart on a slide, in a box of left, top, width and height; `name` is whose figures they are.

    The figures are a line, and once more a series of markers for each type of point, hollow ones apart.
    """
    data = CategoryChartData()
    data.categories = [point.period for point in series.points]
    lines, marks = _lines(series), _marks(series)
    for line in lines:
        data.add_series(line.name, line.values)
    data.add_series(name, [point.value for point in series.points])
    for mark in marks:
        data.add_series(mark.name, mark.values)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box, data)
    frame.name = f"Chart: {series.heading}"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", series.picture.words)
    _draw(frame.chart, lines, marks)
    _axes(frame.chart, series, unit)


def _lines(series: PackSeries) -> list[SlideLine]:
    """Limits, mean, standard and comparator: a series for each stretch of one level, so that no line slopes."""
    found = [
        *_levels(
            series.points, lambda p: p.upper, series.upper or "Upper limit", (CONTROL, 1.25, MSO_LINE.DASH)
        ),
        *_levels(
            series.points, lambda p: p.lower, series.lower or "Lower limit", (CONTROL, 1.25, MSO_LINE.DASH)
        ),
        *_levels(series.points, lambda p: p.mean, series.mean or "Mean", (SECONDARY, 1.25, None)),
        *_levels(series.points, lambda p: p.standard, series.standard or "Standard", (PLUM, 2.25, None)),
    ]
    if series.comparator:
        beside = tuple(point.comparator for point in series.points)
        found.append(SlideLine(series.comparator, beside, SECONDARY, 1.25, MSO_LINE.ROUND_DOT))
    return found


def _levels(
    points: Sequence[PackPoint], level: Level, name: str, pen: tuple[str, float, MSO_LINE | None]
) -> list[SlideLine]:
    """A series for each stretch of one level; earlier ones are named by their last period."""
    stretches = [
        (value, [at for at, _ in run])
        for value, run in groupby(enumerate(points), lambda item: level(item[1]))
    ]
    known = [(value, places) for value, places in stretches if value is not None]
    found = []
    for order, (value, places) in enumerate(known, 1):
        values = tuple(value if at in places else None for at in range(len(points)))
        last = order == len(known)
        words = name if last else f"{name.split(' ', 1)[0]} to {points[places[-1]].period}"
        found.append(SlideLine(words, values, *pen, earlier=not last))
    return found


def _marks(series: PackSeries) -> list[SlideMarks]:
    points, words = series.points, dict(series.kinds)
    kinds = {(point.kind, point.provisional): None for point in points if point.value is not None}
    return [
        SlideMarks(
            f"{words[kind]}{', provisional' if hollow else ''}",
            tuple(p.value if (p.kind, p.provisional) == (kind, hollow) else None for p in points),
            kind,
            hollow,
        )
        for kind, hollow in kinds
    ]


def _draw(chart: Chart, lines: Sequence[SlideLine], marks: Sequence[SlideMarks]) -> None:
    drawn = list(chart.plots[0].series)
    for line, own in zip(lines, drawn, strict=False):
        _as_line(own, line.colour, line.width)
        if line.dash is not None:
            own.format.line.dash_style = line.dash
    _as_line(drawn[len(lines)], GREY, 1.75)
    for mark, own in zip(marks, drawn[len(lines) + 1 :], strict=True):
        _as_marks(own, mark)
    chart.has_title = False
    chart.font.size, chart.font.color.rgb = _CHART_TEXT, rgb(TEXT)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    position = chart.legend._element.find(qn("c:legendPos"))
    for place in reversed([place for place, line in enumerate(lines) if line.earlier]):
        left_out = f'<c:legendEntry {nsdecls("c")}><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>'
        position.addnext(parse_xml(left_out))


def _as_line(drawn: LineSeries, colour: str, width: float) -> None:
    drawn.smooth = False
    drawn.marker.style = XL_MARKER_STYLE.NONE
    drawn.format.line.color.rgb, drawn.format.line.width = rgb(colour), Pt(width)


def _as_marks(drawn: LineSeries, mark: SlideMarks) -> None:
    style, colour, size = _MARKERS[mark.kind]
    drawn.smooth = False
    drawn.format.line.fill.background()
    drawn.marker.style, drawn.marker.size = style, size
    drawn.marker.format.fill.solid()
    drawn.marker.format.fill.fore_color.rgb = rgb("#FFFFFF" if mark.hollow else colour)
    drawn.marker.format.line.color.rgb = rgb(colour)


def _axes(chart: Chart, series: PackSeries, unit: str) -> None:
    values, periods = chart.value_axis, chart.category_axis
    drawn = [
        v
        for p in series.points
        for v in (p.value, p.upper, p.lower, p.standard, p.comparator)
        if v is not None
    ]
    low, high = (min(drawn), max(drawn)) if drawn else (0.0, 1.0)
    step = tick_step((high - low) or 1.0, _MARKS)
    first = floor(low / step)
    values.minimum_scale, values.maximum_scale = first * step, max(first + 1, ceil(high / step)) * step
    values.major_unit = step
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = rgb(LINE)
    values.format.line.fill.background()
    places = "0" if step >= 1 else "0.0" if step >= 0.1 else "0.00"
    values.tick_labels.number_format = f'{places}"%"' if unit == "%" else f"#,##{places}"
    values.tick_labels.number_format_is_linked = False
    periods.format.line.color.rgb = rgb(CONTROL)
    periods.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    skip = max(1, round(len(series.points) / _LABELS))
    for name in ("tickLblSkip", "tickMarkSkip"):
        periods._element.insert_element_before(
            parse_xml(f'<c:{name} {nsdecls("c")} val="{skip}"/>'),
            "c:tickMarkSkip",
            "c:noMultiLvlLbl",
            "c:extLst",
        )
