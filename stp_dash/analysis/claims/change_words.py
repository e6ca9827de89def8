"""Whether a series is changing, in words: beside an icon, in a title, in small print and in a sentence."""

from __future__ import annotations

from math import isnan

from stp_dash.analysis.claims.change import ChangeKind, LatestChange, change_of
from stp_dash.analysis.claims.claim import Claim, Fact
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.wording import (
    beginning,
    capitalised,
    full_text,
    number_word,
    period_word,
    periods_word,
    told_apart,
    value_text,
    within,
)
from stp_dash.statistics.profiles import ASTRONOMICAL, FIRM_FROM, SHIFT, TREND, TWO_IN_THREE
from stp_dash.statistics.results import Phase

RULE_NAMES = {
    ASTRONOMICAL: "single point",
    TREND: "trend",
    TWO_IN_THREE: "two in three",
    SHIFT: "shift",
}
QUIET_WORDS = {
    ChangeKind.NO_FIGURES: "No figures",
    ChangeKind.LEVELS: "No limits: levels",
    ChangeKind.OVERLAPPING: "No limits: periods overlap",
    ChangeKind.STOCK: "No limits: the same people",
    ChangeKind.UNSUITED: "No limits apply",
    ChangeKind.TOO_FEW: "Too few values to say",
    ChangeKind.NO_LIMITS: "No limits",
    ChangeKind.WITHIN_LIMITS: "Within limits",
}
"""The words beside the icon where no rule marks the latest figure."""
WITHOUT_LIMITS = {
    QUIET_WORDS[ChangeKind.LEVELS]: "levels are an order, not a measure",
    QUIET_WORDS[ChangeKind.OVERLAPPING]: "neighbouring periods overlap",
    QUIET_WORDS[ChangeKind.STOCK]: "neighbouring figures count mostly the same people",
    QUIET_WORDS[ChangeKind.UNSUITED]: "",
}
"""Why no limits are drawn, by the words beside the icon; "" where the indicator says it itself."""
_NEVER_LIMITED = frozenset({ChangeKind.LEVELS, ChangeKind.OVERLAPPING, ChangeKind.STOCK, ChangeKind.UNSUITED})
STEADY, STEADY_SO_FAR = "Steady", "Common cause so far"


def change_word(series: Controlled) -> str:
    """The words beside the variation icon: `Steady`, `Within limits`, `Worse since March 2026`, `Unusually low`."""
    found = change_of(series)
    match found.kind:
        case ChangeKind.TREND:
            return _by_side(found, "Improving", "Getting worse", ("Rising", "Falling"))
        case ChangeKind.TURN:
            compared = _by_side(found, "Better", "Worse", ("Higher", "Lower"))
            return f"{compared} since {beginning(series.periods[found.first])}"
        case ChangeKind.RUN:
            return f"{'Above' if found.high else 'Below'} its mean"
        case ChangeKind.UNUSUAL:
            return f"Unusually {'high' if found.high else 'low'}"
        case ChangeKind.STEADY:
            return STEADY_SO_FAR if series.analysed.trial_limits else STEADY
        case _:
            return QUIET_WORDS[found.kind]


def _by_side(found: LatestChange, better: str, worse: str, neutral: tuple[str, str]) -> str:
    """The word of a direction; where the indicator has no better and worse, of high or low."""
    if found.good is None:
        return neutral[0] if found.high else neutral[1]
    return better if found.good else worse


def change_label(series: Controlled) -> str:
    """What the latest figure shows, after a name and a comma or a colon: `steady`, `unusually low in August 2026`."""
    found, indicator = change_of(series), series.given.indicator
    match found.kind:
        case ChangeKind.TREND:
            count = f"{number_word(found.length)} {periods_word(indicator)}"
            return f"{'up' if found.high else 'down'} over {count}"
        case ChangeKind.TURN:
            since, before = told_apart(indicator, found.since, found.before)
            side = "higher" if found.high else "lower"
            return f"{side} since {beginning(series.periods[found.first])}, {since} against {before} before"
        case ChangeKind.RUN:
            count = f"{number_word(found.length)} {periods_word(indicator)}"
            return f"{'above' if found.high else 'below'} its mean for {count}"
        case ChangeKind.UNUSUAL | ChangeKind.WITHIN_LIMITS:
            return f"{change_word(series).lower()} {within(series.periods[series.analysed.latest or 0])}"
        case ChangeKind.STEADY if series.analysed.trial_limits:
            return "no sign of change so far"
        case _:
            return change_word(series).lower()


