"""One line of the overview's scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Basis, Frequency, Indicator, Maturity, OrganisationType
from db.queries import Reading
from stp_dash.charts.sparkline import Sparkline, SparkPoint, Strip
from stp_dash.links import OVERVIEW, TREND, VARIATION, href
from stp_dash.views.area import latest_period_of, summed
from stp_dash.views.beside import interval_text
from stp_dash.views.comparator import comparator_name
from stp_dash.views.overview_line import Line
from stp_dash.views.provenance import Provenance, provenance
from stp_dash.views.verdict import (
    MET,
    SHORT,
    StandardWords,
    Verdict,
    gap_of,
    standard_words,
    verdict,
)
from stp_dash.views.wording import (
    NO_FIGURE,
    capitalised,
    counts_text,
    full_text,
    level_text,
    listing,
    month_code,
    number_word,
    periods_word,
    status_text,
    unit_text,
    value_text,
    within,
)

FEW_PARTS = 4
_SMALL = frozenset({Frequency.QUARTER, Frequency.FOUR_MONTHS})
"""Frequencies whose shares rest on so few patients that the interval always stands beside them."""


@dataclass(frozen=True)
class PartFigure:
    name: str
    value: str
    counts: str
    tone: str
    href: str


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator's line, in words and small charts. `parts` are trusts, CCG areas or teams of the area."""

    id: str
    topic: str
    name: str
    href: str
    variation_href: str
    sentence: str
    value: str
    unit: str
    counts: str
    interval: str
    whose: str
    period: str
    period_label: str
    status: str
    standard: StandardWords
    verdict: Verdict
    finding: str
    sparkline: Sparkline
    strip: Strip | None
    parts: tuple[PartFigure, ...]
    parts_words: str
    parts_notes: tuple[str, ...]
    newer: tuple[str, str] | None
    provenance: Provenance | None
    bases: frozenset[Basis]
    owner: str
    demonstration: bool


def indicator_row(line: Line) -> IndicatorRow:
    """A line in words."""
    indicator, period, reading = line.indicator, line.period, line.reading
    code = month_code(period) if period else None
    shown = [*line.shown_parts, *([reading] if reading else [])]
    return IndicatorRow(
        id=indicator.id,
        topic=indicator.topic,
        name=indicator.short_name,
        href=href(TREND, indicator=indicator.id),
        variation_href=href(VARIATION, indicator=indicator.id, by=line.parts.by, period=code),
        sentence=_sentence(line),
        value=value_text(indicator, line.value, line.standard),
        unit=unit_text(indicator) if line.value is not None else "",
        counts=_counts(indicator, reading),
        interval=interval_words(indicator, reading),
        whose=_whose(line),
        period=period.short_label if period else "",
        period_label=period.label if period else "",
        status=status_text(reading.maturity) if reading else "",
        standard=standard_words(indicator, period.start if period else _last_day(indicator), line.average),
        verdict=verdict(indicator, reading, line.average),
        finding=_finding(line),
        sparkline=_sparkline(line),
        strip=_strip(line),
        parts=_parts(line),
        parts_words=line.parts.many,
        parts_notes=_parts_notes(line),
        newer=_newer(line),
        provenance=provenance(indicator, reading, line.given.names) if reading else None,
        bases=frozenset(item.basis for item in shown),
        owner=indicator.owner,
        demonstration=any(item.demonstration for item in shown),
    )


def interval_words(indicator: Indicator, reading: Reading | None) -> str:
    """The 95% interval of a share over a quarter: its denominator is small; "" for other figures."""
    if reading is None or reading.period.frequency not in _SMALL:
        return ""
    interval = interval_text(indicator, reading)
    return f"95% interval {interval}" if interval else ""


def _last_day(indicator: Indicator) -> date:
    return indicator.valid_to or date.max


def _counts(indicator: Indicator, reading: Reading | None) -> str:
    if reading is None:
        return ""
    return counts_text(indicator, reading.numerator, reading.denominator)


def _whose(line: Line) -> str:
    """Whose figure stands for the area where it is not its commissioner's own: a sum is labelled as one."""
    reading = line.reading
    if reading is None or reading.value is None:
        return ""
    if reading.basis is Basis.TEAM:
        number = number_word(len(reading.members)) if reading.members else "the area's"
        return f"Sum of {number} trust{'s' if len(reading.members) != 1 else ''}, team-centred"
    return "Sum of practices with a staff return" if reading.basis is Basis.PRACTICE else ""


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
    if len(judged) < 2:
        return "" if line.standard else _year_before(line)
    span = f"{len(judged)} {periods_word(line.indicator)} with a figure and a standard since {_since(line)}"
    if all(judged) or not any(judged):
        return f"{'Met' if all(judged) else 'Missed'} in all {span}."
    return f"Met in {sum(judged)} of the {span}."


def _year_before(line: Line) -> str:
    """The area's figure a year before and how it compared then, where no restart of the series lies between."""
    latest = line.reading
    if latest is None:
        return ""
    day = latest.period.start
    same = (
        (item.period.start.year, item.period.start.month) == (day.year - 1, day.month) for item in line.series
    )
    then = next((item for item, found in zip(line.series, same, strict=True) if found), None)
    if then is None or then.value is None or then.period.frequency is not latest.period.frequency:
        return ""
    if any(then.period.start < item.on <= day for item in line.indicator.breaks):
        return ""
    told = verdict(line.indicator, then, line.average_on(then.period))
    words = told.note or (f"{told.headline} {told.detail}" if told.against else "")
    compared = f", {words[:1].lower()}{words[1:]}" if words else ""
    return f"A year before: {value_text(line.indicator, then.value)}{compared}."


