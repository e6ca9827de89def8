"""An organisation's stroke figures: who could be treated, who was, who was in time; by quarter; and its teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from db.domain import Indicator, Maturity, Period
from db.domain.organisation import OrganisationChoice
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.rolling import interval_text, rolling, rolling_words
from stp_dash.analysis.series import earlier
from stp_dash.analysis.sheet import Column, Sheet, Subject, column_of
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.wording import (
    capitalised,
    count_text,
    counted,
    counts_text,
    dates,
    listing,
    number_word,
    period_word,
    periods_word,
    status_text,
    value_text,
    within,
)
from stp_dash.charts.svg.sparkline import Sparkline, SparkPoint
from stp_dash.elements.links import ORGANISATION, TREND, href
from stp_dash.statistics.spread import median

SPARK = 24
_LEAST_DRAWN = 2


@dataclass(frozen=True)
class Step:
    """One bar: how many people, as a share of the first bar, and what the number means in words."""

    name: str
    count: float
    share: float
    note: str


@dataclass(frozen=True)
class TeamInput:
    """A team with the newest reading of each indicator by its id.

    `site` is the code of its building, `sharing` are the other teams that it houses or housed.
    """

    team: OrganisationChoice
    readings: Mapping[str, Reading]
    site: str = ""
    sharing: tuple[str, ...] = ()


@dataclass(frozen=True)
class StrokeInput:
    """What the page has read.

    within: patients treated in time of those treated, under limits; `eligible`: those treated of those that could be,
    of whom the first are a part. `medians` are the newest readings of a median with who they are of, and the nation's.
    """

    name: str
    code: str
    within: Controlled
    eligible_indicator: Indicator
    eligible: Sequence[Reading]
    medians: Sequence[tuple[str, Indicator, Reading, Reading | None]] = ()


@dataclass(frozen=True)
class StrokeView:
    """The card in words. `steps` are from all who could be treated to those treated in time."""

    title: str
    sentence: str
    steps: tuple[Step, ...]
    span: str
    medians: tuple[tuple[str, str], ...]
    spark: Sparkline | None
    spark_title: str
    spark_words: str
    spark_ends: tuple[str, str]
    spark_href: str
    sheet: Sheet


def stroke_view(given: StrokeInput) -> StrokeView | None:
    """The card; None where there is no period with counts of both."""
    indicator = given.within.given.indicator
    own = [item for item in given.within.readings if item is not None]
    treated, could, span = _together(indicator, own, given)
    if treated is None or could is None:
        return None
    steps = _steps(indicator, treated, given.eligible_indicator, could)
    return StrokeView(
        title="Treated and eligible",
        sentence=_sentence(indicator, treated, could),
        steps=steps,
        span=span,
        medians=tuple(_median(given.name, *item) for item in given.medians),
        spark=_spark(given),
        spark_title=f"{indicator.short_name}, {_each(indicator)}",
        spark_words=_spark_words(given),
        spark_ends=_ends(given.within),
        spark_href=href(TREND, indicator=indicator.id, organisation=given.code),
        sheet=_sheet(given, own),
    )


def _each(indicator: Indicator) -> str:
    noun = period_word(indicator)
    return f"{noun} by {noun}"


def _together(
    indicator: Indicator, own: Sequence[Reading], given: StrokeInput
) -> tuple[Reading | None, Reading | None, str]:
    """The last so many periods of both together where all have counts, or else the last one that has."""
    rolled, beside = rolling(indicator, own), _rolled_alike(indicator, given)
    shared = sorted(set(rolled) & set(beside))
    last = max((item.period for item in own if item.denominator), default=None)
    if shared and shared[-1] == last:
        period = shared[-1]
        first = earlier(period, (indicator.rolling_periods or 1) - 1)
        words = rolling_words(indicator).removeprefix("Last ")
        return rolled[period], beside[period], f"{first.start:%B %Y} to {period.end:%B %Y}, {words}"
    one = {item.period: item for item in own if item.denominator}
    two = {item.period: item for item in given.eligible if item.denominator}
    both = sorted(set(one) & set(two))
    return (one[both[-1]], two[both[-1]], both[-1].label) if both else (None, None, "")


def _rolled_alike(indicator: Indicator, given: StrokeInput) -> dict[Period, Reading]:
    """The other indicator summed over as many periods, restarts of both kept apart."""
    both = (*indicator.breaks, *given.eligible_indicator.breaks)
    alike = replace(given.eligible_indicator, rolling_periods=indicator.rolling_periods, breaks=both)
    return rolling(alike, given.eligible)


def _steps(indicator: Indicator, treated: Reading, other: Indicator, could: Reading) -> tuple[Step, ...]:
    """Could be treated, were, and were in time. The two indicators count the treated each in its own way."""
    eligible, given_it = could.denominator or 0.0, could.numerator or 0.0
    whole, in_time = treated.denominator or 0.0, treated.numerator or 0.0
    top = max(eligible, whole) or 1.0
    same = given_it == whole
    steps = [
        Step(other.denominator_label, eligible, eligible / top, ""),
        Step(
            other.numerator_label, given_it, given_it / top, f"{value_text(other, could.value)} of eligible"
        ),
    ]
    if not same:
        steps.append(Step(f"{indicator.denominator_label}, all", whole, whole / top, ""))
    note = (
        f"{value_text(indicator, treated.value)} of those thrombolysed, {count_text(whole - in_time)} later"
    )
    return (*steps, Step(indicator.numerator_label, in_time, in_time / top, note))


def _sentence(indicator: Indicator, treated: Reading, could: Reading) -> str:
    missed = (could.denominator or 0.0) - (could.numerator or 0.0)
    late = (treated.denominator or 0.0) - (treated.numerator or 0.0)
    limit = indicator.numerator_label.rpartition("within ")[2]
    whole = count_text(treated.denominator)
    untreated = (
        "Every eligible patient was treated"
        if missed <= 0
        else f"{counted(missed, indicator.gap_unit)} of {count_text(could.denominator)} eligible "
        f"{'was' if missed == 1 else 'were'} not treated"
    )
    waited = "none" if late <= 0 else count_text(late)
    return f"{capitalised(untreated)}; {waited} of the {whole} treated waited longer than {limit}."


def _median(
    name: str, who: str, indicator: Indicator, reading: Reading, nation: Reading | None
) -> tuple[str, str]:
    """A median stands alone: medians of several cannot be added up."""
    head = indicator.short_name if who == name else f"{indicator.short_name}, {who}"
    if reading.value is None:
        return head, f"No figure {within(reading.period)}: {reading.missing_reason}"
    beside = ""
    if nation is not None and nation.value is not None:
        beside = f"; {comparator_name(nation)} {value_text(indicator, nation.value)}"
    return head, f"{value_text(indicator, reading.value)} {within(reading.period)}{beside}"


def _spark(given: StrokeInput) -> Sparkline | None:
    """The line under its limits; limits are drawn no further than a share can go."""
    analysed = given.within.analysed
    lower, upper = given.within.shown_limits()
    starts = {item.position for item in given.within.rebases}
    points = [
        SparkPoint(
            reading.value if reading else None,
            provisional=reading is not None and reading.maturity is Maturity.PROVISIONAL,
            restarts=place in starts,
            mean=_known(analysed.mean[place]),
            limits=None if np.isnan(lower[place]) else (float(lower[place]), float(upper[place])),
            mark=analysed.point_types[place] if analysed.signals[place] else "",
            side="low" if analysed.values[place] < analysed.mean[place] else "high",
        )
        for place, reading in enumerate(given.within.readings)
    ]
    if sum(point.value is not None for point in points) < _LEAST_DRAWN:
        return None
    return Sparkline(tuple(points[-SPARK:]), _spark_words(given))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _ends(within_time: Controlled) -> tuple[str, str]:
    """The first and the last period drawn."""
    shown = within_time.periods[-SPARK:]
    return (shown[0].short_label, shown[-1].short_label) if shown else ("", "")


def _spark_words(given: StrokeInput) -> str:
    """`Steady: common cause. 24 quarters between 54% and 71%, about 38 patients each.`"""
    indicator = given.within.given.indicator
    shown = [item for item in given.within.readings[-SPARK:] if item is not None and item.value is not None]
    if not shown:
        return "No figures."
    values = sorted(item.value or 0.0 for item in shown)
    totals = [item.denominator for item in shown if item.denominator]
    about = f", about {counted(round(median(totals)), 'patients')} each" if totals else ""
    many = counted(len(shown), periods_word(indicator))
    ends = f"between {value_text(indicator, values[0])} and {value_text(indicator, values[-1])}"
    return f"{change_words.change_word(given.within)}. {many} {ends}{about}."


@dataclass(frozen=True)
class _Quarter:
    """A period of the sheet: its place in the series, and the readings of both indicators."""

    place: int
    own: Reading
    beside: Reading | None

    @property
    def eligible(self) -> float | None:
        return self.beside.denominator if self.beside else None

    @property
    def treated(self) -> float | None:
        return self.beside.numerator if self.beside else None


def _sheet(given: StrokeInput, own: Sequence[Reading]) -> Sheet:
    """Quarter by quarter, newest first, with limits and signals."""
    indicator, other = given.within.given.indicator, given.eligible_indicator
    could = {item.period: item for item in given.eligible}
    rows = [
        _Quarter(place, item, could.get(item.period))
        for place, item in reversed(list(enumerate(given.within.readings)))
        if item is not None
    ]
    analysed = given.within.analysed

    def reason(row: _Quarter) -> str:
        return signals.reason(given.within, row.place)

    columns = (
        column_of(rows, "Period", lambda r: r.own.period.short_label, "period", lambda r: r.own.period.label),
        column_of(rows, key="period_start", raw=lambda r: r.own.period.start),
        column_of(rows, key="indicator", raw=lambda _: indicator.id),
        column_of(rows, key="unit", raw=lambda _: indicator.unit),
        column_of(rows, key="period_end", raw=lambda r: r.own.period.end),
        column_of(rows, key="organisation_code", raw=lambda _: given.code),
        column_of(rows, other.denominator_label, lambda r: _count(r.eligible), "eligible", lambda r: r.eligible,
                  numeric=True),
        column_of(rows, other.numerator_label, lambda r: _count(r.treated), "eligible_treated", lambda r: r.treated,
                  numeric=True),
        column_of(rows, indicator.denominator_label, lambda r: _count(r.own.denominator), "denominator",
                  lambda r: r.own.denominator, numeric=True),
        column_of(rows, indicator.numerator_label, lambda r: _count(r.own.numerator), "numerator",
                  lambda r: r.own.numerator, numeric=True),
        column_of(rows, "Value", lambda r: value_text(indicator, r.own.value), "value", lambda r: r.own.value,
                  numeric=True),
        column_of(rows, "95% interval", lambda r: interval_text(indicator, r.own), numeric=True),
        column_of(rows, key="mean", raw=lambda r: _known(analysed.mean[r.place])),
        column_of(rows, key="lower_process_limit", raw=lambda r: _known(analysed.lower_process_limit[r.place])),
        column_of(rows, key="upper_process_limit", raw=lambda r: _known(analysed.upper_process_limit[r.place])),
        column_of(rows, "Signal", reason, "signal_words", reason),
        column_of(rows, "Status", lambda r: capitalised(status_text(r.own.maturity)), "status",
                  lambda r: status_text(r.own.maturity)),
        column_of(rows, key="file", raw=lambda r: files_text(r.own)),
    )  # fmt: skip
    return Sheet(
        name="stroke",
        title="Stroke: treated and eligible",
        caption=f"Stroke thrombolysis of {given.name}, {_each(indicator)}, newest first",
        columns=columns,
        source=indicator.owner,
        note=f"Team-centred: each patient belongs to one team. {signals.rules_line(given.within)}",
        demonstration=any(item.demonstration for item in own),
        subject=Subject(
            indicator.short_name, given.name, dates(own[0].period, own[-1].period) if own else ""
        ),
    )


def _count(count: float | None) -> str:
    return "" if count is None else count_text(count)


def teams_sheet(
    name: str, teams: Sequence[TeamInput], indicators: Sequence[Indicator], period: Period
) -> Sheet:
    """A trust's stroke teams with their figures of one period, each linking to its own page."""
    columns = [
        Column("Team", [item.team.name for item in teams], "organisation_name", [item.team.name for item in teams],
               links=[href(ORGANISATION, organisation=item.team.code) for item in teams]),
        Column("", (), "organisation_code", [item.team.code for item in teams]),
        Column("Site", [_site(item) for item in teams], "site", [item.site for item in teams]),
    ]  # fmt: skip
    for indicator in indicators:
        found = [item.readings.get(indicator.id) for item in teams]
        key = indicator.id.replace("-", "_")
        columns += [
            Column(indicator.short_name, [_cell(indicator, reading) for reading in found],
                   f"{key}__value", [reading.value if reading else None for reading in found],
                   numeric=True),
            Column("", (), f"{key}__missing_reason",
                   [reading.missing_reason if reading else "no row" for reading in found]),
        ]  # fmt: skip
    known = [reading for item in teams for reading in item.readings.values()]
    return Sheet(
        name="teams",
        title="Its stroke teams",
        caption=f"Stroke teams of {name}, {period.label}",
        columns=tuple(columns),
        source=listing(list(dict.fromkeys(indicator.owner for indicator in indicators))),
        note="Team-centred: each patient belongs to the one team that answers for them.",
        demonstration=any(reading.demonstration for reading in known),
        subject=Subject("Stroke teams", name, period.label),
    )


def _site(item: TeamInput) -> str:
    """The building's code; a team that shares it with another says so."""
    return f"{item.site}, shared with {listing(item.sharing)}" if item.sharing else item.site


def _cell(indicator: Indicator, reading: Reading | None) -> str:
    if reading is None:
        return "no row"
    if reading.value is None:
        return "no figure"
    counts = counts_text(indicator, reading.numerator, reading.denominator)
    return (
        f"{value_text(indicator, reading.value)} ({counts})"
        if counts
        else value_text(indicator, reading.value)
    )


def why_none(teams: Sequence[TeamInput]) -> str:
    """Why teams have no figures, once for each reason; "" where all have some."""
    reasons: dict[str, list[str]] = {}
    for item in teams:
        own = list(item.readings.values())
        if own and all(reading.value is None for reading in own):
            reasons.setdefault(own[0].missing_reason, []).append(item.team.name)
    return " ".join(
        f"{capitalised(number_word(len(names))) if len(names) > 2 else listing(names)}"
        f"{' teams' if len(names) > 2 else ''}: {reason}."
        for reason, names in reasons.items()
    )
