"""The units of an organisation beside each other: small control charts on one scale, and how they compare."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from db.domain import Frequency, Period
from db.domain.own.measures import MeasureKind
from stp_dash.analysis.series import length_of, position
from stp_dash.analysis.wording import axis_numbers, capitalised, counts_text, listing
from stp_dash.charts.interactive.funnel import (
    FunnelChart,
    FunnelLimits,
    FunnelPoint,
    funnel_figure,
    funnel_names,
)
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, UNJUDGED, WORSE
from stp_dash.charts.interactive.trend.points import COMMON_CAUSE
from stp_dash.charts.svg.multiples import HEIGHT, Panel, PanelPoint, PanelScale, nice_ticks, panel_svg
from stp_dash.charts.svg.sparkline import STRIP_HEIGHT, Strip, data_address, strip_svg
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_foot, card_head, image, key, numbered, plot, table
from stp_dash.elements.links import OWN, href
from stp_dash.frame.figure_card import drawing_room
from stp_dash.frame.request import PageRequest
from stp_dash.pages.own.read import OwnView, measure_key, place_key
from stp_dash.pages.own.series import OwnSeries
from stp_dash.pages.own.words import finding_words, local_words, target_label, target_words, value_words
from stp_dash.statistics.funnel import WITHIN, classify, denominator_grid, proportion_limits, rate_limits
from stp_dash.statistics.proportions import PROPORTION, RATE

FEWEST_FOR_A_FUNNEL = 7
"""Units with counts in one period: below this a funnel says little, and they stand on a strip."""
_PERIODS = 24
_WIDTHS = {"desktop": 344, "tablet": 320, "phone": 288}
_SHAPES = {WORSE: "diamond", SIMILAR: "dot", BETTER: "triangle"}
_BEYOND = {WORSE: "Beyond 95%, worse", SIMILAR: "Inside the limits", BETTER: "Beyond 95%, better"}
_MARKS = {"better": BETTER, "worse": WORSE, "similar": SIMILAR}
_READING = (
    "Each with its own limits, all on one scale. Pale band: process limits; thin line across: the mean; plum line: the "
    "local target. Triangle: improvement signal; diamond: concern signal. Hollow: provisional."
)
_STRIP_WIDTH = {"desktop": 640, "tablet": 560, "phone": 280}


def units_cards(request: PageRequest, view: OwnView, organisation: str) -> list[Component]:
    """The cards of an organisation with two units or more whose figures are by period; none for any other."""
    places = [place for place in view.places if place.unit and place.organisation == organisation]
    series = [found for place in places if (found := view.series(place)).control is not None]
    series = [item for item in series if any(figure.value is not None for figure in item.figures)]
    if len(series) < 2:
        return []
    periods = _periods(series)
    return [_multiples_card(request, view, series, periods), *_comparison_cards(request, view, series)]


def _periods(series: Sequence[OwnSeries]) -> list[Period]:
    """The last periods of all, each with its neighbours."""
    held = {period for item in series if item.control is not None for period in item.control.periods}
    return sorted(held)[-_PERIODS:]


# Small multiples


def _multiples_card(
    request: PageRequest, view: OwnView, series: Sequence[OwnSeries], periods: Sequence[Period]
) -> Component:
    points = {item.place: _points(item, periods) for item in series}
    scale = _scale(request, view, [point for found in points.values() for point in found], periods)
    panels = [_panel(request, view, item, points[item.place], scale) for item in series]
    return card(
        card_head("Each unit over time"),
        html.Div(panels, className="panels"),
        card_foot(_READING, local_words(view.measure, view.submissions)),
    )


def _points(series: OwnSeries, periods: Sequence[Period]) -> tuple[PanelPoint, ...]:
    control, (lower, upper) = series.control, series.limits
    if control is None:
        return ()
    places = {period: place for place, period in enumerate(control.periods)}
    restarts = {control.periods[item.position] for item in control.rebases}
    found = []
    for period in periods:
        place, target = places.get(period), series.target(period.start)
        level = target.value if target else None
        if place is None:
            found.append(PanelPoint(position(period), None, level))
            continue
        reading, kind = control.readings[place], series.analysed.point_types[place]
        limited = not isnan(upper[place])
        found.append(
            PanelPoint(
                position(period),
                reading.value if reading is not None else None,
                level,
                restarts=period in restarts,
                mean=float(series.analysed.mean[place]) if limited else None,
                limits=(float(lower[place]), float(upper[place])) if limited else None,
                kind="" if kind == COMMON_CAUSE else kind,
            )
        )
    return tuple(found)


def _scale(
    request: PageRequest, view: OwnView, points: Sequence[PanelPoint], periods: Sequence[Period]
) -> PanelScale:
    values = [value for point in points for value in (point.value, point.standard) if value is not None]
    values += [edge for point in points if point.limits for edge in point.limits]
    percent = view.measure.unit == "%"
    ticks = nice_ticks(min(values), max(values), most=100.0 if percent else view.measure.maximum)
    labels = axis_numbers(ticks, "%" if percent else "")
    half = length_of(periods[0].frequency) / 2
    return PanelScale(
        first=position(periods[0]) - half,
        last=position(periods[-1]) + half,
        low=min(ticks[0], *values),
        high=max(ticks[-1], *values),
        ticks=tuple(zip(ticks, labels, strict=True)),
        ends=(_short(periods[0]), _short(periods[-1]) if len(periods) > 1 else ""),
        width=_WIDTHS[request.width],
    )


def _short(period: Period) -> str:
    return (
        f"{period.start.day} {period.start:%b}" if period.frequency is Frequency.WEEK else period.short_label
    )


def _panel(
    request: PageRequest, view: OwnView, series: OwnSeries, points: tuple[PanelPoint, ...], scale: PanelScale
) -> Component:
    last = points[-1]
    control = series.control
    reading = control.readings[-1] if control is not None and last.value is not None else None
    label = f"XmR chart of {series.place.name}. {finding_words(series)} Local, unpublished."
    panel = Panel(
        points=points,
        deciles=(),
        kind=last.kind or COMMON_CAUSE,
        side="low" if last.mean is not None and (last.value or 0.0) < last.mean else "high",
        provisional=reading is not None and reading.maturity == 0,
        shown=value_words(series, last.value),
        label=label,
    )
    address = href(OWN, measure=measure_key(view.measure.id), place=place_key(series.place))
    drawn = image(data_address(panel_svg(panel, scale)), label, scale.width, HEIGHT)
    return html.Div([html.H3(dcc.Link(series.place.name, href=address)), drawn], className="panel")


# How they compare


def _comparison_cards(request: PageRequest, view: OwnView, series: Sequence[OwnSeries]) -> list[Component]:
    """The units in the newest period that two of them have figures of."""
    by_period: dict[Period, list[tuple[OwnSeries, float]]] = {}
    for item in series:
        for figure in item.figures:
            if figure.value is not None:
                by_period.setdefault(figure.key.period, []).append((item, figure.value))
    both = [period for period, found in by_period.items() if len(found) > 1]
    if not both:
        return []
    period = max(both)
    held = by_period[period]
    counted = [item for item, _ in held if _counts(item, period) is not None]
    fits = view.measure.kind in {MeasureKind.PROPORTION, MeasureKind.RATE}
    if fits and len(counted) >= FEWEST_FOR_A_FUNNEL and _average(counted, period) > 0:
        return [_funnel_card(request, view, counted, period)]
    return [_strip_card(request, view, held, period)]


def _counts(series: OwnSeries, period: Period) -> tuple[float, float] | None:
    for figure in series.figures:
        if figure.key.period == period and figure.numerator is not None and figure.denominator:
            return figure.numerator, figure.denominator
    return None


def _average(series: Sequence[OwnSeries], period: Period) -> float:
    """All of them together, as a fraction or a rate per unit."""
    held = [counts for item in series if (counts := _counts(item, period)) is not None]
    return sum(counts[0] for counts in held) / sum(counts[1] for counts in held)


def _funnel_card(
    request: PageRequest, view: OwnView, series: Sequence[OwnSeries], period: Period
) -> Component:
    measure, average = view.measure, _average(series, period)
    held = [counts for item in series if (counts := _counts(item, period)) is not None]
    kind = PROPORTION if measure.kind is MeasureKind.PROPORTION else RATE
    found = classify(
        [counts[0] for counts in held],
        [counts[1] for counts in held],
        average,
        kind=kind,
        improvement_direction=measure.improvement_direction.value,
    )
    chart = _funnel(request, view, series, period, (average, kind, found["standing"].tolist()))
    names = funnel_names(chart)
    classes = found["class"].tolist()
    outside = [item.place.name for item, name in zip(series, classes, strict=True) if name != WITHIN]
    said = _outside_words(outside, len(series))
    known = {point.mark for point in chart.ours}
    marks = [(_SHAPES[mark], words) for mark, words in _BEYOND.items() if mark in known]
    label = f"Funnel of {len(series)} units in {period.label}. {said} Local, unpublished."
    lines = [("line95", "95% limits"), ("line998", "99.8% limits")]
    told = numbered([(point.name, point.shown, _SHAPES.get(point.kind, "dot")) for point in names.key])
    return card(
        card_head(f"Units compared, {period.label}"),
        html.P(said, className="say"),
        html.Div(
            [plot(funnel_figure(chart, names), label), *(told if names.key else []), key([*marks, *lines])],
            className="drawing",
        ),
        _numbers(view, series, period),
        card_foot(
            "Limits of chance around all units together, by the size of each; no adjustment for over-dispersion.",
            local_words(measure, view.submissions),
        ),
    )


def _funnel(
    request: PageRequest,
    view: OwnView,
    series: Sequence[OwnSeries],
    period: Period,
    judged: tuple[float, str, Sequence[str | None]],
) -> FunnelChart:
    """The chart; `judged` are the average, the kind and each unit's standing."""
    measure, (average, kind, standings) = view.measure, judged
    held = [counts for item in series if (counts := _counts(item, period)) is not None]
    sizes = denominator_grid([*(counts[1] for counts in held), 1.0])
    limits = (proportion_limits if kind == PROPORTION else rate_limits)(sizes, average) * measure.multiplier
    columns = [
        limits[name].to_numpy().tolist() for name in ("lower_95", "upper_95", "lower_998", "upper_998")
    ]
    values = [measure.multiplier * counts[0] / counts[1] for counts in held]
    target, level = series[0].target(period.start), measure.multiplier * average
    return FunnelChart(
        limits=FunnelLimits(sizes.tolist(), *columns),
        others=([], [], []),
        ours=tuple(
            FunnelPoint(
                name=item.place.name,
                size=counts[1],
                value=value,
                shown=value_words(item, value),
                hover=f"<b>{item.place.name}</b><br>{value_words(item, value)}<br>Local, unpublished",
                mark=_MARKS.get(standing or "", UNJUDGED),
                upward=value >= level,
            )
            for item, counts, value, standing in zip(series, held, values, standings, strict=True)
        ),
        comparator=(level, f"All units {value_words(series[0], level)}"),
        standard=(target.value, target_label(target, measure.unit)) if target else None,
        suffix="%" if measure.unit == "%" else "",
        size_label=capitalised(measure.denominator_label),
        phone=request.width == "phone",
        unit="" if measure.unit == "%" else measure.unit,
        room=drawing_room(request.width, 12),
    )


