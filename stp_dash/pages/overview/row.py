"""One line of the overview's scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isnan

from db.domain import Basis, Frequency, ImprovementDirection, Indicator, Maturity, OrganisationType, Period
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.area import summed
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.claims.change import ChangeKind, change_of
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.mergers.history import code_changes
from stp_dash.analysis.mergers.words import joint_text
from stp_dash.analysis.noted.plans import PlanGap, plan_gap
from stp_dash.analysis.rolling import interval_text
from stp_dash.analysis.standing.assurance import (
    ASSURANCE_WORDS,
    NO_STANDARD,
    NOT_SAID,
    Assurance,
    assurance_of,
)
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.standing.verdict import MET, SHORT, StandardWords, Verdict, standard_words, verdict
from stp_dash.analysis.wording import (
    NO_FIGURE,
    capitalised,
    counted,
    counts_text,
    is_rate,
    level_text,
    listing,
    month_code,
    number_word,
    periods_word,
    status_text,
    uncapitalised,
    unit_text,
    value_text,
)
from stp_dash.charts.svg.sparkline import Sparkline, SparkPoint, Strip
from stp_dash.elements.links import OVERVIEW, TREND, VARIATION, href
from stp_dash.pages.overview.figures import SPARK_PERIODS, IndicatorFigures
from stp_dash.pages.overview.sentences import is_current, row_sentence
from stp_dash.statistics.profiles import COMMON_CAUSE, CONCERN, FAIL, HIGH, IMPROVEMENT, LOW
from stp_dash.statistics.standards import met_of_judged, reaching

_SMALL = frozenset({Frequency.QUARTER, Frequency.FOUR_MONTHS})
"""Frequencies whose shares rest on so few patients that the interval always stands beside them."""

_MOST_ABSENT_NAMED = 5


@dataclass(frozen=True)
class PartFigure:
    """An end of the strip: the worst or the best of the area's parts."""

    name: str
    value: str
    href: str


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator's line, in words and small charts. The strip's dots are trusts, CCG areas or teams of the area.

    `variation` and `assurance` name the icons; None with `charted` words where there is none to show. `measured` says
    that a standard, or for posts the average, is there to be short of.
    """

    id: str
    topic: str
    source: str
    name: str
    href: str
    variation_href: str
    sentence: str
    value: str
    unit: str
    counts: str
    interval: str
    period: str
    period_label: str
    status: str
    standard: StandardWords
    verdict: Verdict
    plan: PlanGap | None
    measured: bool
    variation: str | None
    variation_words: str
    assurance: Assurance
    sparkline: Sparkline
    strip: Strip | None
    ends: tuple[PartFigure, ...]
    parts_words: str
    reached: str
    absent_parts: str
    newer: tuple[str, str] | None
    bases: frozenset[Basis]
    owner: str
    demonstration: bool
    line: IndicatorFigures
    controlled: Controlled

    @property
    def plan_words(self) -> str:
        """How the figure lies to the area's own plan, in a cell; "" without one."""
        if self.plan is None:
            return ""
        level = value_text(self.line.indicator, self.plan.planned)
        brief = self.plan.brief
        return f"on its plan of {level}" if brief == "on plan" else f"{brief} plan of {level}"

    @property
    def value_known(self) -> bool:
        return self.line.value is not None

    @property
    def worse(self) -> bool:
        return (self.variation or "").startswith(CONCERN)

    @property
    def improving(self) -> bool:
        return (self.variation or "").startswith(IMPROVEMENT)

    @property
    def common_cause(self) -> bool:
        return self.variation == COMMON_CAUSE

    @property
    def steady(self) -> bool:
        """Whether none of the figures under the last limits is marked."""
        return change_of(self.controlled).kind is ChangeKind.STEADY and self.common_cause

    @property
    def short(self) -> bool:
        """Whether the latest figure misses its standard, or is posts short of the average."""
        return self.measured and self.verdict.tone == SHORT

    @property
    def failing(self) -> bool:
        """Whether its limits do not reach its standard."""
        return self.assurance.icon == FAIL


