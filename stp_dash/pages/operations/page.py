"""The operations page: is the service well, is each source fresh, what ran, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import get_flashed_messages, has_request_context
from sqlalchemy import Connection

from db.domain import RunState
from db.domain.holdings import DataVersion
from db.domain.run import Run, Shown
from db.service.overview import listed_runs
from db.service.runs import findings_of, run_by_id, run_log_of
from db.store.audit import audit_entries
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import card, card_head, facts, table
from stp_dash.elements.links import OPERATIONS, OVERVIEW, href
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.pages.operations.cards import (
    RUN_HEADS,
    freshness,
    health,
    held,
    operator_bar,
    run_cells,
    runs,
    show_tabs,
    updated,
    upload,
    uploaded,
)
from stp_dash.pages.operations.editor import backfill, editor, plan
from stp_dash.pages.operations.parts import CANCEL, button, form, rows, sign, sign_in_link
from stp_dash.pages.operations.read import Service, actor_of, progress_of, service
from stp_dash.pages.operations.words import (
    duration,
    happened,
    lede,
    moment_text,
    now_utc,
    run_sign,
    source_name,
    started_by,
    title,
)

LISTED = 50
LONGEST_LOG = 500
_VIEWS = ("runs", "audit")
_CRUMB = (("Operations", OPERATIONS),)


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page, or one of its parts by itself: `?run=12`, `?view=runs`, `?view=audit`."""
    view = request.one_of("view", _VIEWS, "a part of this page")
    if "run" in request.parameters:
        return _run_page(request, connection, version)
    if view == "audit":
        return _audit_page(request, connection)
    shown = _shown(request)
    found = service(request, connection, version, shown)
    if view == "runs":
        return _runs_page(request, connection, found, shown)
    return _whole(request, connection, found, shown)


def live(request: PageRequest, connection: Connection, version: DataVersion) -> dict[str, Content]:
    """What of the page changes while something runs: the children of each element by its id.

    Raises ParameterError as `build` does.
    """
    if "run" in request.parameters:
        run = _asked_run(request, connection)
        return {"live-run": _run_parts(request, connection, version, run)}
    if request.parameters.get("view") is not None:
        return {}
    shown = _shown(request)
    return _live_parts(request, connection, service(request, connection, version, shown), shown)


def _live_parts(
    request: PageRequest, connection: Connection, found: Service, shown: Shown
) -> dict[str, Content]:
    late = sum(row.late > 0 for row in found.rows)
    told = title(leader=found.leader, late=late, failing=len(found.failing), held=len(found.held))
    return {
        "title": told,
        "lede": lede(
            found.rows,
            found.leader,
            failure=_failure(found),
            held=found.held[0].name if found.held else "",
        ),
        "live-health": [health(found), updated(found)],
        "live-fresh": freshness(found, request.width),
        "live-runs": runs(found, shown, request.width),
        "live-plan": plan(request, connection, found),
        "live-held": held(found),
        "live-uploaded": uploaded(found),
    }


def _failure(found: Service) -> str:
    """What the newest of the refreshes that failed said."""
    newest = max(found.failing, key=lambda run: run.id, default=None)
    return f"{source_name(newest.source, found.names)}: {newest.message}" if newest and newest.message else ""


