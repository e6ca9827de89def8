"""The sentences of the overview: what the process does, what can be expected of it, and who holds the shortfall.

They are read from the same annotated series as the icons, so that they never say anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from db.domain import Basis
from stp_dash.analysis import signals
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.wording import (
    NO_FIGURE,
    capitalised,
    count_text,
    distance_text,
    listing,
    number_word,
    period_word,
    periods_word,
)
from stp_dash.pages.overview.figures import SPARK_PERIODS, Holder, IndicatorFigures
from stp_dash.statistics.counts import fewest_holding_half
from stp_dash.statistics.profiles import FAIL, HIT_OR_MISS, PASS
from stp_dash.statistics.standards import met_of_judged

_SAME_PATIENTS = frozenset({Basis.TEAM, Basis.PRACTICE})
"""On these bases the parts make up the area: their shortfalls are shares of the area's."""


def row_sentence(line: IndicatorFigures, controlled: Controlled) -> str:
    """One line's sentence: the change and its reason, or what can be expected; then who holds the shortfall."""
    if line.value is None:
        return missing(line)
    parts = (change(line, controlled), holders_sentence(line, most=1))
    return " ".join(part for part in parts if part)


def change(line: IndicatorFigures, controlled: Controlled) -> str:
    """Whether it is changing, why, and what to expect where it is not."""
    if not is_current(line, controlled) or controlled.analysed.variation is None:
        told = met_sentence(line)
        return f"Too few figures to say whether it is changing. {told}".strip()
    words, why = signals.variation_in_short(controlled), signals.because(controlled)
    if why:
        return f"{words}: {why}."
    return _outlook(line, controlled, words)


def is_current(line: IndicatorFigures, controlled: Controlled | None) -> bool:
    """Whether the annotated series ends with the figure that the line shows."""
    latest = controlled.latest if controlled is not None else None
    return latest is not None and line.value is not None and latest.period == line.period


def _outlook(line: IndicatorFigures, controlled: Controlled, words: str) -> str:
    analysed, what = controlled.analysed, _level_name(line)
    phase = analysed.phases[-1]
    if analysed.trial_limits or isnan(phase.lower_process_limit):
        return f"{words}. {met_sentence(line)}".strip()
    if analysed.assurance == FAIL:
        return f"{words} {_short_side(line)} {what}: without a change it will keep failing."
    if analysed.assurance == PASS:
        return f"{words}: unless something changes it will keep reaching {what}."
    if analysed.assurance == HIT_OR_MISS:
        return f"{met_sentence(line)} Whether it reaches {what} next {period_word(line.indicator)} is chance.".strip()
    return f"{words}: no sign of change."


def _level_name(line: IndicatorFigures) -> str:
    return "the standard" if line.standard is not None else comparator_name(line.average)


def _short_side(line: IndicatorFigures) -> str:
    return "below" if line.indicator.improvement_direction.value == "increase" else "above"


def met_sentence(line: IndicatorFigures) -> str:
    """`Met in 14 of the last 24 months.`; "" without two figures that had a standard."""
    met, judged = met_of_judged(line.judged)
    if judged < 2 or line.standard is None:
        return ""
    whole = judged == SPARK_PERIODS
    span = f"the {'last ' if whole else ''}{judged} {periods_word(line.indicator)}"
    span = span if whole else f"{span} with a figure and a standard"
    if met in {0, judged}:
        return f"{'Met' if met else 'Missed'} in all of {span}."
    return f"Met in {met} of {span}."


def always_missed(line: IndicatorFigures) -> bool:
    """Whether the standard was missed in every one of at least 12 figures of the last two years."""
    met, judged = met_of_judged(line.judged)
    return judged >= SPARK_PERIODS // 2 and not met


def missing(line: IndicatorFigures) -> str:
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


def holders_sentence(line: IndicatorFigures, most: int = 2) -> str:
    """Who holds most of the shortfall. Parts on another basis than the area's are named as that, never as shares.

    At most `most` are named with their count, and how many more are short; one that meets it is named where more than
    one may be. All others are counted: more that are short, that meet it, that have no figure.
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
    further = len(short) - most
    if further > 0:
        counted += f", {number_word(further)} more {'is' if further == 1 else 'are'} short"
    met = [item.name for item in known if item.net <= 0]
    if met:
        who = met[0] if len(met) == 1 and most > 1 else number_word(len(met))
        counted += f"; {who} {'meets' if len(met) == 1 else 'meet'} it"
    gone = len(line.parts.codes) - len(line.shown_parts)
    if gone and line.parts.all_named:
        counted += f"; {number_word(gone)} {'has' if gone == 1 else 'have'} no figure"
    return f"{_by_words(line)}{counted}."


def _by_words(line: IndicatorFigures) -> str:
    """Whose count the parts' is, where it is not the area's."""
    same = line.reading is not None and all(item.basis is line.reading.basis for item in line.shown_parts)
    return "" if same else f"By {line.parts.one}: "


def _share(line: IndicatorFigures, short: Sequence[Holder]) -> str:
    """The parts that together hold at least half, where all are short, so that the parts' counts are the area's."""
    half = fewest_holding_half([item.short for item in short])
    shown = short[: min(half, 3)]
    total, held = (sum(item.short for item in items) for items in (short, shown))
    names = listing([f"{item.name} ({_size(line, item.short)})" for item in shown])
    verb = "holds" if len(shown) == 1 else "hold"
    amount = "half" if len(shown) == half else f"{_size(line, held)}"
    return capitalised(f"{names} {verb} {amount} of the {_size(line, total)}.")


def _size(line: IndicatorFigures, count: float) -> str:
    return count_text(count) if line.standard is not None else distance_text(count)