def indicator_row(line: IndicatorFigures, controlled: Controlled) -> IndicatorRow:
    """A line in words, with the icons of its annotated series."""
    indicator, period, reading = line.indicator, line.period, line.reading
    shown = [*line.shown_parts, *([reading] if reading else [])]
    current = is_current(line, controlled)
    day = period.start if period else (indicator.valid_to or date.max)
    reached, absent = _reached(line), _absent_parts(line)
    return IndicatorRow(
        id=indicator.id,
        topic=indicator.topic,
        source=indicator.source_id,
        name=indicator.short_name,
        href=href(TREND, indicator=indicator.id),
        variation_href=variation_href(line),
        sentence=row_sentence(line, controlled),
        value=value_text(indicator, line.value, line.standard),
        unit=_unit(line),
        counts=_counts(indicator, reading),
        interval=small_interval(indicator, reading),
        period=period.short_label if period else "",
        period_label=period.label if period else "",
        status=status_text(reading.maturity) if reading else "",
        standard=standard_words(indicator, day, line.average),
        verdict=verdict(indicator, reading, line.average),
        plan=_plan(line),
        measured=line.measured,
        variation=controlled.analysed.variation if current else None,
        variation_words=change_words.change_word(controlled) if current else NO_FIGURE,
        assurance=assurance_of(controlled) if current else _without_figure(line),
        sparkline=_sparkline(line, controlled),
        strip=_strip(line),
        ends=_ends(line),
        parts_words=line.parts.many,
        reached=reached,
        absent_parts=absent,
        newer=_newer(line),
        bases=frozenset(item.basis for item in shown),
        owner=indicator.owner,
        demonstration=any(item.demonstration for item in shown),
        line=line,
        controlled=controlled,
    )


def variation_href(line: IndicatorFigures) -> str:
    """The address of the variation of a line's parts, in its period."""
    code = month_code(line.period) if line.period else None
    return href(VARIATION, indicator=line.indicator.id, by=line.parts.by, period=code)


def _unit(line: IndicatorFigures) -> str:
    """`people per day`; of a rate `per 10,000` without its people, for the counts beside it name them."""
    if line.value is None:
        return ""
    unit = unit_text(line.indicator)
    return unit.rsplit(" ", 1)[0] if is_rate(line.indicator) else unit


def _plan(line: IndicatorFigures) -> PlanGap | None:
    """How the figure lies to the area's own plan for its month; None without one."""
    reading = line.reading
    planned = line.given.plans.get(line.indicator.id, {}).get(reading.period.start) if reading else None
    if reading is None or reading.value is None or planned is None:
        return None
    return plan_gap(line.indicator, reading, planned)


def _without_figure(line: IndicatorFigures) -> Assurance:
    if line.standard is None:
        return Assurance(NO_STANDARD, ASSURANCE_WORDS[NO_STANDARD])
    return Assurance(NOT_SAID, NO_FIGURE)


def small_interval(indicator: Indicator, reading: Reading | None) -> str:
    """The 95% interval of a share over a quarter: its denominator is small; "" for other figures."""
    if reading is None or reading.period.frequency not in _SMALL:
        return ""
    interval = interval_text(indicator, reading)
    return f"{indicator.interval_label} {interval}" if interval else ""


def _counts(indicator: Indicator, reading: Reading | None) -> str:
    if reading is None:
        return ""
    return counts_text(indicator, reading.numerator, reading.denominator)


