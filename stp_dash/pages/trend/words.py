"""The trend page's sentences. They say no more than the statistics do: steady is called steady."""

from __future__ import annotations

from dataclasses import dataclass

from db.domain import ALL, ImprovementDirection, Indicator
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.provenance import Provenance, provenance
from stp_dash.analysis.rolling import (
    SideFigure,
    interval_text,
    rolling,
    rolling_side,
    rolling_words,
)
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.standing.comparator import comparator_name, interval_of
from stp_dash.analysis.standing.verdict import SHORT, StandardWords, Verdict, standard_words, verdict
from stp_dash.analysis.wording import (
    counts_text,
    full_text,
    is_rate,
    level_text,
    period_word,
    periods_word,
    status_text,
    unit_text,
    value_text,
    within,
)
from stp_dash.charts.interactive.trend.points import TrendChart
from stp_dash.pages.trend.beside import (
    LimitsCard,
    SignalLine,
    TrendNote,
    limits_card,
    notes_of,
    side_figures,
    signal_lines,
)
from stp_dash.pages.trend.chart import (
    chart_heading,
    chart_label,
    chart_method,
    chart_of,
    numbered_events,
    wished_name,
)
from stp_dash.pages.trend.series import (
    ChartEvent,
    Step,
    TrendRow,
    TrendSeries,
    earlier_window,
    later_window,
    met_of,
    rows_of,
    subject_of,
)
from stp_dash.pages.trend.sheet import sheet_of
from stp_dash.statistics.profiles import COMMON_CAUSE, CONCERN, FAIL, HIT_OR_MISS, PASS


def verdict_of(trend: TrendSeries) -> Verdict:
    """The latest figure against its standard or average."""
    latest = trend.latest
    if trend.breakdown != ALL or latest is None:
        return Verdict("none", "No standard", "for a breakdown")
    return verdict(trend.indicator, latest, trend.comparator_at(latest.period))


def trend_title(trend: TrendSeries, subject: str) -> str:
    """The finding: what the process does and what that means for its standard, both from the statistic."""
    latest, control = trend.latest, trend.control
    if latest is None:
        return subject
    start = subject if trend.is_area else f"{trend.name}: {subject}"
    if control.analysed.variation is None:
        shown = full_text(trend.indicator, latest.value, trend.standard(latest.period))
        return f"{start}, {shown} {within(latest.period)}{_level_words(trend)}"
    change = signals.variation_clause(control)
    joined = f"{start}: {change.removeprefix('is ')}" if _plural(trend.indicator) else f"{start} {change}"
    return joined + _outlook_words(trend)


def _plural(indicator: Indicator) -> bool:
    """Names of staff and patients, and names with a colon, do not take "is"."""
    name = indicator.short_name.lower()
    return is_rate(indicator) or "patients" in name or ":" in name


def _outlook_words(trend: TrendSeries) -> str:
    """What follows for the standard; of a changing process only what its latest figure and its limits show.

    A process that gets worse below its standard will not meet it; one that gets better might.
    """
    analysed, latest = trend.control.analysed, trend.latest
    standard = trend.standard(latest.period) if latest else None
    if standard is None or latest is None:
        return _level_words(trend)
    level = level_text(trend.indicator, standard)
    if analysed.variation == COMMON_CAUSE and not analysed.trial_limits:
        return {
            FAIL: f" and will not meet {level} unless it changes",
            PASS: f" and will keep meeting {level} unless it changes",
            HIT_OR_MISS: f"; whether it meets {level} is chance",
        }.get(analysed.assurance or "", _level_words(trend))
    if (
        _worsening(analysed.variation)
        and analysed.assurance == FAIL
        and not signals.is_single_point(trend.control)
    ):
        return f" and will not meet {level}"
    return _level_words(trend)


def _worsening(variation: str | None) -> bool:
    return (variation or "").startswith(CONCERN)


