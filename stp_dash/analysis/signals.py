"""What a series' signals are, in words: the two icons, the types of points, the rules, and what limits rest on.

Facts in, text out: a `Controlled` series, its `Signal`s and `Phase`s. Every page, chart tooltip, table and download
says them with these words. Common cause is called so: they say no more than the statistics do.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from db.domain import ImprovementDirection
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.wording import (
    PER_CENT,
    capitalised,
    dates,
    full_text,
    listing,
    number_word,
    ordinal_word,
    period_word,
    periods_word,
    value_text,
    within,
)
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    COMMON_CAUSE,
    CONCERN,
    FAIL,
    FIRM_FROM,
    HIGH,
    HIT_OR_MISS,
    IMPROVEMENT,
    LOW,
    NEITHER,
    PASS,
    SHIFT,
    TREND,
    TWO_IN_THREE,
)
from stp_dash.statistics.rebasing import RebaseProposal
from stp_dash.statistics.results import Phase
from stp_dash.statistics.special_causes import Signal

POINT_WORDS = {
    COMMON_CAUSE: "Common cause",
    IMPROVEMENT: "Improving",
    CONCERN: "Getting worse",
    NEITHER: "Changed",
}
"""The types of points."""
ASSURANCE_WORDS = {PASS: "Passes", HIT_OR_MISS: "Hit or miss", FAIL: "Fails"}
"""The assurance icons."""
NO_STANDARD, NOT_SAID = "No standard", "Cannot be said yet"
"""Where there is no assurance icon: without a standard, or with too few values."""
RULE_NAMES = {
    ASTRONOMICAL: "single point",
    TREND: "trend",
    TWO_IN_THREE: "two in three",
    SHIFT: "shift",
}
FIRM_COMMON_CAUSE, TRIAL_COMMON_CAUSE = "Steady", "Common cause so far"
"""Common cause under firm limits, and under trial limits."""
TOO_FEW, NO_FIGURES, NO_LIMITS = "Too few values to say", "No figures", "No limits: levels"
NO_LIMITS_DRAWN = "No limits can be drawn"
"""Of values enough that are all alike, or none of which has a neighbour."""
_LASTING_FIRST = (SHIFT, TREND, TWO_IN_THREE, ASTRONOMICAL)
"""Which of several signals is said, the most lasting first."""


def variation_words(series: Controlled) -> str:
    """The words beside the variation icon: `Steady: common cause`, `Getting worse`, `Unusually poor`."""
    short = variation_in_short(series)
    return f"{short}: common cause" if short == FIRM_COMMON_CAUSE else short


def variation_in_short(series: Controlled) -> str:
    """The words beside the variation icon where room is short: `Steady`."""
    analysed = series.analysed
    if analysed.latest is None:
        return NO_FIGURES
    if not series.charted:
        return NO_LIMITS
    if analysed.variation is None:
        return TOO_FEW if analysed.trial_limits else NO_LIMITS_DRAWN
    if analysed.variation == COMMON_CAUSE:
        return TRIAL_COMMON_CAUSE if analysed.trial_limits else FIRM_COMMON_CAUSE
    kind, side = analysed.variation.rsplit("_", 1)
    if is_single_point(series):
        return {IMPROVEMENT: "Unusually good", CONCERN: "Unusually poor"}.get(kind, f"Unusually {side}")
    return f"{POINT_WORDS[kind]}, {side}er" if kind == NEITHER else POINT_WORDS[kind]


def variation_clause(series: Controlled) -> str:
    """What the process does, after its name in a title: `is steady`, `was unusually poor in August 2026`."""
    analysed, words = series.analysed, variation_in_short(series)
    if analysed.variation == COMMON_CAUSE:
        return "shows no sign of change so far" if analysed.trial_limits else f"is {words.lower()}"
    if is_single_point(series):
        return f"was {words.lower()} {within(series.periods[analysed.latest or 0])}"
    return f"{'has' if words.startswith(POINT_WORDS[NEITHER]) else 'is'} {words.lower()}"


def assurance_words(series: Controlled) -> str:
    """The words beside the assurance icon."""
    if series.analysed.target is None:
        return NO_STANDARD
    return ASSURANCE_WORDS.get(series.analysed.assurance or "", NOT_SAID)


def is_single_point(series: Controlled) -> bool:
    """Whether the latest value breaks one rule only, that of a single point: one unusual period is no change."""
    latest = series.analysed.latest
    return latest is not None and series.analysed.rules[latest] == (ASTRONOMICAL,)


def latest_signals(series: Controlled) -> tuple[Signal, ...]:
    """The signals of the latest point that point the way its icon says, the most lasting first."""
    analysed = series.analysed
    if analysed.variation in {None, COMMON_CAUSE} or analysed.latest is None:
        return ()
    side = (analysed.variation or "").rsplit("_", 1)[-1]
    return _ordered([item for item in analysed.signals_at(analysed.latest) if item.direction == side])


def because(series: Controlled) -> str:
    """Why the latest point is marked: `eight months in a row below the mean`; "" for common cause."""
    found = latest_signals(series)
    return _clause(series, found[0]) if found else ""


def run_so_far(series: Controlled) -> str:
    """The latest point's place in the shift that it belongs to: `eighth month below its mean`; "" without one."""
    shift = next((item for item in latest_signals(series) if item.rule == SHIFT), None)
    if shift is None:
        return ""
    return f"{ordinal_word(shift.length)} {period_word(series.given.indicator)} {_side(shift)} its mean"