def _sparkline(line: IndicatorFigures, controlled: Controlled) -> Sparkline:
    """The last two years of the annotated series, marked on the last point and the run that it belongs to."""
    count, analysed = len(controlled.periods), controlled.analysed
    places = range(max(0, count - SPARK_PERIODS), count)
    lower, upper = (limit.tolist() for limit in controlled.shown_limits())
    means, kinds = analysed.mean.tolist(), analysed.point_types if controlled.charted else ("",) * count
    starts = {item.position for item in controlled.rebases}
    joints = code_changes(controlled.readings, line.given.area.commissioner, line.given.steps)
    marked = _marked(controlled)
    points = []
    for place in places:
        kind = kinds[place] if place in marked or place == analysed.latest else ""
        levels = means[place], lower[place], upper[place]
        marks = place in starts, kind if place == analysed.latest or kind != COMMON_CAUSE else ""
        point = _spark_point(line, controlled, place, levels, marks)
        points.append(replace(point, joint=place in joints))
    label = _spark_label(line, controlled, points)
    told = [joint_text(*both) for place, both in joints.items() if place in places and place > places.start]
    return Sparkline(tuple(points), "; ".join([label, *told]), _level_words(line))


def _level_words(line: IndicatorFigures) -> str:
    return level_text(line.indicator, line.standard) if line.standard is not None else ""


def _marked(controlled: Controlled) -> frozenset[int]:
    """The places of the signals that mark the latest point; none where it is common cause."""
    latest = controlled.analysed.latest
    if latest is None:
        return frozenset()
    spans = (range(item.first, item.last + 1) for item in signals.latest_signals(controlled))
    return frozenset(place for span in spans for place in span)


def _spark_point(
    line: IndicatorFigures,
    controlled: Controlled,
    place: int,
    levels: tuple[float, float, float],
    marks: tuple[bool, str],
) -> SparkPoint:
    """`levels` are the mean and the limits, NaN where there are none; `marks` says a restart and the point's kind."""
    reading, (mean, lower, upper) = controlled.readings[place], levels
    value = reading.value if reading is not None else None
    return SparkPoint(
        value,
        _level(line.indicator, controlled.periods[place]),
        provisional=reading is not None and reading.maturity is Maturity.PROVISIONAL,
        restarts=marks[0],
        mean=None if isnan(mean) else mean,
        limits=None if isnan(lower) else (lower, upper),
        mark=marks[1] if value is not None else "",
        side=LOW if value is not None and value < mean else HIGH,
    )


def _level(indicator: Indicator, period: Period) -> float | None:
    standard = indicator.standard_on(period.start)
    return standard.value if standard is not None else None


def _spark_label(line: IndicatorFigures, controlled: Controlled, points: Sequence[SparkPoint]) -> str:
    values = [point.value for point in points if point.value is not None]
    if not values:
        return f"{line.indicator.short_name}: no figures to draw"
    low, high = (value_text(line.indicator, value) for value in (min(values), max(values)))
    words = uncapitalised(change_words.change_word(controlled))
    span = counted(len(points), periods_word(line.indicator))
    return f"{line.indicator.short_name}, {span} to {controlled.periods[-1].short_label}, {low} to {high}: {words}"


def _rising(line: IndicatorFigures) -> bool:
    return line.indicator.improvement_direction.value != "decrease"


def ranked_parts(line: IndicatorFigures) -> list[Reading]:
    """The parts, the worst first."""
    return sorted(line.shown_parts, key=lambda item: item.value or 0.0, reverse=not _rising(line))


def _strip(line: IndicatorFigures) -> Strip | None:
    ranked = ranked_parts(line)
    if not ranked:
        return None
    average = line.average
    names = [f"{line.name(item)} {value_text(line.indicator, item.value)}" for item in ranked]
    return Strip(
        tuple(item.value for item in ranked if item.value is not None),
        line.standard.value if line.standard else None,
        average.value if average is not None else None,
        f"{line.indicator.short_name}: {listing(names)}",
        _rising(line),
    )


