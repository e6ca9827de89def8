"""What the trend page says: one organisation over time, against the standard as it was in each period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from db.catalogue import LineageStep
from db.catalogue.organisation_files import EarlierName
from db.domain import ALL, Frequency, Indicator, Maturity, Period, Standard, StandardKind
from db.queries import Reading
from db.settings import AreaSettings
from stp_dash.charts.trend import TrendChart, TrendPoint
from stp_dash.links import TREND, href
from stp_dash.views.area import ReadingIndex, area_series, own_series
from stp_dash.views.beside import SideFigure, interval_text, rolling, rolling_side, rolling_words, side_figure
from stp_dash.views.comparator import comparator_code, comparator_name
from stp_dash.views.provenance import Provenance, files_text, provenance
from stp_dash.views.series import last_periods, length, position
from stp_dash.views.verdict import (
    MET,
    SHORT,
    StandardWords,
    Verdict,
    brief,
    gap_of,
    gap_text,
    standard_words,
    verdict,
)
from stp_dash.views.wording import (
    LEVEL,
    PER_CENT,
    capitalised,
    count_text,
    counts_text,
    date_text,
    full_text,
    level_axis,
    level_text,
    listing,
    periods_word,
    status_text,
    unit_text,
    value_text,
    within,
)

WINDOW, PHONE_WINDOW = 60, 24


@dataclass(frozen=True)
class TrendInput:
    """What the page has read. `until` is the last period of the window, None for the organisation's latest.

    `beside` are the indicators that this one is never shown without; `index` holds their readings as well.
    """

    indicator: Indicator
    organisation: str
    breakdown: str
    index: ReadingIndex
    steps: Sequence[LineageStep]
    names: Mapping[str, str]
    earlier_names: Mapping[str, Sequence[EarlierName]]
    area: AreaSettings
    beside: tuple[Indicator, ...] = ()
    until: Period | None = None
    phone: bool = False

    @cached_property
    def own_index(self) -> ReadingIndex:
        return {key: item for key, item in self.index.items() if key[0] == self.indicator.id}

    @cached_property
    def held(self) -> frozenset[str]:
        return frozenset(code for _, code, _ in self.own_index)

    @property
    def is_area(self) -> bool:
        return self.organisation == self.area.commissioner

    def series_of(self, indicator: Indicator) -> tuple[Reading, ...]:
        """The organisation's figures of an indicator; for the area, with sums of its trusts."""
        index = {key: item for key, item in self.index.items() if key[0] == indicator.id}
        if self.is_area:
            return area_series(index, indicator, self.area, self.steps)
        return own_series(index, indicator, self.organisation, self.steps)


@dataclass(frozen=True)
class TrendRow:
    period: str
    value: str
    within: str
    total: str
    standard: str
    gap: str
    comparator: str
    status: str
    file: str
    interval: str = ""
    rolling: str = ""


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
    unit: str
    interval: str
    standard: StandardWords
    verdict: Verdict
    comparator_name: str
    comparator: str
    comparator_counts: str
    sides: tuple[SideFigure, ...]
    rolling_name: str
    wished_name: str
    chart: TrendChart
    rows: tuple[TrendRow, ...]
    notes: tuple[TrendNote, ...]
    earlier: Period | None
    later: Period | None
    provenance: Provenance
    demonstration: bool


def trend(given: TrendInput) -> Trend | None:
    """The whole page in words and one chart; None where the organisation has no figure in the window."""
    series = given.series_of(given.indicator)
    known = [item for item in series if item.value is not None]
    window = _window(given, known)
    shown = [item for item in known if item.period in set(window)]
    if not shown:
        return None
    latest = shown[-1]
    own = {item.period: item for item in series}
    rolled = rolling(given.indicator, series) if given.breakdown == ALL else {}
    beside = _comparator(given, latest.period)
    return Trend(
        title=_title(given, latest),
        lede=f"{given.indicator.definition.split(chr(10))[0]} {_direction(given.indicator)}".strip(),
        span=f"{shown[0].period.label} to {latest.period.label}" if len(shown) > 1 else latest.period.label,
        finding=_finding(given, shown),
        label=_label(given, len(window), len(shown)),
        value=value_text(given.indicator, latest.value, _standard(given, latest.period)),
        counts=_counts(given.indicator, latest),
        period=latest.period.label,
        status=status_text(latest.maturity),
        unit=unit_text(given.indicator),
        interval=interval_text(given.indicator, latest),
        standard=_standard_words(given, latest.period),
        verdict=_verdict(given, latest),
        comparator_name=comparator_name(beside),
        comparator=value_text(given.indicator, beside.value if beside else None),
        comparator_counts=_counts(given.indicator, beside) if beside else "",
        sides=(*rolling_side(given.indicator, rolled, latest), *_beside(given, latest)),
        rolling_name=rolling_words(given.indicator),
        wished_name=_wished_name(given, window),
        chart=_chart(given, own, window, rolled),
        rows=tuple(_row(given, own.get(period), period, rolled) for period in reversed(window)),
        notes=_notes(given, shown, window),
        earlier=_earlier(known, window),
        later=_later(known, window),
        provenance=provenance(given.indicator, latest, given.names),
        demonstration=any(item.demonstration for item in shown),
    )


