"""What was projected beside the figures that came: dashed lines from the first year drawn on, each of its own year."""

from __future__ import annotations

from db.domain import Frequency, Indicator, Period
from stp_dash.analysis.claims.projection_words import projection_text
from stp_dash.analysis.series import length, months_between, periods_between, position
from stp_dash.analysis.wording import level_text, month_code, value_text
from stp_dash.charts.interactive.trend.points import ProjectedLine, TrendPoint
from stp_dash.elements.links import TREND, href
from stp_dash.pages.trend.beside import TrendNote
from stp_dash.pages.trend.series import TrendSeries

_MOST_AHEAD, _MOST_PLANNED = 12, 24
"""As many months after the last figure a chart goes on for an event that is expected, and for a plan."""


def projected_values(trend: TrendSeries, indicator: Indicator) -> dict[Period, float]:
    """A projection's values of the organisation by period, from the first one drawn on."""
    if not trend.window:
        return {}
    first = trend.control.periods[trend.window.start]
    readings = trend.series_of(indicator)
    return {item.period: item.value for item in readings if item.value is not None and item.period >= first}


def projected_lines(trend: TrendSeries) -> tuple[ProjectedLine, ...]:
    """A line for each projection with more than one year to draw."""
    found = []
    for indicator in trend.projections:
        values = projected_values(trend, indicator)
        if len(values) > 1:
            last = max(values)
            words = f"{indicator.short_name} {value_text(indicator, values[last])}"
            places = tuple((position(period), value) for period, value in sorted(values.items()))
            found.append(ProjectedLine(indicator.short_name, words, places))
    return tuple(found)


def ahead_of(trend: TrendSeries) -> tuple[Period, ...]:
    """The periods after the last one drawn that a projection, a plan or an event to come reaches, in order."""
    periods = {period for item in trend.projections for period in projected_values(trend, item)}
    last = trend.control.periods[trend.window.stop - 1] if trend.window else None
    if last is None:
        return ()
    newest = trend.window.stop == len(trend.control.periods) and trend.until is None
    if newest and trend.indicator.frequency is Frequency.MONTH:
        noted = [item.on for item in trend.events if item.expected and item.on > last.end]
        months = [Period.month(day.year, day.month) for day in noted]
        coming = [month for month in months if months_between(last, month) <= _MOST_AHEAD]
        planned = [Period.month(day.year, day.month) for day in trend.planned if day > last.end]
        coming += [month for month in planned if months_between(last, month) <= _MOST_PLANNED]
        if coming:
            periods |= {*periods_between(last, max(coming))}
    return tuple(sorted(period for period in periods if period > last))


def periods_ahead(trend: TrendSeries) -> tuple[TrendPoint, ...]:
    """The same as the chart draws them: without figures, under the standard of their day."""
    return tuple(
        TrendPoint(
            at=position(period),
            length=length(period),
            code=month_code(period),
            tick=f"{period.start:%b}",
            year=f"{period.start:%Y}",
            value=None,
            shown="",
            hover="",
            standard=standard.value if (standard := trend.standard(period)) else None,
            standard_text=f"Standard {level_text(trend.indicator, standard)}" if standard else "",
        )
        for period in ahead_of(trend)
    )


def projection_notes(trend: TrendSeries) -> tuple[TrendNote, ...]:
    """Of each projection what it has for the last year that is estimated too, and for its own last year."""
    found = []
    for indicator in trend.projections:
        text = projection_text(indicator, projected_values(trend, indicator), trend.shown_readings)
        if text:
            own = href(TREND, indicator=indicator.id, organisation=trend.organisation)
            found.append(TrendNote(indicator.name, f"Dashed: {text}", ("Its years as a table", own)))
    return tuple(found)
