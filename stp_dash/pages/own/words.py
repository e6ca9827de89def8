"""What the pages of own measures say. They compute nothing."""

from __future__ import annotations

from datetime import date, timedelta

from db.domain.own.figures import Approval, Submission
from db.domain.own.measures import Audience, LocalTarget, OwnMeasure
from db.domain.timing import TIME_ZONE
from stp_dash.analysis import signals
from stp_dash.analysis.wording import (
    NO_FIGURE,
    PER_CENT,
    capitalised,
    counted,
    counts_text,
    date_text,
    within,
)
from stp_dash.pages.own.series import OwnSeries

LOCAL = "Local, unpublished"


def local_words(measure: OwnMeasure, submissions: list[Submission]) -> str:
    """What stands beside every figure of one's own: that nobody published it, whose it is, and since when."""
    standing = [item for item in submissions if item.stands]
    when = f", submitted {date_text(standing[0].at.astimezone(TIME_ZONE).date())}" if standing else ""
    return f"{LOCAL} – {measure.owner}{when}"


def value_words(series: OwnSeries, value: float | None) -> str:
    """A value with the measure's decimals, and the sign of per cent."""
    if value is None:
        return NO_FIGURE
    decimals = series.indicator.decimals or 0
    return f"{value:,.{decimals}f}{'%' if series.measure.unit == '%' else ''}"


def target_words(target: LocalTarget | None, unit: str = "") -> str:
    """A target's level: `at most 5.5`, of a share `at least 95%`; "" for none."""
    if target is None:
        return ""
    return f"{'at least' if target.comparator == '>=' else 'at most'} {target.value:g}{'%' if unit == PER_CENT else ''}"


def target_label(target: LocalTarget, unit: str) -> str:
    """A target's name at its line: `Local target 95%`, or the one that its definition gives it."""
    usual = f"Local target {target.value:g}"
    return f"{usual}%" if target.label == usual and unit == PER_CENT else target.label


def latest_words(series: OwnSeries) -> str:
    """The latest figure in a sentence's part: `5.3 per 1,000 occupied bed days in October 2026`."""
    if series.control is None:
        if not series.gaps:
            return "too few events for a chart"
        last = series.gaps[-1]
        noun = "days" if series.measure.frequency == "day" else f"{series.measure.frequency}s"
        return f"{counted(last.between, noun)} before the event of {last.label}"
    latest = series.control.latest
    if latest is None:
        return "no figure yet"
    shown = value_words(series, latest.value)
    unit = series.measure.unit
    named = shown if unit in {"", "%"} else f"{shown} {unit}"
    return f"{named} {within(latest.period)}"


def finding_words(series: OwnSeries) -> str:
    """The latest figure with its counts and its target."""
    if series.control is None:
        since = ""
        if series.figures:
            newest = series.figures[-1].key.period
            since = (
                f" The latest event was in {newest.label}."
                if newest.start != newest.end
                else (f" The latest event was on {newest.label}.")
            )
        return f"{capitalised(latest_words(series))}.{since}"
    latest = series.control.latest
    if latest is None:
        return "No figure has been handed in yet."
    counts = counts_text(series.indicator, latest.numerator, latest.denominator)
    target = series.target(latest.period.start)
    told = f"{latest_words(series)}{f' ({counts})' if counts else ''}."
    if target is None or latest.value is None:
        return f"{capitalised(told)} There is no local target."
    met = latest.value >= target.value if target.comparator == ">=" else latest.value <= target.value
    verdict = "is met" if met else "is not met"
    by = f", set by {target.set_by}," if target.set_by else ""
    level = target_words(target, series.measure.unit)
    return f"{capitalised(told)} The local target of {level}{by} {verdict}."


def method_words(series: OwnSeries) -> str:
    """The line under the chart: what kind it is, and what its limits rest on."""
    count = len(series.analysed)
    if series.control is not None:
        if series.analysed.latest is None:
            return ""
        basis = signals.limits_basis(series.control)
        return f"XmR chart. {signals.rules_line(series.control)} {capitalised(basis)}."
    if series.chart == "t chart":
        return (
            f"t chart of {count} gaps: days between events to the power 1/3.6 are nearly normal and are charted as "
            "XmR, limits taken back to days (Nelson 1994)."
        )
    return (
        f"g chart of {count} gaps: the middle line is the median, ln 2 times the mean g, the limit "
        "g + 3√(g(g + 1)) (Benneyan 2001)."
    )


def overdue_words(measure: OwnMeasure, last: date | None, today: date) -> str:
    """That a figure is late by the measure's own lag; "" where it is not."""
    if last is None:
        return ""
    wait = timedelta(days=measure.lag_days)
    lengths = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
    due = last + timedelta(days=lengths[measure.frequency]) + wait
    return f"Overdue since {date_text(due)}" if measure.unit != "days" and due < today else ""


def audience_words(measure: OwnMeasure, approved: Approval | None) -> str:
    """Who sees a measure."""
    if measure.audience is Audience.SIGNED_IN:
        return "whoever is signed in"
    if measure.audience is Audience.ORGANISATION:
        return "whoever is signed in for its organisation"
    if approved is None:
        return "whoever is signed in; everybody once an administrator has approved it"
    return f"everybody, approved by {approved.by} on {date_text(approved.at.astimezone(TIME_ZONE).date())}"
