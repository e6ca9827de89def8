"""The trend page's sentences. They say no more than the statistics do: steady is called steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from db.domain import ALL, ImprovementDirection, Indicator, Maturity, Period, breakdown_members
from stp_dash.analysis.comparator import comparator_name
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.verdict import SHORT, Verdict, verdict
from stp_dash.analysis.wording import (
    LEVEL,
    capitalised,
    full_text,
    is_rate,
    level_text,
    listing,
    number_word,
    periods_word,
    value_text,
    within,
)
from stp_dash.pages.trend.figures import TrendInput
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
from stp_dash.statistics.spc import Phase, Signal

KIND_WORDS = {
    COMMON_CAUSE: "Common cause",
    IMPROVEMENT: "Improving",
    CONCERN: "Getting worse",
    NEITHER: "Changed",
}
_RULE_NAMES = {
    ASTRONOMICAL: "single point",
    TREND: "trend",
    TWO_IN_THREE: "two in three",
    SHIFT: "shift",
}
_TELLING = (SHIFT, TREND, TWO_IN_THREE, ASTRONOMICAL)
"""Which of several signals a sentence tells, the most lasting first."""


@dataclass(frozen=True)
class SignalLine:
    """One special cause in the list: its mark (`kind`, `above` the mean, `hollow`), its dates and why."""

    kind: str
    above: bool
    hollow: bool
    when: str
    text: str


def verdict_of(given: TrendInput) -> Verdict:
    """The latest figure against its standard or average."""
    latest = given.latest
    if given.breakdown != ALL or latest is None:
        return Verdict("none", "No standard", "for a breakdown")
    return verdict(given.indicator, latest, given.comparator_at(latest.period))


def subject_of(given: TrendInput) -> str:
    """What is shown: the indicator, and the member of a breakdown."""
    members = ", ".join(breakdown_members(given.breakdown).values())
    return f"{given.indicator.short_name}, {members}" if members else given.indicator.short_name


def title(given: TrendInput) -> str:
    """The finding: what the process does and what that means for its standard, both from the statistic."""
    latest, control = given.latest, given.control
    if latest is None:
        return subject_of(given)
    start = subject_of(given) if given.is_area else f"{given.name}: {subject_of(given)}"
    if control.analysed.variation is None:
        shown = full_text(given.indicator, latest.value, given.standard(latest.period))
        return f"{start}, {shown} {within(latest.period)}{_level_words(given)}"
    change = _change_words(control)
    joined = f"{start}: {change.removeprefix('is ')}" if _plural(given.indicator) else f"{start} {change}"
    return joined + _outlook_words(given)


def _plural(indicator: Indicator) -> bool:
    """Names of staff and patients, and names with a colon, do not take "is"."""
    name = indicator.short_name.lower()
    return is_rate(indicator) or "patients" in name or ":" in name


def _change_words(control: Controlled) -> str:
    analysed = control.analysed
    latest = analysed.latest or 0
    kind, _, side = (analysed.variation or "").rpartition("_")
    if analysed.variation == COMMON_CAUSE:
        return "shows no sign of change so far" if analysed.trial_limits else "is steady"
    if analysed.rules[latest] == (ASTRONOMICAL,):
        poor = {IMPROVEMENT: "unusually good", CONCERN: "unusually poor"}.get(kind, f"unusually {side}")
        return f"was {poor} {within(control.periods[latest])}"
    return {IMPROVEMENT: "is improving", CONCERN: "is getting worse"}.get(kind, f"has changed, {side}er")


def _outlook_words(given: TrendInput) -> str:
    """What follows for the standard; of a changing process only what its latest figure and its limits show.

    A process that gets worse below its standard will not meet it; one that gets better might.
    """
    analysed, latest = given.control.analysed, given.latest
    standard = given.standard(latest.period) if latest else None
    if standard is None or latest is None:
        return _level_words(given)
    level = level_text(given.indicator, standard)
    lone = analysed.rules[analysed.latest or 0] == (ASTRONOMICAL,)
    if analysed.variation == COMMON_CAUSE and not analysed.trial_limits:
        return {
            FAIL: f" and will not meet {level} unless it changes",
            PASS: f" and will keep meeting {level} unless it changes",
            HIT_OR_MISS: f"; whether it meets {level} is chance",
        }.get(analysed.assurance or "", _level_words(given))
    if _worsening(analysed.variation) and analysed.assurance == FAIL and not lone:
        return f" and will not meet {level}"
    return _level_words(given)


def _worsening(variation: str | None) -> bool:
    return (variation or "").startswith(CONCERN)


def _level_words(given: TrendInput) -> str:
    """The latest figure beside its standard or its average: `, 839 patients short of the 80% standard`."""
    told, latest = verdict_of(given), given.latest
    if latest is None or told.headline == "No standard":
        return ""
    if told.against:
        words = told.note or f"{told.headline} {told.detail}"
        return f", {words[:1].lower()}{words[1:]}"
    standard = given.standard(latest.period)
    if standard is None:
        return f", {told.headline[:1].lower()}{told.headline[1:]} {told.detail}".rstrip()
    if told.tone == SHORT:
        return f", {told.headline} short of {level_text(given.indicator, standard)}"
    met = told.headline == "Met"
    return f", {level_text(given.indicator, standard)} met {told.detail}" if met else ""


def finding(given: TrendInput, met: tuple[int, int]) -> str:
    """The chart's sentences: what changed, what its limits mean for the standard, how often it was met.

    met: how many of the periods drawn met their standard, and how many could be judged.
    """
    parts = [_change_sentence(given.drawn), _outlook_sentence(given), _met_sentence(given.indicator, *met)]
    return " ".join(part for part in parts if part)


def _change_sentence(control: Controlled) -> str:
    analysed, indicator = control.analysed, control.given.indicator
    if indicator.unit == LEVEL:
        return "Levels are an order, not a measure, so no limits are drawn."
    if analysed.latest is None or not analysed.phases:
        return ""
    if analysed.variation is None:
        return _too_few(control)
    if analysed.variation == COMMON_CAUSE:
        return _steady_sentence(control)
    found = sorted(analysed.signals_at(analysed.latest), key=lambda item: _TELLING.index(item.rule))
    return _signal_sentence(control, found[0])


def _too_few(control: Controlled) -> str:
    phase = control.analysed.phases[-1]
    words = periods_word(control.given.indicator)
    counted = words.removesuffix("s") if phase.values == 1 else words
    since = f" since {control.periods[phase.first].label}" if phase.first else ""
    return (
        f"{_count(phase.values)} {counted}{since} {'is' if phase.values == 1 else 'are'} too few to say whether it "
        f"is changing: {FIRM_FROM} are needed."
    )


def _count(number: int) -> str:
    words = number_word(number)
    return words[:1].upper() + words[1:]


def _steady_sentence(control: Controlled) -> str:
    phase = control.analysed.phases[-1]
    indicator = control.given.indicator
    if isnan(phase.lower_process_limit):
        return "No limits can be drawn: no two neighbouring periods have figures."
    low, high = (value_text(indicator, limit) for limit in clipped(indicator, phase))
    start = "No sign of change so far" if phase.trial else "No sign of change"
    return f"{start}: {periods_word(indicator)} vary between {low} and {high} without a special cause."


def _signal_sentence(control: Controlled, signal: Signal) -> str:
    indicator, analysed = control.given.indicator, control.analysed
    side = "above" if signal.direction == HIGH else "below"
    phase = analysed.phases[-1]
    if signal.rule == SHIFT:
        mean = value_text(indicator, phase.mean)
        return f"It has been {side} its mean of {mean} for {_spell(control, signal)}."
    if signal.rule == TREND:
        moved, than = ("risen", "higher") if signal.direction == HIGH else ("fallen", "lower")
        return f"It has {moved} over {_spell(control, signal)}, each {than} than the one before."
    limit = "upper" if signal.direction == HIGH else "lower"
    if signal.rule == TWO_IN_THREE:
        return (
            f"At least two of the last three {periods_word(indicator)} lie near or beyond the {limit} limit."
        )
    edge = phase.upper_process_limit if signal.direction == HIGH else phase.lower_process_limit
    value, shown = _told_apart(indicator, float(analysed.values[signal.last]), edge)
    return f"{control.periods[signal.last].label}, {value}, lies {side} the {limit} limit of {shown}."


def _told_apart(indicator: Indicator, value: float, edge: float) -> tuple[str, str]:
    """A value and a limit that it is beyond, with more decimals where they would read alike."""
    shown = value_text(indicator, value), value_text(indicator, edge)
    suffix = "%" if indicator.unit == "%" else ""
    for places in (2, 3, 4):
        if shown[0] != shown[1]:
            break
        shown = f"{value:,.{places}f}{suffix}", f"{edge:,.{places}f}{suffix}"
    return shown


def _spell(control: Controlled, signal: Signal) -> str:
    return f"{number_word(signal.length)} {periods_word(control.given.indicator)}"


def clipped(indicator: Indicator, phase: Phase) -> tuple[float, float]:
    """The limits of a phase within what can occur: rules use the unclipped ones."""
    ceiling = indicator.multiplier if indicator.unit == "%" else float("inf")
    return max(0.0, phase.lower_process_limit), min(ceiling, phase.upper_process_limit)


def _outlook_sentence(given: TrendInput) -> str:
    """What the limits say of the standard, or for a rate of the average that it is measured by."""
    control, indicator = given.drawn, given.indicator
    analysed = control.analysed
    if analysed.target is None or not analysed.phases or given.latest is None:
        return ""
    noun = periods_word(indicator).removesuffix("s")
    high = indicator.improvement_direction is ImprovementDirection.INCREASE
    low_limit, high_limit = clipped(indicator, analysed.phases[-1])
    best, worst = (high_limit, low_limit) if high else (low_limit, high_limit)
    measure = _measure(given)
    if analysed.assurance == FAIL:
        shown = value_text(indicator, best, given.standard(given.latest.period))
        return (
            f"Even the best {noun} within its limits, {shown}, is {'below' if high else 'above'} {measure}."
        )
    if analysed.assurance == PASS and not _worsening(analysed.variation):
        shown = value_text(indicator, worst, given.standard(given.latest.period))
        return (
            f"Even the worst {noun} within its limits, {shown}, is {'above' if high else 'below'} {measure}."
        )
    if analysed.assurance == HIT_OR_MISS and analysed.variation == COMMON_CAUSE:
        return f"Its limits reach to both sides of {measure}: on which side a {noun} falls is chance."
    return ""


def _measure(given: TrendInput) -> str:
    """The standard of 80%, or England's average of 4.48."""
    latest = given.latest
    standard = given.standard(latest.period) if latest else None
    if standard is not None:
        return f"the standard of {level_text(given.indicator, standard)}"
    average = given.comparator_at(latest.period) if latest else None
    return f"the average of {comparator_name(average)}, {value_text(given.indicator, given.drawn.analysed.target)}"


