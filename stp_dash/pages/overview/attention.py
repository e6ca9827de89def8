"""What needs a board's attention, in the order of the house: getting worse and failing, failing and steady, overdue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.domain import Indicator
from stp_dash.analysis import signals
from stp_dash.analysis.freshness import FreshnessChip
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.wording import (
    capitalised,
    distance_text,
    full_text,
    is_rate,
    level_text,
    period_word,
    status_text,
    value_text,
    within,
)
from stp_dash.pages.overview.row import IndicatorRow
from stp_dash.pages.overview.sentences import always_missed, holders_sentence

FAILING_AND_WORSE, FAILING, WORSE, OVERDUE = range(4)
"""Failing: by common cause, or by a series too short for icons. Worse: without a standard, or still meeting it."""


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
    """Which of the ranks a row has; None where it needs no attention.

    A process of common cause that hits or misses by chance, and one that is improving, need none.
    """
    if row.worse:
        return FAILING_AND_WORSE if row.short else WORSE
    unknown = row.short and row.variation is None and row.value_known
    return FAILING if unknown or (row.common_cause and row.failing) else None


def attention(rows: Sequence[IndicatorRow], chips: Iterable[FreshnessChip]) -> tuple[Attention, ...]:
    """The rows that need attention and the sources that are overdue; the largest count first within each rank."""
    ranked = [(rank, row) for row in rows if (rank := rank_of(row)) is not None]
    ranked.sort(key=lambda item: (item[0], -item[1].verdict.count))
    late = sorted((chip for chip in chips if chip.overdue), key=lambda chip: -chip.overdue)
    return (*(_of_row(rank, row) for rank, row in ranked), *(_of_source(chip) for chip in late))


def _of_row(rank: int, row: IndicatorRow) -> Attention:
    indicator = row.line.indicator
    if row.short:
        count, unit = distance_text(row.verdict.count), f"{indicator.gap_unit.rsplit(' ', 1)[-1]} short"
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
    if row.worse:
        return f"{row.name}{': the rate is' if is_rate(indicator) else ' is'} {row.variation_words.lower()}"
    if row.verdict.against:
        return f"{row.name}: steadily short of {row.verdict.against}" if row.common_cause else _short_of(row)
    if row.common_cause:
        every = f"every {period_word(indicator)}" if always_missed(row.line) else "and is steady"
        return f"{row.name} fails its standard {every}"
    return f"{row.name} misses its {row.standard.level} standard"


def _short_of(row: IndicatorRow) -> str:
    return f"{row.name}: short of {row.verdict.against}"


def _sentence(row: IndicatorRow, indicator: Indicator) -> str:
    why = signals.because(row.controlled) if row.worse else ""
    if row.common_cause:
        why = "no sign of change"
    elif not row.worse:
        why = "too few figures to say whether it is changing"
    told = (_against(row, indicator), f"{capitalised(why)}." if why else "", holders_sentence(row.line))
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
    if average is not None and average.value is not None:
        return f"{value} against {value_text(indicator, average.value)} for {comparator_name(average)} {when}"
    return f"{value} {when}"
