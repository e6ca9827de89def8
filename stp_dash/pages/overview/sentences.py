"""The sentences of the overview: what the process does, what can be expected of it, and who holds the shortfall.

They are read from the same annotated series as the icons, so that they never say anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from db.domain import Basis
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.claims.change import ChangeKind, change_of
from stp_dash.analysis.claims.claim import Claim, joined_text
from stp_dash.analysis.claims.standard_words import Measure, limits_against, met_of
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.wording import (
    NO_FIGURE,
    beginning,
    capitalised,
    count_text,
    distance_text,
    listing,
    missing_word,
    number_word,
    period_word,
    periods_word,
    within,
)
from stp_dash.pages.overview.figures import SPARK_PERIODS, Holder, IndicatorFigures
from stp_dash.statistics.counts import fewest_holding_half
from stp_dash.statistics.profiles import FAIL, PASS
from stp_dash.statistics.standards import met_of_judged

_EACH = "Missed in each of"
_SAME_PATIENTS = frozenset({Basis.TEAM, Basis.PRACTICE, Basis.RESIDENCE})
"""On these bases the parts make up the area: their shortfalls are shares of the area's."""


def row_sentence(line: IndicatorFigures, controlled: Controlled) -> str:
    """One line's sentence: the change, or how it is to its standard; then who holds the shortfall."""
    if line.value is None:
        return missing(line)
    parts = (change(line, controlled), holders_sentence(line, most=1))
    return " ".join(part for part in parts if part)


def change(line: IndicatorFigures, controlled: Controlled, *, past: bool = True) -> str:
    """Whether it is changing; of a quiet series also how its limits or, with `past`, figures are to the standard."""
    found = change_of(controlled)
    if not is_current(line, controlled) or found.kind is ChangeKind.TOO_FEW:
        few = "Too few figures to say whether it is changing."
        return f"{few} {met_sentence(line)}".strip() if past else few
    if found.signal is not None:
        return change_words.change_claim(controlled).text
    word, note = change_words.change_word(controlled), change_words.change_note(controlled)
    earlier = found.kind is ChangeKind.WITHIN_LIMITS
    opening = (
        f"{word} in the latest {period_word(line.indicator)}; {note}." if earlier else f"{word}: {note}."
    )
    return joined_text((Claim(found.kind.value, opening), _against(line, controlled, past=past)))


def is_current(line: IndicatorFigures, controlled: Controlled | None) -> bool:
    """Whether the annotated series ends with the figure that the line shows."""
    latest = controlled.latest if controlled is not None else None
    return latest is not None and line.value is not None and latest.period == line.period


def _against(line: IndicatorFigures, controlled: Controlled, *, past: bool) -> Claim | None:
    """What the limits are to the standard, where they lie on one side; else, with `past`, how often it was met."""
    if line.standard is not None and controlled.analysed.assurance in {PASS, FAIL}:
        return limits_against(controlled, Measure("the standard", line.standard))
    return _met_claim(line) if past else None


def met_sentence(line: IndicatorFigures) -> str:
    """`The standard was met in 14 of the last 24 months.`; "" where no figure had a standard."""
    return joined_text((_met_claim(line),))


def _met_claim(line: IndicatorFigures) -> Claim | None:
    whole = len(line.judged) == SPARK_PERIODS
    return met_of(line.indicator, line.judged, last=whole) if line.standard is not None else None


def always_missed(line: IndicatorFigures) -> bool:
    """Whether the standard was missed in every one of at least 12 figures of the last two years."""
    met, judged = met_of_judged(line.judged)
    return judged >= SPARK_PERIODS // 2 and not met


def never_met(line: IndicatorFigures) -> bool:
    """Whether `since_sentence` says of every figure that it missed its standard, so that how often need not be said."""
    return line.standard is not None and since_sentence(line).startswith(_EACH)


def since_sentence(line: IndicatorFigures) -> str:
    """Since when it is short: when it last was not, or in how many figures in a row; "" where it is not short.

    Of an average only where the average of each period is at hand.
    """
    standard = line.standard is not None
    known = [(item.period, net) for item in line.series if (net := line.net_on(item)) is not None]
    short = [net > 0 and (standard or distance_text(net) != "0") for _, net in known]
    run = len(list(takewhile(bool, reversed(short))))
    if not run:
        return ""
    if run == len(known):
        if run == 1 or (not standard and run < sum(1 for item in line.series if item.value is not None)):
            return ""
        verb = _EACH if standard else f"Short of {comparator_name(line.average)} in each of"
        return f"{verb} {run} {periods_word(line.indicator)} with a figure since {beginning(known[0][0])}."
    verb = "Last met" if standard else f"Last level with {comparator_name(line.average)} or beyond"
    return f"{verb} {within(known[-run - 1][0])}."


def missing(line: IndicatorFigures) -> str:
    """Why there is no figure, and the nearest that there is."""
    if line.reading is not None:
        return f"{NO_FIGURE}: {line.reading.missing_reason}."
    area = line.given.area.name
    known = [item.period for item in line.series if item.value is not None]
    if line.of_parts_only:
        return f"Published for its parts, and not added up: there is no figure for {area} as a whole."
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
    between = "; " if any("," in item.name for item in short[:most]) else ", "
    word = missing_word(line.indicator)
    counted = between.join(f"{item.name} is {_size(line, item.short)} {word}" for item in short[:most])
    further = len(short) - most
    if further > 0:
        counted += f"{between}{number_word(further)} more {'is' if further == 1 else 'are'} {word}"
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
