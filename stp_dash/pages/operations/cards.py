"""The cards of the operations page: health, freshness, runs, files held back, an own file, missing periods."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

from db.domain.file import HeldFile, HeldKind
from db.domain.run import FAILED, Run, RunKind, Shown
from db.service.agreement.compare import AgreementVerdict
from stp_dash.analysis.wording import capitalised
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import aria, card_head, tabs
from stp_dash.elements.forms import button, entry, field, form
from stp_dash.elements.links import ACCOUNT, OPERATIONS, OWN, SIGN_OUT, href
from stp_dash.pages.operations.parts import (
    HELD,
    HELD_FILE,
    HELD_SEVERAL,
    RUN_NOW,
    rows,
    sign,
    sign_in_link,
)
from stp_dash.pages.operations.read import Actor, Service
from stp_dash.pages.operations.uploads.cards import hint_fields
from stp_dash.pages.operations.words import (
    FreshRow,
    HealthCell,
    day_text,
    failed_cell,
    happened,
    held_cell,
    moment_text,
    overdue_cell,
    queue_cell,
    run_sign,
    run_time,
    scheduler_cell,
    size_text,
    source_name,
    started_by,
    updated_words,
)
from stp_dash.web.access import HOW_TO_MAKE_ONE, KEPT_ELSEWHERE

LONGEST_HELD = 5
_SHORT_REASON = 110
RUN_HEADS = ("Source", "Began", "Started by", "Outcome", "What happened", "Attempt", "Log")
DIFFERENCES = 20
"""So many figures that differ from another publication's are listed."""
_KINDS = {
    HeldKind.DEADLY: "Reading it ended the process that read it, twice.",
    HeldKind.LAYOUT: "It cannot be read as what it should be.",
    HeldKind.CONTRADICTION: "Its figures contradict each other.",
    HeldKind.PLAUSIBILITY: "Its figures are surprising beside earlier periods.",
}


def operator_bar(actor: Actor) -> Component:
    """Who is signed in and what they may do; for readers, how to."""
    password: Component = html.A("Change password", href=ACCOUNT, target="_self", className="btn")
    if actor.person is not None and not actor.person.has_password:
        password = html.Span(KEPT_ELSEWHERE, className="small sec")
    if actor.name is not None:
        said: list[Content] = ["Signed in as ", html.B(actor.name), ". Every change is recorded."]
        done = [
            dcc.Link("Audit trail", href=href(OPERATIONS, view="audit"), className="btn"),
            dcc.Link("Our own measures", href=OWN, className="btn"),
            password,
            form(SIGN_OUT, actor.token, [button("Sign out")], hidden={}),
            form(SIGN_OUT, actor.token, [button("Sign out everywhere")], hidden={"everywhere": "1"}),
        ]
    elif actor.person is not None:
        role = actor.person.role.word
        said = [
            "Signed in as ",
            html.B(actor.person.name),
            f", {role}. Operators change what is on this page.",
        ]
        done = [
            dcc.Link("Our own measures", href=OWN, className="btn"),
            password,
            form(SIGN_OUT, actor.token, [button("Sign out")], hidden={}),
        ]
    elif actor.possible:
        said, done = ["You are looking. Operators sign in to change something."], [sign_in_link()]
    else:
        said = ["Nobody can change anything yet. Make an operator with ", html.Code(HOW_TO_MAKE_ONE)]
        done = []
    inside = html.Div([html.P(said), html.Div(done, className="actions")], className="w operator")
    return html.Div(inside, className="filters", role="region", **aria(label="Who is signed in"))


def health_card(found: Service) -> Component:
    """The strip at the top."""
    cells = (
        scheduler_cell(found.leader),
        queue_cell(found.queue, found.names, found.now),
        overdue_cell(found.rows, found.slot, found.names),
        failed_cell(found.week, FAILED, found.newest_failure, found.names),
        held_cell(len(found.held)),
    )
    return html.Dl([_health_cell(cell) for cell in cells], className="card health")


def _health_cell(cell: HealthCell) -> Component:
    value = html.B(cell.sign.words, className=f"mk {cell.sign.mark}")
    return html.Div([html.Dt(cell.label), html.Dd([value, html.Span(cell.note)])])


# Freshness


def freshness_card(found: Service, width: str) -> list[Component]:
    """Each source: what is held, when more is expected, and how to ask for it."""
    heads = ["Source", "Data to", "Published", "Loaded", "Next expected", "State", "Schedule"]
    if found.actor.name:
        heads.append("Action")
    cells = [_fresh_cells(found, row) for row in found.rows]
    aside = html.P("All times Europe/London", className="tiny sec")
    return [
        card_head("Is it fresh?", aside),
        rows("How fresh each source is", heads, cells, width=width, class_name="fresh"),
    ]