def _met_sentence(indicator: Indicator, met: int, judged: int) -> str:
    """How often the standard was met, of the periods drawn."""
    if not judged:
        return ""
    drawn = f"{judged} {periods_word(indicator)} with a figure and a standard"
    if not met:
        return f"The standard was missed in all {drawn}."
    return f"The standard was met in {'all' if met == judged else f'{met} of the'} {drawn}."


def variation_note(control: Controlled) -> str:
    """The small words under the variation: which rule, since when."""
    analysed = control.analysed
    if analysed.latest is None or not analysed.phases or not control.charted:
        return ""
    if analysed.variation is None:
        first = analysed.phases[-1].first
        since = f" since {control.periods[first].label}" if first else ""
        return f"{analysed.phases[-1].values} values{since}"
    if analysed.variation == COMMON_CAUSE:
        return "no rule is broken"
    found = sorted(analysed.signals_at(analysed.latest), key=lambda item: _TELLING.index(item.rule))
    signal = found[0]
    if signal.rule == ASTRONOMICAL:
        return "single point beyond the limits"
    return f"{_RULE_NAMES[signal.rule]} since {control.periods[signal.first].label}"


def assurance_note(given: TrendInput) -> str:
    """The small words under the assurance: the limit that decides, beside what it is measured by."""
    control, indicator = given.control, given.indicator
    analysed = control.analysed
    if analysed.target is None or given.latest is None:
        return _unmeasured(given)
    standard = given.standard(given.latest.period)
    target = level_text(indicator, standard) if standard else _named_average(given)
    high = indicator.improvement_direction is ImprovementDirection.INCREASE
    low_limit, high_limit = (
        value_text(indicator, v, standard) for v in clipped(indicator, analysed.phases[-1])
    )
    if analysed.assurance is None:
        return f"limits rest on too few values to compare with {target}"
    if analysed.assurance == HIT_OR_MISS:
        return f"{target} lies between {low_limit} and {high_limit}"
    if (analysed.assurance == FAIL) is high:
        return f"upper limit {high_limit} is under {target}"
    return f"lower limit {low_limit} is over {target}"


