"""The search for an organisation: a form, and at most fifty results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import orjson
from flask import Flask, Response, request
from sqlalchemy import Connection

from db.catalogue import earlier_names
from db.domain import OrganisationType
from db.domain.holdings import DataVersion
from db.domain.organisation import OrganisationChoice
from db.figures.data_version import data_version
from stp_dash.analysis.wording import capitalised
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, notice
from stp_dash.elements.links import ORGANISATION, OVERVIEW, href
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.request import PageRequest, Site
from stp_dash.frame.shell import Page
from stp_dash.frame.state import KEPT
from stp_dash.pages.organisation.matches import MOST, Searchable, SearchResult, find, searchable
from stp_dash.pages.organisation.read import OrganisationReader
from stp_dash.pages.organisation.state import AREAS, OrganisationState

SUGGEST = f"{ORGANISATION}/suggest"
"""Answers `?find=` with the nearest organisations while somebody types."""
MOST_LETTERS, SUGGESTED = 80, 8


@dataclass(frozen=True)
class SearchableKey(CacheKey[tuple[Searchable, ...]]):
    """Every organisation of the store as it is searched."""

    most: ClassVar[int] = 2
    of_names: ClassVar[bool] = True


def build_search(asked: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?find=words`; without words the form alone, with our own organisations under it."""
    state = OrganisationState(OrganisationReader(asked, connection, version))
    words = asked.parameters.get("find", "").strip()
    found = find(words, organisations_searched(state.reader), _ours(state))
    body: list[Component] = [card(_form(asked, words))]
    body.append(_results(state, words, found) if words else _start(state))
    return Page(
        title=_title(words, found),
        lede="By its name, one that it had before, its code, or the place that it lies in. Practices, trusts, stroke "
        "teams, CCGs, ICBs and their areas.",
        crumbs=((asked.area.name, OVERVIEW), ("Organisations", "")),
        body=[html.Div(body, className="grid loose")],
        state=href(ORGANISATION, find=words) if words else f"{ORGANISATION}?find=",
    )


def _title(words: str, found: SearchResult) -> str:
    if not words:
        return "Find an organisation"
    if not found.count:
        return f"No organisation bears “{words}”"
    return f"{found.count:,} organisation{'' if found.count == 1 else 's'} for “{words}”"


def organisations_searched(reader: OrganisationReader) -> tuple[Searchable, ...]:
    """Every organisation of the store as it is searched: put together once for each state of the data."""

    def read() -> tuple[Searchable, ...]:
        names = {code: [item.name for item in found] for code, found in earlier_names().items()}
        known = reader.code_lists.organisations.values()
        above = reader.parents_of_all([item.code for item in known])
        places = {code: [item.name for item in found] for code, found in above.items()}
        return searchable(known, names, places)

    return reader.cached(SearchableKey(), read)


def _ours(state: OrganisationState) -> frozenset[str]:
    area = state.request.area
    practices = state.reader.members((area.commissioner,), OrganisationType.PRACTICE)
    return frozenset([
        *area.codes, *(item.code for item in practices)
    ])  # fmt: skip


def _form(asked: PageRequest, words: str) -> Component:
    """A plain form: it works by address alone, and keeps whose page it is and as of when."""
    carried = {name: asked.parameters[name] for name in KEPT if name in asked.parameters}
    return html.Form(
        [
            *[dcc.Input(type="hidden", name=name, value=value) for name, value in carried.items()],
            html.Label("Name, code or place", htmlFor="find-words", className="l"),
            html.Div(
                [
                    dcc.Input(
                        id="find-words",
                        name="find",
                        type="search",
                        value=words,
                        maxLength=MOST_LETTERS,
                        autoFocus=True,
                        autoComplete="off",
                    ),
                    html.Button("Find", type="submit", className="btn"),
                ],
                className="find-line",
            ),
        ],
        action=ORGANISATION,
        method="GET",
        role="search",
        className="find-form",
        **{"data-suggest": href(SUGGEST, area=carried.get("area"))},
    )


def _results(state: OrganisationState, words: str, found: SearchResult) -> Component:
    if not found.count:
        return notice(
            "No result",
            html.P("Try fewer words, or the code alone: RVV, 91Q, G82001."),
            html.P(dcc.Link("Start again", href=f"{ORGANISATION}?find=")),
        )
    above = state.reader.parents_of_all([item.code for item in found.choices])
    items = [_result(state, item, above.get(item.code, ())) for item in found.choices]
    told = f"The first {MOST}; more words find fewer." if found.count > MOST else ""
    return card(
        html.H2(f"Results for “{words}”", className="vh"),
        html.Ul(items, className="results"),
        html.P(told, className="small sec") if told else None,
    )


def _result(
    state: OrganisationState, item: OrganisationChoice, above: tuple[OrganisationChoice, ...]
) -> Component:
    """Name, code and type, and the nearest that it lies in."""
    return html.Li(
        [
            dcc.Link(item.name, href=state.elsewhere(ORGANISATION, organisation=item.code)),
            html.Span(_note(state, item, above), className="small sec"),
        ]
    )


def _note(state: OrganisationState, item: OrganisationChoice, above: tuple[OrganisationChoice, ...]) -> str:
    """Code and type, and the nearest that it lies in."""
    order = (OrganisationType.TRUST, *AREAS)
    near = min(
        (parent for parent in above if parent.type in order), key=lambda p: order.index(p.type), default=None
    )
    where = f", {state.names.get(near.code, near.name)}" if near else ""
    return f"{item.code} · {capitalised(item.type.value)}{where}"


def register_suggestions(server: Flask, site: Site) -> None:
    """Add what suggests organisations while somebody types."""
    server.add_url_rule(SUGGEST, "suggest", lambda: _suggest(site))


def _suggest(site: Site) -> Response:
    """The nearest organisations: name, what is said of it, and its address, as JSON."""
    words = request.args.get("find", "")[:MOST_LETTERS].strip()
    area = request.args.get("area", "")
    carried = {"area": area} if site.settings.area_called(area) else {}

    def read(connection: Connection) -> list[dict[str, str]]:
        asked = PageRequest(site, ORGANISATION, carried)
        state = OrganisationState(OrganisationReader(asked, connection, data_version(connection)))
        found = find(words, organisations_searched(state.reader), _ours(state)).choices[:SUGGESTED]
        above = state.reader.parents_of_all([item.code for item in found])
        return [_suggestion(state, item, above.get(item.code, ())) for item in found]

    found = orjson.dumps(site.read(read) if words else [])
    return Response(found, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _suggestion(
    state: OrganisationState, item: OrganisationChoice, above: tuple[OrganisationChoice, ...]
) -> dict[str, str]:
    before = [known.name for known in earlier_names().get(item.code, ())]
    formerly = f" · formerly {before[-1]}" if before else ""
    address = state.elsewhere(ORGANISATION, organisation=item.code)
    return {"name": item.name, "note": f"{_note(state, item, above)}{formerly}", "address": address}


def _start(state: OrganisationState) -> Component:
    """Our own organisations, by type."""
    parts: list[Component] = [html.H2("Ours")]
    for kind in (
        OrganisationType.TRUST,
        OrganisationType.ICB,
        OrganisationType.SUB_ICB_LOCATION,
        OrganisationType.CCG,
        OrganisationType.UPPER_TIER_AUTHORITY,
        OrganisationType.DISTRICT,
    ):
        for code in state.ours_of(kind):
            choice = state.reader.code_lists.organisation(code)
            if choice is not None:
                parts.append(_result(state, choice, ()))
    return card(parts[0], html.Ul(parts[1:], className="results"))
