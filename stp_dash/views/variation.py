"""What the variation page says: every organisation of a kind in one period, and where ours stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from db.catalogue import ICB_START
from db.domain import (
    ALL,
    Frequency,
    ImprovementDirection,
    Indicator,
    OrganisationType,
    Period,
    Standard,
    breakdown_members,
)
from db.queries import Reading
from db.settings import AreaSettings
from stp_dash.charts.ranked import BETTER, SIMILAR, UNJUDGED, WORSE, RankedChart, RankedPoint
from stp_dash.links import TREND, href
from stp_dash.statistics.proportions import wilson
from stp_dash.views.provenance import files_text
from stp_dash.views.verdict import gap_text
from stp_dash.views.wording import (
    PER_CENT,
    capitalised,
    count_text,
    level_text,
    listing,
    number_word,
    status_text,
    value_text,
)

FEW = 20
"""A rate of fewer than this many patients swings by 5 points or more with one of them."""


@dataclass(frozen=True)
class Comparison:
    """A kind of organisation to compare by. Codes of CCGs live on as sub-ICB locations from July 2022."""

    key: str
    label: str
    plural: str
    types: tuple[OrganisationType, ...]
    since: date = date.min
    until: date = date.max

    def covers(self, period: Period) -> bool:
        return self.since <= period.start <= self.until


COMPARISONS = {
    item.key: item
    for item in (
        Comparison("trust", "Trust", "trusts", (OrganisationType.TRUST,)),
        Comparison("icb", "ICB", "ICBs", (OrganisationType.ICB,)),
        Comparison(
            "ccg",
            "CCG",
            "CCGs",
            (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION),
            until=date(ICB_START.year, ICB_START.month - 1, 30),
        ),
        Comparison(
            "sub-icb",
            "Sub-ICB location",
            "sub-ICB locations",
            (OrganisationType.SUB_ICB_LOCATION,),
            since=ICB_START,
        ),
    )
}


@dataclass(frozen=True)
class VariationInput:
    """What the page has read: the readings of all organisations of the kind, and England's, in one period."""

    area: AreaSettings
    indicator: Indicator
    comparison: Comparison
    period: Period
    breakdown: str
    readings: Sequence[Reading]
    england: Reading | None
    names: Mapping[str, str]
    table: bool = False
    phone: bool = False

    @cached_property
    def intervals(self) -> Mapping[str, tuple[float, float]]:
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
    demonstration: bool


def comparison_periods(
    comparison: Comparison, frequency: Frequency, held: Mapping[OrganisationType, Sequence[Period]]
) -> tuple[Period, ...]:
    """The periods, newest first, that a comparison can be made for, of those held by organisation type."""
    periods = {period for kind in comparison.types for period in held.get(kind, ())}
    fitting = (p for p in periods if comparison.covers(p) and p.frequency is frequency)
    return tuple(sorted(fitting, reverse=True))


def our_codes(area: AreaSettings, comparison: Comparison) -> tuple[str, ...]:
    """The area's organisations of a kind."""
    by_key = {
        "trust": area.trusts,
        "icb": (area.commissioner,),
        "ccg": (*area.ccgs, *area.sub_icb_locations),
        "sub-icb": area.sub_icb_locations,
    }
    return by_key[comparison.key]


def variation(given: VariationInput) -> Variation:
    """The whole page in words and one chart. Organisations without a value are named, never drawn."""
    ranked = sorted(
        (item for item in given.readings if item.value is not None),
        key=lambda item: (item.value or 0.0, item.organisation),
    )
    ours = [item for item in ranked if item.organisation in our_codes(given.area, given.comparison)]
    figures = tuple(_our_figure(given, item) for item in ours)
    return Variation(
        title=_title(given, figures),
        lede=_lede(given, ranked),
        finding=_finding(given, figures),
        chart=_chart(given, ranked),
        rows=tuple(_row(given, rank, item) for rank, item in enumerate(ranked, 1)) if given.table else (),
        count=len(ranked),
        ours=figures,
        absent=_absent(given, ours),
        few=_few(given, ranked),
        files=listing(list(dict.fromkeys(file.name for item in ranked for file in item.files))),
        demonstration=any(item.demonstration for item in ranked),
    )


def breakdown_text(key: str) -> str:
    """A breakdown in words: `Breast`, or `All patients` for the headline."""
    return "All patients" if key == ALL else ", ".join(breakdown_members(key).values())


def _standard(given: VariationInput) -> Standard | None:
    """A standard is of the headline figure: a breakdown has none of its own."""
    return given.indicator.standard_on(given.period.start) if given.breakdown == ALL else None


def _interval(given: VariationInput, reading: Reading) -> tuple[float, float] | None:
    return given.intervals.get(reading.organisation)


def _mark(given: VariationInput, reading: Reading) -> str:
    """Better or worse than England only where the whole interval lies on one side of England's figure."""
    interval = _interval(given, reading)
    england = given.england.value if given.england else None
    rising = given.indicator.improvement_direction is ImprovementDirection.INCREASE
    if interval is None or england is None:
        return UNJUDGED
    if interval[0] <= england <= interval[1]:
        return SIMILAR
    above = interval[0] > england
    return BETTER if above is rising else WORSE


def _name(given: VariationInput, reading: Reading) -> str:
    return given.names.get(reading.organisation) or reading.organisation_name or reading.organisation


