"""What stands beside the trend chart, in words: why points are marked, what limits rest on, notes, other figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue import LineageStep
from db.catalogue.policy_dates import ICB_START
from db.domain import ALL, Basis, Frequency, Maturity, Period
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.area import of_step
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.control import WINDOW, Controlled
from stp_dash.analysis.mergers.history import of_providers_only
from stp_dash.analysis.mergers.words import followed_words, lacking_words, start_words
from stp_dash.analysis.rolling import (
    SideFigure,
    side_figure,
)
from stp_dash.analysis.standing.assurance import assurance_of
from stp_dash.analysis.wording import (
    BASIS_WORDS,
    capitalised,
    date_text,
    dates,
    listing,
    month_code,
    number_word,
    period_word,
    periods_word,
    value_text,
)
from stp_dash.elements.links import ORGANISATION, TREND, VARIATION, href
from stp_dash.pages.trend.series import PREVIEW, TrendSeries
from stp_dash.statistics.profiles import PROFILES
from stp_dash.statistics.seasons import Season, seasons
from stp_dash.statistics.special_causes import Signal


@dataclass(frozen=True)
class TrendNote:
    """Something to know when reading the chart, under a heading."""

    heading: str
    text: str
    link: tuple[str, str] | None = None


def notes_of(trend: TrendSeries) -> tuple[TrendNote, ...]:
    """The notes on the drawn window, in the order of their weight."""
    periods = trend.control.periods[trend.window.start : trend.window.stop]
    shown = [item for item in trend.control.readings[trend.window.start : trend.window.stop] if item]
    known = [item for item in shown if item.value is not None]
    if not known:
        return ()
    return (
        *_followed(trend),
        *_whose(trend, known),
        *_predecessors(trend, known),
        *_begins(trend),
        *_lacking(trend),
        *_compared(trend, known),
        *_breaks(trend, periods),
        *_holes(trend, periods),
        *_missing(trend, known, periods),
        *_trusts(trend, known),
        *_seasons(trend),
        *_standards(trend, periods),
    )


def _whose(trend: TrendSeries, shown: Sequence[Reading]) -> list[TrendNote]:
    """That an area's figure is a sum, and of what."""
    latest = shown[-1]
    if not latest.members or not trend.is_area:
        return []
    names = listing([trend.names.get(code, code) for code in latest.members])
    residents = latest.basis is Basis.RESIDENCE
    whole = "it is published for its places only" if residents else "there is no commissioner's figure"
    text = f"{trend.name}'s figure is the sum of those of {names}: {whole}."
    return [TrendNote("A sum", text)]


def _followed(trend: TrendSeries) -> list[TrendNote]:
    """What became of an organisation that is closed, with the way to it."""
    text, followed = followed_words(trend.name, trend.history), trend.history.followed
    if not text:
        return []
    one = followed[0].successor if len(followed) == 1 else ""
    where = (
        (trend.history.name(one), href(TREND, indicator=trend.indicator.id, organisation=one))
        if one
        else ("What became of it", href(ORGANISATION, organisation=trend.organisation))
    )
    return [TrendNote("Closed", text, where)]


def _begins(trend: TrendSeries) -> list[TrendNote]:
    """Why an organisation has no figures from before a boundary moved, where it has none."""
    start = trend.history.start
    known = trend.held and min(trend.held).start < (start.on if start else date.max)
    if start is None or known or of_providers_only(trend.indicator):
        return []
    return [TrendNote("Where figures begin", start_words(trend.name, trend.history))]


def _lacking(trend: TrendSeries) -> list[TrendNote]:
    """Why no sum is made of those that stood for the organisation, of the newest period without one."""
    valued = {item.period for item in trend.series if item.value is not None}
    without = sorted({period for _, _, period in trend.own_index if period not in valued}, reverse=True)
    until = [period for period in without if trend.until is None or period <= trend.until]
    text = lacking_words(trend.own_index, trend.indicator, trend.history, until)
    return [TrendNote("No sum", text)] if text else []


def _predecessors(trend: TrendSeries, shown: Sequence[Reading]) -> list[TrendNote]:
    """Whose figures stand for the organisation before it was there."""
    notes = []
    for step in trend.steps:
        used = [item for item in shown if of_step(item, step)]
        if not used:
            continue
        if step.beside:
            parts = listing([trend.history.name(code) for code in step.codes])
            period = used[-1].period.label
            text = f"{trend.name} has no figure of its own; that of {period} is the sum of those of {parts}."
            notes.append(TrendNote("A sum", text))
            continue
        names = listing([f"{_name_on(trend, code, step)} ({code})" for code in step.codes])
        sums = " together" if len(step.codes) > 1 else ""
        text = f"Figures to {used[-1].period.label} are for {names}{sums}."
        notes.append(TrendNote("Earlier organisations", text))
    return notes