def _fresh_cells(found: Service, row: FreshRow) -> list[Content]:
    schedule: list[Content] = [row.schedule]
    if row.following:
        schedule.append(html.Span(row.following, className="tiny sec under"))
    state = (
        [sign(row.sign), html.Span(row.looked, className="tiny sec under")] if row.looked else sign(row.sign)
    )
    cells: list[Content] = [
        html.B(row.name),
        row.data_to,
        row.published,
        row.loaded,
        row.expected,
        state,
        schedule,
    ]
    if found.actor.name:
        edit = html.A(
            "Edit", href=href(OPERATIONS, edit=row.source), **aria(label=f"Edit the schedule of {row.name}")
        )
        now = button("Run now", label=f"Run now: {row.name}")
        run = form(RUN_NOW, found.actor.token, [now], hidden={"source": row.source})
        cells.append(html.Div([run, edit], className="row-acts"))
    return cells


# Runs


def runs_card(found: Service, shown: Shown, width: str) -> list[Component]:
    """What ran: the newest, of all runs or of those that failed or changed data."""
    head = card_head("What ran, what failed", show_tabs(found.counts, shown))
    if not found.runs:
        return [head, html.P("No run yet." if shown is Shown.ALL else "None of these yet.")]
    named = found.actor.name is not None
    cells = [run_cells(run, found, named=named) for run in found.runs]
    every = dcc.Link(
        f"All {found.counts[shown]:,} runs", href=href(OPERATIONS, view="runs", show=_show(shown))
    )
    return [
        head,
        rows("Runs, newest first", RUN_HEADS, cells, width=width, class_name="runs"),
        html.P([every, " · ", dcc.Link("All files", href=href(OPERATIONS, view="files"))], className="small"),
    ]


def show_tabs(counts: dict[Shown, int], shown: Shown, **more: str) -> Component:
    """Tabs by which runs are shown, each with how many there are."""
    words = {Shown.ALL: "All", Shown.FAILED: "Failed", Shown.CHANGED: "Changed data"}
    links = [
        (
            text if which is Shown.ALL else f"{text} ({counts[which]:,})",
            href(OPERATIONS, **more, show=_show(which)),
            which is shown,
        )
        for which, text in words.items()
    ]
    return tabs("Which runs", links)


def _show(shown: Shown) -> str | None:
    return None if shown is Shown.ALL else shown.value


def run_cells(run: Run, found: Service, *, named: bool) -> list[Content]:
    """A run as a row of the list."""
    number = html.Span(f"run {run.id}", className="tiny sec under")
    log = html.A("Log", href=href(OPERATIONS, run=str(run.id)), **aria(label=f"Log of run {run.id}"))
    return [
        html.Span([source_name(run.source, found.names), number]),
        moment_text(run_time(run), found.now),
        started_by(run, named=named),
        sign(run_sign(run)),
        happened(run, found.lines.get(run.id, ""), found.now, found.places.get(run.id)),
        str(run.attempt) if run.attempt > 1 else "1",
        log,
    ]


# Files held back


def held_card(found: Service) -> list[Component]:
    """The files that wait for a person, each with its reason and what can be done."""
    head = card_head("Files held back")
    if not found.held:
        return [head, html.P("No file is held back.")]
    shown, rest = found.held[:LONGEST_HELD], found.held[LONGEST_HELD:]
    items = [html.Li(_held(file, found), className="one") for file in shown]
    items += [html.Li(_folded(file, found), className="folded") for file in rest]
    listed = html.Ul(items, className="held")
    if found.actor.name is None or len(found.held) < 2:
        return [head, listed]
    reason = field(
        "Reason for all that are ticked", entry("reason", "reason-several", "", longest=500), "reason-several"
    )
    acts = [
        button("Accept those ticked", name="decision", value="accept"),
        button("Try those ticked again", name="decision", value="retry"),
        button("Reject those ticked", name="decision", value="reject"),
    ]
    ticks = [_tick(file) for file in found.held]
    together = form(
        HELD_SEVERAL, found.actor.token, [*ticks, reason, html.Div(acts, className="acts")], hidden={}
    )
    return [head, listed, html.Div(together, className="plan")]


def _tick(file: HeldFile) -> Component:
    ident = f"tick-{file.id}"
    box = dcc.Input(type="checkbox", name="several", id=ident, value=f"{file.id}@{file.held_at.isoformat()}")
    return html.Div([box, html.Label(file.name, htmlFor=ident)], className="box-line")


def _folded(file: HeldFile, found: Service) -> Component:
    """A file below the first ones: its name and how its reason begins, until it is opened."""
    reason = file.reason.removeprefix(file.name).lstrip(": ")
    told = html.Span(f" {shorten(reason, _SHORT_REASON, placeholder=' …')}", className="small sec")
    summary = html.Summary([html.B(file.name), told])
    return html.Details([summary, html.Div(_held(file, found), className="one")], className="reading")


def _reason(file: HeldFile) -> str:
    """Why a file is held, as a sentence; one that begins with the file's name leaves that as it is written."""
    words = file.reason.removeprefix(f"{file.name}: ")
    return words if words.startswith(file.name) else capitalised(words)


