"""Plain sentences from annotated results. They say no more than the statistic does: common cause is called so.

House words: short, met by, steady, no standard. Months or quarters are named by the caller's labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import pandas as pd

from stp_dash.statistics.funnel import HIGH_95, HIGH_998, LOW_95, LOW_998, WITHIN
from stp_dash.statistics.profiles import (
    ASTRONOMICAL,
    COMMON_CAUSE,
    CONCERN,
    FAIL,
    FIRM_FROM,
    HIGH,
    HIT_OR_MISS,
    IMPROVEMENT,
    PASS,
    SHIFT,
    TREND,
)
from stp_dash.statistics.spc import AnalysedSeries, RebaseProposal, Signal
from stp_dash.statistics.standards import Verdict


@dataclass(frozen=True)
class Subject:
    """What a chart shows. `labels` has one name per period, such as "August 2026".

    unit: written after a value, "%" or " per 10,000". counted: who or what a shortfall counts. noun: the length
    of a period.
    """

    what: str
    where: str
    labels: Sequence[str]
    unit: str = "%"
    decimals: int = 1
    counted: str = "patients"
    noun: str = "month"

    def value(self, number: float) -> str:
        return f"{number:,.{self.decimals}f}{self.unit}"


def sentence(
    series: AnalysedSeries,
    subject: Subject,
    *,
    verdict: Verdict | None = None,
    comparator: str = "standard",
    provisional: bool = False,
) -> str:
    """The one sentence of a chart: what, where, when, against what, is it changing, can it be trusted.

    verdict: the latest period with a value against its standard, from `standards.distance`.
    comparator: what the standard is called, "interim ambition" or "England average" for instance.
    """
    _check_labels(series, subject)
    if series.latest is None:
        return f"There are no figures for {subject.what}, {subject.where}."
    clauses = (
        _level(series, subject, verdict, comparator),
        _change(series, subject),
        _outlook(series, subject, comparator),
        trust(series, subject, provisional=provisional),
    )
    return "; ".join(clause for clause in clauses if clause) + "."


def _check_labels(series: AnalysedSeries, subject: Subject) -> None:
    if len(subject.labels) != len(series):
        raise ValueError(f"labels must be one per period: {len(subject.labels)} for {len(series)} periods")


def _level(series: AnalysedSeries, subject: Subject, verdict: Verdict | None, comparator: str) -> str:
    place = series.latest or 0
    value, label = subject.value(float(series.values[place])), subject.labels[place]
    start = f"{subject.what}, {subject.where}: {value} in {label}"
    if place < len(series) - 1:
        start += f" (no figure for {subject.labels[-1]})"
    return start + against(verdict, subject, comparator)


def against(verdict: Verdict | None, subject: Subject, comparator: str = "standard") -> str:
    """ " against the standard of 80.0%, 839 patients short", or that there is none."""
    if verdict is None or isnan(verdict.standard):
        return f", no {comparator}"
    level = f" against the {comparator} of {subject.value(verdict.standard)}"
    if verdict.met is None:
        return level
    return f"{level}, {shortfall(verdict, subject)}"


def shortfall(verdict: Verdict, subject: Subject) -> str:
    """ "839 patients short", "met by 9", "met with none to spare", or in points where there are no counts."""
    if verdict.met is None:
        return "not known whether met"
    if verdict.met:
        return f"met by {verdict.spare:,.0f}" if round(verdict.spare) else "met with none to spare"
    counted = subject.counted.removesuffix("s") if round(verdict.short) == 1 else subject.counted
    if round(verdict.short) == 0:
        return f"less than one of the {subject.counted} short"
    return f"{verdict.short:,.0f} {counted} short"


def variation(series: AnalysedSeries) -> str:
    """The words beside the variation icon."""
    if series.variation is None:
        return "Too few values to say" if series.latest is not None else "No figures"
    if series.variation == COMMON_CAUSE:
        return "Common cause so far" if series.trial_limits else "Steady: common cause"
    kind, side = series.variation.split("_")
    verb = {IMPROVEMENT: "Improving", CONCERN: "Getting worse"}.get(kind, f"Changed, {side}er")
    place = series.latest or 0
    if series.rules[place] == (ASTRONOMICAL,):
        return {IMPROVEMENT: "Unusually good", CONCERN: "Unusually poor"}.get(kind, f"Unusually {side}")
    return verb


def assurance(series: AnalysedSeries) -> str:
    """The words beside the assurance icon."""
    if series.target is None:
        return "No standard"
    names = {PASS: "Passes", FAIL: "Fails", HIT_OR_MISS: "Hit or miss"}
    return names.get(series.assurance or "", "Cannot be said yet")


def _change(series: AnalysedSeries, subject: Subject) -> str:
    if series.variation is None:
        return f"fewer than {FIRM_FROM} values, too few to say whether it is changing"
    if series.variation == COMMON_CAUSE:
        if series.trial_limits:
            return "common cause variation only so far"
        return "steady, with common cause variation only and no sign of change"
    place = series.latest or 0
    return f"{variation(series).lower()}: {reason(series, subject, place)}"


def _outlook(series: AnalysedSeries, subject: Subject, comparator: str) -> str:
    """What the assurance says of the process as it runs; it says nothing of a process that is changing."""
    if not _steady(series):
        return ""
    outlook = {
        HIT_OR_MISS: f"whether it meets the {comparator} next {subject.noun} is chance",
        PASS: f"unless it changes it will keep meeting the {comparator}",
        FAIL: f"without a change to the pathway it will keep missing the {comparator}",
    }
    return outlook.get(series.assurance or "", "")


def _steady(series: AnalysedSeries) -> bool:
    """Common cause under firm limits: only then does the assurance say something of the periods to come."""
    no_limits = isnan(series.phases[-1].lower_process_limit)
    return series.variation == COMMON_CAUSE and not series.trial_limits and not no_limits


def trust(series: AnalysedSeries, subject: Subject, *, provisional: bool = False) -> str:
    """What the limits rest on, and whether the latest figure may still be revised."""
    phase = series.phases[-1]
    since = f" since {subject.labels[phase.first]}" if phase.first else ""
    values = f"{phase.values} value{'' if phase.values == 1 else 's'}{since}"
    if isnan(phase.lower_process_limit):
        base = f"no limits can be drawn from {values}"
    elif phase.trial:
        base = f"trial limits from {values}, to be read with care"
    elif series.baseline_points is not None:
        base = f"limits fixed on the first {series.baseline_points} periods{since}"
    else:
        base = f"limits from {values}"
    return f"{base}; the latest figure is provisional" if provisional else base


def profile_line(series: AnalysedSeries) -> str:
    """The line under every chart: the rules in use, and trial limits if that is what they are."""
    line = f"{series.profile.title}: {series.profile.description}."
    return f"{line} Trial limits: fewer than {FIRM_FROM} values." if series.trial_limits else line


def reasons(series: AnalysedSeries, subject: Subject) -> tuple[str, ...]:
    """For each point why it is coloured, "" where it is not."""
    _check_labels(series, subject)
    return tuple(reason(series, subject, place) for place in range(len(series)))


def reason(series: AnalysedSeries, subject: Subject, position: int) -> str:
    """Why one point is coloured, "" if it is not. Rules that disagree are both given."""
    signals = series.signals_at(position)
    return "; ".join(dict.fromkeys(_because(signal, series, subject) for signal in signals))


def _because(signal: Signal, series: AnalysedSeries, subject: Subject) -> str:
    side = "above" if signal.direction == HIGH else "below"
    if signal.rule == ASTRONOMICAL:
        return f"{side} the process limits"
    if signal.rule == TREND:
        way = "rising" if signal.direction == HIGH else "falling"
        return f"{way} for {_span(signal, subject)}"
    if signal.rule == SHIFT:
        return f"{_span(signal, subject)} {side} the mean"
    limit = "upper" if signal.direction == HIGH else "lower"
    place = "near or beyond" if series.profile.near_includes_beyond else "near"
    return f"at least two of three {subject.noun}s in a row {place} the {limit} limit"


def _span(signal: Signal, subject: Subject) -> str:
    first, last = subject.labels[signal.first], subject.labels[signal.last]
    return f"{signal.length} {subject.noun}s in a row ({first} to {last})"


def proposal(found: RebaseProposal, subject: Subject) -> str:
    """What a rebase proposal says to the person who may accept it."""
    side = "above" if found.direction == HIGH else "below"
    return (
        f"{found.length} {subject.noun}s in a row since {subject.labels[found.first]} lie {side} the mean "
        f"({subject.value(found.mean_before)} before, {subject.value(found.mean_since)} since). If the cause is "
        f"known and is here to stay, limits could start again at {subject.labels[found.first]}. "
        "Nothing is redrawn until someone decides so and gives a reason."
    )


def headline(series: AnalysedSeries, subject: Subject, verdict: Verdict | None = None) -> str:
    """The title of a card: the shortfall leads, then what the process does."""
    if series.latest is None:
        return f"{subject.what}: no figures."
    change = _headline_change(series, subject)
    if verdict is None or verdict.met is None:
        return f"{subject.what} {change}."
    if verdict.met:
        return f"{subject.what} {change}; {shortfall(verdict, subject)}."
    opening = shortfall(verdict, subject)
    return f"{opening[0].upper()}{opening[1:]}: {subject.what} {change}."


def _headline_change(series: AnalysedSeries, subject: Subject) -> str:
    if series.variation is None:
        return "has too few values to say whether it is changing"
    if series.variation != COMMON_CAUSE:
        words = variation(series).lower()
        return f"is {words}" if words.startswith(("getting", "improving", "unusually")) else f"has {words}"
    if not _steady(series):
        return "shows common cause variation only so far"
    outlook = {
        FAIL: "is steady and will keep missing its standard without a change to the pathway",
        PASS: "is steady and will keep meeting its standard unless it changes",
        HIT_OR_MISS: f"is steady, and chance decides whether it meets its standard next {subject.noun}",
    }
    return outlook.get(series.assurance or "", "is steady, with no sign of change")


def funnel(
    row: pd.Series, subject: Subject, *, comparator: str = "England", multiplier: float = 100.0
) -> str:
    """One organisation of `funnel.classify` in a sentence, with the numbers behind its class."""
    start = f"{subject.where}, {subject.what}"
    if row["class"] is None:
        return f"{start}: no figure."
    levels = (
        f"{start}: {subject.value(row['value'] * multiplier)} of {row['denominator']:,.0f} {subject.counted} "
        f"against {subject.value(row['average'] * multiplier)} for {comparator}"
    )
    if row["class"] == WITHIN:
        return f"{levels}, a difference that could be chance."
    way = "higher" if row["class"] in (HIGH_95, HIGH_998) else "lower"
    excess = f"{abs(row['excess']):,.0f} {'more' if row['excess'] > 0 else 'fewer'} than at that level"
    if row["class"] in (HIGH_998, LOW_998):
        return f"{levels}, {way} than chance would explain (beyond the 99.8% limit): {excess}."
    odds = (
        "chance alone puts one organisation in twenty as far away"
        if row["class"] in (HIGH_95, LOW_95)
        else ""
    )
    return f"{levels}, {way} (beyond the 95% limit): {excess}; {odds}."