def _name_on(trend: TrendSeries, code: str, step: LineageStep) -> str:
    """The name that an organisation bore when a step ended, where it has another now.

    CCGs have had their present names, as places of boards, since boards began.
    """
    last = step.effective_to or date.max
    earlier = [
        item
        for item in trend.earlier_names.get(code, ())
        if item.as_at <= last and (last < ICB_START or not item.name.endswith(" CCG"))
    ]
    return max(earlier, key=lambda item: item.as_at).name if earlier else trend.names.get(code, code)


def _compared(trend: TrendSeries, shown: Sequence[Reading]) -> list[TrendNote]:
    """Who is drawn beside by choice, where they have no figures or are counted otherwise."""
    if not trend.compare:
        return []
    name, beside = trend.compared.name, trend.compared.readings
    both = [item for item in shown if item.period in beside and beside[item.period].value is not None]
    if not both:
        return [
            TrendNote(
                f"Compared with {name}", f"{name} has no figure in these {periods_word(trend.indicator)}."
            )
        ]
    other = beside[both[-1].period].basis
    if other is both[-1].basis:
        return []
    text = (
        f"{name}'s figures are {BASIS_WORDS[other]}. {trend.name}'s are {BASIS_WORDS[both[-1].basis]}. "
        "The two count different patients."
    )
    return [TrendNote(f"Compared with {name}", text)]


def _breaks(trend: TrendSeries, window: Sequence[Period]) -> list[TrendNote]:
    return [
        TrendNote(f"Series restarts {date_text(item.on)}", item.reason)
        for item in trend.indicator.breaks
        if window[0].start < item.on <= window[-1].end
    ]


def _holes(trend: TrendSeries, window: Sequence[Period]) -> list[TrendNote]:
    """Where limits start again because no figure lies before for more than a year."""
    return [
        TrendNote(
            f"Limits restart {date_text(item.on)}",
            f"{item.reason} lies before: limits do not reach across more than a year without one.",
        )
        for item in trend.drawn.rebases
        if item.hole and window[0].start < item.on <= window[-1].end
    ]


def _missing(trend: TrendSeries, shown: Sequence[Reading], window: Sequence[Period]) -> list[TrendNote]:
    missing = len(window) - len(shown)
    if not missing:
        return []
    words, many = periods_word(trend.indicator), missing > 1
    counted = number_word(missing)
    text = (
        f"{counted[:1].upper()}{counted[1:]} of the {len(window)} {words} drawn {'have' if many else 'has'} no figure "
        f"and {'are' if many else 'is'} hatched; the line does not cross {'them' if many else 'it'}."
    )
    return [TrendNote("Missing figures", text)]


def _trusts(trend: TrendSeries, known: Sequence[Reading]) -> list[TrendNote]:
    """That the area's trusts have figures of periods in which it has none: of other patients, so not joined to it."""
    first, valued = known[0].period, {item.period for item in known}
    without = [item for item in trend.trusts_held if item >= first and item not in valued]
    if not without:
        return []
    newest = max(without)
    words = period_word(trend.indicator) if len(without) == 1 else periods_word(trend.indicator)
    text = (
        f"{trend.name} has no figure in {number_word(len(without))} {words} in which its trusts have one"
        f"{f', to {newest.label}' if newest > known[-1].period else ''}. Trusts count the patients whom they treat, "
        "wherever those live, so their figures are not drawn as the area's."
    )
    return [
        TrendNote(
            "Its trusts' figures",
            text,
            (
                f"Its trusts in {newest.label}",
                href(VARIATION, indicator=trend.indicator.id, by="trust", period=month_code(newest)),
            ),
        )
    ]


def _seasons(trend: TrendSeries) -> list[TrendNote]:
    """Months of the year that are an extreme year after year, with their figures: a fact, and no excuse."""
    control = trend.drawn
    if trend.indicator.frequency is not Frequency.MONTH or not control.charted:
        return []
    return [
        TrendNote("Time of year", _season_text(control, item))
        for item in seasons(control.analysed.values, control.analysed.rebase_at)
    ]


def _season_text(control: Controlled, found: Season) -> str:
    """`January was lower than the three months before and after it in 2023 (68.1%), 2024 (67.0%) and 2025 (66.2%).`"""
    at = [control.periods[place].start for place in found.positions]
    values = [float(control.analysed.values[place]) for place in found.positions]
    years = [
        f"{day.year} ({value_text(control.given.indicator, value)})"
        for day, value in zip(at, values, strict=True)
    ]
    side = "higher" if found.highest else "lower"
    return (
        f"{at[-1]:%B} was {side} than the three months before and after it in {listing(years)}. Limits, signals and "
        "the standard make no allowance for the time of year."
    )


def _standards(trend: TrendSeries, window: Sequence[Period]) -> list[TrendNote]:
    if trend.breakdown != ALL:
        return []
    first, last = window[0].start, window[-1].end
    return [
        TrendNote(item.label, f"From {date_text(item.effective_from)}. {item.note}".strip())
        for item in trend.indicator.standards
        if first < item.effective_from <= last
    ]


@dataclass(frozen=True)
class Decision:
    """A recorded restart: its day, its reason and the role of who decided."""

    heading: str
    text: str


@dataclass(frozen=True)
class PreviewWords:
    """A restart that is tried out: what is recorded now, and what it would be."""

    month: str
    recorded: str
    tried: str