def _level_words(trend: TrendSeries) -> str:
    """The latest figure beside its standard or its average: `, 839 patients short of the 80% standard`."""
    told, latest = verdict_of(trend), trend.latest
    if latest is None or told.headline == "No standard":
        return ""
    if told.against:
        words = told.note or f"{told.headline} {told.detail}"
        return f", {words[:1].lower()}{words[1:]}"
    standard = trend.standard(latest.period)
    if standard is None:
        return f", {told.headline[:1].lower()}{told.headline[1:]} {told.detail}".rstrip()
    if told.tone == SHORT:
        return f", {told.headline} short of {level_text(trend.indicator, standard)}"
    met = told.headline == "Met"
    return f", {level_text(trend.indicator, standard)} met {told.detail}" if met else ""


def finding(trend: TrendSeries, met: tuple[int, int]) -> str:
    """The chart's sentences: what changed, what its limits mean for the standard, how often it was met.

    met: how many of the periods drawn met their standard, and how many could be judged.
    """
    parts = [
        signals.change_sentence(trend.drawn),
        _outlook_sentence(trend),
        _met_sentence(trend.indicator, *met),
    ]
    return " ".join(part for part in parts if part)


def _outlook_sentence(trend: TrendSeries) -> str:
    """What the limits say of the standard, or for a rate of the average that it is measured by."""
    control, indicator = trend.drawn, trend.indicator
    analysed = control.analysed
    if analysed.target is None or not analysed.phases or trend.latest is None:
        return ""
    noun = period_word(indicator)
    high = indicator.improvement_direction is ImprovementDirection.INCREASE
    low_limit, high_limit = control.possible_limits(analysed.phases[-1])
    best, worst = (high_limit, low_limit) if high else (low_limit, high_limit)
    measure = _measure(trend)
    if analysed.assurance == FAIL:
        shown = value_text(indicator, best, trend.standard(trend.latest.period))
        return (
            f"Even the best {noun} within its limits, {shown}, is {'below' if high else 'above'} {measure}."
        )
    if analysed.assurance == PASS and not _worsening(analysed.variation):
        shown = value_text(indicator, worst, trend.standard(trend.latest.period))
        return (
            f"Even the worst {noun} within its limits, {shown}, is {'above' if high else 'below'} {measure}."
        )
    if analysed.assurance == HIT_OR_MISS and analysed.variation == COMMON_CAUSE:
        return f"Its limits reach to both sides of {measure}: on which side a {noun} falls is chance."
    return ""


def _measure(trend: TrendSeries) -> str:
    """The standard of 80%, or England's average of 4.48."""
    latest = trend.latest
    standard = trend.standard(latest.period) if latest else None
    if standard is not None:
        return f"the standard of {level_text(trend.indicator, standard)}"
    average = trend.comparator_at(latest.period) if latest else None
    return f"the average of {comparator_name(average)}, {value_text(trend.indicator, trend.drawn.analysed.target)}"


def _met_sentence(indicator: Indicator, met: int, judged: int) -> str:
    """How often the standard was met, of the periods drawn."""
    if not judged:
        return ""
    rest = "with a figure and a standard"
    if judged == 1:
        return f"The standard was {'met' if met else 'missed'} in the one {period_word(indicator)} {rest}."
    every = "both" if judged == 2 else f"all {judged}"
    drawn = f"{periods_word(indicator)} {rest}"
    if met in {0, judged}:
        return f"The standard was {'met' if met else 'missed'} in {every} {drawn}."
    return f"The standard was met in {met} of the {judged} {drawn}."


def assurance_note(trend: TrendSeries) -> str:
    """The small words under the assurance: the limit that decides, beside what it is measured by."""
    control, indicator = trend.control, trend.indicator
    analysed = control.analysed
    if analysed.target is None or trend.latest is None:
        return _unmeasured(trend)
    standard = trend.standard(trend.latest.period)
    target = level_text(indicator, standard) if standard else _named_average(trend)
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


def _unmeasured(trend: TrendSeries) -> str:
    if trend.breakdown != ALL:
        return "a breakdown has no standard of its own"
    latest = trend.latest
    return "an aspiration gives no verdict" if latest and trend.wished(latest.period) else ""


def _named_average(trend: TrendSeries) -> str:
    latest = trend.latest
    average = trend.comparator_at(latest.period) if latest else None
    return f"{comparator_name(average)}'s {value_text(trend.indicator, trend.control.analysed.target)}"


