"""The sentences of the overview: what the process does, what can be expected of it, and who holds the shortfall.

They are read from the same annotated series as the icons, so that they never say anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from db.domain import Basis
from stp_dash.analysis.comparator import comparator_name
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.wording import (
    NO_FIGURE,
    capitalised,
    count_text,
    distance_text,
    listing,
    number_word,
    periods_word,
)
from stp_dash.pages.overview.figures import SPARK_PERIODS, Holder, Line
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    COMMON_CAUSE,
    FAIL,
    HIGH,
    HIT_OR_MISS,
    PASS,
    SHIFT,
    TREND,
    TWO_IN_THREE,
)
from stp_dash.statistics.spc import Signal

_ORDINALS = (
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
_TELLING = (SHIFT, TREND, ASTRONOMICAL, TWO_IN_THREE)
_SAME_PATIENTS = frozenset({Basis.TEAM, Basis.PRACTICE})
"""On these bases the parts make up the area: their shortfalls are shares of the area's."""


def variation_words(controlled: Controlled) -> str:
    """The words beside the variation icon, short: `Steady`, `Getting worse`."""
    return controlled.variation.split(":", 1)[0]


def signals_of(controlled: Controlled) -> tuple[Signal, ...]:
    """The signals of the latest point that point the way its icon says, what tells most first."""
    analysed = controlled.analysed
    if analysed.variation in {None, COMMON_CAUSE} or analysed.latest is None:
        return ()
    side = (analysed.variation or "").rsplit("_", 1)[-1]
    found = [item for item in analysed.signals_at(analysed.latest) if item.direction == side]
    return tuple(sorted(found, key=lambda item: _TELLING.index(item.rule)))


def because(controlled: Controlled) -> str:
    """Why the latest point is marked, in short: `eight months in a row below the mean`; "" for common cause."""
    found = signals_of(controlled)
    return _signal_words(found[0], controlled) if found else ""


def _signal_words(signal: Signal, controlled: Controlled) -> str:
    high = signal.direction == HIGH
    noun, run = controlled.subject.noun, _run_length(signal, controlled)
    if signal.rule == SHIFT:
        return f"{number_word(run)} {noun}s in a row {'above' if high else 'below'} the mean"
    if signal.rule == TREND:
        return f"{number_word(run - 1)} {'rises' if high else 'falls'} in a row"
    if signal.rule == ASTRONOMICAL:
        return f"{'above' if high else 'below'} the process limits"
    return f"at least two of three {noun}s near the {'upper' if high else 'lower'} limit"


def _run_length(signal: Signal, controlled: Controlled) -> int:
    return (controlled.analysed.latest or 0) - signal.first + 1


def ordinal_run(controlled: Controlled) -> str:
    """The latest point's place in the run that it belongs to: `eighth month below its mean`; "" without a run."""
    runs = [item for item in signals_of(controlled) if item.rule == SHIFT]
    if not runs:
        return ""
    side = "above" if runs[0].direction == HIGH else "below"
    return f"{_ordinal(_run_length(runs[0], controlled))} {controlled.subject.noun} {side} its mean"


def _ordinal(number: int) -> str:
    if number < len(_ORDINALS):
        return _ORDINALS[number]
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def row_sentence(line: Line, controlled: Controlled) -> str:
    """One line's sentence: the change and its reason, or what can be expected; then who holds the shortfall."""
    if line.value is None:
        return missing(line)
    parts = (change(line, controlled), holders_sentence(line, most=1))
    return " ".join(part for part in parts if part)


def change(line: Line, controlled: Controlled) -> str:
    """Whether it is changing, why, and what to expect where it is not."""
    if not is_current(line, controlled) or controlled.analysed.variation is None:
        told = met_of(line)
        return f"Too few figures to say whether it is changing. {told}".strip()
    words, why = variation_words(controlled), because(controlled)
    if why:
        return f"{words}: {why}."
    return _outlook(line, controlled, words)


