"""What the variation page says: every organisation of a kind in one period, and where ours stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from db.catalogue import ICB_START
from db.domain import (
    ALL,
    Frequency,
    ImprovementDirection,
    Indicator,
    Organisation,
    OrganisationType,
    Period,
    Standard,
    breakdown_members,
)
from db.queries import Reading
from db.settings import AreaSettings
from stp_dash.charts.ranked import BETTER, CROWD, SIMILAR, UNJUDGED, WORSE, RankedChart, RankedPoint
from stp_dash.links import TREND, href
from stp_dash.statistics.proportions import wilson
from stp_dash.views.comparator import Interval, comparator_name, has_average
from stp_dash.views.provenance import files_text
from stp_dash.views.series import comparable_frequencies
from stp_dash.views.verdict import brief, gap_text
from stp_dash.views.wording import (
    LEVEL,
    PER_CENT,
    capitalised,
    count_text,
    counts_text,
    full_text,
    is_rate,
    level_axis,
    level_text,
    listing,
    number_word,
    status_text,
    value_text,
)

FEW = 20
"""A rate of fewer than this many patients swings by 5 points or more with one of them."""
LISTED = 12
"""Up to so many of ours are listed one by one; of more, the ends."""
_FORMER_DAY = date(2020, 3, 31)


@dataclass(frozen=True)
class Comparison:
    """A kind of organisation to compare by. Codes of CCGs live on as sub-ICB locations from July 2022.

    `as_at` keeps the organisations that were open on a day: areas that figures go on being summed for.
    """

    key: str
    label: str
    plural: str
    types: tuple[OrganisationType, ...]
    since: date = date.min
    until: date = date.max
    as_at: date | None = None

    def covers(self, period: Period) -> bool:
        return self.since <= period.start <= self.until


_COUNTED = frozenset({"patients", "posts"})
_COMMISSIONING = (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)
COMPARISONS = {
    item.key: item
    for item in (
        Comparison("trust", "Trust", "trusts", (OrganisationType.TRUST,)),
        Comparison("team", "Team", "teams", (OrganisationType.STROKE_TEAM,)),
        Comparison(
            "former-ccg",
            "Former CCG area",
            "CCG areas of March 2020",
            _COMMISSIONING,
            since=_FORMER_DAY + timedelta(days=1),
            as_at=_FORMER_DAY,
        ),
        Comparison("ccg", "CCG", "CCGs", _COMMISSIONING, until=ICB_START - timedelta(days=1)),
        Comparison(
            "sub-icb",
            "Sub-ICB location",
            "sub-ICB locations",
            (OrganisationType.SUB_ICB_LOCATION,),
            since=ICB_START,
        ),
        Comparison("icb", "ICB", "ICBs", (OrganisationType.ICB,)),
        Comparison("region", "Region", "regions", (OrganisationType.REGION,)),
        Comparison("practice", "Practice", "practices", (OrganisationType.PRACTICE,)),
    )
}


@dataclass(frozen=True)
class VariationInput:
    """What the page has read: the readings of all organisations of the kind, and the comparator's, in one period.

    `ours` are the codes of the area's own organisations of the kind, `expected` those of them that should be there.
    """

    area: AreaSettings
    indicator: Indicator
    comparison: Comparison
    period: Period
    breakdown: str
    readings: Sequence[Reading]
    comparator: Reading | None
    names: Mapping[str, str]
    ours: frozenset[str]
    expected: tuple[str, ...] = ()
    table: bool = False
    phone: bool = False

    @cached_property
    def intervals(self) -> Mapping[str, Interval]:
        """95% Wilson intervals in the indicator's unit, by organisation, for proportions with counts."""
        counted = [item for item in self.readings if item.numerator is not None and item.denominator]
        if self.indicator.unit != PER_CENT or not counted:
            return {}
        lower, upper = wilson(
            np.array([item.numerator for item in counted], dtype=float),
            np.array([item.denominator for item in counted], dtype=float),
        )
        pairs = zip(np.atleast_1d(lower), np.atleast_1d(upper), strict=True)
        scale = self.indicator.multiplier
        return {
            item.organisation: (float(low) * scale, float(high) * scale)
            for item, (low, high) in zip(counted, pairs, strict=True)
        }

    @cached_property
    def beside(self) -> str:
        """The comparator's name."""
        return comparator_name(self.comparator)

    @property
    def level(self) -> float | None:
        return self.comparator.value if self.comparator else None