@dataclass(frozen=True)
class LimitsCard:
    """`basis` are sentences on what limits rest on. `proposal` is what the statistics suggest and `propose_at` its
    month for an address; `months` are those that can be tried, code and words; `recording` is how one is recorded."""

    basis: tuple[str, ...]
    decisions: tuple[Decision, ...]
    proposal: str
    propose_at: str
    months: tuple[tuple[str, str], ...]
    recording: str
    preview: PreviewWords | None


def limits_card(trend: TrendSeries, triable: Sequence[Period]) -> LimitsCard | None:
    """The card's words; None for levels, which have no limits. `triable` are the periods where they could restart."""
    control = trend.control
    if not control.charted or control.analysed.latest is None:
        return None
    proposed = control.proposal
    return LimitsCard(
        basis=tuple(_basis(control)),
        decisions=tuple(_decisions(trend)),
        proposal=signals.proposal_text(control, proposed) if proposed else "",
        propose_at=month_code(control.periods[proposed.first]) if proposed else "",
        months=tuple((month_code(item), item.label) for item in reversed(triable)),
        recording=_recording(trend),
        preview=_preview(trend),
    )


def _decisions(trend: TrendSeries) -> list[Decision]:
    """What people decided: the rules, the restarts of the series, then those that wait for a figure."""
    found = [
        Decision(f"Limits restart {date_text(item.on)}", _decided(item.reason, item.role))
        for item in trend.control.rebases
        if item.role and PREVIEW not in item.role
    ]
    waiting = trend.control.waiting if trend.until is None else ()
    return (
        _chosen_rules(trend)
        + found
        + [
            Decision(
                f"Limits restart {date_text(item.on)}",
                f"{_decided(item.reason, item.role)} Takes effect with the first figure from {item.on:%B %Y}.",
            )
            for item in waiting
        ]
    )


def _chosen_rules(trend: TrendSeries) -> list[Decision]:
    """The rules that are recorded for the series, and that others are shown where they were asked for."""
    chosen = trend.chosen_rules
    if chosen is None:
        return []
    shown, asked = trend.control.analysed.profile, ""
    if shown.name != chosen.profile:
        asked = f" Shown here are the {shown.title}, as asked."
    heading = f"{PROFILES[chosen.profile].title} since {date_text(chosen.recorded_at.date())}"
    return [Decision(heading, f"{_decided(chosen.reason, chosen.role)}{asked}")]


def _decided(reason: str, role: str) -> str:
    return f"{capitalised(reason.rstrip('.'))}. Decided by: {role}."


def _basis(control: Controlled) -> list[str]:
    noun = periods_word(control.given.indicator)
    found = [f"{capitalised(signals.limits_basis(control))}."]
    if len(control.periods) == WINDOW:
        found.append(f"Limits rest on the last {WINDOW} {noun} at most.")
    uneven = control.uneven
    if uneven:
        found.append(
            f"Snapshots are {uneven[0]} to {uneven[1]} months apart; limits take each with the one before it."
        )
    return found


def _preview(trend: TrendSeries) -> PreviewWords | None:
    if trend.preview is None:
        return None
    recorded, tried = (
        f"{change_words.change_word(item)}; {assurance_of(item).words}"
        for item in (trend.control, trend.drawn)
    )
    return PreviewWords(f"{trend.preview:%B %Y}", recorded, tried)


def _recording(trend: TrendSeries) -> str:
    """Who records a restart, and what they need to be told."""
    month = f"the month ({trend.preview:%B %Y})" if trend.preview else "the month"
    return (
        f"Whoever may change something on this site records {month}, what changed, why it will last, and the role of "
        "who decided."
    )


@dataclass(frozen=True)
class SignalLine:
    """One special cause in the list: its mark (`kind`, `above` the mean, `hollow`), its dates and why."""

    kind: str
    above: bool
    hollow: bool
    when: str
    text: str


def signal_lines(trend: TrendSeries) -> tuple[SignalLine, ...]:
    """Every special cause of the periods drawn, newest first. Those that overlap and point one way share a line.

    Where neighbours depend on each other, overlapping ones of both directions have one line: that of the latest.
    """
    control, window = trend.drawn, trend.window
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
    if control.dependence is not None:
        spells = _one_a_run(spells)
    return tuple(_signal_line(control, spell) for spell in spells)


def _one_a_run(spells: Sequence[list[Signal]]) -> list[list[Signal]]:
    """Spells, the latest first, without those that reach into one that is kept."""
    kept: list[list[Signal]] = []
    for spell in spells:
        if not kept or max(s.last for s in spell) < min(s.first for s in kept[-1]):
            kept.append(spell)
    return kept


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


def side_figures(trend: TrendSeries, latest: Reading) -> tuple[SideFigure, ...]:
    """The figures of the same organisation and period that this one is never shown without."""
    return tuple(
        side_figure(
            indicator,
            trend.series_of(indicator),
            latest.period,
            href(TREND, indicator=indicator.id, organisation=trend.organisation),
        )
        for indicator in trend.beside
    )
