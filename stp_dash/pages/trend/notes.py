"""Notes on a chart over time: whose figures they are, what restarts, what is missing, which standards came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue import LineageStep
from db.domain import ALL, Period
from db.domain.reading import Reading
from stp_dash.analysis.wording import BASIS_WORDS, date_text, listing, number_word, periods_word
from stp_dash.pages.trend.figures import TrendInput


@dataclass(frozen=True)
class TrendNote:
    """Something to know when reading the chart, under a heading."""

    heading: str
    text: str


def notes_of(given: TrendInput) -> tuple[TrendNote, ...]:
    """The notes on the drawn window, in the order of their weight."""
    periods = given.control.periods[given.window.start : given.window.stop]
    shown = [item for item in given.control.readings[given.window.start : given.window.stop] if item]
    known = [item for item in shown if item.value is not None]
    if not known:
        return ()
    return (
        *_whose(given, known),
        *_predecessors(given, known),
        *_compared(given, known),
        *_breaks(given, periods),
        *_missing(given, known, periods),
        *_standards(given, periods),
    )


def _whose(given: TrendInput, shown: Sequence[Reading]) -> list[TrendNote]:
    """That an area's figure is a sum, and of what."""
    latest = shown[-1]
    if not latest.members or not given.is_area:
        return []
    names = listing([given.names.get(code, code) for code in latest.members])
    text = f"{given.name}'s figure is the sum of {names}: there is no commissioner's figure."
    return [TrendNote("A sum", text)]


def _predecessors(given: TrendInput, shown: Sequence[Reading]) -> list[TrendNote]:
    """Whose figures stand for the organisation before it was there."""
    notes = []
    for step in given.steps:
        used = [item for item in shown if _of_step(item, step)]
        if not used:
            continue
        names = listing([f"{_name_on(given, code, step)} ({code})" for code in step.codes])
        sums = " together" if len(step.codes) > 1 else ""
        text = f"Figures to {used[-1].period.label} are for {names}{sums}."
        notes.append(TrendNote("Earlier organisations", text))
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


def _compared(given: TrendInput, shown: Sequence[Reading]) -> list[TrendNote]:
    """Who is drawn beside by choice, where they have no figures or are counted otherwise."""
    if not given.compare:
        return []
    name, beside = given.compared.name, given.compared.readings
    both = [item for item in shown if item.period in beside and beside[item.period].value is not None]
    if not both:
        return [
            TrendNote(
                f"Compared with {name}", f"{name} has no figure in these {periods_word(given.indicator)}."
            )
        ]
    other = beside[both[-1].period].basis
    if other is both[-1].basis:
        return []
    text = (
        f"{name}'s figures are {BASIS_WORDS[other]}. {given.name}'s are {BASIS_WORDS[both[-1].basis]}. "
        "The two count different patients."
    )
    return [TrendNote(f"Compared with {name}", text)]


def _breaks(given: TrendInput, window: Sequence[Period]) -> list[TrendNote]:
    return [
        TrendNote(f"Series restarts {date_text(item.on)}", item.reason)
        for item in given.indicator.breaks
        if window[0].start < item.on <= window[-1].end
    ]


def _missing(given: TrendInput, shown: Sequence[Reading], window: Sequence[Period]) -> list[TrendNote]:
    missing = len(window) - len(shown)
    if not missing:
        return []
    words, many = periods_word(given.indicator), missing > 1
    counted = number_word(missing)
    text = (
        f"{counted[:1].upper()}{counted[1:]} of the {len(window)} {words} drawn {'have' if many else 'has'} no figure "
        f"and {'are' if many else 'is'} hatched; the line does not cross {'them' if many else 'it'}."
    )
    return [TrendNote("Missing figures", text)]


def _standards(given: TrendInput, window: Sequence[Period]) -> list[TrendNote]:
    if given.breakdown != ALL:
        return []
    first, last = window[0].start, window[-1].end
    return [
        TrendNote(item.label, f"From {date_text(item.effective_from)}. {item.note}".strip())
        for item in given.indicator.standards
        if first < item.effective_from <= last
    ]