@dataclass(frozen=True)
class RankedRow:
    rank: int
    code: str
    name: str
    ours: bool
    href: str
    value: str
    within: str
    total: str
    interval: str
    gap: str
    status: str
    file: str


@dataclass(frozen=True)
class OurFigure:
    """One of ours, with the counts behind it."""

    name: str
    code: str
    href: str
    value: str
    counts: str
    gap: str
    mark: str
    interval: str
    reading: Reading


@dataclass(frozen=True)
class Variation:
    title: str
    lede: str
    finding: str
    chart: RankedChart
    rows: tuple[RankedRow, ...]
    count: int
    ours: tuple[OurFigure, ...]
    absent: str
    few: str
    files: str
    beside: str
    demonstration: bool


def comparison_periods(
    comparison: Comparison, frequency: Frequency, held: Mapping[OrganisationType, Sequence[Period]]
) -> tuple[Period, ...]:
    """The periods, newest first, that a comparison can be made for, of those held by organisation type."""
    periods = {period for kind in comparison.types for period in held.get(kind, ())}
    wanted = comparable_frequencies(frequency)
    fitting = (p for p in periods if comparison.covers(p) and p.frequency in wanted)
    return tuple(sorted(fitting, reverse=True))


def _rows(given: VariationInput, ranked: Sequence[Reading]) -> tuple[RankedRow, ...]:
    """A row for each, or of very many for each of ours, with the rank among all."""
    numbered = enumerate(ranked, 1)
    whole = len(ranked) <= CROWD
    return tuple(
        _row(given, rank, item) for rank, item in numbered if whole or item.organisation in given.ours
    )


def in_comparison(comparison: Comparison, organisation: Organisation | None, day: date) -> bool:
    """Whether an organisation belongs to a comparison of a day: open then, or open on the day of its areas."""
    if organisation is None or not set(comparison.types) <= set(_COMMISSIONING):
        return True
    day = comparison.as_at or day
    opened = organisation.opened_on is None or organisation.opened_on <= day
    return opened and (organisation.closed_on is None or organisation.closed_on >= day)


def variation(given: VariationInput) -> Variation:
    """The whole page in words and one chart. Organisations without a value are named, never drawn."""
    ranked = sorted(
        (item for item in given.readings if item.value is not None),
        key=lambda item: (item.value or 0.0, item.organisation),
    )
    ours = [item for item in ranked if item.organisation in given.ours]
    figures = tuple(_our_figure(given, item) for item in ours)
    return Variation(
        title=_title(given, figures),
        lede=_lede(given, ranked),
        finding=_finding(given, figures),
        chart=_chart(given, ranked),
        rows=_rows(given, ranked) if given.table else (),
        count=len(ranked),
        ours=figures,
        absent=_absent(given, ours),
        few=_few(given, ranked),
        files=listing(list(dict.fromkeys(file.name for item in ranked for file in item.files))),
        beside=given.beside,
        demonstration=any(item.demonstration for item in ranked),
    )


def breakdown_text(key: str, indicator: Indicator | None = None) -> str:
    """A breakdown in words: `Breast`, or for the headline `All patients`, by what the indicator counts."""
    if key != ALL:
        return ", ".join(breakdown_members(key).values())
    noun = indicator.gap_unit.rsplit(" ", 1)[-1] if indicator else ""
    return f"All {noun}" if noun in _COUNTED else "Overall"


def _standard(given: VariationInput) -> Standard | None:
    """A standard is of the headline figure: a breakdown has none of its own."""
    return given.indicator.standard_on(given.period.start) if given.breakdown == ALL else None


def _interval(given: VariationInput, reading: Reading) -> tuple[float, float] | None:
    return given.intervals.get(reading.organisation)


def _mark(given: VariationInput, reading: Reading) -> str:
    """Better or worse than the comparator only where the whole interval lies on one side of its figure."""
    interval = _interval(given, reading)
    level = given.level
    rising = given.indicator.improvement_direction is ImprovementDirection.INCREASE
    if interval is None or level is None:
        return UNJUDGED
    if interval[0] <= level <= interval[1]:
        return SIMILAR
    above = interval[0] > level
    return BETTER if above is rising else WORSE


