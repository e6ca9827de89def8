"""The overview's one ranking of harm: its title, list, matrix and counts are read from it.

What is short comes first, the largest count leading; then what cannot be relied on, then concern, then overdue data:
`docs/methods.md`, "What needs attention".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.domain import Indicator
from stp_dash.analysis.claims.change_words import change_label
from stp_dash.analysis.freshness import FreshnessChip
from stp_dash.analysis.noted.plans import plan_clause
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import MET
from stp_dash.analysis.wording import (
    distance_text,
    full_text,
    level_text,
    missing_to,
    missing_word,
    periods_word,
    status_text,
    value_text,
    within,
)
from stp_dash.pages.overview.figures import SPARK_PERIODS
from stp_dash.pages.overview.row import IndicatorRow
from stp_dash.pages.overview.sentences import (
    always_missed,
    change,
    holders_sentence,
    never_met,
    since_sentence,
)
from stp_dash.statistics.profiles import PASS

SHORT_NOW, FAILING, CONCERNING, OVERDUE = range(4)
"""Short now: the latest figure misses its standard, or is posts short of the average. Failing: it met it, but its
limits do not reach it. Concerning: a concern signal of a figure that neither passes nor is at or beyond the average."""


@dataclass(frozen=True)
class Attention:
    """One thing to look at: the count leads, the rate follows. `row` has the icons; None for overdue data."""

    rank: int
    count: str
    unit: str
    heading: str
    sentence: str
    href: str
    row: IndicatorRow | None = None


def rank_of(row: IndicatorRow) -> int | None:
    """Which of the ranks a row has; None where it needs no attention."""
    if row.short:
        return SHORT_NOW
    if row.failing:
        return FAILING
    safe = row.assurance.icon == PASS or (row.assurance.compared and row.verdict.tone == MET)
    return CONCERNING if row.worse and not safe else None


def ranked(rows: Sequence[IndicatorRow]) -> tuple[tuple[int, IndicatorRow], ...]:
    """The rows that need attention, each with its rank: by rank, and within it the largest count short first."""
    found = [(rank, row) for row in rows if (rank := rank_of(row)) is not None]
    return tuple(sorted(found, key=lambda item: (item[0], -item[1].verdict.count)))


def attention(rows: Sequence[IndicatorRow], chips: Iterable[FreshnessChip]) -> tuple[Attention, ...]:
    """The rows that need attention and the sources that are overdue; the largest count first within each rank."""
    late = sorted((chip for chip in chips if chip.overdue), key=lambda chip: -chip.overdue)
    return (*(_of_row(rank, row) for rank, row in ranked(rows)), *(_of_source(chip) for chip in late))


def _of_row(rank: int, row: IndicatorRow) -> Attention:
    indicator = row.line.indicator
    if row.short:
        noun = indicator.gap_unit.rsplit(" ", 1)[-1]
        count, unit = distance_text(row.verdict.count), f"{noun} {missing_word(indicator)}"
        if not row.verdict.against:
            count = row.verdict.headline.split(" ", 1)[0]
    else:
        count, unit = row.value, row.unit or row.period
    return Attention(rank, count, unit, _heading(row, indicator), _sentence(row, indicator), row.href, row)


def _of_source(chip: FreshnessChip) -> Attention:
    days = "day" if chip.overdue == 1 else "days"
    told = f"Expected {chip.expected}. The page still shows {chip.period}."
    if "," in chip.late or " and " in chip.late:
        told = f"The first were expected {chip.expected}. The page still shows {chip.period}."
    return Attention(
        OVERDUE,
        str(chip.overdue),
        f"{days} overdue",
        f"{chip.source}: new figures{f' of {chip.late}' if chip.late else ''} are overdue",
        told,
        chip.href,
    )


def _heading(row: IndicatorRow, indicator: Indicator) -> str:
    """The finding: what the process does, in the words of its icons."""
    if row.worse or (row.short and row.improving):
        but = ""
        if row.improving:
            but = f"; still {missing_to(indicator)} {row.verdict.against or row.standard.level}"
        return f"{row.name}: {change_label(row.controlled)}{but}"
    if not row.short:
        return f"{row.name} met its {row.standard.level} standard, which its limits do not reach"
    if row.verdict.against:
        return f"{row.name}: {missing_to(indicator)} {row.verdict.against}"
    if row.common_cause and always_missed(row.line):
        count = f"{len(row.line.judged)} {periods_word(indicator)}"
        when = f"each of the last {count}" if len(row.line.series) > SPARK_PERIODS else f"all {count}"
        return f"{row.name} missed its standard in {when}"
    return f"{row.name} misses its {row.standard.level} standard"


def _sentence(row: IndicatorRow, indicator: Indicator) -> str:
    line = row.line
    told = (
        _against(row, indicator),
        f"It is {plan_clause(indicator, row.plan)}." if row.plan else "",
        since_sentence(line),
        change(line, row.controlled, past=not never_met(line)),
        holders_sentence(line),
    )
    return " ".join(part for part in told if part)


def _against(row: IndicatorRow, indicator: Indicator) -> str:
    """`70.9% against 80% in August 2026, provisional.`"""
    line, reading = row.line, row.line.reading
    if reading is None or line.value is None:
        return ""
    value = full_text(indicator, line.value, line.standard)
    when = f"{within(reading.period)}, {status_text(reading.maturity)}."
    average = line.average
    if line.standard is not None:
        return f"{value} against {level_text(indicator, line.standard)} {when}"
    if average is not None and average.value is not None and average.organisation != reading.organisation:
        return f"{value} against {value_text(indicator, average.value)} for {comparator_name(average)} {when}"
    return f"{value} {when}"
