"""What the trend page says: one organisation over time, against the standard as it was in each period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue import LineageStep
from db.catalogue.organisation_files import EarlierName
from db.domain import ALL, ENGLAND, Frequency, Indicator, Maturity, Period, Standard, StandardKind
from db.queries import Reading
from stp_dash.charts.trend import TrendChart, TrendPoint
from stp_dash.views.area import ReadingIndex, own_series
from stp_dash.views.provenance import Provenance, files_text, provenance
from stp_dash.views.series import last_periods
from stp_dash.views.verdict import (
    MET,
    SHORT,
    StandardWords,
    Verdict,
    gap_of,
    gap_text,
    standard_words,
    verdict,
)
from stp_dash.views.wording import (
    PER_CENT,
    count_text,
    date_text,
    level_text,
    listing,
    periods_word,
    status_text,
    value_text,
)

WINDOW, PHONE_WINDOW = 60, 24


@dataclass(frozen=True)
class TrendInput:
    """What the page has read. `until` is the last period of the window, None for the organisation's latest."""

    indicator: Indicator
    organisation: str
    breakdown: str
    index: ReadingIndex
    steps: Sequence[LineageStep]
    names: Mapping[str, str]
    earlier_names: Mapping[str, Sequence[EarlierName]]
    until: Period | None = None
    phone: bool = False


@dataclass(frozen=True)
class TrendRow:
    period: str
    value: str
    within: str
    total: str
    standard: str
    gap: str
    england: str
    status: str
    file: str


@dataclass(frozen=True)
class TrendNote:
    heading: str
    text: str


@dataclass(frozen=True)
class Trend:
    """`reading` words are of the last figure of the window."""

    title: str
    lede: str
    span: str
    finding: str
    label: str
    value: str
    counts: str
    period: str
    status: str
    standard: StandardWords
    verdict: Verdict
    england: str
    england_counts: str
    chart: TrendChart
    rows: tuple[TrendRow, ...]
    notes: tuple[TrendNote, ...]
    earlier: Period | None
    later: Period | None
    provenance: Provenance
    demonstration: bool


def trend(given: TrendInput) -> Trend | None:
    """The whole page in words and one chart; None where the organisation has no figure in the window."""
    series = own_series(given.index, given.indicator, given.organisation, given.steps)
    known = [item for item in series if item.value is not None]
    window = _window(given, known)
    shown = [item for item in known if item.period in set(window)]
    if not shown:
        return None
    latest = shown[-1]
    own = {item.period: item for item in series}
    england = _england(given, latest.period)
    points = tuple(_point(given, own.get(period), period, i, window) for i, period in enumerate(window))
    return Trend(
        title=_title(given, latest),
        lede=f"{given.indicator.definition.split(chr(10))[0]} {_direction(given.indicator)}",
        span=f"{shown[0].period.label} to {latest.period.label}" if len(shown) > 1 else latest.period.label,
        finding=_finding(given, shown),
        label=_label(given, points),
        value=value_text(given.indicator, latest.value, _standard(given, latest.period)),
        counts=_counts(latest),
        period=latest.period.label,
        status=status_text(latest.maturity),
        standard=_standard_words(given, latest.period.start),
        verdict=_verdict(given, latest),
        england=value_text(given.indicator, england.value if england else None),
        england_counts=_counts(england) if england else "",
        chart=TrendChart(points, _name(given), "%" if given.indicator.unit == PER_CENT else "", given.phone),
        rows=tuple(_row(given, own.get(period), period) for period in reversed(window)),
        notes=_notes(given, shown, window),
        earlier=_earlier(known, window),
        later=_later(known, window),
        provenance=provenance(given.indicator, latest, given.names),
        demonstration=any(item.demonstration for item in shown),
    )


def window_size(*, phone: bool) -> int:
    return PHONE_WINDOW if phone else WINDOW


def _window(given: TrendInput, known: Sequence[Reading]) -> tuple[Period, ...]:
    """Every period up to the window's last, from the first that has a figure, at most the window's size."""
    if not known:
        return ()
    last = given.until or known[-1].period
    every = {period for _, _, period in given.index}
    periods = last_periods(last, window_size(phone=given.phone), every)
    first = next((item.period for item in known if item.period >= periods[0]), last) if periods else last
    return tuple(period for period in periods if period >= first)


def _earlier(known: Sequence[Reading], window: Sequence[Period]) -> Period | None:
    """The last period of the window before this one."""
    return max((item.period for item in known if item.period < window[0]), default=None)