def _unmeasured(given: TrendInput) -> str:
    if given.breakdown != ALL:
        return "a breakdown has no standard of its own"
    latest = given.latest
    return "an aspiration gives no verdict" if latest and given.wished(latest.period) else ""


def _named_average(given: TrendInput) -> str:
    latest = given.latest
    average = given.comparator_at(latest.period) if latest else None
    return f"{comparator_name(average)}'s {value_text(given.indicator, given.control.analysed.target)}"


def signal_lines(given: TrendInput) -> tuple[SignalLine, ...]:
    """Every special cause of the periods drawn, newest first. Those that overlap and point one way share a line."""
    control, window = given.drawn, given.window
    found = [s for s in control.analysed.signals_found if s.last >= window.start and s.first < window.stop]
    spells: list[list[Signal]] = []
    for signal in sorted(found, key=lambda item: (item.direction, item.first)):
        spell = spells[-1] if spells else []
        joins = (
            spell and spell[0].direction == signal.direction and signal.first <= max(s.last for s in spell)
        )
        if joins:
            spell.append(signal)
        else:
            spells.append([signal])
    spells.sort(key=lambda spell: (-max(s.last for s in spell), spell[0].first))
    return tuple(_signal_line(control, spell) for spell in spells)


def _signal_line(control: Controlled, spell: Sequence[Signal]) -> SignalLine:
    analysed = control.analysed
    first, last = spell[0].first, max(signal.last for signal in spell)
    reading = control.readings[last]
    kind = _kind(control, spell[0])
    ordered = sorted(spell, key=lambda item: (_TELLING.index(item.rule), item.first))
    rules = dict.fromkeys(signal.rule for signal in ordered)
    told = [_because(control, [s for s in ordered if s.rule == rule], (first, last)) for rule in rules]
    return SignalLine(
        kind=kind,
        above=bool(analysed.values[last] >= analysed.mean[last]),
        hollow=reading is not None and reading.maturity is Maturity.PROVISIONAL,
        when=dates(control.periods[first], control.periods[last]),
        text=f"{KIND_WORDS[kind]}: {'; '.join(told)}.",
    )