def variation_note(series: Controlled) -> str:
    """The small words under the variation: which rule, since when."""
    analysed = series.analysed
    if analysed.latest is None or not analysed.phases or not series.charted:
        return ""
    if analysed.variation is None:
        return _values(series)
    if analysed.variation == COMMON_CAUSE:
        return "no rule is broken"
    signal = latest_signals(series)[0]
    if signal.rule == ASTRONOMICAL:
        return "single point beyond the limits"
    return f"{RULE_NAMES[signal.rule]} since {series.periods[signal.first].label}"


def change_sentence(series: Controlled) -> str:
    """Whether the series is changing, and by which signal; "" without a figure."""
    analysed = series.analysed
    if not series.charted:
        return "Levels are an order, not a measure, so no limits are drawn."
    if analysed.latest is None or not analysed.phases:
        return ""
    if analysed.variation is None:
        return _too_few(series)
    if analysed.variation == COMMON_CAUSE:
        return _common_cause(series)
    return _signal_sentence(series, latest_signals(series)[0])


def _too_few(series: Controlled) -> str:
    phase, indicator = series.analysed.phases[-1], series.given.indicator
    if phase.values >= FIRM_FROM:
        noun = periods_word(indicator)
        return f"No limits can be drawn from {_values(series)}: no two {noun} next to each other differ."
    one = phase.values == 1
    noun = period_word(indicator) if one else periods_word(indicator)
    since = f" since {series.periods[phase.first].label}" if phase.first else ""
    return (
        f"{capitalised(number_word(phase.values))} {noun}{since} {'is' if one else 'are'} too few to say whether it "
        f"is changing: {FIRM_FROM} are needed."
    )


def _common_cause(series: Controlled) -> str:
    phase, indicator = series.analysed.phases[-1], series.given.indicator
    if isnan(phase.lower_process_limit):
        return "No limits can be drawn: no two neighbouring periods have figures."
    low, high = (value_text(indicator, limit) for limit in series.possible_limits(phase))
    start = "No sign of change so far" if phase.trial else "No sign of change"
    return f"{start}: {periods_word(indicator)} vary between {low} and {high} without a special cause."