def _chart(
    given: TrendInput,
    own: Mapping[Period, Reading],
    window: Sequence[Period],
    rolled: Mapping[Period, Reading],
) -> TrendChart:
    unit = given.indicator.unit
    return TrendChart(
        points=tuple(_point(given, own.get(period), i, window, rolled) for i, period in enumerate(window)),
        name=_name(given),
        suffix="%" if unit == PER_CENT else "",
        phone=given.phone,
        unit="" if unit in {PER_CENT, LEVEL} else unit,
        letters=level_axis(given.indicator),
    )


def window_size(*, phone: bool) -> int:
    return PHONE_WINDOW if phone else WINDOW


def _window(given: TrendInput, known: Sequence[Reading]) -> tuple[Period, ...]:
    """Every period up to the window's last, from the first that has a figure, at most the window's size."""
    if not known:
        return ()
    last = given.until or known[-1].period
    every = {period for _, _, period in given.own_index}
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


def _aspiration(given: TrendInput, period: Period) -> Standard | None:
    if given.breakdown != ALL:
        return None
    return given.indicator.standard_on(period.start, StandardKind.ASPIRATION)


def _standard_words(given: TrendInput, period: Period) -> StandardWords:
    if given.breakdown != ALL:
        return StandardWords("No standard")
    return standard_words(given.indicator, period.start, _comparator(given, period))


def _verdict(given: TrendInput, reading: Reading) -> Verdict:
    if given.breakdown != ALL:
        return Verdict("none", "No standard", "for a breakdown")
    return verdict(given.indicator, reading, _comparator(given, reading.period))


def _comparator(given: TrendInput, period: Period) -> Reading | None:
    code = comparator_code(given.indicator, period.start, given.held)
    if given.organisation == code:
        return None
    return given.own_index.get((given.indicator.id, code, period))


def _name(given: TrendInput) -> str:
    """The organisation's name: as pages write it, or as the publisher prints it, without what brackets say."""
    if given.organisation in given.names:
        return given.names[given.organisation]
    named = (
        item.organisation_name for (_, code, _), item in given.own_index.items() if code == given.organisation
    )
    return next(named, given.organisation).split(" (", 1)[0]


def _counts(indicator: Indicator, reading: Reading) -> str:
    return counts_text(indicator, reading.numerator, reading.denominator)


def _direction(indicator: Indicator) -> str:
    words = {"increase": "Higher is better.", "decrease": "Lower is better."}
    return words.get(indicator.improvement_direction.value, "")


def _title(given: TrendInput, latest: Reading) -> str:
    told = _verdict(given, latest)
    subject = f"{given.indicator.short_name}, {_name(given)}"
    when = within(latest.period)
    if told.against or told.note:
        shown = full_text(given.indicator, latest.value)
        words = told.note or f"{told.headline} {told.detail}"
        return f"{subject}: {shown} {when}, {words[:1].lower()}{words[1:]}"
    level = _standard_words(given, latest.period).level
    if told.tone == SHORT:
        return f"{subject}: {told.headline} short of {level} {when}"
    if told.tone == MET:
        return f"{subject}: {level} met {told.detail} {when}"
    return f"{subject}: {full_text(given.indicator, latest.value)} {when}"


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


def _label(given: TrendInput, drawn: int, known: int) -> str:
    gaps = f", {drawn - known} without a figure" if drawn > known else ""
    return f"Line chart: {given.indicator.short_name}, {_name(given)}, {drawn} periods{gaps}"


def _point(
    given: TrendInput,
    reading: Reading | None,
    place: int,
    window: Sequence[Period],
    rolled: Mapping[Period, Reading],
) -> TrendPoint:
    period = window[place]
    standard, beside = _standard(given, period), _comparator(given, period)
    wished = _wished(given, period)
    value = reading.value if reading else None
    together = rolled[period].value if period in rolled else None
    return TrendPoint(
        at=position(period),
        length=length(period),
        tick=_tick(period),
        year=f"{period.start:%Y}",
        value=value,
        shown=value_text(given.indicator, value, standard),
        hover=_hover(given, reading, period),
        standard=standard.value if standard else None,
        standard_text=f"Standard {level_text(given.indicator, standard)}",
        interim=wished.value if wished else None,
        interim_text=_wished_text(given.indicator, wished),
        comparator=beside.value if beside else None,
        comparator_text=f"{comparator_name(beside)} {value_text(given.indicator, beside.value)}"
        if beside
        else "",
        rolling=together,
        rolling_text=f"{rolling_words(given.indicator)} {value_text(given.indicator, together)}",
        provisional=value is not None and reading is not None and reading.maturity is Maturity.PROVISIONAL,
        restarts=_restart(given.indicator, window[place - 1] if place else None, period),
    )


