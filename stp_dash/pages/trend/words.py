"""The trend page's sentences. They say no more than the statistics do: steady is called steady."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.domain import ALL, ImprovementDirection, Indicator, Period
from db.domain.reading import Reading
from stp_dash.analysis.claims.change import ChangeKind, change_of
from stp_dash.analysis.claims.change_words import change_claim, change_label, change_note, change_phrase
from stp_dash.analysis.claims.claim import Claim, joined_text
from stp_dash.analysis.claims.standard_words import Measure, is_chance, limits_against, met_of
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.noted.events import EventRing
from stp_dash.analysis.noted.plans import PlanGap, plan_clause, plan_gap
from stp_dash.analysis.provenance import Provenance, provenance
from stp_dash.analysis.rolling import (
    SideFigure,
    interval_text,
    rolling_side,
    rolling_words,
)
from stp_dash.analysis.sheet import Sheet, Subject
from stp_dash.analysis.standing.assurance import assurance_of
from stp_dash.analysis.standing.comparator import interval_of
from stp_dash.analysis.standing.verdict import SHORT, StandardWords, Verdict, standard_words, verdict
from stp_dash.analysis.wording import (
    counts_text,
    dates,
    full_text,
    is_rate,
    level_text,
    missing_to,
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
    event_rings,
    wished_name,
)
from stp_dash.pages.trend.notes.plans.card import PlanCard, plan_card_of
from stp_dash.pages.trend.projected import projection_notes
from stp_dash.pages.trend.series import (
    Step,
    TrendRow,
    TrendSeries,
    earlier_window,
    later_window,
    rows_of,
    subject_of,
    verdicts_of,
)
from stp_dash.pages.trend.sheet import sheet_of
from stp_dash.statistics.profiles import FAIL, HIT_OR_MISS


def verdict_of(trend: TrendSeries) -> Verdict:
    """The latest figure against its standard or average."""
    latest = trend.latest
    if trend.breakdown != ALL or latest is None:
        return Verdict("none", "No standard", "for a breakdown")
    return verdict(trend.indicator, latest, trend.comparator_at(latest.period))


_WITHOUT_LIMITS = frozenset(
    {
        ChangeKind.TOO_FEW,
        ChangeKind.NO_LIMITS,
        ChangeKind.LEVELS,
        ChangeKind.OVERLAPPING,
        ChangeKind.STOCK,
        ChangeKind.UNSUITED,
    }
)


def trend_title(trend: TrendSeries, subject: str) -> str:
    """The finding: what the process does, what that means for its standard, and how far it is from the plan."""
    latest = trend.latest
    planned = trend.planned.get(latest.period.start) if latest else None
    found = _finding(trend, subject)
    if latest is None or planned is None:
        return found
    return f"{found}; {plan_clause(trend.indicator, plan_gap(trend.indicator, latest, planned))}"


def _finding(trend: TrendSeries, subject: str) -> str:
    latest, control = trend.latest, trend.control
    if latest is None:
        return subject
    start = subject if trend.is_area else f"{trend.name}: {subject}"
    if change_of(control).kind in _WITHOUT_LIMITS:
        shown = full_text(trend.indicator, latest.value, trend.standard(latest.period))
        return f"{start}, {shown} {within(latest.period)}{_level_words(trend)}"
    if _plural(trend.indicator):
        return f"{start}: {change_label(control)}{_outlook_words(trend)}"
    return f"{start} {change_phrase(control)}{_outlook_words(trend)}"


def _plural(indicator: Indicator) -> bool:
    """Names of staff and patients, and names with a colon, do not take "is"."""
    name = indicator.short_name.lower()
    return is_rate(indicator) or "patients" in name or ":" in name


def _outlook_words(trend: TrendSeries) -> str:
    """What the latest figure and its limits are to the standard. Nothing is foretold."""
    latest = trend.latest
    standard = trend.standard(latest.period) if latest else None
    if standard is not None and is_chance(trend.control):
        return f"; whether it meets {level_text(trend.indicator, standard)} is chance"
    return _level_words(trend)


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
        return f", {told.headline} {missing_to(trend.indicator)} {level_text(trend.indicator, standard)}"
    met = told.headline == "Met"
    return f", {level_text(trend.indicator, standard)} met {told.detail}" if met else ""


def trend_claims(trend: TrendSeries, met: Sequence[bool | None]) -> tuple[Claim, ...]:
    """The chart's claims: what changed, what its limits are to the standard, how often it was met.

    met: of the periods drawn that have a figure whether it met its standard, None where that cannot be said.
    """
    if trend.drawn.analysed.latest is None:
        return ()
    standard = trend.standard(trend.latest.period) if trend.latest else None
    measured = standard is not None and trend.drawn.analysed.target is not None
    level = f"the standard of {level_text(trend.indicator, standard)}" if standard else ""
    claims = (
        change_claim(trend.drawn),
        limits_against(trend.drawn, Measure(level, standard)) if standard and measured else None,
        met_of(trend.indicator, met, drawn=_draws_part(trend)),
    )
    return tuple(claim for claim in claims if claim is not None)


def _draws_part(trend: TrendSeries) -> bool:
    """Whether some of the figures lie outside of the window that is drawn."""
    known = [place for place, item in enumerate(trend.control.readings) if item and item.value is not None]
    return any(place not in trend.window for place in known)


def assurance_note(trend: TrendSeries) -> str:
    """The small words under the assurance: the limit that decides, beside the standard; or why there is no verdict."""
    control, indicator = trend.control, trend.indicator
    analysed = control.analysed
    if analysed.target is None or trend.latest is None:
        return _unmeasured(trend)
    standard = trend.standard(trend.latest.period)
    target = level_text(indicator, standard) if standard else ""
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
    if latest and trend.wished(latest.period):
        return "an aspiration gives no verdict"
    return "an average is no standard" if assurance_of(trend.control).compared else ""


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
    plan: PlanGap | None = None


@dataclass(frozen=True)
class Trend:
    """`rows` are the newest first, `period` that of the latest figure. `earlier` and `later` lead to the windows
    before and after the one drawn, if any."""

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
    events: tuple[EventRing, ...]
    plan: PlanCard | None
    limits: LimitsCard | None
    sides: tuple[SideFigure, ...]
    notes: tuple[TrendNote, ...]
    wished_name: str
    rolling_name: str
    compared_name: str
    interval_name: str
    periods_name: str
    earlier: Step | None
    later: Step | None
    provenance: Provenance
    period: Period


def trend_words(trend: TrendSeries) -> Trend | None:
    """The whole page in words, numbers and one chart; None where the organisation has no figure in the window."""
    latest, shown = trend.latest, trend.shown_readings
    if latest is None or not shown:
        return None
    rows, subject = rows_of(trend), subject_of(trend)
    triable = trend.triable
    earlier, later, met = earlier_window(trend), later_window(trend), verdicts_of(rows, trend.window)
    title = trend_title(trend, subject)
    said = joined_text(trend_claims(trend, met))
    strip = key_strip(trend, latest)
    lede = " ".join(
        part for part in (trend.indicator.definition.split("\n")[0], _direction(trend), _ended(trend)) if part
    )
    heading = chart_heading(trend, shown[0].period, shown[-1].period)
    about = Subject(subject, trend.name, dates(shown[0].period, shown[-1].period))
    return Trend(
        title=title,
        lede=lede,
        heading=heading,
        finding=said,
        label=chart_label(trend, subject, len(shown)),
        strip=strip,
        chart=chart_of(trend, rows),
        method=chart_method(trend),
        events=event_rings(trend),
        plan=plan_card_of(trend, rows),
        wished_name=wished_name(trend),
        rolling_name=rolling_words(trend.indicator),
        compared_name=trend.compared.name,
        interval_name=trend.indicator.interval_label,
        periods_name=periods_word(trend.indicator),
        rows=rows[::-1],
        sheet=sheet_of(trend, rows[::-1], about, heading),
        signals=signal_lines(trend),
        limits=limits_card(trend, triable),
        sides=(*rolling_side(trend.indicator, trend.rolled, latest), *side_figures(trend, latest)),
        notes=(*projection_notes(trend), *notes_of(trend)),
        earlier=earlier,
        later=later,
        provenance=provenance(trend.indicator, latest, trend.names),
        period=latest.period,
    )


def key_strip(trend: TrendSeries, latest: Reading) -> KeyStrip:
    """The latest figure in short."""
    indicator = trend.indicator
    limits, published = interval_of(indicator, latest), latest.details is not None
    telling = limits is not None and (published or limits[1] - limits[0] >= TELLING)
    interval = interval_text(indicator, latest) if telling else ""
    planned = trend.planned.get(latest.period.start)
    parts = (
        unit_text(indicator),
        counts_text(indicator, latest.numerator, latest.denominator),
        latest.details.note if indicator.is_order and latest.details else "",
        f"{indicator.interval_label} {interval}" if interval else "",
    )
    return KeyStrip(
        period=f"{latest.period.label}, {status_text(latest.maturity, indicator)}",
        value=value_text(indicator, latest.value, trend.standard(latest.period)),
        value_note=" · ".join(part for part in parts if part),
        standard=_standard_words(trend, latest),
        verdict=verdict_of(trend),
        control=trend.control,
        variation_note=change_note(trend.control),
        assurance_note=assurance_note(trend),
        plan=plan_gap(indicator, latest, planned) if planned is not None else None,
    )


def _standard_words(trend: TrendSeries, latest: Reading) -> StandardWords:
    if trend.breakdown != ALL:
        return StandardWords("No standard")
    return standard_words(trend.indicator, latest.period.start, trend.comparator_at(latest.period))


def _ended(trend: TrendSeries) -> str:
    """That nothing newer comes of an indicator that has ended, so that old figures are not taken for late ones."""
    last = trend.indicator.valid_to
    return f"The series ended in {last:%B %Y}." if last is not None else ""


def _direction(trend: TrendSeries) -> str:
    words = {"increase": "Higher is better.", "decrease": "Lower is better."}
    return words.get(trend.indicator.improvement_direction.value, "")