_VERBS = {
    ChangeKind.NO_FIGURES: "has",
    ChangeKind.TOO_FEW: "has",
    ChangeKind.NO_LIMITS: "has",
    ChangeKind.WITHIN_LIMITS: "was",
    ChangeKind.UNUSUAL: "was",
    ChangeKind.RUN: "has been",
    ChangeKind.TURN: "has been",
}


def change_phrase(series: Controlled) -> str:
    """The same after a name in the singular: `is steady`, `was unusually low in August 2026`."""
    kind = change_of(series).kind
    if kind is ChangeKind.STEADY and series.analysed.trial_limits:
        return f"shows {change_label(series)}"
    return f"{_VERBS.get(kind, 'is')} {change_label(series)}"


def change_note(series: Controlled) -> str:
    """The small words under the variation: what the word rests on, and since when."""
    found = change_of(series)
    if found.phase is None or found.kind in _NEVER_LIMITED:
        return ""
    if found.kind in {ChangeKind.TOO_FEW, ChangeKind.NO_LIMITS}:
        return values_since(series)
    if found.signal is None:
        since = _since(series, found.phase)
        return (
            f"{_marked_of(series, found)}{since}"
            if found.marked
            else f"no {period_word(series.given.indicator)} marked{since}"
        )
    if found.rule == ASTRONOMICAL:
        return "single point beyond the limits"
    return f"{RULE_NAMES[found.rule]} since {beginning(series.periods[found.first])}"


def change_claim(series: Controlled) -> Claim:
    """Whether the series is changing, in a sentence or two."""
    found = change_of(series)
    return Claim(found.kind.value, _text(series, found), _facts(series, found))


def _text(series: Controlled, found: LatestChange) -> str:
    match found.kind:
        case ChangeKind.NO_FIGURES:
            text = "There is no figure."
        case ChangeKind.LEVELS:
            text = "Levels are an order, not a measure, so no limits are drawn."
        case ChangeKind.OVERLAPPING:
            text = (
                "Neighbouring figures share years, so no limits are drawn and no run is read as a change: compare "
                "periods that have no year in common."
            )
        case ChangeKind.STOCK:
            text = (
                "Neighbouring figures count mostly the same people, so no limits are drawn and no run is read as "
                "a change."
            )
        case ChangeKind.UNSUITED:
            reason = series.given.indicator.without_limits
            text = f"{reason}, so no limits are drawn and no run is read as a change."
        case ChangeKind.TOO_FEW:
            text = _too_few(series)
        case ChangeKind.NO_LIMITS:
            text = f"No limits can be drawn from {values_since(series)}."
        case ChangeKind.STEADY:
            text = _steady(series)
        case ChangeKind.WITHIN_LIMITS:
            text = _within_limits(series, found)
        case ChangeKind.UNUSUAL:
            text = _unusual(series, found)
        case _:
            text = _run(series, found)
    return text


def _run(series: Controlled, found: LatestChange) -> str:
    """A trend with its ends; a shift with the averages before it and since, where there are both."""
    indicator, mean = series.given.indicator, series.analysed.phases[-1].mean
    count = f"{number_word(found.length)} {periods_word(indicator)}"
    if found.kind is ChangeKind.TREND:
        start, end = (
            f"{full_text(indicator, float(series.analysed.values[place]))} {within(series.periods[place])}"
            for place in (found.first, found.last)
        )
        return f"It has {'risen' if found.high else 'fallen'} over {count}, from {start} to {end}."
    side = f"It has been {'above' if found.high else 'below'} its mean of {value_text(indicator, mean)}"
    if found.kind is ChangeKind.RUN:
        return f"{side} for {count}."
    since, before = told_apart(indicator, found.since, found.before)
    earlier = f"the {number_word(found.figures_before)} {periods_word(indicator)} before"
    start = beginning(series.periods[found.first])
    return f"{side} since {start}: {since} on average since then, {before} in {earlier}."


def _unusual(series: Controlled, found: LatestChange) -> str:
    indicator, phase = series.given.indicator, series.analysed.phases[-1]
    limit = "upper" if found.high else "lower"
    if found.rule == TWO_IN_THREE:
        near = "near or beyond" if series.analysed.profile.near_includes_beyond else "near"
        return f"At least two of the last three {periods_word(indicator)} lie {near} the {limit} limit."
    edge = phase.upper_process_limit if found.high else phase.lower_process_limit
    value, shown = told_apart(indicator, float(series.analysed.values[found.last]), edge)
    side = "above" if found.high else "below"
    return f"{series.periods[found.last].label}, {value}, lies {side} the {limit} limit of {shown}."


