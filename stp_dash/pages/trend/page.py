"""Trend: one organisation over time under process limits, with the standard as it was and the breaks of the series."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from db.domain import ALL, ENGLAND, OrganisationType
from db.domain.holdings import DataVersion
from stp_dash.analysis.kinds import breakdown_text
from stp_dash.analysis.standing.comparator import comparator_code
from stp_dash.analysis.wording import month_code, out_by
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import Choice, Control, notice
from stp_dash.elements.links import OVERVIEW, TREND, VARIATION
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import Subject
from stp_dash.pages.trend.cards import preview_notice, strip_card, trend_cards
from stp_dash.pages.trend.onward import onward
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.state import AREAS, TrendState, trend_taken
from stp_dash.pages.trend.words import trend_words
from stp_dash.statistics.profiles import PROFILES


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=&breakdown=&compare=&to=&shown=&restart=&rules=`; each has a default.

    `to` is the month that is looked back from as if it were the latest; `shown` is the last month drawn, under the
    same limits; `restart` a month at which limits might start again. `published` and `version` are kept.
    """
    state = TrendState(TrendReader(request, connection, version))
    view = trend_words(state.read())
    controls = _controls(request, state)
    crumbs = (
        (request.site.settings.area.name, state.elsewhere(OVERVIEW)),
        (state.indicator.topic, ""),
        (state.indicator.short_name, ""),
    )
    subject = Subject(state.indicator.id, state.organisation, state.values["to"])
    if view is None:
        title, body = _nothing(request, state)
        return Page(
            title,
            [*_as_of(request, state), *body],
            crumbs=crumbs,
            controls=controls,
            state=state.address(),
            subject=subject,
        )
    as_of = _as_of(request, state)
    cards = html.Div(trend_cards(request, state, view), className="grid trend")
    body = [*as_of, strip_card(view.strip), *preview_notice(state), cards]
    return Page(
        view.title,
        body,
        view.lede,
        crumbs,
        controls,
        state.address(),
        [state.indicator.owner],
        [view.sheet],
        subject=subject,
        onward=onward(state, view),
    )


# --- controls --------------------------------------------------------------------------------------------------


def _controls(request: PageRequest, state: TrendState) -> list[Control]:
    cut = state.addresses("breakdown")
    cuts = tuple(
        Choice(
            breakdown_text(item, state.indicator),
            state.address(breakdown=None) if item == ALL else cut(item),
            item == state.breakdown,
        )
        for item in state.breakdowns
    )
    rules = tuple(
        Choice(
            {"national": "National", "nhs-r": "NHS-R"}.get(name, name),
            state.address(rules=None if name == "national" else name),
            name == state.rules,
        )
        for name in PROFILES
    )
    return [
        Control("indicator", "Indicator", _indicators(request, state)),
        Control("organisation", "Organisation", _organisations(request, state)),
        Control("compare", "Compare with", _compared(request, state)),
        Control("breakdown", "Breakdown", cuts if len(cuts) > 1 else ()),
        Control("rules", "Rules", rules),
    ]


def _indicators(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    left_out = {"breakdown": None, "compare": None, "to": None, "shown": None, "restart": None}
    other = state.addresses("indicator", **left_out)
    return tuple(
        Choice(item.short_name, state.address(), chosen=True)
        if item.id == state.indicator.id
        else Choice(item.short_name, other(item.id))
        for item in request.site.store.catalogue.indicators.values()
    )


def _organisations(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    """Ours first where they have figures or could have, then England, then the others by name."""
    area, names = state.area, request.site.names()
    held = {item.code: item for item in state.choices}
    first = [area.commissioner, *area.trusts, *(code for code in area.ccgs if code in held), ENGLAND]
    types = set(state.indicator.organisation_types)
    if OrganisationType.TRUST not in types:
        first = [code for code in first if code not in area.trusts]
    if not AREAS & types:
        first = [code for code in first if code in held]
    ours = [(code, f"{names.get(code, code)} ({code})" if code != ENGLAND else "England") for code in first]
    listed = dict(
        [*ours, *((code, f"{item.name} ({code})") for code, item in held.items() if code not in first)]
    )
    listed.setdefault(state.organisation, f"{state.name} ({state.organisation})")
    other = state.addresses("organisation", breakdown=None, to=None, shown=None, restart=None, compare=None)
    return tuple(
        Choice(text, other(code))
        if code != state.organisation
        else Choice(text, state.address(), chosen=True)
        for code, text in listed.items()
    )


def _compared(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    """The usual comparator, the area and its region, our trusts and former CCG areas, as far as they have figures."""
    names = request.site.names()
    held = {item.code: item.name for item in state.choices}
    usual = comparator_code(
        state.indicator, state.reader.version.loaded_on or request.site.today(), set(held)
    )
    codes = [state.area.commissioner, *_regions(request, state), *state.area.trusts, *state.area.ccgs]
    if state.compare and state.compare not in codes:
        codes.append(state.compare)
    others = [c for c in codes if (c in held or c == state.compare) and c not in {state.organisation, usual}]
    first = held.get(usual, "England").split(" (", 1)[0] if usual != state.organisation else "Nobody"
    return (
        Choice(first, state.address(compare=None), not state.compare),
        *(
            Choice(
                names.get(code) or held.get(code, code), state.address(compare=code), code == state.compare
            )
            for code in others
        ),
    )


def _regions(request: PageRequest, state: TrendState) -> list[str]:
    """The regions that the area belongs to."""
    known = request.site.store.catalogue.organisations
    own = known.get(state.area.commissioner)
    parents = [parent.code for parent in own.parents] if own else []
    return [code for code in parents if code in known and known[code].type is OrganisationType.REGION]


# --- the page --------------------------------------------------------------------------------------------------


def _out_by(state: TrendState, day: date) -> str:
    """By when the indicator's source had its figures out."""
    own = (item for item in state.reader.publication_days if item.source == state.indicator.source_id)
    return out_by(day, own)


def _as_of(request: PageRequest, state: TrendState) -> list[Component]:
    """Which time the figures are of, where it is not now."""
    as_of = request.as_of()
    if as_of.now or as_of.version == state.reader.version.number:
        return []
    words = f"As the store held them at data version {as_of.version}."
    if as_of.published_by is not None:
        words = f"As {_out_by(state, as_of.published_by)}: later figures and revisions are left out."
    today = dcc.Link("The figures of today", href=state.address_now())
    return [html.P([html.B(words), " ", today], className="asof")]


def _nothing(request: PageRequest, state: TrendState) -> tuple[str, list[Component]]:
    """No figure: what is missing, and the nearest that there is."""
    ends = (state.held[0], state.held[-1]) if state.held and request.as_of().now else ()
    links = [(f"To {item.label}", state.address(to=month_code(item), shown=None)) for item in ends]
    if not request.as_of().now:
        links.append(("The figures of today", state.address_now()))
    links.append(
        ("All organisations for this indicator", state.elsewhere(VARIATION, indicator=state.indicator.id))
    )
    said = f"The store holds no figure of {state.indicator.short_name} for {state.name} here."
    published = request.as_of().published_by
    if published is not None:
        said = f"{said.removesuffix(' here.')} that had been {_out_by(state, published)}."
    items = html.Ul([html.Li(dcc.Link(text, href=address)) for text, address in links])
    title = f"{state.indicator.short_name}: no figure for {state.name}"
    return title, [html.Div(notice("Nearest pages", html.P(said), items), className="grid")]


PAGE = PageSpec(
    TREND,
    "Trend",
    build,
    parameters=TrendState.parameter_names(),
    in_navigation=True,
    plotted=True,
    takes=trend_taken,
)
