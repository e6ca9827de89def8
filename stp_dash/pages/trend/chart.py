"""The trend page's chart, put together from the controlled series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isnan
from textwrap import shorten

from db.domain import (
    Frequency,
    Indicator,
    Maturity,
    Period,
    Standard,
    StandardKind,
)
from stp_dash.analysis import signals
from stp_dash.analysis.noted.events import EventRing, drawn_rings, gathered
from stp_dash.analysis.noted.plans import plan_end, plan_gap
from stp_dash.analysis.rolling import (
    rolling_words,
)
from stp_dash.analysis.series import length, position
from stp_dash.analysis.wording import (
    LEVEL,
    PER_CENT,
    capitalised,
    counted,
    counts_text,
    dates,
    full_text,
    level_axis,
    level_text,
    listing,
    month_code,
    number_word,
    periods_word,
    status_text,
    value_text,
)
from stp_dash.charts.interactive.trend.points import TrendChart, TrendPoint
from stp_dash.charts.theme import words_only
from stp_dash.pages.trend.projected import ahead_of, periods_ahead, projected_lines
from stp_dash.pages.trend.series import PREVIEW, TrendRow, TrendSeries
from stp_dash.statistics.rebasing import Rebase
from stp_dash.statistics.results import Phase

_NOTE_LETTERS = 64
_YEAR = 12
Limits = tuple[float | None, float | None, float | None]
"""Mean, lower and upper limit as drawn."""


def chart_of(trend: TrendSeries, rows: Sequence[TrendRow]) -> TrendChart:
    """The drawn window of the series, with the limits of the whole of it; `rows` are all periods in order."""
    indicator, unit = trend.indicator, trend.indicator.unit
    upper, mean, lower = _limit_names(trend)
    planned = _planned(trend)
    places = tuple((position(Period.month(day.year, day.month)), value) for day, value in planned)
    return TrendChart(
        points=tuple(_point(trend, place, rows[place]) for place in trend.window),
        name=trend.name,
        suffix=PER_CENT if unit == PER_CENT else "",
        phone=trend.phone,
        tablet=trend.tablet,
        unit="" if unit in {PER_CENT, LEVEL} else unit,
        letters=level_axis(indicator),
        mean_text=mean,
        upper_text=upper,
        lower_text=lower,
        events=drawn_rings(event_rings(trend), _drawn_span(trend), indicator.frequency),
        notice="Preview: not recorded" if trend.preview else "",
        ceiling=indicator.multiplier if unit == PER_CENT else None,
        projections=projected_lines(trend),
        ahead=periods_ahead(trend),
        projected=bool(indicator.projects),
        plan=places,
        plan_text=plan_end(indicator, *planned[-1]) if planned else "",
        behind=_behind(trend),
    )


def _planned(trend: TrendSeries) -> list[tuple[date, float]]:
    """The months of the plan that the chart reaches, in order."""
    if not trend.window:
        return []
    first, last = _drawn_span(trend)
    return sorted((day, value) for day, value in trend.planned.items() if first <= day <= last)


def _behind(trend: TrendSeries) -> tuple[float, str] | None:
    """The plan of the latest figure's month, and how far that is behind it; None where it is not, or not drawn."""
    latest = trend.latest
    planned = trend.planned.get(latest.period.start) if latest else None
    if latest is None or planned is None or latest is not trend.shown_readings[-1]:
        return None
    told = plan_gap(trend.indicator, latest, planned)
    return (planned, f"{told.brief} plan") if told.behind and told.brief != "on plan" else None


def event_rings(trend: TrendSeries) -> tuple[EventRing, ...]:
    """The events of the drawn window in numbered rings."""
    return gathered(trend.events, _drawn_span(trend), phone=trend.phone) if trend.window else ()


def _drawn_span(trend: TrendSeries) -> tuple[date, date]:
    """The first and the last day that the chart reaches."""
    periods = trend.control.periods
    return periods[trend.window.start].start, (periods[trend.window.stop - 1], *ahead_of(trend))[-1].end