def _outside_words(outside: Sequence[str], count: int) -> str:
    if not outside:
        return f"All {count} units lie inside the limits of chance."
    verb = "lies" if len(outside) == 1 else "lie"
    return f"{listing(outside)} {verb} outside the 95% limits of chance, where chance alone puts 1 in 20."


def _numbers(view: OwnView, series: Sequence[OwnSeries], period: Period) -> Component:
    rows: list[list[Component | str]] = []
    for item in series:
        figure = next(one for one in item.figures if one.key.period == period)
        counts = counts_text(item.indicator, figure.numerator, figure.denominator)
        target = target_words(item.target(period.start), view.measure.unit)
        rows.append([item.place.name, value_words(item, figure.value), counts, target])
    caption = (
        f"{view.measure.short_name} by unit, {period.label}: {local_words(view.measure, view.submissions)}"
    )
    told = table(caption, ["Unit", "Value", "Counts", "Local target"], rows, numeric=(1,))
    return html.Div(told, className="own-numbers")


def _strip_card(
    request: PageRequest, view: OwnView, held: Sequence[tuple[OwnSeries, float]], period: Period
) -> Component:
    rising = view.measure.improvement_direction != "decrease"
    ranked = sorted(held, key=lambda item: item[1] if rising else -item[1])
    target = ranked[0][0].target(period.start)
    neutral = view.measure.improvement_direction == "neutral"
    ends = ("lowest", "highest") if neutral else ("worst", "best")
    told = [
        f"{capitalised(name)} in {period.label}: {item.place.name}, {value_words(item, value)}."
        for name, (item, value) in zip(ends, (ranked[0], ranked[-1]), strict=True)
    ]
    said = " ".join(told)
    label = f"Strip of {len(ranked)} units, the {ends[0]} at the left. {said} Local, unpublished."
    strip = Strip(tuple(value for _, value in ranked), target.value if target else None, None, label, rising)
    width = _STRIP_WIDTH[request.width]
    drawn = image(data_address(strip_svg(strip, width)), label, width, STRIP_HEIGHT)
    dots = "Each dot is a unit." + (" Plum line: the local target." if target else "")
    return card(
        card_head(f"Units compared, {period.label}"),
        html.P(said, className="say"),
        html.Div(drawn, className="drawing"),
        _numbers(view, [item for item, _ in ranked], period),
        card_foot(
            f"{dots} Too few units, or no counts, for a funnel.", local_words(view.measure, view.submissions)
        ),
    )
