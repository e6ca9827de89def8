"""An own measure's figures as a series under limits: by period, or by what lies between one event and the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from db.domain import ALL, Basis, Indicator, Maturity, OrganisationType, Period, Standard, StandardKind
from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import LocalTarget, MeasureKind, OwnMeasure, target_on
from db.domain.reading import Reading
from stp_dash.analysis.control import Controlled, SeriesInput, controlled
from stp_dash.statistics.arguments import FloatArray
from stp_dash.statistics.profiles import FIRM_FROM
from stp_dash.statistics.rare.g_chart import analyse_chances_between
from stp_dash.statistics.rare.t_chart import analyse_times_between
from stp_dash.statistics.results import AnalysedSeries

_RARE_BELOW = 1.0
"""Events a period on average: below this most periods have none, and what counts is how many pass between them."""


@dataclass(frozen=True)
class MeasurePlace:
    """An organisation ("" for its unit) or a unit that has figures, and what people call it."""

    organisation: str
    unit: str
    name: str


@dataclass(frozen=True)
class EventGap:
    """What lies between an event and the one before it: days, or periods without an event."""

    on: date
    label: str
    between: float


@dataclass(frozen=True)
class OwnSeries:
    """One place's series. `control` is that of figures by period; `gaps` are what lies between events, of measures
    whose events are few; `analysed` is what the rules say of either."""

    measure: OwnMeasure
    indicator: Indicator
    place: MeasurePlace
    figures: tuple[OwnFigure, ...]
    targets: tuple[LocalTarget, ...]
    analysed: AnalysedSeries
    control: Controlled | None = None
    gaps: tuple[EventGap, ...] = ()

    @property
    def chart(self) -> str:
        """What kind of control chart it is."""
        if self.control is not None:
            return "XmR chart"
        return "t chart" if self.measure.kind is MeasureKind.DAYS_BETWEEN else "g chart"

    @property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Limits as drawn, within what can occur."""
        if self.control is not None:
            return self.control.shown_limits()
        return self.analysed.lower_process_limit, self.analysed.upper_process_limit

    def target(self, day: date) -> LocalTarget | None:
        """The target in force on a day."""
        return target_on(self.targets, self.place.organisation, self.place.unit, day)


def measure_series(
    measure: OwnMeasure,
    targets: Sequence[LocalTarget],
    place: MeasurePlace,
    figures: Mapping[FigureKey, OwnFigure],
    profile: str = "national",
) -> OwnSeries:
    """The series of one place of a measure. Events that are few are charted by what lies between them."""
    held = tuple(
        sorted(
            (
                f
                for f in figures.values()
                if (f.key.organisation, f.key.unit) == (place.organisation, place.unit)
            ),
            key=lambda item: item.key.period,
        )
    )
    indicator = _indicator(measure, targets, place)
    direction = measure.improvement_direction.value
    if measure.kind is MeasureKind.DAYS_BETWEEN:
        gaps = days_between(held)
        analysed = analyse_times_between(
            [gap.between for gap in gaps], improvement_direction=direction, profile=profile
        )
        return OwnSeries(measure, indicator, place, held, tuple(targets), analysed, gaps=gaps)
    if measure.kind is MeasureKind.COUNT and is_rare(held):
        gaps = periods_between_events(held)
        # Fewer events are better where more periods pass between them.
        turned = {"increase": "decrease", "decrease": "increase"}.get(direction, direction)
        analysed = analyse_chances_between(
            [gap.between for gap in gaps], improvement_direction=turned, profile=profile
        )
        return OwnSeries(measure, indicator, place, held, tuple(targets), analysed, gaps=gaps)
    readings = [_reading(measure, place, figure) for figure in held]
    control = controlled(SeriesInput(indicator, readings, place.name), profile=profile)
    return OwnSeries(measure, indicator, place, held, tuple(targets), control.analysed, control)


def days_between(figures: Sequence[OwnFigure]) -> tuple[EventGap, ...]:
    """Days from one event to the next; a second event on a day comes 0 days after the first."""
    days = [item.key.period.start for item in figures for _ in range(int(item.numerator or 0))]
    return tuple(
        EventGap(after, Period.day(after).label, float((after - before).days))
        for before, after in pairwise(days)
    )


def is_rare(figures: Sequence[OwnFigure]) -> bool:
    """Whether events are so few that most periods have none, over enough periods to tell."""
    counts = [item.numerator for item in figures if item.numerator is not None]
    return len(counts) >= FIRM_FROM and 0 < sum(counts) / len(counts) < _RARE_BELOW


def periods_between_events(figures: Sequence[OwnFigure]) -> tuple[EventGap, ...]:
    """Periods without an event between one event and the next: none for two in one period, or in neighbours."""
    found: list[EventGap] = []
    last: int | None = None
    known = [item for item in figures if item.numerator is not None]
    for place, item in enumerate(known):
        for _ in range(int(item.numerator or 0)):
            if last is not None:
                period = item.key.period
                found.append(EventGap(period.start, period.label, float(max(0, place - last - 1))))
            last = place
    return tuple(found)


def _indicator(measure: OwnMeasure, targets: Sequence[LocalTarget], place: MeasurePlace) -> Indicator:
    """The measure as charts of published indicators take it; its local targets stand where standards do."""
    starts = sorted({item.effective_from for item in targets})
    in_force = [target_on(targets, place.organisation, place.unit, day) for day in starts]
    standards = [
        Standard(
            StandardKind.OPERATIONAL_STANDARD,
            target.comparator,
            target.label,
            target.effective_from,
            target.effective_to,
            target.value,
        )
        for target in dict.fromkeys(reversed(in_force))
        if target is not None
    ]
    return Indicator(
        id=measure.id,
        name=measure.name,
        short_name=measure.short_name,
        topic="",
        source_id="",
        unit=measure.unit,
        multiplier=measure.multiplier,
        numerator_label=measure.numerator_label,
        denominator_label=measure.denominator_label,
        gap_unit="",
        frequency=measure.frequency,
        organisation_types=(OrganisationType.TRUST,),
        improvement_direction=measure.improvement_direction,
        definition=measure.definition,
        why_it_matters=measure.why_it_matters,
        caveats=measure.caveats,
        definition_url="",
        owner=measure.owner,
        reviewed_on=measure.reviewed_on,
        review_due_on=measure.review_due_on,
        order=measure.order,
        breaks=measure.breaks,
        standards=tuple(standards),
        is_total=measure.kind is MeasureKind.COUNT,
        decimals=0 if measure.kind in {MeasureKind.COUNT, MeasureKind.DAYS_BETWEEN} else measure.decimals,
    )


def _reading(measure: OwnMeasure, place: MeasurePlace, figure: OwnFigure) -> Reading:
    return Reading(
        indicator=measure.id,
        organisation=place.unit or place.organisation,
        organisation_name=place.name,
        organisation_type=OrganisationType.TRUST,
        period=figure.key.period,
        breakdown=ALL,
        numerator=figure.numerator,
        denominator=figure.denominator,
        value=figure.value,
        missing_reason=figure.missing_reason,
        basis=Basis.PROVIDER,
        maturity=Maturity.PROVISIONAL if figure.provisional else Maturity.FINAL,
        derived=False,
        files=(),
    )


def drawn(number: float) -> float | None:
    """A number for a chart, None where there is none."""
    return None if np.isnan(number) else float(number)
