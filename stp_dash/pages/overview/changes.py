"""What changed with each source's newest release: the period it added, what its figures show, what it revised.

And what undos of files changed since: figures that fell back, went or came back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Indicator, Maturity, Period
from db.domain.changes import SourceChanges, SourceUndo, ValueChange
from db.domain.reading import Reading
from stp_dash.analysis.claims.change_words import change_label
from stp_dash.analysis.differences.difference import NEW, SETTLED, Difference, differences
from stp_dash.analysis.standing.verdict import MET, SHORT, Verdict, verdict
from stp_dash.analysis.wording import (
    count_text,
    date_text,
    distance_text,
    full_text,
    listing,
    missing_to,
    number_word,
    told_apart,
    value_text,
)
from stp_dash.elements.links import TREND, href
from stp_dash.pages.overview.row import IndicatorRow

WORSE, BETTER, CHANGED, REVISED, UNDONE = "worse", "better", "changed", "revised", "undone"
_ORDER = (WORSE, BETTER, CHANGED)
_SIGNALS, _REVISIONS, _UNDONE = 4, 2, 4
"""No more lines than these for each source: the charts show the rest."""
_NO_STEP = ("", "", "")


@dataclass(frozen=True)
class Change:
    """One line. `mark` is the shape beside it; `lead` opens it, `strong` is its number or its run, `rest` ends it."""

    mark: str
    lead: str
    strong: str
    rest: str
    href: str


@dataclass(frozen=True)
class ReleaseNote:
    """A source's newest release in words. `settled` says how many more figures it revised, confirmed or withdrew.

    Where there is nothing to list it says what was compared and did not change, or that nothing could be. `brought`
    says whether the store holds anything of the area and its parts from the source.
    """

    topic: str
    released: str
    changes: tuple[Change, ...]
    settled: str
    brought: bool = True


def release_notes(
    found: Sequence[SourceChanges],
    rows: Sequence[IndicatorRow],
    indicators: Mapping[str, Indicator],
    names: Mapping[str, str],
    held: Mapping[str, Sequence[Period]],
) -> tuple[ReleaseNote, ...]:
    """Each source's release, the newest first; of its lines what got worse first, then better, then the rest.

    `held` has of each source the periods held of the area and its parts: what a first load brought.
    """
    ordered = sorted(found, key=lambda item: _day(item) or date.min, reverse=True)
    return tuple(_note(item, rows, indicators, names, held.get(item.release.source, ())) for item in ordered)


def undone_figures(undo: SourceUndo, own: Collection[str]) -> tuple[Difference, ...]:
    """The figures that undos changed: the newest period first, the area's `own` organisations before its parts."""
    found = (item for item in differences(undo.before, undo.after) if item.kind != SETTLED)

    def place(item: Difference) -> tuple[int, bool]:
        return (-item.reading.period.key, item.reading.organisation not in own)

    return tuple(sorted(found, key=place))


def undo_note(
    undo: SourceUndo,
    found: Sequence[Difference],
    indicators: Mapping[str, Indicator],
    names: Mapping[str, str],
) -> ReleaseNote:
    """What undos changed of a source's figures in words, as `undone_figures` found it; the first few one by one."""
    topics = dict.fromkeys(item.topic for item in indicators.values() if item.source_id == undo.source)
    known = [item for item in found if item.reading.indicator in indicators]
    lines = [_of_undone(item, indicators[item.reading.indicator], names) for item in known[:_UNDONE]]
    further = len(known) - len(lines)
    told = "one more figure" if further == 1 else f"{number_word(further)} more figures"
    rest = f"And {told} changed by the undo: all are listed below." if further else ""
    return ReleaseNote(listing(list(topics)), f"undone {date_text(undo.on)}", tuple(lines), rest)


def _of_undone(item: Difference, indicator: Indicator, names: Mapping[str, str]) -> Change:
    """`62-day treatment, Kent and Medway, July 2026 withdrawn by an undo: 74.2% → 74.0%.`"""
    reading = item.reading
    where = names.get(reading.organisation) or reading.organisation_name
    what = "shown again after an undo" if item.kind == NEW else "withdrawn by an undo"
    before, after = (_figure(indicator, part) for part in (item.before, item.after))
    values = [part.value for part in (item.before, item.after) if part is not None and part.value is not None]
    if len(values) == 2 and before == after:
        before, after = told_apart(indicator, *values)
    lead = f"{indicator.short_name}, {where}, {reading.period.label} {what}: "
    address = href(TREND, indicator=indicator.id, organisation=reading.organisation)
    return Change(UNDONE, lead, f"{before} → {after}", ".", address)


