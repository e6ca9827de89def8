"""An own measure's chart, put together from its series."""

from __future__ import annotations

from math import isnan

from db.domain import Frequency
from db.domain.own.measures import MeasureKind
from stp_dash.analysis import signals
from stp_dash.analysis.series import length, place_of, position
from stp_dash.analysis.wording import counts_text, date_text
from stp_dash.charts.interactive.trend.points import TrendChart, TrendEvent, TrendPoint
from stp_dash.pages.own.published import PublishedBeside
from stp_dash.pages.own.series import OwnSeries, drawn
from stp_dash.pages.own.words import target_label, value_words

_YEAR = 12
_WINDOW = 40
"""So many events are drawn: as many as keep their days apart on an axis."""


def own_chart(
    series: OwnSeries, *, phone: bool = False, tablet: bool = False, beside: PublishedBeside | None = None
) -> TrendChart:
    """The series as it is drawn, with its middle line, limits, local targets and the published figures beside it."""
    points = _of_periods(series, beside) if series.control is not None else _of_events(series)
    unit = series.measure.unit if series.control is not None else _between(series)
    lower, upper = series.limits
    ends = [place for place in range(len(series.analysed)) if not isnan(upper[place])]
    names = ("", "", "")
    if ends:
        last = ends[-1]
        middle = "Middle" if series.control is None else "Mean"
        names = (
            f"Upper limit {_text(series, float(upper[last]))}",
            f"{middle} {_text(series, float(series.analysed.mean[last]))}",
            f"Lower limit {_text(series, float(lower[last]))}",
        )
    return TrendChart(
        points=points,
        events=own_events(series),
        name=series.place.name,
        suffix="%" if unit == "%" else "",
        phone=phone,
        tablet=tablet,
        unit="" if unit == "%" else unit,
        upper_text=names[0],
        mean_text=names[1],
        lower_text=names[2],
        ceiling=100.0 if unit == "%" else series.measure.maximum,
    )


def own_events(series: OwnSeries) -> tuple[TrendEvent, ...]:
    """The events of the place, or of all, within the periods drawn, in order of their days."""
    control = series.control
    if control is None or not control.periods:
        return ()
    first, last = control.periods[0].start, control.periods[-1].end
    found = sorted(
        (
            item
            for item in series.measure.events
            if item.unit in {"", series.place.unit} and first <= item.on <= last
        ),
        key=lambda item: item.on,
    )
    return tuple(
        TrendEvent(number, place_of(item.on, series.measure.frequency), f"{date_text(item.on)}: {item.words}")
        for number, item in enumerate(found, 1)
    )


def _between(series: OwnSeries) -> str:
    if series.measure.kind is MeasureKind.DAYS_BETWEEN:
        return "days between events"
    return f"{series.measure.frequency}s without an event"


def _text(series: OwnSeries, value: float) -> str:
    return value_words(series, value) if series.control is not None else f"{value:.1f}"


def _of_periods(series: OwnSeries, beside: PublishedBeside | None) -> tuple[TrendPoint, ...]:
    control = series.control
    if control is None:
        return ()
    analysed, (lower, upper) = series.analysed, series.limits
    restarts = {item.position: item for item in control.rebases}
    points = []
    for place, (period, reading) in enumerate(zip(control.periods, control.readings, strict=True)):
        value = reading.value if reading is not None else None
        target = series.target(period.start)
        starts = restarts.get(place)
        shown = value_words(series, value)
        counts = counts_text(series.indicator, reading.numerator, reading.denominator) if reading else ""
        why = (reading.missing_reason if reading else "") or "no figure was handed in"
        told = f"No figure: {why}" if value is None else ": ".join(part for part in (shown, counts) if part)
        reason = signals.short_reason(control, place)
        points.append(
            TrendPoint(
                at=position(period),
                length=length(period),
                tick=_tick(period.frequency, period.start.day, f"{period.start:%b}"),
                year="" if length(period) == _YEAR else f"{period.start:%Y}",
                value=value,
                shown=shown,
                hover="<br>".join(
                    part for part in (f"<b>{period.label}</b>", told, reason, "Local, unpublished") if part
                ),
                standard=target.value if target else None,
                standard_text=target_label(target, series.measure.unit) if target else "",
                comparator=beside.value(period) if beside else None,
                comparator_text=beside.label(period) if beside else "",
                provisional=reading is not None and reading.maturity == 0,
                restarts=f"{starts.on.day} {starts.on:%b %Y}" if starts else "",
                restart_note=starts.reason.split(". ")[0][:64] if starts else "",
                kind=analysed.point_types[place],
                above=value is None or bool(value >= analysed.mean[place]),
                mean=drawn(analysed.mean[place]),
                lower=drawn(lower[place]),
                upper=drawn(upper[place]),
            )
        )
    return tuple(points)


def _tick(frequency: Frequency, day: int, month: str) -> str:
    return f"{day} {month}" if frequency in {Frequency.DAY, Frequency.WEEK} else month


def _of_events(series: OwnSeries) -> tuple[TrendPoint, ...]:
    """Events in a row, each as far from the next, whatever the days between them."""
    analysed, (lower, upper) = series.analysed, series.limits
    first = max(0, len(series.gaps) - _WINDOW)
    unit = _between(series)
    return tuple(
        TrendPoint(
            at=float(place),
            tick=f"{gap.on.day} {gap.on:%b}",
            year=f"{gap.on:%Y}",
            value=gap.between,
            shown=f"{gap.between:.0f}",
            hover=f"<b>{gap.label}</b><br>{gap.between:.0f} {unit}<br>Local, unpublished",
            kind=analysed.point_types[place],
            above=bool(gap.between >= analysed.mean[place]),
            mean=drawn(analysed.mean[place]),
            lower=drawn(lower[place]),
            upper=drawn(upper[place]),
        )
        for place, gap in enumerate(series.gaps)
        if place >= first
    )
