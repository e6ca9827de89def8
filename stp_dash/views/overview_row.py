"""One line of the overview's scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from db.catalogue import LineageStep
from db.domain import ENGLAND, Frequency, Indicator, OrganisationType, Period, Standard
from db.queries import Reading
from db.settings import AreaSettings
from stp_dash.charts.sparkline import Sparkline, SparkPoint, Strip
from stp_dash.links import OVERVIEW, TREND, VARIATION, href
from stp_dash.views.area import ReadingIndex, latest_period_of, own_reading, own_series, summed
from stp_dash.views.provenance import Provenance, provenance
from stp_dash.views.series import last_periods
from stp_dash.views.verdict import MET, SHORT, StandardWords, Verdict, gap_of, standard_words, verdict
from stp_dash.views.wording import (
    NO_FIGURE,
    count_text,
    level_text,
    listing,
    month_code,
    number_word,
    periods_word,
    status_text,
    value_text,
)

SPARK_PERIODS = 24


@dataclass(frozen=True)
class OverviewInput:
    """What the page has read. `steps` is the commissioner's lineage, `names` organisations' names by code."""

    area: AreaSettings
    indicators: tuple[Indicator, ...]
    index: ReadingIndex
    steps: Sequence[LineageStep]
    names: Mapping[str, str]
    requested: Period | None = None


@dataclass(frozen=True)
class TrustFigure:
    name: str
    value: str
    counts: str
    tone: str
    href: str


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator's line, in words and small charts."""

    id: str
    topic: str
    name: str
    href: str
    variation_href: str
    sentence: str
    value: str
    counts: str
    period: str
    period_label: str
    status: str
    standard: StandardWords
    verdict: Verdict
    finding: str
    sparkline: Sparkline
    strip: Strip | None
    trusts: tuple[TrustFigure, ...]
    trusts_period: str
    trusts_sum: str
    newer: tuple[str, str] | None
    provenance: Provenance | None
    demonstration: bool


@dataclass(frozen=True)
class Line:
    """An indicator with the figures that its line needs, worked out from what the page has read."""

    given: OverviewInput
    indicator: Indicator

    @cached_property
    def series(self) -> tuple[Reading, ...]:
        """The area's own figures, under its own and its earlier codes."""
        return own_series(self.given.index, self.indicator, self.given.area.commissioner, self.given.steps)

    @cached_property
    def trust_readings(self) -> tuple[Reading, ...]:
        trusts = set(self.given.area.trusts)
        items = self.given.index.items()
        return tuple(r for (key, code, _), r in items if key == self.indicator.id and code in trusts)

    @cached_property
    def period(self) -> Period | None:
        """The requested period, or that of the area's latest figure, or else of its trusts'."""
        if self.given.requested is not None and self.indicator.frequency is Frequency.MONTH:
            return self.given.requested
        until = self.given.requested.end if self.given.requested else date.max
        own = latest_period_of(item for item in self.series if item.period.end <= until)
        return own or latest_period_of(item for item in self.trust_readings if item.period.end <= until)

    @cached_property
    def reading(self) -> Reading | None:
        if self.period is None:
            return None
        area = self.given.area
        return own_reading(self.given.index, self.indicator, area.commissioner, self.given.steps, self.period)

    @cached_property
    def value(self) -> float | None:
        return self.reading.value if self.reading else None

    @cached_property
    def standard(self) -> Standard | None:
        return self.indicator.standard_on(self.period.start) if self.period else None

    @cached_property
    def trusts(self) -> tuple[Reading, ...]:
        """The trusts' figures in the line's period that have a value, in the order of the settings."""
        if self.period is None:
            return ()
        found = (self.given.index.get((self.indicator.id, c, self.period)) for c in self.given.area.trusts)
        return tuple(item for item in found if item is not None and item.value is not None)

    @cached_property
    def spark_periods(self) -> tuple[Period, ...]:
        if self.period is None:
            return ()
        known = {period for key, _, period in self.given.index if key == self.indicator.id}
        return last_periods(self.period, SPARK_PERIODS, known)


def indicator_row(line: Line) -> IndicatorRow:
    """A line in words."""
    indicator, period, reading = line.indicator, line.period, line.reading
    code = month_code(period) if period else None
    return IndicatorRow(
        id=indicator.id,
        topic=indicator.topic,
        name=indicator.short_name,
        href=href(TREND, indicator=indicator.id),
        variation_href=href(VARIATION, indicator=indicator.id, period=code),
        sentence=_sentence(line),
        value=value_text(indicator, line.value, line.standard),
        counts=_counts(reading),
        period=period.short_label if period else "",
        period_label=period.label if period else "",
        status=status_text(reading.maturity) if reading else "",
        standard=standard_words(indicator, period.start if period else _last_day(indicator)),
        verdict=verdict(indicator, reading),
        finding=_finding(line),
        sparkline=_sparkline(line),
        strip=_strip(line),
        trusts=_trusts(line),
        trusts_period=period.short_label if period else "",
        trusts_sum=_trusts_sum(line),
        newer=_newer(line),
        provenance=provenance(indicator, reading, line.given.names) if reading else None,
        demonstration=any(item.demonstration for item in (*line.trusts, *([reading] if reading else []))),
    )


def _last_day(indicator: Indicator) -> date:
    return indicator.valid_to or date.max


def _counts(reading: Reading | None) -> str:
    if reading is None or reading.denominator is None:
        return ""
    return f"{count_text(reading.numerator)} of {count_text(reading.denominator)}"