def _figure(indicator: Indicator, reading: Reading | None) -> str:
    return "no figure" if reading is None else full_text(indicator, reading.value)


def _note(
    found: SourceChanges,
    rows: Sequence[IndicatorRow],
    indicators: Mapping[str, Indicator],
    names: Mapping[str, str],
    held: Sequence[Period],
) -> ReleaseNote:
    source = found.release.source
    added = {(item.indicator, item.period) for item in found.added}
    own = [row for row in rows if row.source == source]
    lines = [change for row in own if (row.id, row.line.period) in added and (change := _of_row(row))]
    lines.sort(key=lambda change: _ORDER.index(change.mark))
    revised = [item for item in found.revised if item.after.indicator in indicators]
    told = [_of_revision(item, indicators[item.after.indicator], names) for item in revised[:_REVISIONS]]
    topics = dict.fromkeys(item.topic for item in indicators.values() if item.source_id == source)
    changes = (*lines[:_SIGNALS], *told)
    rest = _settled(found, len(revised) - len(told), len(lines[_SIGNALS:]))
    if not changes and not rest:
        rest = _unchanged(found, [row for row in own if (row.id, row.line.period) in added])
    return ReleaseNote(
        listing(list(topics)), _released(found, held, indicators), changes, rest, bool(held or found.added)
    )


def _unchanged(found: SourceChanges, rows: Sequence[IndicatorRow]) -> str:
    """What a release that shows no change was looked at for; `rows` are those whose last period it added."""
    if not found.added:
        return "" if found.release.first else "No figure of the area was added, revised or withdrawn."
    if not rows:
        return "No indicator with a standard or limits got a new latest figure."
    charted = sum(1 for row in rows if row.variation is not None)
    compared = all(row.line.before is not None for row in rows if row.measured)
    signal = "No signal"
    if charted < len(rows):
        of = f"{number_word(charted)} of {number_word(len(rows))} indicators"
        signal = f"No signal among {of} where one can be told"
    if not charted:
        signal = "No signal can be told yet"
    shortfall = "no shortfall that changed" if compared else "no shortfall to compare with the period before"
    return f"{signal}, and {shortfall}."


def _day(found: SourceChanges) -> date | None:
    release = found.release
    return release.published_on or (release.loaded_at.date() if release.loaded_at else None)


def _released(found: SourceChanges, held: Sequence[Period], indicators: Mapping[str, Indicator]) -> str:
    """`released 8 October 2026 · August 2026 added, provisional`; loaded on a day where no day of release is known.

    A plan's period, which may still run, is named only where nothing else was added.

    Of a source's first load that did not end with figures of the area: the periods that it brought.
    """
    day = _day(found)
    verb = "released" if found.release.published_on else "loaded"
    when = f"{verb} {day.day} {day:%B %Y}" if day else "day not known"
    periods: dict[Period, Maturity] = {}
    plans = {item.id for item in indicators.values() if item.looks_ahead}
    past = [item for item in found.added if item.indicator not in plans]
    for item in past or found.added:
        periods[item.period] = min(item.maturity, periods.get(item.period, item.maturity))
    if not periods:
        if not found.release.first:
            return f"{when} · no new period of the area"
        if not held:
            return f"{when} · first load, nothing of the area"
        return f"{when} · first load: {min(held).start:%B %Y} to {max(item.end for item in held):%B %Y}"
    newest = max(periods, key=lambda period: period.end)
    added = f"{newest.label} added" if past else f"plan of {newest.label} added"
    return f"{when} · {added}, {periods[newest].label}"