def _whole(request: PageRequest, connection: Connection, found: Service, shown: Shown) -> Page:
    parts = _live_parts(request, connection, found, shown)
    source = request.one_of("edit", found.names, "a source") or next(iter(found.names))
    most = request.site.settings.fetch.largest_file_megabytes
    cards = [
        card(html.Div(parts["live-fresh"], id="live-fresh")),
        html.Div(
            [
                html.Section(html.Div(parts["live-runs"], id="live-runs"), className="card"),
                html.Section(
                    [*backfill(request, found), html.Div(parts["live-plan"], id="live-plan")],
                    className="card",
                ),
                html.Section(html.Div(parts["live-held"], id="live-held"), className="card"),
            ],
            className="c8 stack",
        ),
        html.Div(
            [
                html.Section(
                    editor(request, connection, found, source), className="card editor", id="editor"
                ),
                html.Section(
                    [*upload(found, most), html.Div(parts["live-uploaded"], id="live-uploaded")],
                    className="card own-file",
                ),
            ],
            className="c4 stack",
        ),
    ]
    body = [
        *_said(),
        html.Div(parts["live-health"], id="live-health"),
        html.Div(cards, className="grid loose ops"),
    ]
    return Page(
        title=str(parts["title"]), lede=str(parts["lede"]), body=body, above=operator_bar(found.actor)
    )


def _said() -> list[Component]:
    """What the last action came to, said once."""
    told = get_flashed_messages() if has_request_context() else []
    return [html.P(words, className="told", role="status") for words in told]


def _shown(request: PageRequest) -> Shown:
    asked = request.one_of("show", [item.value for item in Shown], "a list of runs")
    return Shown(asked) if asked else Shown.ALL


def _number(request: PageRequest, name: str) -> int | None:
    """A parameter that is the number of a row. Raises ParameterError."""
    asked = request.parameters.get(name)
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit() and 0 < int(asked) < 2**31:
        return int(asked)
    raise ParameterError(name, asked, "a number that this page gave", (("Operations", OPERATIONS),))


# All runs


def _runs_page(request: PageRequest, connection: Connection, found: Service, shown: Shown) -> Page:
    listed = listed_runs(connection, shown, LISTED, before_id=_number(request, "before"))
    cells = [run_cells(run, found, named=found.actor.name is not None) for run in listed]
    links = [dcc.Link("Newest", href=href(OPERATIONS, view="runs", show=_value(shown)))]
    if len(listed) == LISTED:
        older = href(OPERATIONS, view="runs", show=_value(shown), before=str(listed[-1].id))
        links.append(dcc.Link("Older", href=older))
    body = card(
        card_head("Runs", show_tabs(found.counts, shown, view="runs")),
        rows("Runs, newest first", RUN_HEADS, cells, width=request.width, class_name="runs"),
        html.Div(links, className="turn"),
    )
    return Page(
        title=f"{found.counts[shown]:,} runs" if shown is Shown.ALL else f"Runs: {shown.value}",
        lede="Newest first; each with what it did and its log.",
        body=[html.Div(body, className="grid ops")],
        crumbs=(*_CRUMB, ("Runs", "")),
        above=operator_bar(found.actor),
    )


def _value(shown: Shown) -> str | None:
    return None if shown is Shown.ALL else shown.value


# One run