def _signal_sentence(series: Controlled, signal: Signal) -> str:
    indicator, analysed = series.given.indicator, series.analysed
    phase, noun = analysed.phases[-1], periods_word(indicator)
    if signal.rule == SHIFT:
        mean = value_text(indicator, phase.mean)
        return f"It has been {_side(signal)} its mean of {mean} for {number_word(signal.length)} {noun}."
    if signal.rule == TREND:
        moved = "risen" if signal.direction == HIGH else "fallen"
        return f"It has {moved} over {number_word(signal.length)} {noun}, {_each(signal)}."
    if signal.rule == TWO_IN_THREE:
        return f"At least two of the last three {noun} lie near or beyond the {_limit(signal)} limit."
    value, edge = _value_and_limit(series, signal.last, signal)
    label = series.periods[signal.last].label
    return f"{label}, {value}, lies {_side(signal)} the {_limit(signal)} limit of {edge}."


def reason(series: Controlled, place: int) -> str:
    """Why a point is marked, with the dates of runs; "" for common cause. Rules that disagree are both given."""
    found = series.analysed.signals_at(place)
    return "; ".join(dict.fromkeys(f"{_clause(series, item)}{_run_dates(series, item)}" for item in found))


def short_reason(series: Controlled, place: int) -> str:
    """Why a point is marked, for a table cell; "" for common cause.

    The most lasting rule in words, others by name: `Shift: one of eight below the mean; also two in three`.
    """
    found = _ordered(series.analysed.signals_at(place))
    if not found:
        return ""
    others = list(dict.fromkeys(RULE_NAMES[item.rule] for item in found if item.rule != found[0].rule))
    also = f"; also {listing(others)}" if others else ""
    return f"{capitalised(_cell(found[0]))}{also}"


def signal_type(series: Controlled, signal: Signal) -> str:
    """The type of the points that a signal marks, by its direction alone: improvement, concern or neither."""
    good = {ImprovementDirection.INCREASE: HIGH, ImprovementDirection.DECREASE: LOW}
    side = good.get(series.given.indicator.improvement_direction)
    return NEITHER if side is None else (IMPROVEMENT if signal.direction == side else CONCERN)


def spell(series: Controlled, signals: Sequence[Signal]) -> str:
    """Overlapping signals of one direction in a sentence: the type, then each rule with its name.

    `Getting worse: eight months in a row below the mean (shift).` Dates only where a rule's are not the whole spell's.
    """
    ordered = sorted(signals, key=lambda item: (_LASTING_FIRST.index(item.rule), item.first))
    whole = min(item.first for item in signals), max(item.last for item in signals)
    rules = [
        [item for item in ordered if item.rule == rule] for rule in dict.fromkeys(i.rule for i in ordered)
    ]
    words = [f"{_of_rule(series, found, whole)} ({RULE_NAMES[found[0].rule]})" for found in rules]
    return f"{POINT_WORDS[signal_type(series, signals[0])]}: {'; '.join(words)}."


def _of_rule(series: Controlled, signals: Sequence[Signal], whole: tuple[int, int]) -> str:
    """What one rule found in a spell; of several single points where they lie, and which they are or how many."""
    first = signals[0]
    if first.rule != ASTRONOMICAL:
        dated = [("" if (i.first, i.last) == whole else _dates(series, i), i) for i in signals]
        return listing([f"{_clause(series, item)}{words}" for words, item in dated])
    if len(signals) == 1:
        value, edge = _value_and_limit(series, first.first, first)
        when = "" if whole[0] == whole[1] else f" {within(series.periods[first.first])}"
        return f"{value}{when} is {_side(first)} the {_limit(first)} limit of {edge}"
    labels = [series.periods[item.first].short_label for item in signals]
    which = listing(labels) if len(labels) < 5 else f"{number_word(len(labels))} of them"
    return f"{_clause(series, first)} in {which}"


def _clause(series: Controlled, signal: Signal) -> str:
    """A signal without its dates: the one phrasing of each rule."""
    noun = periods_word(series.given.indicator)
    if signal.rule == SHIFT:
        return f"{number_word(signal.length)} {noun} in a row {_side(signal)} the mean"
    if signal.rule == TREND:
        return f"{number_word(signal.length)} {noun} in a row, {_each(signal)}"
    if signal.rule == ASTRONOMICAL:
        return f"{_side(signal)} the {_limit(signal)} limit"
    near = "near or beyond" if series.analysed.profile.near_includes_beyond else "near"
    return f"at least two of three {noun} in a row {near} the {_limit(signal)} limit"


