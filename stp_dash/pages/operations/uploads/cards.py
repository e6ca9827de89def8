"""The form for files of an operator's own, and the page of those that were checked: what loading them would change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from db.domain import Maturity, RunState, Severity
from db.domain.run import CheckStep, Finding, Run, paths_of
from db.service.runs import findings_of
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import aria, card, card_head, disclosure
from stp_dash.elements.forms import button, choice, entry, field, form
from stp_dash.elements.links import OPERATIONS, href
from stp_dash.frame.request import PageRequest
from stp_dash.pages.operations.parts import (
    CHECK_AGAIN,
    DISCARD,
    LOAD,
    UPLOAD,
    findings_rows,
    rows,
    sign,
    sign_in_link,
)
from stp_dash.pages.operations.read import Actor, actor_of
from stp_dash.pages.operations.words import moment_text, now_utc, run_sign, run_time

_MATURITIES = (("", "as the file says"), *((item.label, item.label) for item in Maturity))
_COUNTED = (
    (CheckStep.NEW, "rows new"),
    (CheckStep.REVISED, "revised"),
    (CheckStep.WITHDRAWN, "withdrawn"),
    (CheckStep.SAME, "the same"),
    (CheckStep.OLDER, "older than what stands"),
)
_OWN = frozenset(CheckStep)


def upload_card(names: dict[str, str], actor: Actor, megabytes: int) -> list[Component]:
    """Where files are chosen or dropped; without an operator it says who may. `assets/operations.js` shows progress."""
    head = html.H2("Load files you hold")
    if not actor.name:
        return [head, html.P("Operators drop a workbook, CSV or ZIP here that they downloaded by hand.")]
    marks: dict[str, Any] = {"data-most": str(megabytes * 1_000_000)}
    words = (
        f"XLSX, CSV or ZIP, together up to {megabytes:,} MB. They are checked first: what would be new and revised is "
        "shown before anything is loaded."
    )
    drop = html.Div(
        [
            html.P(
                [
                    html.B("Drop files here"),
                    " or ",
                    html.Button("choose files", type="button", className="choose"),
                ]
            ),
            html.P(words, className="small sec"),
            html.P("", className="progress small", role="status"),
        ],
        className="drop",
        id="drop",
        **marks,
    )
    hidden = dcc.Input(type="hidden", name="csrf_token", value=actor.token)
    sent = html.Form(
        [hidden, *hint_fields(names, "own", "", ""), drop],
        action=UPLOAD,
        method="post",
        className="act upload",
        id="upload",
    )
    plain = html.P(
        html.A("The same on a page without scripts", href=UPLOAD, target="_self"), className="small"
    )
    return [head, steps(1, "Check: what would change"), sent, plain]


def steps(current: int, first: str) -> Component:
    """Where a file stands between being given and being loaded."""
    named = (first, "Load")
    items = [
        html.Li([html.B(str(number)), " ", words], className="on" if number <= current else None)
        for number, words in enumerate(named, start=1)
    ]
    return html.Ol(items, className="steps", **aria(label="Steps"))


def hint_fields(
    names: dict[str, str], prefix: str, source: str, hints: str, *, about: str = ""
) -> list[Component]:
    """Some publishers' files do not say what they are of, how settled their figures are, or when they came out.

    `hints` are those that a run or a held file has already; `about` names the file where a page has several forms.
    """
    said = dict(part.split("=", 1) for part in hints.split() if "=" in part)
    period = _period_typed(said["period"]) if "period" in said else ""
    sources = (("", "recognised from the content"), *names.items())
    line = [
        field(
            "Source",
            choice("source", f"{prefix}-source", sources, source),
            f"{prefix}-source",
        ),
        field(
            "Figures are",
            choice("maturity", f"{prefix}-maturity", _MATURITIES, said.get("maturity", "")),
            f"{prefix}-maturity",
        ),
        field(
            "Period",
            entry("period", f"{prefix}-period", period, longest=10),
            f"{prefix}-period",
            hint="Such as 2026-08, or 2026-08-31 for one day; empty where the file says it",
        ),
        field(
            "Published on",
            entry("published", f"{prefix}-published", said.get("published", ""), longest=10),
            f"{prefix}-published",
            hint="Such as 2026-10-08; empty where the file says it",
        ),
    ]
    words = "What the file may not say itself" if about else "What the files may not say themselves"
    named = f"{words}: {about}" if about else ""
    return [disclosure(words, html.Div(line, className="line"), class_name="source", named=named)]


# Files that were checked


def check_title(run: Run) -> str:
    """The heading of the page of checked files."""
    files = len(paths_of(run.request))
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        return "The file is being checked" if files == 1 else f"{files} files are being checked"
    if run.state is not RunState.UNCHANGED:
        return "The check did not end well"
    return "Checked: this would change"


def check_cards(
    request: PageRequest, connection: Connection, run: Run, names: dict[str, str]
) -> list[Component]:
    """What each file is, what loading it would change, and the ways on: load, discard, check again."""
    actor = actor_of(request, connection)
    here = href(OPERATIONS, check=str(run.id))
    if actor.name is None:
        said = [html.P("Operators see what files would change before they load them.")]
        return [card(*said, *([html.P(sign_in_link(back=here))] if actor.possible else []))]
    busy = run.state in {RunState.QUEUED, RunState.RUNNING}
    marks: dict[str, Any] = {"data-busy": "1" if busy else "0"}
    log = html.A("Log", href=href(OPERATIONS, run=str(run.id)), **aria(label=f"Log of run {run.id}"))
    head = card(
        steps(1, "Checked: this would change" if not busy else "Being checked"),
        html.P(
            [sign(run_sign(run)), " ", moment_text(run_time(run), now_utc()), " · ", log], className="small"
        ),
        html.P(run.message) if run.message else html.Span(""),
        html.Span(className="updated", **marks),
    )
    if busy:
        return [head]
    found = [item for item in findings_of(connection, run.id) if item.file_name]
    paths = [Path(path) for path in paths_of(run.request)]
    files = [
        _file_card(path.name, [item.finding for item in found if item.file_name == path.name], request.width)
        for path in paths
    ]
    if not any(path.is_file() for path in paths):
        gone = "These files are no longer here: they were loaded or discarded."
        return [head, *files, card(html.P(gone))]
    return [head, *files, card(*_ways_on(run, actor, paths, found_by_file(found), names))]


def found_by_file(found: Sequence[Any]) -> dict[str, set[str]]:
    """What was said of each file, by the names of the findings."""
    told: dict[str, set[str]] = {}
    for item in found:
        told.setdefault(item.file_name, set()).add(item.finding.check)
    return told


def _file_card(name: str, found: Sequence[Finding], width: str) -> Component:
    def lines(step: CheckStep) -> list[str]:
        return [item.message for item in found if item.check == step]

    counts = {item.check: item.count for item in found}
    parts: list[Component] = [html.H2(name)]
    recognised = lines(CheckStep.RECOGNISED)
    known = (
        f"Recognised as {recognised[0]}. Nothing is loaded yet." if recognised else "Nothing is loaded yet."
    )
    parts.append(html.P(known, className="small sec"))
    for line in lines(CheckStep.REFUSED):
        would, _, reason = line.partition(": ")
        reasons = [html.Li(words) for words in reason.split(" | ")]
        parts += [html.P(would, className="mk late"), html.Ul(reasons, className="small")]
    parts += [html.P(line, className="mk late") for line in lines(CheckStep.BESIDE)]
    for step in (CheckStep.LOADED_ALREADY, CheckStep.INVENTED):
        parts += [html.P(line, className="mk unchanged") for line in lines(step)]
    if CheckStep.NEW in counts:
        told = [
            html.Div([html.Dd(f"{counts[step]:,}"), html.Dt(words)])
            for step, words in _COUNTED
            if counts.get(step) or step is not CheckStep.OLDER
        ]
        parts.append(html.Dl(told, className="counts"))
    if figures := lines(CheckStep.FIGURE):
        cells: list[list[Content]] = [list(_from_and_to(line)) for line in figures]
        heads = ("Figures of the area, its trusts and England", "Now", "After loading")
        parts.append(rows(f"Figures that {name} would change", heads, cells, width=width))
    if by_indicator := lines(CheckStep.INDICATOR):
        listed = html.Ul([html.Li(line) for line in by_indicator], className="small")
        parts.append(disclosure(f"By indicator ({len(by_indicator)})", listed, class_name="source"))
    warned = any(item.check in _OWN and item.severity is not Severity.INFORMATION for item in found)
    parts += _checks([item for item in found if item.check not in _OWN], width, warned=warned)
    return card(*parts, span=6)


def _from_and_to(line: str) -> tuple[str, str, str]:
    what, _, change = line.rpartition(": ")
    before, arrow, after = change.partition(" -> ")
    return (what, before, after) if arrow else (line, "", "")


def _checks(found: Sequence[Finding], width: str, *, warned: bool) -> list[Component]:
    """What the checks found; nothing is not said to be well where something is `warned` of above."""
    if not found:
        return [] if warned else [html.P("The checks found nothing odd.", className="mk ok")]
    told = findings_rows([("", item) for item in found], width=width)
    odd = sum(item.severity is not Severity.INFORMATION for item in found)
    words = f"What the checks found ({len(found):,}, {odd:,} of them odd)"
    return [disclosure(words, told, class_name="source")]


def _ways_on(
    run: Run, actor: Actor, paths: Sequence[Path], told: dict[str, set[str]], names: dict[str, str]
) -> list[Component]:
    hidden, boxes, fit = {"check": str(run.id)}, [], 0
    for place, path in enumerate(paths):
        said = told.get(path.name, set())
        if not path.is_file() or CheckStep.LOADED_ALREADY in said:
            continue
        refused = CheckStep.REFUSED in said
        fit += not refused
        if refused:
            boxes.append(
                _box("also", place, f"Load {path.name} all the same: it is then held for a decision")
            )
        elif len(paths) > 1:
            boxes.append(_box("leave", place, f"Leave {path.name} out"))
    words = "Load this file" if fit == 1 else f"Load {fit} files" if fit else "Load those ticked"
    parts: list[Component] = [card_head("Load or discard")]
    if fit or boxes:
        acts = html.Div([button(words, primary=True)], className="acts")
        parts.append(form(LOAD, actor.token, [*boxes, acts], hidden=hidden))
    else:
        parts.append(html.P("Loading would change nothing."))
    note = "If something else is loaded first, nothing is loaded and the files are checked again."
    again = [
        *hint_fields(names, "again", run.source or "", str(run.request.get("hints", ""))),
        html.Div([button("Check again")], className="acts"),
    ]
    return [
        *parts,
        html.P(note, className="small sec"),
        form(DISCARD, actor.token, [button("Discard")], hidden=hidden),
        form(CHECK_AGAIN, actor.token, again, hidden=hidden),
    ]


def _period_typed(key: str) -> str:
    """A period of a run's hints as a person types it."""
    year, month, day, months = key[:4], key[4:6], key[6:8], key[8:]
    return f"{year}-{month}-{day}" if months == "00" else f"{year}-{month}"


def _box(name: str, place: int, words: str) -> Component:
    ident = f"{name}-{place}"
    box = dcc.Input(type="checkbox", name=name, id=ident, value=str(place), className="box")
    return html.Div([box, html.Label(words, htmlFor=ident)], className="box-line")