def _limit_names(trend: TrendSeries) -> tuple[str, str, str]:
    """Names of the upper limit, the mean and the lower limit at the end of the drawn window."""
    if not trend.window:
        return "", "", ""
    phase = next(p for p in trend.drawn.analysed.phases if p.first < trend.window.stop <= p.last + 1)
    if isnan(phase.mean):
        return "", "", ""
    indicator = trend.indicator
    mean = f"Mean {value_text(indicator, phase.mean)}"
    if isnan(phase.lower_process_limit):
        return "", mean, ""
    low, high = trend.drawn.possible_limits(phase)
    trial = "Trial limit" if phase.trial else "Upper limit"
    upper = f"{trial} {value_text(indicator, high)}"
    lower = f"{'Trial limit' if phase.trial else 'Lower limit'} {value_text(indicator, low)}"
    return (
        f"{upper} or more" if high < phase.upper_process_limit else upper,
        mean,
        f"{lower} or less" if low > phase.lower_process_limit else lower,
    )


def _point(trend: TrendSeries, place: int, row: TrendRow) -> TrendPoint:
    indicator, period = trend.indicator, row.period
    beside, together, value = row.compared, row.rolling, row.known.value if row.known else None
    mean, lower, upper = _drawn_limits(trend, row.phase)
    starts = next((item for item in trend.drawn.rebases if item.position == place), None)
    return TrendPoint(
        at=position(period),
        length=length(period),
        code=month_code(period),
        tick=_tick(period),
        year="" if length(period) == _YEAR else f"{period.start:%Y}",
        value=value,
        shown=value_text(indicator, value, row.standard),
        hover=_hover(trend, row),
        standard=row.standard.value if row.standard else None,
        standard_text=f"Standard {level_text(indicator, row.standard)}",
        interim=row.wished.value if row.wished else None,
        interim_text=_wished_text(indicator, row.wished),
        comparator=beside.value if beside else None,
        comparator_text=f"{trend.compared.name} {value_text(indicator, beside.value)}" if beside else "",
        rolling=together.value if together else None,
        rolling_text=f"{rolling_words(indicator)} {value_text(indicator, together.value)}"
        if together
        else "",
        provisional=row.known is not None and row.known.maturity is Maturity.PROVISIONAL,
        restarts=_day(starts),
        restart_head=_restart_head(starts),
        restart_note=restart_note(starts),
        preview=starts is not None and PREVIEW in starts.role,
        goes_on=starts is not None and bool(starts.role),
        kind=row.kind,
        above=row.above,
        mean=mean,
        lower=lower,
        upper=upper,
        interval=row.known.details.interval if row.known is not None and row.known.details else None,
        joint=trend.joints.get(place, ""),
    )


def _drawn_limits(trend: TrendSeries, phase: Phase) -> Limits:
    if isnan(phase.mean):
        return None, None, None
    if isnan(phase.lower_process_limit):
        return phase.mean, None, None
    return phase.mean, *trend.drawn.possible_limits(phase)


def _tick(period: Period) -> str:
    if length(period) == _YEAR:
        return period.short_label.replace(" to ", "–")
    if period.frequency in {Frequency.MONTH, Frequency.SNAPSHOT}:
        return f"{period.start:%b}"
    return f"{period.start:%b}–{period.end:%b}"


def _wished_text(indicator: Indicator, wished: Standard | None) -> str:
    if wished is None:
        return ""
    kind = "Interim" if wished.kind is StandardKind.INTERIM_AMBITION else "Aspiration"
    return f"{kind} {level_text(indicator, wished)}"


def _day(starts: Rebase | None) -> str:
    return f"{starts.on.day} {starts.on:%b %Y}" if starts else ""


def _restart_head(starts: Rebase | None) -> str:
    if starts is None or not (starts.role or starts.hole):
        return "Series restarts"
    return "Preview: limits restart" if PREVIEW in starts.role else "Limits restart"


