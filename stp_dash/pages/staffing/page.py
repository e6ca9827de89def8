"""StaffingShortfalls: posts short of England's rate by area and over time, beside what the Case for Change claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from db.catalogue.quoted_claims import quoted_claims
from db.domain import Period
from db.domain.holdings import DataVersion
from stp_dash.analysis.wording import capitalised, month_code
from stp_dash.elements import dcc, html
from stp_dash.elements.components import Choice, Control, notice
from stp_dash.elements.links import DATA, ORGANISATION, OVERVIEW, STAFFING, TREND, VARIATION
from stp_dash.elements.menus import by_year, lettered
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.staffing.cards import staffing_cards
from stp_dash.pages.staffing.chart import StaffingMap, staffing_map
from stp_dash.pages.staffing.read import StaffingReader, staffing_taken
from stp_dash.pages.staffing.sheet import definitions_sheet, map_sheet, over_time_sheet, parts_sheet
from stp_dash.pages.staffing.shortfalls import StaffingInput, StaffingShortfalls
from stp_dash.pages.staffing.state import PARTS, StaffingState, parts_words
from stp_dash.pages.staffing.words import staffing_lede, staffing_title

_MAP_WIDTHS = {"desktop": 700.0, "tablet": 620.0, "phone": 300.0}


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?definition=&by=&period=YYYY-MM&organisation=`; each has a default."""
    reader = StaffingReader(request, connection, version)
    definitions = reader.definitions
    if not definitions:
        return _nothing(request)
    state = StaffingState(request, definitions)
    series, national = reader.series(definitions)
    days = sorted({item.period for item in series.get(state.chosen.id, ())}, reverse=True)
    period = state.day(days)
    if period is None:
        return _nothing(request)
    area = request.area
    view = StaffingShortfalls(
        StaffingInput(
            area_name=area.name,
            area_code=area.commissioner,
            definitions=definitions,
            chosen=state.chosen,
            period=period,
            series=series,
            national=national,
            parts=reader.parts(state.chosen, state.by, period),
            registered=reader.registered(period),
            names=request.site.names(),
            claims=[claim for claim in quoted_claims() if claim.organisation == area.commissioner],
            parts_words=parts_words(area, state.by)[1],
            phone=request.width == "phone",
        )
    )
    return _page(state, (view, _over_time(reader, state, view)), days, _map(reader, state, view))


def _over_time(
    reader: StaffingReader, state: StaffingState, view: StaffingShortfalls
) -> StaffingShortfalls | None:
    """The shortfalls of the part that is asked for; None for the whole area."""
    code = state.values["organisation"]
    choice = reader.code_lists.organisation(code) if code and reader.part(code) else None
    if choice is None:
        return None
    series = reader.part_series(view.given.definitions, code)
    if not series[view.given.chosen.id]:
        return None
    of_part = replace(
        view.given,
        area_name=view.given.names.get(code) or choice.name,
        area_code=code,
        series=series,
        claims=[],
    )
    return StaffingShortfalls(of_part)


def _map(reader: StaffingReader, state: StaffingState, view: StaffingShortfalls) -> StaffingMap | None:
    """The area's places on a map; practices, and a place that is the whole area, have none."""
    if state.by != "ccg" or len(view.parts) < 2:
        return None
    codes = tuple(row.code for row in view.parts)
    outlines, tiles = reader.outlines(codes), state.request.site.tiles(codes)
    return staffing_map(view, outlines, tiles, _MAP_WIDTHS[state.request.width])


def _page(
    state: StaffingState,
    views: tuple[StaffingShortfalls, StaffingShortfalls | None],
    days: Sequence[Period],
    mapped: StaffingMap | None,
) -> Page:
    """`views` are the whole area and the part that is shown over time in its place, if one is."""
    view, part = views
    shown = part or view
    addresses = {item.id: state.definition_address(item) for item in view.given.definitions}
    over_time = over_time_sheet(shown)
    if part is not None:
        over_time = replace(over_time, title=f"{over_time.title}: {part.given.area_name}")
    sheets = (over_time, parts_sheet(view), definitions_sheet(view, addresses), map_sheet(view))
    return Page(
        title=staffing_title(view),
        lede=staffing_lede(view),
        body=[
            html.Div(staffing_cards(state.request, state, (view, shown), sheets, mapped), className="grid")
        ],
        crumbs=((view.given.area_name, state.elsewhere(OVERVIEW)), (view.given.chosen.topic, "")),
        controls=_controls(state, (view, shown), days, addresses),
        state=state.address(),
        owners=[view.given.chosen.owner],
        sheets=sheets if mapped else sheets[:3],
        subject=_subject(state, part.given.area_code if part else ""),
        onward=_onward(state, view),
    )


