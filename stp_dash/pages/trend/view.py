"""What the trend page says: one organisation over time under process limits, against the standard as it was."""

from __future__ import annotations

from dataclasses import dataclass

from db.domain import ALL, Period
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.provenance import Provenance, provenance
from stp_dash.analysis.rolling import (
    SideFigure,
    interval_text,
    rolling,
    rolling_side,
    rolling_words,
    side_figure,
)
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.standing.comparator import interval_of
from stp_dash.analysis.standing.verdict import StandardWords, Verdict, standard_words
from stp_dash.analysis.wording import (
    capitalised,
    counts_text,
    month_code,
    number_word,
    periods_word,
    status_text,
    unit_text,
    value_text,
)
from stp_dash.charts.interactive.trend.points import TrendChart
from stp_dash.elements.links import TREND, href
from stp_dash.pages.trend.chart import chart_of, numbered_events
from stp_dash.pages.trend.figures import ChartEvent, TrendInput
from stp_dash.pages.trend.limits import LimitsCard, limits_card
from stp_dash.pages.trend.notes import TrendNote, notes_of
from stp_dash.pages.trend.rows import TrendRow, met_of, rows_of
from stp_dash.pages.trend.sheet import sheet_of
from stp_dash.pages.trend.words import (
    SignalLine,
    assurance_note,
    finding,
    signal_lines,
    subject_of,
    trend_title,
    verdict_of,
)

TELLING = 5.0
"""An interval of so many points is said beside the figure: few patients tell little."""
Step = dict[str, str | None]
"""The parameters of an address that change."""
_HEADINGS = {
    "month": "Monthly performance",
    "quarter": "Quarterly performance",
    "snapshot": "Snapshots",
    "year": "Yearly performance",
}


@dataclass(frozen=True)
class KeyStrip:
    """The latest figure in short: value, standard, gap, what the process does and whether it can be relied on."""

    period: str
    value: str
    value_note: str
    standard: StandardWords
    verdict: Verdict
    control: Controlled
    variation_note: str
    assurance_note: str


@dataclass(frozen=True)
class Trend:
    """`rows` are the newest first. `earlier` and `later` lead to the windows before and after the one drawn, if any."""

    title: str
    lede: str
    heading: str
    finding: str
    label: str
    strip: KeyStrip
    chart: TrendChart
    rows: tuple[TrendRow, ...]
    sheet: Sheet
    method: str
    signals: tuple[SignalLine, ...]
    events: tuple[tuple[int, ChartEvent], ...]
    limits: LimitsCard | None
    sides: tuple[SideFigure, ...]
    notes: tuple[TrendNote, ...]
    wished_name: str
    rolling_name: str
    compared_name: str
    periods_name: str
    earlier: Step | None
    later: Step | None
    provenance: Provenance


def trend(given: TrendInput) -> Trend | None:
    """The whole page in words, numbers and one chart; None where the organisation has no figure in the window."""
    latest = given.latest
    shown = [
        item for place in given.window if (item := given.control.readings[place]) and item.value is not None
    ]
    if latest is None or not shown:
        return None
    rolled = rolling(given.indicator, given.series) if given.breakdown == ALL else {}
    rows = rows_of(given, rolled)
    heading = _heading(given, shown[0].period, shown[-1].period)
    return Trend(
        title=trend_title(given),
        lede=f"{given.indicator.definition.split(chr(10))[0]} {_direction(given)}".strip(),
        heading=heading,
        finding=finding(given, met_of(rows[given.window.start : given.window.stop])),
        label=_label(given, len(given.window), len(shown)),
        strip=_strip(given, latest),
        chart=chart_of(given, rows),
        rows=rows[::-1],
        sheet=sheet_of(given, rows[::-1], heading),
        method=_method(given),
        signals=signal_lines(given),
        events=numbered_events(given),
        limits=limits_card(given),
        sides=(*rolling_side(given.indicator, rolled, latest), *_beside(given, latest)),
        notes=notes_of(given),
        wished_name=_wished_name(given),
        rolling_name=rolling_words(given.indicator),
        compared_name=given.compared.name,
        periods_name=periods_word(given.indicator),
        earlier=_earlier(given),
        later=_later(given),
        provenance=provenance(given.indicator, latest, given.names),
    )


