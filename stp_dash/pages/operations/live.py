"""What of the operations page changes while something runs: each part by the id of its element."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from db.domain import RunState
from db.domain.holdings import DataVersion
from db.domain.run import Run, RunKind, Severity, Shown
from db.figures.files import all_files
from db.service.queue import places
from db.service.runs import findings_of, queue, run_by_id, run_log_of
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import card, card_head, facts
from stp_dash.elements.forms import button, form
from stp_dash.elements.links import OPERATIONS, href
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.pages.operations.cards import (
    freshness_card,
    health_card,
    held_card,
    runs_card,
    updated,
    uploaded_card,
)
from stp_dash.pages.operations.editor import plan_card
from stp_dash.pages.operations.parts import (
    CANCEL,
    LOG_FILE,
    findings_rows,
    rows,
    sign,
    sign_in_link,
)
from stp_dash.pages.operations.read import Service, actor_of, progress_of, service, source_names
from stp_dash.pages.operations.uploads.cards import check_cards, check_title
from stp_dash.pages.operations.words import (
    activity_facts,
    duration,
    happened,
    log_time,
    moment_text,
    now_utc,
    operations_lede,
    operations_title,
    run_sign,
    source_name,
    started_by,
)

LONGEST_LOG = 500
LONGEST_FILES = LONGEST_FINDINGS = 100
FEW_FILES = 10
_GRAVEST = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION)
SHOWS_ACTIVITY = (RunState.RUNNING, RunState.TIMED_OUT, RunState.ABANDONED, RunState.CANCELLED)


def live(request: PageRequest, connection: Connection, version: DataVersion) -> dict[str, Content]:
    """What of the page changes while something runs: the children of each element by its id.

    Raises ParameterError as `build` does.
    """
    if "run" in request.parameters:
        run = run_asked_for(request, connection)
        return {"live-run": run_parts(request, connection, version, run)}
    if "check" in request.parameters:
        run = check_asked_for(request, connection)
        return {
            "title": check_title(run),
            "live-check": check_cards(request, connection, run, source_names(request)),
        }
    if request.parameters.get("view") is not None:
        return {}
    shown = shown_of(request)
    return live_parts(request, connection, service(request, connection, version, shown), shown)


def live_parts(
    request: PageRequest, connection: Connection, found: Service, shown: Shown
) -> dict[str, Content]:
    """The parts of the page that are made anew while a reader looks on, by the names of their places."""
    late = sum(row.late > 0 for row in found.rows)
    told = operations_title(leader=found.leader, late=late, failing=len(found.failing), held=len(found.held))
    return {
        "title": told,
        "lede": operations_lede(
            found.rows,
            found.leader,
            failure=_failure(found),
            held=found.held[0].name if found.held else "",
        ),
        "live-health": [health_card(found), updated(found)],
        "live-fresh": freshness_card(found, request.width),
        "live-runs": runs_card(found, shown, request.width),
        "live-plan": plan_card(request, connection, found),
        "live-held": held_card(found),
        "live-uploaded": uploaded_card(found),
    }


def _failure(found: Service) -> str:
    """What the newest of the refreshes that failed said."""
    newest = max(found.failing, key=lambda run: run.id, default=None)
    return f"{source_name(newest.source, found.names)}: {newest.message}" if newest and newest.message else ""


def shown_of(request: PageRequest) -> Shown:
    """Which runs an address asks for; all without. Raises ParameterError for another word."""
    asked = request.one_of("show", [item.value for item in Shown], "a list of runs")
    return Shown(asked) if asked else Shown.ALL


def number_of(request: PageRequest, name: str) -> int | None:
    """A parameter that is the number of a row. Raises ParameterError."""
    asked = request.parameters.get(name)
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit() and 0 < int(asked) < 2**31:
        return int(asked)
    raise ParameterError(name, asked, "a number that this page gave", (("Operations", OPERATIONS),))


def run_asked_for(request: PageRequest, connection: Connection) -> Run:
    """The run whose number an address has. Raises ParameterError where there is none."""
    number = number_of(request, "run")
    run = run_by_id(connection, number or 0)
    if run is None:
        raise ParameterError(
            "run", str(number), "the number of a run", (("All runs", href(OPERATIONS, view="runs")),)
        )
    return run


def check_asked_for(request: PageRequest, connection: Connection) -> Run:
    """The run that checks files whose number an address has. Raises ParameterError where there is none."""
    number = number_of(request, "check")
    run = run_by_id(connection, number or 0)
    if run is None or run.kind is not RunKind.CHECK:
        every = ("All runs", href(OPERATIONS, view="runs"))
        raise ParameterError("check", str(number), "the number of a run that checks files", (every,))
    return run


def run_parts(
    request: PageRequest, connection: Connection, version: DataVersion, run: Run
) -> list[Component]:
    """One run: what it did, file by file, and its log."""
    actor, now = actor_of(request, connection), now_utc()
    line = progress_of(connection, (run,)).get(run.id, "")
    place = places(queue(connection)).get(run.id)
    doing = activity_facts(run.activity) if run.activity and run.state in SHOWS_ACTIVITY else []
    open_still = run.state in {RunState.QUEUED, RunState.RUNNING}
    marks: dict[str, Any] = {"data-busy": "1" if open_still else "0"}
    told: list[tuple[str, Content]] = [
        ("Outcome", sign(run_sign(run))),
        ("What happened", happened(run, line, now, place) or "nothing yet"),
        *(doing if run.state is RunState.RUNNING else ()),
        ("Started by", started_by(run, named=actor.name is not None)),
        ("Scheduled for", moment_text(run.slot, now) if run.slot else "no scheduled time"),
        ("Asked for", moment_text(run.requested_at, now)),
        ("Began", moment_text(run.started_at, now) if run.started_at else "not yet"),
        ("Ended", moment_text(run.finished_at, now) if run.finished_at else "not yet"),
        ("Took", duration(run.finished_at - run.started_at) if run.finished_at and run.started_at else ""),
        ("Attempt", str(run.attempt)),
        ("When it was last heard of", "; ".join(words for _, words in doing) if not open_still else ""),
        ("Version", run.code_version),
        ("Files loaded", _files_of(connection, run)),
    ]
    parts = [facts([(head, words) for head, words in told if words]), html.Span(className="updated", **marks)]
    if open_still and actor.name:
        parts.append(form(CANCEL, actor.token, [button("Cancel this run")], hidden={"run": str(run.id)}))
    elif open_still and actor.possible:
        parts.append(html.P(sign_in_link("Sign in to cancel it", href(OPERATIONS, run=str(run.id)))))
    did = card(card_head("What it did"), *parts, span=4)
    if run.kind is RunKind.CHECK:
        if actor.name is None:
            return [did, card(html.P("Operators see what files would change before they load them."), span=8)]
        link = dcc.Link("What would change", href=href(OPERATIONS, check=str(run.id)))
        return [did, card(html.P(link), span=8), _log_card(request, connection, run)]
    return [did, _log_card(request, connection, run)]


def _files_of(connection: Connection, run: Run) -> list[Component]:
    """The files that a run loaded, each with the way to its page; folded where they are many."""
    found = [file for file in all_files(connection) if file.load_run_id == run.id]
    listed = [
        html.Div(
            [
                dcc.Link(file.name, href=href(OPERATIONS, file=str(file.id))),
                html.Span(" (undone)" if file.undone_by else ""),
            ]
        )
        for file in found[:LONGEST_FILES]
    ]
    if len(found) <= FEW_FILES:
        return listed
    if len(found) > LONGEST_FILES:
        every = dcc.Link("All files", href=href(OPERATIONS, view="files"))
        listed.append(html.Div([f"These are {LONGEST_FILES} of {len(found):,}. ", every]))
    return [html.Details([html.Summary(f"{len(found):,} files"), *listed])]


def _log_card(request: PageRequest, connection: Connection, run: Run) -> Component:
    lines = run_log_of(connection, run.id)
    cells: list[list[Content]] = [
        [log_time(item.at), item.level.lower(), item.message] for item in lines[-LONGEST_LOG:]
    ]
    found = sorted(findings_of(connection, run.id), key=lambda item: _GRAVEST.index(item.finding.severity))
    checks = [(item.file_name, item.finding) for item in found[:LONGEST_FINDINGS]]
    parts: list[Component] = [card_head("What the checks found")]
    if len(found) > LONGEST_FINDINGS:
        most = f"The {LONGEST_FINDINGS} gravest of {len(found):,}; the log's text file has all of them."
        parts.append(html.P(most, className="small sec"))
    nothing = html.P("Nothing." if run.finished_at else "Nothing yet.")
    parts.append(findings_rows(checks, width=request.width) if checks else nothing)
    parts.append(html.H2("Log", className="later"))
    file = html.A("Log as a text file", href=href(LOG_FILE, run=str(run.id)), target="_self", download="")
    parts.append(html.P(file, className="small"))
    if len(lines) > LONGEST_LOG:
        parts.append(html.P(f"The last {LONGEST_LOG} of {len(lines):,} lines.", className="small sec"))
    told = rows(
        "Log, oldest line first", ("At", "Level", "Line"), cells, width=request.width, class_name="log"
    )
    parts.append(told if cells else html.P("No line yet."))
    return card(*parts, span=8)
