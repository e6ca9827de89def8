"""Files that were loaded: the list of them, and a page for each with what it brought and the way to undo it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from db.domain import RunKind, RunState
from db.domain.file import LoadedFile, Undo
from db.domain.run import Run
from db.figures.files import (
    all_files,
    contents_of,
    file_by_id,
    findings_of_file,
    loaded_together,
    relations_of,
    undos,
    undos_of,
)
from db.redaction import without_secrets
from db.service.runs import findings_of, run_by_id
from stp_dash.analysis.provenance import public_address
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import card, card_head, facts
from stp_dash.elements.forms import button, entry, field, form
from stp_dash.elements.links import DATA, OPERATIONS, href
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.pages.operations.parts import (
    UNDO,
    UNDO_PLAN,
    findings_rows,
    rows,
    sign,
    sign_in_link,
)
from stp_dash.pages.operations.read import Actor, actor_of
from stp_dash.pages.operations.words import moment_text, now_utc, run_sign, size_text, source_name

LISTED = 100
_HEADS = ("File", "Source", "Published", "Loaded", "Run", "State")


def file_asked_for(request: PageRequest, connection: Connection) -> LoadedFile:
    """The file whose number an address has. Raises ParameterError where there is none."""
    asked = request.parameters.get("file", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    if file := file_by_id(connection, number):
        return file
    every = ("All files", href(OPERATIONS, view="files"))
    raise ParameterError("file", asked, "the number of a file", (every,))


def files_cards(request: PageRequest, connection: Connection, names: dict[str, str]) -> list[Component]:
    """Every file that was loaded, the last one first."""
    now, by_number = now_utc(), undos(connection)
    found = all_files(connection)
    before = request.parameters.get("before", "")
    rest = [file for file in found if not before.isdigit() or file.id < int(before)]
    cells: list[list[Content]] = [
        [
            dcc.Link(file.name, href=href(OPERATIONS, file=str(file.id))),
            source_name(file.source, names),
            str(file.published_on or ""),
            moment_text(file.loaded_at, now),
            _run_link(file),
            "undone" if file.undone_by in by_number else "counts",
        ]
        for file in rest[:LISTED]
    ]
    links = [dcc.Link("Newest", href=href(OPERATIONS, view="files"))]
    if len(rest) > LISTED:
        older = href(OPERATIONS, view="files", before=str(rest[LISTED - 1].id))
        links.append(dcc.Link("Older", href=older))
    told = rows("Files, newest first", _HEADS, cells, width=request.width, class_name="runs")
    return [
        card(
            card_head("Files loaded"),
            told if cells else html.P("No file."),
            html.Div(links, className="turn"),
        )
    ]


def _run_link(file: LoadedFile) -> Content:
    if file.load_run_id is None:
        return "no run"
    return dcc.Link(f"run {file.load_run_id}", href=href(OPERATIONS, run=str(file.load_run_id)))


def file_cards(
    request: PageRequest, connection: Connection, file: LoadedFile, names: dict[str, str]
) -> list[Component]:
    """One file: where it comes from, what of it stands, what it did to others, and undo."""
    contents = contents_of(connection, file)
    catalogue = request.site.store.catalogue.indicators
    cells: list[list[Content]] = [
        [
            dcc.Link(catalogue[item.indicator].short_name, href=href(DATA, indicator=item.indicator)),
            f"{item.rows:,}",
            f"{item.periods:,}",
            item.first.label,
            item.last.label,
        ]
        for item in contents
    ]
    heads = ("Indicator", "Figures", "Periods", "First", "Last")
    stands = rows("Figures that stand from this file", heads, cells, width=request.width)
    stands = stands if cells else html.P("No figure that stands is this file's.")
    found = [("", item) for item in findings_of_file(connection, file)]
    checks = findings_rows(found, width=request.width) if found else html.P("Nothing.")
    return [
        card(card_head("The file"), facts(_facts(file, undos_of(connection, file.id), names)), span=4),
        html.Div(
            [
                card(*_undo_parts(request, connection, file)),
                card(card_head("Figures that stand"), stands),
                card(
                    card_head("What it revised, and what revised it"), _relations(request, connection, file)
                ),
                card(card_head("What the checks found"), checks),
            ],
            className="c8 stack",
        ),
    ]


def _facts(file: LoadedFile, decisions: tuple[Undo, ...], names: dict[str, str]) -> list[tuple[str, Content]]:
    now = now_utc()
    address = public_address(file.url, demonstration=file.demonstration)
    shown = without_secrets(address)
    told: list[tuple[str, Content]] = [
        ("State", "undone: its figures do not count" if file.undone_by else "counts"),
        ("Source", source_name(file.source, names)),
        ("What it is", file.title),
        ("Address", html.A(shown, href=shown) if shown else "given by hand or not public"),
        ("Published", str(file.published_on or "the file does not say")),
        ("Fetched", moment_text(file.fetched_at, now)),
        ("Loaded", moment_text(file.loaded_at, now)),
        ("By", _run_link(file)),
        ("Size", size_text(file.size)),
        ("SHA-256", file.sha256),
        ("Layout", file.layout),
    ]
    told += [
        (
            f"{'Put back' if item.puts_back else 'Undone'} {moment_text(item.at, now)}",
            f"data version {item.number}: {item.reason}",
        )
        for item in decisions
    ]
    return [(head, words) for head, words in told if words]


def _relations(request: PageRequest, connection: Connection, file: LoadedFile) -> Component:
    cells: list[list[Content]] = [
        [
            dcc.Link(item.name or f"file {item.file}", href=href(OPERATIONS, file=str(item.file))),
            _relation_words(item.reason, wins=item.wins),
            f"{item.rows:,}",
        ]
        for item in relations_of(connection, file)
    ]
    if not cells:
        return html.P("No figure of another file was revised by it, nor any of its own by another.")
    heads = ("File", "What", "Figures")
    return rows("What it revised, and what revised it", heads, cells, width=request.width)


def _relation_words(reason: str, *, wins: bool) -> str:
    if reason == "older release":
        return "came later, but is the older release" if wins else "stood already, and is the newer release"
    return f"{reason} by this file" if wins else f"has {reason} figures of this file"


def _undo_parts(request: PageRequest, connection: Connection, file: LoadedFile) -> list[Component]:
    """What would change, asked for first; then the reason and the button that does it."""
    actor, puts_back = actor_of(request, connection), file.undone_by is not None
    head = card_head("Put this file back" if puts_back else "Undo this file")
    if actor.name is None:
        words = (
            "Operators take a file's figures out, or put them back, after they have seen what would change."
        )
        here = href(OPERATIONS, file=str(file.id))
        return [head, html.P(words), *([html.P(sign_in_link(back=here))] if actor.possible else [])]
    hidden = {"file": str(file.id)}
    ask = form(UNDO_PLAN, actor.token, [button("See what would change")], hidden=hidden)
    together = len(loaded_together(connection, file))
    if together > 1:
        words = f"See it for all {together} files of this load"
        every = form(UNDO_PLAN, actor.token, [button(words)], hidden={**hidden, "whole": "1"})
        ask = html.Div([ask, every], className="acts")
    run = _plan_of(request, connection, file)
    if run is None:
        return [head, html.P("Nothing is changed by looking."), ask]
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        marks: dict[str, Any] = {"data-busy": "1"}
        again = href(OPERATIONS, file=str(file.id), plan=str(run.id))
        looked = html.A("Look again", href=again, target="_self")
        return [head, html.P([sign(run_sign(run)), " ", looked], className="updated", **marks)]
    return [head, *_plan(connection, file, run, actor, ask, puts_back=puts_back)]


def _plan_of(request: PageRequest, connection: Connection, file: LoadedFile) -> Run | None:
    asked = request.parameters.get("plan", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return None
    run = run_by_id(connection, int(asked))
    if run is None or run.kind is not RunKind.UNDO or file.id not in _planned(run):
        return None
    return run if run.request.get("dry_run") is True else None


def _planned(run: Run) -> list[object]:
    """The numbers of the files that a plan is of."""
    files = run.request.get("files")
    return list(files) if isinstance(files, list) else []


def _plan(
    connection: Connection, file: LoadedFile, run: Run, actor: Actor, ask: Component, *, puts_back: bool
) -> list[Component]:
    lines = [item.finding.message for item in findings_of(connection, run.id) if item.finding.check == "undo"]
    if not lines or run.request.get("puts_back") is not puts_back:
        return [html.P(run.message or "It was done since."), ask]
    count = len(_planned(run))
    words = "Put it back" if puts_back else "Undo this file"
    if count > 1:
        words = f"{'Put back' if puts_back else 'Undo'} these {count} files"
    reason = field(
        "Reason (needed, kept in the audit trail)",
        entry("reason", "undo-reason", "", longest=500),
        "undo-reason",
    )
    note = (
        "A data version is made; packs and links made with earlier ones stay as they are. "
        f"It can itself be {'undone' if puts_back else 'put back'}."
    )
    acts = html.Div(
        [button(words, primary=True), dcc.Link("Leave it", href=href(OPERATIONS, file=str(file.id)))],
        className="acts",
    )
    hidden = {"file": str(file.id), "plan": str(run.id)}
    return [
        html.P(html.B(lines[1])),
        html.Ul([html.Li(line) for line in lines[2:]], className="small"),
        form(UNDO, actor.token, [reason, acts], hidden=hidden),
        html.P(note, className="small sec"),
    ]