def _missing(line: Line) -> str:
    """Why there is no figure, and the nearest that there is."""
    if line.reading is not None:
        return f"{NO_FIGURE}: {line.reading.missing_reason}."
    area = line.given.area.name
    known = [item.period for item in line.series if item.value is not None]
    if not known:
        return f"No figure for {area} is loaded."
    asked = line.period
    nearest = min(known, key=lambda item: abs((item.start - asked.start).days)) if asked else known[-1]
    return f"No figure for {area} in this period; the nearest is {nearest.label}."


def _sentence(line: Line) -> str:
    """How often the standard was met over the periods drawn."""
    if line.value is None:
        return _missing(line)
    shown = set(line.spark_periods)
    gaps = [gap_of(line.indicator, item) for item in line.series if item.period in shown]
    judged = [item.met for item in gaps if item is not None]
    if not judged:
        return ""
    span = f"{len(judged)} {periods_word(line.indicator)} with a figure and a standard since {_since(line)}"
    if len(judged) == 1:
        return ""
    if all(judged) or not any(judged):
        return f"{'Met' if all(judged) else 'Missed'} in all {span}."
    return f"Met in {sum(judged)} of the {span}."


def _since(line: Line) -> str:
    shown = set(line.spark_periods)
    first = next(item for item in line.series if item.period in shown and gap_of(line.indicator, item))
    return first.period.label


def _finding(line: Line) -> str:
    """The figure against its standard in one sentence, for the list of what needs attention."""
    reading, standard = line.reading, line.standard
    if reading is None or standard is None or line.value is None:
        return ""
    value = value_text(line.indicator, line.value, standard)
    told = f"{value} against {level_text(line.indicator, standard)} in {reading.period.label}"
    status = status_text(reading.maturity)
    return f"{told}, {status}. {line.indicator.numerator_label}: {_counts(reading)}."


def _sparkline(line: Line) -> Sparkline:
    own = {item.period: item for item in line.series}
    breaks = [item.on for item in line.indicator.breaks]
    points = []
    for before, period in zip((None, *line.spark_periods), line.spark_periods, strict=False):
        reading = own.get(period)
        england = line.given.index.get((line.indicator.id, ENGLAND, period))
        standard = line.indicator.standard_on(period.start)
        points.append(
            SparkPoint(
                reading.value if reading else None,
                standard.value if standard else None,
                england.value if england else None,
                bool(reading) and reading is not None and reading.maturity == 0,
                before is not None and any(before.start < day <= period.start for day in breaks),
            )
        )
    return Sparkline(tuple(points), _spark_label(line, points))


def _spark_label(line: Line, points: Sequence[SparkPoint]) -> str:
    values = [point.value for point in points if point.value is not None]
    if not values or not line.spark_periods:
        return f"{line.indicator.short_name}: no figures to draw"
    low, high = (value_text(line.indicator, value) for value in (min(values), max(values)))
    first, last = line.spark_periods[0].short_label, line.spark_periods[-1].short_label
    return f"{line.indicator.short_name}, {first} to {last}: {len(values)} figures, {low} to {high}"


def _strip(line: Line) -> Strip | None:
    values = [item.value for item in line.trusts if item.value is not None]
    if not values:
        return None
    england = line.given.index.get((line.indicator.id, ENGLAND, line.trusts[0].period))
    names = [
        f"{line.given.names.get(item.organisation, item.organisation)} "
        f"{value_text(line.indicator, item.value)}"
        for item in line.trusts
    ]
    return Strip(
        tuple(values),
        line.standard.value if line.standard else None,
        england.value if england else None,
        listing(names),
    )


def _trusts(line: Line) -> tuple[TrustFigure, ...]:
    if OrganisationType.TRUST not in line.indicator.organisation_types:
        return ()
    return tuple(_trust(line, code) for code in line.given.area.trusts)


def _trust(line: Line, code: str) -> TrustFigure:
    reading = next((item for item in line.trusts if item.organisation == code), None)
    return TrustFigure(
        line.given.names.get(code, code),
        value_text(line.indicator, reading.value if reading else None, line.standard),
        _counts(reading),
        verdict(line.indicator, reading).tone,
        href(TREND, indicator=line.indicator.id, organisation=code),
    )


def _trusts_sum(line: Line) -> str:
    """The trusts together: another number than the area's own, and always labelled so."""
    members = line.given.area.trusts
    if line.period is None or not line.trusts:
        return ""
    label = f"Sum of the {number_word(len(members))} trusts, provider-based"
    total = summed(line.given.index, line.indicator, members, line.period)
    if total is None:
        missing = [code for code in members if code not in {item.organisation for item in line.trusts}]
        return f"{label}: no total, {listing([line.given.names.get(c, c) for c in missing])} missing"
    value = value_text(line.indicator, total.value, line.standard)
    return f"{label}: {value} ({_counts(total)}), {status_text(total.maturity)}"


def _newer(line: Line) -> tuple[str, str] | None:
    """Words and address of the trusts' newer figures, where the trusts are published further than the area."""
    newest = latest_period_of(line.trust_readings)
    if line.given.requested is not None or newest is None or line.period is None or newest <= line.period:
        return None
    return f"Trusts: figures to {newest.label}", href(OVERVIEW, period=month_code(newest))


def met_and_short(rows: Sequence[IndicatorRow]) -> tuple[int, int]:
    """How many rows meet and how many miss a standard."""
    tones = [row.verdict.tone for row in rows]
    return tones.count(MET), tones.count(SHORT)