def _run_page(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    run = _asked_run(request, connection)
    actor = actor_of(request, connection)
    names = service(request, connection, version, Shown.ALL).names
    return Page(
        title=f"Run {run.id}: {source_name(run.source, names)}, {run_sign(run).words.lower()}",
        body=[
            *_said(),
            html.Div(_run_parts(request, connection, version, run), id="live-run", className="grid ops"),
        ],
        crumbs=(*_CRUMB, (f"Run {run.id}", "")),
        above=operator_bar(actor),
    )


def _asked_run(request: PageRequest, connection: Connection) -> Run:
    number = _number(request, "run")
    run = run_by_id(connection, number or 0)
    if run is None:
        raise ParameterError(
            "run", str(number), "the number of a run", (("All runs", href(OPERATIONS, view="runs")),)
        )
    return run


def _run_parts(
    request: PageRequest, connection: Connection, version: DataVersion, run: Run
) -> list[Component]:
    actor, now = actor_of(request, connection), now_utc()
    line = progress_of(connection, (run,)).get(run.id, "")
    open_still = run.state in {RunState.QUEUED, RunState.RUNNING}
    marks: dict[str, Any] = {"data-busy": "1" if open_still else "0"}
    told: list[tuple[str, Content]] = [
        ("Outcome", sign(run_sign(run))),
        ("What happened", happened(run, line, now) or "nothing yet"),
        ("Started by", started_by(run, named=actor.name is not None)),
        ("Scheduled for", moment_text(run.slot, now) if run.slot else "no scheduled time"),
        ("Asked for", moment_text(run.requested_at, now)),
        ("Began", moment_text(run.started_at, now) if run.started_at else "not yet"),
        ("Ended", moment_text(run.finished_at, now) if run.finished_at else "not yet"),
        ("Took", duration(run.finished_at - run.started_at) if run.finished_at and run.started_at else ""),
        ("Attempt", str(run.attempt)),
        ("Version", run.code_version),
    ]
    parts = [facts([(head, words) for head, words in told if words]), html.Span(className="updated", **marks)]
    if open_still and actor.name:
        parts.append(form(CANCEL, actor.token, [button("Cancel this run")], hidden={"run": str(run.id)}))
    elif open_still and actor.possible:
        parts.append(html.P(sign_in_link("Sign in to cancel it", href(OPERATIONS, run=str(run.id)))))
    return [card(card_head("What it did"), *parts, span=4), _log_card(request, connection, run)]


def _log_card(request: PageRequest, connection: Connection, run: Run) -> Component:
    lines = run_log_of(connection, run.id)
    cells = [
        [f"{moment_text(item.at, item.at)}", item.level.lower(), item.message]
        for item in lines[-LONGEST_LOG:]
    ]
    found = findings_of(connection, run.id)
    checks = [
        [say.check, say.severity.value, say.message, item.file_name, f"{say.count:,}"]
        for item in found
        for say in (item.finding,)
    ]
    parts: list[Component] = [card_head("What the checks found")]
    parts.append(
        table("What the checks found", ("Check", "Severity", "Finding", "File", "Rows"), checks, class_name="plain log")
        if checks else html.P("Nothing." if run.finished_at else "Nothing yet.")
    )  # fmt: skip
    parts.append(html.H2("Log", className="later"))
    if len(lines) > LONGEST_LOG:
        parts.append(html.P(f"The last {LONGEST_LOG} of {len(lines):,} lines.", className="small sec"))
    parts.append(
        table("Log, oldest line first", ("At", "Level", "Line"), cells, class_name="plain log")
        if cells else html.P("No line yet.")
    )  # fmt: skip
    return card(*parts, span=8)


# The audit trail


def _audit_page(request: PageRequest, connection: Connection) -> Page:
    actor = actor_of(request, connection)
    body: Sequence[Component] = [html.P(["Operators see who did what. ", sign_in_link()])]
    if not actor.possible:
        body = [html.P("Operators see who did what, and there is none yet.")]
    if actor.name:
        body = _audit(request, connection)
    return Page(
        title="Audit trail",
        lede="Every action that changed something, newest first. It is never edited.",
        body=[html.Div(card(*body), className="grid ops")],
        crumbs=((request.site.settings.area.name, OVERVIEW), *_CRUMB, ("Audit trail", "")),
        above=operator_bar(actor),
    )


def _audit(request: PageRequest, connection: Connection) -> list[Component]:
    entries = audit_entries(connection, LISTED, before_id=_number(request, "before"))
    now = now_utc()
    cells = [
        [moment_text(item.at, now), item.actor, item.action, item.subject, item.detail] for item in entries
    ]
    heads = ("When", "Who", "What", "To what", "Details")
    links = [dcc.Link("Newest", href=href(OPERATIONS, view="audit"))]
    if len(entries) == LISTED:
        links.append(dcc.Link("Older", href=href(OPERATIONS, view="audit", before=str(entries[-1].id))))
    return [
        card_head("Actions"),
        rows("Actions, newest first", heads, cells, width=request.width, class_name="audit"),
        html.Div(links, className="turn"),
    ]
