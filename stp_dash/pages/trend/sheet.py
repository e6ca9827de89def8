"""The trend page's numbers, newest first: every period that limits rest on, with limits, point type and reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.claims.change_words import limits_text
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.noted.events import events_within
from stp_dash.analysis.noted.plans import plan_gap
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.rolling import rolling_words
from stp_dash.analysis.sheet import Cell, Column, Sheet, Subject
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import brief, short_of_national
from stp_dash.analysis.wording import (
    capitalised,
    count_text,
    counts_text,
    dates,
    level_text,
    number_word,
    status_text,
    value_text,
)
from stp_dash.pages.trend.chart import event_rings
from stp_dash.pages.trend.series import TrendRow, TrendSeries
from stp_dash.statistics.results import Phase

NAME = "trend"


def sheet_of(trend: TrendSeries, rows: Sequence[TrendRow], subject: Subject, title: str) -> Sheet:
    """The table and its downloads, the newest first: values and limits unrounded, signals by name."""
    columns = [
        *_period_columns(trend, rows),
        *_value_columns(trend, rows),
        *_detail_columns(rows),
        *_standard_columns(trend, rows),
        *_plan_columns(trend, rows),
        *_limit_columns(trend, rows),
        *_beside_columns(trend, rows),
        *_event_columns(trend, rows),
        *_source_columns(trend, rows),
    ]
    files = [item for item in rows if item.known is not None]
    preview = "PREVIEW of a restart that nobody has recorded. " if trend.preview else ""
    return Sheet(
        NAME,
        title,
        f"{subject.indicator}, {subject.organisation}",
        tuple(columns),
        trend.indicator.owner,
        f"{preview}{signals.rules_line(trend.drawn)} {limits_note(trend.drawn)}",
        demonstration=any(item.known.demonstration for item in files if item.known),
        subject=subject,
    )


def limits_note(series: Controlled) -> str:
    """On which values the limits of each phase rest, or that there are none."""
    if not series.charted:
        return ""
    if not series.limited:
        return f"{capitalised(signals.limits_basis(series))}." if series.analysed.phases else ""
    told = [_phase_words(series, phase) for phase in series.analysed.phases]
    where = "Process limits are not clipped. They"
    if len(told) == 1:
        return f"{where} rest on {told[0]}."
    return f"{where} restart, and each stretch rests on its own values: {'; '.join(told)}."


def _phase_words(series: Controlled, phase: Phase) -> str:
    """`six values, April to September 2023`."""
    values = f"{number_word(phase.values)} value{'' if phase.values == 1 else 's'}"
    drawn = "" if not isnan(phase.lower_process_limit) else " (no limits)"
    return f"{values}, {dates(series.periods[phase.first], series.periods[phase.last])}{drawn}"


def _period_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    return [
        Column(
            "Period",
            [item.period.short_label for item in rows],
            "period",
            [item.period.label for item in rows],
        ),
        Column("", (), "period_start", [item.period.start for item in rows]),
        Column("", (), "period_end", [item.period.end for item in rows]),
        Column("", (), "indicator", [trend.indicator.id] * len(rows)),
        Column("", (), "organisation_code", [trend.organisation] * len(rows)),
        Column("", (), "organisation_name", [trend.name] * len(rows)),
        Column("", (), "breakdown", [trend.breakdown] * len(rows)),
        Column("", (), "unit", [trend.indicator.unit] * len(rows)),
    ]


def _value_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    indicator, intervals = trend.indicator, [item.interval for item in rows]
    return [
        Column(
            "Value",
            [_value(trend, item) for item in rows],
            "value",
            [item.known.value if item.known else None for item in rows],
            numeric=True,
        ),
        _count(indicator.numerator_label, "numerator", rows, lambda item: item.numerator),
        _count(indicator.denominator_label, "denominator", rows, lambda item: item.denominator),
        Column(
            capitalised(indicator.interval_label),
            [item.interval_words for item in rows],
            "lower_95",
            [found[0] if found else None for found in intervals],
            numeric=True,
        ),
        Column("", (), "upper_95", [found[1] if found else None for found in intervals]),
    ]


def _detail_columns(rows: Sequence[TrendRow]) -> list[Column]:
    """What is published beside values; no columns where nothing is."""
    known = [item.reading.details if item.reading is not None else None for item in rows]
    if not any(known):
        return []
    wide = [item.wide_interval if item else None for item in known]
    counts = [item.count if item else None for item in known]
    notes = [item.note if item else "" for item in known]
    return [
        Column("", (), "lower_998", [found[0] if found else None for found in wide]),
        Column("", (), "upper_998", [found[1] if found else None for found in wide]),
        Column(
            "Published count",
            [count_text(n) if n is not None else "" for n in counts],
            "published_count",
            counts,
        ),
        Column("", (), "published_population", [item.population if item else None for item in known]),
        Column("Note" if any(notes) else "", notes if any(notes) else (), "value_note", notes),
    ]


def _value(trend: TrendSeries, row: TrendRow) -> str:
    if row.known is None:
        return "No figure"
    return value_text(trend.indicator, row.known.value, row.standard)


def _count(
    heading: str, key: str, rows: Sequence[TrendRow], count: Callable[[Reading], float | None]
) -> Column:
    raw = [count(item.known) if item.known else None for item in rows]
    return Column(heading, ["" if n is None else count_text(n) for n in raw], key, raw, numeric=True)


def _standard_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    standards = [item.standard for item in rows]
    wishes = [item.wished for item in rows]
    averages = [trend.comparator_at(item.period) for item in rows]
    name = comparator_name(trend.comparator_at(trend.latest.period)) if trend.latest else "England"
    return [
        Column(
            "Standard",
            [level_text(trend.indicator, item) if item else "" for item in standards],
            "standard",
            [item.value if item else None for item in standards],
            numeric=True,
        ),
        Column("", (), "ambition_or_aspiration", [item.value if item else None for item in wishes]),
        Column(
            "Against standard" if any(standards) else f"Against {name}",
            [brief(item.gap_words, name) for item in rows],
            "short_of_standard",
            [item.gap.short if item.gap is not None else None for item in rows],
            numeric=True,
        ),
        Column("", (), "short_of_national", [_short_of_national(trend, item) for item in rows]),
        Column("", (), "national_name", [comparator_name(item) if item else None for item in averages]),
        Column("", (), "national_value", [item.value if item else None for item in averages]),
    ]


def _short_of_national(trend: TrendSeries, row: TrendRow) -> Cell:
    return short_of_national(trend.indicator, row.known, trend.comparator_at(row.period))


def _limit_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    charted = trend.control.charted
    phases = [item.phase for item in rows]
    told = {item.first: limits_text(trend.drawn, item) for item in trend.drawn.analysed.phases if charted}
    periods = trend.drawn.periods
    return [
        Column("", (), "mean", [_number(item.mean) for item in phases]),
        Column(
            "Process limits",
            [told.get(item.first, "") for item in phases],
            "lower_process_limit",
            [_number(item.lower_process_limit) for item in phases],
            numeric=True,
        ),
        Column("", (), "upper_process_limit", [_number(item.upper_process_limit) for item in phases]),
        Column("", (), "limits", [_firmness(item) for item in phases]),
        Column("", (), "limits_since", [periods[item.first].start for item in phases]),
        Column("", (), "limits_values", [item.values for item in phases]),
        Column(
            "Point",
            [signals.POINT_WORDS[item.kind] if item.known and item.typed else "" for item in rows],
            "point_type",
            [item.kind if item.known and item.typed else None for item in rows],
        ),
        Column("", (), "signals", ["; ".join(item.rules) for item in rows]),
        Column(
            "Reason", [item.short_reason for item in rows], "signal_words", [item.reason for item in rows]
        ),
    ]


def _firmness(phase: Phase) -> str:
    if isnan(phase.lower_process_limit):
        return "none"
    return "trial" if phase.trial else "firm"


def _number(value: float) -> float | None:
    return None if isnan(value) else value


def _beside_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    indicator, name = trend.indicator, trend.compared.name
    beside = [item.compared for item in rows]
    together = [item.rolling for item in rows]
    return [
        Column(
            name,
            [value_text(indicator, item.value) if item else "" for item in beside],
            "compared_value",
            [item.value if item else None for item in beside],
            numeric=True,
        ),
        Column("", (), "compared_with", [name if item else "" for item in beside]),
        Column(
            rolling_words(indicator),
            [_rolling(trend, item) if item else "" for item in together],
            "rolling_value",
            [item.value if item else None for item in together],
            numeric=True,
        ),
        Column("", (), "rolling_numerator", [item.numerator if item else None for item in together]),
        Column("", (), "rolling_denominator", [item.denominator if item else None for item in together]),
    ]


def _rolling(trend: TrendSeries, reading: Reading) -> str:
    counts = counts_text(trend.indicator, reading.numerator, reading.denominator)
    return f"{value_text(trend.indicator, reading.value)} ({counts})"


def _plan_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    """What was planned for each month, and how far the figure is behind it; none without a plan."""
    planned = [trend.planned.get(item.period.start) for item in rows]
    if all(value is None for value in planned):
        return []
    gaps = [
        plan_gap(trend.indicator, item.known, value) if item.known and value is not None else None
        for item, value in zip(rows, planned, strict=True)
    ]
    shown = ["" if value is None else value_text(trend.indicator, value) for value in planned]
    return [
        Column("Plan", shown, "plan", planned, numeric=True),
        Column(
            "Against plan",
            [found.brief if found else "" for found in gaps],
            "short_of_plan",
            [found.gap.short if found and found.gap else None for found in gaps],
            numeric=True,
        ),
    ]


def _event_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    """What happened in each period: the numbers of the chart's rings, in downloads the words; none without events."""
    told = [events_within(trend.events, item.period) for item in rows]
    if not any(told):
        return []
    rings = event_rings(trend)
    numbers = [
        ", ".join(str(ring.number) for ring in rings if events_within(ring.events, item.period))
        for item in rows
    ]
    return [Column("Note", numbers, "events", [" ".join(words) for words in told])]


def _source_columns(trend: TrendSeries, rows: Sequence[TrendRow]) -> list[Column]:
    states = [status_text(item.known.maturity, trend.indicator) if item.known else None for item in rows]
    missing = [None if item.known else _why_missing(item) for item in rows]
    told = [state or why or "" for state, why in zip(states, missing, strict=True)]
    files = [files_text(item.known) if item.known else "" for item in rows]
    return [
        Column("Status", told, "status", states),
        Column("", (), "missing_reason", missing),
        Column("File", files, "file", files),
    ]


def _why_missing(row: TrendRow) -> str:
    return row.reading.missing_reason if row.reading is not None else "not loaded"