def _strip(given: TrendInput, latest: Reading) -> KeyStrip:
    indicator = given.indicator
    limits = interval_of(indicator, latest)
    interval = interval_text(indicator, latest) if limits and limits[1] - limits[0] >= TELLING else ""
    parts = (
        unit_text(indicator),
        counts_text(indicator, latest.numerator, latest.denominator),
        f"95% interval {interval}" if interval else "",
    )
    return KeyStrip(
        period=f"{latest.period.label}, {status_text(latest.maturity)}",
        value=value_text(indicator, latest.value, given.standard(latest.period)),
        value_note=" · ".join(part for part in parts if part),
        standard=_standard_words(given, latest),
        verdict=verdict_of(given),
        control=given.control,
        variation_note=signals.variation_note(given.control),
        assurance_note=assurance_note(given),
    )


def _standard_words(given: TrendInput, latest: Reading) -> StandardWords:
    if given.breakdown != ALL:
        return StandardWords("No standard")
    return standard_words(given.indicator, latest.period.start, given.comparator_at(latest.period))


def _direction(given: TrendInput) -> str:
    words = {"increase": "Higher is better.", "decrease": "Lower is better."}
    return words.get(given.indicator.improvement_direction.value, "")


def _heading(given: TrendInput, first: Period, last: Period) -> str:
    if given.phone and len(given.window) > 1:
        count = number_word(len(given.window))
        return f"{capitalised(count)} {periods_word(given.indicator)} to {last.label}"
    start = _HEADINGS.get(given.indicator.frequency.value, "Performance")
    return f"{start}, {first.label} to {last.label}" if first != last else f"{start}, {last.label}"


def _label(given: TrendInput, drawn: int, known: int) -> str:
    gaps = f", {drawn - known} without a figure" if drawn > known else ""
    return f"Control chart: {subject_of(given)}, {given.name}, {drawn} {periods_word(given.indicator)}{gaps}"


def _method(given: TrendInput) -> str:
    """The line under the chart: the rules in use, and what the limits rest on."""
    drawn = given.drawn
    if not drawn.charted or drawn.analysed.latest is None:
        return ""
    return f"XmR chart. {signals.rules_line(drawn)} {capitalised(signals.limits_basis(drawn))}."


def _wished_name(given: TrendInput) -> str:
    """What the dotted line in plum is: an interim ambition or an aspiration; "" without one."""
    periods = (given.control.periods[place] for place in given.window)
    found = [wished for period in periods if (wished := given.wished(period)) is not None]
    return capitalised(found[-1].kind.value) if found else ""


def _beside(given: TrendInput, latest: Reading) -> tuple[SideFigure, ...]:
    """The figures of the same organisation and period that this one is never shown without."""
    return tuple(
        side_figure(
            indicator,
            given.series_of(indicator),
            latest.period,
            href(TREND, indicator=indicator.id, organisation=given.organisation),
        )
        for indicator in given.beside
    )


def _earlier(given: TrendInput) -> Step | None:
    """To the window before: under the same limits as far as they reach, else looking back from an earlier period."""
    periods, first = given.control.periods, given.control.periods[given.window.start]
    within = [item.period for item in given.control.readings if item is not None and item.value is not None]
    before = max((period for period in within if period < first), default=None)
    if before is not None:
        return {"shown": month_code(before)}
    older = max((period for period in given.held if period < periods[0]), default=None)
    return {"to": month_code(older), "shown": None, "restart": None} if older else None


def _later(given: TrendInput) -> Step | None:
    """To the window after, in the same way."""
    periods, stop = given.control.periods, given.window.stop
    if stop < len(periods):
        place = min(stop - 1 + len(given.window), len(periods) - 1)
        return {"shown": None if place == len(periods) - 1 else month_code(periods[place])}
    after = sorted(period for period in given.held if given.until and period > periods[-1])
    if not after:
        return None
    place = min(len(given.window), len(after)) - 1
    return {
        "to": None if place == len(after) - 1 else month_code(after[place]),
        "shown": None,
        "restart": None,
    }