def _kind(control: Controlled, signal: Signal) -> str:
    good = {ImprovementDirection.INCREASE: HIGH, ImprovementDirection.DECREASE: LOW}
    side = good.get(control.given.indicator.improvement_direction)
    return NEITHER if side is None else (IMPROVEMENT if signal.direction == side else CONCERN)


def _because(control: Controlled, signals: Sequence[Signal], spell: tuple[int, int]) -> str:
    """One rule of a spell: what it found, and when where that is not the whole spell."""
    name = _RULE_NAMES[signals[0].rule]
    if signals[0].rule == ASTRONOMICAL and len(signals) > 1:
        return f"{_beyond(control, signals)} ({name})"
    told = [_rule_words(control, signal, spell) for signal in signals]
    return f"{listing(told)} ({name})"


def _beyond(control: Controlled, signals: Sequence[Signal]) -> str:
    """Several single points: where they lie, and which they are or how many."""
    side, limit = ("above", "upper") if signals[0].direction == HIGH else ("below", "lower")
    labels = [control.periods[signal.first].short_label for signal in signals]
    which = listing(labels) if len(labels) < 5 else f"{number_word(len(labels))} of them"
    return f"{side} the {limit} limit in {which}"


def _rule_words(control: Controlled, signal: Signal, spell: tuple[int, int]) -> str:
    indicator, analysed = control.given.indicator, control.analysed
    side, limit = ("above", "upper") if signal.direction == HIGH else ("below", "lower")
    words = periods_word(indicator)
    first, last = control.periods[signal.first], control.periods[signal.last]
    if signal.rule == ASTRONOMICAL:
        limits = analysed.upper_process_limit if signal.direction == HIGH else analysed.lower_process_limit
        place = signal.first
        shown, edge = _told_apart(indicator, float(analysed.values[place]), float(limits[place]))
        when = "" if place == spell[0] == spell[1] else f" {within(first)}"
        return f"{shown}{when} is {side} the {limit} limit of {edge}"
    when = "" if (signal.first, signal.last) == spell else f", {dates(first, last)}"
    if signal.rule == SHIFT:
        return f"{number_word(signal.length)} {words} in a row {side} the mean{when}"
    if signal.rule == TREND:
        way = "higher" if signal.direction == HIGH else "lower"
        return f"{number_word(signal.length)} {words} in a row, each {way} than the one before{when}"
    near = "near or beyond" if analysed.profile.near_includes_beyond else "near"
    return f"at least two of three {words} in a row {near} the {limit} limit{when}"


def short_reason(control: Controlled, place: int) -> str:
    """Why a point is marked, for a table cell; "" for common cause.

    The most lasting rule in words, others by name: `Shift: one of eight below the mean; also two in three`.
    """
    found = sorted(control.analysed.signals_at(place), key=lambda signal: _TELLING.index(signal.rule))
    if not found:
        return ""
    others = list(dict.fromkeys(_RULE_NAMES[s.rule] for s in found if s.rule != found[0].rule))
    also = f"; also {listing(others)}" if others else ""
    return f"{capitalised(_short(found[0]))}{also}"


def _short(signal: Signal) -> str:
    side, limit = ("above", "upper") if signal.direction == HIGH else ("below", "lower")
    if signal.rule == ASTRONOMICAL:
        return f"single point {side} the {limit} limit"
    if signal.rule == SHIFT:
        return f"shift: one of {number_word(signal.length)} {side} the mean"
    if signal.rule == TREND:
        return f"trend: one of {number_word(signal.length)} {'rising' if signal.direction == HIGH else 'falling'}"
    return f"two in three near the {limit} limit"


def dates(first: Period, last: Period) -> str:
    """From the first day of one period to the last of another, in months: `January to August 2026`."""
    if first == last:
        return first.label
    year = "" if first.start.year == last.end.year else f" {first.start.year}"
    return f"{first.start:%B}{year} to {last.end:%B %Y}"
