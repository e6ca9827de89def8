"""Staffing: posts short of England's rate by area and over time, beside what the Case for Change claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.catalogue.policy_dates import FORMER_CCGS_END
from db.catalogue.quoted_claims import quoted_claims
from db.domain import ENGLAND, Indicator, OrganisationType, Period, StandardKind
from db.domain.holdings import DataVersion
from db.domain.period import Frequency
from db.domain.reading import AsOf, Reading, Selection
from db.figures.code_lists import members_of
from db.figures.holdings import breakdowns_with, periods_of
from db.figures.observations import readings
from stp_dash.analysis.area import codes_of, index_readings, own_series
from stp_dash.analysis.series import holding
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import date_text, is_rate, month_code
from stp_dash.charts.interactive.shortfall import shortfall_figure
from stp_dash.charts.svg.shortfall_bars import bars_svg
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import Choice, Control, card, card_head, image, key, notice, plot
from stp_dash.elements.links import DATA, OVERVIEW, STAFFING, href, kept
from stp_dash.frame.area import steps_of
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.figure_card import figure_card, table_card
from stp_dash.frame.reader import PageReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.staffing.words import (
    ClaimRow,
    Staffing,
    StaffingInput,
    StaffingMap,
    claim_rows,
    definitions_sentence,
    definitions_sheet,
    lede,
    map_sheet,
    over_time_sentence,
    over_time_sheet,
    parts_chart,
    parts_sentence,
    parts_sheet,
    shortfall_chart,
    staffing_map,
    title,
)

PARTS = {"ccg": ("CCG area", "CCG areas"), "practice": ("Practice", "practices")}
_MAP_WIDTHS = {"desktop": 700.0, "tablet": 620.0, "phone": 300.0}
_KEPT = ("published", "version")


@dataclass(frozen=True)
class DaysKey(CacheKey[tuple[Period, ...]]):
    """The days of staff counts."""

    frequency: Frequency


@dataclass(frozen=True)
class PracticesKey(CacheKey[frozenset[str]]):
    """The practices that belong to some organisations."""

    parents: tuple[str, ...]


@dataclass(frozen=True)
class RegisteredKey(CacheKey[dict[str, float]]):
    """All registered patients of the area's organisations on a day."""

    period: Period
    as_of: AsOf


