"""Data and methods: behind every number its file, definition, standards, revisions and owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from db.domain import ENGLAND
from db.domain.changes import Revision
from db.domain.holdings import DataVersion
from stp_dash.analysis.area import codes_of, index_readings, own_series
from stp_dash.analysis.series import holding
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.elements import html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import API, COMPARE, DATA, ORGANISATION, OVERVIEW, TREND, VARIATION
from stp_dash.elements.menus import by_topic
from stp_dash.frame.area import as_of_area
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject, takes_as_it_is
from stp_dash.pages.data.cards import data_cards
from stp_dash.pages.data.read import DataReader
from stp_dash.pages.data.reasons import ReasonInput, reasons
from stp_dash.pages.data.sheet import (
    files_sheet,
    indicators_sheet,
    revisions_sheet,
    series_sheet,
    standards_sheet,
)
from stp_dash.pages.data.state import DataState
from stp_dash.statistics.profiles import NATIONAL, PROFILES


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=`; each has a default."""
    reader = DataReader(request, connection, version)
    state = DataState(reader)
    indicator = state.indicator
    files = reader.files(indicator)
    steps, own = state.steps, codes_of(state.code, state.steps)
    index = index_readings(reader.figures(indicator, (*own, *comparator_codes(indicator))))
    series = own_series(index, indicator, state.code, steps)
    decisions = [
        item
        for item in reader.decisions
        if (item.indicator, item.organisation) == (indicator.id, state.code) and item.withdrawn_at is None
    ]
    moved = as_of_area(request, indicator, state.code)
    chosen = reader.rules_of(indicator.id, state.code)
    told = reasons(ReasonInput(moved, state.name, series, index, decisions, request.rules(), chosen))
    sheets = (
        series_sheet(indicator, state.name, series),
        revisions_sheet(indicator, _revised(reader.revisions(indicator, own), state.month)),
        standards_sheet(indicator),
        files_sheet(indicator.owner, files),
        indicators_sheet(tuple(request.site.store.catalogue.indicators.values())),
    )
    verb = "is" if len(files) == 1 else "are"
    return Page(
        title=state.title,
        lede=f"{indicator.name}. Published by {indicator.owner}; {len(files)} of its files {verb} held.",
        body=[html.Div(data_cards(state, sheets, told), className="grid loose")],
        crumbs=(
            (state.area.name, state.elsewhere(OVERVIEW)),
            ("Data and methods", ""),
            (indicator.short_name, ""),
        ),
        controls=_controls(state),
        state=state.address(),
        owners=[indicator.owner],
        sheets=sheets,
        subject=PageSubject(indicator.id, state.code, state.values["period"]),
        rules=PROFILES[request.rules() or chosen or NATIONAL.name].title,
        onward=_onward(state),
    )


def _revised(found: Sequence[Revision], month: date | None) -> list[Revision]:
    """The revisions of figures of a month, or of a longer period that it lies in; without a month all of them."""
    return [item for item in found if month is None or holding([item.period], month) is not None]


def _onward(state: DataState) -> list[tuple[str, str]]:
    """Back to the figures themselves."""
    of = {"indicator": state.indicator.id, "organisation": state.code}
    return [
        (f"{state.indicator.short_name}, {state.name}: over time", state.elsewhere(TREND, **of)),
        ("All organisations", state.elsewhere(VARIATION, indicator=state.indicator.id)),
        (f"{state.name}: every indicator", state.elsewhere(ORGANISATION, organisation=state.code)),
        ("Compare data versions", state.elsewhere(COMPARE, organisation=state.code)),
        ("The data for programs (API)", API),
    ]


def series(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page's series and nothing else, for its download."""
    reader = DataReader(request, connection, version)
    state = DataState(reader)
    return Page(state.title, (), state=state.address(), sheets=[_series(reader, state)])


def _series(reader: DataReader, state: DataState) -> Sheet:
    """The organisation's own series, under the codes that it bore in each period."""
    indicator, code, steps = state.indicator, state.code, state.steps
    found = reader.own_figures(indicator, code, steps)
    return series_sheet(indicator, state.name, own_series(index_readings(found), indicator, code, steps))


def _controls(state: DataState) -> list[Control]:
    area, names = state.area, state.names
    indicators = by_topic(
        state.request.site.store.catalogue.indicators.values(),
        lambda item: Choice(item.short_name, state.address(indicator=item.id), item.id == state.indicator.id),
    )
    listed = dict.fromkeys([area.commissioner, *area.trusts, *area.places, ENGLAND, state.code])
    organisations = tuple(
        Choice(f"{names.get(item, item)} ({item})", state.address(organisation=item), item == state.code)
        for item in listed
    )
    return [
        Control("indicator", "Indicator", indicators),
        Control("organisation", "Organisation", organisations),
    ]


PAGE = PageSpec(
    DATA,
    "Data and methods",
    build,
    parameters=DataState.parameter_names(),
    in_navigation=True,
    sheets={"series": series},
    takes=takes_as_it_is,
    of_indicator=True,
)