def _counts(reading: Reading) -> str:
    return f"{count_text(reading.numerator)} of {count_text(reading.denominator)}"


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
        counts=_counts(reading),
        gap=gap_text(given.indicator, reading) if given.breakdown == ALL else "",
        mark=_mark(given, reading),
        interval=_interval_text(given, reading),
        reading=reading,
    )


def _trend(given: VariationInput, reading: Reading) -> str:
    breakdown = None if given.breakdown == ALL else given.breakdown
    return href(TREND, indicator=given.indicator.id, organisation=reading.organisation, breakdown=breakdown)


def _title(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    name = given.indicator.short_name
    if not ours:
        return f"{name}: no figure for {given.area.name} by {given.comparison.label} in {given.period.label}"
    if given.england is None or given.england.value is None:
        return f"{name}: {_range_text(ours)}"
    level = given.england.value
    low = [o.name for o in ours if o.mark in (BETTER, WORSE) and (o.reading.value or 0.0) < level]
    high = [o.name for o in ours if o.mark in (BETTER, WORSE) and (o.reading.value or 0.0) > level]
    parts = [
        f"{listing(names)} {'is' if len(names) == 1 else 'are'} {word} than England"
        for names, word in ((low, "lower"), (high, "higher"))
        if names
    ]
    return f"{name}: {', '.join(parts)}" if parts else f"{name}: {_similar(ours)}"


def _similar(ours: Sequence[OurFigure]) -> str:
    if len(ours) == 1:
        return f"{ours[0].name} is similar to England"
    return f"our {number_word(len(ours))} are all similar to England"


def _range_text(ours: Sequence[OurFigure]) -> str:
    if len(ours) == 1:
        return f"{ours[0].name} {ours[0].value}"
    return f"{ours[0].name} {ours[0].value} to {ours[-1].name} {ours[-1].value}"


def _lede(given: VariationInput, ranked: Sequence[Reading]) -> str:
    states = listing(sorted({status_text(item.maturity) for item in ranked}))
    england = ""
    if given.england is not None and given.england.value is not None:
        england = f" England: {value_text(given.indicator, given.england.value)} ({_counts(given.england)})."
    what = f"{breakdown_text(given.breakdown)}, {given.period.label}, {states}."
    return f"{what} {len(ranked)} {given.comparison.plural}.{england}"


def _finding(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    standard = _standard(given)
    if not ours:
        return ""
    if standard is None:
        return f"{_range_text(ours)}. There is no standard for this figure."
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


def _short_by(figure: OurFigure) -> float:
    return float(figure.gap.split(" ")[0].replace(",", "")) if figure.gap.endswith("short") else 0.0


def _absent(given: VariationInput, ours: Sequence[Reading]) -> str:
    present = {item.organisation for item in ours}
    codes = [code for code in our_codes(given.area, given.comparison) if code not in present]
    if not codes or given.comparison.key == "ccg":
        return ""
    return f"No figure in this period: {listing([given.names.get(code, code) for code in codes])}."


def _few(given: VariationInput, ranked: Sequence[Reading]) -> str:
    count = sum(1 for item in ranked if item.denominator is not None and item.denominator < FEW)
    if not count:
        return f"{len(ranked)} {given.comparison.plural}, each with {FEW} patients or more"
    return (
        f"{len(ranked)} {given.comparison.plural}; {count} of them with fewer than {FEW} "
        f"{given.indicator.gap_unit}, drawn without interval: their rates swing most"
    )


def _chart(given: VariationInput, ranked: Sequence[Reading]) -> RankedChart:
    standard = _standard(given)
    england = given.england.value if given.england else None
    return RankedChart(
        points=tuple(_point(given, item) for item in ranked),
        standard=(standard.value, f"Standard {level_text(given.indicator, standard)}")
        if standard and standard.value is not None
        else None,
        england=(england, f"England {value_text(given.indicator, england)}") if england is not None else None,
        suffix="%" if given.indicator.unit == PER_CENT else "",
        kind=given.comparison.plural,
        phone=given.phone,
    )


def _point(given: VariationInput, reading: Reading) -> RankedPoint:
    interval = _interval(given, reading)
    shown = value_text(given.indicator, reading.value, _standard(given))
    england = given.england.value if given.england else None
    name = _name(given, reading)
    hover = f"<b>{name}</b><br>{shown}: {_counts(reading)}<br>{given.period.label}, {status_text(reading.maturity)}"
    ours = reading.organisation in our_codes(given.area, given.comparison)
    if not ours and reading.denominator is not None and reading.denominator < FEW:
        interval = None
    return RankedPoint(
        name=name,
        value=reading.value or 0.0,
        shown=shown,
        hover=hover,
        lower=interval[0] if interval else None,
        upper=interval[1] if interval else None,
        ours=ours,
        mark=_mark(given, reading),
        upward=england is None or (reading.value or 0.0) >= england,
    )


def _row(given: VariationInput, rank: int, reading: Reading) -> RankedRow:
    return RankedRow(
        rank=rank,
        code=reading.organisation,
        name=_name(given, reading),
        ours=reading.organisation in our_codes(given.area, given.comparison),
        href=_trend(given, reading),
        value=value_text(given.indicator, reading.value, _standard(given)),
        within=count_text(reading.numerator),
        total=count_text(reading.denominator),
        interval=_interval_text(given, reading),
        gap=gap_text(given.indicator, reading) if given.breakdown == ALL else "",
        status=status_text(reading.maturity),
        file=files_text(reading),
    )
