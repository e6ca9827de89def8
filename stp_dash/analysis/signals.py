"""What the rules mark, in words: the types of points, the rules, and what limits rest on.

What the latest figure shows is said by `claims`. Every page, chart tooltip, table and download uses these words.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from db.domain import ImprovementDirection
from stp_dash.analysis.claims.change_words import RULE_NAMES, values_since
from stp_dash.analysis.control import LIMITS_FROM, Controlled
from stp_dash.analysis.wording import (
    beginning,
    capitalised,
    dates,
    full_text,
    listing,
    number_word,
    periods_word,
    told_apart,
    within,
)
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    COMMON_CAUSE,
    CONCERN,
    FIRM_FROM,
    HIGH,
    IMPROVEMENT,
    LOW,
    NEITHER,
    SHIFT,
    TREND,
    TWO_IN_THREE,
)
from stp_dash.statistics.rebasing import RebaseProposal
from stp_dash.statistics.special_causes import Signal

POINT_WORDS = {
    COMMON_CAUSE: "Common cause",
    IMPROVEMENT: "Improvement signal",
    CONCERN: "Concern signal",
    NEITHER: "Special cause",
}
"""The types of points: on which side a rule was broken. No direction: one high point improves nothing by itself."""
_LASTING_FIRST = (SHIFT, TREND, TWO_IN_THREE, ASTRONOMICAL)
"""Which of several signals is said, the most lasting first."""


def latest_signals(series: Controlled) -> tuple[Signal, ...]:
    """The signals of the latest point that point the way its icon says, the most lasting first."""
    analysed = series.analysed
    if analysed.variation in {None, COMMON_CAUSE} or analysed.latest is None:
        return ()
    side = (analysed.variation or "").rsplit("_", 1)[-1]
    return _ordered([item for item in analysed.signals_at(analysed.latest) if item.direction == side])


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

    `Concern signal: eight months in a row below the mean (shift).` Dates only where a rule's are not the whole spell's.
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
        value, edge = _value_and_limit(series, first)
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


def _value_and_limit(series: Controlled, signal: Signal) -> tuple[str, str]:
    """A single point and the limit that it is beyond."""
    analysed = series.analysed
    limits = analysed.upper_process_limit if signal.direction == HIGH else analysed.lower_process_limit
    return told_apart(
        series.given.indicator, float(analysed.values[signal.first]), float(limits[signal.first])
    )


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


def rules_line(series: Controlled) -> str:
    """The line under every chart: the rules in use, and trial limits if that is what they are."""
    profile = series.analysed.profile
    line = f"{profile.title}: {profile.description}."
    phases = series.analysed.phases
    trial = bool(phases) and phases[-1].trial and not isnan(phases[-1].lower_process_limit)
    return f"{line} Trial limits: fewer than {FIRM_FROM} values." if trial else line


def rules_lines(series: Sequence[Controlled]) -> str:
    """The line under charts of several series: the rules in use, and which series others were recorded for."""
    usual = _usual(series)
    others: dict[str, list[str]] = {}
    same = len({item.given.indicator.id for item in series}) == 1
    for item in series:
        if item.analysed.profile != usual.analysed.profile:
            name = item.given.where if same else item.given.indicator.short_name
            others.setdefault(item.analysed.profile.title, []).append(name)
    told = [f"{title}, as recorded, for {listing(list(dict.fromkeys(of)))}." for title, of in others.items()]
    return " ".join([rules_line(usual), *told])


def _usual(series: Sequence[Controlled]) -> Controlled:
    """The first series that nobody chose rules for, else the first."""
    return next((item for item in series if not item.given.rules), series[0])


def limits_basis(series: Controlled) -> str:
    """What the limits of the last phase rest on: `limits from 24 values since October 2023`."""
    phase, values = series.analysed.phases[-1], values_since(series)
    if isnan(phase.lower_process_limit):
        if phase.values < LIMITS_FROM:
            return f"no limits are drawn from {values}: {LIMITS_FROM} are needed"
        return f"no limits can be drawn from {values}"
    return f"trial limits from {values}, to be read with care" if phase.trial else f"limits from {values}"


def proposal_text(series: Controlled, found: RebaseProposal) -> str:
    """What a proposal to restart limits says to the person who may accept it."""
    indicator, since = series.given.indicator, beginning(series.periods[found.first])
    before, now = (full_text(indicator, mean) for mean in (found.mean_before, found.mean_since))
    side = "above" if found.direction == HIGH else "below"
    return (
        f"{found.length} {periods_word(indicator)} in a row since {since} lie {side} the mean "
        f"({before} before, {now} since). If the cause is known and is here to stay, limits could start again at "
        f"{since}. Nothing is redrawn until someone decides so and gives a reason."
    )