TELLING = 5.0
"""An interval of so many points is said beside the figure: few patients tell little."""


@dataclass(frozen=True)
class KeyStrip:
    """The latest figure in short: value, standard, gap, what the process does and whether it can be relied on."""

    period: str
    value: str
    value_note: str
    standard: StandardWords
    verdict: Verdict
    control: Controlled
    variation_note: str
    assurance_note: str


@dataclass(frozen=True)
class Trend:
    """`rows` are the newest first. `earlier` and `later` lead to the windows before and after the one drawn, if any."""

    title: str
    lede: str
    heading: str
    finding: str
    label: str
    strip: KeyStrip
    chart: TrendChart
    rows: tuple[TrendRow, ...]
    sheet: Sheet
    method: str
    signals: tuple[SignalLine, ...]
    events: tuple[tuple[int, ChartEvent], ...]
    limits: LimitsCard | None
    sides: tuple[SideFigure, ...]
    notes: tuple[TrendNote, ...]
    wished_name: str
    rolling_name: str
    compared_name: str
    periods_name: str
    earlier: Step | None
    later: Step | None
    provenance: Provenance


def trend_words(trend: TrendSeries) -> Trend | None:
    """The whole page in words, numbers and one chart; None where the organisation has no figure in the window."""
    latest, shown = trend.latest, trend.shown_readings
    if latest is None or not shown:
        return None
    rolled = rolling(trend.indicator, trend.series) if trend.breakdown == ALL else {}
    rows, subject = rows_of(trend, rolled), subject_of(trend)
    triable = trend.triable
    earlier, later, met = earlier_window(trend), later_window(trend), met_of(rows, trend.window)
    title = trend_title(trend, subject)
    said = finding(trend, met)
    strip = key_strip(trend, latest)
    lede = f"{trend.indicator.definition.split(chr(10))[0]} {_direction(trend)}".strip()
    heading = chart_heading(trend, shown[0].period, shown[-1].period)
    return Trend(
        title=title,
        lede=lede,
        heading=heading,
        finding=said,
        label=chart_label(trend, subject, len(shown)),
        strip=strip,
        chart=chart_of(trend, rows),
        method=chart_method(trend),
        events=numbered_events(trend),
        wished_name=wished_name(trend),
        rolling_name=rolling_words(trend.indicator),
        compared_name=trend.compared.name,
        periods_name=periods_word(trend.indicator),
        rows=rows[::-1],
        sheet=sheet_of(trend, rows[::-1], f"{subject}, {trend.name}", heading),
        signals=signal_lines(trend),
        limits=limits_card(trend, triable),
        sides=(*rolling_side(trend.indicator, rolled, latest), *side_figures(trend, latest)),
        notes=notes_of(trend),
        earlier=earlier,
        later=later,
        provenance=provenance(trend.indicator, latest, trend.names),
    )


def key_strip(trend: TrendSeries, latest: Reading) -> KeyStrip:
    """The latest figure in short."""
    indicator = trend.indicator
    limits = interval_of(indicator, latest)
    interval = interval_text(indicator, latest) if limits and limits[1] - limits[0] >= TELLING else ""
    parts = (
        unit_text(indicator),
        counts_text(indicator, latest.numerator, latest.denominator),
        f"95% interval {interval}" if interval else "",
    )
    return KeyStrip(
        period=f"{latest.period.label}, {status_text(latest.maturity)}",
        value=value_text(indicator, latest.value, trend.standard(latest.period)),
        value_note=" · ".join(part for part in parts if part),
        standard=_standard_words(trend, latest),
        verdict=verdict_of(trend),
        control=trend.control,
        variation_note=signals.variation_note(trend.control),
        assurance_note=assurance_note(trend),
    )


def _standard_words(trend: TrendSeries, latest: Reading) -> StandardWords:
    if trend.breakdown != ALL:
        return StandardWords("No standard")
    return standard_words(trend.indicator, latest.period.start, trend.comparator_at(latest.period))


def _direction(trend: TrendSeries) -> str:
    words = {"increase": "Higher is better.", "decrease": "Lower is better."}
    return words.get(trend.indicator.improvement_direction.value, "")
