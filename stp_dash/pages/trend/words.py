"""The trend page's sentences. They say no more than the statistics do: steady is called steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.domain import ALL, ImprovementDirection, Indicator, Maturity, breakdown_members
from stp_dash.analysis import signals
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import SHORT, Verdict, verdict
from stp_dash.analysis.wording import (
    dates,
    full_text,
    is_rate,
    level_text,
    period_word,
    periods_word,
    value_text,
    within,
)
from stp_dash.pages.trend.figures import TrendInput
from stp_dash.statistics.profiles import COMMON_CAUSE, CONCERN, FAIL, HIT_OR_MISS, PASS
from stp_dash.statistics.special_causes import Signal


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


def trend_title(given: TrendInput) -> str:
    """The finding: what the process does and what that means for its standard, both from the statistic."""
    latest, control = given.latest, given.control
    if latest is None:
        return subject_of(given)
    start = subject_of(given) if given.is_area else f"{given.name}: {subject_of(given)}"
    if control.analysed.variation is None:
        shown = full_text(given.indicator, latest.value, given.standard(latest.period))
        return f"{start}, {shown} {within(latest.period)}{_level_words(given)}"
    change = signals.variation_clause(control)
    joined = f"{start}: {change.removeprefix('is ')}" if _plural(given.indicator) else f"{start} {change}"
    return joined + _outlook_words(given)


def _plural(indicator: Indicator) -> bool:
    """Names of staff and patients, and names with a colon, do not take "is"."""
    name = indicator.short_name.lower()
    return is_rate(indicator) or "patients" in name or ":" in name


def _outlook_words(given: TrendInput) -> str:
    """What follows for the standard; of a changing process only what its latest figure and its limits show.

    A process that gets worse below its standard will not meet it; one that gets better might.
    """
    analysed, latest = given.control.analysed, given.latest
    standard = given.standard(latest.period) if latest else None
    if standard is None or latest is None:
        return _level_words(given)
    level = level_text(given.indicator, standard)
    if analysed.variation == COMMON_CAUSE and not analysed.trial_limits:
        return {
            FAIL: f" and will not meet {level} unless it changes",
            PASS: f" and will keep meeting {level} unless it changes",
            HIT_OR_MISS: f"; whether it meets {level} is chance",
        }.get(analysed.assurance or "", _level_words(given))
    if (
        _worsening(analysed.variation)
        and analysed.assurance == FAIL
        and not signals.is_single_point(given.control)
    ):
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
    parts = [
        signals.change_sentence(given.drawn),
        _outlook_sentence(given),
        _met_sentence(given.indicator, *met),
    ]
    return " ".join(part for part in parts if part)


def _outlook_sentence(given: TrendInput) -> str:
    """What the limits say of the standard, or for a rate of the average that it is measured by."""
    control, indicator = given.drawn, given.indicator
    analysed = control.analysed
    if analysed.target is None or not analysed.phases or given.latest is None:
        return ""
    noun = period_word(indicator)
    high = indicator.improvement_direction is ImprovementDirection.INCREASE
    low_limit, high_limit = control.possible_limits(analysed.phases[-1])
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


def assurance_note(given: TrendInput) -> str:
    """The small words under the assurance: the limit that decides, beside what it is measured by."""
    control, indicator = given.control, given.indicator
    analysed = control.analysed
    if analysed.target is None or given.latest is None:
        return _unmeasured(given)
    standard = given.standard(given.latest.period)
    target = level_text(indicator, standard) if standard else _named_average(given)
    high = indicator.improvement_direction is ImprovementDirection.INCREASE
    if analysed.assurance is None:
        return f"limits rest on too few values to compare with {target}"
    low_limit, high_limit = (
        value_text(indicator, v, standard) for v in control.possible_limits(analysed.phases[-1])
    )
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
    return SignalLine(
        kind=signals.signal_type(control, spell[0]),
        above=bool(analysed.values[last] >= analysed.mean[last]),
        hollow=reading is not None and reading.maturity is Maturity.PROVISIONAL,
        when=dates(control.periods[first], control.periods[last]),
        text=signals.spell(control, spell),
    )