def _later(known: Sequence[Reading], window: Sequence[Period]) -> Period | None:
    after = [item.period for item in known if item.period > window[-1]]
    return after[min(len(window), len(after)) - 1] if after else None


def _standard(given: TrendInput, period: Period) -> Standard | None:
    """A standard is of the headline figure: a breakdown has none of its own."""
    return given.indicator.standard_on(period.start) if given.breakdown == ALL else None


def _interim(given: TrendInput, period: Period) -> Standard | None:
    if given.breakdown != ALL:
        return None
    return given.indicator.standard_on(period.start, StandardKind.INTERIM_AMBITION)


def _standard_words(given: TrendInput, day: date) -> StandardWords:
    return standard_words(given.indicator, day) if given.breakdown == ALL else StandardWords("No standard")


def _verdict(given: TrendInput, reading: Reading) -> Verdict:
    if given.breakdown != ALL:
        return Verdict("none", "No standard", "for a breakdown")
    return verdict(given.indicator, reading)


def _england(given: TrendInput, period: Period) -> Reading | None:
    if given.organisation == ENGLAND:
        return None
    return given.index.get((given.indicator.id, ENGLAND, period))


def _name(given: TrendInput) -> str:
    if given.organisation == ENGLAND:
        return "England"
    return given.names.get(given.organisation, given.organisation)


def _counts(reading: Reading) -> str:
    return f"{count_text(reading.numerator)} of {count_text(reading.denominator)}"


def _direction(indicator: Indicator) -> str:
    words = {"increase": "Higher is better.", "decrease": "Lower is better."}
    return words.get(indicator.improvement_direction.value, "")


def _title(given: TrendInput, latest: Reading) -> str:
    told = _verdict(given, latest)
    subject = f"{given.indicator.short_name}, {_name(given)}"
    level = _standard_words(given, latest.period.start).level
    if told.tone == SHORT:
        return f"{subject}: {told.headline} short of {level} in {latest.period.label}"
    if told.tone == MET:
        return f"{subject}: {level} met {told.detail} in {latest.period.label}"
    return f"{subject}: {value_text(given.indicator, latest.value)} in {latest.period.label}"


def _finding(given: TrendInput, shown: Sequence[Reading]) -> str:
    """How often the standard was met, and the range of the figures since the last restart."""
    values = [item.value for item in _since_restart(given, shown) if item.value is not None]
    low, high = (value_text(given.indicator, value) for value in (min(values), max(values)))
    spread = f"Between {low} and {high}" if low != high else f"{low} throughout"
    since = _since_restart(given, shown)[0].period.label
    gaps = [gap_of(given.indicator, item) for item in shown] if given.breakdown == ALL else []
    judged = [item.met for item in gaps if item is not None]
    return f"{spread} since {since}.{_met_text(judged, given.indicator)}"


def _met_text(judged: Sequence[bool], indicator: Indicator) -> str:
    if not judged:
        return ""
    drawn = f"{len(judged)} {periods_word(indicator)} with a figure and a standard"
    if not any(judged):
        return f" The standard was missed in all {drawn}."
    return f" The standard was met in {'all' if all(judged) else f'{sum(judged)} of the'} {drawn}."


def _since_restart(given: TrendInput, shown: Sequence[Reading]) -> Sequence[Reading]:
    days = [item.on for item in given.indicator.breaks if item.on <= shown[-1].period.start]
    return [item for item in shown if not days or item.period.start >= max(days)]


def _label(given: TrendInput, points: Sequence[TrendPoint]) -> str:
    missing = sum(1 for point in points if point.value is None)
    gaps = f", {missing} without a figure" if missing else ""
    return f"Line chart: {given.indicator.short_name}, {_name(given)}, {len(points)} periods{gaps}"


def _point(
    given: TrendInput, reading: Reading | None, period: Period, place: int, window: Sequence[Period]
) -> TrendPoint:
    standard, interim, england = _standard(given, period), _interim(given, period), _england(given, period)
    before = window[place - 1] if place else None
    value = reading.value if reading else None
    return TrendPoint(
        tick=f"{period.start:%b}",
        year=f"{period.start:%Y}",
        value=value,
        shown=value_text(given.indicator, value, standard),
        hover=_hover(given, reading, period),
        standard=standard.value if standard else None,
        standard_text=f"Standard {level_text(given.indicator, standard)}",
        interim=interim.value if interim else None,
        interim_text=f"Interim {level_text(given.indicator, interim)}",
        england=england.value if england else None,
        england_text=f"England {value_text(given.indicator, england.value)}" if england else "",
        provisional=value is not None and reading is not None and reading.maturity is Maturity.PROVISIONAL,
        restarts=_restart(given.indicator, before, period),
    )


