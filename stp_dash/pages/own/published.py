"""The published indicator that an own measure compares with: its figures of the same organisation, or why none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from db.domain import ALL, Indicator, Period
from db.domain.own.measures import MeasureKind, OwnMeasure
from db.domain.reading import Reading, Selection
from stp_dash.analysis.wording import PER_CENT, uncapitalised, value_text
from stp_dash.frame.reader import StoreReader
from stp_dash.pages.own.series import OwnSeries
from stp_dash.pages.own.words import value_words

_SHARE, _RATE, _TOTAL, _VALUE = "a proportion", "a rate", "a count", "a value without counts"
_KINDS = {
    MeasureKind.PROPORTION: _SHARE,
    MeasureKind.RATE: _RATE,
    MeasureKind.COUNT: _TOTAL,
    MeasureKind.MEAN: _VALUE,
    MeasureKind.SCORE: _VALUE,
    MeasureKind.DAYS_BETWEEN: "days between events",
}


@dataclass(frozen=True)
class PublishedBeside:
    """The published figures beside a series, by period, of the organisation called `name`; `why_not` says why none is
    drawn, "" where some are."""

    indicator: Indicator
    name: str
    readings: Mapping[Period, Reading] = field(default_factory=dict)
    why_not: str = ""

    def value(self, period: Period) -> float | None:
        """What was published for a period."""
        found = self.readings.get(period)
        return found.value if found is not None else None

    def label(self, period: Period) -> str:
        """The line's name at its end, with its figure."""
        return f"{self.name}, published {value_text(self.indicator, self.value(period))}"


def published_beside(reader: StoreReader, measure: OwnMeasure, series: OwnSeries) -> PublishedBeside | None:
    """The published figures of the periods of a series; None for a measure that compares with none."""
    indicator = reader.request.site.store.catalogue.indicators.get(measure.compares_with)
    if indicator is None or not reader.version.number:
        return None
    code = series.place.organisation
    name = reader.names.get(code, code)
    why_not = unlike_words(measure, indicator)
    if not why_not and series.control is None:
        why_not = "The chart is of what lies between events, which the published figures are not."
    if why_not:
        return PublishedBeside(indicator, name, why_not=why_not)
    periods = tuple(series.control.periods) if series.control is not None else ()
    found = reader.readings([Selection((indicator.id,), (code,), periods)]) if periods else ()
    held = {item.period: item for item in found if item.value is not None and item.breakdown == ALL}
    if not held:
        return PublishedBeside(indicator, name, why_not=f"None is published of {name} for these periods.")
    return PublishedBeside(indicator, name, held)


def unlike_words(measure: OwnMeasure, indicator: Indicator) -> str:
    """Why figures of a measure and of a published indicator cannot stand on one axis; "" where they can."""
    kinds = _KINDS[measure.kind], _kind_of(indicator)
    if kinds[0] != kinds[1]:
        return f"It is {kinds[1]}, and this measure {kinds[0]}: the two do not stand on one axis."
    if (measure.unit, measure.multiplier) != (indicator.unit, indicator.multiplier) and kinds[0] != _TOTAL:
        return (
            f"It is in {_unit(indicator.unit)}, and this measure in {_unit(measure.unit)}: the two do not stand on one "
            "axis."
        )
    if measure.frequency is not indicator.frequency:
        return f"It is published by {indicator.frequency}, and this measure is by {measure.frequency}."
    return ""


def _unit(unit: str) -> str:
    return "per cent" if unit == PER_CENT else unit or "numbers alone"


def _kind_of(indicator: Indicator) -> str:
    if indicator.is_total:
        return _TOTAL
    if not (indicator.numerator_label and indicator.denominator_label):
        return _VALUE
    return _SHARE if indicator.unit == PER_CENT else _RATE


def beside_words(series: OwnSeries, beside: PublishedBeside | None) -> str:
    """What stands beside the chart of the published indicator: the newest period of both, or why none is drawn."""
    if beside is None:
        return ""
    name = f"What is published as {uncapitalised(beside.indicator.short_name)}"
    if beside.why_not:
        return f"{name} is not drawn. {beside.why_not}"
    own = {item.key.period: item.value for item in series.figures if item.value is not None}
    both = sorted(period for period in beside.readings if period in own)
    if not both:
        return f"{name} for {beside.name} is the dotted line; no period has both figures."
    last = both[-1]
    told = value_text(beside.indicator, beside.value(last)), value_words(series, own[last])
    return (
        f"{name} for {beside.name} is the dotted line. For {last.label}, the last period with both, "
        f"{told[0]} is published and {told[1]} stands here."
    )