def _too_few(series: Controlled) -> str:
    indicator, phase = series.given.indicator, series.analysed.phases[-1]
    since = _since(series, phase)
    if not phase.values:
        return f"Limits start again at {series.periods[phase.first].label}, and there is no figure since."
    one = phase.values == 1
    noun = period_word(indicator) if one else periods_word(indicator)
    verb = "is" if one else "are"
    count = capitalised(number_word(phase.values))
    return f"{count} {noun}{since} {verb} too few to say whether it is changing: {FIRM_FROM} are needed."


def _steady(series: Controlled) -> str:
    indicator, phase = series.given.indicator, series.analysed.phases[-1]
    whole = phase.values == phase.last - phase.first + 1
    every = f"all {phase.values} {periods_word(indicator)}{'' if whole else ' with a figure'}"
    opening = f"No sign of change{' so far' if phase.trial else ''}{_since(series, phase)}"
    low, high = (value_text(indicator, limit) for limit in series.possible_limits(phase))
    return (
        f"{opening}: {every} lie between {low} and {high}."
        if low != high
        else f"{opening}: {every} are at {low}."
    )


def _within_limits(series: Controlled, found: LatestChange) -> str:
    """The latest figure, and how many of the others are marked: one by name, of several the first and the last."""
    place, phase = series.analysed.latest or 0, series.analysed.phases[-1]
    value = value_text(series.given.indicator, float(series.analysed.values[place]))
    latest = f"{series.periods[place].label}, {value}, lies within the limits, {limits_text(series, phase)}."
    first, last = found.marked[0].label, found.marked[-1].label
    which = first if len(found.marked) == 1 else f"the first {first}, the last {last}"
    return f"{latest} {capitalised(_marked_of(series, found))}{_since(series, phase)}: {which}."


def _marked_of(series: Controlled, found: LatestChange) -> str:
    """`seven of 17 months are marked`."""
    total = found.phase.values if found.phase is not None else 0
    verb = "is" if len(found.marked) == 1 else "are"
    return f"{number_word(len(found.marked))} of {total} {periods_word(series.given.indicator)} {verb} marked"


def _since(series: Controlled, phase: Phase) -> str:
    return f" since {beginning(series.periods[phase.first])}" if phase.first else ""


def limits_text(series: Controlled, phase: Phase, joined: str = " to ") -> str:
    """`69.8% to 77.8%`, within what can occur; "" where no limits can be had."""
    if isnan(phase.lower_process_limit):
        return ""
    return joined.join(value_text(series.given.indicator, limit) for limit in series.possible_limits(phase))


def values_since(series: Controlled) -> str:
    """What the limits of the last phase rest on: `24 values since October 2023`, `one value`."""
    phase = series.analysed.phases[-1]
    count = "one value" if phase.values == 1 else f"{phase.values} values"
    return f"{count}{_since(series, phase)}"


def _facts(series: Controlled, found: LatestChange) -> tuple[tuple[str, Fact], ...]:
    """Everything that the sentence rests on, unrounded."""
    phase, analysed = found.phase, series.analysed
    if phase is None or analysed.latest is None:
        return ()
    facts: list[tuple[str, Fact]] = [
        ("latest period", series.periods[analysed.latest].label),
        ("latest value", float(analysed.values[analysed.latest])),
        ("limits since", series.periods[phase.first].label),
        ("values since", phase.values),
        ("mean", phase.mean),
        ("lower process limit", phase.lower_process_limit),
        ("upper process limit", phase.upper_process_limit),
        ("periods marked", len(found.marked)),
    ]
    if found.marked:
        facts += [("first marked", found.marked[0].label), ("last marked", found.marked[-1].label)]
    if found.signal is not None:
        facts += [("rule", RULE_NAMES[found.rule]), ("side", found.signal.direction)]
        facts += [("from", series.periods[found.first].label), ("to", series.periods[found.last].label)]
    if found.kind is ChangeKind.TURN:
        facts += [
            ("average since", found.since),
            ("average before", found.before),
            ("values before", found.figures_before),
        ]
    return tuple(facts)