def _ends(line: IndicatorFigures) -> tuple[PartFigure, ...]:
    """The worst and the best of the parts; the one where there is only one."""
    ranked = ranked_parts(line)
    return tuple(_part(line, item) for item in (ranked if len(ranked) < 2 else [ranked[0], ranked[-1]]))


def _part(line: IndicatorFigures, reading: Reading) -> PartFigure:
    return PartFigure(
        line.name(reading),
        value_text(line.indicator, reading.value, line.standard),
        href(TREND, indicator=line.indicator.id, organisation=reading.organisation),
    )


def _reached(line: IndicatorFigures) -> str:
    """How many of the parts meet the standard, or are no worse than the comparator."""
    number, parts = len(line.shown_parts), line.parts
    kind = parts.many if number > 1 else parts.one
    if not number:
        return ""
    if line.standard is not None:
        met, judged = met_of_judged(item.net <= 0 for item in line.holders)
        return f"{met} of {judged} {'meets' if met == 1 else 'meet'} it" if judged else ""
    average = line.average
    neutral = line.indicator.improvement_direction is ImprovementDirection.NEUTRAL
    if average is None or average.value is None or neutral:
        return ""
    values = [item.value for item in line.shown_parts]
    count = reaching(values, average.value, rising=_rising(line))
    one = count == 1
    if not count and not _rising(line):
        return f"{number} of {number} {kind} {'is' if number == 1 else 'are'} higher than {comparator_name(average)}"
    verb = ("reaches" if one else "reach") if _rising(line) else f"{'is' if one else 'are'} no higher than"
    return f"{count} of {number} {kind} {verb} {comparator_name(average)}"


def _absent_parts(line: IndicatorFigures) -> str:
    """Which of the trusts have no figure: `Medway: no figure`; more than a few are counted: `12 trusts: no figure`."""
    present = {item.organisation for item in line.shown_parts}
    if not line.parts.all_named or line.period is None or not present:
        return ""
    gone = [line.given.names.get(code, code) for code in line.parts.codes if code not in present]
    if not gone:
        return ""
    told = listing(gone) if len(gone) <= _MOST_ABSENT_NAMED else f"{len(gone)} {line.parts.many}"
    return f"{told}: no figure"


def trusts_sum(line: IndicatorFigures) -> str:
    """The trusts together: another number than the area's own, and always labelled so; "" of one trust alone."""
    trusts_of = {item.basis for item in line.shown_parts}
    if line.period is None or trusts_of != {Basis.PROVIDER} or len(line.given.area.trusts) == 1:
        return ""
    members, names = line.given.area.trusts, line.given.names
    label = f"Sum of the {number_word(len(members))} trusts, provider-based"
    total = summed(line.index, line.indicator, members, line.period)
    if total is None:
        missing = [code for code in members if code not in {item.organisation for item in line.shown_parts}]
        few = len(missing) <= _MOST_ABSENT_NAMED
        told = listing([names.get(c, c) for c in missing]) if few else f"{len(missing)} of them"
        return f"{label}: no total, {told} missing"
    value = value_text(line.indicator, total.value, line.standard)
    return f"{label}: {value} ({_counts(line.indicator, total)}), {status_text(total.maturity)}"


def _newer(line: IndicatorFigures) -> tuple[str, str] | None:
    """Words and address of the trusts' newer figures, where the trusts are published further than the area."""
    newest = line.given.newest.get(line.indicator.id)
    if OrganisationType.TRUST not in line.indicator.organisation_types or line.period is None:
        return None
    if line.given.requested is not None or newest is None or newest <= line.period:
        return None
    words = f"{capitalised(line.parts.many)}: figures to {newest.label}"
    return words, href(OVERVIEW, period=f"{newest.end:%Y-%m}")


def met_and_short(rows: Sequence[IndicatorRow]) -> tuple[int, int]:
    """How many rows meet and how many miss a standard."""
    tones = [row.verdict.tone for row in rows if not row.verdict.against]
    return tones.count(MET), tones.count(SHORT)