def _settled(found: SourceChanges, revised: int, further: int) -> str:
    counts = (
        (further, "more change", "more changes"),
        (revised, "more figure revised", "more figures revised"),
        (len(found.settled), "figure confirmed as final", "figures confirmed as final"),
        (len(found.withdrawn), "figure withdrawn", "figures withdrawn"),
    )
    told = [f"{number_word(count)} {one if count == 1 else many}" for count, one, many in counts if count]
    return f"And {listing(told)}." if told else ""


def _of_row(row: IndicatorRow) -> Change | None:
    """What the added period shows of an indicator: a signal, or a step of its distance to the standard."""
    before = row.line.before
    then = verdict(row.line.indicator, before, row.line.average_on(before.period)) if before else None
    numbers, lead, clause = _step(row, then)
    mark = WORSE if row.worse else (BETTER if row.improving else CHANGED)
    signal = _signal(row)
    if signal:
        return Change(mark, f"{row.name}: ", signal, f"; {clause}." if clause else ".", row.href)
    return (
        Change(mark, f"{row.name}: {lead}", numbers, f"; {_variation(row)}.", row.href) if numbers else None
    )


def _variation(row: IndicatorRow) -> str:
    """Whether a figure that no rule marks is within what is usual: only where there are limits to say so."""
    if row.variation is None:
        return "too few figures to say whether that is unusual"
    return "the figure is within its process limits"


def _signal(row: IndicatorRow) -> str:
    """What marks the latest point: `lower since March 2026, 71.3% against 76.6% before`."""
    return "" if row.variation is None or row.common_cause else change_label(row.controlled)


def _step(row: IndicatorRow, then: Verdict | None) -> tuple[str, str, str]:
    """The distance then and now: the numbers, the words before them, and both as one clause; "" each without any."""
    now = row.verdict
    if then is None or not row.measured or then.against != now.against:
        return _NO_STEP
    if not {now.tone, then.tone} <= {MET, SHORT}:
        return _NO_STEP
    if now.tone != then.tone:
        words = "now met" if now.tone == MET else "no longer met"
        if now.against:
            missed = missing_to(row.line.indicator)
            words = f"now {'at or beyond' if now.tone == MET else missed} {now.against}"
        return words, "", words
    return _shortfall_step(row, then.count, now.count) if now.tone == SHORT else _NO_STEP


def _shortfall_step(row: IndicatorRow, before: float, now: float) -> tuple[str, str, str]:
    unit = row.line.indicator.gap_unit.rsplit(" ", 1)[-1]
    write = distance_text if row.verdict.against else count_text
    if write(before) == write(now):
        return _NO_STEP
    numbers = f"{write(before)} to {write(now)} {unit}"
    way = ("up", "grew") if now > before else ("down", "fell")
    return numbers, f"shortfall {way[0]} from ", f"the shortfall {way[1]} from {numbers}"


def _of_revision(item: ValueChange, indicator: Indicator, names: Mapping[str, str]) -> Change:
    """`62-day treatment, Kent and Medway, July 2026 revised up, 74.0% to 74.2% (2 more ...).`; `still 74.2%`
    where both are written alike."""
    before, after = item.before, item.after
    way = "revised"
    if before.value is not None and after.value is not None and before.value != after.value:
        way = "revised up" if after.value > before.value else "revised down"
    where = names.get(after.organisation) or after.organisation_name
    address = href(TREND, indicator=indicator.id, organisation=after.organisation)
    then, now = value_text(indicator, before.value), full_text(indicator, after.value)
    alike = value_text(indicator, after.value) == then
    lead = f"{indicator.short_name}, {where}, {after.period.label} {'revised' if alike else way}, "
    numbers = f"still {now}" if alike else f"{then} to {now}"
    return Change(REVISED, lead, numbers, f"{_counts(indicator, before, after)}.", address)


def _counts(indicator: Indicator, before: Reading, after: Reading) -> str:
    """` (patients treated within 62 days 2 more)`, as far as both have counts."""
    steps = (
        (indicator.numerator_label, before.numerator, after.numerator),
        (indicator.denominator_label, before.denominator, after.denominator),
    )
    told = [
        f"{label[:1].lower()}{label[1:]}: {count_text(abs(now - then))} {'more' if now > then else 'fewer'}"
        for label, then, now in steps
        if then is not None and now is not None and now != then
    ]
    return f" ({'; '.join(told)})" if told else ""