def _restart(indicator: Indicator, before: Period | None, period: Period) -> str:
    if before is None:
        return ""
    days = [item.on for item in indicator.breaks if before.start < item.on <= period.start]
    return f"{days[0].day} {days[0]:%b %Y}" if days else ""


def _hover(given: TrendInput, reading: Reading | None, period: Period) -> str:
    if reading is None or reading.value is None:
        why = reading.missing_reason if reading else "no figure is loaded"
        return f"<b>{period.label}</b><br>No figure: {why}"
    shown = value_text(given.indicator, reading.value, _standard(given, period))
    gap = gap_text(given.indicator, reading) if given.breakdown == ALL else ""
    lines = [f"<b>{period.label}</b>, {status_text(reading.maturity)}", f"{shown}: {_counts(reading)}", gap]
    return "<br>".join(line for line in lines if line)


def _row(given: TrendInput, reading: Reading | None, period: Period) -> TrendRow:
    standard, england = _standard(given, period), _england(given, period)
    level = level_text(given.indicator, standard) if standard else ""
    english = value_text(given.indicator, england.value) if england else ""
    if reading is None or reading.value is None:
        why = reading.missing_reason if reading else "not loaded"
        return TrendRow(period.short_label, "No figure", "", "", level, "", english, why, "")
    return TrendRow(
        period=period.short_label,
        value=value_text(given.indicator, reading.value, standard),
        within=count_text(reading.numerator),
        total=count_text(reading.denominator),
        standard=level,
        gap=gap_text(given.indicator, reading) if given.breakdown == ALL else "",
        england=english,
        status=status_text(reading.maturity),
        file=files_text(reading),
    )


def _notes(given: TrendInput, shown: Sequence[Reading], window: Sequence[Period]) -> tuple[TrendNote, ...]:
    notes = [*_predecessor_notes(given, shown), *_break_notes(given, window), *_missing_notes(shown, window)]
    for item in given.indicator.standards:
        if (
            given.breakdown == ALL
            and item.effective_from > window[0].start
            and item.in_force(max(item.effective_from, window[0].start))
            and item.effective_from <= window[-1].end
        ):
            since = date_text(item.effective_from)
            notes.append(TrendNote(item.label, f"From {since}. {item.note}".strip()))
    return tuple(notes)


def _predecessor_notes(given: TrendInput, shown: Sequence[Reading]) -> list[TrendNote]:
    """Whose figures stand for the organisation before it was there."""
    notes = []
    for step in given.steps:
        used = [item for item in shown if _of_step(item, step)]
        if not used:
            continue
        names = listing([f"{_name_on(given, code, step)} ({code})" for code in step.codes])
        sums = " together" if len(step.codes) > 1 else ""
        notes.append(
            TrendNote("Earlier organisations", f"Figures to {used[-1].period.label} are for {names}{sums}.")
        )
    return notes


def _name_on(given: TrendInput, code: str, step: LineageStep) -> str:
    """The name that an organisation bore when a step ended, where it has another now."""
    last = step.effective_to or date.max
    earlier = [item for item in given.earlier_names.get(code, ()) if item.as_at <= last]
    return max(earlier, key=lambda item: item.as_at).name if earlier else given.names.get(code, code)


def _of_step(reading: Reading, step: LineageStep) -> bool:
    codes = set(reading.members or (reading.organisation,))
    ends = step.effective_to is None or reading.period.start <= step.effective_to
    return codes <= set(step.codes) and ends


def _break_notes(given: TrendInput, window: Sequence[Period]) -> list[TrendNote]:
    return [
        TrendNote(f"Series restarts {date_text(item.on)}", item.reason)
        for item in given.indicator.breaks
        if window[0].start < item.on <= window[-1].end
    ]


def _missing_notes(shown: Sequence[Reading], window: Sequence[Period]) -> list[TrendNote]:
    missing = len(window) - len(shown)
    if not missing:
        return []
    period = {Frequency.MONTH: "month", Frequency.QUARTER: "quarter"}.get(window[0].frequency, "period")
    plural = "s" if missing > 1 else ""
    return [
        TrendNote(
            "Missing figures",
            f"{missing} of the {len(window)} {period}s drawn {'have' if missing > 1 else 'has'} no figure and "
            f"{'are' if missing > 1 else 'is'} hatched; the line does not cross {'them' if plural else 'it'}.",
        )
    ]