def _tick(period: Period) -> str:
    if period.frequency in {Frequency.MONTH, Frequency.SNAPSHOT}:
        return f"{period.start:%b}"
    return f"{period.start:%b}–{period.end:%b}"


def _wished(given: TrendInput, period: Period) -> Standard | None:
    return _interim(given, period) or _aspiration(given, period)


def _wished_name(given: TrendInput, window: Sequence[Period]) -> str:
    """What the dotted line of the chart is: an interim ambition or an aspiration; "" without one."""
    found = [wished for period in window if (wished := _wished(given, period)) is not None]
    return capitalised(found[-1].kind.value) if found else ""


def _wished_text(indicator: Indicator, wished: Standard | None) -> str:
    if wished is None:
        return ""
    kind = "Interim" if wished.kind is StandardKind.INTERIM_AMBITION else "Aspiration"
    return f"{kind} {level_text(indicator, wished)}"


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


def _restart(indicator: Indicator, before: Period | None, period: Period) -> str:
    if before is None:
        return ""
    days = [item.on for item in indicator.breaks if before.start < item.on <= period.start]
    return f"{days[0].day} {days[0]:%b %Y}" if days else ""


def _hover(given: TrendInput, reading: Reading | None, period: Period) -> str:
    if reading is None or reading.value is None:
        why = reading.missing_reason if reading else "no figure is loaded"
        return f"<b>{period.label}</b><br>No figure: {why}"
    shown, counts = (
        full_text(given.indicator, reading.value, _standard(given, period)),
        _counts(given.indicator, reading),
    )
    interval = interval_text(given.indicator, reading)
    lines = [
        f"<b>{period.label}</b>, {status_text(reading.maturity)}",
        f"{shown}: {counts}" if counts else shown,
        f"95% interval {interval}" if interval else "",
        _gap_text(given, reading),
    ]
    return "<br>".join(line for line in lines if line)


def _gap_text(given: TrendInput, reading: Reading) -> str:
    if given.breakdown != ALL:
        return ""
    return gap_text(given.indicator, reading, _comparator(given, reading.period))


def _row(
    given: TrendInput, reading: Reading | None, period: Period, rolled: Mapping[Period, Reading]
) -> TrendRow:
    standard, beside = _standard(given, period), _comparator(given, period)
    level = level_text(given.indicator, standard) if standard else ""
    compared = value_text(given.indicator, beside.value) if beside else ""
    if reading is None or reading.value is None:
        why = reading.missing_reason if reading else "not loaded"
        return TrendRow(period.short_label, "No figure", "", "", level, "", compared, why, "")
    together = rolled.get(period)
    return TrendRow(
        period=period.short_label,
        value=value_text(given.indicator, reading.value, standard),
        within=count_text(reading.numerator) if reading.numerator is not None else "",
        total=count_text(reading.denominator) if reading.denominator is not None else "",
        standard=level,
        gap=brief(_gap_text(given, reading), comparator_name(beside)),
        comparator=compared,
        status=status_text(reading.maturity),
        file=files_text(reading),
        interval=interval_text(given.indicator, reading),
        rolling=f"{value_text(given.indicator, together.value)} ({_counts(given.indicator, together)})"
        if together
        else "",
    )


def _notes(given: TrendInput, shown: Sequence[Reading], window: Sequence[Period]) -> tuple[TrendNote, ...]:
    notes = [
        *_whose_notes(given, shown),
        *_predecessor_notes(given, shown),
        *_break_notes(given, window),
        *_missing_notes(shown, window),
    ]
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


def _whose_notes(given: TrendInput, shown: Sequence[Reading]) -> list[TrendNote]:
    """That an area's figure is a sum, and of what."""
    latest = shown[-1]
    if not latest.members or not given.is_area:
        return []
    names = listing([given.names.get(code, code) for code in latest.members])
    text = f"{_name(given)}'s figure is the sum of {names}: there is no commissioner's figure."
    return [TrendNote("A sum", text)]


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
    period = {Frequency.MONTH: "month", Frequency.QUARTER: "quarter"}.get(window[-1].frequency, "period")
    plural = "s" if missing > 1 else ""
    return [
        TrendNote(
            "Missing figures",
            f"{missing} of the {len(window)} {period}s drawn {'have' if missing > 1 else 'has'} no figure and "
            f"{'are' if missing > 1 else 'is'} hatched; the line does not cross {'them' if plural else 'it'}.",
        )
    ]
