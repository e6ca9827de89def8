"""Several periods together, for counts too small to be read alone; and what else stands beside such a figure."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.domain import Indicator, Period
from db.domain.reading import Reading
from stp_dash.analysis.area import pooled_reading
from stp_dash.analysis.series import earlier, last_periods
from stp_dash.analysis.standing.comparator import interval_of
from stp_dash.analysis.wording import (
    counts_text,
    full_text,
    number_word,
    periods_word,
    status_text,
    value_text,
)


@dataclass(frozen=True)
class SideFigure:
    """A figure that stands beside the one of the page, with its counts and interval."""

    heading: str
    value: str
    counts: str
    interval: str
    period: str
    href: str = ""
    note: str = ""


def rolling(indicator: Indicator, series: Sequence[Reading]) -> dict[Period, Reading]:
    """The sums of the last so many periods by the period that they end with, divided once.

    Only where every one of them has both counts, and no restart of the series lies between them.
    """
    count = indicator.rolling_periods
    own = {item.period: item for item in series if item.period.frequency is indicator.frequency}
    if count is None:
        return {}
    if not own:
        return {}
    found = {}
    every = last_periods(max(own), sys.maxsize, own)
    ends = {period: end for end, period in enumerate(every, 1)}
    for period in own:
        end = ends.get(period)
        together = last_periods(period, count, own) if end is None else every[max(0, end - count) : end]
        members = [own.get(item) for item in together]
        parts = [item for item in members if item is not None and item.denominator]
        first = parts[0].period.start if parts else period.start
        broken = any(first < item.on <= period.start for item in indicator.breaks)
        total = (
            pooled_reading(indicator, parts) if len(parts) == len(members) == count and not broken else None
        )
        if total is not None:
            found[period] = total
    return found


def rolling_words(indicator: Indicator) -> str:
    """What an indicator's rolling total is called (`Last 12 months`), "" where it has none."""
    if indicator.rolling_periods is None:
        return ""
    return f"Last {number_word(indicator.rolling_periods)} {periods_word(indicator)}"


def rolling_side(
    indicator: Indicator, rolled: Mapping[Period, Reading], latest: Reading
) -> tuple[SideFigure, ...]:
    """The rolling total up to the latest period, to stand beside the figure; nothing where an indicator has none."""
    if indicator.rolling_periods is None:
        return ()
    words, period = rolling_words(indicator), latest.period
    if period not in rolled:
        why = "Not every one of them has counts, or the series restarts between them."
        return (SideFigure(words, "No figure", "", "", "", note=why),)
    reading = rolled[period]
    earliest = earlier(period, indicator.rolling_periods - 1)
    return (
        SideFigure(
            words,
            value_text(indicator, reading.value),
            counts_text(indicator, reading.numerator, reading.denominator),
            interval_text(indicator, reading),
            f"{earliest.start:%B %Y} to {period.end:%B %Y}, {status_text(reading.maturity)}",
        ),
    )


def side_figure(indicator: Indicator, series: Sequence[Reading], period: Period, address: str) -> SideFigure:
    """An organisation's figure of another indicator in the same period, or that there is none."""
    found = next((item for item in series if item.period == period), None)
    if found is None or found.value is None:
        why = found.missing_reason if found else "not loaded"
        return SideFigure(indicator.short_name, "No figure", "", "", period.label, address, why)
    return SideFigure(
        indicator.short_name,
        full_text(indicator, found.value),
        counts_text(indicator, found.numerator, found.denominator),
        interval_text(indicator, found),
        f"{period.label}, {status_text(found.maturity)}",
        address,
    )


def interval_text(indicator: Indicator, reading: Reading) -> str:
    """`65.1% to 83.8%` for a share with counts; "" for any other value."""
    interval = interval_of(indicator, reading)
    if interval is None:
        return ""
    low, high = (value_text(indicator, limit) for limit in interval)
    return f"{low} to {high}"
