"""Indicators that support the others: shown small, at the end of their topic."""

from __future__ import annotations

from dataclasses import dataclass

from db.domain import Indicator, OrganisationType, Period
from db.domain.reading import Reading
from stp_dash.analysis.area import latest_period_of
from stp_dash.analysis.kinds import breakdown_text
from stp_dash.analysis.standing.comparator import comparator_name
from stp_dash.analysis.wording import counts_text, status_text, value_text
from stp_dash.elements.links import TREND, VARIATION, href
from stp_dash.pages.overview.figures import IndicatorFigures

_SUMMABLE = frozenset(
    {
        OrganisationType.TRUST,
        OrganisationType.CCG,
        OrganisationType.SUB_ICB_LOCATION,
        OrganisationType.ICB,
        OrganisationType.UPPER_TIER_AUTHORITY,
    }
)


@dataclass(frozen=True)
class SupportFigure:
    """One organisation's or one breakdown's value."""

    name: str
    value: str
    counts: str
    href: str


@dataclass(frozen=True)
class SupportLine:
    """A supporting indicator on one line: figures to read beside each other, without a verdict."""

    id: str
    topic: str
    name: str
    href: str
    figures: tuple[SupportFigure, ...]
    beside: str
    period: str
    status: str
    owner: str
    demonstration: bool


def is_supporting(indicator: Indicator) -> bool:
    """An indicator without anything to be held to, without a figure for an area or a trust, or another definition of
    what a main one counts: the same posts are short once."""
    return (
        bool(indicator.definition_of)
        or not indicator.standards
        or not _SUMMABLE & set(indicator.organisation_types)
    )


def support_line(line: IndicatorFigures) -> SupportLine | None:
    """The figures of the area, or of its parts, or by breakdown; None without any."""
    indicator = line.indicator
    shown, by_breakdown = _shown(line)
    period = latest_period_of(shown)
    shown = [item for item in shown if item.period == period and item.value is not None]
    if period is None or not shown:
        return None
    return SupportLine(
        id=indicator.id,
        topic=indicator.topic,
        name=indicator.short_name,
        href=href(VARIATION, indicator=indicator.id),
        figures=tuple(_figure(line, item, by_breakdown=by_breakdown) for item in shown),
        beside=_beside(line, period),
        period=period.short_label,
        status=status_text(min(item.maturity for item in shown)),
        owner=indicator.owner,
        demonstration=any(item.demonstration for item in shown),
    )


def _shown(line: IndicatorFigures) -> tuple[list[Reading], bool]:
    cuts = [item for item in line.given.cuts if item.indicator == line.indicator.id]
    if cuts and line.value is None:
        return [item for item in cuts if item.period.end <= line.given.until], True
    if line.reading is not None and line.reading.value is not None:
        return [line.reading], False
    return list(line.shown_parts), False


def _figure(line: IndicatorFigures, reading: Reading, *, by_breakdown: bool) -> SupportFigure:
    indicator = line.indicator
    breakdown = reading.breakdown if by_breakdown else None
    return SupportFigure(
        breakdown_text(reading.breakdown) if by_breakdown else _name(line, reading),
        value_text(indicator, reading.value),
        counts_text(indicator, reading.numerator, reading.denominator),
        href(TREND, indicator=indicator.id, organisation=reading.organisation, breakdown=breakdown),
    )


def _name(line: IndicatorFigures, reading: Reading) -> str:
    own = line.reading is not None and reading.organisation == line.reading.organisation
    return line.given.area.name if own else line.name(reading)


def _beside(line: IndicatorFigures, period: Period) -> str:
    average = line.average_on(period)
    if average is None or average.value is None:
        return ""
    return f"{comparator_name(average)} {value_text(line.indicator, average.value)}"