def _since(line: Line) -> str:
    shown = set(line.spark_periods)
    first = next(item for item in line.series if item.period in shown and gap_of(line.indicator, item))
    return first.period.label


def _finding(line: Line) -> str:
    """The figure against its standard or its comparator in one sentence, for what needs attention."""
    reading = line.reading
    if reading is None or line.value is None:
        return ""
    indicator, average = line.indicator, line.average
    value = full_text(indicator, line.value, line.standard)
    if line.standard is not None:
        against = f"against {level_text(indicator, line.standard)}"
    elif average is not None and average.value is not None:
        against = f"against {value_text(indicator, average.value)} for {comparator_name(average)}"
    else:
        return ""
    counts = counts_text(indicator, reading.numerator, reading.denominator)
    told = f"{value} {against} {within(reading.period)}, {status_text(reading.maturity)}"
    return f"{told}. {indicator.numerator_label}: {counts}."


def _sparkline(line: Line) -> Sparkline:
    own = {item.period: item for item in line.series}
    breaks = [item.on for item in line.indicator.breaks]
    points = []
    for before, period in zip((None, *line.spark_periods), line.spark_periods, strict=False):
        reading, average = own.get(period), line.average_on(period)
        standard = line.indicator.standard_on(period.start)
        points.append(
            SparkPoint(
                reading.value if reading else None,
                standard.value if standard else None,
                average.value if average else None,
                reading is not None and reading.maturity is Maturity.PROVISIONAL,
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
    values = [item.value for item in line.shown_parts if item.value is not None]
    if not values:
        return None
    average = line.average
    names = [f"{line.name(item)} {value_text(line.indicator, item.value)}" for item in line.shown_parts]
    return Strip(
        tuple(values),
        line.standard.value if line.standard else None,
        average.value if average else None,
        listing(names),
    )


def _parts(line: Line) -> tuple[PartFigure, ...]:
    """All of a few parts, or the lowest and the highest of many."""
    if line.parts.all_named:
        present = {item.organisation: item for item in line.shown_parts}
        return tuple(_part(line, code, present.get(code)) for code in line.parts.codes)
    ranked = sorted(line.shown_parts, key=lambda item: item.value or 0.0)
    ends = [ranked[0], ranked[-1]] if len(ranked) > FEW_PARTS else ranked
    return tuple(_part(line, item.organisation, item) for item in ends)


def _part(line: Line, code: str, reading: Reading | None) -> PartFigure:
    known = verdict(line.indicator, reading)
    return PartFigure(
        line.name(reading) if reading else line.given.names.get(code, code),
        value_text(line.indicator, reading.value if reading else None, line.standard),
        ", ".join(
            w for w in (_counts(line.indicator, reading), interval_words(line.indicator, reading)) if w
        ),
        known.tone if line.standard else "",
        href(TREND, indicator=line.indicator.id, organisation=code),
    )


def _parts_notes(line: Line) -> tuple[str, ...]:
    return tuple(note for note in (_reached(line), _trusts_sum(line)) if note)


def _reached(line: Line) -> str:
    """How many of the parts are no worse than the comparator."""
    average = line.average
    if line.standard is not None or average is None or average.value is None or not line.shown_parts:
        return ""
    rising = line.indicator.improvement_direction.value == "increase"
    values = [item.value or 0.0 for item in line.shown_parts]
    count = sum(1 for v in values if (v >= average.value if rising else v <= average.value))
    kind = line.parts.many if len(values) > 1 else line.parts.one
    return f"{count} of {len(values)} {kind} reach {comparator_name(average)}"


def _trusts_sum(line: Line) -> str:
    """The trusts together: another number than the area's own, and always labelled so."""
    trusts_of = {item.basis for item in line.shown_parts}
    if line.period is None or trusts_of != {Basis.PROVIDER}:
        return ""
    members, names = line.given.area.trusts, line.given.names
    label = f"{line.period.short_label}. Sum of the {number_word(len(members))} trusts, provider-based"
    total = summed(line.index, line.indicator, members, line.period)
    if total is None:
        missing = [code for code in members if code not in {item.organisation for item in line.shown_parts}]
        return f"{label}: no total, {listing([names.get(c, c) for c in missing])} missing"
    value = value_text(line.indicator, total.value, line.standard)
    return f"{label}: {value} ({_counts(line.indicator, total)}), {status_text(total.maturity)}"


def _newer(line: Line) -> tuple[str, str] | None:
    """Words and address of the trusts' newer figures, where the trusts are published further than the area."""
    if OrganisationType.TRUST not in line.indicator.organisation_types:
        return None
    newest = latest_period_of(line.part_readings)
    if line.given.requested is not None or newest is None or line.period is None or newest <= line.period:
        return None
    words = f"{capitalised(line.parts.many)}: figures to {newest.label}"
    return words, href(OVERVIEW, period=f"{newest.end:%Y-%m}")


def met_and_short(rows: Sequence[IndicatorRow]) -> tuple[int, int]:
    """How many rows meet and how many miss a standard."""
    tones = [row.verdict.tone for row in rows if not row.verdict.against]
    return tones.count(MET), tones.count(SHORT)