class _State:
    """The page's state: what was asked, or the default, checked against what there is."""

    def __init__(self, request: PageRequest, definitions: Sequence[Indicator]) -> None:
        self.request = request
        by_id = {item.id: item for item in definitions}
        asked = request.one_of("definition", by_id, "one of the definitions of who is counted")
        self.chosen = by_id[asked] if asked else definitions[0]
        self.by = request.one_of("by", PARTS, "ccg or practice") or "ccg"
        self.month = request.month()
        self.default = definitions[0]

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        own: dict[str, str | None] = {
            "definition": None if self.chosen is self.default else self.chosen.id,
            "by": None if self.by == "ccg" else self.by,
            "period": f"{self.month:%Y-%m}" if self.month else None,
        }
        return kept(href(STAFFING, **{**own, **changed}), self.request.parameters, _KEPT)


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?definition=&by=&period=YYYY-MM`; each has a default."""
    definitions = definitions_of(request.site.store.catalogue.indicators)
    present = PageReader(request, connection, version).indicators_held
    offered = [item for item in definitions if item.id in present]
    if not offered:
        return _nothing(request)
    state = _State(request, offered)
    series, national = _series(request, connection, version, offered)
    days = sorted({item.period for item in series.get(state.chosen.id, ())}, reverse=True)
    period = _period(state, days)
    if period is None:
        return _nothing(request)
    view = Staffing(
        StaffingInput(
            area_name=request.site.settings.area.name,
            area_code=request.site.settings.area.commissioner,
            definitions=tuple(offered),
            chosen=state.chosen,
            period=period,
            series=series,
            national=national,
            parts=_parts(request, connection, version, state, period),
            registered=_registered(request, connection, version, period),
            names=request.site.names(),
            claims=[c for c in quoted_claims() if c.organisation == request.site.settings.area.commissioner],
            parts_words=PARTS[state.by][1],
            phone=request.width == "phone",
        )
    )
    return _page(request, state, view, days, _map(request, connection, version, state, view))


def definitions_of(indicators: Mapping[str, Indicator]) -> tuple[Indicator, ...]:
    """The indicators that count posts against a national average, in the catalogue's order."""
    return tuple(
        item
        for item in indicators.values()
        if is_rate(item) and any(s.kind is StandardKind.NATIONAL_AVERAGE for s in item.standards)
    )


def _series(
    request: PageRequest, connection: Connection, version: DataVersion, definitions: Sequence[Indicator]
) -> tuple[dict[str, Sequence[Reading]], dict[str, Sequence[Reading]]]:
    """The area's and England's readings by indicator; the area's under the codes that it bore."""
    area, reader = request.site.settings.area, PageReader(request, connection, version)
    steps = steps_of(request, area.commissioner)
    own = codes_of(area.commissioner, steps)
    ccgs = tuple(code for code in own if code in area.ccgs)
    ids, frequency = tuple(item.id for item in definitions), definitions[0].frequency
    days = reader.cached(DaysKey(frequency), lambda: periods_of(connection, [frequency]))
    wanted = [
        Selection(ids, (*(code for code in own if code not in ccgs), ENGLAND), days),
        Selection(ids, ccgs, tuple(day for day in days if day.start <= FORMER_CCGS_END)),
    ]
    found = readings(connection, reader.code_lists, wanted, request.as_of())
    index = index_readings(found)
    series = {item.id: own_series(index, item, area.commissioner, steps) for item in definitions}
    national = {
        item.id: [r for r in found if r.organisation == ENGLAND and r.indicator == item.id]
        for item in definitions
    }
    return {**series}, {**national}


def _period(state: _State, days: Sequence[Period]) -> Period | None:
    """The day asked for, or the last one held. Raises ParameterError."""
    if not days or state.month is None:
        return days[0] if days else None
    found = holding(days, state.month)
    if found is None:
        asked = state.month
        nearest = min(days, key=lambda item: abs((item.start - asked).days))
        links = ((nearest.label, state.address(period=month_code(nearest))),)
        raise ParameterError("period", f"{asked:%Y-%m}", "a month with a staff count", links)
    return found


def _parts(
    request: PageRequest, connection: Connection, version: DataVersion, state: _State, period: Period
) -> tuple[Reading, ...]:
    area, code_lists = request.site.settings.area, PageReader(request, connection, version).code_lists
    if state.by == "ccg":
        types, codes = [OrganisationType.CCG], frozenset(area.ccgs)
    else:
        types = [OrganisationType.PRACTICE]
        parents = [area.commissioner, *area.sub_icb_locations, *area.ccgs]
        codes = request.site.cache.get(
            version,
            PracticesKey(tuple(parents)),
            lambda: frozenset(
                item.code for item in members_of(connection, code_lists, parents=parents, types=types)
            ),
        )
    selection = Selection((state.chosen.id,), tuple(sorted(codes)), (period,))
    found = readings(connection, code_lists, [selection], request.as_of())
    return tuple(item for item in found if item.organisation_type in types)


def _registered(
    request: PageRequest, connection: Connection, version: DataVersion, period: Period
) -> dict[str, float]:
    """All registered patients of the area and its CCGs on a day: what coverage is a share of."""
    return request.site.cache.get(
        version,
        RegisteredKey(period, request.as_of()),
        lambda: _read_registered(request, connection, version, period),
    )


def _read_registered(
    request: PageRequest, connection: Connection, version: DataVersion, period: Period
) -> dict[str, float]:
    area, indicators = request.site.settings.area, request.site.store.catalogue.indicators
    source = definitions_of(indicators)[0].source_id
    covers = next((i for i in indicators.values() if i.source_id == source and not is_rate(i)), None)
    if covers is None:
        return {}
    cuts = breakdowns_with(connection, indicator_code=covers.id, organisation_code=ENGLAND, at=period)
    found = readings(
        connection,
        PageReader(request, connection, version).code_lists,
        [Selection((covers.id,), (area.commissioner, *area.ccgs, ENGLAND), (period,), cuts[:1])],
        request.as_of(),
    )
    return {item.organisation: item.denominator for item in found if item.denominator}


def _page(
    request: PageRequest, state: _State, view: Staffing, days: Sequence[Period], mapped: StaffingMap | None
) -> Page:
    addresses = {item.id: _definition_address(state, item) for item in view.given.definitions}
    sheets = (over_time_sheet(view), parts_sheet(view), definitions_sheet(view, addresses), map_sheet(view))
    return Page(
        title=title(view),
        lede=lede(view),
        body=[html.Div(_cards(request, state, view, sheets, mapped), className="grid")],
        crumbs=((request.site.settings.area.name, OVERVIEW), (view.given.chosen.topic, "")),
        controls=_controls(state, view, days, addresses),
        state=state.address(),
        owners=[view.given.chosen.owner],
        sheets=sheets if mapped else sheets[:3],
    )


def _definition_address(state: _State, item: Indicator) -> str:
    return state.address(definition=None if item is state.default else item.id)


def _controls(
    state: _State, view: Staffing, days: Sequence[Period], addresses: Mapping[str, str]
) -> list[Control]:
    chosen = tuple(
        Choice(item.short_name, addresses[item.id], item.id == state.chosen.id)
        for item in view.given.definitions
    )
    kinds = tuple(
        Choice(words, state.address(by=None if key == "ccg" else key), key == state.by)
        for key, (words, _) in PARTS.items()
    )
    months = [
        Choice(day.label, state.address(period=month_code(day)), day == view.given.period) for day in days
    ]
    newest = Choice(f"{days[0].label} (latest)", state.address(period=None), days[0] == view.given.period)
    return [
        Control("definition", "Who is counted", chosen),
        Control("by", "Compare by", kinds),
        Control("period", "Day", (newest, *months[1:])),
    ]


def _map(
    request: PageRequest, connection: Connection, version: DataVersion, state: _State, view: Staffing
) -> StaffingMap | None:
    """The area's CCG areas on a map; practices have none."""
    if state.by != "ccg" or not view.parts:
        return None
    codes = tuple(row.code for row in view.parts)
    found = PageReader(request, connection, version).outlines(codes)
    laid = request.site.settings.area.tiles
    return staffing_map(view, found, laid, _MAP_WIDTHS[request.width])


def _cards(
    request: PageRequest,
    state: _State,
    view: Staffing,
    sheets: tuple[Sheet, Sheet, Sheet, Sheet],
    mapped: StaffingMap | None,
) -> list[Component]:
    over_time, areas, definitions, map_numbers = sheets
    return [
        figure_card(
            request,
            state.address(),
            over_time,
            _over_time(view),
            sentence=over_time_sentence(view),
            foot="Shortfall = England's rate x local patients - local posts; above zero is a shortfall",
            span=7,
        ),
        _parts_card(request, state, view, areas),
        table_card(request, state.address(), definitions, sentence=definitions_sentence(view)),
        *([_map_card(request, state, mapped, map_numbers)] if mapped else []),
        _claims(view, span=5 if mapped else 12),
    ]


def _map_card(request: PageRequest, state: _State, found: StaffingMap, sheet: Sheet) -> Component:
    picture = html.Div(image(found.image, found.label, *found.size), className="map")
    return figure_card(
        request, state.address(), sheet, [picture], sentence=found.sentence, foot=found.foot, span=7
    )


def _over_time(view: Staffing) -> list[Component]:
    chart = shortfall_chart(view)
    words = f"Line chart: posts short of England's rate over time. {over_time_sentence(view)}"
    marks = [("line ours", view.given.chosen.short_name), ("line other", "Other definitions")]
    if chart.claims:
        marks.append(("quoted", "Quoted from others, not computed here"))
    if chart.restart:
        marks.append(("twin", chart.restart[1]))
    return [plot(shortfall_figure(chart), words), key(marks)]


def _parts_card(request: PageRequest, state: _State, view: Staffing, sheet: Sheet) -> Component:
    """Bars of a few areas; a table of many practices."""
    foot = f"Practices stand in the CCG that they belonged to on {date_text(FORMER_CCGS_END)}"
    said = parts_sentence(view)
    if not view.parts:
        return card(card_head(sheet.title), html.P(said), span=5)
    if state.by == "practice":
        return table_card(request, state.address(), sheet, sentence=said, rows=10, span=5)
    chart = parts_chart(view)
    drawing = image(data_address(bars_svg(chart)), chart.label, *chart.size)
    return figure_card(request, state.address(), sheet, [drawing], sentence=said, foot=foot, span=5)


def _claims(view: Staffing, span: int) -> Component:
    """What was said in 2017 and after, word for word, and what the figures held give nearest to its day."""
    rows = claim_rows(view)
    if not rows:
        return card(
            card_head("What others have said"), html.P("No claim about this area is quoted."), span=span
        )
    quotes = dict.fromkeys(row.claim.quote for row in rows)
    blocks = [_quote(quote, [row for row in rows if row.claim.quote == quote]) for quote in quotes]
    head = card_head("The Case for Change said")
    told = "Quoted word for word and never computed here; beside each number what today's series gives."
    return card(
        head, html.P(told, className="say"), html.Div(blocks, className=f"quotes in{span}"), span=span
    )


def _quote(quote: str, rows: Sequence[ClaimRow]) -> Component:
    first = rows[0]
    source = html.A(first.claim.source_title, href=first.claim.source_url)
    said = html.P([f"{first.claim.said_by}; {first.said}. ", source], className="small sec")
    items = [
        html.Li(
            [
                html.B(f"{row.claim.shortfall:g} {row.claim.staff}. "),
                f"{row.nearest} ",
                html.Span(row.claim.note, className="sec"),
            ]
        )
        for row in rows
    ]
    return html.Div([html.Blockquote(f"“{quote}”"), said, html.Ul(items, className="sig")], className="quote")


def _nothing(request: PageRequest) -> Page:
    area = request.site.settings.area.name
    told = "The store holds no staff count of the area and of England."
    links = html.Ul(
        [html.Li(dcc.Link("Data and methods", href=DATA)), html.Li(dcc.Link("Overview", href=OVERVIEW))]
    )
    body = notice("What there is", html.P(told), links)
    title = f"{area}: no staff figures are loaded"
    return Page(
        title, [html.Div(body, className="grid")], crumbs=((area, OVERVIEW), ("Staffing", "")), state=STAFFING
    )


PAGE = PageSpec(STAFFING, "Staffing", build, in_navigation=True, plotted=True)
