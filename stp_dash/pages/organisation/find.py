"""The search for an organisation: a form, and at most fifty results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from db.catalogue import earlier_names
from db.domain import OrganisationType
from db.domain.holdings import DataVersion
from db.domain.organisation import OrganisationChoice
from stp_dash.analysis.wording import capitalised
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, notice
from stp_dash.elements.links import ORGANISATION, OVERVIEW, href
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.pages.organisation.matches import MOST, Searchable, SearchResult, find, searchable
from stp_dash.pages.organisation.read import OrganisationReader
from stp_dash.pages.organisation.state import AREAS, OrganisationState


@dataclass(frozen=True)
class SearchableKey(CacheKey[tuple[Searchable, ...]]):
    """Every organisation of the store as it is searched."""

    most: ClassVar[int] = 2


def build_search(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?find=words`; without words the form alone, with our own organisations under it."""
    state = OrganisationState(OrganisationReader(request, connection, version))
    words = request.parameters.get("find", "").strip()
    found = find(words, _known(state), _ours(state))
    body: list[Component] = [card(_form(words))]
    body.append(_results(state, words, found) if words else _start(state))
    return Page(
        title=_title(words, found),
        lede="By any words of its name, or by its code. Practices, trusts, stroke teams, CCGs, ICBs and their areas.",
        crumbs=((request.site.settings.area.name, OVERVIEW), ("Organisations", "")),
        body=[html.Div(body, className="grid loose")],
        state=href(ORGANISATION, find=words) if words else f"{ORGANISATION}?find=",
    )


def _title(words: str, found: SearchResult) -> str:
    if not words:
        return "Find an organisation"
    if not found.count:
        return f"No organisation bears “{words}”"
    return f"{found.count:,} organisation{'' if found.count == 1 else 's'} for “{words}”"


def _known(state: OrganisationState) -> tuple[Searchable, ...]:
    """Every organisation of the store as it is searched: put together once for each state of the data."""

    def read() -> tuple[Searchable, ...]:
        names = {code: [item.name for item in found] for code, found in earlier_names().items()}
        return searchable(state.reader.code_lists.organisations.values(), names)

    return state.reader.cached(SearchableKey(), read)


def _ours(state: OrganisationState) -> frozenset[str]:
    area = state.request.site.settings.area
    practices = state.reader.members((area.commissioner,), OrganisationType.PRACTICE)
    return frozenset([
        *area.trusts, area.commissioner, *area.ccgs, *area.sub_icb_locations, *(item.code for item in practices)
    ])  # fmt: skip


def _form(words: str) -> Component:
    """A plain form: it works by address alone."""
    return html.Form(
        [
            html.Label("Name or code", htmlFor="find-words", className="l"),
            html.Div(
                [
                    dcc.Input(id="find-words", name="find", type="search", value=words, maxLength=80),
                    html.Button("Find", type="submit", className="btn"),
                ],
                className="find-line",
            ),
        ],
        action=ORGANISATION,
        method="GET",
        role="search",
        className="find-form",
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
    order = (OrganisationType.TRUST, *AREAS)
    near = min(
        (parent for parent in above if parent.type in order), key=lambda p: order.index(p.type), default=None
    )
    where = f", {state.names.get(near.code, near.name)}" if near else ""
    kind = capitalised(item.type.value)
    return html.Li(
        [
            dcc.Link(item.name, href=href(ORGANISATION, organisation=item.code)),
            html.Span(f"{item.code} · {kind}{where}", className="small sec"),
        ]
    )


def _start(state: OrganisationState) -> Component:
    """Our own organisations, by type."""
    parts: list[Component] = [html.H2("Ours")]
    for kind in (
        OrganisationType.TRUST,
        OrganisationType.ICB,
        OrganisationType.SUB_ICB_LOCATION,
        OrganisationType.CCG,
    ):
        for code in state.ours_of(kind):
            choice = state.reader.code_lists.organisation(code)
            if choice is not None:
                parts.append(_result(state, choice, ()))
    return card(parts[0], html.Ul(parts[1:], className="results"))