def _name(given: VariationInput, reading: Reading) -> str:
    return given.names.get(reading.organisation) or reading.organisation_name or reading.organisation


def _counts(given: VariationInput, reading: Reading) -> str:
    return counts_text(given.indicator, reading.numerator, reading.denominator)


def _gap_text(given: VariationInput, reading: Reading) -> str:
    """The distance to the standard or the average: both are of the headline figure."""
    return gap_text(given.indicator, reading, given.comparator) if given.breakdown == ALL else ""


def _interval_text(given: VariationInput, reading: Reading) -> str:
    interval = _interval(given, reading)
    if interval is None:
        return ""
    return f"{value_text(given.indicator, interval[0])} to {value_text(given.indicator, interval[1])}"


def _our_figure(given: VariationInput, reading: Reading) -> OurFigure:
    return OurFigure(
        name=_name(given, reading),
        code=reading.organisation,
        href=_trend(given, reading),
        value=value_text(given.indicator, reading.value, _standard(given)),
        counts=_counts(given, reading),
        gap=_gap_text(given, reading),
        mark=_mark(given, reading),
        interval=_interval_text(given, reading),
        reading=reading,
    )


def _trend(given: VariationInput, reading: Reading) -> str:
    breakdown = None if given.breakdown == ALL else given.breakdown
    return href(TREND, indicator=given.indicator.id, organisation=reading.organisation, breakdown=breakdown)


