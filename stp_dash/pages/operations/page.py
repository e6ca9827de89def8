"""The operations page: is the service well, is each source fresh, what ran, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.domain.run import Shown
from db.service.overview import listed_runs
from db.store.audit import audit_entries
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, card_head
from stp_dash.elements.links import OPERATIONS, OVERVIEW, href
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import takes_as_it_is
from stp_dash.pages.operations.cards import (
    RUN_HEADS,
    agreement_card,
    operator_bar,
    run_cells,
    show_tabs,
)
from stp_dash.pages.operations.editor import backfill_card, editor_card
from stp_dash.pages.operations.files import file_asked_for, file_cards, files_cards
from stp_dash.pages.operations.live import (
    check_asked_for,
    live_parts,
    number_of,
    run_asked_for,
    run_parts,
    shown_of,
)
from stp_dash.pages.operations.parts import rows, sign_in_link
from stp_dash.pages.operations.read import Service, actor_of, names_hidden, service, source_names
from stp_dash.pages.operations.retention import retention_card
from stp_dash.pages.operations.routes import register_routes
from stp_dash.pages.operations.uploads.cards import check_cards, check_title, upload_card
from stp_dash.pages.operations.words import (
    moment_text,
    now_utc,
    run_sign,
    source_name,
)
from stp_dash.web.acting.said import said_once

LISTED = 50
_VIEWS = ("runs", "files", "audit")
_CRUMB = (("Operations", OPERATIONS),)


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page, or one of its parts by itself: `?run=12`, `?view=runs`, `?view=audit`."""
    page = _page(request, connection, version)
    told = {"title": page.title, "lede": page.lede, "body": page.body}
    return replace(page, **names_hidden(connection, told))


def _page(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    view = request.one_of("view", _VIEWS, "a part of this page")
    for name, part in (("run", _run_page), ("check", _check_page), ("file", _file_page)):
        if name in request.parameters:
            return part(request, connection, version)
    if view in {"files", "audit"}:
        listed = _files_page if view == "files" else _audit_page
        return listed(request, connection, version)
    shown = shown_of(request)
    found = service(request, connection, version, shown)
    if view == "runs":
        return _runs_page(request, connection, found, shown)
    return _whole(request, connection, version, found, shown)


def _whole(
    request: PageRequest, connection: Connection, version: DataVersion, found: Service, shown: Shown
) -> Page:
    parts = live_parts(request, connection, found, shown)
    source = request.one_of("edit", found.names, "a source") or next(iter(found.names))
    most = request.site.settings.fetch.largest_file_megabytes
    runs = html.Div(parts["live-runs"], id="live-runs")
    backfill = [*backfill_card(request, found), html.Div(parts["live-plan"], id="live-plan")]
    held = html.Div(parts["live-held"], id="live-held")
    edited = editor_card(request, connection, found, source)
    upload = [
        *upload_card(source_names(request), found.actor, most),
        html.Div(parts["live-uploaded"], id="live-uploaded"),
    ]
    cards = [
        card(html.Div(parts["live-fresh"], id="live-fresh")),
        *([card(*agreed)] if (agreed := agreement_card(found, request.width)) else []),
        *_acting(runs, backfill, held, edited, upload, signed_in=found.actor.name is not None),
        card(*retention_card(connection, request.site.settings, version, found.now, request.width)),
    ]
    body = [
        *said_once(),
        html.Div(parts["live-health"], id="live-health"),
        html.Div(cards, className="grid loose ops"),
    ]
    return Page(
        title=str(parts["title"]), lede=str(parts["lede"]), body=body, above=operator_bar(found.actor)
    )


def _acting(
    runs: Component,
    backfill: list[Component],
    held: Component,
    edited: list[Component],
    upload: list[Component],
    *,
    signed_in: bool,
) -> list[Component]:
    """What ran and what waits, beside the forms of operators; for readers, who have none, in rows."""
    if not signed_in:
        told = [
            html.Div(backfill),
            html.Div(edited, className="editor", id="editor"),
            html.Div(upload, className="own-file"),
        ]
        return [card(runs), card(html.Div(told, className="abreast")), card(held)]
    left = [html.Section(part, className="card") for part in (runs, backfill, held)]
    right = [
        html.Section(edited, className="card editor", id="editor"),
        html.Section(upload, className="card own-file"),
    ]
    return [html.Div(left, className="c8 stack"), html.Div(right, className="c4 stack")]


# All runs


def _runs_page(request: PageRequest, connection: Connection, found: Service, shown: Shown) -> Page:
    listed = listed_runs(connection, shown, LISTED, before_id=number_of(request, "before"))
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
    run = run_asked_for(request, connection)
    actor = actor_of(request, connection)
    names = service(request, connection, version, Shown.ALL).names
    return Page(
        title=f"Run {run.id}: {source_name(run.source, names)}, {run_sign(run).words.lower()}",
        body=[
            *said_once(),
            html.Div(run_parts(request, connection, version, run), id="live-run", className="grid ops"),
        ],
        crumbs=(*_CRUMB, (f"Run {run.id}", "")),
        above=operator_bar(actor),
    )


# Files


def _check_page(request: PageRequest, connection: Connection, _version: DataVersion) -> Page:
    run = check_asked_for(request, connection)
    parts = check_cards(request, connection, run, source_names(request))
    return Page(
        title=check_title(run),
        body=[*said_once(), html.Div(parts, id="live-check", className="grid ops")],
        crumbs=(*_CRUMB, (f"Check {run.id}", "")),
        above=operator_bar(actor_of(request, connection)),
    )


def _files_page(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    names = service(request, connection, version, Shown.ALL).names
    return Page(
        title="Files loaded",
        lede="Every file whose figures the store holds, and those that were undone; each with what it brought.",
        body=[html.Div(files_cards(request, connection, names), className="grid ops")],
        crumbs=(*_CRUMB, ("Files", "")),
        above=operator_bar(actor_of(request, connection)),
    )


def _file_page(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    file = file_asked_for(request, connection)
    names = service(request, connection, version, Shown.ALL).names
    parts = file_cards(request, connection, file, names)
    return Page(
        title=f"File {file.id}: {file.name}",
        body=[*said_once(), html.Div(parts, className="grid ops")],
        crumbs=(*_CRUMB, ("Files", href(OPERATIONS, view="files")), (f"File {file.id}", "")),
        above=operator_bar(actor_of(request, connection)),
    )


# The audit trail


def _audit_page(request: PageRequest, connection: Connection, _version: DataVersion) -> Page:
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
        crumbs=((request.area.name, OVERVIEW), *_CRUMB, ("Audit trail", "")),
        above=operator_bar(actor),
    )


def _audit(request: PageRequest, connection: Connection) -> list[Component]:
    entries = audit_entries(connection, LISTED, before_id=number_of(request, "before"))
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


PAGE = PageSpec(
    OPERATIONS,
    "Operations",
    build,
    in_navigation=True,
    needs_data=False,
    routes=register_routes,
    takes=takes_as_it_is,
)
