"""The schedule editor, and the form for missing periods: what is typed stands in the address until it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.domain import RunState
from db.domain.refresh import StoredSchedule
from db.domain.run import Run
from db.service.runs import findings_of, last_found, run_by_id
from db.service.schedules import changes
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import aria, card_head, disclosure, table
from stp_dash.elements.forms import button, choice, entry, field, form
from stp_dash.elements.links import OPERATIONS, href
from stp_dash.frame.request import PageRequest
from stp_dash.pages.operations.parts import (
    BACKFILL,
    DRY_RUN,
    PAUSE,
    RESUME,
    SAVE,
    sign,
)
from stp_dash.pages.operations.read import Service
from stp_dash.pages.operations.schedule_words import (
    CATCH_UP,
    CRON,
    LABELS,
    USUAL,
    WEEKDAYS,
    WEEKS,
    Draft,
    draft_of,
    next_runs,
    schedule_words,
)
from stp_dash.pages.operations.words import changed_words, run_sign, source_name

EDITED = ("kind", *LABELS)
"""The parameters of the address that hold what is typed in the editor."""
PLAN = "backfill plan"
_MODES = (("missing", "Missing only"), ("all", "All, where changed"))
_SHOWN_CHANGES = 3
_SHOWN_LINES = 8


def editor_card(request: PageRequest, connection: Connection, found: Service, source: str) -> list[Component]:
    """A source's schedule: as stored to readers, with fields to operators."""
    stored = found.schedules.get(source)
    draft = draft_of(stored.definition if stored else None, request.parameters)
    name = source_name(source, found.names)
    can = found.actor.name is not None
    head = [
        card_head("Edit a schedule" if can else "Schedule"),
        html.P(f"{name}{_paused(stored)}", className="sec"),
    ]
    if stored is not None and stored.problem:
        head.append(html.P(f"The stored schedule cannot be read: {stored.problem}", className="problem"))
    shown = _fields(draft, source, found, stored, request.parameters) if can else [_stored_words(stored)]
    times = _next(draft, found.now, last_found(connection, source)) if can or stored else []
    acts = _acts(found, source, stored) if can else []
    return [*head, *(_sources(found, source) if can else []), *_lost(request, stored), *shown, *times, *acts,
            _changes(request, source)]  # fmt: skip


def _paused(stored: StoredSchedule | None) -> str:
    if stored is None:
        return ": no schedule yet"
    return "" if stored.enabled else ": paused"


def _stored_words(stored: StoredSchedule | None) -> Component:
    definition = stored.definition if stored else None
    return html.P(schedule_words(definition) if definition else "There is no schedule.")


def _sources(found: Service, source: str) -> list[Component]:
    options = [
        html.Option(name, value=href(OPERATIONS, edit=other), selected=other == source)
        for other, name in found.names.items()
    ]
    return [
        html.Div(
            [
                html.Label("Source", htmlFor="edit-source", className="l"),
                html.Select(options, id="edit-source", className="menu"),
            ],
            className="f",
        )
    ]


def _lost(request: PageRequest, stored: StoredSchedule | None) -> list[Component]:
    """What is said where somebody saved the schedule while this one was being edited."""
    asked = request.parameters.get("seen")
    if asked is None or stored is None or asked == str(stored.version):
        return []
    words = (
        f"{stored.changed_by} saved this schedule meanwhile. Saving is refused until you start from theirs: "
    )
    link = dcc.Link("start again", href=href(OPERATIONS, edit=stored.source))
    return [html.P([words, link], className="problem", role="alert")]


def _fields(
    draft: Draft,
    source: str,
    found: Service,
    stored: StoredSchedule | None,
    parameters: Mapping[str, str],
) -> list[Component]:
    version = parameters.get("seen") or str(stored.version if stored else 0)
    kinds = [
        (USUAL, "Publisher’s usual day"),
        (CRON, "Cron"),
    ]
    links = [
        html.A(words, href=href(OPERATIONS, edit=source, kind=kind, seen=version),
               **(aria(current="true") if kind == draft.kind else {}))
        for kind, words in kinds
    ]  # fmt: skip
    label = html.Span("Look for new files", className="l")
    group = html.Div(
        [label, html.Div(links, className="seg", role="group", **aria(label="Look for new files"))],
        className="f",
    )
    inside = [*_own_fields(draft), *_common_fields(draft), *_problems(draft)]
    inside.append(
        html.Div(
            [
                button("Save schedule", primary=True),
                html.Button("Show next runs", type="button", className="btn preview"),
                dcc.Link("Cancel", href=href(OPERATIONS, edit=source), className="btn"),
            ],
            className="acts",
        )
    )
    hidden = {"source": source, "kind": draft.kind, "version": version}
    return [group, form(SAVE, found.actor.token, inside, hidden=hidden, class_name="schedule")]


def _own_fields(draft: Draft) -> list[Component]:
    value = draft.fields
    if draft.kind == CRON:
        hint = "minute, hour, day of month, month, weekday, in London time"
        return [field(LABELS["cron"], entry("cron", "cron", value["cron"]), "cron", hint=hint)]
    days = tuple((day, day) for day in WEEKDAYS)
    when = [
        field("Week of the month", choice("week", "week", WEEKS, value["week"]), "week"),
        field(LABELS["weekday"], choice("weekday", "weekday", days, value["weekday"]), "weekday"),
        field(LABELS["time"], entry("time", "time", value["time"], longest=5), "time"),
    ]
    again = [_entry("then_every_hours", value), _entry("until_found_days", value)]
    return [html.Div(when, className="line"), html.Div(again, className="line")]


