"""What pages read from the store, handed on to the views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from db.catalogue import LineageStep, lineage
from db.domain import ENGLAND, Frequency, Indicator, OrganisationType, Period
from db.queries import LatestPeriod, Reading, readings
from stp_dash.pages.request import PageRequest
from stp_dash.views.area import codes_of, index_readings
from stp_dash.views.overview_row import SPARK_PERIODS, OverviewInput
from stp_dash.views.series import window_start

_SLACK = 12
"""How many periods further back to read, in case an area is published later than others of its type."""


@dataclass(frozen=True)
class AreaCodes:
    """The area's own codes (the commissioner first, then its predecessors) and its trusts'."""

    own: tuple[str, ...]
    trusts: tuple[str, ...]
    steps: tuple[LineageStep, ...]


def area_codes(request: PageRequest) -> AreaCodes:
    area = request.site.settings.area
    steps = steps_of(request, area.commissioner)
    return AreaCodes(codes_of(area.commissioner, steps), area.trusts, steps)


def steps_of(request: PageRequest, code: str) -> tuple[LineageStep, ...]:
    """An organisation's predecessors; none for a code that the catalogue does not hold."""
    catalogue = request.site.store.catalogue
    return lineage(catalogue, code) if code in catalogue.organisations else ()


def read_overview(
    request: PageRequest,
    connection: Connection,
    latest: Sequence[LatestPeriod],
    codes: AreaCodes,
    requested: Period | None,
) -> OverviewInput:
    """The figures of the area, its trusts and England that the overview shows, with two years before them."""
    catalogue = request.site.store.catalogue
    windows: dict[tuple[Frequency, date, date], list[str]] = {}
    for item in catalogue.indicators.values():
        window = _window(request, item, latest, requested)
        if window is not None:
            windows.setdefault((item.frequency, *window), []).append(item.id)
    found: list[Reading] = []
    for (frequency, since, until), indicators in windows.items():
        found += readings(
            connection,
            indicators=indicators,
            organisations=[*codes.own, *codes.trusts, ENGLAND],
            frequency=frequency,
            since=since,
            until=until,
        )
    return OverviewInput(
        area=request.site.settings.area,
        indicators=tuple(catalogue.indicators.values()),
        index=index_readings(found),
        steps=codes.steps,
        names=request.site.names(),
        requested=requested,
    )


def _window(
    request: PageRequest, indicator: Indicator, latest: Sequence[LatestPeriod], requested: Period | None
) -> tuple[date, date] | None:
    if requested is not None:
        return window_start(requested.start, indicator.frequency, SPARK_PERIODS), requested.end
    own = request.site.store.catalogue.organisations.get(request.site.settings.area.commissioner)
    known = {
        item.organisation_type: item.period
        for item in latest
        if item.indicator == indicator.id and item.period.frequency is indicator.frequency
    }
    period = known.get(own.type if own else OrganisationType.ICB) or known.get(OrganisationType.TRUST)
    if period is None:
        return None
    return window_start(period.start, indicator.frequency, SPARK_PERIODS + _SLACK), date.max
