"""What people noted on a trend: events and restarts of limits, with their forms for those who may change them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import get_flashed_messages, has_request_context
from sqlalchemy import Connection

from db.domain.decision import RecordedDecision, RecordedEvent
from db.domain.holdings import DataVersion
from db.domain.people.role import Role
from db.figures.decisions.recorded import recorded_for
from stp_dash.analysis.noted.events import days_text
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import card, card_head, disclosure
from stp_dash.elements.links import NOTES, SIGN_IN, TREND, href
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.trend.beside import LimitsCard, limits_card
from stp_dash.pages.trend.notes.forms import (
    EVENT_FIELDS,
    RESTART_FIELDS,
    NotesPlace,
    event_form,
    event_typed,
    restart_form,
    restart_withdrawal,
    scope_of,
    withdrawal,
)
from stp_dash.pages.trend.notes.list import EXPLAINS_NOTHING, outside_link
from stp_dash.pages.trend.notes.plans.forms import plan_section
from stp_dash.pages.trend.notes.routes import register_note_actions
from stp_dash.pages.trend.notes.rules import RULES_FIELDS, rules_section
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.state import TrendState
from stp_dash.statistics.profiles import PROFILES
from stp_dash.web.access.people import csrf_token, current_person, current_role


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&organisation=`, as the trend has them; `note_number` is an event to change.

    What was typed and not accepted stands in further parameters.
    """
    state = TrendState(TrendReader(request, connection, version))
    place = _place(state)
    token = csrf_token() if has_request_context() and current_role() >= Role.EDITOR else ""
    recorded = state.reader.recorded(state.indicator, state.organisation)
    series = state.read()
    limits = limits_card(series, series.triable) if series.latest is not None else None
    title = f"Notes on {place.indicator_name}, {place.organisation_name}"
    body = [
        *_told(),
        html.Div(
            [
                html.Div([_events(state, place, recorded.events, token)], className="c8 stack"),
                html.Div(_editor(state, place, recorded.events, token), className="c4 stack"),
                html.Div([_plan(state, place, token)], className="c12"),
                *([_restarts(place, limits, recorded.decisions, request, token)] if limits else []),
                *([rules_section(place, series, request.parameters, token)] if limits else []),
            ],
            className="grid loose ops notes",
        ),
    ]
    trend = state.address()
    crumbs = ((place.organisation_name, ""), (place.indicator_name, trend), ("Notes", ""))
    lede = f"They stand on the chart of the trend. {EXPLAINS_NOTHING}"
    return Page(
        title,
        body,
        lede,
        crumbs,
        state=_address(state),
        onward=((f"The trend of {place.indicator_name}", trend),),
        rules=PROFILES[state.rules].title,
    )


def _address(state: TrendState, **changed: str | None) -> str:
    own = {"indicator": state.indicator.id, "organisation": state.organisation}
    return state.elsewhere(NOTES, **own, **changed)


def _place(state: TrendState) -> NotesPlace:
    area, names = state.request.area, state.reader.names
    known = state.reader.code_lists.organisation(area.commissioner)
    return NotesPlace(
        indicator=state.indicator.id,
        indicator_name=state.indicator.short_name,
        organisation=state.organisation,
        organisation_name=names.get(state.organisation, state.name),
        area=state.request.parameters.get("area", ""),
        area_code=area.commissioner if known is not None else "",
        area_name=area.name,
    )


def _told() -> list[Component]:
    """What the last action came to, said once."""
    told = get_flashed_messages() if has_request_context() else []
    return [html.P(words, className="told", role="status") for words in told]


def _events(state: TrendState, place: NotesPlace, events: Sequence[RecordedEvent], token: str) -> Component:
    """Every event that people recorded for this chart, whether or not its window shows it."""
    scopes = dict(place.scopes)
    items = [_event_item(state, place, item, scopes[scope_of(item)], token) for item in events]
    listed: Content = (
        html.Ul(items, className="noted-list") if items else html.P("Nobody has noted an event.")
    )
    earlier = _earlier(state, events) if token else []
    return html.Section([card_head("Events that people noted"), listed, *earlier], className="card")


def _event_item(
    state: TrendState, place: NotesPlace, item: RecordedEvent, where: str, token: str
) -> Component:
    told: list[Content] = [html.B(f"{days_text(item.on, item.until)}. "), item.text]
    if item.link:
        told += [" ", outside_link(item.link)]
    small = html.Span(f"{where} · {item.role} · {date_text(item.recorded_at.date())}", className="small sec")
    change = dcc.Link("Change", href=f"{_address(state, note_number=str(item.id))}#event", className="btn")
    acts = [html.Div([change, withdrawal(place, item, token)], className="acts")] if token else []
    return html.Li([html.P(told), small, *acts])


