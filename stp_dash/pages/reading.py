"""What pages read from the store, handed on to the views."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from db.catalogue import LineageStep, lineage
from db.domain import ALL, Frequency, Indicator, OrganisationType, Period
from db.queries import LatestPeriod, Reading, breakdowns_with, members_of, periods_with, readings
from stp_dash.pages.request import PageRequest
from stp_dash.views.area import ReadingIndex, codes_of, index_readings
from stp_dash.views.comparator import comparator_codes
from stp_dash.views.overview_line import SPARK_PERIODS, OverviewInput
from stp_dash.views.series import comparable_frequencies, window_start

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
    """The figures of the area, its parts and its comparators that the overview shows, with those before them."""
    catalogue = request.site.store.catalogue
    teams = members_of(connection, parents=codes.trusts, types=[OrganisationType.STROKE_TEAM])
    organisations = _wanted(request, codes, [item.code for item in teams])
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
            organisations=organisations,
            frequencies=comparable_frequencies(frequency),
            since=since,
            until=until,
        )
    index = index_readings(found)
    until = requested.end if requested else date.max
    absent = [
        item for item in _with_any(catalogue.indicators.values(), latest) if item.id not in _held(index)
    ]
    alive = [item for item in absent if item.valid_to is None or item.valid_to >= until]
    return OverviewInput(
        area=request.site.settings.area,
        indicators=tuple(catalogue.indicators.values()),
        index=index,
        steps=codes.steps,
        names=request.site.names(),
        requested=requested,
        teams=teams,
        cuts=_cuts(connection, alive, codes, until),
    )


def _held(index: ReadingIndex) -> frozenset[str]:
    return frozenset(code for code, _, _ in index)


def _with_any(indicators: Iterable[Indicator], latest: Sequence[LatestPeriod]) -> list[Indicator]:
    loaded = {item.indicator for item in latest}
    return [item for item in indicators if item.id in loaded]


def _wanted(request: PageRequest, codes: AreaCodes, teams: Sequence[str]) -> list[str]:
    area = request.site.settings.area
    known = request.site.store.catalogue.indicators.values()
    comparators = [code for item in known for code in comparator_codes(item)]
    every = [*codes.own, *codes.trusts, *area.ccgs, *area.sub_icb_locations, *teams, *comparators]
    return list(dict.fromkeys(every))


def _cuts(
    connection: Connection, indicators: Sequence[Indicator], codes: AreaCodes, until: date
) -> tuple[Reading, ...]:
    """The area's own latest figures of indicators that are published by breakdown only."""
    found: list[Reading] = []
    for item in indicators:
        held = {key for code in codes.own for key in
                breakdowns_with(connection, indicator_code=item.id, organisation_code=code)}  # fmt: skip
        if ALL in held:
            continue
        for key in sorted(held):
            found += _latest_cut(connection, item, key, codes, until)
    return tuple(found)


def _latest_cut(
    connection: Connection, indicator: Indicator, key: str, codes: AreaCodes, until: date
) -> tuple[Reading, ...]:
    """The breakdown's last reading, where one code stands for the whole area."""
    periods = periods_with(connection, indicators=[indicator.id], organisations=codes.own, breakdown_key=key)
    last = next((period for period in periods if period.end <= until), None)
    if last is None:
        return ()
    own = readings(
        connection,
        indicators=[indicator.id],
        organisations=codes.own,
        frequencies=[last.frequency],
        since=last.start,
        until=last.start,
        breakdown_key=key,
    )
    alone = [codes.own[0], *(step.codes[0] for step in codes.steps if len(step.codes) == 1)]
    whole = [item for code in alone for item in own if item.organisation == code]
    return tuple(whole[:1])


def _window(
    request: PageRequest, indicator: Indicator, latest: Sequence[LatestPeriod], requested: Period | None
) -> tuple[date, date] | None:
    if requested is not None:
        return window_start(requested.start, indicator.frequency, SPARK_PERIODS), requested.end
    own = request.site.store.catalogue.organisations.get(request.site.settings.area.commissioner)
    known: dict[OrganisationType, Period] = {}
    for item in latest:
        same = item.period.frequency in comparable_frequencies(indicator.frequency)
        if item.indicator == indicator.id and same:
            known[item.organisation_type] = max(item.period, known.get(item.organisation_type, item.period))
    period = known.get(own.type if own else OrganisationType.ICB) or known.get(OrganisationType.TRUST)
    period = period or max(known.values(), default=None)
    if period is None:
        return None
    return window_start(period.start, indicator.frequency, SPARK_PERIODS + _SLACK), date.max