def _subject(state: StaffingState, part: str) -> PageSubject:
    """The definition, unless another indicator was brought along and none is asked for; and the part that is shown."""
    given = state.request.parameters
    indicator = state.chosen.id if "definition" in given or "indicator" not in given else ""
    return PageSubject(indicator, part, state.values["period"])


def _onward(state: StaffingState, view: StaffingShortfalls) -> list[tuple[str, str]]:
    """To the definition over time, every area beside the others, and the area's whole profile."""
    indicator, code, period = state.chosen, view.given.area_code, view.given.period
    of = {"indicator": indicator.id, "organisation": code}
    until = month_code(period)
    return [
        (f"{indicator.short_name}: rate over time", state.elsewhere(TREND, **of)),
        ("All CCG areas in England", state.elsewhere(VARIATION, **of, by="former-ccg", period=until)),
        (f"{view.given.area_name}: every indicator", state.elsewhere(ORGANISATION, organisation=code)),
        ("Definition and files", state.elsewhere(DATA, **of)),
    ]


def _controls(
    state: StaffingState,
    views: tuple[StaffingShortfalls, StaffingShortfalls],
    days: Sequence[Period],
    addresses: Mapping[str, str],
) -> list[Control]:
    view, shown = views
    chosen = tuple(
        Choice(item.short_name, addresses[item.id], item.id == state.chosen.id)
        for item in view.given.definitions
    )
    kinds = tuple(
        Choice(
            capitalised(parts_words(state.request.area, key)[0]),
            state.address(by=None if key == "ccg" else key),
            key == state.by,
        )
        for key in PARTS
    )
    months = [
        Choice(day.label, state.address(period=month_code(day)), day == view.given.period) for day in days
    ]
    newest = Choice(f"{days[0].label} (latest)", state.address(period=None), days[0] == view.given.period)
    return [
        Control("definition", "Who is counted", chosen),
        Control("by", "Compare by", kinds),
        Control("over-time", "Over time", _parts(state, view, shown)),
        Control("period", "Day", by_year((newest, *months[1:]), {day.label: day.start.year for day in days})),
    ]


def _parts(state: StaffingState, view: StaffingShortfalls, shown: StaffingShortfalls) -> tuple[Choice, ...]:
    """The whole area, and each of its parts, whose shortfall is shown over time."""
    own, other = shown.given.area_code, state.addresses("organisation")
    whole = Choice(
        view.given.area_name, state.address(organisation=None), own == view.given.area_code, "Whole area"
    )
    known = {row.code: row.name for row in view.parts}
    if own != view.given.area_code:
        known.setdefault(own, shown.given.area_name)
    several = known if len(known) > 1 or own in known else {}
    parts = [Choice(name, other(code), code == own) for code, name in several.items()]
    return (whole, *lettered(capitalised(view.given.parts_words), parts, str.casefold))


def _nothing(request: PageRequest) -> Page:
    area = request.area.name
    told = (
        f"What is short is told from a count of {area} as a whole and one of England, and the store holds "
        "no such pair. What it holds of single practices is on their own pages and under Variation."
    )
    links = html.Ul(
        [html.Li(dcc.Link("Data and methods", href=DATA)), html.Li(dcc.Link("Overview", href=OVERVIEW))]
    )
    body = notice("What there is", html.P(told), links)
    return Page(
        f"{area}: no staff figures of the whole area are loaded",
        [html.Div(body, className="grid")],
        crumbs=((area, OVERVIEW), ("Staffing", "")),
        state=STAFFING,
        area_only=True,
    )


PAGE = PageSpec(
    STAFFING,
    "Staffing",
    build,
    parameters=StaffingState.parameter_names(),
    in_navigation=True,
    plotted=True,
    takes=staffing_taken,
)