def _earlier(state: TrendState, standing: Sequence[RecordedEvent]) -> list[Component]:
    """The versions that no longer stand, for whoever may change something."""
    own = {"indicators": [state.indicator.id], "organisations": [state.organisation]}
    every = recorded_for(state.reader.connection, **own, withdrawn=True).events
    gone = [item for item in every if item.withdrawn_at is not None]
    if not gone:
        return []
    followed = {item.replaces for item in every}
    items = [
        html.Li(
            f"{days_text(item.on, item.until)}: {item.text} · {item.role} · "
            f"{'changed' if item.id in followed else 'withdrawn'} {date_text(item.withdrawn_at.date())}"
        )
        for item in sorted(gone, key=lambda item: item.id, reverse=True)
        if item.withdrawn_at is not None
    ]
    return [disclosure(f"Earlier versions ({len(items)})", html.Ul(items), class_name="source")]


def _editor(
    state: TrendState, place: NotesPlace, events: Sequence[RecordedEvent], token: str
) -> list[Component]:
    """The form of an event; for readers, how to sign in."""
    if not token:
        sign_in = html.A(
            "Sign in", href=href(SIGN_IN, next=_address(state)), target="_self", className="btn primary"
        )
        words = html.P("Whoever may change something signs in first. Every change is recorded.")
        return [html.Section([card_head("Add a note"), words, sign_in], className="card editor")]
    asked = state.request.parameters
    number = int(asked["note_number"]) if asked.get("note_number", "").isdigit() else 0
    found = next((item for item in events if item.id == number), None)
    typed = {name: asked[name] for name in EVENT_FIELDS if name in asked}
    head = f"Change event {number}" if found else "Add a note"
    lost = []
    if number and found is None:
        told = f"Event {number} was changed or withdrawn by somebody else meanwhile. What stands now is in the list."
        lost = [html.P(told, className="problem", role="alert")]
    start = event_typed(found) if found else {}
    leave = [dcc.Link("Leave it as it is", href=_address(state))] if found else []
    fields = event_form(place, {**start, **typed}, token, number if found else 0)
    person = current_person()
    signed = (
        html.P(f"Signed in as {person.name}. Every change is recorded.", className="small") if person else ""
    )
    return [
        html.Section([card_head(head), signed, *lost, fields, *leave], className="card editor", id="event")
    ]


def _plan(state: TrendState, place: NotesPlace, token: str) -> Component:
    newest = max(state.held).end if state.held else state.request.site.today()
    plan = state.reader.plan(state.indicator, state.organisation)
    return plan_section(place, plan, newest, state.indicator.unit, token)


def _restarts(
    place: NotesPlace,
    limits: LimitsCard,
    decisions: Sequence[RecordedDecision],
    request: PageRequest,
    token: str,
) -> Component:
    """The restarts that are recorded, what the statistics propose and why, and the form."""
    items = [
        html.Li(
            [
                html.B(f"Limits restart {date_text(item.on)}. "),
                f"{item.reason.rstrip('.')}. Decided by: {item.role}.",
                *(
                    [
                        restart_withdrawal(
                            place,
                            f"{item.on:%Y-%m}",
                            f"limits restart {date_text(item.on)}",
                            item.role,
                            token,
                        )
                    ]
                    if token
                    else []
                ),
            ]
        )
        for item in decisions
    ]
    none = "Nobody has recorded a restart of this chart's limits."
    listed = html.Ul(items, className="noted-list") if items else html.P(none)
    trend = href(TREND, **{**place.hidden, "restart": limits.propose_at})
    proposal = (
        [
            html.P(limits.proposal),
            dcc.Link(f"Preview a restart in {limits.propose_at}", href=trend, className="btn"),
        ]
        if limits.proposal
        else [html.P("The statistics propose no restart.", className="sec")]
    )
    judged = "A restart is a judgement: it needs a known cause that is here to stay, and a reason."
    typed = {"restart_month": limits.propose_at, **request.parameters}
    fields = [restart_form(place, list(limits.months), typed, token)] if token else []
    left = html.Div([*[html.P(words, className="sec") for words in limits.basis], listed], className="half")
    right = html.Div([*proposal, html.P(judged, className="small sec"), *fields], className="half")
    return card(card_head("Restarts of limits"), html.Div([left, right], className="abreast"))


_ASKED = (*TrendState.parameter_names(), "note_number", *EVENT_FIELDS, *RESTART_FIELDS, *RULES_FIELDS)
NOTES_PAGE = PageSpec(
    NOTES, "Notes", build, needs_data=False, routes=register_note_actions, parameters=_ASKED
)
