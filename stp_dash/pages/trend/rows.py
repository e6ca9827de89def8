"""The trend page's periods one by one: each with its reading, its limits, its type and its standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.domain import ALL, Period, Standard
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.standing.comparator import Interval, intervals_of
from stp_dash.analysis.standing.verdict import gap_of, gap_text, short_or_met
from stp_dash.analysis.wording import capitalised, value_text
from stp_dash.pages.trend.figures import TrendInput
from stp_dash.statistics.results import Phase
from stp_dash.statistics.standards import Gap, met_of_judged


@dataclass(frozen=True)
class TrendRow:
    """One period. `reading` is None where nothing is loaded; `kind` and `rules` are the point's, under `phase`."""

    period: Period
    reading: Reading | None
    phase: Phase
    kind: str
    rules: tuple[str, ...]
    reason: str
    short_reason: str
    standard: Standard | None
    wished: Standard | None
    gap: Gap | None
    gap_words: str
    interval: Interval | None
    interval_words: str
    compared: Reading | None
    rolling: Reading | None
    charted: bool = True

    @property
    def known(self) -> Reading | None:
        """The reading where it has a value."""
        return self.reading if self.reading is not None and self.reading.value is not None else None

    @property
    def above(self) -> bool:
        """Whether the value lies above its phase's mean, or on it."""
        return self.known is None or self.known.value is None or not self.known.value < self.phase.mean


def rows_of(given: TrendInput, rolled: Mapping[Period, Reading]) -> tuple[TrendRow, ...]:
    """Every period of the controlled series, in order."""
    drawn = given.drawn
    phases = [phase for phase in drawn.analysed.phases for _ in range(phase.first, phase.last + 1)]
    intervals = intervals_of(given.indicator, drawn.readings)
    return tuple(
        _row(given, place, phases[place], intervals[place], rolled) for place in range(len(drawn.periods))
    )


def _row(
    given: TrendInput,
    place: int,
    phase: Phase,
    interval: Interval | None,
    rolled: Mapping[Period, Reading],
) -> TrendRow:
    drawn = given.drawn
    period, reading = drawn.periods[place], drawn.readings[place]
    standard = given.standard(period)
    whole = reading is not None and reading.value is not None and given.breakdown == ALL
    found = gap_of(given.indicator, reading) if whole and reading and standard else None
    low, high = (value_text(given.indicator, limit) for limit in interval) if interval else ("", "")
    marked = bool(drawn.analysed.rules[place])
    return TrendRow(
        period=period,
        reading=reading,
        phase=phase,
        kind=drawn.analysed.point_types[place],
        rules=drawn.analysed.rules[place],
        reason=capitalised(signals.reason(drawn, place)) if marked else "",
        short_reason=signals.short_reason(drawn, place) if marked else "",
        standard=standard,
        wished=given.wished(period),
        gap=found,
        gap_words=_gap_words(given, reading, found) if whole and reading else "",
        interval=interval,
        interval_words=f"{low} to {high}" if interval else "",
        compared=given.compared.readings.get(period),
        rolling=rolled.get(period),
        charted=drawn.charted,
    )


def _gap_words(given: TrendInput, reading: Reading, found: Gap | None) -> str:
    words = (
        short_or_met(found)
        if found
        else gap_text(given.indicator, reading, given.comparator_at(reading.period))
    )
    return capitalised(words)


def met_of(rows: Sequence[TrendRow]) -> tuple[int, int]:
    """How many periods met their standard, of those that can be judged."""
    return met_of_judged(row.gap.met if row.gap is not None else None for row in rows)