def _held(file: HeldFile, found: Service) -> list[Component]:
    source = f"{source_name(file.source, found.names)}: " if file.source else ""
    said = [
        html.P("Needs a decision", className="mk late"),
        html.H3(f"{source}{file.name}"),
        html.P(_reason(file), className="small"),
        html.P(
            f"{_KINDS[file.kind]} Nothing of it was loaded; the site shows what it showed before. "
            f"File kept: {size_text(file.size)}, since {moment_text(file.held_at, found.now)}.",
            className="small sec",
        ),
    ]
    if file.load_run_id:
        link = html.A(
            "What the checks found",
            href=href(OPERATIONS, run=str(file.load_run_id)),
            **aria(label=f"What the checks found in {file.name}"),
        )
        said.append(html.P(link, className="small"))
    parts: list[Component] = [html.Div(said)]
    if found.actor.name:
        parts.append(_decision(file, found))
        own = href(HELD_FILE, file=str(file.id))
        said.append(
            html.P(html.A("Download the file", href=own, target="_self", download=""), className="small")
        )
    return parts


def _decision(file: HeldFile, found: Service) -> Component:
    ident = f"reason-{file.id}"
    wanted = "accept or reject" if file.kind.acceptable else "reject"
    reason = field(f"Reason (needed to {wanted})", entry("reason", ident, "", longest=500), ident)
    choices = [("accept", "Accept and load")] if file.kind.acceptable else []
    choices += [("retry", "Try again"), ("reject", "Reject")]
    acts = [
        button(words, name="decision", value=value, label=f"{words}: {file.name}") for value, words in choices
    ]
    hidden = {"file": str(file.id), "held_at": file.held_at.isoformat()}
    hints = hint_fields(found.names, f"held-{file.id}", file.source, file.hints, about=file.name)
    tried = html.P("Try again takes what is said here.", className="tiny sec")
    return form(
        HELD, found.actor.token, [reason, *hints, tried, html.Div(acts, className="acts")], hidden=hidden
    )


# Ours beside other publications


def agreement_card(found: Service, width: str) -> list[Component]:
    """What other publications state of the same figures as ours, and which differ; nothing where none states any."""
    counts = [found.verdicts.get(verdict, 0) for verdict in AgreementVerdict]
    if not any(counts):
        return []
    agreeing, revised, differing = counts
    told = (
        f"After every load our own figures are held against those that another publication states of the same: "
        f"{agreeing:,} agree to the decimals that are printed, {revised:,} agreed before a later release revised ours, "
        f"and {differing:,} differ."
    )
    card_parts: list[Component] = [card_head("Do our figures agree with other publications?"), html.P(told)]
    if found.differences:
        shown = found.differences[:DIFFERENCES]
        heads = ("Figure", "Trust", "Period", "Ours", "Stated", "Our files", "Stated in", "Since")
        cells: list[list[Content]] = [
            [
                html.B(item.indicator),
                f"{item.name} ({item.organisation})",
                item.period.label,
                f"{item.ours:.2f}",
                f"{item.stated:.2f}",
                item.files,
                item.stated_in,
                moment_text(item.since, found.now),
            ]
            for item in shown
        ]
        card_parts.append(rows("Figures that differ", heads, cells, width=width))
    if differing > DIFFERENCES:
        rest = f"And {differing - DIFFERENCES:,} more: "
        card_parts.append(html.P([rest, html.Code("python -m etl status")], className="tiny sec"))
    return card_parts


# A file that somebody holds


def uploaded_card(found: Service) -> list[Component]:
    """What became of the last file that was given."""
    run = found.upload
    if run is None:
        return [html.P("No file was given to this page yet.", className="small sec")]
    if run.kind is RunKind.CHECK:
        return _checked(run, found)
    told = happened(run, found.lines.get(run.id, ""), found.now, found.places.get(run.id))
    name, _, rest = told.partition(" · ")
    return [
        html.P([html.B(name), html.Span(f" {day_text(run_time(run).date(), found.now.date())}")]),
        html.P([sign(run_sign(run))]),
        html.P(rest, className="small") if rest else html.P("Its run waits.", className="small"),
        html.P(html.A("Log", href=href(OPERATIONS, run=str(run.id)), **aria(label=f"Log of run {run.id}"))),
    ]


def _checked(run: Run, found: Service) -> list[Component]:
    """The last files that were checked: where what they would change is shown."""
    said = [html.P([sign(run_sign(run)), f" {day_text(run_time(run).date(), found.now.date())}"])]
    if found.actor.name:
        link = dcc.Link("What would change", href=href(OPERATIONS, check=str(run.id)))
        said.append(html.P([happened(run, "", found.now, found.places.get(run.id)), ". ", link]))
    return said


def updated(found: Service) -> Component:
    """When this was read, and by which program; `data-busy` keeps the page looking while something is at work."""
    marks: dict[str, Any] = {"data-busy": "1" if found.busy else "0"}
    return html.P(updated_words(found.now, found.code_version), className="tiny sec updated", **marks)
