"""Data and methods: behind every number its file, definition, standards, revisions and owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from db.catalogue import LineageStep
from db.domain import ENGLAND, Indicator
from db.domain.holdings import DataVersion
from db.domain.reading import PeriodSpan, Selection
from db.figures.observations import readings
from db.figures.provenance import loaded_files, revisions
from stp_dash.analysis.area import codes_of, index_readings, own_series
from stp_dash.analysis.series import comparable_frequencies
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import Choice, Control, card, card_head, facts
from stp_dash.elements.links import ACCESSIBILITY, DATA, GLOSSARY, METHODS, OVERVIEW, TREND, href
from stp_dash.frame.area import steps_of
from stp_dash.frame.figure_card import table_card
from stp_dash.frame.reader import PageReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.data.words import (
    definition,
    files_sheet,
    indicators_sheet,
    revisions_sheet,
    series_sheet,
    standards_sheet,
)

ROWS = 12
_DOCUMENTS = (
    (
        "Methods",
        METHODS,
        "how limits, intervals, funnels and distances are worked out, and from which source",
    ),
    ("Glossary", GLOSSARY, "the words of this site in plain English"),
    ("Accessibility statement", ACCESSIBILITY, "what works for whom, and what does not yet"),
)


@dataclass(frozen=True)
class _Subject:
    """Whose series of which indicator the page is about."""

    indicator: Indicator
    code: str
    name: str
    steps: tuple[LineageStep, ...]

    @property
    def address(self) -> str:
        return href(DATA, indicator=self.indicator.id, organisation=self.code)

    @property
    def title(self) -> str:
        return f"{self.indicator.short_name}: what it is and where it comes from"


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=`; each has a default."""
    asked = _asked(request, connection, version)
    indicator, code = asked.indicator, asked.code
    own = codes_of(code, asked.steps)
    changed = revisions(connection, indicator_code=indicator.id, organisations=own)
    files = loaded_files(connection, indicator.source_id)
    sheets = (
        _series(request, connection, version, asked),
        revisions_sheet(indicator, changed),
        standards_sheet(indicator),
        files_sheet(indicator.owner, files),
        indicators_sheet(tuple(request.site.store.catalogue.indicators.values())),
    )
    return Page(
        title=asked.title,
        lede=f"{indicator.name}. Published by {indicator.owner}; {len(files)} of its files are held.",
        body=[html.Div(_cards(request, asked, sheets), className="grid loose")],
        crumbs=(
            (request.site.settings.area.name, OVERVIEW),
            ("Data and methods", ""),
            (indicator.short_name, ""),
        ),
        controls=_controls(request, indicator, code),
        state=asked.address,
        owners=[indicator.owner],
        sheets=sheets,
    )


def series(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page's series and nothing else, for its download: one query."""
    asked = _asked(request, connection, version)
    return Page(asked.title, (), state=asked.address, sheets=[_series(request, connection, version, asked)])


def _asked(request: PageRequest, connection: Connection, version: DataVersion) -> _Subject:
    """The indicator and the organisation asked for. Raises ParameterError."""
    indicator = request.indicator(PageReader(request, connection, version).indicators_held)
    code, name = _organisation(request, indicator)
    return _Subject(indicator, code, name, steps_of(request, code))


def _organisation(request: PageRequest, indicator: Indicator) -> tuple[str, str]:
    """The organisation whose series is listed: the area unless asked. Raises ParameterError."""
    area = request.site.settings.area
    code = request.parameters.get("organisation") or area.commissioner
    names = {**request.site.names(), ENGLAND: "England"}
    known = request.site.store.catalogue.organisations
    if code not in names and code not in known:
        links = tuple(
            (names.get(item, item), href(DATA, indicator=indicator.id, organisation=item))
            for item in (area.commissioner, *area.trusts)
        )
        raise ParameterError("organisation", code, "the code of an organisation", links)
    return code, names.get(code) or known[code].name


def _series(request: PageRequest, connection: Connection, version: DataVersion, asked: _Subject) -> Sheet:
    """The organisation's own series, under the codes that it bore in each period."""
    indicator = asked.indicator
    span = PeriodSpan(comparable_frequencies(indicator.frequency), date.min, date.max)
    found = readings(
        connection,
        PageReader(request, connection, version).code_lists,
        [Selection((indicator.id,), codes_of(asked.code, asked.steps), span)],
        request.as_of(),
    )
    own = own_series(index_readings(found), indicator, asked.code, asked.steps)
    return series_sheet(indicator, asked.name, own)


def _controls(request: PageRequest, indicator: Indicator, code: str) -> list[Control]:
    area, names = request.site.settings.area, {**request.site.names(), ENGLAND: "England"}
    indicators = tuple(
        Choice(item.short_name, href(DATA, indicator=item.id, organisation=code), item.id == indicator.id)
        for item in request.site.store.catalogue.indicators.values()
    )
    listed = dict.fromkeys(
        [area.commissioner, *area.trusts, *area.ccgs, *area.sub_icb_locations, ENGLAND, code]
    )
    organisations = tuple(
        Choice(
            f"{names.get(item, item)} ({item})",
            href(DATA, indicator=indicator.id, organisation=item),
            item == code,
        )
        for item in listed
    )
    return [
        Control("indicator", "Indicator", indicators),
        Control("organisation", "Organisation", organisations),
    ]


def _cards(request: PageRequest, asked: _Subject, sheets: tuple[Sheet, ...]) -> list[Component]:
    indicator, name, address = asked.indicator, asked.name, asked.address
    listed, changed, standards, files, catalogue = sheets
    return [
        card(
            card_head("Definition"),
            html.Div(facts(definition(indicator)), className="about"),
            _breaks(indicator),
            span=8,
        ),
        card(card_head("How numbers are made"), *_how(indicator), span=4),
        _sheet(request, address, listed, f"No figure of {name} is held."),
        _sheet(request, address, changed, f"No later release has changed a figure of {name}."),
        _sheet(request, address, standards, "No standard, ambition or comparator is declared."),
        _sheet(request, address, files, "No file of this source is held."),
        _sheet(request, address, catalogue, ""),
    ]


def _sheet(request: PageRequest, address: str, sheet: Sheet, empty: str) -> Component:
    if not sheet.length:
        return card(card_head(sheet.title), html.P(empty))
    return table_card(request, address, sheet, rows=ROWS)


def _breaks(indicator: Indicator) -> Component | None:
    if not indicator.breaks:
        return None
    items = [
        html.Li([html.B(f"Series restarts {date_text(item.on)}. "), " ".join(item.reason.split())])
        for item in indicator.breaks
    ]
    return html.Ul(items, className="sig")


def _how(indicator: Indicator) -> list[Component]:
    caveats = [html.P(" ".join(part.split())) for part in indicator.caveats.split("\n\n") if part.strip()]
    links = [html.Li([dcc.Link(words, href=path), f": {what}."]) for words, path, what in _DOCUMENTS]
    shown = dcc.Link("This indicator over time", href=href(TREND, indicator=indicator.id))
    publisher = html.A("The publisher's definition", href=indicator.definition_url)
    return [*caveats, html.P(publisher), html.P(shown), html.Ul(links, className="sig")]


PAGE = PageSpec(DATA, "Data and methods", build, in_navigation=True, sheets={"series": series})