def _entry(name: str, value: Mapping[str, str]) -> Component:
    return field(LABELS[name], entry(name, name, value[name], longest=8), name)


def _common_fields(draft: Draft) -> list[Component]:
    value = draft.fields
    more = [_entry(name, value) for name in ("grace_hours", "timeout_minutes", "attempts")]
    hint = (
        "Grace is how late a missed time may still be run. Attempts are for faults that pass by themselves."
    )
    return [
        field(LABELS["catch_up"], choice("catch_up", "catch_up", CATCH_UP, value["catch_up"]), "catch_up"),
        disclosure(
            "Grace, time limit and attempts",
            html.Div(more, className="line"),
            html.P(hint, className="tiny sec"),
            class_name="source",
        ),
    ]


def _problems(draft: Draft) -> list[Component]:
    if not draft.problems:
        return []
    items = [html.Li(words) for words in draft.problems]
    return [
        html.Div([html.P("This is not a schedule yet:"), html.Ul(items)], className="problem", role="alert")
    ]


def _next(draft: Draft, now: datetime, found_at: datetime | None) -> list[Component]:
    if draft.definition is None:
        return []
    cells = [[html.B(day), date, at] for day, date, at in next_runs(draft.definition, now, found_at)]
    return [
        html.H3("Next five runs"),
        html.P(schedule_words(draft.definition), className="small sec"),
        table("Next five runs", ("Weekday", "Day", "Time"), cells, class_name="plain next"),
    ]


def _acts(found: Service, source: str, stored: StoredSchedule | None) -> list[Component]:
    """Pause or resume, which are saved at once."""
    if stored is None:
        return []
    address, words = (PAUSE, "Pause this schedule") if stored.enabled else (RESUME, "Resume this schedule")
    hidden = {"source": source, "version": str(stored.version)}
    return [form(address, found.actor.token, [button(words)], hidden=hidden)]


def _changes(request: PageRequest, source: str) -> Component:
    made = changes(request.site.store, source, _SHOWN_CHANGES)
    if not made:
        return html.P("Never changed.", className="tiny sec")
    lines = [
        html.Li(changed_words(item.changed_at, item.changed_by, item.before, item.after)) for item in made
    ]
    return html.Div(
        [html.H3("Last changes", className="minor-title"), html.Ul(lines, className="changes tiny sec")]
    )


# Missing periods


def backfill_card(request: PageRequest, found: Service) -> list[Component]:
    """Asked first as a dry run, whose result is shown; then started."""
    told = "What the publisher offers of past months. A dry run says what would be loaded, and loads nothing."
    parts: list[Component] = [html.H2("Load missing periods"), html.P(told, className="small sec")]
    return [*parts, _backfill_form(request, found)] if found.actor.name else parts


def plan_card(request: PageRequest, connection: Connection, found: Service) -> list[Component]:
    """What the dry run that the address names has found, and the way to start."""
    run = _planned(request, connection)
    return [] if run is None else [html.Div(_plan(run, connection, found), className="plan")]


def _backfill_form(request: PageRequest, found: Service) -> Component:
    typed = request.parameters
    sources = tuple(found.names.items())
    line = [
        field("Source", choice("source", "backfill-source", sources, typed.get("of", "")), "backfill-source"),
        field(
            "From (month)",
            entry("first", "backfill-first", typed.get("first", ""), longest=7),
            "backfill-first",
        ),
        field(
            "To (month)", entry("last", "backfill-last", typed.get("last", ""), longest=7), "backfill-last"
        ),
        field("Load", choice("mode", "backfill-mode", _MODES, typed.get("mode", "")), "backfill-mode"),
        button("Dry run"),
    ]
    hint = html.P("Months as 2022-04", className="tiny sec")
    return form(DRY_RUN, found.actor.token, [html.Div(line, className="line"), hint], hidden={})


def _planned(request: PageRequest, connection: Connection) -> Run | None:
    """The dry run that the address names."""
    asked = request.parameters.get("plan", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return None
    run = run_by_id(connection, int(asked))
    return run if run is not None and run.kind == "backfill" and run.request.get("dry_run") is True else None


def _plan(run: Run, connection: Connection, found: Service) -> list[Component]:
    name = source_name(run.source, found.names)
    span = f"{name}, {run.request.get('first')} to {run.request.get('last')}"
    head = html.P([html.B("Dry run: "), span, ". ", sign(run_sign(run))])
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        return [head, html.P("Its result comes here.", className="small sec")]
    lines = [item.finding.message for item in findings_of(connection, run.id) if item.finding.check == PLAN]
    if not lines:
        return [head, html.P(run.message or "It says nothing.", className="small")]
    log = dcc.Link("the whole plan", href=href(OPERATIONS, run=str(run.id)))
    parts: list[Content] = [
        head,
        html.P(html.B(lines[-1])),
        *_some(lines[:-1]),
        html.P(log, className="small"),
    ]
    if found.actor.name:
        parts.append(
            form(BACKFILL, found.actor.token, [button("Start", primary=True)], hidden={"plan": str(run.id)})
        )
    return parts


def _some(lines: list[str]) -> list[Component]:
    if not lines:
        return []
    rest = len(lines) - _SHOWN_LINES
    items: list[Any] = [html.Li(line) for line in lines[:_SHOWN_LINES]]
    if rest > 0:
        items.append(html.Li(f"and {rest} more"))
    return [html.Ul(items, className="small")]