def _title(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    name, level = given.indicator.short_name, given.level
    if not ours:
        return f"{name}: no figure for {given.area.name} by {given.comparison.label} in {given.period.label}"
    judged = [o for o in ours if o.mark != UNJUDGED]
    if level is None or not judged or len(ours) > LISTED:
        return f"{name}: {_range_text(ours)}"
    low = [o.name for o in ours if o.mark in (BETTER, WORSE) and (o.reading.value or 0.0) < level]
    high = [o.name for o in ours if o.mark in (BETTER, WORSE) and (o.reading.value or 0.0) > level]
    parts = [
        f"{listing(names)} {'is' if len(names) == 1 else 'are'} {word} than {given.beside}"
        for names, word in ((low, "lower"), (high, "higher"))
        if names
    ]
    return f"{name}: {', '.join(parts)}" if parts else f"{name}: {_similar(given, ours)}"


def _similar(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    if len(ours) == 1:
        return f"{ours[0].name} is similar to {given.beside}"
    return f"our {number_word(len(ours))} are all similar to {given.beside}"


def _range_text(ours: Sequence[OurFigure]) -> str:
    if len(ours) == 1:
        return f"{ours[0].name} {ours[0].value}"
    if len(ours) > LISTED:
        return f"ours range from {ours[0].value} to {ours[-1].value}"
    return f"{ours[0].name} {ours[0].value} to {ours[-1].name} {ours[-1].value}"


def _lede(given: VariationInput, ranked: Sequence[Reading]) -> str:
    states = listing(sorted({status_text(item.maturity) for item in ranked}))
    beside = ""
    if given.comparator is not None and given.level is not None:
        counts = _counts(given, given.comparator)
        brackets = f" ({counts})" if counts else ""
        beside = f" {given.beside}: {full_text(given.indicator, given.level)}{brackets}."
    what = f"{breakdown_text(given.breakdown, given.indicator)}, {given.period.label}, {states}."
    return f"{what} {_number(ranked)} {given.comparison.plural}.{beside}"


def _number(ranked: Sequence[Reading]) -> str:
    return f"{len(ranked):,}"


def _finding(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    standard = _standard(given)
    if not ours:
        return ""
    if standard is None:
        return (
            f"{capitalised(_range_text(ours))}. {_reached(given, ours)}There is no standard for this figure."
        )
    met = sum(1 for item in ours if item.gap.startswith("met"))
    level = level_text(given.indicator, standard)
    if len(ours) == 1:
        return f"{ours[0].name} at {ours[0].value} against {level}: {ours[0].gap}."
    told = {0: "None", len(ours): "All"}.get(met, capitalised(number_word(met)))
    verb = "meets" if met == 1 else "meet"
    whole = f"{told} of our {number_word(len(ours))} {verb} {level}"
    shortest = max(ours, key=_short_by)
    tail = f"; {shortest.name} is {shortest.gap} with {shortest.value}" if _short_by(shortest) else ""
    return f"{whole}{tail}."


def _reached(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    """How many of ours are no worse than the average, where the indicator is measured by one."""
    level, comparator = given.level, given.comparator
    if level is None or comparator is None or given.breakdown != ALL:
        return ""
    if len(ours) < 2 or not has_average(given.indicator, comparator):
        return ""
    rising = given.indicator.improvement_direction is ImprovementDirection.INCREASE
    values = [item.reading.value or 0.0 for item in ours]
    count = sum(1 for value in values if (value >= level if rising else value <= level))
    return f"{capitalised(number_word(count))} of our {number_word(len(ours))} reach {given.beside}. "


def _short_by(figure: OurFigure) -> float:
    return float(figure.gap.split(" ")[0].replace(",", "")) if figure.gap.endswith("short") else 0.0


def _absent(given: VariationInput, ours: Sequence[Reading]) -> str:
    """Ours that the settings name and that have no figure in the period."""
    present = {item.organisation for item in ours}
    codes = [code for code in given.expected if code not in present]
    if not codes:
        return ""
    return f"No figure in this period: {listing([given.names.get(code, code) for code in codes])}."


def _few(given: VariationInput, ranked: Sequence[Reading]) -> str:
    told = f"{_number(ranked)} {given.comparison.plural}"
    if given.indicator.unit != PER_CENT or not given.intervals:
        return f"{told}; no intervals: {_no_interval(given.indicator)}"
    count = sum(1 for item in ranked if item.denominator is not None and item.denominator < FEW)
    if not count:
        return f"{told}, each with {FEW} {given.indicator.gap_unit} or more"
    return (
        f"{told}; {count} of them with fewer than {FEW} {given.indicator.gap_unit}, drawn without interval: "
        "their rates swing most"
    )


def _no_interval(indicator: Indicator) -> str:
    return "posts are all that there are" if is_rate(indicator) else "published without counts"


def _chart(given: VariationInput, ranked: Sequence[Reading]) -> RankedChart:
    standard, level = _standard(given), given.level
    percent, letters = given.indicator.unit == PER_CENT, given.indicator.unit == LEVEL
    return RankedChart(
        points=tuple(_point(given, item) for item in ranked),
        standard=(standard.value, f"Standard {level_text(given.indicator, standard)}")
        if standard and standard.value is not None
        else None,
        comparator=(level, f"{given.beside} {value_text(given.indicator, level)}")
        if level is not None
        else None,
        suffix="%" if percent else "",
        kind=given.comparison.plural,
        phone=given.phone,
        unit="" if percent or letters else given.indicator.unit,
        letters=level_axis(given.indicator),
    )


def _point(given: VariationInput, reading: Reading) -> RankedPoint:
    interval = _interval(given, reading)
    ours = reading.organisation in given.ours
    if not ours and reading.denominator is not None and reading.denominator < FEW:
        interval = None
    level = given.level
    return RankedPoint(
        name=_name(given, reading),
        value=reading.value or 0.0,
        shown=value_text(given.indicator, reading.value, _standard(given)),
        hover=_hover(given, reading),
        lower=interval[0] if interval else None,
        upper=interval[1] if interval else None,
        ours=ours,
        mark=_mark(given, reading),
        upward=level is None or (reading.value or 0.0) >= level,
    )


def _hover(given: VariationInput, reading: Reading) -> str:
    counts = _counts(given, reading)
    shown = full_text(given.indicator, reading.value, _standard(given))
    figures = f"{shown}: {counts}" if counts else shown
    return f"<b>{_name(given, reading)}</b><br>{figures}<br>{given.period.label}, {status_text(reading.maturity)}"


def _row(given: VariationInput, rank: int, reading: Reading) -> RankedRow:
    return RankedRow(
        rank=rank,
        code=reading.organisation,
        name=_name(given, reading),
        ours=reading.organisation in given.ours,
        href=_trend(given, reading),
        value=value_text(given.indicator, reading.value, _standard(given)),
        within=count_text(reading.numerator) if reading.numerator is not None else "",
        total=count_text(reading.denominator) if reading.denominator is not None else "",
        interval=_interval_text(given, reading),
        gap=brief(_gap_text(given, reading), given.beside),
        status=status_text(reading.maturity),
        file=files_text(reading),
    )