def is_current(line: Line, controlled: Controlled | None) -> bool:
    """Whether the annotated series ends with the figure that the line shows."""
    latest = controlled.latest if controlled is not None else None
    return latest is not None and line.value is not None and latest.period == line.period


def _outlook(line: Line, controlled: Controlled, words: str) -> str:
    analysed, what = controlled.analysed, _level_name(line)
    phase = analysed.phases[-1]
    if analysed.trial_limits or isnan(phase.lower_process_limit):
        return f"{words}. {met_of(line)}".strip()
    if analysed.assurance == FAIL:
        return f"{words} {_short_side(line)} {what}: without a change it will keep failing."
    if analysed.assurance == PASS:
        return f"{words}: unless something changes it will keep reaching {what}."
    if analysed.assurance == HIT_OR_MISS:
        return f"{met_of(line)} Whether it reaches {what} next {controlled.subject.noun} is chance.".strip()
    return f"{words}: no sign of change."


def _level_name(line: Line) -> str:
    return "the standard" if line.standard is not None else comparator_name(line.average)


def _short_side(line: Line) -> str:
    return "below" if line.indicator.improvement_direction.value == "increase" else "above"


def met_of(line: Line) -> str:
    """`Met in 14 of the last 24 months.`; "" without two figures that had a standard."""
    judged = line.judged
    if len(judged) < 2 or line.standard is None:
        return ""
    whole = len(judged) == SPARK_PERIODS
    span = f"the {'last ' if whole else ''}{len(judged)} {periods_word(line.indicator)}"
    span = span if whole else f"{span} with a figure and a standard"
    if all(judged) or not any(judged):
        return f"{'Met' if all(judged) else 'Missed'} in all of {span}."
    return f"Met in {sum(judged)} of {span}."


def always_missed(line: Line) -> bool:
    """Whether the standard was missed in every one of at least 12 figures of the last two years."""
    judged = line.judged
    return len(judged) >= SPARK_PERIODS // 2 and not any(judged)


def missing(line: Line) -> str:
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


def holders_sentence(line: Line, most: int = 2) -> str:
    """Who holds most of the shortfall. Parts on another basis than the area's are named as that, never as shares.

    At most `most` are named with their count; those that meet it are only named where more than one may be.
    """
    if line.reading is None or (line.distance or 0.0) <= 0 or len(line.shown_parts) < 2:
        return ""
    known = line.holders
    short = [item for item in known if item.short > 0]
    if not short:
        return ""
    if line.reading.basis in _SAME_PATIENTS and len(short) == len(known) == len(line.parts.codes):
        return _share(line, short)
    counted = ", ".join(f"{item.name} is {_size(line, item.short)} short" for item in short[:most])
    met = [item.name for item in known if item.net <= 0]
    tail = (
        f"; {listing(met)} {'meets' if len(met) == 1 else 'meet'} it"
        if 0 < len(met) <= 2 and most > 1
        else ""
    )
    return f"{_by_words(line)}{counted}{tail}."


def _by_words(line: Line) -> str:
    """Whose count the parts' is, where it is not the area's."""
    same = line.reading is not None and all(item.basis is line.reading.basis for item in line.shown_parts)
    return "" if same else f"By {line.parts.one}: "


def _share(line: Line, short: Sequence[Holder]) -> str:
    """The parts that together hold at least half, where all are short, so that the parts' counts are the area's."""
    total, shown, held = sum(item.short for item in short), [], 0.0
    for item in short:
        shown.append(item)
        held += item.short
        if held * 2 >= total or len(shown) == 3:
            break
    names = listing([f"{item.name} ({_size(line, item.short)})" for item in shown])
    verb = "holds" if len(shown) == 1 else "hold"
    amount = "half" if held * 2 >= total else f"{_size(line, held)}"
    return capitalised(f"{names} {verb} {amount} of the {_size(line, total)}.")


def _size(line: Line, count: float) -> str:
    return count_text(count) if line.standard is not None else distance_text(count)