def restart_note(starts: Rebase | None) -> str:
    """The reason as far as a chart has room for it: its first clause."""
    if starts is None:
        return ""
    if PREVIEW in starts.role:
        return "not recorded"
    clause = starts.reason.strip().rstrip(".").split(". ")[0].split(", ")[0]
    return shorten(words_only(clause), _NOTE_LETTERS, placeholder=" …")


def _hover(trend: TrendSeries, row: TrendRow) -> str:
    indicator, known = trend.indicator, row.known
    if known is None:
        why = row.reading.missing_reason if row.reading else "no figure is loaded"
        return f"<b>{row.period.label}</b><br>No figure: {why}"
    shown = full_text(indicator, known.value, row.standard)
    counts = counts_text(indicator, known.numerator, known.denominator)
    lines = [
        f"<b>{row.period.label}</b>, {status_text(known.maturity, indicator)}",
        f"{shown}: {counts}" if counts else shown,
        f"{indicator.interval_label} {row.interval_words}" if row.interval_words else "",
        known.details.note if known.details else "",
        row.gap_words,
        f"{signals.POINT_WORDS[row.kind]}: {row.short_reason[:1].lower()}{row.short_reason[1:]}"
        if row.short_reason
        else "",
    ]
    return "<br>".join(line for line in lines if line)


_HEADINGS = {
    "month": "Monthly performance",
    "quarter": "Quarterly performance",
    "snapshot": "Snapshots",
    "year": "Year by year",
    "two years": "Two years together",
    "three years": "Three years together",
    "five years": "Five years together",
}


def _end(period: Period) -> str:
    """The end of a period in few words, after "to": `2024`, `2024/25`, `March 2026`, `31 August 2026`."""
    if period.is_calendar_years:
        return str(period.end.year)
    if period.is_financial_years:
        return period.short_label
    return period.label if period.frequency is Frequency.SNAPSHOT else f"{period.end:%B %Y}"


def chart_heading(trend: TrendSeries, first: Period, last: Period) -> str:
    """What the chart shows, from when to when."""
    if trend.phone and len(trend.window) > 1:
        count = number_word(len(trend.window))
        end = _end(last)
        return f"{capitalised(count)} {periods_word(trend.indicator)} to {end}"
    kind = "year" if trend.indicator.is_stock else trend.indicator.frequency.value
    start = _HEADINGS.get(kind, "Performance")
    if length(first) == _YEAR:
        return f"{start}, {dates(first, last)}"
    return f"{start}, {first.label} to {last.label}" if first != last else f"{start}, {last.label}"


def chart_label(trend: TrendSeries, subject: str, known: int) -> str:
    """What the chart is, for who cannot see it."""
    drawn = len(trend.window)
    gaps = f", {drawn - known} without a figure" if drawn > known else ""
    kind = "Control chart" if trend.drawn.limited else "Chart over time"
    beside = listing([item.name for item in projected_lines(trend)])
    dashed = f"; dashed beside it: {beside}" if beside else ""
    return f"{kind}: {subject}, {trend.name}, {counted(drawn, periods_word(trend.indicator))}{gaps}{dashed}"


def chart_method(trend: TrendSeries) -> str:
    """The line under the chart: the rules in use, and what the limits rest on."""
    drawn = trend.drawn
    if not drawn.charted or drawn.analysed.latest is None:
        return ""
    basis = f"{capitalised(signals.limits_basis(drawn))}."
    if not drawn.limited:
        return basis
    line = f"XmR chart. {signals.rules_line(drawn)} {basis}"
    if drawn.dependence is None:
        return line
    return (
        f"{line} Neighbouring snapshots depend on each other (autocorrelation {drawn.dependence:.2f}), so limits are "
        "narrow and mark many points: read runs, not single points."
    )


def wished_name(trend: TrendSeries) -> str:
    """What the dotted line in plum is: an interim ambition or an aspiration; "" without one."""
    periods = (trend.control.periods[place] for place in trend.window)
    found = [wished for period in periods if (wished := trend.wished(period)) is not None]
    return capitalised(found[-1].kind.value) if found else ""