def _cell(signal: Signal) -> str:
    if signal.rule == ASTRONOMICAL:
        return f"single point {_side(signal)} the {_limit(signal)} limit"
    if signal.rule == SHIFT:
        return f"shift: one of {number_word(signal.length)} {_side(signal)} the mean"
    if signal.rule == TREND:
        way = "rising" if signal.direction == HIGH else "falling"
        return f"trend: one of {number_word(signal.length)} {way}"
    return f"two in three near the {_limit(signal)} limit"


def _ordered(signals: Sequence[Signal]) -> tuple[Signal, ...]:
    return tuple(sorted(signals, key=lambda item: _LASTING_FIRST.index(item.rule)))


def _side(signal: Signal) -> str:
    return "above" if signal.direction == HIGH else "below"


def _limit(signal: Signal) -> str:
    return "upper" if signal.direction == HIGH else "lower"


def _each(signal: Signal) -> str:
    return f"each {'higher' if signal.direction == HIGH else 'lower'} than the one before"


def _run_dates(series: Controlled, signal: Signal) -> str:
    return _dates(series, signal) if signal.rule in {SHIFT, TREND} else ""


def _dates(series: Controlled, signal: Signal) -> str:
    return f", {dates(series.periods[signal.first], series.periods[signal.last])}"


def _value_and_limit(series: Controlled, place: int, signal: Signal) -> tuple[str, str]:
    """A value and the limit that it is beyond, with more decimals where they would read alike."""
    analysed, indicator = series.analysed, series.given.indicator
    limits = analysed.upper_process_limit if signal.direction == HIGH else analysed.lower_process_limit
    value, edge = float(analysed.values[place]), float(limits[place])
    shown = value_text(indicator, value), value_text(indicator, edge)
    suffix = PER_CENT if indicator.unit == PER_CENT else ""
    for places in (2, 3, 4):
        if shown[0] != shown[1]:
            break
        shown = f"{value:,.{places}f}{suffix}", f"{edge:,.{places}f}{suffix}"
    return shown


def rules_line(series: Controlled) -> str:
    """The line under every chart: the rules in use, and trial limits if that is what they are."""
    profile = series.analysed.profile
    line = f"{profile.title}: {profile.description}."
    return f"{line} Trial limits: fewer than {FIRM_FROM} values." if series.analysed.trial_limits else line


def limits_basis(series: Controlled) -> str:
    """What the limits of the last phase rest on: `limits from 24 values since October 2023`."""
    phase, values = series.analysed.phases[-1], _values(series)
    if isnan(phase.lower_process_limit):
        return f"no limits can be drawn from {values}"
    return f"trial limits from {values}, to be read with care" if phase.trial else f"limits from {values}"


def limits_text(series: Controlled, phase: Phase) -> str:
    """`69.8% to 77.8%`, "" where no limits can be had."""
    if isnan(phase.lower_process_limit):
        return ""
    low, high = (value_text(series.given.indicator, limit) for limit in series.possible_limits(phase))
    return f"{low} to {high}"


def _values(series: Controlled) -> str:
    phase = series.analysed.phases[-1]
    since = f" since {series.periods[phase.first].label}" if phase.first else ""
    return f"{phase.values} value{'' if phase.values == 1 else 's'}{since}"


def proposal_text(series: Controlled, found: RebaseProposal) -> str:
    """What a proposal to restart limits says to the person who may accept it."""
    indicator, since = series.given.indicator, series.periods[found.first].label
    before, now = (full_text(indicator, mean) for mean in (found.mean_before, found.mean_since))
    side = "above" if found.direction == HIGH else "below"
    return (
        f"{found.length} {periods_word(indicator)} in a row since {since} lie {side} the mean "
        f"({before} before, {now} since). If the cause is known and is here to stay, limits could start again at "
        f"{since}. Nothing is redrawn until someone decides so and gives a reason."
    )
